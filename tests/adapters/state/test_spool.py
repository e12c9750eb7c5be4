from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, select

from bot.adapters.state.database import Database
from bot.adapters.state.schema import questions, sightings
from bot.adapters.state.sightings import MOST_IN_A_BATCH, Spool
from bot.adapters.state.state import State, open_state
from bot.briefing.card import plain
from bot.digest.ledger import DeliveryKind, Sighted
from bot.digest.places import Place, Visibility
from bot.digest.sightings import Asked, Showing
from tests.databases import fresh_file, mislaid
from tests.seedfolder import both, raise_revision
from tests.world import CHANNEL, PATIENCE, READER, START, World, world

FARE = "what does the ferry cost?"
SOON = 0.1  # seconds


def showing(number: int, channel: str = "C1") -> Showing:
    return Showing(Place("test", "w1", channel), READER, Visibility.ALL, (Sighted(f"fact-{number}", 1),), START)


def asked(number: int) -> Asked:
    return Asked(CHANNEL, READER, True, f"Why {number}?", f"why {number}", "en", "", "no_answer", START)


async def shown(state: State) -> list[str]:
    async with state.database.read() as connection:
        return list((await connection.execute(select(sightings.c.fact).order_by(sightings.c.id))).scalars())


async def kept_questions(state: State) -> list[str]:
    async with state.database.read() as connection:
        return list((await connection.execute(select(questions.c.text).order_by(questions.c.id))).scalars())


class Transactions:
    """Counts the transactions that a database begins."""

    def __init__(self, database: Database) -> None:
        self.begun = 0
        event.listen(database.engine.sync_engine, "begin", self._count)

    def _count(self, _: object) -> None:
        self.begun += 1


async def test_what_is_put_is_on_disk_when_put_returns(database: str) -> None:
    async with open_state(database, patience=PATIENCE) as state:
        await state.spool.put(showing(1))
        await state.spool.put(asked(1))
        assert await shown(state) == ["fact-1"]
        assert await kept_questions(state) == ["Why 1?"]
        assert state.spool.pending == 0


async def test_many_at_once_share_transactions_and_keep_their_order(database: str) -> None:
    number = 2 * MOST_IN_A_BATCH + 100
    async with open_state(database) as state:
        counted = Transactions(state.database)
        await asyncio.gather(*(state.spool.put(showing(n)) for n in range(number)))
        assert await state.spool.flush(PATIENCE) == 0
        assert counted.begun <= 4
        assert await shown(state) == [f"fact-{n}" for n in range(number)]


async def test_several_writers_of_one_database_lose_nothing(database: str) -> None:
    async with open_state(database) as one, open_state(database) as other:
        both_at_once = [spool.put(showing(n, f"C{n % 7}")) for n in range(100) for spool in (one.spool, other.spool)]
        await asyncio.gather(*both_at_once)
        assert [await state.spool.flush(PATIENCE) for state in (one, other)] == [0, 0]
        assert sorted(await shown(one)) == sorted(f"fact-{n}" for n in range(100) for _ in range(2))


@pytest.mark.parametrize("table", ["sightings", "places"])
async def test_what_cannot_be_written_is_kept_and_written_later_in_order(database: str, table: str) -> None:
    async with open_state(database) as state:
        async with mislaid(state, table):
            await asyncio.gather(*(state.spool.put(showing(n)) for n in range(3)))
            await state.spool.put(asked(1))
            assert state.spool.pending == 4
        assert await state.spool.flush(PATIENCE) == 0
        assert await shown(state) == ["fact-0", "fact-1", "fact-2"]
        assert await kept_questions(state) == ["Why 1?"]


async def test_an_answer_is_given_while_another_program_holds_the_database(tmp_path: Path) -> None:
    url = fresh_file(tmp_path / "state.db")
    async with world(url, tmp_path) as made:
        made.state.spool.patience = SOON
        holder = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        reply = await made.ask(FARE)
        assert "The ferry costs 4 crowns." in plain(reply.card)
        assert made.state.spool.pending == 1
        holder.execute("COMMIT")
        holder.close()
        assert await made.state.spool.flush(PATIENCE) == 0
        assert await shown(made.state) == ["ferry-fare"]


async def test_what_is_in_memory_is_written_when_the_state_closes(database: str) -> None:
    async with open_state(database) as state, mislaid(state, "sightings"):
        await state.spool.put(showing(1))
        assert state.spool.pending == 1
    async with open_state(database) as state:
        assert await shown(state) == ["fact-1"]


async def test_closing_does_not_wait_out_a_long_pause_between_two_attempts(database: str) -> None:
    async with open_state(database) as state:
        async with mislaid(state, "sightings"):
            for number in range(4):  # each waits a second; by now the attempts are seconds apart
                await state.spool.put(showing(number))
        assert await state.spool.flush(2) == 0
        assert len(await shown(state)) == 4


async def test_a_button_finds_what_was_shown_before_it_is_on_disk(tmp_path: Path) -> None:
    async with world(fresh_file(tmp_path / "state.db"), tmp_path) as made:
        async with mislaid(made.state, "sightings"):
            reply = await made.ask(FARE)
        assert made.state.spool.pending == 1
        assert reply.showing is not None
        kept = await made.state.flags.kept([reply.showing.token])
        assert kept is not None
        assert [one.fact for one in kept.facts] == ["ferry-fare"]


async def test_what_is_left_in_the_end_is_counted(database: str) -> None:
    async with open_state(database) as state:
        spool = Spool(state.database, SOON)
        async with mislaid(state, "sightings"):
            await spool.put(showing(1))
            assert await spool.flush(0.1) == 1
        assert await spool.flush(PATIENCE) == 0
        assert await shown(state) == ["fact-1"]


async def corrections(made: World) -> list[str]:
    await made.tick(minutes=1)
    return made.platform.texts(CHANNEL, DeliveryKind.CORRECTION)


async def test_a_sighting_that_was_kept_in_memory_is_corrected_as_well(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        async with mislaid(made.state, "sightings"):
            await made.ask(FARE, visibility=Visibility.ALL)
        assert await made.state.spool.flush(PATIENCE) == 0
        raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
        await made.reload()
        assert ["The ferry costs 5 crowns." in notice for notice in await corrections(made)] == [True]


async def test_what_was_shown_while_its_correction_was_recorded_is_corrected_too(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        async with mislaid(made.state, "sightings"):
            await made.ask(FARE, visibility=Visibility.ALL)  # the old version, not on disk yet
            raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
            store = made.seeds.load()
            made.seeds.record()
        waiting = made.state.spool
        recorded = await made.state.record.take(store, made.now)
        made.sender.use(store, recorded.recording)
        assert await waiting.flush(PATIENCE) == 0
        assert ["The ferry costs 5 crowns." in notice for notice in await corrections(made)] == [True]
        assert len(made.platform.texts(CHANNEL, DeliveryKind.CORRECTION)) == 1


async def test_who_is_the_reader_of_what_was_shown() -> None:
    private = Showing(CHANNEL, READER, Visibility.PRIVATE, (), START)
    assert private.reader == READER.own_place
    assert showing(1).reader == CHANNEL
    assert Showing(CHANNEL, None, Visibility.PRIVATE, (), START).reader == CHANNEL
    assert private.token != Showing(CHANNEL, READER, Visibility.PRIVATE, (), START).token
