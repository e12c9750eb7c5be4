"""`briefbot discord`: send the commands, check what keeps the bot from working. Over REST, beside a running bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import typer

from bot.briefing.card import Card
from bot.briefing.wording import wording
from bot.cli.common import Json, Lang, app, show_card
from bot.errors import BriefbotError
from bot.settings import read_settings, utc_now

if TYPE_CHECKING:
    from bot.adapters.discord import BriefBot
    from bot.app import App

discord_app = typer.Typer(no_args_is_help=True, help="The Discord bot: its commands there, and what it may do.")
app.add_typer(discord_app, name="discord")


@discord_app.command("sync")
def sync() -> None:
    """Send the commands to Discord now; a running bot does so by itself when they have changed."""

    async def send() -> None:
        async with _logged_in() as (_, bot):
            await bot.synchronise(force=True)

    asyncio.run(send())
    typer.echo("The commands were sent; Discord shows them at once, a client after a restart at the latest.")


@discord_app.command("doctor")
def doctor(lang: Lang = None, *, json: Json = False) -> None:
    """Check intents, the commands at Discord, permissions in every subscribed channel, and the clock."""

    async def look() -> Card:
        from bot.adapters.discord.doctor import clocks, examine  # noqa: PLC0415 (heavy, only needed here)
        from bot.adapters.discord.whereabouts import PLATFORM  # noqa: PLC0415

        async with _logged_in() as (made, bot):
            places = await made.state.subscriptions.places(PLATFORM)
            return await examine(bot, bot.tree, places, wording(lang or "en"), await clocks())

    show_card(asyncio.run(look()), as_json=json)


@asynccontextmanager
async def _logged_in() -> AsyncIterator[tuple[App, BriefBot]]:
    """The bot, logged in over REST only. Raises BriefbotError."""
    import aiohttp  # noqa: PLC0415 (heavy, only needed here)
    import discord  # noqa: PLC0415

    from bot.app import build  # noqa: PLC0415
    from bot.app.running import discord_adapter  # noqa: PLC0415

    settings = read_settings()
    async with build(settings) as made:
        service = discord_adapter(settings, made, lambda: utc_now(settings))
        service.bot.synchronises = False
        try:
            await service.prepare()
            yield made, service.bot
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise BriefbotError(f"Discord does not answer as it should: {error}. Try again in a minute.") from None
        finally:
            await service.close()
