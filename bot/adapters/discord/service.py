"""The way up and down: log in, hold the gateway, leave; what can never work ends with one line that says why."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import aiohttp
import discord

from bot.adapters.discord.bot import BriefBot
from bot.errors import BriefbotError, SettingsError

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds between two attempts to log in
HOPELESS = {
    4010: "The shard number is wrong; leave BRIEFBOT_DISCORD_SHARDED to briefbot.",
    4011: "Discord wants more connections for so many servers: set BRIEFBOT_DISCORD_SHARDED=true.",
    4013: "Discord refuses our intents. Bring briefbot up to date.",
    4014: "Discord refuses our intents. Bring briefbot up to date.",
}


class DiscordService:
    """One bot from start to close. `start` returns at once; `wait` ends only when the bot does."""

    def __init__(self, bot: BriefBot, token: str) -> None:
        self.bot, self._token = bot, token
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to log in and to listen."""
        self._running = asyncio.create_task(self._run(), name="discord")

    async def wait(self) -> None:
        """Until the bot has stopped. Raises BriefbotError when it can never work as it is set up."""
        if self._running is not None:
            await self._running

    async def close(self) -> None:
        """Leave, and stop listening."""
        await self.bot.close()
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError, BriefbotError):
                await self._running

    async def _run(self) -> None:
        await log_in(self.bot, self._token)
        log.info("logged in to Discord as %s", self.bot.user)
        try:
            await self.bot.connect(reconnect=True)
        except discord.ConnectionClosed as error:
            why = HOPELESS.get(error.code or 0, f"The connection was closed for good (code {error.code}).")
            raise BriefbotError(f"Discord: {why}") from None
        except discord.PrivilegedIntentsRequired:
            raise BriefbotError(f"Discord: {HOPELESS[4014]}") from None


async def log_in(bot: BriefBot, token: str, *, patient: bool = True) -> None:
    """Log in over REST; while Discord cannot be reached, somebody `patient` tries again later and later.

    Raises:
        SettingsError: the token is refused; it is not tried again.
        BriefbotError: Discord cannot be reached, and nobody is patient.
    """
    wait = FIRST_WAIT
    while True:
        try:
            await bot.login(token)
        except discord.LoginFailure:
            raise SettingsError(
                "Discord refuses DISCORD_TOKEN. Take the bot's token from "
                "discord.com/developers/applications, under Bot, and set it anew."
            ) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            if not patient:
                raise BriefbotError(
                    f"Discord cannot be reached ({type(error).__name__}). Check the network, then try again."
                ) from None
            log.warning("cannot log in to Discord (%s); trying again in %.0f s", type(error).__name__, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            return
