"""Several senders on one PostgreSQL database, killed and started at random: each edition once.

In CI with fewer; `python -m tests.digest.test_workers 10000` runs it in full.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.state.state import open_state
from bot.digest.ledger import DeliveryState
from bot.digest.places import Place
from bot.digest.schedule import Cadence, Schedule
from bot.digest.subscriptions import Wish
from tests.conftest import ROOT
from tests.databases import fresh
from tests.digest.test_crashes import Endpoint, ledger, served
from tests.newsroom import newsroom
from tests.world import AT_NINE, EDITOR, START

WORKERS = 3
BETWEEN_KILLS = (20, 80)  # messages, not seconds: on a slow machine, nobody would live to send any
PATIENCE = 900  # seconds for all of 10,000


async def run_workers(endpoint: Endpoint, database: str, folder: Path, places: int) -> int:
    """Deliver to every place with three workers, one of which dies now and then; returns how often."""
    seeds = newsroom(folder / "seeds")
    store = seeds.load()
    async with open_state(database) as state:
        await state.record.take(store, START)
        wish = Wish(Schedule(Cadence.DAILY, AT_NINE.at, "UTC"), quiet_line=True)
        for number in range(places):
            await state.subscriptions.add(Place("test", "w", f"C{number}"), EDITOR, wish, START)
    kills = 0
    chance = random.Random(7)
    async with served(endpoint) as url:
        began = time.monotonic()

        async def start() -> asyncio.subprocess.Process:
            told = {
                "database": database,
                "seeds": str(folder / "seeds"),
                "endpoint": url,
                "trusted": 0,
                "ask": True,
                "at": timedelta(hours=3).total_seconds() + time.monotonic() - began,
            }
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.digest.working", json.dumps(told), cwd=ROOT
            )

        workers = [await start() for _ in range(WORKERS)]
        next_kill = chance.randint(*BETWEEN_KILLS)
        try:
            async with asyncio.timeout(PATIENCE):
                while any(worker.returncode is None for worker in workers):
                    await asyncio.sleep(0.05)
                    victim = chance.randrange(WORKERS)
                    if len(endpoint.messages) >= next_kill and workers[victim].returncode is None:
                        workers[victim].kill()
                        await workers[victim].wait()
                        kills += 1
                        workers[victim] = await start()
                        next_kill = len(endpoint.messages) + chance.randint(*BETWEEN_KILLS)
            assert [worker.returncode for worker in workers] == [0] * WORKERS
        finally:
            for worker in workers:
                if worker.returncode is None:
                    worker.kill()
    return kills


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield from fresh("postgresql", tmp_path)


async def test_three_workers_deliver_each_edition_once(postgresql: str, tmp_path: Path) -> None:
    # Each message takes its time, so that the workers live long enough to be killed.
    endpoint = Endpoint(recognises=False, takes=0.4)
    kills = await run_workers(endpoint, postgresql, tmp_path, 400)
    assert kills > 0
    assert set(endpoint.copies.values()) == {1}
    assert await ledger(postgresql) == {DeliveryState.SENT: 400}


def main() -> None:
    """With as many places as the command line says; prints what became of it."""
    places = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        for url in fresh("postgresql", Path(folder)):
            endpoint, began = Endpoint(recognises=False), time.monotonic()
            kills = asyncio.run(run_workers(endpoint, url, Path(folder), places))
            doubles = sum(copies - 1 for copies in endpoint.copies.values())
            lost = places - len(endpoint.copies)
            print(f"{places} editions, {kills} kills, {lost} lost, {doubles} doubled, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
