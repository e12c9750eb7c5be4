from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from bot.adapters.state.database import Database, address, open_database
from bot.adapters.state.schema import metadata
from bot.adapters.state.state import open_state
from bot.errors import StateError
from tests.conftest import ROOT
from tests.databases import fresh, server
from tests.world import PATIENCE

SECRET = "hunter2"  # noqa: S105 (never a real one)


def _another_default(*values: object) -> bool:
    """Defaults that are written differently by the two databases are compared as texts."""
    *_, inspected, _, held = values
    made, meant = (str(value or "").split("::")[0].strip("()'") for value in (inspected, held))
    return "nextval" not in made and made != meant


async def test_the_migrations_make_exactly_the_tables(database: str) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": _another_default}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with open_database(database) as opened, opened.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_difference_would_be_found(database: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with open_database(database) as opened:
        async with opened.write() as connection:
            await connection.execute(text("DROP TABLE meta"))
        async with opened.read() as connection:
            assert await connection.run_sync(differences) != []


async def test_opening_again_changes_nothing_and_keeps_everything(database: str) -> None:
    async with open_database(database) as opened, opened.write() as connection:
        await connection.execute(text("INSERT INTO meta (key, value) VALUES ('kept', 'yes')"))
    async with open_database(database) as opened, opened.read() as connection:
        assert (await connection.execute(text("SELECT value FROM meta WHERE key = 'kept'"))).scalar() == "yes"


async def test_every_connection_to_sqlite_is_told_the_same(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        for transaction in (opened.read, opened.write):
            async with transaction() as connection:
                told = {
                    name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
                    for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
                }
            assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


async def test_the_file_is_for_its_owner_only_and_its_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "state.db"
    async with open_database(f"sqlite:///{file}") as opened, opened.write() as connection:
        await connection.execute(text("INSERT INTO meta (key, value) VALUES ('a', 'b')"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == dict.fromkeys(("state.db", "state.db-wal", "state.db-shm"), 0o600)


async def _run(opened: Database, *statements: str) -> None:
    async with opened.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_a_transaction_that_fails_changes_nothing(database: str) -> None:
    async with open_database(database) as opened:
        with pytest.raises(StateError, match="nothing was changed"):
            await _run(opened, "INSERT INTO meta (key, value) VALUES ('a', 'b')", "INSERT INTO nowhere (a) VALUES (1)")
        async with opened.read() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM meta"))).scalar() == 0


async def test_foreign_keys_are_enforced(database: str) -> None:
    async with open_database(database) as opened:
        with pytest.raises(StateError):
            await _run(opened, "INSERT INTO channel_settings (place_id, story, public) VALUES (7, '', false)")


DELIVERY = """
INSERT INTO deliveries (place_id, kind, slot, rank, due, state, next_at)
VALUES (1, 'digest', '{slot}', 1, '2025-03-12 08:00:00', '{state}', '2025-03-12 08:00:00')
"""


async def test_only_one_delivery_to_a_place_is_under_way(database: str) -> None:
    async with open_database(database) as opened:
        await _run(opened, "INSERT INTO places (platform, workspace, channel) VALUES ('test', 'w1', 'C1')")
        for number, state in enumerate(("sent", "sent", "pending", "pending", "sending")):
            await _run(opened, DELIVERY.format(slot=number, state=state))
        with pytest.raises(StateError):
            await _run(opened, DELIVERY.format(slot="another", state="sending"))
        with pytest.raises(StateError):
            await _run(opened, DELIVERY.format(slot=0, state="pending"))  # the same slot again


# Opened by several at once.

OPEN = """
import asyncio, sys
from bot.adapters.state.state import open_state

async def main():
    async with open_state(sys.argv[1]) as state:
        print(await state.record.head())

asyncio.run(main())
"""


def _empty(url: str) -> str:
    """The same database, without the tables that the fixture put there."""

    async def drop() -> None:
        async with open_database(url) as opened, opened.write() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.execute(text("DROP TABLE alembic_version"))

    asyncio.run(drop())
    return url


def test_several_processes_may_be_the_first_at_once(database: str) -> None:
    url = _empty(database)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-B", "-c", OPEN, url]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    done = [(*process.communicate(timeout=PATIENCE), process.returncode) for process in running]
    assert done == [(b"0\n", b"", 0)] * 4


def test_several_tasks_may_be_the_first_at_once(database: str) -> None:
    url = _empty(database)

    async def head() -> int:
        async with open_state(url) as state:
            return await state.record.head()

    async def several() -> list[int]:
        return await asyncio.gather(*(head() for _ in range(5)))

    assert asyncio.run(several()) == [0] * 5


# What cannot be used.


async def test_a_database_of_a_newer_version_is_left_alone(database: str) -> None:
    async with open_database(database) as opened, opened.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match=r"newer briefbot\. Install that version"):
        async with open_database(database):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "",
        "briefbot.db",
        "mysql://user:hunter2@host/database",
        "postgresql",
        "sqlite://",
        "sqlite:///",
        "postgresql://user:hunter2@host:port/database",
        "postgresql://user:hunter2@host:/d:1/database",
        "\x00",
    ],
)
def test_what_is_no_address_of_a_database_is_explained(url: str) -> None:
    with pytest.raises(StateError, match=r"sqlite:///path/to/briefbot\.db") as caught:
        address(url)
    assert SECRET not in str(caught.value)


