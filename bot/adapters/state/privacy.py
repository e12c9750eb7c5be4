"""What is kept of people, for how long; what one of them has here; forgetting them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.rows import own_places
from bot.adapters.state.schema import (
    audit,
    cards,
    deliveries,
    editions,
    flags,
    looks,
    places,
    questions,
    seen_marks,
    sightings,
    subscriptions,
    watches,
)
from bot.digest.ledger import OPEN
from bot.digest.places import Person
from bot.digest.subscriptions import Standing


class Privacy:
    """Retention, export and forgetting."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply_retention(self, now: datetime, keep: Mapping[str, timedelta]) -> dict[str, int]:
        """Delete what is older than its time; `keep` names sightings, deliveries, questions, flags and audit.

        An edition that its subscription's next one still has to cover is not needed for that: the
        subscription itself knows how far it has come. Returns what was deleted of each kind.
        """
        finished = deliveries.c.state.not_in([state.value for state in OPEN])
        old = {
            "sightings": (sightings, sightings.c.shown_at < now - keep["sightings"]),
            "editions": (editions, editions.c.due < now - keep["deliveries"]),
            "deliveries": (deliveries, and_(finished, deliveries.c.due < now - keep["deliveries"])),
            "questions": (questions, questions.c.asked_at < now - keep["questions"]),
            "flags": (flags, flags.c.at < now - keep["flags"]),
            "audit": (audit, audit.c.at < now - keep["audit"]),
            "subscriptions": (
                subscriptions,
                and_(
                    subscriptions.c.standing == Standing.ENDED.value,
                    subscriptions.c.ended_at < now - keep["deliveries"],
                ),
            ),
        }
        deleted = {}
        async with self._database.write() as connection:
            for name, (table, where) in old.items():
                if name == "deliveries":
                    # A sighting outlives the delivery that it came with.
                    gone = select(deliveries.c.id).where(where)
                    await connection.execute(
                        sightings.update().where(sightings.c.delivery_id.in_(gone)).values(delivery_id=None)
                    )
                deleted[name] = await _delete(connection, table, where)
            used = or_(
                cards.c.id.in_(select(deliveries.c.card_id).where(deliveries.c.card_id.is_not(None))),
                cards.c.id.in_(select(sightings.c.card_id).where(sightings.c.card_id.is_not(None))),
            )
            deleted["cards"] = await _delete(connection, cards, ~used)
        return deleted

    async def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Everything that is held of a person, by table, as plain values."""
        found: dict[str, list[dict[str, Any]]] = {}
        async with self._database.read() as connection:
            for name, (table, where) in _of_person(person).items():
                rows = (await connection.execute(select(table).where(where))).mappings().all()
                found[name] = [{key: _plain(value) for key, value in row.items()} for row in rows]
        return found

    async def forget(self, person: Person) -> dict[str, int]:
        """Delete everything that is held of a person, their own subscriptions included.

        Channel subscriptions that they made go on; the channel is their owner then.
        """
        own = own_places(person)
        deleted = {}
        async with self._database.write() as connection:
            channels = and_(subscriptions.c.owner_id.in_(own), subscriptions.c.place_id.not_in(own))
            await connection.execute(subscriptions.update().where(channels).values(owner_id=subscriptions.c.place_id))
            for name, (table, where) in _of_person(person).items():
                deleted[name] = await _delete(connection, table, where)
        return deleted


def _of_person(person: Person) -> dict[str, tuple[Table, Any]]:
    own = own_places(person)
    return {
        "sightings": (sightings, or_(sightings.c.reader_id.in_(own), sightings.c.place_id.in_(own))),
        "seen": (seen_marks, seen_marks.c.person_id.in_(own)),
        "questions": (questions, or_(questions.c.person_id.in_(own), questions.c.place_id.in_(own))),
        "flags": (flags, or_(flags.c.person_id.in_(own), flags.c.place_id.in_(own))),
        "watches": (watches, watches.c.person_id.in_(own)),
        "looks": (looks, looks.c.person_id.in_(own)),
        "audit": (audit, audit.c.actor_id.in_(own)),
        "subscriptions": (
            subscriptions,
            or_(subscriptions.c.place_id.in_(own), subscriptions.c.owner_id.in_(own)),
        ),
        "deliveries": (deliveries, deliveries.c.place_id.in_(own)),
        "places": (places, places.c.id.in_(own)),  # the last: the others are found by it
    }


async def _delete(connection: AsyncConnection, table: Table, where: Any) -> int:
    return int((await connection.execute(table.delete().where(where))).rowcount)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
