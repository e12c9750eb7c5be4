"""Backup and restore: every row as a line of JSON in one compressed file, the same for either database.

So a backup also moves the state from SQLite to PostgreSQL, or back.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Column, Date, Table, case, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database, newest_schema
from bot.adapters.state.schema import Instant, deliveries, metadata
from bot.digest.ledger import DeliveryState
from bot.errors import StateError

KIND = "briefbot backup"
BATCH = 1_000
# What may have been sent after the backup was made, and is therefore looked for before it is sent again.
DOUBTFUL = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


async def back_up(database: Database, file: Path, now: datetime) -> dict[str, int]:
    """Write everything to a file that only its owner may read; returns the number of rows by table.

    It is what one moment held, while others go on writing. The file is there whole or not at all.

    Raises:
        StateError: the database cannot be read.
        OSError: the file cannot be written.
    """
    partial = file.with_name(f".{file.name}.part")
    counted: dict[str, int] = {}
    try:
        with (
            os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
            gzip.open(raw, "wt", encoding="utf-8") as out,
        ):
            _line(out, {"kind": KIND, "schema": newest_schema(), "at": now.isoformat()})
            async with database.snapshot() as connection:
                for table in metadata.sorted_tables:
                    counted[table.name] = await _write(connection, table, out)
            _line(out, {"rows": counted})
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return counted


async def restore(database: Database, file: Path) -> dict[str, int]:
    """Put a backup into a database that holds nothing yet, all of it or nothing; returns rows by table.

    Raises:
        StateError: the file is no whole backup of this version, or the database is not empty.
    """
    try:
        counted = _whole(file)
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            async with database.write() as connection:
                await _refuse_unless_empty(connection)
                await _load(connection, lines)
                if not database.is_sqlite:
                    await _renumber(connection)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise StateError(
            f"{file} is no whole backup ({type(error).__name__}: {error}); nothing was restored. Take another one."
        ) from None
    return counted


async def doubt_what_is_open(database: Database, now: datetime) -> int:
    """After a restore: what was open in the backup may have been sent since, so it is looked for first."""
    values = {
        "state": DeliveryState.UNKNOWN.value,
        "doubts": case((deliveries.c.doubts > 1, deliveries.c.doubts), else_=1),
        "attempts": case((deliveries.c.attempts > 1, deliveries.c.attempts), else_=1),
        "first_try": func.coalesce(deliveries.c.first_try, deliveries.c.due),
        "next_at": now,
        "lease": "",
        "lease_until": None,
    }
    still = deliveries.c.state.in_([state.value for state in DOUBTFUL])
    async with database.write() as connection:
        done = await connection.execute(update(deliveries).where(still).values(**values))
        return done.rowcount


def _whole(file: Path) -> dict[str, int]:
    """The rows by table of a backup whose head, rows and end are all there."""
    counted = dict.fromkeys(metadata.tables, 0)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        head = json.loads(lines.readline() or "{}")
        if head.get("kind") != KIND:
            raise ValueError("it does not begin like one")
        if head["schema"] != newest_schema():
            raise StateError(
                f"The backup was made by a version with tables {head['schema']}; this one has {newest_schema()}. "
                "Restore it with the version that made it, then upgrade."
            )
        for line in lines:
            found = json.loads(line)
            if "rows" in found:
                if found["rows"] != counted:
                    break
                return counted
            counted[found["t"]] += 1
    raise ValueError("a part is missing")


async def _write(connection: AsyncConnection, table: Table, out: TextIO) -> int:
    number = 0
    async for row in await connection.stream(select(table).order_by(*table.primary_key.columns)):
        values = {name: _plain(value) for name, value in row._mapping.items()}  # noqa: SLF001 (SQLAlchemy's public name)
        _line(out, {"t": table.name, "r": values})
        number += 1
    return number


async def _load(connection: AsyncConnection, lines: Iterable[str]) -> None:
    """Put the rows in; they stand in an order in which whatever they refer to comes first."""
    rows = (json.loads(line) for line in lines)
    for name, group in groupby((row for row in rows if "t" in row), key=itemgetter("t")):
        table = metadata.tables[name]
        while batch := [_values(table, row["r"]) for row in islice(group, BATCH)]:
            await connection.execute(insert(table), batch)


async def _refuse_unless_empty(connection: AsyncConnection) -> None:
    for table in metadata.sorted_tables:
        if (await connection.execute(select(table).limit(1))).first() is not None:
            raise StateError(
                "The database holds records already; a backup is restored into an empty one. "
                "Point DATABASE_URL at a new database, or move the old file away."
            )


async def _renumber(connection: AsyncConnection) -> None:
    """PostgreSQL numbers new rows from a counter that knows nothing of rows put in with their numbers."""
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            counter = text("SELECT pg_get_serial_sequence(:table, :column)")
            name = (await connection.execute(counter, {"table": table.name, "column": column.name})).scalar()
            highest = (await connection.execute(select(func.max(column)))).scalar() if name else None
            if highest is not None:
                await connection.execute(text("SELECT setval(:name, :value)"), {"name": name, "value": highest})


def _line(out: TextIO, value: dict[str, Any]) -> None:
    out.write(json.dumps(value, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _values(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name], value) for name, value in row.items()}


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value
