"""Digests and corrections on Slack: each once, whatever gets lost; refusals classed; channels paced."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.outlet import Pacing, SlackOutlet, classed
from bot.digest.ledger import LayoutError, PassingError, PermanentError
from bot.digest.places import Person, Place
from bot.digest.sending import Pace, Sender
from bot.digest.subscriptions import Standing
from tests.adapters.slack.fakeslack import TEAM, Fault, Shown
from tests.adapters.slack.newsdesk import ANN, BOB, Workspace
from tests.seedfolder import raise_revision

CHANNEL = Place("slack", TEAM, "C1")
OWNER = Person("slack", TEAM, ANN)


@pytest.fixture
async def sending(news: Workspace) -> Workspace:
    """The workspace with a sender of its own."""
    world = news.world
    outlet = SlackOutlet(news.bot.workspaces, Pacing(0.0))
    world.sender = Sender(world.state.ledger, [outlet], lambda: world.now, Pace(settling=timedelta(seconds=20)))
    await world.reload()
    return news


async def digest_due(news: Workspace, place: Place = CHANNEL, **wish: Any) -> int:
    made = await news.world.subscribe(place, OWNER, quiet_line=True, **wish)
    return made.id


def posted(news: Workspace, channel: str = "C1") -> list[Shown]:
    return [one for one in news.slack.shown if one.channel == channel and not one.user]


def correct_fare(news: Workspace) -> None:
    statement = {"en": "The ferry costs 5 crowns.", "fr": "Le bac coûte 5 couronnes."}
    raise_revision(news.world.seeds.fact("ferry-fare"), statement=statement)


async def test_a_digest_comes_once_with_its_key_and_buttons(sending: Workspace) -> None:
    number = await digest_due(sending)
    await sending.world.tick(hours=2)
    await sending.world.tick(minutes=1)
    [shown] = posted(sending)
    assert shown.metadata is not None
    assert shown.metadata["event_type"] == "briefbot_delivery"
    assert len(shown.metadata["event_payload"]["key"]) == 24
    assert [one["text"]["text"] for one in shown.buttons] == ["Pause", "Change", "Unsubscribe"]
    assert shown.button("Pause")["value"] == f"digest pause #{number}"


@pytest.mark.parametrize(
    "fault", [Fault(drop=True, after=True), Fault(status=500, after=True), Fault(error="internal_error", after=True)]
)
async def test_a_lost_answer_makes_no_second_message_where_history_can_be_read(
    sending: Workspace, fault: Fault
) -> None:
    sending.slack.may_read_history = True
    await digest_due(sending)
    sending.slack.fail("chat.postMessage", fault)
    await sending.world.tick(hours=2)
    assert len(posted(sending)) == 1
    assert sending.slack.count("chat.postMessage") == 1  # one call, one request
    for shown in posted(sending):
        shown.ts = f"{sending.world.now.timestamp():.6f}"  # Slack's clock is the world's
    await sending.world.tick(seconds=21)
    await sending.world.tick(minutes=5)
    assert sending.slack.count("conversations.history") == 1
    assert len(posted(sending)) == 1


async def test_a_request_that_got_lost_on_its_way_is_sent_again(sending: Workspace) -> None:
    sending.slack.may_read_history = True
    await digest_due(sending)
    sending.slack.fail("chat.postMessage", Fault(drop=True))
    await sending.world.tick(hours=2)
    assert posted(sending) == []
    await sending.world.tick(seconds=21)
    assert len(posted(sending)) == 1


async def test_where_history_cannot_be_read_the_one_repeat_says_so(sending: Workspace) -> None:
    await digest_due(sending)
    sending.slack.fail("chat.postMessage", *[Fault(drop=True, after=True)] * 4)
    await sending.world.tick(hours=2)
    await sending.world.tick(seconds=21)
    await sending.world.tick(minutes=5)
    await sending.world.tick(minutes=30)
    assert len(posted(sending)) == 2
    assert "This may be a repeat" in posted(sending)[1].words
    assert "This may be a repeat" not in posted(sending)[0].words


async def test_429_closes_the_workspace_for_as_long_as_slack_says(sending: Workspace) -> None:
    await digest_due(sending)
    await digest_due(sending, Place("slack", TEAM, "CPUB"))
    sending.slack.fail("chat.postMessage", Fault(status=429, retry_after=40), Fault(status=429, retry_after=40))
    await sending.world.tick(hours=2)
    sent = sending.slack.count("chat.postMessage")
    await sending.world.tick(seconds=30)
    assert sending.slack.count("chat.postMessage") == sent
    await sending.world.tick(seconds=30)
    assert len(sending.slack.shown) == 2


@pytest.mark.parametrize("word", ["channel_not_found", "not_in_channel", "is_archived", "cannot_dm_bot"])
async def test_a_closed_channel_suspends_its_subscription_alone(sending: Workspace, word: str) -> None:
    number = await digest_due(sending)
    await digest_due(sending, Place("slack", TEAM, "CPUB"))
    sending.slack.fail("chat.postMessage", Fault(error=word))
    await sending.world.tick(hours=2)
    held = await sending.world.state.subscriptions.get(number)
    assert held is not None
    assert (held.standing, held.reason) == (Standing.SUSPENDED, word)
    assert len(posted(sending, "CPUB")) == 1
    await sending.world.tick(hours=30)
    assert posted(sending) == []


@pytest.mark.parametrize("word", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_dead_token_closes_the_workspace_until_it_is_opened_again(sending: Workspace, word: str) -> None:
    await digest_due(sending)
    sending.slack.fail("chat.postMessage", *[Fault(error=word)] * 9)
    await sending.world.tick(hours=2)
    await sending.world.tick(hours=26)
    assert sending.slack.count("chat.postMessage") <= 3
    sending.slack.faults.clear()
    await sending.world.state.ledger.reopen(f"slack:{TEAM}")
    await sending.world.tick(hours=24)
    assert posted(sending)


@pytest.mark.parametrize("word", ["msg_blocks_too_long", "invalid_blocks"])
async def test_a_refused_layout_is_our_fault_and_not_the_channels(sending: Workspace, word: str) -> None:
    number = await digest_due(sending)
    sending.slack.fail("chat.postMessage", Fault(error=word))
    await sending.world.tick(hours=2)
    held = await sending.world.state.subscriptions.get(number)
    assert held is not None
    assert held.standing is Standing.ACTIVE
    await sending.world.tick(hours=24)
    assert len(posted(sending)) == 1


async def test_a_correction_edits_the_answer_and_tells_its_channel(sending: Workspace) -> None:
    await sending.slash("answers public")
    shown = await sending.slash("what does the ferry cost?")
    assert shown.user == ""
    correct_fare(sending)
    sending.world.now += timedelta(hours=1)
    await sending.world.reload()
    await sending.world.tick(seconds=1)
    await sending.world.tick(seconds=30)
    assert shown.edited == 1
    notice = posted(sending)[-1]
    assert notice.ts != shown.ts
    assert "Correction" in notice.words
    assert [one["text"]["text"] for one in notice.buttons] == ["Seen"]
    seen = await sending.presses(notice, "Seen")
    assert (seen.user, "you have seen it" in seen.words) == (BOB, True)


async def test_a_private_answer_is_corrected_privately(sending: Workspace) -> None:
    await sending.slash("what does the ferry cost?")
    correct_fare(sending)
    sending.world.now += timedelta(hours=1)
    await sending.world.reload()
    await sending.world.tick(minutes=1)
    assert len(sending.slack.shown) == 1
    before = len(sending.slack.shown)
    await sending.slash("when did the strike begin?")
    await sending.slack.until(lambda: len(sending.slack.shown) == before + 2)
    notice = sending.slack.shown[-1]
    assert notice.user == BOB
    assert "Correction" in notice.words
    await sending.bot.finish(5)
    await sending.slash("who is Ada Marsh?")
    await sending.bot.finish(5)
    assert sum("Correction" in one.words for one in sending.slack.shown) == 1


async def test_an_editors_answer_goes_where_it_was_asked(sending: Workspace) -> None:
    await sending.slash("answers public")
    await sending.says("<@UBOT> who owns the lighthouse?", thread_ts="1.1")
    await sending.says("who owns the lighthouse?", ANN, f"D{ANN}")
    told = await sending.says("queue answer q1 ferry-fare", ANN, f"D{ANN}")
    assert "2" in told.words
    await sending.world.tick(seconds=2)
    answers = [one for one in sending.slack.shown if "The ferry costs 4 crowns." in one.text and one.metadata]
    assert {(one.channel, one.thread, one.user) for one in answers} >= {("C1", "1.1", "")}


async def test_a_message_that_cannot_be_edited_is_still_followed_by_a_notice(sending: Workspace) -> None:
    await sending.slash("answers public")
    await sending.slash("what does the ferry cost?")
    correct_fare(sending)
    sending.slack.fail("chat.update", Fault(error="edit_window_closed"))
    sending.world.now += timedelta(hours=1)
    await sending.world.reload()
    await sending.world.tick(seconds=1)
    await sending.world.tick(seconds=30)
    assert "Correction" in posted(sending)[-1].words


async def test_one_message_a_second_for_each_channel() -> None:
    pacing = Pacing(0.2)
    began = time.monotonic()
    for _ in range(3):
        await pacing.turn("C1")
    await pacing.turn("C2")
    assert 0.4 <= time.monotonic() - began < 0.6
    pacing = Pacing(2.0)
    await pacing.turn("C1")
    pacing._next["C1"] += 5
    with pytest.raises(PassingError):
        await pacing.turn("C1")


async def test_a_direct_conversation_that_was_never_opened_is_not_opened_to_deliver(sending: Workspace) -> None:
    number = await digest_due(sending, replace(OWNER.own_place))
    await sending.world.tick(hours=2)
    held = await sending.world.state.subscriptions.get(number)
    assert held is not None
    assert held.standing is Standing.SUSPENDED
    assert sending.slack.count("conversations.open") == 0


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("ratelimited", PassingError),
        ("a_word_of_tomorrow", PassingError),
        ("is_archived", PermanentError),
        ("missing_scope", PermanentError),
        ("msg_too_long", LayoutError),
        ("message_not_found", LayoutError),
    ],
)
def test_each_refusal_has_its_class(word: str, kind: type[Exception]) -> None:
    error: Any = SlackApiError("", {"ok": False, "error": word})  # type: ignore[no-untyped-call]
    assert isinstance(classed(error), kind)
