"""One of several senders on one database, until it is killed or nothing is left to send."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import aiohttp

from bot.adapters.state.state import open_state
from bot.digest.ledger import OPEN
from bot.digest.sending import Pace, Sender
from bot.facts.load import load_store
from tests.digest.crashing import HttpOutlet, Steps
from tests.world import START

LEASE = timedelta(seconds=15)  # real ones: what a killed worker held is taken over soon


async def work(options: SimpleNamespace) -> None:
    """Send what is due; the clock runs on from two hours after the start, when everything is due."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    def now() -> object:
        return START + timedelta(seconds=options.at + loop.time() - began)

    async with open_state(options.database, place_pace=timedelta(0)) as state, aiohttp.ClientSession() as session:
        options.store = load_store(Path(options.seeds))
        pace = Pace(lease=LEASE, timeout=timedelta(seconds=2), settling=timedelta(seconds=3))
        sender = Sender(state.ledger, [HttpOutlet(session, options, Steps(None))], now, pace)  # type: ignore[arg-type]
        sender.use(options.store, await state.record.head())
        while True:
            await sender.run_once()
            standing = dict((await state.reports.pulse(START)).by_state)
            if not any(standing.get(state_) for state_ in OPEN):
                return
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(work(SimpleNamespace(**json.loads(sys.argv[1]))))
