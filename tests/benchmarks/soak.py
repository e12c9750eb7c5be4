"""Simulated newsroom life at ten times a large newsroom's rate: does anything grow, or stay behind?

Run: PYTHONPATH=. python tests/benchmarks/soak.py [MINUTES]   (60 simulated minutes unless told)
Twenty questions a second, from many people in many channels, through the real desk with its state
on SQLite; subscriptions that come and go; edits of the facts, some of them broken; a platform that
refuses, loses answers and limits us; a digest that is due every quarter of an hour. The clock is
moved by hand, as fast as the work allows. Memory, open files and tasks are told at the end of each
tenth; in the end nothing may be pending.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from pydantic import SecretStr

from bot.app import App, build
from bot.desk import Asking
from bot.digest.ledger import Parcel, PassingError, PermanentError
from bot.digest.places import Person, Place, Visibility
from bot.digest.schedule import Cadence, Schedule
from bot.digest.subscriptions import Wish
from bot.settings import Settings
from tests.newsroom import newsroom
from tests.seedfolder import SeedFolder, both, raise_revision
from tests.world import EDITOR, START, Recorder

A_SECOND = 20  # questions; a large newsroom asks two
LONGEST_DRAIN = 1_000  # looks, of ten simulated seconds each
PEOPLE, CHANNELS, SUBSCRIBERS = 400, 60, 200
LINES = (
    "what does the ferry cost?", "combien coûte le ferry ?", "who is on strike?", "timeline", "disputes",
    "what is the capital of France?", "help", "digest list", "sources", "when did the strike begin?", "x" * 300, "why?",
)  # fmt: skip


@dataclass
class Measured:
    """What stands at one moment."""

    rss: float  # MB
    files: int
    tasks: int


@dataclass
class Soaked:
    """What came of it."""

    moments: list[Measured]
    lines: int
    sent: int
    spooled: int
    open_deliveries: int
    answer_99: float  # seconds


def measured() -> Measured:
    """The process as it stands."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Measured(
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())
    )


class Weather(Recorder):
    """A platform on a bad day; it forgets what it was sent, as this process should."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(recognises_repeats=timedelta(hours=1))
        self.chance, self.sent, self._known = chance, 0, set[str]()

    async def send(self, parcel: Parcel) -> str:
        """Take it, most of the time."""
        luck = self.chance.random()
        if luck < 0.05:
            raise PassingError("rate limited", retry_after=timedelta(seconds=5))
        if luck < 0.055:
            raise PermanentError("channel gone")
        if parcel.delivery.key not in self._known:
            self._known.add(parcel.delivery.key)
            self.sent += 1
        if luck < 0.08:
            raise ConnectionError
        return f"m{self.sent}"


@dataclass
class Clock:
    """Moved by hand."""

    now: datetime = START

    def __call__(self) -> datetime:
        """The time on it."""
        return self.now


class Life:
    """What a newsroom does in a simulated second."""

    def __init__(self, app: App, seeds: SeedFolder, chance: random.Random, clock: Clock) -> None:
        self.app, self.seeds, self.chance, self.clock = app, seeds, chance, clock
        self.lines = 0
        self.took: list[float] = []

    async def second(self) -> None:
        """Twenty questions, and whatever else is due."""
        self.clock.now += timedelta(seconds=1)
        await asyncio.gather(*(self._ask() for _ in range(A_SECOND)))
        passed = int((self.clock.now - START).total_seconds())
        if passed % 6 == 1:
            await self._subscribe()
        if passed % 300 == 11:
            await asyncio.to_thread(self._edit, passed)
        if passed % 15 == 0:
            await self.app.tick(self.clock)
        if passed % 900 == 0:
            await self.app.keep_house(self.clock.now)

    async def _ask(self) -> None:
        person = Person("test", "w1", f"U{self.chance.randrange(PEOPLE)}")
        number = self.chance.randrange(CHANNELS)
        place = person.own_place if number == 0 else Place("test", "w1", f"C{number}")
        seen = Visibility.ALL if self.chance.random() < 0.3 else Visibility.PRIVATE
        asking = Asking(self.clock.now, thread=place.channel, place=place, person=person, visibility=seen)
        began = time.perf_counter()
        reply = await self.app.desk.handle(self.chance.choice(LINES), asking)
        self.took.append(time.perf_counter() - began)
        await self.app.desk.delivered(reply, self.clock.now, f"a{self.lines}")
        self.lines += 1

    async def _subscribe(self) -> None:
        """Somebody comes and somebody goes; the next digest is due within the quarter of an hour."""
        local = self.clock.now + timedelta(minutes=self.chance.randrange(1, 15))
        wish = Wish(Schedule(Cadence.DAILY, local.time().replace(second=0, microsecond=0), "UTC"), quiet_line=True)
        place = Place("test", "w1", f"C{self.chance.randrange(SUBSCRIBERS)}")
        held = await self.app.state.subscriptions.of_place(place)
        if len(held) < 3:
            await self.app.state.subscriptions.add(place, EDITOR, wish, self.clock.now)

    def _edit(self, passed: int) -> None:
        """A correction, or a broken edit which is mended at the next turn."""
        fare = self.seeds.fact("ferry-fare")
        if passed % 600 < 300:
            fare["topic"] = "nowhere"
            self.seeds.write()
            return
        fare["topic"] = self.seeds.fact("few-strike")["topic"]
        raise_revision(fare, statement=both(f"The ferry costs {passed} crowns."))
        self.seeds.write()


async def unsent(app: App, clock: Clock) -> int:
    """How many deliveries are on their way."""
    pulse = await app.state.reports.pulse(clock())
    return sum(number for state, number in pulse.by_state if state.value in {"pending", "sending", "unknown"})


async def soak(minutes: int, folder: Path) -> Soaked:
    """So many simulated minutes of it."""
    chance = random.Random(1)
    seeds = newsroom(folder / "seeds")
    settings = Settings(seeds_dir=seeds.write(), database_url=SecretStr(f"sqlite:///{folder / 'soak.db'}"))
    weather = Weather(chance)
    clock = Clock()
    async with build(settings, clock, [weather]) as app:
        life = Life(app, seeds, chance, clock)
        moments = []
        tenth = max(1, minutes * 60 // 10)
        for second in range(minutes * 60):
            await life.second()
            if second % tenth == tenth - 1:
                moments.append(measured())
        still = await unsent(app, clock)
        for _ in range(LONGEST_DRAIN):  # what was refused waits for its turn, and each place takes one a second
            if not still:
                break
            clock.now += timedelta(seconds=10)
            await app.tick(clock)
            still = await unsent(app, clock)
        took = quantiles(life.took, n=100)[98]
        return Soaked(moments, life.lines, weather.sent, app.state.spool.pending, still, took)


def main() -> None:
    """Run and tell."""
    logging.disable(logging.WARNING)  # refusals and broken edits are part of it
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    began = datetime.now().astimezone()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(soak(minutes, Path(folder)))
    for number, moment in enumerate(found.moments, 1):
        print(f"{number * 10:3} %: {moment.rss:.0f} MB, {moment.files} open files, {moment.tasks} tasks")
    print(
        f"{found.lines} lines answered (99th percentile {found.answer_99 * 1000:.1f} ms beside 19 others), "
        f"{found.sent} delivered; pending in the end: {found.spooled} sightings, {found.open_deliveries} deliveries; "
        f"{(datetime.now().astimezone() - began).total_seconds():.0f} s"
    )


if __name__ == "__main__":
    main()
