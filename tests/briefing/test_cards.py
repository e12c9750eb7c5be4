from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.briefing.card import Card, CardKind, plain
from bot.desk import Desk
from bot.errors import UnknownNameError
from bot.facts.model import Language
from tests.newsroom import STORY, asking, newsroom
from tests.seedfolder import both, brief, dispute, fact, topic

LATER = datetime(2025, 9, 1, tzinfo=UTC)


def lines(card: Card) -> list[str]:
    return plain(card).splitlines()


# Timeline.


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        (
            "en",
            ["since 2012", "2025", "1 March 2025", "early March 2025", "March 2025", "4 March 2025 (date inferred)"],
        ),
        (
            "fr",
            ["depuis 2012", "2025", "1er mars 2025", "début mars 2025", "mars 2025", "4 mars 2025 (date déduite)"],
        ),
    ],
)
def test_a_timeline_is_in_order_and_of_one_day_the_vaguer_date_stands_later(
    small: Desk, language: Language, labels: list[str]
) -> None:
    card = small.timeline(STORY, asking(language))
    assert card.kind is CardKind.TIMELINE
    assert [item.label for item in card.items] == labels
    assert "Strike in the harbour" in card.title


def test_a_timeline_leaves_out_what_is_not_dated_or_not_for_it(small: Desk) -> None:
    shown = [fact_id for item in small.timeline(STORY, asking()).items for fact_id in item.facts]
    timed = [f.id for f in small.store.current if f.timeline and f.date]
    assert sorted(shown) == sorted(timed)
    assert "many-strike" not in shown


