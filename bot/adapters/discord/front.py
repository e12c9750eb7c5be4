"""From Discord to the desk and back: who asks where, the acknowledgement in time, the reply as a message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import discord

from bot.adapters.discord.controls import after_row, notice_rows, reply_frame, source_of
from bot.adapters.discord.failures import language_of
from bot.adapters.discord.layout import Frame, pages, view_of
from bot.adapters.discord.whereabouts import (
    GROUPS,
    Acting,
    is_editor,
    label_of,
    may_manage,
    own_place,
    person_of,
    place_of_interaction,
    place_of_message,
)
from bot.briefing.card import Card
from bot.desk import Asking, Desk, Reply
from bot.digest.places import Place, Visibility
from bot.digest.sightings import FlagReason
from bot.errors import StateError

SOON = 1.5  # seconds until we acknowledge what is not answered yet; Discord waits for three
SETTINGS_PATIENCE = 0.7


@dataclass(frozen=True)
class Front:
    """What every command, button and message goes through.

    `clock` tells the time; `zone` is the newsroom's; `editors` are the ids of people and roles that
    may see the queue: nobody, unless they are named.
    """

    desk: Desk
    clock: Callable[[], datetime]
    zone: str = "UTC"
    editors: frozenset[int] = frozenset()

    async def asking(self, interaction: Acting, *, private: bool = False) -> Asking:
        """Who asks where; `private` for what never concerns anybody else."""
        place, now = place_of_interaction(interaction), self.clock()
        visibility = Visibility.ALL if place.direct else Visibility.PRIVATE
        if not private and self.desk.channels is not None and not place.direct and place.workspace != GROUPS:
            try:
                async with asyncio.timeout(SETTINGS_PATIENCE):
                    visibility = await self.desk.channels.visibility(place, now)
            except TimeoutError:
                pass  # what is private by mistake can be shared; the reverse cannot be taken back
        return Asking(
            now,
            default_language=language_of(interaction),
            thread=thread_of(place, interaction.user.id),
            place=place,
            person=person_of(interaction.user),
            visibility=visibility,
            may_manage=may_manage(interaction),
            is_editor=is_editor(interaction.user, self.editors),
            zone=self.zone,
            place_label=label_of(interaction.channel),
        )

    async def line(
        self, interaction: Acting, line: str, *, private: bool = False, question: str = "", own: bool = False
    ) -> None:
        """Answer a line as typed. `own` turns it to the asker's direct conversation, which is opened for it."""
        asking = await self.asking(interaction, private=private)
        if own and asking.place is not None and not asking.place.direct:
            await interaction.response.defer(ephemeral=True)
            channel = await interaction.user.create_dm()
            asking = replace(asking, place=own_place(interaction.user, channel.id))
        reply = await in_time(interaction, self.desk.handle(line, asking), asking.visibility)
        await self.show(interaction, reply, asking, line, Frame(question=question))

    async def show(self, interaction: Acting, reply: Reply, asking: Asking, line: str, frame: Frame) -> None:
        """Show a reply to whom it is for, then what waited for this person, to them alone."""
        private = reply.visibility is Visibility.PRIVATE
        made = pages(reply.card)
        source = source_of(line, reply.showing.token if reply.showing else "", len(made))
        asker = frame.asker or (interaction.user.display_name if frame.question and not private else "")
        if asking.place is not None and asking.place.direct:
            asker = ""
        framed = reply_frame(reply, (1, len(made), source), asking.place, replace(frame, asker=asker))
        if row := after_row(reply.card, line):
            framed = replace(framed, rows=[*framed.rows, row])
        first = await send(interaction, view_of(made[0], framed), private=private)
        if not source:
            for page in made[1:]:
                await send(interaction, view_of(page), private=private)
        await self.notices(interaction, reply)
        await self.desk.delivered(reply, self.clock(), "" if private else first)

    async def flag(
        self, interaction: Acting, reason: FlagReason, note: str, keys: Sequence[str], question: str
    ) -> None:
        """Keep a flag for the editors."""
        asking = await self.asking(interaction, private=True)
        if self.desk.messages is None:
            raise StateError("Flags need a database.")
        work = self.desk.messages.flag(keys, reason, note, question, asking)
        reply = await in_time(interaction, _as_reply(work), Visibility.PRIVATE)
        await self.show(interaction, reply, asking, "", Frame())

    async def watch(self, interaction: Acting, keys: Sequence[str]) -> None:
        """Tell this person when the facts of a message change, in their direct conversation where it can be opened."""
        if self.desk.watches is None:
            raise StateError("Watching needs a database.")
        asking = await self.asking(interaction, private=True)
        if asking.place is not None and not asking.place.direct:
            await interaction.response.defer(ephemeral=True, thinking=True)
            with suppress(discord.HTTPException):  # closed to us: then it waits for the next contact
                channel = await interaction.user.create_dm()
                asking = replace(asking, direct_address=str(channel.id))
        reply = await in_time(interaction, _as_reply(self.desk.watches.watch(keys, asking)), Visibility.PRIVATE)
        await self.show(interaction, reply, asking, "watch", Frame())

    async def notices(self, interaction: Acting, reply: Reply) -> None:
        """What waited for this person."""
        for contact in reply.notices:
            for page in pages(contact.card):
                view = view_of(page, Frame(rows=notice_rows(page, contact.delivery)))
                await send(interaction, view, private=interaction.guild_id is not None)

    async def message(self, message: discord.Message, text: str) -> None:
        """Answer a message that addresses us: a mention, or a direct message. All in that place see it."""
        place, now = place_of_message(message), self.clock()
        asking = Asking(
            now,
            thread=thread_of(place, message.author.id),
            place=place,
            person=person_of(message.author),
            visibility=Visibility.ALL,
            may_manage=_may_manage(message),
            is_editor=is_editor(message.author, self.editors),
            zone=self.zone,
            place_label=label_of(message.channel),
        )
        reply = replace(await self.desk.handle(text or "help", asking), visibility=Visibility.ALL)
        if not place.direct:
            reply = replace(reply, notices=())  # others read here; they go on waiting
        made = pages(reply.card)
        source = source_of(text, reply.showing.token if reply.showing else "", len(made))
        frame = reply_frame(reply, (1, len(made), source), place, Frame())
        sent = await message.reply(view=view_of(made[0], frame), mention_author=False)
        for page in made[1:] if not source else ():
            await message.channel.send(view=view_of(page))
        for contact in reply.notices:
            for page in pages(contact.card):
                view = view_of(page, Frame(rows=notice_rows(page, contact.delivery)))
                await message.channel.send(view=view)
        await self.desk.delivered(reply, self.clock(), str(sent.id))


