"""How many questions the desk answers in a second on one core, each with its sighting on disk.

Run: PYTHONPATH=. python tests/benchmarks/desk.py [SECONDS]   (10 unless told)
The facts of `seeds/`, the state in a SQLite file with full synchronisation. First as fast as it goes,
with 32 people asking at once; then at a steady pace of so many a second, where the time that an answer
takes is told. Also: the time from nothing to ready, and the memory then.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path
from statistics import median, quantiles

from pydantic import SecretStr

from bot.adapters.terminal.scoring import read_questions
from bot.app import App, build
from bot.desk import Asking
from bot.digest.places import Person, Place
from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
AT_ONCE = 32
PACES = (100, 300, 500, 1000)  # questions a second


def questions() -> list[str]:
    """Those of the question files that stand alone."""
    files = sorted((ROOT / "tests/questions").glob("*.yaml"))
    return [question.q for file in files for question in read_questions(file) if not question.thread]


def resident() -> float:
    """The memory in use, in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def ask(app: App, line: str, number: int) -> float:
    """One question of somebody; the seconds that its answer took."""
    person = Person("test", "w1", f"U{number % 500}")
    began = time.perf_counter()
    await app.desk.handle(line, Asking(NOW, place=Place("test", "w1", f"C{number % 50}"), person=person))
    return time.perf_counter() - began


async def flat_out(app: App, lines: Sequence[str], seconds: float) -> float:
    """Questions a second, with several people asking at once."""
    numbers, source, end = count(), cycle(lines), time.perf_counter() + seconds
    done = 0

    async def asker() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await ask(app, next(source), next(numbers))
            done += 1

    await asyncio.gather(*(asker() for _ in range(AT_ONCE)))
    return done / seconds


async def paced(app: App, lines: Sequence[str], pace: int, seconds: float) -> list[float]:
    """How long each answer took, counted from when it should have been asked."""
    source, began = cycle(lines), time.perf_counter()
    took: list[float] = []

    async def at(number: int) -> None:
        due = began + number / pace
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await ask(app, next(source), number)
        took.append(time.perf_counter() - due)

    await asyncio.gather(*(at(number) for number in range(int(pace * seconds))))
    return took


async def measure(seconds: float) -> None:
    """Tell the figures."""
    lines = questions()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(seeds_dir=ROOT / "seeds", database_url=SecretStr(f"sqlite:///{folder}/state.db"))
        async with build(settings) as app:
            print(f"ready after {time.perf_counter() - began:.2f} s, {resident():.0f} MB")
            await flat_out(app, lines, 1)
            print(f"{await flat_out(app, lines, seconds):.0f} questions a second with {AT_ONCE} at once")
            for pace in PACES:
                took = await paced(app, lines, pace, seconds)
                worst = quantiles(took, n=100)[98]
                print(f"at {pace} a second: median {median(took) * 1e3:.1f} ms, 99th {worst * 1e3:.1f} ms")


def main() -> None:
    """Run on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 10))


if __name__ == "__main__":
    main()
