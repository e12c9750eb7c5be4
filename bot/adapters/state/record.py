"""The record of the facts: which revision came with which recording, and whom a correction chases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.notifying import Reader, chunks, insert_new, start_corrections, tell_watchers
from bot.adapters.state.rows import head
from bot.adapters.state.schema import (
    disputes,
    recordings,
    revisions,
    sightings,
)
from bot.adapters.state.watches import watchers
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
from bot.digest.ledger import correction_slot
from bot.facts.findings import Finding, SeedsError
from bot.facts.model import LocalText
from bot.facts.revisions import fingerprint
from bot.facts.revisions import revisions as revisions_of
from bot.facts.store import FactStore

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
            await insert_new(connection, revisions, [{**row, "recording": recording} for row in fresh])
            await insert_new(connection, disputes, [{**row, "recording": recording} for row in turned])
            chased = 0
            if newest:
                changed = {row["fact"] for row in fresh if row["change"] in CHASED}
                readers = await self._readers(connection, store, changed, now)
                slot = correction_slot(recording)
                chased = await start_corrections(connection, readers, recording, slot, now)
                watching = await watchers(connection, store, fresh, readers, now)
                await tell_watchers(connection, watching, recording, slot, now)
            return Recorded(recording, len(fresh), chased)

    async def _readers(
        self, connection: AsyncConnection, store: FactStore, changed: Iterable[str], now: datetime
    ) -> list[Reader]:
        """Everybody whose newest sighting of a fact has been corrected or retracted since."""
        found = []
        for chunk in chunks(sorted(changed)):
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


async def read_journal(connection: AsyncConnection, since: int, until: int) -> Journal:
    """What was recorded after `since` up to `until`."""
    query = select(*revisions.c["fact", "revision", "recording"]).where(
        revisions.c.recording > since, revisions.c.recording <= until
    )
    found = tuple(RecordedRevision(*row) for row in (await connection.execute(query)).all())
    known: dict[str, int] = {}
    for chunk in chunks(sorted({entry.fact for entry in found})):
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
