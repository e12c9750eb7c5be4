"""Notices about facts that changed: corrections for who saw an old revision, news for who watches one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.rows import or_ignore
from bot.adapters.state.schema import correction_facts, deliveries, places, sightings
from bot.digest.ledger import DeliveryKind, DeliveryState

Thing = TypeVar("Thing")
CHUNK = 500  # values in one statement


@dataclass(frozen=True, slots=True)
class Reader:
    """A place that saw an older revision: which, when last, and whether a direct message may go there."""

    place: int
    fact: str
    seen: int
    shown_at: datetime


async def start_corrections(
    connection: AsyncConnection, readers: Sequence[Reader], recording: int, slot: str, now: datetime
) -> int:
    """A correction for each place, and an edit of each message that was shown to all; returns the number of places.

    A private sighting's reader is the person's own place: it waits for the person's next contact
    unless that person takes direct messages or was shown the fact there.
    """
    by_place = await _start(connection, DeliveryKind.CORRECTION, readers, recording, slot, now)
    await _edits(connection, by_place, recording, now)
    return len(by_place)


async def tell_watchers(
    connection: AsyncConnection, readers: Sequence[Reader], recording: int, slot: str, now: datetime
) -> int:
    """News for each person who watches what changed; returns how many they are."""
    return len(await _start(connection, DeliveryKind.WATCH, readers, recording, slot, now))


async def _start(
    connection: AsyncConnection,
    kind: DeliveryKind,
    readers: Sequence[Reader],
    recording: int,
    slot: str,
    now: datetime,
) -> Mapping[int, Mapping[str, Reader]]:
    """One notice for each place, in the place of those of its kind that are not sent yet."""
    by_place: defaultdict[int, dict[str, Reader]] = defaultdict(dict)
    for reader in readers:
        by_place[reader.place][reader.fact] = reader
    for chunk in chunks(list(by_place)):
        for place, facts in (await _unsent(connection, chunk, kind)).items():
            # The oldest revision that is known there is what the news is measured by.
            by_place[place] = (
                {**by_place[place], **facts} if kind is DeliveryKind.WATCH else {**facts, **by_place[place]}
            )
        await _supersede(connection, chunk, kind)
        direct = await may_write(connection, chunk, kind)
        await insert_new(
            connection,
            deliveries,
            [
                {
                    "place_id": place,
                    "kind": kind.value,
                    "slot": slot,
                    "part": 0,
                    "rank": 0,
                    "recording": recording,
                    "due": now,
                    "next_at": now,
                    "state": (DeliveryState.PENDING if place in direct else DeliveryState.WAITING).value,
                }
                for place in chunk
            ],
        )
        await _about(connection, chunk, kind, slot, by_place)
    return by_place


async def _unsent(
    connection: AsyncConnection, chunk: Sequence[int], kind: DeliveryKind
) -> dict[int, dict[str, Reader]]:
    """What the notices were about that are still to be sent to these places."""
    query = (
        select(deliveries.c.place_id, *correction_facts.c["fact", "seen", "shown_at"])
        .select_from(correction_facts)
        .join(deliveries, deliveries.c.id == correction_facts.c.delivery_id)
        .where(_replaceable(chunk, kind))
    )
    found: defaultdict[int, dict[str, Reader]] = defaultdict(dict)
    for place, fact, seen, shown_at in (await connection.execute(query)).all():
        found[place][fact] = Reader(place, fact, seen, shown_at)
    return found


def _replaceable(chunk: Sequence[int], kind: DeliveryKind) -> Any:
    return and_(
        deliveries.c.place_id.in_(chunk),
        deliveries.c.kind == kind.value,
        deliveries.c.state.in_([DeliveryState.PENDING.value, DeliveryState.WAITING.value]),
    )


async def _supersede(connection: AsyncConnection, chunk: Sequence[int], kind: DeliveryKind) -> None:
    await connection.execute(
        deliveries.update()
        .where(_replaceable(chunk, kind))
        .values(state=DeliveryState.SUPERSEDED.value, reason=f"a newer {kind.value} took its place")
    )


async def may_write(connection: AsyncConnection, chunk: Sequence[int], kind: DeliveryKind) -> set[int]:
    """The places that may be written to unasked: channels and threads, and people who opted in or ask there.

    Who watches a fact has asked to be told: an open direct conversation is enough.
    """
    # What was delivered there, perhaps along with a reply elsewhere, is no sign that the person came there.
    asked_there = select(sightings.c.id).where(
        sightings.c.reader_id == places.c.id,
        sightings.c.place_id == places.c.id,
        sightings.c.delivery_id.is_(None),
    )
    allowed = [places.c.direct.is_(False), places.c.opted, asked_there.exists()]
    if kind is DeliveryKind.WATCH:
        allowed.append(places.c.address != "")
    query = select(places.c.id).where(places.c.id.in_(chunk), or_(*allowed))
    return set((await connection.execute(query)).scalars())


async def _about(
    connection: AsyncConnection,
    chunk: Sequence[int],
    kind: DeliveryKind,
    slot: str,
    by_place: Mapping[int, Mapping[str, Reader]],
) -> None:
    query = select(*deliveries.c["id", "place_id"]).where(
        deliveries.c.place_id.in_(chunk),
        deliveries.c.kind == kind.value,
        deliveries.c.slot == slot,
    )
    rows = [
        {"delivery_id": delivery, "fact": reader.fact, "seen": reader.seen, "shown_at": reader.shown_at}
        for delivery, place in (await connection.execute(query)).all()
        for reader in by_place[place].values()
    ]
    await insert_new(connection, correction_facts, rows)


async def _edits(
    connection: AsyncConnection, by_place: Mapping[int, Mapping[str, Reader]], recording: int, now: datetime
) -> None:
    """An edit for each message that all could see and that shows what was corrected."""
    for place, facts in by_place.items():
        query = select(*sightings.c["message", "card_id", "fact", "revision", "shown_at"]).where(
            sightings.c.reader_id == place,
            sightings.c.place_id == place,
            sightings.c.message != "",
            sightings.c.card_id.is_not(None),
            or_(*(and_(sightings.c.fact == r.fact, sightings.c.revision <= r.seen) for r in facts.values())),
        )
        messages: defaultdict[tuple[str, str], list[Reader]] = defaultdict(list)
        for message, card, fact, revision, shown_at in (await connection.execute(query)).all():
            messages[message, card].append(Reader(place, fact, revision, shown_at))
        for (message, card), readers in messages.items():
            row = {
                "place_id": place,
                "kind": DeliveryKind.EDIT.value,
                "slot": f"{message}:{recording}",
                "part": 0,
                "rank": 0,
                "recording": recording,
                "due": now,
                "next_at": now,
                "state": DeliveryState.PENDING.value,
                "edits": message,
                "card_id": card,
            }
            added = await connection.execute(or_ignore(connection, deliveries).values(row).returning(deliveries.c.id))
            delivery = added.scalar()
            if delivery is not None:
                rows = {
                    r.fact: {"delivery_id": delivery, "fact": r.fact, "seen": r.seen, "shown_at": r.shown_at}
                    for r in readers
                }
                await insert_new(connection, correction_facts, list(rows.values()))


async def insert_new(connection: AsyncConnection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those that are there already stay."""
    if rows:
        await connection.execute(or_ignore(connection, table), list(rows))


def chunks(things: Sequence[Thing]) -> Iterable[Sequence[Thing]]:
    """In pieces of what one statement takes."""
    return (things[at : at + CHUNK] for at in range(0, len(things), CHUNK))
