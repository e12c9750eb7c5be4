"""The editors' queue: what waits, counted together, and answers that go back to where they were asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.briefing.card import plain
from bot.digest.ledger import DeliveryKind
from bot.digest.places import Person, Place, Visibility
from bot.digest.queue import EntryKind, EntryName, entry_name
from bot.digest.sightings import FlagReason
from tests.seedfolder import raise_revision
from tests.world import CHANNEL, EDITOR, OTHER_CHANNEL, READER, World, world

UNANSWERED = "what is the capital of France?"
OTHER = "who won the football match?"
DENIED = "This is for the editors."
FERRY = "The ferry costs 4 crowns."
THIRD = Person("test", "w1", "U3")


@pytest.fixture(name="made")
async def _made(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def editor(made: World, line: str, **more: object) -> str:
    """What an editor is told."""
    asked = {"person": EDITOR, "is_editor": True, **more}
    return plain((await made.ask(line, **asked)).card)  # type: ignore[arg-type]


async def flag(made: World, person: Person, note: str, reason: FlagReason = FlagReason.OLD) -> None:
    """A reader asks for the fare and finds it amiss."""
    reply = await made.ask("what does the ferry cost?", person=person)
    assert reply.showing is not None
    assert made.desk.messages is not None
    asking = made.asking(person)
    await made.desk.messages.flag([reply.showing.token], reason, note, "what does the ferry cost?", asking)


def answers(made: World, place: Place) -> list[str]:
    return made.platform.texts(place, DeliveryKind.ANSWER)


@pytest.mark.parametrize(
    "line", ["queue", "file", "queue q1", "queue close q1", "queue answer q1 ferry-fare", "QUEUE F1", "file classer q1"]
)
async def test_the_queue_is_for_editors_alone(made: World, line: str) -> None:
    await made.ask(UNANSWERED)
    assert DENIED in plain((await made.ask(line, person=EDITOR, may_manage=True)).card)
    assert UNANSWERED in await editor(made, "queue")


@pytest.mark.parametrize("line", ["queue", "queue q1"])
async def test_what_was_asked_privately_is_never_read_out_in_a_channel(made: World, line: str) -> None:
    await made.ask(UNANSWERED)
    told = await editor(made, line, visibility=Visibility.ALL)
    assert "shown privately only" in told
    assert UNANSWERED not in told
    assert UNANSWERED in await editor(made, line, place=EDITOR.own_place, visibility=Visibility.ALL)


@pytest.mark.parametrize("line", ["queue up for the ferry", "queue answer", "queue close q1 q2", "queue answer q1 a b"])
async def test_other_words_after_it_make_it_a_question(made: World, line: str) -> None:
    assert (await made.ask(line, person=EDITOR, is_editor=True)).answer is not None


async def test_the_same_question_of_several_people_is_one_entry_and_counted(made: World) -> None:
    await made.ask(OTHER)
    for person, text in ((READER, UNANSWERED), (EDITOR, UNANSWERED.upper()), (READER, UNANSWERED)):
        await made.ask(text, person=person)
    told = await editor(made, "queue")
    assert "2 entries wait for the editors." in told
    assert told.index("2 people, last on 12 March 2025.") < told.index(OTHER)
    assert "1 person, last on 12 March 2025." in told


async def test_an_answered_question_is_not_in_the_queue(made: World) -> None:
    await made.ask("when did the strike begin?")
    assert "Nothing waits for the editors." in await editor(made, "queue")


async def test_who_asks_what_is_not_held_learns_what_becomes_of_the_question(made: World) -> None:
    private = plain((await made.ask(UNANSWERED)).card)
    openly = plain((await made.ask(UNANSWERED, visibility=Visibility.ALL)).card)
    assert "can answer you privately." in private
    assert "can answer it here." in openly
    assert "La rédaction verra cette question" in plain((await made.ask("qui a gagné le match de football ?")).card)


async def test_an_answer_goes_back_to_where_it_was_asked(made: World) -> None:
    thread = Place("test", "w1", "C1", "T7")
    for place in (CHANNEL, CHANNEL, thread):
        await made.ask(UNANSWERED, place, visibility=Visibility.ALL)
    told = await editor(made, "queue answer q1 ferry-fare")
    await made.tick()
    await made.tick(minutes=1)
    assert "it goes to 2 places where this was asked." in told
    for place in (CHANNEL, thread):
        (text,) = answers(made, place)
        assert text.startswith("The editors have an answer")
        assert f"Asked here: {UNANSWERED}" in text
        assert FERRY in text
        assert "The Gazette" in text
    assert "Nothing waits for the editors." in await editor(made, "queue")


async def test_what_was_asked_privately_is_answered_privately_at_the_next_contact(made: World) -> None:
    await made.ask(UNANSWERED)
    await editor(made, "queue answer q1 ferry-fare")
    await made.tick(minutes=1)
    assert made.platform.messages == []
    reply = await made.ask("help", OTHER_CHANNEL)
    assert [FERRY in plain(contact.card) for contact in reply.notices] == [True]
    assert (await made.ask("help")).notices == ()


async def test_who_asked_in_a_direct_message_or_takes_them_is_written_to_there(made: World) -> None:
    await made.ask(UNANSWERED, READER.own_place, visibility=Visibility.ALL)
    await made.ask("digest direct on", person=THIRD)
    await made.ask(UNANSWERED, person=THIRD)
    assert "it goes to 2 places" in await editor(made, "queue answer q1 ferry-fare")
    await made.tick()
    assert len(answers(made, READER.own_place)) == len(answers(made, THIRD.own_place)) == 1
    assert answers(made, CHANNEL) == []


async def test_an_answer_speaks_the_language_of_the_question_and_is_corrected_as_any_other(made: World) -> None:
    await made.ask("qui a gagné le match de football ?", visibility=Visibility.ALL)
    await editor(made, "queue answer q1 ferry-fare")
    await made.tick()
    (text,) = answers(made, CHANNEL)
    assert "Question posée ici" in text
    raise_revision(made.seeds.fact("ferry-fare"))
    assert (await made.reload()).chased == 2  # the channel, and the editor who was shown it


async def test_a_fact_retracted_before_the_answer_went_out_is_not_sent(made: World) -> None:
    await made.ask(UNANSWERED, visibility=Visibility.ALL)
    await editor(made, "queue answer q1 ferry-fare")
    raise_revision(made.seeds.fact("ferry-fare"), "retraction", state="retracted")
    await made.reload()
    await made.tick()
    assert answers(made, CHANNEL) == []


async def test_only_a_fact_that_stands_answers(made: World) -> None:
    await made.ask(UNANSWERED)
    for fact in ("no-such-fact", "port-closed"):
        assert "Nothing was sent." in await editor(made, f"queue answer q1 {fact}")
    assert "1 entry waits" in await editor(made, "queue")


async def test_an_entry_is_settled_once(made: World) -> None:
    await made.ask(UNANSWERED, visibility=Visibility.ALL)
    await editor(made, "queue answer q1 ferry-fare")
    for line in ("queue answer q1 ferry-fare", "queue close q1", "queue q1", "queue q99", "queue f1"):
        assert "There is no such entry" in await editor(made, line)
    await made.tick()
    assert len(answers(made, CHANNEL)) == 1


async def test_what_is_set_aside_tells_nobody_and_may_be_asked_anew(made: World) -> None:
    await made.ask(UNANSWERED, visibility=Visibility.ALL)
    assert "Set aside; nobody is told." in await editor(made, "queue close q1")
    await made.tick()
    assert made.platform.messages == []
    await made.ask(UNANSWERED)
    assert "q2" in await editor(made, "queue")


async def test_flags_on_the_same_facts_for_the_same_reason_are_one_entry(made: World) -> None:
    await flag(made, READER, "It costs 6 now.")
    await flag(made, EDITOR, "Went up.")
    await flag(made, THIRD, "", FlagReason.NO_SOURCE)
    told = await editor(made, "queue")
    assert "2 entries wait for the editors." in told
    assert told.index("It is out of date") < told.index("A source is missing")
    whole = await editor(made, "queue f2")
    assert "“It costs 6 now.”" in whole
    assert "“Went up.”" in whole
    assert FERRY in whole


async def test_the_answer_to_a_flag_goes_to_the_reader_privately(made: World) -> None:
    await flag(made, READER, "It costs 6 now.")
    await editor(made, "queue answer f1 ferry-fare")
    await made.tick()
    assert made.platform.messages == []
    (contact,) = (await made.ask("help")).notices
    assert "You told the editors: It costs 6 now." in plain(contact.card)


async def test_a_long_queue_says_how_much_is_left(made: World) -> None:
    for number in range(23):
        await made.ask(f"what is the colour of house {number}?")
    told = await editor(made, "queue")
    assert "23 entries wait for the editors." in told
    assert "3 more come after these." in told


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone what is <@U1> [here](https://evil.example)?",
        "what is \u202etxet neddih\u202c \u200bhere?",
        "<!channel> what is **bold** `code` ||spoiler||?",
    ],
)
async def test_hostile_text_stands_on_the_editors_card_harmless(made: World, hostile: str) -> None:
    await made.ask(hostile, visibility=Visibility.ALL)
    await flag(made, READER, hostile)
    for line in ("queue", "queue q1", "queue f1"):
        told = await editor(made, line)
        assert "what is" in told
        assert not {"@everyone", "<@U1>", "<!channel>", "](https"} & set(told.replace("(", " (").split())
    await editor(made, "queue answer q1 ferry-fare")
    await editor(made, "queue answer f1 ferry-fare")
    await made.tick()
    assert len(answers(made, CHANNEL)) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [("q1", "q1"), (" #F12 ", "f12"), ("Q3", "q3"), ("1", None), ("", None), ("q", None), ("q1 q2", None)],
)
def test_an_entry_is_named_by_a_letter_and_a_number(text: str, name: str | None) -> None:
    found = entry_name(text)
    assert (str(found) if found else None) == name
    assert entry_name("q7") == EntryName(EntryKind.QUESTION, 7)
