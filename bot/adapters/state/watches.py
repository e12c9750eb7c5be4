"""Who wants to be told when a fact changes, in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.notifying import Reader
from bot.adapters.state.rows import insert, place_id
from bot.adapters.state.schema import watches
from bot.digest.journal import fact_change
from bot.digest.ledger import Sighted
from bot.digest.places import Person
from bot.facts.model import ChangeClass
from bot.facts.store import FactStore


class Watches:
    """Keeps what people watch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, person: Person, facts: Sequence[Sighted], now: datetime, address: str = "") -> None:
        """A person watches facts from the revision that they know; `address` is their open direct conversation."""
        async with self._database.write() as connection:
            number = await place_id(connection, person.own_place, **({"address": address} if address else {}))
            for one in facts:
                values = {"revision": one.revision, "since": now}
                statement = insert(connection, watches).values(person_id=number, fact=one.fact, **values)
                await connection.execute(
                    statement.on_conflict_do_update(index_elements=["person_id", "fact"], set_=values)
                )

    async def remove(self, person: Person, facts: Sequence[str] | None = None) -> int:
        """A person watches these facts no more, or none at all; returns how many they were."""
        async with self._database.write() as connection:
            number = await place_id(connection, person.own_place)
            gone = watches.delete().where(watches.c.person_id == number)
            if facts is not None:
                gone = gone.where(watches.c.fact.in_(facts))
            return int((await connection.execute(gone)).rowcount)

    async def of(self, person: Person) -> tuple[str, ...]:
        """The facts that a person watches, the newest wish first."""
        async with self._database.write() as connection:
            number = await place_id(connection, person.own_place)
            query = select(watches.c.fact).where(watches.c.person_id == number)
            rows = await connection.execute(query.order_by(watches.c.since.desc(), watches.c.fact))
            return tuple(rows.scalars())


async def watchers(
    connection: AsyncConnection,
    store: FactStore,
    fresh: Sequence[Mapping[str, Any]],
    corrected: Sequence[Reader],
    now: datetime,
) -> list[Reader]:
    """Who is told of what is new: a change of a fact that they watch, or another fact on its topic.

    Whoever is told of the same by a correction is not told twice.
    """
    known = {row["fact"] for row in fresh if row["revision"] > 1}
    changed = {row["fact"] for row in fresh}
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for fact_id in sorted(changed - known):
        fact = store.facts[fact_id]
        for other in store.facts_of(store.story_of[fact_id]):
            if other.topic == fact.topic and other.id != fact_id:
                beside[other.id].append(fact_id)
    wanted = sorted({*known, *beside})
    told = {(reader.place, reader.fact) for reader in corrected}
    found: dict[tuple[int, str], Reader] = {}
    for at in range(0, len(wanted), 500):
        query = select(watches).where(watches.c.fact.in_(wanted[at : at + 500])).order_by(watches.c.person_id)
        for row in (await connection.execute(query)).mappings().all():
            person, watched, seen = row["person_id"], row["fact"], row["revision"]
            if watched in known and (person, watched) not in told and _telling(store, watched, seen):
                found[person, watched] = Reader(person, watched, seen, row["since"])
            for new in beside.get(watched, ()):
                found.setdefault((person, new), Reader(person, new, 0, now))
    for reader in found.values():
        known_now = {"revision": store.facts[reader.fact].revision}
        wish = {"person_id": reader.place, "fact": reader.fact, "since": now, **known_now}
        statement = insert(connection, watches).values(wish)
        await connection.execute(statement.on_conflict_do_update(index_elements=["person_id", "fact"], set_=known_now))
    return list(found.values())


def _telling(store: FactStore, fact: str, seen: int) -> bool:
    """Whether what became of a fact is worth a word; a typo is not."""
    return bool(fact_change(store.facts[fact], seen).classes - {ChangeClass.TYPO})
