from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.briefing.card import Card, CardKind, Item, Line, Role, plain
from bot.briefing.compose import Composer
from bot.briefing.wording import wording
from bot.digest.composing import sighted_on
from bot.digest.edition import MOST_ITEMS, Frame, edition, quiet_edition
from bot.facts.model import Language
from bot.facts.store import FactStore
from tests.digest.editing import journal_between
from tests.newsroom import STORY, newsroom
from tests.seedfolder import SeedFolder, attribution, both, dispute, fact, raise_revision, topic

TODAY = date(2025, 3, 13)
SHORT = Frame(TODAY, (STORY,), full=False)
FULL = replace(SHORT, full=True)
SECTIONS = ("Corrected", "New", "Changed", "Newly disputed", "No longer disputed", "The figures, as they stand")


class Newsroom:
    """Facts as they were when the reader had the last edition, and as they are edited since."""

    def __init__(self, folder: Path) -> None:
        self.seeds = newsroom(folder)
        self.before: FactStore = self.seeds.load()

    def edition(self, frame: Frame = SHORT, language: Language = "en", today: date = TODAY) -> Card | None:
        """The edition that says what was edited."""
        after = self.seeds.load()
        return edition(journal_between(self.before, after), frame, Composer(after, wording(language), today))

    def card(self, frame: Frame = SHORT, language: Language = "en", today: date = TODAY) -> Card:
        """The same where there must be one."""
        card = self.edition(frame, language, today)
        assert card is not None
        return card

    def text(self, frame: Frame = SHORT, language: Language = "en", today: date = TODAY) -> str:
        """As a reader sees it."""
        return plain(self.card(frame, language, today))

    def add(self, *names: str, story: str = "") -> None:
        """New facts."""
        for name in names:
            self.facts(story).append(fact(name, statement=both(f"News of {name}.", f"Nouvelle {name}.")))

    def facts(self, story: str = "") -> list[dict[str, object]]:
        """The facts of a story as its file has them."""
        found: list[dict[str, object]] = self.seeds.files[f"{story or STORY}/facts.yaml"]["facts"]
        return found


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


def sections(card: Card) -> dict[str, list[Item | Line]]:
    """The blocks under each heading; those before the first under "top"."""
    found: dict[str, list[Item | Line]] = {"top": []}
    for block in card.blocks:
        if isinstance(block, Line) and block.role is Role.HEADING:
            assert block.text not in found
            found[block.text] = []
        else:
            found[list(found)[-1]].append(block)
    return found


def texts(blocks: list[Item | Line]) -> list[str]:
    return [
        f"{block.label}: {block.text}" if isinstance(block, Item) and block.label else block.text for block in blocks
    ]


def everything(seeds: SeedFolder) -> None:
    """One edit of each kind."""
    raise_revision(seeds.fact("strike-began"), "retraction", state="retracted")
    seeds.briefs[0]["facts"] = ["navigators-called-strike"]
    raise_revision(seeds.fact("mayor-reason"), statement=both("Ada Marsh gave no reason.", "Sans motif."))
    raise_revision(seeds.fact("wages-frozen"), "update", statement=both("Wages may rise.", "Hausse possible."))
    seeds.facts.append(fact("bridge-closed", statement=both("The bridge is closed.", "Le pont est fermé.")))
    seeds.disputes.append(
        dispute("fares", "ferry-fare", "mayor-reason", topic="port", headline=both("Fares differ.", "Tarifs divers."))
    )
    seeds.disputes[1]["kind"] = "evolution"


def test_an_edition_has_its_parts_in_order_and_counts_them_first(desk: Newsroom) -> None:
    everything(desk.seeds)
    card = desk.card()
    assert card.kind is CardKind.DIGEST
    assert card.title == "Digest, 13 March 2025"
    assert list(sections(card)) == ["top", *SECTIONS]
    assert texts(sections(card)["top"]) == [
        "1 retraction, 1 correction, 1 new fact, 1 changed fact, 1 new dispute and 1 dispute settled."
    ]
    assert isinstance(card.blocks[0], Line)
    assert card.blocks[0].role is Role.HEADLINE


def test_corrections_say_what_was_said_what_holds_and_why(desk: Newsroom) -> None:
    everything(desk.seeds)
    assert texts(sections(desk.card())["Corrected"]) == [
        "Before: The dockers' strike began in the Old Port.",
        "Retracted: this no longer stands.",
        "Why: Reason of the retraction.",
        "Before: Ada Marsh gave illness as her reason.",
        "Now: Ada Marsh gave no reason.",
        "Why: Reason of the correction.",
    ]


