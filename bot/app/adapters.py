"""What an adapter to a platform is to the program, and how it is kept connected."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import aiohttp

from bot.digest.ledger import Outlet
from bot.errors import RefusedError
from bot.observing import Finding, Observer

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds between two attempts to connect
HELD = 120.0  # seconds; a connection that lasted so long was a good one


class Adapter(Protocol):
    """A connection to one platform.

    `outlet` delivers without being connected: deliveries never wait for a gateway.
    """

    @property
    def name(self) -> str:
        """The platform's name."""

    @property
    def outlet(self) -> Outlet:
        """Where deliveries to the platform go."""

    @property
    def connected(self) -> bool:
        """Whether events arrive."""

    async def prepare(self) -> None:
        """Make the outlet ready to send. Raises RefusedError when the platform does not take the token."""

    async def listen(self) -> None:
        """Connect and serve until cancelled.

        Raises:
            RefusedError: the platform will not have us; trying again is of no use.
        """

    async def examine(self) -> list[Finding]:
        """For `briefbot doctor`: the token, rights and the rest, asked of the platform itself."""

    async def close(self) -> None:
        """Let go of every connection."""


@dataclass
class Running:
    """An adapter and how it is doing. `refused` means that nothing is tried any more."""

    adapter: Adapter
    listens: bool
    failure: str = ""
    refused: bool = False
    _chance: random.Random = field(default_factory=random.Random)

    @property
    def problem(self) -> str:
        """What is wrong with it, or an empty text."""
        if self.failure or not self.listens or self.adapter.connected:
            return self.failure
        return "not connected"

    async def keep_up(self, observer: Observer) -> None:
        """Connect, and again after a failure with growing pauses, until cancelled or refused."""
        wait = FIRST_WAIT
        while True:
            began = monotonic()
            try:
                await self.adapter.prepare()
                self.failure = ""
                if not self.listens:
                    return
                await self.adapter.listen()
                self.failure = "the connection ended"
            except RefusedError as error:
                self.refused, self.failure = True, str(error)
                log.error("%s: %s", self.adapter.name, error)  # noqa: TRY400 (the message says what to do)
                return
            except (OSError, TimeoutError, aiohttp.ClientError) as error:
                observer.failed(self.adapter.name)
                self.failure = f"cannot connect ({type(error).__name__})"
            except Exception as error:
                observer.failed(self.adapter.name)
                self.failure = f"cannot connect ({type(error).__name__})"
                log.exception("%s failed", self.adapter.name)
            wait = FIRST_WAIT if monotonic() - began > HELD else min(wait * 2, LONGEST_WAIT)
            pause = wait * self._chance.uniform(0.5, 1)
            log.warning("%s: %s; connecting again in %.0f seconds", self.adapter.name, self.failure, pause)
            await asyncio.sleep(pause)
