"""A server with the bot in it, over invented facts and a real database; all through discord.py itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
from simcord import Env

from bot.adapters.discord import BriefBot, create_bot
from bot.digest.sending import Sender
from tests.databases import fresh_file
from tests.world import PATIENCE, World, world


@dataclass
class Newsdesk:
    """The world, the bot in it, and people: `ann` manages the server, `eve` is an editor, `bob` and `cid` read."""

    world: World
    bot: BriefBot
    env: Env
    failing: bool = False  # whether errors are what the test is about

    def __post_init__(self) -> None:
        self.guild = self.env.create_guild("Newsroom")
        managers = self.guild.create_role("Desk", permissions=discord.Permissions(manage_channels=True))
        self.channel = self.guild.create_text_channel("desk")
        self.ann = self.guild.add_member(self.env.create_user("ann", global_name="Ann"), roles=[managers])
        editors = self.guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
        self.eve = self.guild.add_member(self.env.create_user("eve", global_name="Eve"), roles=[editors])
        self.bob = self.guild.add_member(self.env.create_user("bob", global_name="Bob"))
        self.cid = self.guild.add_member(self.env.create_user("cid", global_name="Cid"))
        self.editors = editors.id

    async def restart(self) -> None:
        """The bot after a restart: nothing but the database remembers."""
        self.bot = bot_over(self.world, editors={self.editors})
        await self.env.restart_bot(self.bot)

    async def deliver(self) -> int:
        """One look of the sender, through the bot as it now is."""
        news = self.world
        news.sender = Sender(news.state.ledger, [self.bot.outlet], lambda: news.now)
        await news.reload()
        return await news.tick(seconds=1)

    def requests(self, method: str, ending: str) -> list[Any]:
        """The bodies of the requests of one kind."""
        return [body for verb, path, body in self.bodies if verb == method and path.endswith(ending)]

    @property
    def bodies(self) -> list[tuple[str, str, Any]]:
        """Every request with a body, as it was sent."""
        return [(entry.method, entry.path, entry.json) for entry in self.env.http_requests if entry.json is not None]


def bot_over(news: World, **options: Any) -> BriefBot:
    """A bot over a world's desk and clock."""
    return create_bot(news.desk, clock=lambda: news.now, zone="Europe/Paris", memory=news.state.memory, **options)


@asynccontextmanager
async def newsdesk(folder: Path, **options: Any) -> AsyncIterator[Newsdesk]:
    """Everything, on SQLite."""
    async with world(fresh_file(folder / "state.db"), folder / "seeds") as news:
        bot = bot_over(news)
        env = Env(bot, settle_timeout=PATIENCE, **options)  # its own context manager cannot span a fixture
        await env.start()
        desk = Newsdesk(news, bot, env)
        await desk.restart()  # now that there is a role of editors
        await desk.deliver()
        try:
            yield desk
        finally:
            await env.shutdown()
        if not desk.failing:
            env.raise_errors()


def walk(components: Any) -> Iterator[dict[str, Any]]:
    """Every component, as sent."""
    for component in components or ():
        yield component
        yield from walk(component.get("components"))
        if isinstance(inner := component.get("component"), dict):
            yield from walk([inner])


def words(message: Any) -> str:
    """All the text of a message, in order."""
    if isinstance(message, discord.Message):
        found: list[str] = []
        waiting: list[Any] = list(message.components)
        while waiting:
            part = waiting.pop(0)
            found += [part.content] if isinstance(part, discord.TextDisplay) else []
            waiting = list(getattr(part, "children", [])) + waiting
        return "\n".join(found)
    return "\n".join(part["content"] for part in walk(message.components) if part.get("type") == 10)


def labels(message: Any) -> list[str]:
    """The labels of the buttons of a message."""
    if isinstance(message, discord.Message):
        rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
        return [one.label or "" for row in rows for one in row.children if isinstance(one, discord.Button)]
    return [part["label"] for part in walk(message.components) if part.get("type") == 2]
