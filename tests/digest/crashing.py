"""A sender that is killed again and again: at its n-th step, then at its (n+1)-th, until it gets through.

Run by `test_crashes.py` in a process of its own. Every statement, commit and request is a step,
so that nothing has to be marked in the code. Each round has its own day; after each kill a second
process finds what the first left.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
from sqlalchemy import event

from bot.adapters.state.state import open_state
from bot.briefing.card import Card, plain
from bot.digest.ledger import CannotTellError, Delivery, Parcel
from bot.digest.places import Place
from bot.digest.schedule import Cadence, Schedule
from bot.digest.sending import Pace, Sender
from bot.digest.subscriptions import Wish
from tests.newsroom import newsroom
from tests.world import AT_NINE, EDITOR, START

PLACES = 3
LEASE = timedelta(seconds=60)


class Steps:
    """Counts what the sender does, and ends the process at one of them."""

    def __init__(self, deadly: int | None) -> None:
        self.deadly, self.count = deadly, 0

    def __call__(self, *_: Any, **__: Any) -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)


class HttpOutlet:
    """A platform over HTTP. `trusted` is for how long its recognition of repeats is relied on."""

    platform = "test"
    can_edit = False

    def __init__(self, session: aiohttp.ClientSession, options: SimpleNamespace, steps: Steps) -> None:
        self._session, self._steps = session, steps
        self._url, self._ask = options.endpoint, options.ask
        self.recognises_repeats = timedelta(seconds=options.trusted)

    def pages(self, card: Card) -> list[Card]:
        """One message."""
        return [card]

    async def send(self, parcel: Parcel) -> str:
        """Post it."""
        self._steps()
        delivery = parcel.delivery
        message = {
            "key": delivery.key,
            "slot": delivery.slot,
            "text": plain(parcel.card),
        }
        async with self._session.post(f"{self._url}/messages", json=message) as response:
            answer = await response.json()
        self._steps()
        return str(answer["id"])

    async def find(self, delivery: Delivery) -> str | None:
        """Look for it."""
        if not self._ask:
            raise CannotTellError
        async with self._session.get(f"{self._url}/messages/{delivery.key}") as response:
            answer = await response.json()
        return answer["id"] or None


async def one_run(options: SimpleNamespace, now: Callable[[], Any], deadly: int | None) -> None:
    """Everything that is due now, by a process that may not live to the end of it."""
    steps = Steps(deadly)
    async with open_state(options.database, place_pace=timedelta(0)) as state:
        engine = state.database.engine.sync_engine
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, name, steps)
        trace = aiohttp.TraceConfig()

        async def written(*_: object) -> None:
            steps()

        trace.on_request_chunk_sent.append(written)
        async with aiohttp.ClientSession(trace_configs=[trace]) as session:
            outlet = HttpOutlet(session, options, steps)
            pace = Pace(lease=LEASE, settling=timedelta(seconds=20))
            sender = Sender(state.ledger, [outlet], now, pace)
            sender.use(options.store, await state.record.head())
            await sender.run_once()


async def prepare(options: SimpleNamespace) -> None:
    """The facts are recorded and a few places subscribed, with a line on quiet days."""
    async with open_state(options.database) as state:
        await state.record.take(options.store, START)
        wish = Wish(Schedule(Cadence.DAILY, AT_NINE.at, "UTC"), quiet_line=True)
        for number in range(PLACES):
            await state.subscriptions.add(Place("test", "w", f"C{number}"), EDITOR, wish, START)


def in_a_child(work: Callable[[], Any]) -> bool:
    """Run something in a forked process; whether it lived to the end."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 (a child must never come back into this loop)
            print(f"child: {error!r}", file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(1)
    return os.WIFEXITED(status)


def crash(told: Mapping[str, Any]) -> int:
    """Kill at every step in turn; how often that was."""
    options = SimpleNamespace(**told)
    options.store = newsroom(Path(options.seeds)).load()
    in_a_child(lambda: prepare(options))
    kills = 0
    for at in range(options.first, 10_000, options.stride):
        now = START + timedelta(days=kills, hours=3)
        lived = in_a_child(lambda now=now, at=at: one_run(options, lambda: now, at))  # type: ignore[misc]
        for wait in (options.resume_after, options.resume_after + 70):
            later = now + timedelta(seconds=wait)
            in_a_child(lambda later=later: one_run(options, lambda: later, None))  # type: ignore[misc]
        if lived:
            break
        kills += 1
    return kills
