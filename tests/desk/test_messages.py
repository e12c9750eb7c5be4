"""What can be done with an answer that was shown, and what a channel is set to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.briefing.card import CardKind, plain
from bot.desk import Reply
from bot.desk.messages import MessageDesk
from bot.digest.places import Visibility
from bot.digest.sightings import FlagReason
from tests.newsroom import STORY
from tests.seedfolder import both, raise_revision
from tests.world import CHANNEL, EDITOR, OTHER_CHANNEL, READER, World, world

FERRY = "what does the ferry cost?"
GONE = "This answer is no longer at hand."


@pytest.fixture(name="made")
async def _made(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


def messages(made: World) -> MessageDesk:
    assert made.desk.messages is not None
    return made.desk.messages


def token_of(reply: Reply) -> str:
    assert reply.showing is not None
    return reply.showing.token


async def test_a_private_answer_is_shared_by_whom_it_was_shown_to(made: World) -> None:
    reply = await made.ask(FERRY)
    shared = await made.desk.shared([token_of(reply)], made.asking(READER))
    assert shared.visibility is Visibility.ALL
    assert plain(shared.card) == plain(reply.card)
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    assert (await made.reload()).chased == 2  # the channel, and the reader


async def test_nobody_else_can_share_it_nor_elsewhere(made: World) -> None:
    token = token_of(await made.ask(FERRY))
    for keys, person, place, why in (
        ([token], EDITOR, CHANNEL, GONE),
        ([token], READER, OTHER_CHANNEL, "only where it was given"),
        (["~0000000000000000"], READER, CHANNEL, GONE),
        ([""], READER, CHANNEL, GONE),
    ):
        reply = await made.desk.shared(keys, made.asking(person, place))
        assert reply.visibility is Visibility.PRIVATE
        assert why in plain(reply.card)


@pytest.mark.parametrize("kind", ["correction", "update", "retraction"])
async def test_what_has_changed_since_is_not_shared_as_it_was(made: World, kind: str) -> None:
    token = token_of(await made.ask(FERRY))
    state = {"state": "retracted"} if kind == "retraction" else {"statement": both("The ferry costs 5 crowns.")}
    raise_revision(made.seeds.fact("ferry-fare"), kind, **state)
    await made.reload()
    reply = await made.desk.shared([token], made.asking(READER))
    assert reply.visibility is Visibility.PRIVATE
    assert "has changed since" in plain(reply.card)


async def test_more_shows_every_fact_whole(made: World) -> None:
    token = token_of(await made.ask("how many dockers are on strike?"))
    card = await messages(made).more([token], made.asking(READER))
    assert card.kind is CardKind.FACT
    text = plain(card)
    assert "Fact many-strike, revision 1" in text
    assert "Fact few-strike, revision 1" in text
    assert GONE in plain(await messages(made).more(["~nothing"], made.asking(READER)))


async def test_a_page_of_a_private_answer_is_for_its_reader_only(made: World) -> None:
    reply = await made.ask(FERRY)
    again = await messages(made).again([token_of(reply)], made.asking(READER))
    assert plain(again) == plain(reply.card)
    assert GONE in plain(await messages(made).again([token_of(reply)], made.asking(EDITOR)))


async def test_a_public_answer_is_found_by_its_message(made: World) -> None:
    reply = await made.ask(FERRY, visibility=Visibility.ALL)
    message = f"a{made.now.timestamp():.0f}"
    again = await messages(made).again([message], made.asking(EDITOR))
    assert plain(again) == plain(reply.card)


async def test_a_flag_is_kept_with_the_facts_it_is_about(made: World) -> None:
    token = token_of(await made.ask(FERRY))
    card = await messages(made).flag([token], FlagReason.WRONG, "x" * 2_000, FERRY, made.asking(READER))
    assert "The editors will see it." in plain(card)
    ((entry,), number) = await made.state.queue.waiting(5)
    assert (entry.facts, entry.reason, number) == (("ferry-fare",), FlagReason.WRONG, 1)
    assert [len(note) for note in entry.notes] == [1_000]


async def test_only_who_manages_a_channel_changes_what_it_is_set_to(made: World) -> None:
    for line in ("answers public", f"story {STORY}", "story none"):
        assert "You may not change" in plain((await made.ask(line)).card)
    assert made.desk.channels is not None
    settings = await made.desk.channels.settings(CHANNEL, made.now)
    assert (settings.public, settings.story) == (False, "")


async def test_a_channel_is_bound_to_a_story_and_made_public_for_its_threads_too(made: World) -> None:
    await made.ask(f"story {STORY}", person=EDITOR, may_manage=True)
    told = plain((await made.ask("réponses publiques", person=EDITOR, may_manage=True)).card)
    assert "Answers are shown to everyone here." in told
    channels = made.desk.channels
    assert channels is not None
    thread = made.thread(CHANNEL)
    assert await channels.visibility(thread, made.now) is Visibility.ALL
    assert (await channels.bound(made.asking(READER, thread))).story == STORY
    assert await channels.visibility(OTHER_CHANNEL, made.now) is Visibility.PRIVATE
    await made.ask("story none", person=EDITOR, may_manage=True)
    assert (await channels.bound(made.asking(READER))).story is None


async def test_another_process_sees_a_changed_setting_within_a_minute(made: World) -> None:
    from bot.desk.channels import ChannelDesk  # noqa: PLC0415 (a second desk over the same state)

    other = ChannelDesk(made.state, lambda: made.desk.store)
    assert not (await other.settings(CHANNEL, made.now)).public
    await made.ask("answers public", person=EDITOR, may_manage=True)
    assert not (await other.settings(CHANNEL, made.now)).public
    made.now += timedelta(seconds=61)
    assert (await other.settings(CHANNEL, made.now)).public
