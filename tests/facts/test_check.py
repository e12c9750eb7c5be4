"""What no schema can say: references, circles, ambiguity, undeclared disagreement, fair words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.seedfolder import (
    BRIEFS_FILE,
    DISPUTES_FILE,
    DOCUMENTS_FILE,
    ENTITIES_FILE,
    FACTS_FILE,
    STORY_FILE,
    SeedFolder,
    at_least,
    at_most,
    attribution,
    both,
    brief,
    dispute,
    document,
    entity,
    fact,
    raise_revision,
)

Change = Callable[[SeedFolder], object]


def supersede(seeds: SeedFolder, fact_id: str, successor: str) -> None:
    raise_revision(seeds.fact(fact_id), "update", state="superseded", superseded_by=successor)


def retract(seeds: SeedFolder, fact_id: str) -> None:
    raise_revision(seeds.fact(fact_id), "retraction", state="retracted")


UNKNOWN_REFERENCES: list[tuple[str, Change, str, str]] = [
    # which reference, the change, its file, among what it was looked for
    ("publisher", lambda s: s.document("town-notice").update(publisher="nowhere"), DOCUMENTS_FILE, "publishers"),
    ("mirror_of", lambda s: s.document("town-notice").update(mirror_of="nowhere"), DOCUMENTS_FILE, "documents"),
    ("carried_by", lambda s: s.document("town-notice").update(carried_by="nowhere"), DOCUMENTS_FILE, "documents"),
    ("described_by", lambda s: s.entity("mayor").update(described_by=["nowhere"]), ENTITIES_FILE, "documents"),
    ("origin", lambda s: s.entity("mayor").update(origin="nowhere"), ENTITIES_FILE, "entities or documents"),
    ("topic", lambda s: s.fact("strike-began").update(topic="nowhere"), FACTS_FILE, "topics"),
    (
        "by",
        lambda s: s.fact("strike-began")["attributions"][0].update(by="nowhere"),
        FACTS_FILE,
        "entities or documents",
    ),
    ("via", lambda s: s.fact("strike-began")["attributions"][0].update(via=["nowhere"]), FACTS_FILE, "documents"),
    ("entities", lambda s: s.fact("strike-began")["entities"].append("nowhere"), FACTS_FILE, "entities"),
    ("place", lambda s: s.fact("strike-began").update(place="nowhere"), FACTS_FILE, "entities"),
    (
        "against",
        lambda s: s.fact("strike-began").update(status="alleged", against=["nowhere"], reply="none"),
        FACTS_FILE,
        "entities",
    ),
    (
        "reply",
        lambda s: s.fact("strike-began").update(status="alleged", against=["mayor"], reply="nowhere"),
        FACTS_FILE,
        "facts",
    ),
    ("superseded_by", lambda s: supersede(s, "many-strike", "nowhere"), FACTS_FILE, "facts"),
    ("brief", lambda s: s.briefs[0]["facts"].append("nowhere"), BRIEFS_FILE, "facts"),
    ("dispute", lambda s: s.disputes[0]["positions"][1]["facts"].append("nowhere"), DISPUTES_FILE, "facts"),
    ("topic of a dispute", lambda s: s.disputes[0].update(topic="nowhere"), DISPUTES_FILE, "topics"),
]


@pytest.mark.parametrize(
    ("apply", "file", "kind"), [case[1:] for case in UNKNOWN_REFERENCES], ids=[case[0] for case in UNKNOWN_REFERENCES]
)
def test_an_unknown_reference_is_found_at_its_line(seeds: SeedFolder, apply: Change, file: str, kind: str) -> None:
    apply(seeds)
    finding = next(f for f in seeds.findings() if f.rule == "unknown-reference")
    assert (finding.file, finding.line) == (file, seeds.line_of(file, "nowhere"))
    assert f"`nowhere` is not among the {kind}." in finding.problem
    assert finding.remedy == "Define it, or mend its spelling."


@pytest.mark.parametrize(("written", "meant"), [("mayor-of-town", "mayor"), ("gazette-rep", "gazette-report")])
def test_a_near_miss_is_asked_back(seeds: SeedFolder, written: str, meant: str) -> None:
    seeds.fact("strike-began")["attributions"][0]["by"] = written
    finding = seeds.finding()
    assert finding.rule == "unknown-reference"
    assert finding.remedy == f"Did you mean `{meant}`?"


def test_a_publisher_is_no_voice_but_its_document_is(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["attributions"][0]["by"] = "gazette"
    finding = seeds.finding()
    assert finding.rule == "unknown-reference"
    assert finding.remedy == "It is a publisher; write the document in which it says so: `gazette-report`."


def test_several_near_misses_are_all_offered(seeds: SeedFolder) -> None:
    seeds.briefs[0]["facts"].append("strike")
    assert seeds.finding().remedy == "Did you mean `strike-began` or `many-strike` or `few-strike`?"


def test_a_reference_is_of_the_right_kind(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["entities"].append("town-notice")
    assert "`town-notice` is not among the entities." in seeds.finding().problem


def test_a_place_is_a_place(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["place"] = "mayor"
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "not-a-place")
    assert finding.line == seeds.line_of(FACTS_FILE, "place: mayor")
    assert finding.remedy


@pytest.mark.parametrize(("as_of", "checked"), [("2025-04-01", "2025-03-10"), ("2025-04", "2025-03")])
def test_nothing_is_checked_before_it_is_said(seeds: SeedFolder, as_of: str, checked: str) -> None:
    seeds.fact("strike-began").update(as_of=as_of, checked=checked)
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "date-order")
    assert finding.line == seeds.line_of(FACTS_FILE, f"as_of: '{as_of}'" if len(as_of) > 7 else f"as_of: {as_of}")
    assert "Exchange" in finding.remedy


@pytest.mark.parametrize(("as_of", "checked"), [("2025-03-10", "2025-03-10"), ("2025-03-31", "2025-03")])
def test_it_may_be_checked_the_day_it_is_said(seeds: SeedFolder, as_of: str, checked: str) -> None:
    seeds.fact("strike-began").update(as_of=as_of, checked=checked)
    assert seeds.findings() == []


# Names that more than one entity goes by.


def test_a_name_of_two_entities_is_ambiguous_for_both(seeds: SeedFolder) -> None:
    seeds.entities.append(entity("deputy", aliases=["The MAYOR"]))
    one, other = seeds.findings()
    assert {f.rule for f in (one, other)} == {"ambiguous-alias"}
    assert [f.line for f in (one, other)] == [
        seeds.line_of(ENTITIES_FILE, "- the mayor"),
        seeds.line_of(ENTITIES_FILE, "- The MAYOR"),
    ]
    assert "`deputy`" in one.problem
    assert "`mayor`" in other.problem
    assert "shared_aliases" in one.remedy


def test_a_name_that_both_share_is_not_ambiguous(seeds: SeedFolder) -> None:
    seeds.entity("mayor").update(aliases=[], shared_aliases=["the mayor"])
    seeds.entities.append(entity("deputy", shared_aliases=["the mayor"]))
    assert seeds.findings() == []


def test_a_name_that_only_one_of_them_shares_is_still_ambiguous(seeds: SeedFolder) -> None:
    seeds.entities.append(entity("deputy", shared_aliases=["the mayor"]))
    finding = seeds.finding()
    assert (finding.rule, finding.line) == ("ambiguous-alias", seeds.line_of(ENTITIES_FILE, "- the mayor"))


def test_the_proper_name_of_another_is_no_alias(seeds: SeedFolder) -> None:
    seeds.entities.append(entity("sister", aliases=["Áda Marsh"]))
    assert [f.line for f in seeds.findings()] == [
        seeds.line_of(ENTITIES_FILE, "en: Ada Marsh"),
        seeds.line_of(ENTITIES_FILE, "- Áda Marsh"),
    ]


def test_a_french_name_is_as_proper_as_an_english_one(seeds: SeedFolder) -> None:
    seeds.entity("old-port")["name"]["fr"] = "Le Vieux-Port"
    seeds.entities.append(entity("restaurant", aliases=["le vieux-port"]))
    assert [f.line for f in seeds.findings()] == [
        seeds.line_of(ENTITIES_FILE, "fr: Le Vieux-Port"),
        seeds.line_of(ENTITIES_FILE, "- le vieux-port"),
    ]


def test_one_entity_may_have_a_name_twice(seeds: SeedFolder) -> None:
    seeds.entity("mayor").update(name=both("Ada Marsh", "Ada Marsh"), aliases=["ada marsh", "ADA MARSH"])
    assert seeds.findings() == []


# Circles.


@pytest.mark.parametrize("circle", [["a"], ["a", "b"], ["a", "b", "c"]], ids=len)
def test_mirrors_in_a_circle_are_found_for_each_of_them(seeds: SeedFolder, circle: list[str]) -> None:
    successors = [*circle[1:], circle[0]]
    seeds.documents.extend(document(one, mirror_of=other) for one, other in zip(circle, successors, strict=True))
    findings = seeds.findings()
    assert [(f.file, f.rule) for f in findings] == [(DOCUMENTS_FILE, "circular-mirror")] * len(circle)
    assert [f.line for f in findings] == [seeds.line_of(DOCUMENTS_FILE, f"mirror_of: {other}") for other in successors]
    assert " → ".join([*circle, circle[0]]) in findings[0].problem
    assert findings[0].remedy == "Break the circle."


def test_origins_in_a_circle_are_found(seeds: SeedFolder) -> None:
    seeds.entities.extend([entity("a", origin="b"), entity("b", origin="a")])
    findings = seeds.findings()
    assert [(f.file, f.rule) for f in findings] == [(ENTITIES_FILE, "circular-origin")] * 2
    assert [f.line for f in findings] == [seeds.line_of(ENTITIES_FILE, f"origin: {i}") for i in ("b", "a")]


def test_facts_that_supersede_each_other_are_found(seeds: SeedFolder) -> None:
    seeds.facts.extend([fact("a"), fact("b")])
    supersede(seeds, "a", "b")
    supersede(seeds, "b", "a")
    findings = seeds.findings()
    assert [(f.file, f.rule) for f in findings] == [(FACTS_FILE, "circular-supersession")] * 2
    assert [f.line for f in findings] == [seeds.line_of(FACTS_FILE, f"superseded_by: {i}") for i in ("b", "a")]


def test_a_chain_that_ends_is_no_circle(seeds: SeedFolder) -> None:
    seeds.documents.extend([document("a", mirror_of="b"), document("b", mirror_of="echo-copy")])
    seeds.entities.extend([entity("c", origin="d"), entity("d", origin="union-source")])
    seeds.facts.extend([fact("e"), fact("f")])
    supersede(seeds, "e", "f")
    supersede(seeds, "f", "strike-began")
    assert seeds.findings() == []


def test_origins_are_counted_even_where_they_lead_into_a_circle(seeds: SeedFolder) -> None:
    seeds.documents.extend([document("a", mirror_of="b"), document("b", mirror_of="a"), document("c", mirror_of="a")])
    seeds.entities.extend([entity("d", origin="e"), entity("e", origin="d"), entity("f", origin="d")])
    seeds.fact("strike-began").update(status="confirmed", attributions=[attribution("c"), attribution("f")])
    assert {f.rule for f in seeds.findings()} == {"circular-mirror", "circular-origin"}


def test_what_leads_into_a_circle_is_not_blamed_for_it(seeds: SeedFolder) -> None:
    seeds.documents.extend([document("a", mirror_of="a"), document("b", mirror_of="a", title="Leads there")])
    assert [f.line for f in seeds.findings()] == [seeds.line_of(DOCUMENTS_FILE, "mirror_of: a")]


# Disagreement that nobody declared.


def test_values_that_exclude_each_other_need_a_dispute(seeds: SeedFolder) -> None:
    seeds.disputes.clear()
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "undeclared-dispute")
    assert finding.line == seeds.line_of(FACTS_FILE, "min: 50")
    assert finding.problem.startswith("many-strike: its value and that of `few-strike`")
    assert "Declare a dispute" in finding.remedy


def test_dates_that_exclude_each_other_need_a_dispute(seeds: SeedFolder) -> None:
    seeds.facts.append(fact("strike-began-later", date="2025-03-02"))
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "undeclared-dispute")
    assert finding.line == seeds.line_of(FACTS_FILE, "date: '2025-03-01'")
    assert finding.problem.startswith("strike-began: its date and that of `strike-began-later`")


@pytest.mark.parametrize("kind", ["contradiction", "compatible", "evolution", "spelling"])
def test_a_dispute_of_any_kind_declares_it(seeds: SeedFolder, kind: str) -> None:
    seeds.facts.append(fact("strike-began-later", date="2025-03-02"))
    seeds.disputes.append(dispute("when", "strike-began", "strike-began-later", kind=kind, topic="strike-start"))
    assert seeds.findings() == []


def test_a_dispute_over_one_pair_does_not_declare_another(seeds: SeedFolder) -> None:
    seeds.facts.append(fact("hardly-any-strike", topic="strike-size", value=at_most(10)))
    finding = seeds.finding()
    assert finding.problem.startswith("many-strike: its value and that of `hardly-any-strike`")


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "strike-start", "value": at_most(10)},
        {"topic": "strike-size", "value": {**at_most(10), "unit": "ships"}},
        {"topic": "strike-size", "value": at_most(60)},
        {"topic": "strike-size"},
    ],
    ids=["another topic", "another unit", "both may be true", "no value"],
)
def test_what_may_be_true_together_needs_no_dispute(seeds: SeedFolder, changes: dict[str, Any]) -> None:
    seeds.facts.append(fact("another", **changes))
    assert seeds.findings() == []


def test_a_retracted_fact_disputes_nothing(seeds: SeedFolder) -> None:
    seeds.disputes.clear()
    retract(seeds, "few-strike")
    assert seeds.findings() == []


# What a confirmed fact rests on.


def test_a_confirmed_fact_of_one_origin_is_refused(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["status"] = "confirmed"
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "unconfirmed")
    assert finding.line == seeds.line_of(FACTS_FILE, "status: confirmed")
    assert "Set the status `reported`." in finding.remedy


@pytest.mark.parametrize(
    ("voices", "confirmed"),
    [
        (["gazette-report", "town-notice"], True),
        (["gazette-report", "mayor"], True),
        (["gazette-report", "gazette-report"], False),
        (["gazette-report", "echo-copy"], False),
        (["gazette-report", "union-source"], False),
        (["echo-copy", "union-source"], False),
        (["echo-copy", "union-source", "town-notice"], True),
    ],
)
def test_two_origins_confirm_and_two_echoes_of_one_do_not(
    seeds: SeedFolder,
    voices: list[str],
    *,
    confirmed: bool,
) -> None:
    seeds.fact("strike-began").update(status="confirmed", attributions=[attribution(voice) for voice in voices])
    assert [f.rule for f in seeds.findings()] == ([] if confirmed else ["unconfirmed"])


@pytest.mark.parametrize(
    ("manner", "confirmed"),
    [("on_record", True), ("anonymous", False), ("report", False), ("document", False), ("leak", False)],
)
def test_one_voice_confirms_only_on_record(seeds: SeedFolder, manner: str, *, confirmed: bool) -> None:
    seeds.fact("strike-began").update(status="confirmed", attributions=[attribution("mayor", manner)])
    assert [f.rule for f in seeds.findings()] == ([] if confirmed else ["unconfirmed"])


def test_a_mirror_of_nothing_is_found_as_such_and_not_as_an_origin(seeds: SeedFolder) -> None:
    seeds.document("echo-copy")["mirror_of"] = "nowhere"
    seeds.fact("strike-began").update(status="confirmed", attributions=[attribution("echo-copy")])
    assert seeds.finding().rule == "unknown-reference"


def test_an_unknown_voice_is_found_as_such_and_not_as_an_origin(seeds: SeedFolder) -> None:
    seeds.fact("strike-began").update(status="confirmed", attributions=[attribution("nobody")])
    assert seeds.finding().rule == "unknown-reference"


def confirm(seeds: SeedFolder, fact_id: str) -> None:
    seeds.fact(fact_id).update(status="confirmed", attributions=[attribution("mayor", "on_record")])


def test_a_position_of_a_contradiction_is_not_confirmed(seeds: SeedFolder) -> None:
    confirm(seeds, "many-strike")
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (FACTS_FILE, "confirmed-disputed")
    assert finding.line == seeds.line_of(FACTS_FILE, "status: confirmed")
    assert "`how-many`" in finding.problem
    assert "Set the status `reported`." in finding.remedy


@pytest.mark.parametrize("kind", ["compatible", "evolution", "spelling"])
def test_a_position_of_a_milder_dispute_may_be_confirmed(seeds: SeedFolder, kind: str) -> None:
    seeds.disputes[0]["kind"] = kind
    confirm(seeds, "many-strike")
    assert seeds.findings() == []


# Briefs and disputes rest on facts that stand.


def test_a_brief_does_not_rest_on_a_retracted_fact(seeds: SeedFolder) -> None:
    retract(seeds, "strike-began")
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (BRIEFS_FILE, "not-current")
    assert finding.line == seeds.line_of(BRIEFS_FILE, "- strike-began")
    assert "what-happened: `strike-began` is retracted." in finding.problem
    assert finding.remedy == "Rest it on a fact that stands."


def test_a_brief_does_not_rest_on_a_superseded_fact(seeds: SeedFolder) -> None:
    seeds.briefs.append(brief("in-short", "few-strike"))
    seeds.disputes.clear()
    supersede(seeds, "few-strike", "many-strike")
    finding = seeds.finding()
    assert (finding.file, finding.line) == (BRIEFS_FILE, seeds.line_of(BRIEFS_FILE, "- few-strike"))
    assert "`few-strike` is superseded." in finding.problem


def test_a_position_does_not_rest_on_a_retracted_fact(seeds: SeedFolder) -> None:
    retract(seeds, "few-strike")
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (DISPUTES_FILE, "not-current")
    assert finding.line == seeds.line_of(DISPUTES_FILE, "- few-strike")


# Loaded words.

OWN_VOICE: list[tuple[str, Callable[[SeedFolder], dict[str, Any]], str]] = [
    ("statement of a fact", lambda s: s.fact("strike-began")["statement"], FACTS_FILE),
    ("headline of a brief", lambda s: s.briefs[0]["headline"], BRIEFS_FILE),
    ("headline of a dispute", lambda s: s.disputes[0]["headline"], DISPUTES_FILE),
    ("what is at odds", lambda s: s.disputes[0]["at_odds"], DISPUTES_FILE),
    ("position", lambda s: s.disputes[0]["positions"][1]["statement"], DISPUTES_FILE),
    ("description", lambda s: s.entity("mayor")["description"], ENTITIES_FILE),
    ("topic", lambda s: s.files[FACTS_FILE]["topics"][0]["name"], FACTS_FILE),
    ("summary", lambda s: s.files[STORY_FILE]["story"]["summary"], STORY_FILE),
    ("title", lambda s: s.files[STORY_FILE]["story"]["title"], STORY_FILE),
]
own_voice = pytest.mark.parametrize(
    ("text_of", "file"), [case[1:] for case in OWN_VOICE], ids=[case[0] for case in OWN_VOICE]
)


@own_voice
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_loaded_word_in_our_own_voice_is_found_at_its_line(
    seeds: SeedFolder, text_of: Callable[[SeedFolder], dict[str, Any]], file: str, language: str
) -> None:
    text_of(seeds)[language] = "Here the junta acted."
    finding = seeds.finding()
    assert (finding.file, finding.rule) == (file, "loaded-word")
    assert finding.line == seeds.line_of(file, f"{language}: Here the junta acted.")
    assert "“junta”" in finding.problem
    assert "quote and attribute" in finding.remedy


@own_voice
@pytest.mark.parametrize("quoted", ["He spoke of “the junta”.", "Il a parlé de « la junte »."])
def test_a_loaded_word_inside_a_quotation_is_fine(
    seeds: SeedFolder, text_of: Callable[[SeedFolder], dict[str, Any]], file: str, quoted: str
) -> None:
    text_of(seeds)["en"] = quoted
    assert seeds.findings() == []
    assert seeds.line_of(file, quoted) > 0


@pytest.mark.parametrize(
    "word",
    [
        "terrorist",
        "terrorists",
        "terrorism",
        "terroristes",
        "TERRORIST",
        "jihadist",
        "djihadistes",
        "islamist",
        "islamistes",
        "regime",
        "régime",
        "régimes",
        "junta",
        "juntas",
        "junte",
        "thugs",
        "so-called",
        "soi-disant",
    ],
)
def test_each_loaded_word_is_known_in_either_language(seeds: SeedFolder, word: str) -> None:
    seeds.fact("strike-began")["statement"]["en"] = f"The {word} fled; “{word}” is quoted."
    assert f"“{word}”" in seeds.finding().problem


@pytest.mark.parametrize("text", ["The regiment fled.", "Islam is a religion.", "A disjunctive list.", "Juntao left."])
def test_words_that_only_look_alike_are_fine(seeds: SeedFolder, text: str) -> None:
    seeds.fact("strike-began")["statement"]["en"] = text
    assert seeds.findings() == []


def test_a_name_may_hold_a_loaded_word(seeds: SeedFolder) -> None:
    seeds.entity("mayor")["aliases"] = ["junta leader"]
    seeds.fact("strike-began")["asks"]["en"] = ["who is the junta leader"]
    assert seeds.findings() == []


# Allegations.


@pytest.mark.parametrize("changes", [{"against": ["mayor"]}, {"reply": "none"}, {"reply": "many-strike"}])
def test_an_allegation_against_a_person_carries_their_reply(seeds: SeedFolder, changes: dict[str, Any]) -> None:
    seeds.fact("strike-began").update(status="alleged", **changes)
    finding = seeds.finding()
    assert (finding.file, finding.line) == (FACTS_FILE, seeds.line_of(FACTS_FILE, "id: strike-began"))
    assert "needs `against` and `reply`" in finding.problem


@pytest.mark.parametrize("status", ["confirmed", "reported", "denied", "background"])
def test_only_an_allegation_accuses(seeds: SeedFolder, status: str) -> None:
    seeds.fact("strike-began").update(status=status, against=["mayor"], reply="none")
    assert "`against` belongs to an allegation" in seeds.finding().problem


@pytest.mark.parametrize("reply", ["none", "mayor-denies"])
def test_an_allegation_with_its_reply_passes(seeds: SeedFolder, reply: str) -> None:
    seeds.facts.append(fact("mayor-denies", status="denied"))
    seeds.fact("strike-began").update(status="alleged", against=["mayor"], reply=reply)
    assert seeds.findings() == []


def test_an_allegation_against_nobody_needs_no_reply(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["status"] = "alleged"
    assert seeds.findings() == []


def test_a_higher_figure_is_no_contradiction_of_at_least(seeds: SeedFolder) -> None:
    seeds.facts.append(fact("more-strike", topic="strike-size", value=at_least(90)))
    seeds.disputes[0]["positions"][0]["facts"].append("more-strike")
    assert seeds.findings() == []
