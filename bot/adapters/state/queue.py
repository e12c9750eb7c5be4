"""The editors' queue in SQL: questions and flags that wait, and what an editor does with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, RowMapping, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.notifying import may_write
from bot.adapters.state.rows import or_ignore, place_id
from bot.adapters.state.schema import deliveries, flags, questions
from bot.adapters.state.subscriptions import record_action
from bot.digest.ledger import DeliveryKind, DeliveryState
from bot.digest.places import Person
from bot.digest.queue import Entry, EntryKind, EntryName
from bot.digest.sightings import FlagReason
from bot.facts.text import fold

MOST_FLAGS = 1_000  # read at once; the oldest come first
_OPEN = and_(questions.c.settled_at.is_(None), questions.c.outcome == "no_answer")


class Queue:
    """Reads and settles what waits for the editors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, most: int) -> tuple[list[Entry], int]:
        """What most people wait for first; and how many entries there are in all."""
        async with self._database.read() as connection:
            asked, number = await _asked(connection, _OPEN, most)
            flagged = await _flagged(connection)
        found = sorted([*asked, *flagged], key=lambda entry: (-entry.people, -entry.last.timestamp()))
        return found[:most], number + len(flagged)

    async def get(self, name: EntryName) -> Entry | None:
        """One entry, by the name of any question or flag in it; None when it is settled, or was never there."""
        async with self._database.read() as connection:
            return await _one(connection, name)

    async def answer(self, name: EntryName, fact: str, editor: Person, now: datetime) -> int | None:
        """Settle an entry by a fact, and send it to where it was asked: privately where that was private.

        Returns the number of places that are told; None when there is no such entry.
        """
        return await self._settle(name, fact, editor, now)

    async def set_aside(self, name: EntryName, editor: Person, now: datetime) -> bool:
        """Settle an entry without an answer; False when there is no such entry."""
        return await self._settle(name, "", editor, now) is not None

    async def _settle(self, name: EntryName, fact: str, editor: Person, now: datetime) -> int | None:
        table = questions if name.kind is EntryKind.QUESTION else flags
        async with self._database.write() as connection:
            where = await _members(connection, name)
            if where is None:
                return None
            query = select(table).where(where).order_by(table.c.id).with_for_update()
            rows = (await connection.execute(query)).mappings().all()
            settled = {"settled_at": now, "settled_by": fact}
            ids = [row["id"] for row in rows]
            await connection.execute(table.update().where(table.c.id.in_(ids)).values(settled))
            told = await self._tell(connection, rows, name, fact, now) if fact else 0
            actor = await place_id(connection, editor.own_place)
            await record_action(connection, actor, "answer" if fact else "set aside", str(name), now, {"fact": fact})
            return told

    async def _tell(
        self, connection: AsyncConnection, rows: Sequence[RowMapping], name: EntryName, fact: str, now: datetime
    ) -> int:
        """A notice for each place: the person's own where it was asked privately, and for every flag."""
        flag = name.kind is EntryKind.FLAG
        table = flags if flag else questions
        members: defaultdict[int, list[RowMapping]] = defaultdict(list)
        for row in rows:
            target = row["person_id"] if flag or row["private"] else row["place_id"]
            if target is not None:
                members[target].append(row)
        direct = await may_write(connection, list(members), DeliveryKind.ANSWER)
        for place, asked in members.items():
            there = place in direct or any(row["place_id"] == place for row in asked)
            state = DeliveryState.PENDING if there else DeliveryState.WAITING
            values = {"place_id": place, "kind": DeliveryKind.ANSWER.value, "slot": f"{name}:{fact}", "rank": 1}
            values |= {"due": now, "next_at": now, "state": state.value}
            added = await connection.execute(
                or_ignore(connection, deliveries).values(values).returning(deliveries.c.id)
            )
            ids = [row["id"] for row in asked]
            await connection.execute(table.update().where(table.c.id.in_(ids)).values(delivery_id=added.scalar()))
        return len(members)


async def _members(connection: AsyncConnection, name: EntryName) -> ColumnElement[bool] | None:
    """Which rows are in an entry; None when there is no such entry."""
    if name.kind is EntryKind.QUESTION:
        query = select(questions.c.key).where(questions.c.id == name.number, _OPEN)
        key = (await connection.execute(query)).scalar()
        return None if key is None else and_(_OPEN, questions.c.key == key)
    for rows in (await _flag_groups(connection)).values():
        ids = [row["id"] for row in rows]
        if name.number in ids:
            return flags.c.id.in_(ids)
    return None


async def _one(connection: AsyncConnection, name: EntryName) -> Entry | None:
    where = await _members(connection, name)
    if where is None:
        return None
    if name.kind is EntryKind.QUESTION:
        return (await _asked(connection, where, 1))[0][0]
    return next(entry for entry in await _flagged(connection, name.number))


async def _asked(connection: AsyncConnection, where: ColumnElement[bool], most: int) -> tuple[list[Entry], int]:
    """Questions by their key, those of most people first; and how many different ones there are."""
    people = func.count(questions.c.person_id.distinct())
    private = func.sum(case((questions.c.private, 1), else_=0))
    grouped = (
        select(
            func.min(questions.c.id).label("first_id"),
            func.max(questions.c.id).label("last_id"),
            people.label("people"),
            func.count().label("times"),
            cast(private, Integer).label("private"),
            func.min(questions.c.asked_at).label("first"),
            func.max(questions.c.asked_at).label("last"),
        )
        .where(where)
        .group_by(questions.c.key)
        .order_by(people.desc(), func.max(questions.c.asked_at).desc())
        .limit(most)
    )
    rows = (await connection.execute(grouped)).mappings().all()
    number = (await connection.execute(select(func.count(questions.c.key.distinct())).where(where))).scalar_one()
    wanted = select(*questions.c["id", "text", "language", "story"]).where(
        questions.c.id.in_([row["last_id"] for row in rows])
    )
    texts = {row["id"]: row for row in (await connection.execute(wanted)).mappings()}
    found = [
        Entry(
            EntryName(EntryKind.QUESTION, row["first_id"]),
            texts[row["last_id"]]["text"],
            texts[row["last_id"]]["language"],
            max(row["people"], 1),
            row["times"],
            row["private"],
            row["first"],
            row["last"],
            texts[row["last_id"]]["story"],
        )
        for row in rows
    ]
    return found, int(number)


async def _flag_groups(connection: AsyncConnection) -> dict[Any, list[RowMapping]]:
    query = select(flags).where(flags.c.settled_at.is_(None)).order_by(flags.c.id).limit(MOST_FLAGS)
    groups: defaultdict[Any, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        groups[row["reason"], tuple(row["facts"]), fold(row["question"])].append(row)
    return groups


async def _flagged(connection: AsyncConnection, number: int | None = None) -> list[Entry]:
    """Flags of one reason on the same facts, together; all of them, or the one that holds a flag's number."""
    found = []
    for rows in (await _flag_groups(connection)).values():
        if number is not None and number not in {row["id"] for row in rows}:
            continue
        people = {row["person_id"] for row in rows if row["person_id"] is not None}
        found.append(
            Entry(
                EntryName(EntryKind.FLAG, rows[0]["id"]),
                rows[-1]["question"],
                "en",
                max(len(people), 1),
                len(rows),
                len(rows),
                rows[0]["at"],
                rows[-1]["at"],
                "",
                FlagReason(rows[0]["reason"]),
                tuple(dict.fromkeys(row["note"] for row in rows if row["note"])),
                tuple(rows[0]["facts"]),
            )
        )
    return found
