"""What a folder may look like, and what its schema says of each item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.facts.findings import SeedsError
from bot.facts.load import all_findings, load_store
from tests.seedfolder import (
    BRIEFS_FILE,
    DISPUTES_FILE,
    DOCUMENTS_FILE,
    ENTITIES_FILE,
    FACTS_FILE,
    STORY,
    STORY_FILE,
    SeedFolder,
    at_least,
    both,
    brief,
    change,
    document,
    entity,
    fact,
    topic,
)


def test_the_folder_that_these_tests_start_from_is_clean(seeds: SeedFolder) -> None:
    assert seeds.findings() == []


def test_a_folder_without_documents_says_where_to_point(seeds: SeedFolder) -> None:
    seeds.record()
    (seeds.root / DOCUMENTS_FILE).unlink()
    (finding,) = all_findings(seeds.root)
    assert (finding.file, finding.line, finding.rule) == (DOCUMENTS_FILE, 0, "no-documents")
    assert "BRIEFBOT_SEEDS_DIR" in finding.remedy


def test_a_folder_that_does_not_exist_is_a_finding(seeds: SeedFolder) -> None:
    assert [f.rule for f in all_findings(seeds.root)] == ["no-documents"]


def test_facts_may_be_split_over_a_folder_of_files(seeds: SeedFolder) -> None:
    moved = seeds.facts.pop(0)
    seeds.files[f"{STORY}/facts/first.yaml"] = {"facts": [moved]}
    seeds.files[f"{STORY}/facts/second.yaml"] = {"topics": [topic("wages")], "facts": [fact("pay", topic="wages")]}
    assert set(seeds.load().facts) == {"strike-began", "many-strike", "few-strike", "pay"}


@pytest.mark.parametrize("name", [".hidden", "_drafts"])
def test_folders_set_aside_are_not_read(seeds: SeedFolder, name: str) -> None:
    seeds.put(f"{name}/facts.yaml", "not: [valid")
    assert seeds.findings() == []


@pytest.mark.parametrize("name", ["facts.yml", "fact.yaml", "facts/deeper/more.yaml", "facts/more.yml"])
def test_a_file_that_nobody_would_read_is_a_finding(seeds: SeedFolder, name: str) -> None:
    seeds.put(f"{STORY}/{name}", "facts: []")
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (f"{STORY}/{name}", "not-read")
    assert "facts.yaml" in finding.remedy


def test_a_story_folder_needs_its_story(seeds: SeedFolder) -> None:
    del seeds.files[STORY_FILE]
    finding = seeds.finding()
    assert (finding.file, finding.line, finding.rule) == (STORY_FILE, 0, "no-story")
    assert f"`id: {STORY}`" in finding.remedy


def test_a_story_has_the_name_of_its_folder(seeds: SeedFolder) -> None:
    seeds.files[STORY_FILE]["story"]["id"] = "another"
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (STORY_FILE, "no-story")


@pytest.mark.parametrize("link", [f"{STORY}/facts/more.yaml", f"{STORY}/facts", STORY])
def test_a_link_out_of_the_folder_is_not_followed(seeds: SeedFolder, link: str) -> None:
    seeds.files = {DOCUMENTS_FILE: seeds.files[DOCUMENTS_FILE]} if link == STORY else seeds.files
    seeds.write()
    elsewhere = SeedFolder(seeds.root.parent / "elsewhere")
    elsewhere.files = {f"{STORY}/facts/more.yaml": {"facts": [fact("leaked")]}}
    target = elsewhere.write() / link
    (seeds.root / link).parent.mkdir(parents=True, exist_ok=True)
    (seeds.root / link).symlink_to(target, target_is_directory=target.is_dir())
    findings = [f for f in all_findings(seeds.root) if f.rule == "outside"]
    assert [f.file for f in findings] == [f"{STORY}/facts/more.yaml"]
    assert "Copy the file" in findings[0].remedy


def test_facts_behind_such_a_link_are_not_taken_for_missing(seeds: SeedFolder) -> None:
    seeds.record()
    elsewhere = (seeds.root / FACTS_FILE).rename(seeds.root.parent / "facts.yaml")
    (seeds.root / FACTS_FILE).symlink_to(elsewhere)
    (finding,) = all_findings(seeds.root)
    assert (finding.file, finding.line, finding.rule) == (FACTS_FILE, 0, "outside")


def test_a_link_within_the_folder_is_followed(seeds: SeedFolder) -> None:
    seeds.write()
    seeds.put("_shared/more.yaml", "facts: []\n")
    (seeds.root / STORY / "facts").mkdir()
    (seeds.root / STORY / "facts/more.yaml").symlink_to(seeds.root / "_shared/more.yaml")
    assert seeds.findings() == []


@pytest.mark.parametrize(
    ("file", "first_key"),
    [
        (DOCUMENTS_FILE, "publishers"),
        (STORY_FILE, "story"),
        (ENTITIES_FILE, "entities"),
        (FACTS_FILE, "topics"),
        (BRIEFS_FILE, "briefs"),
        (DISPUTES_FILE, "disputes"),
    ],
)
@pytest.mark.parametrize("content", ["", "- a list\n", "just text\n"])
def test_a_file_without_keys_says_how_to_begin(seeds: SeedFolder, file: str, first_key: str, content: str) -> None:
    del seeds.files[file]
    seeds.put(file, content)
    found = [f for f in seeds.findings() if f.file == file]
    assert [(f.line, f.rule, f.remedy) for f in found] == [(1, "shape", f"Begin it with `{first_key}:`.")]


@pytest.mark.parametrize("content", ["topics: []\n", "facts:\n", "facts: none yet\n", "facts: {id: x}\n"])
def test_a_file_without_its_list_is_refused(seeds: SeedFolder, content: str) -> None:
    seeds.put(f"{STORY}/facts/more.yaml", content)
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (f"{STORY}/facts/more.yaml", "shape")
    assert "`facts`" in finding.problem


def test_an_empty_list_is_fine(seeds: SeedFolder) -> None:
    seeds.files[f"{STORY}/facts/more.yaml"] = {"topics": None, "facts": []}
    assert seeds.findings() == []


@pytest.mark.parametrize("item", ["a word", None, ["a list"]])
def test_an_item_that_is_no_mapping_is_refused_at_its_line(seeds: SeedFolder, item: Any) -> None:
    seeds.files[BRIEFS_FILE]["briefs"].append(item)
    finding = seeds.finding()
    seeds_lines = (seeds.root / BRIEFS_FILE).read_text(encoding="utf-8").splitlines()
    assert (finding.file, finding.line) == (BRIEFS_FILE, len(seeds_lines))


def test_an_unknown_key_of_a_file_is_refused(seeds: SeedFolder) -> None:
    seeds.files[FACTS_FILE]["fatcs"] = ["x"]
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "extra-forbidden")
    assert finding.line == seeds.line_of(FACTS_FILE, "fatcs:") + 1
    assert "`fatcs`" in finding.problem
    assert "topics, facts" in finding.remedy


Change = Callable[[SeedFolder], object]

SCHEMA_FINDINGS: list[tuple[str, Change, str, str, str, str]] = [
    # what is wrong, the change, file, the line's text, rule, what is said
    (
        "unknown key of a fact",
        lambda s: s.fact("strike-began").update(sauce="x"),
        FACTS_FILE,
        "sauce: x",
        "extra-forbidden",
        "strike-began: `sauce` is not a known key. Remove it, or mend its spelling.",
    ),
    (
        "unknown key deep inside",
        lambda s: s.fact("strike-began")["attributions"][0].update(quote="x"),
        FACTS_FILE,
        "quote: x",
        "extra-forbidden",
        "strike-began: `attributions.quote` is not a known key.",
    ),
    (
        "unknown language",
        lambda s: s.document("town-notice")["label"].update(de="Bekanntmachung"),
        DOCUMENTS_FILE,
        "Bekanntmachung",
        "extra-forbidden",
        "town-notice: `label.de` is not a known key.",
    ),
    (
        "missing language",
        lambda s: s.fact("strike-began").update(statement={"en": "In English alone."}),
        FACTS_FILE,
        "In English alone.",
        "missing",
        "strike-began: `statement.fr` is missing. Add it.",
    ),
    (
        "no language at all",
        lambda s: s.fact("strike-began").update(statement="In no language."),
        FACTS_FILE,
        "In no language.",
        "one-language",
        "strike-began: `statement` is no set of keys. Write it in both languages: `{en: …, fr: …}`.",
    ),
    (
        "no keys",
        lambda s: s.fact("strike-began").update(attributions=["the-mayor-said"]),
        FACTS_FILE,
        "the-mayor-said",
        "no-keys",
        "strike-began: `attributions` is no set of keys. Write its keys below it.",
    ),
    (
        "missing key",
        lambda s: s.fact("strike-began").pop("recheck"),
        FACTS_FILE,
        "id: strike-began",
        "missing",
        "strike-began: `recheck` is missing. Add it.",
    ),
    (
        "missing attributions",
        lambda s: s.fact("strike-began").pop("attributions"),
        FACTS_FILE,
        "id: strike-began",
        "missing",
        "strike-began: `attributions` is missing. Add it.",
    ),
    (
        "no attribution",
        lambda s: s.fact("strike-began").update(attributions=[]),
        FACTS_FILE,
        "attributions: []",
        "too-short",
        "strike-began: `attributions` is empty. Give at least 1.",
    ),
    (
        "attribution without a document",
        lambda s: s.fact("strike-began")["attributions"][0].update(via=[]),
        FACTS_FILE,
        "via: []",
        "too-short",
        "strike-began: `attributions.via` is empty.",
    ),
    (
        "entity that no document describes",
        lambda s: s.entity("mayor").update(described_by=[]),
        ENTITIES_FILE,
        "described_by: []",
        "too-short",
        "mayor: `described_by` is empty.",
    ),
    (
        "brief without facts",
        lambda s: s.briefs[0].update(facts=[]),
        BRIEFS_FILE,
        "facts: []",
        "too-short",
        "what-happened: `facts` is empty.",
    ),
    (
        "impossible date",
        lambda s: s.fact("strike-began").update(as_of="2025-02-30"),
        FACTS_FILE,
        "2025-02-30",
        "value-error",
        "strike-began: as_of: the date '2025-02-30' cannot be",
    ),
    (
        "no date at all",
        lambda s: s.document("town-notice").update(published="last week"),
        DOCUMENTS_FILE,
        "last week",
        "value-error",
        "Write 2025-08-10",
    ),
    (
        "unknown status",
        lambda s: s.fact("strike-began").update(status="disputed"),
        FACTS_FILE,
        "status: disputed",
        "enum",
        "'confirmed', 'reported', 'alleged', 'denied' or 'background'. Choose one of these.",
    ),
    (
        "unknown kind of entity",
        lambda s: s.entity("mayor").update(kind="politician"),
        ENTITIES_FILE,
        "kind: politician",
        "literal-error",
        "Choose one of these.",
    ),
    (
        "id with capitals",
        lambda s: s.entities.append(entity("Deputy")),
        ENTITIES_FILE,
        "id: Deputy",
        "string-pattern-mismatch",
        "Use lower-case letters, digits and hyphens.",
    ),
    (
        "mention",
        lambda s: s.fact("strike-began")["statement"].update(en="Wake up @everyone."),
        FACTS_FILE,
        "@everyone",
        "value-error",
        "strike-began: statement.en: the text holds mention or link syntax",
    ),
    (
        "mention in the title of a document",
        lambda s: s.document("town-notice").update(title="Wake up @everyone"),
        DOCUMENTS_FILE,
        "@everyone",
        "value-error",
        "town-notice: title: the text holds mention or link syntax",
    ),
    (
        "zero-width character",
        lambda s: s.entity("mayor")["aliases"].append("may\u200bor"),
        ENTITIES_FILE,
        "may\u200bor",
        "value-error",
        "mayor: aliases: the text holds the invisible character U+200B; delete it",
    ),
    (
        "bidirectional override",
        lambda s: s.fact("strike-began")["asks"]["en"].append("who \u202eruled"),
        FACTS_FILE,
        "ruled",
        "value-error",
        "U+202E",
    ),
    (
        "long quotation",
        lambda s: s.fact("strike-began")["statement"].update(en="He said “a b c d e f g h i”."),
        FACTS_FILE,
        "He said",
        "value-error",
        "is longer than 8 words; keep a fragment",
    ),
    (
        "long text",
        lambda s: s.fact("strike-began")["statement"].update(en="x" * 601),
        FACTS_FILE,
        "xxx",
        "string-too-long",
        "Make two facts of it.",
    ),
    (
        "revision 0",
        lambda s: s.fact("strike-began").update(revision=0),
        FACTS_FILE,
        "revision: 0",
        "greater-than-equal",
        "strike-began: revision: ",
    ),
    (
        "unknown class of a change",
        lambda s: s.fact("strike-began").update(change={**change(), "class": "whim"}),
        FACTS_FILE,
        "class: whim",
        "enum",
        "strike-began: `change.class` ",
    ),
    (
        "dispute of one position",
        lambda s: s.disputes[0]["positions"].pop(),
        DISPUTES_FILE,
        "- statement:",
        "too-short",
        "how-many: `positions` is too short. Give at least 2.",
    ),
]


@pytest.mark.parametrize(
    ("apply", "file", "text", "rule", "said"),
    [case[1:] for case in SCHEMA_FINDINGS],
    ids=[c[0] for c in SCHEMA_FINDINGS],
)
def test_what_does_not_fit_the_schema_is_found_at_its_line(
    seeds: SeedFolder, apply: Change, file: str, text: str, rule: str, said: str
) -> None:
    apply(seeds)
    finding = seeds.finding()
    assert (finding.file, finding.line, finding.rule) == (file, seeds.line_of(file, text), rule)
    assert said in str(finding)


@pytest.mark.parametrize("figure", ["1_000", "12:30", "1.10", "010", "+5", "-5", "5 000", "0x10", "1e3", "NO", "٥"])
def test_a_figure_is_digits_and_nothing_else(seeds: SeedFolder, figure: str) -> None:
    seeds.fact("many-strike")["value"] = "FIGURE"
    text = (seeds.write() / FACTS_FILE).read_text(encoding="utf-8")
    del seeds.files[FACTS_FILE]
    seeds.put(FACTS_FILE, text.replace("FIGURE", f"{{min: {figure}, unit: people, bound: at_least}}"))
    finding = seeds.finding()
    assert (finding.line, finding.rule) == (seeds.line_of(FACTS_FILE, "bound: at_least"), "value-error")
    assert "many-strike: value.min:" in finding.problem
    assert "write digits only" in finding.problem


def test_a_country_called_no_stays_one(seeds: SeedFolder) -> None:
    seeds.put(
        f"{STORY}/entities/countries.yaml",
        "entities:\n  - id: norway\n    kind: place\n    name: {en: NO, fr: no}\n    aliases: [12:30, 1.10, 010]\n"
        "    description: {en: A country., fr: Un pays.}\n    described_by: [gazette-report]\n",
    )
    norway = seeds.load().entities["norway"]
    assert (norway.name.en, norway.name.fr) == ("NO", "no")
    assert norway.aliases == ("12:30", "1.10", "010")


@pytest.mark.parametrize("word", ["yes", "on", "True", "1"])
def test_truth_is_spelt_true_or_false(seeds: SeedFolder, word: str) -> None:
    seeds.fact("strike-began")["timeline"] = word
    finding = seeds.finding()
    assert finding.line == seeds.line_of(FACTS_FILE, "timeline:")
    assert "strike-began: timeline: " in finding.problem


def test_true_is_true(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["timeline"] = True
    assert seeds.load().fact("strike-began").timeline is True


@pytest.mark.parametrize(
    ("file", "key", "item"),
    [
        (DOCUMENTS_FILE, "documents", document("town-notice")),
        (DOCUMENTS_FILE, "publishers", {"id": "gazette", "name": both("Another Gazette")}),
        (ENTITIES_FILE, "entities", entity("mayor")),
        (FACTS_FILE, "topics", topic("strike-start")),
        (FACTS_FILE, "facts", fact("strike-began")),
    ],
)
def test_an_id_that_is_taken_is_refused_where_it_is_taken_again(
    seeds: SeedFolder, file: str, key: str, item: dict[str, Any]
) -> None:
    seeds.files[file][key].append(item)
    finding = seeds.finding()
    needle = f"id: {item['id']}"
    assert (finding.file, finding.line, finding.rule) == (file, seeds.line_of(file, needle, nth=2), "duplicate-id")
    assert f"{file}:{seeds.line_of(file, needle)}" in finding.problem
    assert "another id" in finding.remedy


def second_story(seeds: SeedFolder, *facts: dict[str, Any]) -> None:
    seeds.files["tram-fire/story.yaml"] = {
        "story": {"id": "tram-fire", "title": both("Fire"), "summary": both("A tram burned."), "since": "2025-01"}
    }
    seeds.files["tram-fire/facts.yaml"] = {"facts": list(facts)}


def test_an_id_belongs_to_one_story_whatever_it_names_there(seeds: SeedFolder) -> None:
    second_story(seeds, fact("strike-size"))
    finding = seeds.finding()
    assert (finding.file, finding.rule) == ("tram-fire/facts.yaml", "duplicate-id")
    assert finding.line == seeds.line_of("tram-fire/facts.yaml", "id: strike-size")
    assert f"`{STORY}`" in finding.problem


def test_what_such_an_id_was_meant_to_name_is_not_called_unknown(seeds: SeedFolder) -> None:
    second_story(seeds, fact("strike-size"))
    seeds.files["tram-fire/briefs.yaml"] = {"briefs": [brief("fire-brief", "strike-size")]}
    assert seeds.finding().rule == "duplicate-id"


def test_a_topic_and_a_fact_of_one_story_may_share_an_id(seeds: SeedFolder) -> None:
    seeds.facts.append(fact("strike-size"))
    assert seeds.findings() == []


def test_one_run_finds_what_is_wrong_in_several_files(seeds: SeedFolder) -> None:
    seeds.document("town-notice")["published"] = "soon"
    seeds.entity("mayor")["origin"] = "nobody"
    seeds.fact("strike-began").update(status="certain", as_of="2025-02-30")
    seeds.fact("many-strike")["topic"] = "weather"
    seeds.briefs[0]["facts"].append("no-such-fact")
    seeds.put(f"{STORY}/disputes/broken.yaml", "disputes: [")
    findings = seeds.findings()
    assert [(f.file, f.rule) for f in findings] == [
        (DOCUMENTS_FILE, "value-error"),
        (BRIEFS_FILE, "unknown-reference"),
        (f"{STORY}/disputes/broken.yaml", "yaml"),
        (ENTITIES_FILE, "unknown-reference"),
        (FACTS_FILE, "enum"),
        (FACTS_FILE, "value-error"),
        (FACTS_FILE, "unknown-reference"),
    ]


def test_findings_come_sorted_by_file_and_line_and_each_once(seeds: SeedFolder) -> None:
    seeds.put(
        f"{STORY}/entities/more.yaml",
        "entities:\n  - id: chief\n    kind: person\n    name: {en: The Mayor, fr: The Mayor}\n"
        "    description: {en: The junta., fr: The junta.}\n    described_by: [nothing]\n",
    )
    findings = seeds.findings()
    assert findings == sorted(findings)
    assert len(findings) == len(set(findings))
    assert [f.line for f in findings if f.file.endswith("more.yaml")] == [4, 5, 6]


@pytest.mark.parametrize("file", [DOCUMENTS_FILE, ENTITIES_FILE, FACTS_FILE, DISPUTES_FILE])
def test_a_file_that_cannot_be_read_is_one_finding_not_one_for_each_reference_into_it(
    seeds: SeedFolder, file: str
) -> None:
    seeds.record()
    del seeds.files[file]
    seeds.put(file, "key: [1, 2\n")
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (file, "yaml")


def test_an_item_with_a_finding_of_its_own_may_still_be_named(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["status"] = "certain"
    assert seeds.finding().rule == "enum"


def test_nothing_is_loaded_when_anything_is_wrong(seeds: SeedFolder) -> None:
    seeds.entity("mayor")["origin"] = "nobody"
    seeds.fact("strike-began")["status"] = "certain"
    with pytest.raises(SeedsError, match="2 finding") as caught:
        seeds.load()
    assert [f.rule for f in caught.value.findings] == ["unknown-reference", "enum"]
    assert list(caught.value.findings) == seeds.findings()
    assert str(caught.value.findings[0]) in str(caught.value)
    assert "facts check" in str(caught.value)


def test_a_folder_that_is_mended_loads(seeds: SeedFolder) -> None:
    seeds.fact("many-strike")["value"] = at_least(-1)
    with pytest.raises(SeedsError):
        seeds.load()
    seeds.fact("many-strike")["value"] = at_least(60)
    assert load_store(seeds.write()).fact("many-strike").value is not None


def test_a_finding_says_place_problem_and_remedy_to_people_and_scripts(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["sauce"] = "x"
    finding = seeds.finding()
    line = seeds.line_of(FACTS_FILE, "sauce: x")
    assert str(finding) == (
        f"{FACTS_FILE}:{line}  strike-began: `sauce` is not a known key. Remove it, or mend its spelling."
    )
    assert finding.as_json() == {
        "file": FACTS_FILE,
        "line": line,
        "rule": "extra-forbidden",
        "problem": "strike-began: `sauce` is not a known key.",
        "remedy": "Remove it, or mend its spelling.",
    }
