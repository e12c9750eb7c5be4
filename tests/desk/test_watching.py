"""«Tell me when this changes»."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.briefing.card import plain
from bot.desk import watching
from bot.digest.ledger import DeliveryKind
from bot.digest.places import Place, Visibility
from tests.seedfolder import both, fact, raise_revision
from tests.world import CHANNEL, EDITOR, OTHER_CHANNEL, READER, World, world

FERRY = "what does the ferry cost?"
OLD, NEW = "The ferry costs 4 crowns.", "The ferry costs 5 crowns."
DIRECT = Place("test", "w1", "@U2", "", direct=True, address="D2")


@pytest.fixture(name="made")
async def _made(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def watch(made: World, direct_address: str = "") -> str:
    """A reader asks for the fare and presses Watch."""
    reply = await made.ask(FERRY)
    assert reply.showing is not None
    assert made.desk.watches is not None
    return plain(
        await made.desk.watches.watch([reply.showing.token], made.asking(READER, direct_address=direct_address))
    )


def change(made: World, kind: str = "update", price: int = 5) -> None:
    raise_revision(made.seeds.fact("ferry-fare"), kind, statement=both(f"The ferry costs {price} crowns."))


async def news(made: World) -> list[str]:
    """What waited for the reader."""
    found = (await made.ask("help")).notices
    return [plain(contact.card) for contact in found if contact.delivery.kind is DeliveryKind.WATCH]


async def test_an_update_is_told_privately_with_the_old_and_the_new(made: World) -> None:
    assert "You will be told when this changes" in await watch(made)
    change(made)
    assert (await made.reload()).chased == 0
    await made.tick()
    assert made.platform.messages == []
    (text,) = await news(made)
    assert "1 fact that you watch has changed." in text
    assert text.index(OLD) < text.index(NEW)
    assert await news(made) == []


async def test_with_an_open_direct_conversation_it_comes_there(made: World) -> None:
    assert "By direct message." in await watch(made, direct_address="D2")
    change(made)
    await made.reload()
    await made.tick()
    (text,) = made.platform.texts(DIRECT, DeliveryKind.WATCH)
    assert NEW in text
    assert made.platform.messages[0].delivery.place.address == "D2"


async def test_a_typo_is_not_worth_a_word(made: World) -> None:
    await watch(made)
    change(made, "typo")
    await made.reload()
    assert await news(made) == []


async def test_a_correction_is_told_once_not_twice(made: World) -> None:
    await watch(made)
    change(made, "correction")
    await made.reload()
    kinds = [contact.delivery.kind for contact in (await made.ask("help")).notices]
    assert kinds == [DeliveryKind.CORRECTION]


async def test_who_watches_what_a_channel_saw_is_told_of_a_correction_too(made: World) -> None:
    await made.ask("watch ferry-fare")
    await made.ask(FERRY, visibility=Visibility.ALL)
    change(made, "correction")
    await made.reload()
    (text,) = await news(made)
    assert NEW in text


async def test_a_new_fact_on_the_same_topic_is_news(made: World) -> None:
    await watch(made)
    topic = made.seeds.fact("ferry-fare")["topic"]
    made.seeds.facts.append(fact("ferry-child-fare", topic=topic, statement=both("Children pay 2 crowns.")))
    await made.reload()
    (text,) = await news(made)
    assert "There is something new on what you watch." in text
    assert "Children pay 2 crowns." in text
    raise_revision(made.seeds.fact("ferry-child-fare"), "update", statement=both("Children pay 1 crown."))
    await made.reload()
    (text,) = await news(made)
    assert "Children pay 1 crown." in text


async def test_two_changes_before_the_next_contact_are_one_notice_from_what_was_known(made: World) -> None:
    await watch(made)
    change(made)
    await made.reload()
    change(made, price=6)
    await made.reload()
    (text,) = await news(made)
    assert OLD in text
    assert "The ferry costs 6 crowns." in text
    assert NEW not in text


async def test_each_change_is_told_until_it_is_watched_no_more(made: World) -> None:
    await watch(made)
    for price in (5, 6):
        change(made, price=price)
        await made.reload()
        assert len(await news(made)) == 1
    assert "1 fact" in plain((await made.ask("unwatch ferry-fare")).card)
    change(made, price=7)
    await made.reload()
    assert await news(made) == []


async def test_what_is_watched_can_be_listed_and_dropped_in_words(made: World) -> None:
    assert "You watch nothing." in plain((await made.ask("watch")).card)
    await made.ask("watch ferry-fare")
    await made.ask("suivre strike-began")
    listed = plain((await made.ask("watch")).card)
    assert "You watch 2 facts." in listed
    assert OLD in listed
    assert "Taken off: 2 facts." in plain((await made.ask("unwatch")).card)
    assert "You watch nothing." in plain((await made.ask("unwatch")).card)


@pytest.mark.parametrize("line", ["watch the harbour", "unwatch everything now", "suivre nowhere"])
async def test_other_words_after_it_make_it_a_question(made: World, line: str) -> None:
    assert (await made.ask(line)).answer is not None


async def test_another_persons_private_answer_cannot_be_watched(made: World) -> None:
    reply = await made.ask(FERRY)
    assert reply.showing is not None
    assert made.desk.watches is not None
    for person, place in ((EDITOR, CHANNEL), (EDITOR, OTHER_CHANNEL)):
        card = await made.desk.watches.watch([reply.showing.token], made.asking(person, place))
        assert "no longer at hand" in plain(card)


async def test_there_is_an_end_to_what_one_person_watches(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_WATCHED", 1)
    await made.ask("watch ferry-fare")
    assert "You watch 1 facts already" in plain((await made.ask("watch strike-began")).card)


async def test_what_a_person_watches_is_handed_out_and_forgotten(made: World) -> None:
    await made.ask("watch ferry-fare")
    assert [row["fact"] for row in (await made.state.privacy.export(READER))["watches"]] == ["ferry-fare"]
    await made.state.privacy.forget(READER)
    assert await made.state.watches.of(READER) == ()
