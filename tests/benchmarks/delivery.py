"""How fast editions are enqueued and sent, on SQLite and on PostgreSQL.

Run: python tests/benchmarks/delivery.py [SUBSCRIPTIONS]   (100,000 unless told)
Every subscription is due in the same minute and would get the same edition. The endpoint
answers at once, so that the figures are the ledger's own.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bot.adapters.state.rows import place_id, subscription_values
from bot.adapters.state.schema import places, subscriptions
from bot.adapters.state.state import State, open_state
from bot.briefing.card import Card
from bot.digest.ledger import Delivery, Parcel
from bot.digest.places import Place
from bot.digest.sending import Pace, Sender
from bot.digest.subscriptions import Standing, Subscription, Wish
from tests.databases import BACK_ENDS, fresh
from tests.newsroom import newsroom
from tests.seedfolder import both, fact
from tests.world import AT_NINE, EDITOR, START

SENT = 5_000  # of them are sent, which is enough to see the rate


class AtOnce:
    """A platform that takes everything at once."""

    platform = "test"
    recognises_repeats = timedelta(0)
    can_edit = False
    taken = 0

    def __init__(self) -> None:
        self.enough: Callable[[], None] = lambda: None

    def pages(self, card: Card) -> list[Card]:
        """One message."""
        return [card]

    async def send(self, parcel: Parcel) -> str:
        """Take it."""
        del parcel
        self.taken += 1
        if self.taken == SENT:
            self.enough()
        return f"m{self.taken}"

    async def find(self, delivery: Delivery) -> str | None:
        """Nothing is ever in doubt."""
        del delivery
        return None


async def subscribe(state: State, number: int) -> None:
    """Many places, written in large batches; only the set-up, so not measured."""
    wish = Wish(AT_NINE)
    first = AT_NINE.first(START)
    made = Subscription(0, Place("test", "w", "C"), EDITOR, wish, Standing.ACTIVE, 1, START, first)
    async with state.database.write() as connection:
        owner = await place_id(connection, EDITOR.own_place)
    for at in range(0, number, 5_000):
        some = range(at, min(at + 5_000, number))
        async with state.database.write() as connection:
            rows = [{"platform": "test", "workspace": "w", "channel": f"C{i}"} for i in some]
            await connection.execute(places.insert(), rows)
            first_id = await place_id(connection, Place("test", "w", f"C{some[0]}"))
            values = subscription_values(made)
            await connection.execute(
                subscriptions.insert(),
                [{**values, "place_id": first_id + i - some[0], "owner_id": owner} for i in some],
            )


def memory() -> int:
    """The most memory this process has taken so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def measure(back_end: str, url: str, folder: Path, number: int) -> None:
    """Print the figures of one database."""
    seeds = newsroom(folder)
    store = seeds.load()
    now = START + timedelta(hours=2, minutes=1)
    async with open_state(url, place_pace=timedelta(0)) as state:
        await state.record.take(store, START)
        await subscribe(state, number)
        seeds.facts.append(fact("news", statement=both("There is news.")))
        store = seeds.load()
        recorded = await state.record.take(store, START)
        before = memory()
        began = time.perf_counter()
        while await state.ledger.plan(now, timedelta(hours=6), 500):
            pass
        enqueued = time.perf_counter() - began
        outlet = AtOnce()
        sender = Sender(state.ledger, [outlet], lambda: now, Pace(at_once=50))
        sender.use(store, recorded.recording)
        began = time.perf_counter()
        outlet.enough = sender.stop
        await sender.run_once()
        sent = time.perf_counter() - began
        print(
            f"{back_end}: {number} editions enqueued in {enqueued:.1f} s ({number / enqueued:,.0f} a second); "
            f"{outlet.taken} sent in {sent:.1f} s ({outlet.taken / sent:,.0f} a second); "
            f"memory {before} MB before, {memory()} MB at most"
        )


def main() -> None:
    """Each database in turn."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for back_end in BACK_ENDS:
        with tempfile.TemporaryDirectory() as folder:
            for url in fresh(back_end, Path(folder)):
                asyncio.run(measure(back_end, url, Path(folder) / "seeds", number))


if __name__ == "__main__":
    main()