def test_a_story_without_dated_events_says_so(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    for item in seeds.facts:
        item["timeline"] = "false"
    assert lines(Desk(seeds.load()).timeline(STORY, asking()))[1:] == ["No dated events are held on this story."]


# Profile.


def test_a_profile_says_who_it_is_what_is_known_and_how_else_it_is_written(small: Desk) -> None:
    assert lines(small.who("mayor", asking())) == [
        "Ada Marsh",
        "Ada Marsh: Mayor of the town. — The Gazette (description)",
        "• Ada Marsh resigned. — The Gazette; The Echo (reported)",
        "• Ada Marsh gave illness as her reason. — Ada Marsh, via a town notice (reported)",
        "Also written: Marsh, Ada Marche.",
        "As of 1 March 2025.",
    ]


def test_a_profile_is_in_the_readers_language(small: Desk) -> None:
    shown = lines(small.who("cook", asking("fr")))
    assert shown[:2] == ["Léna Brook", "Léna Brook : Cuisinière de la cantine. — La Gazette (description)"]
    assert "Les documents ne contiennent pas de réponse de Léna Brook." in shown


def test_a_profile_of_an_accused_person_carries_the_denial_and_the_dispute(small: Desk) -> None:
    text = plain(small.who("Tom Brook", asking()))
    assert (
        "Tom Brook is said to have taken bribes. — an unnamed union source, via The Gazette (alleged, disputed)" in text
    )
    assert "Tom Brook says he was never paid." in text
    assert "Whether bribes were paid is contested." in text


def test_a_profile_without_facts_is_still_one(small: Desk) -> None:
    shown = lines(small.who("old-port", asking()))
    assert shown == ["Old Port", "Old Port: A port. — The Gazette (description)"]


def test_a_long_profile_says_how_many_facts_it_leaves_out(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    seeds.facts.extend(fact(f"mayor-{n}", topic="resignation", entities=["mayor"]) for n in range(30))
    card = Desk(seeds.load()).who("mayor", asking())
    shown = {fact_id for item in card.items for fact_id in item.facts}
    assert f"{32 - len(shown)} more facts are held." in lines(card)


def test_a_name_that_fits_two_asks_back_and_one_that_fits_none_says_so(small: Desk) -> None:
    assert small.who("Brook", asking()).kind is CardKind.CLARIFY
    assert small.who("Nobody At All", asking()).kind is CardKind.NO_ANSWER


# Disputes.


def test_disputes_stand_side_by_side_with_who_says_what(small: Desk) -> None:
    shown = lines(small.disputes(STORY, asking()))
    assert shown[:8] == [
        "Where sources differ: Strike in the harbour",
        "",
        "Contradictions",
        "",
        "Counts of the strikers differ.",
        "• Position of many-strike. — an unnamed union source (reported)",
        "• Position of few-strike. — a town notice (reported)",
        "Fifty and forty exclude each other.",
    ]


def test_each_kind_of_disagreement_has_its_own_heading(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    kinds = ("evolution", "compatible", "spelling")
    seeds.disputes.extend(dispute(f"{kind}-one", "mayor-resigned", "mayor-reason", kind=kind) for kind in kinds)
    desk = Desk(seeds.load())
    english, french = (lines(desk.disputes(STORY, asking(language))) for language in ("en", "fr"))
    headings = ["Contradictions", "Things moved on", "Differ, but may all be true", "Spellings"]
    found = [english.index(heading) for heading in headings if heading in english]
    assert sorted(found) == sorted(english.index(heading) for heading in headings)
    for kind in kinds:
        assert f"Headline of {kind}-one." in english
        assert f"Headline of {kind}-one. (fr)" in french


def test_a_story_without_disputes_says_so(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    seeds.disputes.clear()
    for fact_id in ("many-strike", "few-strike"):
        del seeds.fact(fact_id)["value"]
    assert lines(Desk(seeds.load()).disputes(STORY, asking()))[1:] == ["No disputes are recorded for this story."]


# Sources.


def test_sources_say_what_each_document_is_and_that_a_mirror_is_no_second_source(small: Desk) -> None:
    title, gazette, echo, notice, origins = lines(small.sources(STORY, asking()))
    assert title == "Sources: Strike in the harbour"
    assert gazette.startswith("The Gazette: 1 March 2025, ")
    assert "Title: “Harbour at a standstill”." in gazette
    assert "A mirror of The Gazette: no second source." in echo
    assert "Carried by a town notice." in echo
    assert "5 March 2025 (date inferred)" in notice
    assert "It does not name its publisher." in notice
    assert "Pinned to a board." in notice
    assert "The Gazette (" in origins
    assert "Echo" not in origins
    assert "union source" not in origins


def test_sources_count_the_facts_that_each_carries(small: Desk) -> None:
    shown = lines(small.sources(STORY, asking()))
    carried = [
        sum(any(document in a.via for a in f.attributions) for f in small.store.facts_of(STORY))
        for document in ("gazette-report", "echo-copy", "town-notice")
    ]
    for line, number in zip(shown[1:4], carried, strict=True):
        assert f", {number} fact{'s' if number != 1 else ''}." in line


# One fact.


def test_a_facts_card_holds_its_whole_provenance(small: Desk) -> None:
    assert lines(small.fact("mayor-resigned", asking())) == [
        "Fact mayor-resigned, revision 1",
        "Ada Marsh resigned. — The Gazette; The Echo (reported)",
        "1 independent origin: The Gazette.",
        "Date: 4 March 2025 (date inferred).",
        "Place: Old Port.",
        "As of 1 March 2025.",
        "Last checked 10 March 2025; to be checked again by 17 March 2025.",
    ]


def test_a_mirror_that_is_not_named_is_no_further_source(small: Desk) -> None:
    assert "Also in The Echo, a mirror: no further source." in lines(small.fact("strike-began", asking()))


def test_a_facts_card_shows_its_history_and_why_it_changed(small: Desk) -> None:
    shown = lines(small.fact("ferry-fare", asking()))
    assert shown[:2] == ["Fact ferry-fare, revision 2", "The ferry costs 4 crowns. — The Gazette (reported)"]
    assert shown[shown.index("History") :] == [
        "History",
        "• Revision 1: The ferry costs 3 crowns. — The Gazette (reported)",
        "Replaced 20 March 2025, correction: Reason of the correction.",
    ]
    assert "Remplacé (20 mars 2025), correction : Reason of the correction. (fr)" in lines(
        small.fact("ferry-fare", asking("fr"))
    )


def test_a_fact_that_was_never_changed_has_no_history(small: Desk) -> None:
    assert "History" not in lines(small.fact("strike-began", asking()))


def test_a_superseded_fact_says_why_and_what_replaced_it(small: Desk) -> None:
    shown = lines(small.fact("pier-open", asking()))
    assert "Superseded: Reason of the update." in shown
    assert "• A storm closed the pier. — The Gazette (reported)" in shown


def test_a_retracted_fact_says_why(small: Desk) -> None:
    assert "Retracted: Reason of the retraction." in lines(small.fact("pier-burned", asking()))


def test_a_disputed_facts_card_shows_every_position(small: Desk) -> None:
    text = plain(small.fact("many-strike", asking()))
    assert "(reported, disputed)" in text
    for position in small.store.disputes["how-many"].positions:
        assert position.statement.en in text


def test_a_fact_that_does_not_change_is_not_due_for_a_check(small: Desk) -> None:
    for now in (asking(), asking(now=LATER)):
        assert "Last checked 10 March 2025." in lines(small.fact("wages-frozen", now))


def test_a_fact_past_its_re_check_says_so_on_every_card(small: Desk) -> None:
    fresh, stale = asking(), asking(now=LATER)
    note = "Due for a re-check: last checked 10 March 2025."
    for card in (small.fact("mayor-resigned", stale), small.who("mayor", stale)):
        assert note in lines(card)
    for card in (small.fact("mayor-resigned", fresh), small.who("mayor", fresh)):
        assert note not in lines(card)
    answer = small.ask("when did Ada Marsh resign?", stale)
    assert note in answer.text
    assert "to be checked again" not in plain(small.fact("mayor-resigned", stale))


def test_a_due_date_is_a_day_long(small: Desk) -> None:
    for day, due in ((17, False), (18, True)):
        now = datetime(2025, 3, day, 23, 59, tzinfo=UTC)
        assert ("re-check" in plain(small.fact("mayor-resigned", asking(now=now)))) is due


# Stories, help.


def test_stories_count_what_they_hold(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    seeds.files["tram/story.yaml"] = {
        "story": {"id": "tram", "title": both("Tram fire"), "summary": both("A tram burned."), "since": "2025"}
    }
    seeds.files["tram/facts.yaml"] = {"topics": [topic("fire")], "facts": [fact("tram-burned", topic="fire")]}
    seeds.files["tram/briefs.yaml"] = {"briefs": [brief("tram-brief", "tram-burned")]}
    shown = lines(Desk(seeds.load()).stories(asking()))
    assert f"Strike in the harbour ({STORY}): 13 facts, 2 disputes" in shown
    assert "Tram fire (tram): 1 fact, 0 disputes" in shown
    assert "A tram burned." in shown


@pytest.mark.parametrize("show", [Desk.timeline, Desk.disputes, Desk.sources])
def test_an_unknown_story_is_named_with_those_there_are(small: Desk, show: object) -> None:
    assert callable(show)
    with pytest.raises(UnknownNameError, match=f"no story `flood`. Stories: {STORY}"):
        show(small, "flood", asking())


def test_an_unknown_fact_is_told_where_to_look(small: Desk) -> None:
    with pytest.raises(UnknownNameError, match="no fact `flood`"):
        small.fact("flood", asking())


# Every card of the real store.


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_card_of_the_real_store_can_be_laid_out(desk: Desk, language: Language) -> None:
    for now in (asking(language), asking(language, now=datetime(2035, 1, 1, tzinfo=UTC))):
        cards = [desk.stories(now), desk.help(now)]
        cards += [desk.who(entity, now) for entity in desk.store.entities]
        cards += [desk.fact(fact_id, now) for fact_id in desk.store.facts]
        for story in desk.store.stories:
            cards += [desk.timeline(story, now), desk.disputes(story, now), desk.sources(story, now)]
        for card in cards:
            assert card.language == language
            assert plain(card)
            assert "{" not in plain(card)
            assert all(item.sources and item.status for item in card.items)


def test_every_timeline_of_the_real_store_runs_forwards(desk: Desk) -> None:
    for story in desk.store.stories:
        shown = [desk.store.facts[item.facts[0]].date for item in desk.timeline(story, asking()).items]
        keys = [date.sort_key for date in shown if date]
        assert len(keys) == len(shown)
        assert keys == sorted(keys)
