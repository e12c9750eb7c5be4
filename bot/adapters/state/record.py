"""The record of the facts: which revision came with which recording, and whom a correction chases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.rows import head, or_ignore
from bot.adapters.state.schema import (
    correction_facts,
    deliveries,
    disputes,
    places,
    recordings,
    revisions,
    sightings,
)
from bot.digest.journal import (
    CHASED,
    Journal,
    RecordedDispute,
    RecordedRevision,
    changes_of,
    dispute_facts,
    fact_change,
    is_open,
    outdated,
)
from bot.digest.ledger import DeliveryKind, DeliveryState, correction_slot
from bot.facts.findings import Finding, SeedsError
from bot.facts.model import LocalText
from bot.facts.revisions import fingerprint
from bot.facts.revisions import revisions as revisions_of
from bot.facts.store import FactStore

Thing = TypeVar("Thing")
CHUNK = 500  # values in one statement
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a store came to.

    `recording` is the newest one; `outdated` are facts that the record holds newer than the
    store, in which case nothing was recorded. `chased` counts the places that will be told.
    """

    recording: int
    new: int = 0
    chased: int = 0
    outdated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A place that saw an older revision: which, when last, and whether a direct message may go there."""

    place: int
    fact: str
    seen: int
    shown_at: datetime


class Record:
    """Keeps what was published, and starts the corrections."""

    def __init__(self, database: Database, remembered: timedelta = REMEMBERED) -> None:
        """`remembered` is how long a sighting counts."""
        self._database, self._remembered = database, remembered

    async def head(self) -> int:
        """The number of the newest recording; 0 before the first."""
        async with self._database.read() as connection:
            return await head(connection)

    async def before(self, moment: datetime) -> int:
        """The newest recording that was there at a moment; 0 when there was none."""
        query = select(func.max(recordings.c.id)).where(recordings.c.at <= moment)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar() or 0)

    async def journal(self, since: int) -> Journal:
        """What was recorded since a recording."""
        async with self._database.read() as connection:
            return await read_journal(connection, since, await head(connection))

    async def take(self, store: FactStore, now: datetime) -> Recorded:
        """Record what is new in the store, in one transaction with the corrections that it starts.

        The same content again records nothing; a store that is older than the record changes nothing.

        Raises:
            SeedsError: a recorded revision says something else now.
        """
        async with self._database.write() as connection:
            await self._database.lock_record(connection, shared=False)
            newest = await head(connection)
            rows = (await connection.execute(select(*revisions.c["fact", "revision", "fingerprint"]))).all()
            known = {(fact, revision): digest for fact, revision, digest in rows}
            standing: dict[str, int] = {}
            for fact, revision in known:
                standing[fact] = max(revision, standing.get(fact, 0))
            older = outdated(store, standing)
            if older:
                return Recorded(newest, outdated=tuple(older))
            fresh = _fresh(store, known)
            turned = await _turned(connection, store)
            if not fresh and not turned:
                return Recorded(newest)
            recording = newest + 1
            await connection.execute(recordings.insert().values(id=recording, at=now))
            await _insert(connection, revisions, [{**row, "recording": recording} for row in fresh])
            await _insert(connection, disputes, [{**row, "recording": recording} for row in turned])
            chased = 0
            if newest:
                changed = {row["fact"] for row in fresh if row["change"] in CHASED}
                readers = await self._readers(connection, store, changed, now)
                chased = await start_corrections(connection, readers, recording, correction_slot(recording), now)
            return Recorded(recording, len(fresh), chased)

    async def _readers(
        self, connection: AsyncConnection, store: FactStore, changed: Iterable[str], now: datetime
    ) -> list[Reader]:
        """Everybody whose newest sighting of a fact has been corrected or retracted since."""
        found = []
        for chunk in _chunks(sorted(changed)):
            newest = (
                select(
                    sightings.c.reader_id,
                    sightings.c.fact,
                    func.max(sightings.c.revision),
                    func.max(sightings.c.shown_at),
                )
                .where(sightings.c.fact.in_(chunk), sightings.c.shown_at >= now - self._remembered)
                .group_by(sightings.c.reader_id, sightings.c.fact)
                .order_by(sightings.c.reader_id)
            )
            for place, fact, seen, shown_at in (await connection.execute(newest)).all():
                if fact_change(store.facts[fact], seen).chased:
                    found.append(Reader(place, fact, seen, shown_at))
        return found


def _fresh(store: FactStore, known: Mapping[tuple[str, int], str]) -> list[dict[str, Any]]:
    """The revisions that the record does not hold yet."""
    fresh = []
    for fact in store.facts.values():
        changes = changes_of(fact)
        for number, content in revisions_of(fact):
            digest, change = fingerprint(content), changes[number]
            recorded = known.get((fact.id, number))
            if recorded is None:
                kind = change.kind.value if change else ""
                fresh.append({"fact": fact.id, "revision": number, "fingerprint": digest, "change": kind})
            elif recorded != digest:
                problem = f"revision {number} of `{fact.id}` no longer says what it said when it was put into service."
                remedy = "Put the old wording into `history`, raise `revision`, give class and reason in `change`."
                raise SeedsError([Finding(store.story_of[fact.id], 0, "unmarked-change", problem, remedy)])
    return fresh


async def _turned(connection: AsyncConnection, store: FactStore) -> list[dict[str, Any]]:
    """The disputes that opened or were settled since they were last recorded."""
    rows = (await connection.execute(select(disputes).order_by(disputes.c.recording))).mappings().all()
    last = {row["dispute"]: row for row in rows}
    turned = []
    for dispute in store.disputes.values():
        before = last.get(dispute.id)
        if is_open(dispute) != (before is not None and before["open"]):
            turned.append(
                {
                    "dispute": dispute.id,
                    "story": store.story_of[dispute.id],
                    "open": is_open(dispute),
                    "headline": dispute.headline.model_dump(),
                    "facts": list(dispute_facts(dispute)),
                }
            )
    gone = [row for dispute, row in last.items() if row["open"] and dispute not in store.disputes]
    turned += [
        {
            "dispute": row["dispute"],
            "story": row["story"],
            "open": False,
            "headline": row["headline"],
            "facts": row["facts"],
        }
        for row in gone
    ]
    return turned


async def start_corrections(
    connection: AsyncConnection, readers: Sequence[Reader], recording: int, slot: str, now: datetime
) -> int:
    """One notice for each place, in the place of those not sent yet; and an edit of each message that was shown to all.

    A private sighting's reader is the person's own place: it waits for the person's next contact
    unless that person takes direct messages or was shown the fact there. Returns the number of places.
    """
    by_place: defaultdict[int, dict[str, Reader]] = defaultdict(dict)
    for reader in readers:
        by_place[reader.place][reader.fact] = reader
    for chunk in _chunks(list(by_place)):
        for place, facts in (await _unsent(connection, chunk)).items():
            by_place[place] = {**facts, **by_place[place]}
        await _supersede(connection, chunk)
        direct = await _may_write(connection, chunk)
        await _insert(
            connection,
            deliveries,
            [
                {
                    "place_id": place,
                    "kind": DeliveryKind.CORRECTION.value,
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
        await _about(connection, chunk, slot, by_place)
    await _edits(connection, by_place, recording, now)
    return len(by_place)


async def _unsent(connection: AsyncConnection, chunk: Sequence[int]) -> dict[int, dict[str, Reader]]:
    """What the notices were about that are still to be sent to these places."""
    query = (
        select(deliveries.c.place_id, *correction_facts.c["fact", "seen", "shown_at"])
        .select_from(correction_facts)
        .join(deliveries, deliveries.c.id == correction_facts.c.delivery_id)
        .where(_replaceable(chunk))
    )
    found: defaultdict[int, dict[str, Reader]] = defaultdict(dict)
    for place, fact, seen, shown_at in (await connection.execute(query)).all():
        found[place][fact] = Reader(place, fact, seen, shown_at)
    return found


def _replaceable(chunk: Sequence[int]) -> Any:
    return and_(
        deliveries.c.place_id.in_(chunk),
        deliveries.c.kind == DeliveryKind.CORRECTION.value,
        deliveries.c.state.in_([DeliveryState.PENDING.value, DeliveryState.WAITING.value]),
    )


async def _supersede(connection: AsyncConnection, chunk: Sequence[int]) -> None:
    await connection.execute(
        deliveries.update()
        .where(_replaceable(chunk))
        .values(state=DeliveryState.SUPERSEDED.value, reason="a newer correction took its place")
    )


async def _may_write(connection: AsyncConnection, chunk: Sequence[int]) -> set[int]:
    """The places that may be written to unasked: channels and threads, and people who opted in or ask there."""
    asked_there = select(sightings.c.id).where(
        sightings.c.reader_id == places.c.id, sightings.c.place_id == places.c.id
    )
    query = select(places.c.id).where(
        places.c.id.in_(chunk), or_(places.c.direct.is_(False), places.c.opted, asked_there.exists())
    )
    return set((await connection.execute(query)).scalars())


async def _about(
    connection: AsyncConnection, chunk: Sequence[int], slot: str, by_place: Mapping[int, Mapping[str, Reader]]
) -> None:
    query = select(*deliveries.c["id", "place_id"]).where(
        deliveries.c.place_id.in_(chunk),
        deliveries.c.kind == DeliveryKind.CORRECTION.value,
        deliveries.c.slot == slot,
    )
    rows = [
        {"delivery_id": delivery, "fact": reader.fact, "seen": reader.seen, "shown_at": reader.shown_at}
        for delivery, place in (await connection.execute(query)).all()
        for reader in by_place[place].values()
    ]
    await _insert(connection, correction_facts, rows)


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
                await _insert(connection, correction_facts, list(rows.values()))


async def read_journal(connection: AsyncConnection, since: int, until: int) -> Journal:
    """What was recorded after `since` up to `until`."""
    query = select(*revisions.c["fact", "revision", "recording"]).where(
        revisions.c.recording > since, revisions.c.recording <= until
    )
    found = tuple(RecordedRevision(*row) for row in (await connection.execute(query)).all())
    known: dict[str, int] = {}
    for chunk in _chunks(sorted({entry.fact for entry in found})):
        stood = (
            select(revisions.c.fact, func.max(revisions.c.revision))
            .where(revisions.c.fact.in_(chunk), revisions.c.recording <= since)
            .group_by(revisions.c.fact)
        )
        known.update((fact, revision) for fact, revision in (await connection.execute(stood)).all())
    turned = select(disputes).where(disputes.c.recording > since, disputes.c.recording <= until)
    rows = (await connection.execute(turned)).mappings().all()
    entries = tuple(
        RecordedDispute(
            row["dispute"],
            row["story"],
            row["recording"],
            row["open"],
            LocalText.model_validate(row["headline"]),
            tuple(row["facts"]),
        )
        for row in rows
    )
    return Journal(since, until, found, entries, known)


async def _insert(connection: AsyncConnection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await connection.execute(or_ignore(connection, table), list(rows))


def _chunks(things: Sequence[Thing]) -> Iterable[Sequence[Thing]]:
    return (things[at : at + CHUNK] for at in range(0, len(things), CHUNK))