async def refused(url: str) -> str:
    """Why a database cannot be opened; one line, and no password."""
    with pytest.raises(StateError) as caught:
        async with open_database(url):
            pass
    said = str(caught.value)
    assert SECRET not in said
    assert len(said.splitlines()) == 1
    return said


async def test_a_server_that_cannot_be_reached_is_explained() -> None:
    for host in ("127.0.0.1:1", "no-such-host.invalid"):
        assert "Check DATABASE_URL" in await refused(f"postgresql://someone:{SECRET}@{host}/briefbot")


async def test_a_server_that_refuses_us_is_explained() -> None:
    url = make_url(server().get_uri())
    for wrong in (url.set(database="nowhere"), url.set(username="nobody"), url.set(username="nobody", password=SECRET)):
        assert "Check DATABASE_URL" in await refused(wrong.render_as_string(hide_password=False))


@pytest.fixture(name="postgresql")
def _postgresql(tmp_path: Path) -> Iterator[str]:
    yield from fresh("postgresql", tmp_path)


async def test_a_user_who_may_not_make_tables_is_explained(postgresql: str) -> None:
    async with open_database(postgresql) as opened:
        await _run(opened, "CREATE ROLE onlooker LOGIN")
    url = make_url(server().get_uri()).set(username="onlooker", database="template1")
    assert "permission denied" in await refused(url.render_as_string(hide_password=False))


async def test_a_place_that_cannot_be_written_to_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database, but long enough to look like one" * 30, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    told = {place: await refused(f"sqlite:///{place}") for place in ("/proc/state.db", tmp_path / "file" / "state.db")}
    assert all("BRIEFBOT_DATA_DIR" in said for said in told.values())
    for place in (tmp_path / "file", tmp_path / "folder"):
        said = await refused(f"sqlite:///{place}")
        assert str(place) in said
        assert "Check DATABASE_URL" in said


# One process at a time.


async def test_one_does_what_only_one_may_and_the_next_when_it_has_ended(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.state.database.LOOK_AGAIN", 0.02)
    inside: list[str] = []

    async with open_database(database) as first, open_database(database) as second:

        async def wait() -> None:
            async with second.alone("discord"):
                inside.append("second")

        async with first.alone("discord"), first.alone("other"):
            waiting = asyncio.create_task(wait())
            await asyncio.sleep(0.2)
            assert inside == []
        await asyncio.wait_for(waiting, 10)
    assert inside == ["second"]
    async with open_database(database) as third, third.alone("discord"):
        pass
