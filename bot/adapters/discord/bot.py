"""The client: no privileged intent, no mention, one edge for every failure."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.actions import Actions
from bot.adapters.discord.commands import brief_group, message_command
from bot.adapters.discord.controls import Outdated, Pick, Press
from bot.adapters.discord.editing import desk_group
from bot.adapters.discord.failures import Edge, failure_card
from bot.adapters.discord.front import Front
from bot.adapters.discord.layout import view_of
from bot.adapters.discord.outlet import DiscordOutlet
from bot.adapters.discord.syncing import Memory, synchronise
from bot.adapters.discord.text import visible
from bot.adapters.discord.translating import Translator
from bot.adapters.discord.whereabouts import Acting
from bot.desk import Desk
from bot.errors import BriefbotError
from bot.observing import begin_errand, errand

log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0  # seconds; the ledger waits better than a request can
MOST_MESSAGES = 100  # kept by the library for nothing of ours


class BriefTree(app_commands.CommandTree["BriefBot"]):
    """Commands, each interaction once, failures told."""

    async def interaction_check(self, interaction: discord.Interaction[BriefBot], /) -> bool:
        """Whether an interaction comes for the first time."""
        begin_errand()  # discord.py runs each interaction as a task of its own
        return self.client.edge.once.first(interaction.id)

    async def on_error(
        self, interaction: discord.Interaction[BriefBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the person, and the log."""
        if interaction.type is discord.InteractionType.autocomplete:
            log.warning("completion failed", exc_info=error)
            return
        await self.client.edge.tell(interaction, error)


class BriefBot(commands.Bot):
    """The Discord client over one desk."""

    def __init__(self, front: Front, memory: Memory | None, *, synchronises: bool, **options: Any) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=BriefTree,
            max_ratelimit_timeout=LONGEST_WAIT,
            max_messages=MOST_MESSAGES,
            chunk_guilds_at_startup=False,
            **options,
        )
        self.front, self.edge = front, Edge(observer=front.desk.observer)
        self.actor = Actions(front, self.edge)
        self.outlet = DiscordOutlet(self)
        self._memory, self.synchronises = memory, synchronises
        self.tree.add_command(brief_group(front))
        self.tree.add_command(desk_group(front))
        self.tree.add_command(message_command(front))

    async def setup_hook(self) -> None:
        """Before the first event: buttons of every message, old and new; the commands if they changed."""
        self.add_dynamic_items(Press, Pick, Outdated)
        await self.tree.set_translator(Translator())
        if not self.synchronises:
            return
        try:
            if await self.synchronise():
                log.info("the commands changed and were sent to Discord")
        except (discord.HTTPException, BriefbotError) as error:
            log.warning("the commands could not be sent (%s); those of before stay", error)

    async def synchronise(self, *, force: bool = False) -> bool:
        """Send the commands if they changed; returns whether they were sent."""
        return await synchronise(self.tree, self.application_id or 0, self._memory, force=force)

    async def on_message(self, message: discord.Message, /) -> None:
        """A mention or a direct message is a question; nothing else is read, and no bot is answered."""
        if message.author.bot or message.webhook_id is not None or self.user is None:
            return
        if message.guild is not None and not self._addressed(message):
            return
        text = visible(re.sub(rf"<@!?{self.user.id}>", " ", message.content))
        with errand():
            try:
                await self.front.message(message, " ".join(text.split()))
            except Exception as error:  # noqa: BLE001 (the same edge, for messages)
                await self._tell(message, error)

    async def on_interaction(self, interaction: Acting) -> None:
        """Forms of ours; everything else has its own way."""
        data: Any = interaction.data or {}
        if interaction.type is discord.InteractionType.modal_submit and str(data.get("custom_id")).startswith("bb"):
            await self.actor.submitted(interaction)

    def _addressed(self, message: discord.Message) -> bool:
        """Whether we are named in the text; a reply to us names us too, where its author left that on."""
        return self.user is not None and any(user.id == self.user.id for user in message.mentions)

    async def _tell(self, message: discord.Message, error: Exception) -> None:
        ref = self.edge.count()
        log.error("failure %s at message %s", ref, message.id, exc_info=error)
        try:
            await message.reply(view=view_of(failure_card(error, ref, "en")), mention_author=False)
        except discord.HTTPException as second:
            self.edge.missed += 1
            log.warning("failure %s could not be told (%s)", ref, second.code)


class ShardedBriefBot(BriefBot, commands.AutoShardedBot):
    """The same over as many gateway connections as Discord asks for, which it demands from 2,500 servers on."""


def create_bot(
    desk: Desk,
    *,
    clock: Callable[[], datetime] | None = None,
    zone: str = "UTC",
    editors: Collection[int] = (),
    memory: Memory | None = None,
    synchronises: bool = True,
    sharded: bool = False,
    **options: Any,
) -> BriefBot:
    """Build the bot; nothing is connected and no token is needed for that.

    `clock` tells the time where it is not the machine's, `zone` is the newsroom's, `editors` are the ids
    of people and roles that see the queue, `memory` keeps the hash of the commands sent last; `sharded`
    connects as often as Discord asks for; `options` go to the client, such as `shard_count`.
    """
    made = ShardedBriefBot if sharded else BriefBot
    tell = clock or (lambda: datetime.now().astimezone())
    return made(Front(desk, tell, zone, frozenset(editors)), memory, synchronises=synchronises, **options)
