from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.briefing.card import Card, CardKind, Item, Line, Role, plain
from bot.briefing.compose import Composer
from bot.briefing.wording import wording
from bot.digest.composing import sighted_on
from bot.digest.journal import FactChange, fact_change
from bot.digest.notices import Shown, amended, correction_notice, stopped_notice, with_note
from bot.facts.model import Language
from bot.facts.store import FactStore
from tests.newsroom import newsroom
from tests.seedfolder import SeedFolder, both, raise_revision

TODAY, YESTERDAY = date(2025, 3, 13), date(2025, 3, 12)


@pytest.fixture(name="seeds")
def _seeds(tmp_path: Path) -> SeedFolder:
    return newsroom(tmp_path)


def composer(store: FactStore, language: Language = "en") -> Composer:
    return Composer(store, wording(language), TODAY)


def notice(seeds: SeedFolder, *seen: tuple[str, int], language: Language = "en") -> Card:
    """The notice to a place that was shown these facts at these revisions yesterday."""
    store = seeds.load()
    shown = [Shown(fact_change(store.facts[fact], revision), YESTERDAY) for fact, revision in seen]
    return correction_notice(shown, composer(store, language))


def changes(store: FactStore, fact: str) -> list[FactChange]:
    return [fact_change(store.facts[fact], 1)]


def test_a_correction_says_what_was_said_what_holds_now_why_and_when_it_was_shown(seeds: SeedFolder) -> None:
    card = notice(seeds, ("ferry-fare", 1))
    assert card.kind is CardKind.NOTICE
    assert plain(card).splitlines() == [
        "Correction",
        "1 statement that was shown here has been corrected.",
        "",
        "Shown here on 12 March 2025",
        "• Before: The ferry costs 3 crowns. — The Gazette (reported)",
        "• Now: The ferry costs 4 crowns. — The Gazette (reported)",
        "Why: Reason of the correction.",
    ]


def test_a_retraction_shows_nothing_in_its_place(seeds: SeedFolder) -> None:
    card = notice(seeds, ("pier-burned", 1))
    assert plain(card).splitlines() == [
        "Correction",
        "1 statement that was shown here has been retracted.",
        "",
        "Shown here on 12 March 2025",
        "• Before: The pier burned. — The Gazette (reported)",
        "Retracted: this no longer stands.",
        "Why: Reason of the retraction.",
    ]
    assert sighted_on(card, seeds.load()) == ()


def test_what_was_superseded_shows_its_successor(seeds: SeedFolder) -> None:
    raise_revision(seeds.fact("mayor-reason"), state="superseded", superseded_by="mayor-resigned")
    card = notice(seeds, ("mayor-reason", 1))
    before, now = card.items
    assert (before.text, before.label) == ("Ada Marsh gave illness as her reason.", "Before")
    assert (now.text, now.label) == ("Ada Marsh resigned.", "Now")
    assert [sighted.fact for sighted in sighted_on(card, seeds.load())] == ["mayor-resigned"]


def test_several_make_one_notice_and_each_is_whole(seeds: SeedFolder) -> None:
    text = plain(notice(seeds, ("ferry-fare", 1), ("pier-burned", 1)))
    assert "2 statements that were shown here have been corrected." in text
    assert text.count("Shown here on 12 March 2025") == 2
    assert text.count("Why: ") == 2
    gone = newsroom(seeds.root)
    raise_revision(gone.fact("theft-claim"), "retraction", state="retracted")
    text = plain(notice(gone, ("theft-claim", 1), ("pier-burned", 1)))
    assert "2 statements that were shown here have been retracted." in text


def test_the_version_that_was_seen_is_the_one_shown(seeds: SeedFolder) -> None:
    raise_revision(seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    for revision, text in ((1, "The ferry costs 3 crowns."), (2, "The ferry costs 4 crowns.")):
        before, now = notice(seeds, ("ferry-fare", revision)).items
        assert (before.text, now.text) == (text, "The ferry costs 5 crowns.")


def test_what_holds_now_is_a_sighting_of_the_new_revision(seeds: SeedFolder) -> None:
    store = seeds.load()
    (sighted,) = sighted_on(notice(seeds, ("ferry-fare", 1)), store)
    assert (sighted.fact, sighted.revision) == ("ferry-fare", 2)


def test_a_notice_in_french(seeds: SeedFolder) -> None:
    card = notice(seeds, ("ferry-fare", 1), language="fr")
    assert card.language == "fr"
    assert plain(card).splitlines() == [
        "Rectificatif",
        "1 information montrée ici a été rectifiée.",
        "",
        "Montré ici le 12 mars 2025",
        "• Avant : Le bac coûte 3 couronnes. — La Gazette (rapporté)",
        "• Désormais : Le bac coûte 4 couronnes. — La Gazette (rapporté)",
        "Motif : Reason of the correction. (fr)",
    ]


def test_an_amended_message_says_on_top_that_it_is_old_and_where(seeds: SeedFolder) -> None:
    store = seeds.load()
    old = composer(store).item(store.facts["ferry-fare"])
    other = composer(store).item(store.facts["strike-began"])
    original = Card(CardKind.ANSWER, "en", (old, other, Line("As of today.", Role.NOTE)), "Fares", ("more?",), "Ask:")
    card = amended(original, changes(store, "ferry-fare"), composer(store))
    top, marked, untouched, note = card.blocks
    assert top == Line("Corrected on 13 March 2025: see the notice.", Role.HEADLINE)
    assert isinstance(marked, Item)
    assert (marked.text, marked.label, marked.facts) == (old.text, "No longer current", ())
    assert (untouched, note) == (other, original.blocks[2])
    assert (card.kind, card.title, card.suggestions) == (original.kind, original.title, original.suggestions)


def test_an_amended_message_in_french(seeds: SeedFolder) -> None:
    store = seeds.load()
    original = Card(CardKind.ANSWER, "fr", (composer(store, "fr").item(store.facts["ferry-fare"]),))
    text = plain(amended(original, changes(store, "ferry-fare"), composer(store, "fr")))
    assert text.splitlines() == [
        "Rectifié le 13 mars 2025 : voir l'avis.",
        "• N'est plus à jour : Le bac coûte 4 couronnes. — La Gazette (rapporté)",
    ]


def test_that_a_digest_has_stopped_comes_with_why_and_what_to_do(seeds: SeedFolder) -> None:
    store = seeds.load()
    assert plain(stopped_notice("#desk", "channel_not_found", composer(store))).splitlines() == [
        "Digest",
        "Your digest for #desk has stopped.",
        "It could not be delivered: channel_not_found.",
        "It is kept. When that is put right, go on with: digest resume",
    ]
    french = plain(stopped_notice("#desk", "channel_not_found", composer(store, "fr")))
    assert "Votre bulletin pour #desk est arrêté." in french


def test_a_note_goes_after_the_headline() -> None:
    headline, text = Line("Headline.", Role.HEADLINE), Line("Text.")
    for blocks, place in (((headline, text), 1), ((text,), 0), ((), 0)):
        noted = with_note(Card(CardKind.DIGEST, "en", blocks), "A note.")
        assert noted.blocks[place] == Line("A note.", Role.NOTE)
        assert tuple(b for b in noted.blocks if b != noted.blocks[place]) == blocks