def test_a_change_shows_the_new_and_the_old_value_and_the_reason(desk: Newsroom) -> None:
    everything(desk.seeds)
    assert texts(sections(desk.card())["Changed"]) == [
        "Wages may rise.",
        "Before: Wages have been frozen.",
        "Why: Reason of the update.",
    ]


def test_a_typo_is_mended_without_showing_it(desk: Newsroom) -> None:
    raise_revision(desk.seeds.fact("wages-frozen"), "typo", statement=both("Wages have been  frozen!"))
    changed = sections(desk.card())["Changed"]
    assert not any(text.startswith("Before") for text in texts(changed))
    assert isinstance(changed[0], Item)


def test_what_changed_twice_is_shown_against_what_the_reader_knows(desk: Newsroom) -> None:
    for text in ("Wages may rise.", "Wages rise."):
        raise_revision(desk.seeds.fact("wages-frozen"), "update", statement=both(text))
    assert texts(sections(desk.card())["Changed"])[:2] == ["Wages rise.", "Before: Wages have been frozen."]
    raise_revision(desk.seeds.fact("wages-frozen"), "typo", statement=both("The wages rise."))
    assert texts(sections(desk.card())["Changed"])[:2] == ["The wages rise.", "Before: Wages have been frozen."]


def test_a_correction_among_several_changes_makes_it_a_correction(desk: Newsroom) -> None:
    raise_revision(desk.seeds.fact("wages-frozen"), statement=both("Wages fell."))
    raise_revision(desk.seeds.fact("wages-frozen"), "typo", statement=both("The wages fell."))
    found = sections(desk.card())
    assert texts(found["Corrected"])[:2] == ["Before: Wages have been frozen.", "Now: The wages fell."]
    assert "Changed" not in found


def test_a_superseded_fact_is_shown_with_its_successor(desk: Newsroom) -> None:
    raise_revision(desk.seeds.fact("mayor-reason"), "update", state="superseded", superseded_by="mayor-resigned")
    changed = sections(desk.card())["Changed"]
    assert texts(changed)[:2] == ["Ada Marsh resigned.", "Before: Ada Marsh gave illness as her reason."]
    assert isinstance(changed[0], Item)
    assert changed[0].facts == ("mayor-resigned",)


def test_a_correction_that_supersedes_shows_the_successor_as_what_holds_now(desk: Newsroom) -> None:
    raise_revision(desk.seeds.fact("mayor-reason"), state="superseded", superseded_by="mayor-resigned")
    assert texts(sections(desk.card())["Corrected"])[:2] == [
        "Before: Ada Marsh gave illness as her reason.",
        "Now: Ada Marsh resigned.",
    ]


def test_what_is_new_to_the_reader_is_new_however_often_it_was_corrected(desk: Newsroom) -> None:
    desk.add("bridge-closed")
    raise_revision(desk.seeds.fact("bridge-closed"), statement=both("The bridge is open."))
    card = desk.card()
    assert texts(sections(card)["top"]) == ["1 new fact."]
    assert texts(sections(card)["New"]) == ["The bridge is open."]
    assert plain(card).count("The bridge is open.") == 1


@pytest.mark.parametrize("kind", ["retraction", "update"])
def test_what_came_and_went_between_two_editions_is_not_mentioned(desk: Newsroom, kind: str) -> None:
    desk.add("bridge-closed")
    gone = {"state": "retracted"} if kind == "retraction" else {"state": "superseded", "superseded_by": "port-open"}
    raise_revision(desk.seeds.fact("bridge-closed"), kind, **gone)
    assert kind == "update" or desk.edition() is None
    desk.add("port-open")
    card = desk.card()
    assert texts(sections(card)["top"]) == ["1 new fact."]
    assert "bridge" not in plain(card)


def test_a_new_dispute_has_its_positions_with_who_holds_them(desk: Newsroom) -> None:
    everything(desk.seeds)
    opened = sections(desk.card())["Newly disputed"]
    assert texts(opened) == ["Fares differ.", "Position of ferry-fare.", "Position of mayor-reason."]
    assert [block.sources for block in opened if isinstance(block, Item)] == ["The Gazette", "Ada Marsh"]


def test_a_settled_dispute_says_what_stands(desk: Newsroom) -> None:
    everything(desk.seeds)
    assert texts(sections(desk.card())["No longer disputed"]) == [
        "Whether bribes were paid is contested.",
        "Position of bribe-claim.",
        "Position of bribe-denial.",
    ]


