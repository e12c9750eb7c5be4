"""What was published stays as it was, or carries a new revision with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.facts.findings import SeedsError
from bot.facts.load import all_findings, load_store
from bot.facts.revisions import LOCK_FILE, fingerprint, read_lock, record, revisions
from tests.seedfolder import FACTS_FILE, SeedFolder, at_least, attribution, both, change, fact, raise_revision


@pytest.fixture
def recorded(seeds: SeedFolder) -> SeedFolder:
    """A folder whose every revision is recorded."""
    seeds.record()
    return seeds


def lock_lines(seeds: SeedFolder) -> list[str]:
    return (seeds.root / LOCK_FILE).read_text(encoding="utf-8").splitlines()


def test_new_facts_are_one_finding_for_their_file(seeds: SeedFolder) -> None:
    seeds.facts.append(fact("fourth"))
    (finding,) = all_findings(seeds.write())
    assert (finding.file, finding.rule) == (FACTS_FILE, "unrecorded")
    assert finding.line == seeds.line_of(FACTS_FILE, "revision: 1")
    assert "4 revision(s) not recorded yet: `strike-began`, `many-strike`, `few-strike` and 1 more" in finding.problem
    assert "facts record" in finding.remedy


def test_the_first_three_new_facts_are_all_named(seeds: SeedFolder) -> None:
    (finding,) = all_findings(seeds.write())
    assert finding.problem == "3 revision(s) not recorded yet: `strike-began`, `many-strike`, `few-strike`."


def test_new_facts_load_before_they_are_recorded(seeds: SeedFolder) -> None:
    assert set(load_store(seeds.write()).facts) == {"strike-began", "many-strike", "few-strike"}


def test_what_is_recorded_is_no_finding(seeds: SeedFolder) -> None:
    assert seeds.record() == 3
    assert all_findings(seeds.root) == []


def test_the_record_holds_each_revision_with_its_fingerprint(seeds: SeedFolder) -> None:
    raise_revision(seeds.fact("many-strike"), statement=both("Fifty strike."))
    assert seeds.record() == 4
    lock, findings = read_lock(seeds.root)
    assert findings == []
    facts = seeds.load().facts.values()
    assert lock == {(f.id, number): fingerprint(content) for f in facts for number, content in revisions(f)}


def test_recording_again_adds_nothing_and_changes_nothing(recorded: SeedFolder) -> None:
    before = lock_lines(recorded)
    assert recorded.record() == 0
    assert lock_lines(recorded) == before


def test_recording_some_facts_keeps_the_lines_of_the_others(recorded: SeedFolder) -> None:
    before = lock_lines(recorded)
    assert record(recorded.root, []) == 0
    assert lock_lines(recorded) == before


def test_a_folder_without_a_record_has_recorded_nothing(tmp_path: Path) -> None:
    assert read_lock(tmp_path) == ({}, [])


TOLD: dict[str, Any] = {
    "statement": both("Another statement."),
    "status": "background",
    "attributions": [attribution("town-notice", via="town-notice")],
    "as_of": "2025-03-02",
    "date": "2025-03",
    "place": None,
    "value": at_least(7),
}


@pytest.mark.parametrize("key", TOLD)
def test_what_a_reader_is_told_does_not_change_without_a_new_revision(recorded: SeedFolder, key: str) -> None:
    recorded.fact("strike-began")[key] = TOLD[key]
    (finding,) = all_findings(recorded.write())
    assert (finding.file, finding.rule) == (FACTS_FILE, "unmarked-change")
    assert finding.line == recorded.line_of(FACTS_FILE, "statement:") + 1
    assert "strike-began: revision 1 no longer says" in finding.problem
    assert "raise `revision`" in finding.remedy
    with pytest.raises(SeedsError, match="no longer says"):
        recorded.load()


def test_one_language_is_told_as_much_as_the_other(recorded: SeedFolder) -> None:
    recorded.fact("strike-began")["statement"]["fr"] = "Une autre phrase."
    assert [f.rule for f in all_findings(recorded.write())] == ["unmarked-change"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("asks", {"en": ["another question"]}),
        ("checked", "2025-04-01"),
        ("recheck", "never"),
        ("topic", "strike-size"),
        ("entities", []),
        ("timeline", True),
    ],
)
def test_what_only_editors_see_may_change(recorded: SeedFolder, key: str, value: object) -> None:
    recorded.fact("strike-began")[key] = value
    assert all_findings(recorded.write()) == []


@pytest.mark.parametrize("kind", ["typo", "update", "correction"])
def test_a_revision_that_is_raised_with_its_history_passes(recorded: SeedFolder, kind: str) -> None:
    before = lock_lines(recorded)
    raise_revision(recorded.fact("strike-began"), kind, statement=both("It began at dawn."))
    (finding,) = all_findings(recorded.write())
    assert finding.rule == "unrecorded"
    assert finding.line == recorded.line_of(FACTS_FILE, "revision: 2")
    assert "1 revision(s) not recorded yet: `strike-began`." in finding.problem
    assert recorded.record() == 1
    assert all_findings(recorded.root) == []
    assert set(before) < set(lock_lines(recorded))


def test_a_fact_keeps_all_it_ever_said(recorded: SeedFolder) -> None:
    for statement in ("Second.", "Third."):
        raise_revision(recorded.fact("strike-began"), statement=both(statement))
        recorded.record()
    told = recorded.load().fact("strike-began")
    assert [(n, c.statement.en) for n, c in revisions(told)] == [
        (1, "Statement of strike-began."),
        (2, "Second."),
        (3, "Third."),
    ]
    assert told.history[0].change is None
    assert told.history[1].change is not None


def test_an_unchanged_wording_has_the_same_fingerprint_now_and_in_history(recorded: SeedFolder) -> None:
    raise_revision(recorded.fact("strike-began"), "update")
    told = recorded.load().fact("strike-began")
    assert fingerprint(told) == fingerprint(told.history[0])


def test_a_rewritten_history_is_found(recorded: SeedFolder) -> None:
    raise_revision(recorded.fact("strike-began"), statement=both("It began at dawn."))
    recorded.record()
    recorded.fact("strike-began")["history"][0]["statement"]["en"] = "It never began."
    (finding,) = all_findings(recorded.write())
    assert (finding.file, finding.rule) == (FACTS_FILE, "unmarked-change")
    assert "strike-began: revision 1 no longer says" in finding.problem
    assert "history is never rewritten" in finding.remedy


def test_a_published_revision_is_not_taken_back_in_silence(recorded: SeedFolder) -> None:
    first = dict(recorded.fact("strike-began"))
    raise_revision(recorded.fact("strike-began"), statement=both("It began at dawn."))
    recorded.record()
    recorded.facts[0] = first
    (finding,) = all_findings(recorded.write())
    assert (finding.file, finding.rule) == (FACTS_FILE, "unmarked-change")
    assert finding.line == recorded.line_of(FACTS_FILE, "revision: 1")
    assert "strike-began: revision 2 was published and is gone." in finding.problem
    assert finding.remedy


def test_a_deleted_fact_is_found(recorded: SeedFolder) -> None:
    recorded.facts.pop(0)
    recorded.briefs.clear()
    (finding,) = all_findings(recorded.write())
    assert (finding.file, finding.line, finding.rule) == (LOCK_FILE, 0, "deleted-fact")
    assert "strike-began: a published fact is gone." in finding.problem
    assert "retract or supersede" in finding.remedy


def test_facts_that_are_all_deleted_are_all_found(recorded: SeedFolder) -> None:
    for items in (recorded.facts, recorded.briefs, recorded.disputes):
        items.clear()
    assert [f.rule for f in all_findings(recorded.write())] == ["deleted-fact"] * 3


@pytest.mark.parametrize("content", ["facts: [", "", "facts: none\n"])
def test_a_facts_file_that_cannot_be_read_is_not_taken_for_deleted(recorded: SeedFolder, content: str) -> None:
    recorded.put(FACTS_FILE, content)
    rules = {f.rule for f in all_findings(recorded.root)}
    assert rules & {"yaml", "shape"}
    assert "deleted-fact" not in rules


def test_a_fact_with_a_finding_is_not_taken_for_deleted(recorded: SeedFolder) -> None:
    recorded.fact("strike-began")["status"] = "certain"
    assert [f.rule for f in all_findings(recorded.write())] == ["enum"]


@pytest.mark.parametrize("line", ["nonsense", "strike-began one 0123456789abcdef", "<<<<<<< HEAD", "a 1 b c"])
def test_a_line_of_the_record_that_makes_no_sense_is_found(recorded: SeedFolder, line: str) -> None:
    lines = lock_lines(recorded)
    recorded.put(LOCK_FILE, "\n".join([*lines, "", line]))
    (finding,) = all_findings(recorded.root)
    assert (finding.file, finding.line, finding.rule) == (LOCK_FILE, len(lines) + 2, "lock")
    assert line in finding.problem
    assert "version control" in finding.remedy


INCOHERENT: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("raised without history", lambda f: f.update(revision=2, change=change()), "needs every earlier revision"),
    ("raised without reason", lambda f: (raise_revision(f), f.pop("change")), "every later one says its class"),
    ("reason without a new revision", lambda f: f.update(change=change()), "revision 1 has no `change`"),
    ("history with a gap", lambda f: (raise_revision(f), f.update(revision=3)), "needs every earlier revision"),
    ("history out of order", lambda f: (raise_revision(f), raise_revision(f), f["history"].reverse()), "1 first"),
    ("history of a first revision", lambda f: (raise_revision(f), f.update(revision=1)), "revision 1 has no `change`"),
    ("superseded by nothing", lambda f: raise_revision(f, "update", state="superseded"), "names its successor"),
    ("current, yet superseded", lambda f: f.update(superseded_by="many-strike"), "names its successor"),
    ("retracted in passing", lambda f: f.update(state="retracted"), "needs a new revision"),
    (
        "retracted as an update",
        lambda f: raise_revision(f, "update", state="retracted"),
        "has the class `retraction`",
    ),
]


@pytest.mark.parametrize(("apply", "said"), [case[1:] for case in INCOHERENT], ids=[case[0] for case in INCOHERENT])
def test_revision_state_and_history_agree(
    seeds: SeedFolder, apply: Callable[[dict[str, Any]], object], said: str
) -> None:
    apply(seeds.fact("strike-began"))
    finding = seeds.finding()
    assert (finding.file, finding.line) == (FACTS_FILE, seeds.line_of(FACTS_FILE, "id: strike-began"))
    assert said in finding.problem


def test_a_fact_is_retracted_and_superseded_with_a_reason(recorded: SeedFolder) -> None:
    recorded.briefs.clear()
    recorded.disputes.clear()
    raise_revision(recorded.fact("strike-began"), "retraction", state="retracted")
    raise_revision(recorded.fact("few-strike"), "update", state="superseded", superseded_by="many-strike")
    assert recorded.record() == 2
    assert all_findings(recorded.root) == []
    assert [f.id for f in recorded.load().current] == ["many-strike"]
