"""Opening the database: its address, what every connection is told, migrations, transactions."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StateError

log = logging.getLogger(__name__)

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
LOOK_AGAIN = 1.0  # seconds between two attempts to be the only one
BUSY_TIMEOUT = 10_000  # milliseconds that SQLite waits for another writer
# Numbers of our own, by which PostgreSQL tells our advisory locks apart.
RECORD_LOCK, MIGRATION_LOCK = 62_001, 62_002


def address(url: str) -> URL:
    """The database's URL with the drivers that we bring.

    Raises:
        StateError: it is no URL of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # such as a port that is no number
        parsed = None
    if parsed is None or parsed.get_backend_name() not in DRIVERS:
        raise StateError(
            "DATABASE_URL is no database that can be used. Write sqlite:///path/to/briefbot.db "
            "or postgresql://user:password@host/database."
        )
    if parsed.get_backend_name() == "sqlite" and not parsed.database:
        raise StateError("DATABASE_URL names no file. Write sqlite:///path/to/briefbot.db.")
    return parsed.set(drivername=DRIVERS[parsed.get_backend_name()])


class Database:
    """An open database. `write` and `read` are its transactions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # Writers of one process queue here, where waiting costs nothing, rather than in SQLite.
        self._turn = asyncio.Lock()

    @property
    def shown(self) -> str:
        """Its address without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def _explained(self) -> AsyncIterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            log.warning("the database failed: %s", getattr(error, "orig", None) or error)
            raise StateError(
                "The database cannot be used just now; nothing was changed. Try again in a minute."
            ) from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; on SQLite it takes the write lock at once, so that it cannot fail later."""
        async with self._explained(), AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._turn)
            connection = await stack.enter_async_context(self.engine.connect())
            if self.is_sqlite:
                connection = await connection.execution_options(briefbot_writes=True)
            await stack.enter_async_context(connection.begin())
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads; it waits for nobody."""
        async with self._explained(), self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that reads what one moment held, however long it takes."""
        async with self._explained(), self.engine.connect() as plain:
            level = "SERIALIZABLE" if self.is_sqlite else "REPEATABLE READ"
            connection = await plain.execution_options(isolation_level=level)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[None]:
        """Be the only process that does this; waits until the one that does has ended, however it ends."""
        if self.is_sqlite:
            async with _file_lock(f"{self.engine.url.database}.{name}.lock"):
                yield
            return
        # A lock is the session's and goes with it: this connection is closed in the end, not given back.
        async with self._explained():
            connection = await self.engine.connect()
        try:
            async with self._explained():
                await self._take_turn(connection, zlib.crc32(name.encode()) % 2**31)
            yield
        finally:
            await connection.invalidate()
            await connection.close()

    async def _take_turn(self, connection: AsyncConnection, number: int) -> None:
        attempt = text("SELECT pg_try_advisory_lock(62, :number)")
        while not (await connection.execute(attempt, {"number": number})).scalar():
            await connection.rollback()
            await asyncio.sleep(LOOK_AGAIN)
        await connection.commit()

    async def lock_record(self, connection: AsyncConnection, *, shared: bool) -> None:
        """Keep composing and recording apart: who composes sees all of a recording, or none of it.

        SQLite has one writer anyway.
        """
        if not self.is_sqlite:
            name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
            await connection.execute(text(f"SELECT {name}({RECORD_LOCK})"))


@asynccontextmanager
async def _file_lock(path: str) -> AsyncIterator[None]:
    """Hold a lock that the system takes back when the process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(LOOK_AGAIN)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Connect, bring the tables up to date, and close again.

    Raises:
        StateError: the database cannot be reached, or is newer than this program.
    """
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database != ":memory:":
        _make_file(parsed)
    engine = create_async_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        await _migrate(engine, parsed)
        yield Database(engine)
    finally:
        await engine.dispose()


def _make_file(url: URL) -> None:
    """Make the file, and see that it can be used.

    Here rather than at the first connection: aiosqlite leaves a thread behind when it cannot open one.
    """
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
        with closing(sqlite3.connect(file)) as connection:
            _write_ahead(connection)
    except OSError as error:
        raise StateError(
            f"Cannot create the database {file}: {error.strerror}. Set DATABASE_URL or BRIEFBOT_DATA_DIR "
            "to a place that can be written to."
        ) from None
    except sqlite3.Error as error:
        raise _unusable(url, error) from None


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the file's write-ahead log on, which lasts; SQLite does not wait for others who do so just now."""
    end = time.monotonic() + BUSY_TIMEOUT / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _unusable(url: URL, error: Exception) -> StateError:
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    shown = url.render_as_string(hide_password=True)
    return StateError(f"The database {shown} cannot be used: {cause}. Check DATABASE_URL.")


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT}",
            "synchronous = FULL",  # what is marked as sent survives a power cut
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("briefbot_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


async def _migrate(engine: AsyncEngine, url: URL) -> None:
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(briefbot_writes=True)
            async with connection.begin():
                if engine.dialect.name != "sqlite":
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                await connection.run_sync(_upgrade)
    except (SQLAlchemyError, OSError) as error:
        raise _unusable(url, error) from None


def migrations() -> Config:
    """Alembic's settings for our migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest_schema() -> str:
    """The name of the newest migration."""
    return ScriptDirectory.from_config(migrations()).get_current_head() or ""


def _upgrade(connection: Connection) -> None:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 (heavy, and only needed here)

    config = migrations()
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StateError(
            "The database was written by a newer briefbot. Install that version, "
            "or restore a backup made with this one."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
