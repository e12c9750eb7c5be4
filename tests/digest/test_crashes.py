"""A process killed at any step between "due" and "marked as sent" leads to one message.

In CI every few steps; `python -m tests.digest.test_crashes` kills at every one.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.adapters.state.state import open_state
from bot.digest.ledger import DeliveryState
from tests import forked
from tests.databases import BACK_ENDS, fresh
from tests.digest import crashing
from tests.digest.crashing import PLACES
from tests.newsroom import newsroom
from tests.world import START


@dataclass
class Endpoint:
    """A platform that records what it takes, in `takes` seconds, and a key once only if it `recognises` it."""

    recognises: bool = True
    takes: float = 0.0
    messages: list[dict[str, str]] = field(default_factory=list)

    async def post(self, request: web.Request) -> web.Response:
        """Take a message."""
        message = await request.json()
        await asyncio.sleep(self.takes)
        if self.recognises and (known := self._known(message["key"])):
            return web.json_response({"id": known})
        self.messages.append(message)
        return web.json_response({"id": f"m{len(self.messages)}"})

    async def get(self, request: web.Request) -> web.Response:
        """Tell whether a message is here."""
        return web.json_response({"id": self._known(request.match_info["key"])})

    def _known(self, key: str) -> str:
        found = [f"m{at}" for at, message in enumerate(self.messages, 1) if message["key"] == key]
        return found[0] if found else ""

    @property
    def copies(self) -> Counter[str]:
        """How often each delivery is here."""
        return Counter(message["slot"] for message in self.messages)


@asynccontextmanager
async def served(endpoint: Endpoint) -> AsyncIterator[str]:
    """The endpoint on loopback; gives its address."""
    application = web.Application()
    application.add_routes([web.post("/messages", endpoint.post), web.get("/messages/{key}", endpoint.get)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def crash(endpoint: Endpoint, database: str, folder: Path, **options: Any) -> int:
    """Let the sender be killed again and again; returns how often it was."""
    newsroom(folder / "seeds").write()
    async with served(endpoint) as url:
        told = {
            "database": database,
            "seeds": str(folder / "seeds"),
            "endpoint": url,
            "trusted": 0,
            "ask": True,
            "resume_after": 70,
            "first": 1,
            "stride": 7,
            **options,
        }
        return await asyncio.to_thread(forked.result, crashing.crash, told)


async def ledger(database: str) -> dict[DeliveryState, int]:
    """How many deliveries stand where."""
    async with open_state(database) as state:
        return dict((await state.reports.pulse(START)).by_state)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"ask": True}, id="the platform can be asked"),
        pytest.param({"ask": False, "trusted": 90}, id="the platform recognises a repeat"),
        pytest.param({"ask": True, "trusted": 90, "resume_after": 130}, id="its window is over"),
    ],
)
async def test_each_edition_is_there_once(database: str, tmp_path: Path, options: dict[str, Any]) -> None:
    endpoint = Endpoint(recognises=bool(options.get("trusted")))
    kills = await crash(endpoint, database, tmp_path, **options)
    assert kills > 10
    assert set(endpoint.copies.values()) == {1}
    assert len(endpoint.copies) == PLACES * (kills + 1)
    assert await ledger(database) == {DeliveryState.SENT: len(endpoint.copies)}


async def test_where_nobody_can_tell_there_is_at_most_one_repeat_and_it_says_so(database: str, tmp_path: Path) -> None:
    endpoint = Endpoint(recognises=False)
    kills = await crash(endpoint, database, tmp_path, ask=False)
    assert len(endpoint.copies) == PLACES * (kills + 1)
    assert set(endpoint.copies.values()) == {1, 2}
    for slot, copies in endpoint.copies.items():
        texts = [message["text"] for message in endpoint.messages if message["slot"] == slot]
        assert ["may be a repeat" in text for text in texts][1:] == [True] * (copies - 1)
    assert await ledger(database) == {DeliveryState.SENT: len(endpoint.copies)}


async def test_without_the_protection_there_are_doubles(database: str, tmp_path: Path) -> None:
    """The control: a repeat is trusted to be recognised by a platform that does not."""
    endpoint = Endpoint(recognises=False)
    await crash(endpoint, database, tmp_path, ask=False, trusted=10_000)
    assert max(endpoint.copies.values()) > 1


def main() -> None:
    """Every step, on both databases; prints what became of it."""
    for back_end in BACK_ENDS:
        for options in ({"ask": True}, {"ask": False, "trusted": 90}, {"ask": False}):
            with tempfile.TemporaryDirectory() as folder:
                for url in fresh(back_end, Path(folder)):
                    endpoint = Endpoint(recognises=bool(options.get("trusted")))
                    kills = asyncio.run(crash(endpoint, url, Path(folder), stride=1, **options))
                    due = PLACES * (kills + 1)
                    doubles = sum(copies - 1 for copies in endpoint.copies.values())
                    print(f"{back_end} {options}: {kills} kills, {due - len(endpoint.copies)} lost, {doubles} repeated")


if __name__ == "__main__":
    main()
