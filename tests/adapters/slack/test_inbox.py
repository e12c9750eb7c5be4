"""Each request once, and none forgotten: retries, crashes, a database that is slow or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.adapters.slack.inbox import LEASE, Inbox
from bot.adapters.state.state import State, open_state
from bot.errors import StateError
from tests.adapters.slack.newsdesk import BOB, FORM, Workspace, bot_over, event_of

QUESTION = "when did the strike begin?"
NOW = datetime(2025, 3, 12, 6, 0, tzinfo=UTC)


@asynccontextmanager
async def state_at(url: str) -> AsyncIterator[State]:
    async with open_state(url) as state:
        yield state


async def test_a_request_is_taken_once_until_its_lease_lapses(database: str) -> None:
    async with state_at(database) as state:
        inbox = state.inbox
        assert await inbox.take("slack", "Ev1", {"a": 1}, NOW, LEASE)
        assert not await inbox.take("slack", "Ev1", {"a": 1}, NOW, LEASE)
        assert await inbox.take("discord", "Ev1", {}, NOW, LEASE)
        assert await inbox.take_over("slack", NOW + LEASE, LEASE) == []
        later = NOW + LEASE + timedelta(seconds=1)
        found = await inbox.take_over("slack", later, LEASE)
        assert [(one.key, one.body, one.received) for one in found] == [("Ev1", {"a": 1}, NOW)]
        assert await inbox.take_over("slack", later, LEASE) == []
        assert not await inbox.take("slack", "Ev1", {"a": 1}, later, LEASE)
        assert await inbox.take("slack", "Ev1", {"a": 1}, later + LEASE * 2, LEASE)
        await inbox.done("slack", "Ev1", later)
        assert not await inbox.take("slack", "Ev1", {"a": 1}, later + LEASE * 9, LEASE)
        assert await inbox.take_over("slack", later + LEASE * 9, LEASE) == []


async def test_of_many_who_take_it_one_gets_it(database: str) -> None:
    async with state_at(database) as state:
        taken = await asyncio.gather(*(state.inbox.take("slack", "Ev1", {}, NOW, LEASE) for _ in range(8)))
        assert sum(taken) == 1


async def test_the_body_is_gone_once_it_is_done(news: Workspace) -> None:
    await news.event(news.message(QUESTION, channel=f"D{BOB}"))
    await news.settled(0)
    await news.bot.finish(5)
    async with news.world.state.database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT done_at, body FROM inbox")).mappings().all()
    assert [(bool(row["done_at"]), row["body"]) for row in rows] == [(True, None)]


async def test_a_retried_event_is_handled_once(news: Workspace) -> None:
    body = event_of(news.message(QUESTION, channel=f"D{BOB}"))
    for attempt in range(4):
        # Each retry is signed anew; a space stands for the seconds in between.
        assert (await news.post(json.dumps(body).encode() + b" " * attempt)).status == 200
    await news.settled(0)
    await news.bot.finish(5)
    assert len(news.slack.shown) == 1


async def test_a_second_replica_does_not_handle_it_again(news: Workspace) -> None:
    other = bot_over(news.world, news.slack)
    body = event_of(news.message(QUESTION, channel=f"D{BOB}"))
    await news.post(json.dumps(body).encode())
    await news.settled(0)
    assert not await other.inbox.first(body)


async def test_only_a_retry_that_comes_is_not_dropped(news: Workspace) -> None:
    await news.post(json.dumps(event_of(news.message(QUESTION, channel=f"D{BOB}"))).encode())
    assert len(await news.settled(0)) == 1


@pytest.mark.parametrize("kind", ["event", "command"])
async def test_what_was_acknowledged_before_a_crash_is_answered_after_it(news: Workspace, kind: str) -> None:
    crashed = asyncio.Event()

    async def crash(*_: Any) -> None:
        crashed.set()
        await asyncio.Event().wait()  # the process is gone: nothing more happens in it

    news.bot.front.people.profile = crash  # type: ignore[assignment, method-assign]
    if kind == "event":
        assert (await news.event(news.message(QUESTION, channel=f"D{BOB}"))).status == 200
    else:
        assert (await news.post(urlencode(news.command(QUESTION)).encode(), FORM)).status == 200
    await crashed.wait()
    news.bot.inbox.running.clear()

    reborn = bot_over(news.world, news.slack)
    assert await reborn.take_up() == 0  # the dead one's lease still runs
    news.world.now += LEASE + timedelta(seconds=1)
    assert await reborn.take_up() == 1
    assert len(await news.settled(0)) == 1
    await reborn.finish(5)
    news.world.now += LEASE * 3
    assert await reborn.take_up() == 0
    assert len(news.slack.shown) == 1


async def test_a_retry_of_what_was_never_finished_is_finished(news: Workspace) -> None:
    body = event_of(news.message(QUESTION, channel=f"D{BOB}"))
    assert await news.world.state.inbox.take("slack", body["event_id"], body, news.world.now, LEASE)
    news.world.now += LEASE + timedelta(seconds=1)  # Slack's second retry
    assert (await news.post(json.dumps(body).encode())).status == 200
    assert len(await news.settled(0)) == 1


async def test_what_is_too_old_is_struck_out(news: Workspace) -> None:
    command = dict(news.command(QUESTION))
    await news.world.state.inbox.take("slack", command["trigger_id"], command, news.world.now, LEASE)
    news.world.now += timedelta(minutes=31)
    assert await news.bot.take_up() == 0
    assert await news.world.state.inbox.take_over("slack", news.world.now + timedelta(hours=1), LEASE) == []


class Slow:
    """A table that takes its time, or fails."""

    def __init__(self, seconds: float = 0.0, *, broken: bool = False) -> None:
        self.seconds, self.broken = seconds, broken

    async def take(self, *_: Any) -> bool:
        await asyncio.sleep(self.seconds)
        if self.broken:
            raise StateError("gone")
        return True

    async def done(self, *_: Any) -> None:
        await self.take()

    async def take_over(self, *_: Any) -> list[Any]:
        return []


async def test_a_slow_database_does_not_cost_the_acknowledgement(news: Workspace) -> None:
    inbox = Inbox(Slow(5.0), lambda: NOW)
    began = asyncio.get_running_loop().time()
    assert await inbox.first(event_of(news.message(QUESTION)))
    assert asyncio.get_running_loop().time() - began < 2
    for task in inbox._writing:
        task.cancel()


async def test_a_database_that_fails_does_not_cost_the_answer(news: Workspace) -> None:
    inbox = Inbox(Slow(broken=True), lambda: NOW)
    body = event_of(news.message(QUESTION))
    assert await inbox.first(body)
    assert not await inbox.first(body)  # remembered in memory all the same
    await inbox.done(body)
    await inbox.idle()