def test_a_dispute_that_is_removed_from_the_files_is_settled_by_the_facts_that_stand(desk: Newsroom) -> None:
    del desk.seeds.disputes[1]
    raise_revision(desk.seeds.fact("bribe-denial"), "retraction", state="retracted")
    desk.seeds.fact("bribe-claim")["reply"] = "none"
    settled = sections(desk.card())["No longer disputed"]
    assert texts(settled) == ["Whether bribes were paid is contested.", "Tom Brook is said to have taken bribes."]


def test_a_matter_of_spelling_is_no_dispute(desk: Newsroom) -> None:
    desk.seeds.disputes.append(dispute("names", "ferry-fare", "mayor-reason", topic="port", kind="spelling"))
    assert desk.edition() is None


def test_figures_have_every_position_and_are_not_said_twice(desk: Newsroom) -> None:
    desk.add("bridge-closed")
    assert texts(sections(desk.card())["The figures, as they stand"]) == [
        "Counts of the strikers differ.",
        "Position of many-strike.",
        "Position of few-strike.",
    ]
    desk.seeds.disputes[0]["kind"] = "evolution"
    desk.before = desk.seeds.load()
    desk.seeds.disputes[0]["kind"] = "contradiction"
    found = sections(desk.card())
    assert "The figures, as they stand" not in found
    assert "Counts of the strikers differ." in texts(found["Newly disputed"])


def more_figures(seeds: SeedFolder, number: int) -> None:
    for at in range(number):
        ids = [f"figure-{at}-{side}" for side in "ab"]
        value = {"min": 5, "unit": "ships", "bound": "at_least"}
        seeds.facts.extend(fact(i, topic="port", value=value) for i in ids)
        seeds.disputes.append(dispute(f"figures-{at}", *ids, topic="port"))


def test_the_short_form_has_two_figures_and_the_full_form_all(desk: Newsroom) -> None:
    more_figures(desk.seeds, 4)
    desk.before = desk.seeds.load()
    desk.add("bridge-closed")
    for frame, number in ((SHORT, 2), (FULL, 5)):
        lines = [b for b in sections(desk.card(frame))["The figures, as they stand"] if isinstance(b, Line)]
        assert len(lines) == number


def test_what_is_due_for_a_re_check_is_named_the_longest_unchecked_first(desk: Newsroom) -> None:
    desk.seeds.fact("ferry-fare")["checked"] = "2025-03-02"
    desk.add("bridge-closed")
    later = date(2025, 5, 1)
    current = [f for f in desk.before.facts.values() if f.state.value == "current"]
    stale = sum(1 for f in current if f.recheck.value != "never") + 1
    heading = f"{stale} facts are due for a re-check"
    short, full = (sections(desk.card(frame, today=later))[heading] for frame in (SHORT, FULL))
    assert len(short) == 3
    assert len(full) == stale
    assert texts(short)[0] == "last checked 2 March 2025: The ferry costs 4 crowns."
    assert not any("re-check" in title for title in sections(desk.card()))


def test_the_short_form_is_cut_at_ten_and_counts_the_rest(desk: Newsroom) -> None:
    names = [f"news-{number}" for number in range(MOST_ITEMS + 3)]
    desk.add(*names)
    raise_revision(desk.seeds.fact("wages-frozen"), "update", statement=both("Wages may rise."))
    card, full = desk.card(), desk.card(FULL)
    assert texts(sections(card)["New"]) == [f"News of {name}." for name in names[:MOST_ITEMS]]
    assert "Changed" not in sections(card)
    assert texts(sections(card)["top"]) == ["13 new facts and 1 changed fact."]
    assert isinstance(card.blocks[-1], Line)
    assert card.blocks[-1].text == "4 more; the full form has them: digest change full"
    assert len(sections(full)["New"]) == 13
    assert "Changed" in sections(full)
    assert "the full form" not in plain(full)


def test_corrections_are_never_cut(desk: Newsroom) -> None:
    names = [f"news-{number}" for number in range(MOST_ITEMS + 3)]
    desk.add(*names)
    desk.before = desk.seeds.load()
    for name in names:
        raise_revision(desk.seeds.fact(name), statement=both(f"Right is {name}."))
    desk.add("bridge-closed")
    card = desk.card()
    assert sum(text.startswith("Now: ") for text in texts(sections(card)["Corrected"])) == 13
    assert "News of bridge-closed." in plain(card)
    assert "more;" not in plain(card)


