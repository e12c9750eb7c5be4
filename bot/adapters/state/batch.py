"""Many small writes in few statements: changes of one transaction, and transactions of many callers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Table, and_, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.rows import or_ignore

Entry = TypeVar("Entry")
Result = TypeVar("Result")
Row = Mapping[str, Any]


class Batch:
    """Inserts and updates of one transaction, written together: inserts that may be there already, updates, inserts."""

    def __init__(self) -> None:
        self._known: dict[Table, dict[Any, Row]] = {}
        self._updates: defaultdict[tuple[Table, tuple[str, ...], tuple[str, ...]], list[Row]] = defaultdict(list)
        self._inserts: defaultdict[Table, list[Row]] = defaultdict(list)

    def ensure(self, table: Table, key: object, row: Row) -> None:
        """Insert a row unless it is there; `key` tells one of them from another in this batch."""
        self._known.setdefault(table, {})[key] = row

    def update(self, table: Table, where: Row, values: Row) -> None:
        """Change the row whose columns equal `where`."""
        row = {f"where_{name}": value for name, value in where.items()}
        row |= {f"new_{name}": value for name, value in values.items()}
        self._updates[table, tuple(where), tuple(values)].append(row)

    def insert(self, table: Table, row: Row) -> None:
        """Insert a row."""
        self._inserts[table].append(row)

    async def write(self, connection: AsyncConnection) -> None:
        """Execute everything."""
        for table, known in self._known.items():
            await connection.execute(or_ignore(connection, table), list(known.values()))
        for (table, where, values), rows in self._updates.items():
            statement = (
                table.update()
                .where(and_(*(table.c[name] == bindparam(f"where_{name}") for name in where)))
                .values({name: bindparam(f"new_{name}") for name in values})
            )
            await connection.execute(statement, rows)
        for table, rows in self._inserts.items():
            await connection.execute(table.insert(), rows)


class GroupCommit(Generic[Entry, Result]):
    """Callers that come at the same time share one transaction; each waits for its own result."""

    def __init__(self, write: Callable[[Sequence[Entry]], Awaitable[Sequence[Result]]]) -> None:
        """`write` commits entries and returns a result for each, in order."""
        self._write = write
        self._waiting: list[tuple[Entry, asyncio.Future[Result]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def put(self, entry: Entry) -> Result:
        """Write an entry; raises what `write` raises."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, result))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await result

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                results = await self._write([entry for entry, _ in batch])
            except BaseException as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                if not isinstance(error, Exception):
                    raise
                continue
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
