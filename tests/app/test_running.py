from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import App
from bot.app import adapters as adapters_module
from bot.app.adapters import Adapter
from bot.app.running import Maker, Part, Service, platforms, running
from bot.desk import Asking
from bot.digest.subscriptions import Wish
from bot.errors import RefusedError, SettingsError
from bot.observing import Finding
from bot.settings import Settings
from tests.newsroom import newsroom
from tests.seedfolder import SeedFolder, both, raise_revision
from tests.world import AT_NINE, CHANNEL, EDITOR, PATIENCE, START, Recorder


@dataclass
class Wire:
    """An adapter over the recorder: `faults` are met one by one when it connects, then it stays connected."""

    name: str = "test"
    outlet: Recorder = field(default_factory=Recorder)
    faults: list[Exception] = field(default_factory=list)
    connected: bool = False
    attempts: int = 0
    closed: bool = False

    async def prepare(self) -> None:
        self.attempts += 1
        if self.faults:
            raise self.faults.pop(0)

    async def listen(self) -> None:
        self.connected = True
        try:
            await asyncio.Event().wait()
        finally:
            self.connected = False

    async def examine(self) -> list[Finding]:
        return []

    async def close(self) -> None:
        self.closed = True

    def __call__(self, _settings: Settings, _app: App, _clock: Callable[[], datetime]) -> Adapter:
        return self


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(name="seeds")
def _seeds(tmp_path: Path) -> SeedFolder:
    return newsroom(tmp_path / "seeds")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters_module, "FIRST_WAIT", 0.01)


@asynccontextmanager
async def service(
    database: str, seeds: SeedFolder, makers: list[Wire], clock: Clock, only: Part | None = None
) -> AsyncIterator[Service]:
    settings = Settings(
        seeds_dir=seeds.write(), database_url=SecretStr(database), http_port=0, tick_seconds=0.05, stop_seconds=5
    )
    made: list[Maker] = list(makers)
    async with running(settings, made, only, clock) as found:
        yield found


async def readyz(port: int) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as response:
        return response.status, (await response.json())["parts"]


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 (what it waits for tells nobody)
            await asyncio.sleep(0.02)


async def subscribe(found: Service, clock: Clock) -> None:
    await found.app.state.subscriptions.add(CHANNEL, EDITOR, Wish(AT_NINE, quiet_line=True), clock())


async def test_questions_are_answered_and_digests_go_out(database: str, seeds: SeedFolder) -> None:
    wire, clock = Wire(), Clock()
    async with service(database, seeds, [wire], clock) as found:
        await until(lambda: wire.connected)
        await subscribe(found, clock)
        reply = await found.app.desk.handle("what does the ferry cost?", Asking(clock(), place=CHANNEL, person=EDITOR))
        assert reply.answer is not None
        clock.now += timedelta(hours=3)
        await until(lambda: b'attempts_total{outcome="sent",platform="test"} 1.0' in found.measured())
        await found.take_stock()
        measured = found.measured().decode()
        assert 'briefbot_questions_total{outcome="answered",platform="test"} 1.0' in measured
        assert 'briefbot_sightings_total{visibility="private"} 1.0' in measured
        assert 'briefbot_subscriptions{standing="active"} 1.0' in measured
        assert 'briefbot_connected{adapter="test"} 1.0' in measured
        assert (await readyz(found.port))[0] == 200
    assert wire.closed
    assert not wire.connected


async def test_one_platform_that_fails_stops_no_other_and_is_tried_again(database: str, seeds: SeedFolder) -> None:
    good = Wire()
    bad = Wire("other", Recorder("other"), [ConnectionError("down"), ConnectionError("down"), ConnectionError("down")])
    async with service(database, seeds, [good, bad], Clock()) as found:
        await until(lambda: good.connected and bad.connected)
        assert bad.attempts == 4
        assert (await readyz(found.port))[0] == 200
        assert 'briefbot_failures_total{where="other"} 3.0' in found.measured().decode()


async def test_a_platform_that_refuses_us_is_left_alone_and_named(database: str, seeds: SeedFolder) -> None:
    good, bad = Wire(), Wire("other", Recorder("other"), [RefusedError("The token is not taken. Set OTHER_TOKEN.")])
    async with service(database, seeds, [good, bad], Clock()) as found:
        await until(lambda: good.connected and bad.attempts)
        await asyncio.sleep(0.3)
        assert bad.attempts == 1
        status, parts = await readyz(found.port)
        assert status == 503
        assert parts["other"] == "The token is not taken. Set OTHER_TOKEN."
        assert parts["test"] == "ok"
        stop = asyncio.Event()
        stop.set()
        await found.until(stop)


async def test_when_nobody_takes_us_it_ends_and_says_so(database: str, seeds: SeedFolder) -> None:
    async with service(database, seeds, [Wire(faults=[RefusedError("Set TEST_TOKEN.")])], Clock()) as found:
        with pytest.raises(RefusedError, match="Set TEST_TOKEN"):
            await asyncio.wait_for(found.until(asyncio.Event()), PATIENCE)


async def test_edited_facts_are_taken_and_broken_ones_are_not(database: str, seeds: SeedFolder) -> None:
    wire, clock = Wire(), Clock()
    async with service(database, seeds, [wire], clock) as found:
        seeds.record()
        raise_revision(seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
        seeds.write()
        await until(lambda: found.app.desk.store.facts["ferry-fare"].revision == 2)
        seeds.fact("ferry-fare")["topic"] = "nowhere"
        seeds.write()
        await until(lambda: found.app.problem)
        status, parts = await readyz(found.port)
        assert status == 503
        assert "ferry-fare" in parts["facts and database"] or "finding" in parts["facts and database"]
        assert found.app.desk.store.facts["ferry-fare"].revision == 2
        assert 'briefbot_reloads_total{result="refused"} 1.0' in found.measured().decode()


async def test_a_stop_finishes_what_is_being_sent(database: str, seeds: SeedFolder) -> None:
    wire, clock = Wire(), Clock()
    taken, go_on = asyncio.Event(), asyncio.Event()
    send = wire.outlet.send

    async def slow(parcel: object) -> str:
        taken.set()
        await go_on.wait()
        return await send(parcel)  # type: ignore[arg-type]

    wire.outlet.send = slow  # type: ignore[method-assign]
    async with service(database, seeds, [wire], clock) as found:
        await subscribe(found, clock)
        clock.now += timedelta(hours=3)
        await asyncio.wait_for(taken.wait(), PATIENCE)
        asyncio.get_running_loop().call_later(0.2, go_on.set)
    assert len(wire.outlet.messages) == 1
    clock.now += timedelta(minutes=5)
    wire.outlet.send = send  # type: ignore[method-assign]
    async with service(database, seeds, [wire], clock) as found:
        await until(lambda: wire.connected)
        await found.tick()
    assert len(wire.outlet.messages) == 1


async def test_a_process_for_the_digest_listens_to_nobody(database: str, seeds: SeedFolder) -> None:
    wire, clock = Wire(), Clock()
    async with service(database, seeds, [wire], clock, "digest") as found:
        await subscribe(found, clock)
        clock.now += timedelta(hours=3)
        await until(lambda: wire.outlet.messages)
        assert not wire.connected
        assert (await readyz(found.port))[0] == 200


def test_without_a_token_it_says_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"DISCORD_TOKEN.*SLACK_BOT_TOKEN.*briefbot chat"):
        platforms(Settings(), None)
