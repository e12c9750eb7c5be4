"""Sightings and questions: written in batches, kept in memory while the database cannot take them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.notifying import Reader, start_corrections
from bot.adapters.state.rows import head, keep_card, keep_cards, place_id, place_ids
from bot.adapters.state.schema import questions, revisions, sightings
from bot.briefing.card import Card
from bot.digest.journal import CHASED
from bot.digest.places import Place, Visibility
from bot.digest.sightings import Asked, Showing
from bot.errors import StateError

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds that an answer waits for its sighting to be on disk
MOST_WAITING = 100_000
MOST_IN_A_BATCH = 500
FIRST_RETRY, LONGEST_RETRY = 0.5, 30.0  # seconds


Entry = Showing | Asked


class Spool:
    """Takes sightings and questions; many askers share one transaction.

    `pending` counts what is not on disk yet; above zero for long, something is wrong. `patience`
    is how long whoever has something to keep waits for the disk, in seconds.
    """

    def __init__(self, database: Database, patience: float = PATIENCE) -> None:
        self._database, self.patience = database, patience
        self._waiting: deque[tuple[Entry, asyncio.Future[None]]] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    @property
    def pending(self) -> int:
        """How many entries are only in memory."""
        return len(self._waiting)

    async def put(self, entry: Entry) -> None:
        """Keep an entry; returns when it is on disk, or after a while, and writing is tried again."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            log.error("a sighting was given up: %s are waiting for the database", MOST_WAITING)
        self._start()
        await asyncio.wait([done], timeout=self.patience)

    async def flush(self, patience: float | None = None) -> int:
        """Try at once to write everything, within `patience` seconds; returns how many entries are left."""
        if self._waiting:
            writer = self._start()
            self._hurry.set()
            await asyncio.wait([writer], timeout=self.patience if patience is None else patience)
        return len(self._waiting)

    async def close(self, patience: float) -> None:
        """Write what can be written within `patience` seconds, then try no more."""
        if await self.flush(patience) and self._writer is not None:
            self._writer.cancel()

    def _start(self) -> asyncio.Task[None]:
        """The writer, which runs while there is something to write."""
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return self._writer

    async def _write_all(self) -> None:
        retry = FIRST_RETRY
        while self._waiting:
            batch = [self._waiting[at] for at in range(min(len(self._waiting), MOST_IN_A_BATCH))]
            try:
                await self._write([entry for entry, _ in batch])
            except StateError as error:
                log.warning("%s sightings cannot be written yet: %s", len(self._waiting), error)
                retry = FIRST_RETRY if await self._pause(retry) else min(retry * 2, LONGEST_RETRY)
                continue
            retry = FIRST_RETRY
            for _, done in batch:
                self._waiting.popleft()
                if not done.done():
                    done.set_result(None)

    async def _pause(self, seconds: float) -> bool:
        """Wait before the next attempt; True when somebody wants it now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        hurried = self._hurry.is_set()
        self._hurry.clear()
        return hurried

    async def _write(self, entries: Sequence[Entry]) -> None:
        async with self._database.write() as connection:
            await self._database.lock_record(connection, shared=True)
            known: dict[Place, dict[str, object]] = {}
            for entry in entries:
                for place in _places(entry):
                    known.setdefault(place, {"language": entry.language} if isinstance(entry, Showing) else {})
            places = await place_ids(connection, known)
            shown = [entry for entry in entries if isinstance(entry, Showing) and entry.facts]
            await _write_shown(connection, shown, places)
            asked = [entry for entry in entries if isinstance(entry, Asked)]
            if asked:
                await connection.execute(questions.insert(), [_question(entry, places) for entry in asked])


def _places(entry: Entry) -> list[Place]:
    own = [entry.person.own_place] if entry.person else []
    return [entry.place, *own]


def _question(entry: Asked, places: dict[Place, int]) -> dict[str, object]:
    return {
        "asked_at": entry.at,
        "place_id": places[entry.place],
        "person_id": places[entry.person.own_place] if entry.person else None,
        "private": entry.private,
        "text": entry.text,
        "key": entry.key,
        "language": entry.language,
        "story": entry.story,
        "outcome": entry.outcome,
    }


async def _write_shown(connection: AsyncConnection, shown: Sequence[Showing], places: dict[Place, int]) -> None:
    # The card of what all can see is kept once its message is known: only then can it be edited.
    private = {
        entry.token: entry.card
        for entry in shown
        if entry.card is not None and entry.visibility is Visibility.PRIVATE and entry.reader != entry.place
    }
    kept = dict(zip(private, await keep_cards(connection, list(private.values())), strict=True))
    rows = [
        {
            "reader_id": places[entry.reader],
            "place_id": places[entry.place],
            "fact": sighted.fact,
            "revision": sighted.revision,
            "shown_at": entry.at,
            "message": entry.token,
            "card_id": kept.get(entry.token),
        }
        for entry in shown
        for sighted in entry.facts
    ]
    if not rows:
        return
    await connection.execute(sightings.insert(), rows)
    await _correct_late(connection, shown, places)


async def _correct_late(connection: AsyncConnection, shown: Sequence[Showing], places: dict[Place, int]) -> None:
    """What was shown while its correction was being recorded is corrected as well."""
    facts = {sighted.fact for entry in shown for sighted in entry.facts}
    query = (
        select(revisions.c.fact, func.max(revisions.c.revision))
        .where(revisions.c.fact.in_(sorted(facts)), revisions.c.change.in_([kind.value for kind in CHASED]))
        .group_by(revisions.c.fact)
    )
    corrected = {row[0]: int(row[1]) for row in (await connection.execute(query)).all()}
    for entry in shown:
        late = [
            Reader(places[entry.reader], sighted.fact, sighted.revision, entry.at)
            for sighted in entry.facts
            if sighted.revision < corrected.get(sighted.fact, 0)
        ]
        if late:
            await start_corrections(connection, late, await head(connection), f"late:{entry.token}", entry.at)


async def posted(database: Database, shown: Showing, message: str, card: Card) -> None:
    """The message of an answer that all can see has this id: what a correction will edit."""
    async with database.write() as connection:
        reader = await place_id(connection, shown.reader)
        card_id = await keep_card(connection, card)
        await connection.execute(
            sightings.update()
            .where(sightings.c.reader_id == reader, sightings.c.message == shown.token)
            .values(message=message, card_id=card_id)
        )
