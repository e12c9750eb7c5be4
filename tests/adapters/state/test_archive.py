from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.adapters.state.archive import back_up, restore
from bot.adapters.state.database import open_database
from bot.adapters.state.schema import metadata
from bot.app import restored
from bot.digest.ledger import DeliveryKind
from bot.digest.places import Visibility
from bot.errors import StateError
from bot.settings import Settings
from tests.databases import BACK_ENDS, fresh
from tests.seedfolder import both, raise_revision
from tests.world import CHANNEL, EDITOR, START, Recorder, World, world


@pytest.fixture(name="other", params=BACK_ENDS)
def _other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another empty database."""
    (tmp_path / "other").mkdir()
    yield from fresh(request.param, tmp_path / "other")


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "backup.jsonl.gz"


@pytest.fixture(name="made")
async def _made(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path / "one") as made:
        await made.subscribe(quiet_line=True)
        await made.ask("what does the ferry cost?", visibility=Visibility.ALL)
        await made.ask("what is the capital of France?")
        yield made


async def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    async with open_database(url) as opened, opened.read() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


async def test_a_backup_holds_everything_and_fits_either_database(
    made: World, database: str, other: str, file: Path
) -> None:
    await made.tick(hours=3)
    counted = await back_up(made.state.database, file, made.now)
    before = await everything(database)
    assert counted == {name: len(found) for name, found in before.items()}
    assert counted["sightings"]
    assert counted["editions"]
    assert (await asyncio.to_thread(file.stat)).st_mode & 0o077 == 0
    async with open_database(other) as opened:
        assert await restore(opened, file) == counted
    assert await everything(other) == before


async def test_after_a_restore_new_rows_get_new_numbers(made: World, other: str, file: Path, tmp_path: Path) -> None:
    await back_up(made.state.database, file, made.now)
    async with open_database(other) as opened:
        await restore(opened, file)
    async with world(other, tmp_path / "two") as second:
        (known,) = await second.state.subscriptions.of_place(CHANNEL)
        assert (await second.subscribe(EDITOR.own_place)).id == known.id + 1


async def test_what_was_sent_after_the_backup_is_not_sent_again(
    made: World, other: str, file: Path, tmp_path: Path
) -> None:
    """The drill: a backup, then a digest and a correction go out, then the machine is lost."""
    await back_up(made.state.database, file, made.now)
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    await made.reload()
    await made.tick(hours=3)
    sent = list(made.platform.messages)
    assert {parcel.delivery.kind for parcel in sent} == {DeliveryKind.DIGEST, DeliveryKind.CORRECTION}
    now = made.now + timedelta(hours=1)

    settings = Settings(database_url=SecretStr(other), seeds_dir=made.seeds.write())
    _, doubtful = await restored(settings, file, now)
    assert doubtful == len(sent) + len(made.platform.edits)
    async with world(other, tmp_path / "two", Recorder(messages=list(sent))) as second:
        second.seeds = made.seeds
        await second.reload()
        second.now = now
        await second.tick(minutes=5)
        assert second.platform.messages == sent
        await second.tick(days=1)
        assert [parcel.delivery.kind for parcel in second.platform.messages[len(sent) :]] == [DeliveryKind.DIGEST]


async def test_what_was_not_sent_by_then_is_sent_after_the_restore(
    made: World, other: str, file: Path, tmp_path: Path
) -> None:
    await back_up(made.state.database, file, made.now)
    now = made.now + timedelta(hours=3)
    settings = Settings(database_url=SecretStr(other), seeds_dir=made.seeds.write())
    await restored(settings, file, now)
    async with world(other, tmp_path / "two") as second:
        second.now = now
        await second.tick(minutes=5)
        assert len(second.platform.texts(CHANNEL, DeliveryKind.DIGEST)) == 1


def spoil(file: Path, damage: str) -> None:
    packed = file.read_bytes()
    whole = gzip.decompress(packed)
    lines = whole.splitlines(keepends=True)
    file.write_bytes(
        {
            "cut": packed[:-20],
            "lines": gzip.compress(b"".join([*lines[:3], *lines[4:]])),
            "text": b"not a backup",
            "nothing": gzip.compress(b""),
            "schema": gzip.compress(whole.replace(b'"schema": "0', b'"schema": "9', 1)),
        }[damage]
    )


@pytest.mark.parametrize("damage", ["cut", "lines", "text", "nothing", "schema"])
async def test_what_is_no_whole_backup_restores_nothing(made: World, other: str, file: Path, damage: str) -> None:
    await back_up(made.state.database, file, made.now)
    await asyncio.to_thread(spoil, file, damage)
    async with open_database(other) as opened:
        with pytest.raises(StateError, match="version" if damage == "schema" else "nothing was restored"):
            await restore(opened, file)
    assert not any((await everything(other)).values())


async def test_a_backup_is_not_poured_over_records(made: World, file: Path) -> None:
    await back_up(made.state.database, file, made.now)
    with pytest.raises(StateError, match="an empty one"):
        await restore(made.state.database, file)


async def test_a_backup_that_cannot_be_written_leaves_nothing(made: World, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await back_up(made.state.database, tmp_path / "nowhere" / "file", START)
