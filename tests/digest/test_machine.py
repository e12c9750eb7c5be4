"""Planning, sending, dying, correcting, moving between zones and losing places, in any order."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.briefing.card import plain
from bot.digest.ledger import DeliveryKind, Parcel, PassingError, PermanentError
from bot.digest.places import Place, Visibility
from bot.digest.schedule import Cadence, Schedule
from bot.digest.subscriptions import Standing
from tests.seedfolder import both, raise_revision
from tests.world import EDITOR, START, World, world

PLACES = [Place("test", "w1", f"C{number}") for number in range(3)]
ZONES = ["Europe/Paris", "Pacific/Apia", "Pacific/Honolulu", "Asia/Kathmandu", "America/New_York"]
PRICE = re.compile(r"(?<!Before: )(?<!No longer current: )The ferry costs (\d+) crowns")


class KilledError(BaseException):
    """The process is gone; nothing after this happened."""


class Deliveries(RuleBasedStateMachine):
    """One newsroom, three channels, each with a subscription."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.mkdtemp()
        self.price = 4
        self.said: list[tuple[Place, int]] = []  # what readers of a place last saw the fare to be, in order
        self.heard = 0

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        url = f"sqlite:///{self.folder}/state.db"
        self.made: World = self.do(self.stack.enter_async_context(world(url, Path(self.folder) / "seeds")))
        for place in PLACES:
            self.do(self.made.subscribe(place, quiet_line=True))

    def listen(self) -> None:
        """Note what the platform took since last time."""
        for parcel in self.made.platform.messages[self.heard :]:
            prices = [int(price) for text in [_text(parcel)] for price in PRICE.findall(text)]
            if prices:
                self.said.append((parcel.delivery.place, max(prices)))
        self.heard = len(self.made.platform.messages)

    async def _tick(self, minutes: float) -> None:
        with suppress(KilledError):
            await self.made.tick(minutes=minutes)

    @rule(minutes=st.sampled_from([0.5, 3, 20, 60, 60 * 7, 60 * 24, 60 * 24 * 3]))
    def time_passes(self, minutes: float) -> None:
        self.do(self._tick(minutes))
        self.listen()

    @rule(
        minutes=st.sampled_from([0.5, 60, 60 * 24]),
        fault=st.sampled_from(
            [KilledError(), ConnectionResetError(), PassingError("ratelimited"), PermanentError("is_archived")]
        ),
        taken=st.booleans(),
        channel=st.sampled_from(["C0", "C1", "C2"]),
    )
    def time_passes_badly(self, minutes: float, fault: BaseException, channel: str, *, taken: bool) -> None:
        def strike(parcel: Parcel) -> Exception | None:
            return fault if parcel.delivery.place.channel == channel else None  # type: ignore[return-value]

        definite = isinstance(fault, PassingError | PermanentError)
        if taken and not definite:
            self.made.platform.after = strike
        else:
            self.made.platform.before = strike
        self.do(self._tick(minutes))
        self.made.platform.after = self.made.platform.before = lambda _: None
        self.listen()

    @rule(kind=st.sampled_from(["correction", "correction", "update", "typo"]))
    def an_editor_changes_the_fare(self, kind: str) -> None:
        self.price += 1
        raise_revision(
            self.made.seeds.fact("ferry-fare"), kind, statement=both(f"The ferry costs {self.price} crowns.")
        )
        if kind != "correction":
            # Readers need not hear of it: the older price counts as good as the new one.
            self.said = [(place, self.price if price == self.price - 1 else price) for place, price in self.said]
        self.do(self.made.reload())

    @rule(place=st.sampled_from(PLACES))
    def somebody_asks(self, place: Place) -> None:
        self.do(self.made.ask("what does the ferry cost?", place, visibility=Visibility.ALL))
        self.said.append((place, self.price))

    @rule(zone=st.sampled_from(ZONES), hour=st.integers(0, 23), place=st.sampled_from(PLACES))
    def a_channel_moves(self, zone: str, hour: int, place: Place) -> None:
        (held,) = self.do(self.made.state.subscriptions.of_place(place))
        wish = replace(held.wish, schedule=Schedule(Cadence.DAILY, time(hour), zone))
        changed = held.changed(wish, self.made.now)
        assert changed.next.due >= self.made.now
        assert changed.last is None or changed.next.day > changed.last.day
        self.do(self.made.state.subscriptions.save(changed, "change", EDITOR, self.made.now))

    @rule(place=st.sampled_from(PLACES))
    def a_channel_comes_back(self, place: Place) -> None:
        (held,) = self.do(self.made.state.subscriptions.of_place(place))
        if held.standing is Standing.SUSPENDED:
            self.do(self.made.state.subscriptions.save(held.resumed(self.made.now), "resume", EDITOR, self.made.now))

    @invariant()
    def nothing_is_there_twice(self) -> None:
        if hasattr(self, "made"):
            keys = Counter(parcel.delivery.key for parcel in self.made.platform.messages)
            assert not keys or max(keys.values()) == 1

    def teardown(self) -> None:
        try:
            if hasattr(self, "made"):
                self._in_the_end()
        finally:
            self.do(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    def _in_the_end(self) -> None:
        """When all has settled, no reachable place is left with a fare that was corrected since."""
        for minutes in (3, 3, 20, 20, 3):
            self.do(self._tick(minutes))
            self.listen()
        for place in PLACES:
            (held,) = self.do(self.made.state.subscriptions.of_place(place))
            prices = [price for where, price in self.said if where == place]
            if prices and held.standing is Standing.ACTIVE and not self._out_of_reach():
                assert prices[-1] == self.price, (place, prices, self.price)
            turns = self.do(self.made.state.reports.turns([held.id], None, 1000))
            days = [turn.day for turn in turns]
            assert len(days) == len(set(days))
            assert [turn.due for turn in turns] == sorted((turn.due for turn in turns), reverse=True)
            assert all(turn.due >= START for turn in turns)

    def _out_of_reach(self) -> bool:
        """Whether a correction could not be delivered while the place was away."""
        reports = self.do(self.made.state.reports.corrections())
        return any(report.out or report.failed for report in reports)


def _text(parcel: Parcel) -> str:
    return "" if parcel.delivery.kind is DeliveryKind.EDIT else plain(parcel.card)


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
