"""The way up and down: log in, hold the gateway, leave; what can never work ends with one line that says why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

import aiohttp
import discord

from bot.adapters.discord.bot import BriefBot
from bot.adapters.discord.doctor import clocks, examined
from bot.adapters.discord.outlet import DiscordOutlet
from bot.adapters.discord.whereabouts import PLATFORM
from bot.briefing.wording import wording
from bot.digest.places import Place
from bot.errors import RefusedError
from bot.observing import Finding, Level

HOPELESS = {
    4004: "Discord refuses DISCORD_TOKEN. Set it anew.",
    4010: "The shard number is wrong; leave BRIEFBOT_DISCORD_SHARDED to briefbot.",
    4011: "Discord wants more connections for so many servers: set BRIEFBOT_DISCORD_SHARDED=true.",
    4013: "Discord refuses our intents. Bring briefbot up to date.",
    4014: "Discord refuses our intents. Bring briefbot up to date.",
}


class DiscordService:
    """The bot as the program runs it.

    `places` tells where digests go, for the doctor; within `alone` no other process of ours listens.
    """

    name = PLATFORM

    def __init__(
        self,
        bot: BriefBot,
        token: str,
        places: Callable[[], Awaitable[Sequence[Place]]],
        alone: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self.bot, self._token, self._places, self._alone = bot, token, places, alone
        self._logged_in = False

    @property
    def outlet(self) -> DiscordOutlet:
        """Where deliveries go; REST alone, no gateway."""
        return self.bot.outlet

    @property
    def connected(self) -> bool:
        """Whether events arrive."""
        return self.bot.is_ready() and not self.bot.is_closed()

    async def prepare(self) -> None:
        """Log in over REST. Raises RefusedError when the token is refused; that is not tried again."""
        if self._logged_in and not self.bot.is_closed():
            return
        if self.bot.is_closed():
            self.bot.clear()
        try:
            await self.bot.login(self._token)
        except discord.LoginFailure:
            raise RefusedError(
                "Discord refuses DISCORD_TOKEN. Take the bot's token from "
                "discord.com/developers/applications, under Bot, and set it anew."
            ) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            await self.bot.http.close()  # the next attempt opens a session and a connector of its own
            self.bot.http.connector = discord.utils.MISSING
            raise
        self._logged_in = True

    async def listen(self) -> None:
        """Hold the gateway until cancelled; the library resumes by itself.

        One process does at a time, or every question would be answered twice; another one waits here.

        Raises:
            RefusedError: Discord will not have us.
        """
        try:
            async with self._alone():
                await self.bot.connect(reconnect=True)
        except discord.ConnectionClosed as error:
            if error.code in HOPELESS:
                raise RefusedError(f"Discord: {HOPELESS[error.code]}") from None
            raise
        except discord.PrivilegedIntentsRequired:
            raise RefusedError(f"Discord: {HOPELESS[4014]}") from None

    async def examine(self) -> list[Finding]:
        """The token, intents, commands, permissions where digests go, the clock. Raises RefusedError."""
        self.bot.synchronises = False
        await self.prepare()
        try:
            found = await examined(self.bot, self.bot.tree, await self._places(), wording("en"), await clocks())
        except discord.HTTPException as error:
            return [Finding(self.name, Level.FAILURE, f"Discord answers {error.status}", "Try again in a minute.")]
        if found.problems:
            return [Finding(self.name, Level.FAILURE, text) for text in found.problems]
        return [Finding(self.name, Level.FINE, " ".join(found.fine))]

    async def close(self) -> None:
        """Leave, and stop listening."""
        await self.bot.close()