def thread_of(place: Place, person: int) -> str:
    """The conversation: of a thread all who speak in it, elsewhere of each person for themselves."""
    where = f"discord:{place.workspace}:{place.channel}"
    return f"{where}:{place.thread}" if place.thread else f"{where}:@{person}"


async def in_time(interaction: Acting, work: Awaitable[Reply], visibility: Visibility) -> Reply:
    """What the desk replies, acknowledged on the way if it takes long."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=SOON)
    if not done and not interaction.response.is_done():
        await interaction.response.defer(ephemeral=visibility is Visibility.PRIVATE, thinking=True)
    return await task


async def send(interaction: Acting, view: discord.ui.LayoutView, *, private: bool) -> str:
    """Send one message as the response or after it; returns its id."""
    # In a direct conversation nobody else reads, so that a message that stays is better.
    ephemeral = (private and interaction.guild_id is not None) or (interaction.context.private_channel and private)
    if interaction.response.is_done():
        sent = await interaction.followup.send(view=view, ephemeral=ephemeral, wait=True)
        return str(sent.id)
    response = await interaction.response.send_message(view=view, ephemeral=ephemeral)
    return str(response.message_id or "")


async def _as_reply(work: Awaitable[Card]) -> Reply:
    return Reply(await work)


def _may_manage(message: discord.Message) -> bool:
    if not isinstance(message.author, discord.Member) or isinstance(message.channel, discord.PartialMessageable):
        return message.guild is None
    allowed = message.channel.permissions_for(message.author)
    return allowed.manage_channels or allowed.manage_guild