def test_every_statement_has_a_source_and_is_a_sighting_only_as_it_now_is(desk: Newsroom) -> None:
    everything(desk.seeds)
    card = desk.card()
    items = list(card.items)
    assert len(items) > 10
    assert all(item.sources and item.status for item in items)
    assert [item.facts for item in items if item.label == "Before"] == [()] * 3
    after = desk.seeds.load()
    seen = {sighted.fact: sighted.revision for sighted in sighted_on(card, after)}
    assert seen["mayor-reason"] == seen["wages-frozen"] == 2
    assert "strike-began" not in seen


def test_the_old_value_is_with_who_said_it_then(desk: Newsroom) -> None:
    changed = {"attributions": [attribution("mayor", "on_record", "town-notice")], "statement": both("No strike.")}
    raise_revision(desk.seeds.fact("wages-frozen"), "update", **changed)
    new, old = (item for item in desk.card().items if item.text in {"No strike.", "Wages have been frozen."})
    assert (new.sources, old.sources) == ("Ada Marsh, via a town notice", "The Gazette")


def test_nothing_new_is_no_edition_but_a_quiet_line(desk: Newsroom) -> None:
    assert desk.edition() is None
    composer = Composer(desk.before, wording("en"), TODAY)
    card = quiet_edition(SHORT, composer)
    assert [block.text for block in card.blocks] == ["A quiet day: nothing has changed since your last digest."]
    standing = quiet_edition(SHORT, composer, standing=True)
    assert "Counts of the strikers differ." in plain(standing)


def test_what_concerns_other_stories_only_is_no_edition(desk: Newsroom) -> None:
    everything(desk.seeds)
    assert desk.edition(replace(SHORT, stories=("tram",))) is None


def with_tram(desk: Newsroom) -> None:
    story = {"id": "tram", "title": both("The tram", "Le tram"), "summary": both("A tram."), "since": "2025-03-01"}
    desk.seeds.files["tram/story.yaml"] = {"story": story}
    desk.seeds.files["tram/facts.yaml"] = {"topics": [topic("tram-fire")], "facts": []}
    desk.before = desk.seeds.load()
    desk.add("bridge-closed")
    desk.facts("tram").append(fact("tram-burns", topic="tram-fire", statement=both("A tram burns.")))


def test_one_edition_holds_several_stories_and_names_them(desk: Newsroom) -> None:
    with_tram(desk)
    card = desk.card(replace(SHORT, stories=(STORY, "tram")))
    assert texts(sections(card)["top"]) == ["2 new facts."]
    assert set(texts(sections(card)["New"])) == {
        "Strike in the harbour: News of bridge-closed.",
        "The tram: A tram burns.",
    }
    assert texts(sections(desk.card(replace(SHORT, stories=("tram",))))["New"]) == ["A tram burns."]


def test_the_figures_are_those_of_the_stories_in_the_news(desk: Newsroom) -> None:
    with_tram(desk)
    desk.facts()[:] = [f for f in desk.facts() if f["id"] != "bridge-closed"]
    assert "The figures, as they stand" not in sections(desk.card(replace(SHORT, stories=(STORY, "tram"))))


def test_lateness_and_missed_days_are_told_at_the_top(desk: Newsroom) -> None:
    desk.add("bridge-closed")
    missed = (date(2025, 3, 11), date(2025, 3, 12))
    card = desk.card(replace(SHORT, late=True, missed=missed))
    assert texts(sections(card)["top"]) == [
        "1 new fact.",
        "This digest is late.",
        "No digest went out for 11 March 2025 and 12 March 2025; this one covers it.",
    ]


def french_parts() -> Iterator[str]:
    yield "Bulletin du 13 mars 2025"
    yield "1 retrait, 1 rectificatif, 1 nouveau fait, 1 fait modifié, 1 nouveau désaccord et 1 désaccord levé."
    yield from ("Rectifié", "Nouveau", "Modifié", "Nouveaux désaccords", "Désaccords levés")
    yield from ("Les chiffres, en l'état", "Le pont est fermé.", "Avant : Les salaires sont gelés.", "La Gazette")
    yield from ("Désormais : Sans motif.", "Retiré : cela ne tient plus.", "Ce bulletin est en retard.")
    yield "Aucun bulletin n'a été envoyé pour le 12 mars 2025 ; celui-ci en tient compte."


def test_an_edition_in_french_is_all_french(desk: Newsroom) -> None:
    everything(desk.seeds)
    card = desk.card(replace(SHORT, late=True, missed=(date(2025, 3, 12),)), "fr")
    assert card.language == "fr"
    text = plain(card)
    assert [part for part in french_parts() if part not in text] == []
    english = (*SECTIONS, "Before", "Retracted", "Why: ", "Digest", "Wages", "fact")
    assert [word for word in english if word in text] == []
