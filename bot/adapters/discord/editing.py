"""`/newsdesk`: what editors have. Hidden by default, which a server may undo; the desk checks each time."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str as say

from bot.adapters.discord import completion
from bot.adapters.discord.actions import notice
from bot.adapters.discord.completion import Choices
from bot.adapters.discord.doctor import examine
from bot.adapters.discord.failures import language_of
from bot.adapters.discord.front import Front, in_time
from bot.adapters.discord.layout import Frame
from bot.adapters.discord.whereabouts import PLATFORM, Acting, tree_of
from bot.briefing.wording import wording
from bot.desk import Asking, Reply
from bot.digest.places import Visibility

Entry = app_commands.Range[str, 1, 20]
Short = app_commands.Range[str, 1, 100]


def desk_group(front: Front) -> app_commands.Group:
    """`/newsdesk` with everything under it."""
    group = app_commands.Group(
        name=say("newsdesk"),
        description=say("For editors: what readers asked and flagged"),
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    _queue(group, front)

    @group.command(name=say("doctor"), description=say("What keeps the bot from working here"))
    async def doctor(interaction: Acting) -> None:
        asking = await front.asking(interaction, private=True)
        reply = await in_time(interaction, _examined(interaction, asking, front), Visibility.PRIVATE)
        await front.show(interaction, reply, asking, "", Frame())

    return group


def _queue(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("queue"), description=say("Questions without an answer, and flags"))
    @app_commands.rename(entry=say("entry"))
    @app_commands.describe(entry=say("One of them whole"))
    async def queue(interaction: Acting, entry: Entry | None = None) -> None:
        await front.line(interaction, f"queue {entry or ''}".strip(), private=True)

    @group.command(name=say("answer"), description=say("Answer an entry by a fact, to everybody who waits for it"))
    @app_commands.rename(entry=say("entry"), fact=say("fact"))
    @app_commands.describe(entry=say("What is answered"), fact=say("The fact that answers it"))
    async def answer(interaction: Acting, entry: Entry, fact: Short) -> None:
        await front.line(interaction, f"queue answer {entry} {fact}", private=True)

    @group.command(name=say("close"), description=say("Set an entry aside; nobody is told"))
    @app_commands.rename(entry=say("entry"))
    @app_commands.describe(entry=say("What is set aside"))
    async def close(interaction: Acting, entry: Entry) -> None:
        await front.line(interaction, f"queue close {entry}", private=True)

    async def _entries_offered(interaction: Acting, typed: str) -> Choices:
        asking = await front.asking(interaction, private=True)
        if front.desk.queue is None:
            return []
        waiting = await front.desk.queue.entries(asking, completion.MOST)
        return completion.ranked(completion.entries(waiting), typed)

    @answer.autocomplete("fact")
    async def _facts_offered(interaction: Acting, typed: str) -> Choices:
        return completion.ranked(completion.facts(front.desk.store, language_of(interaction)), typed)

    queue.autocomplete("entry")(_entries_offered)
    answer.autocomplete("entry")(_entries_offered)
    close.autocomplete("entry")(_entries_offered)


async def _examined(interaction: Acting, asking: Asking, front: Front) -> Reply:
    """Looks at this server only; what goes elsewhere is none of its editors' business."""
    say, place = wording(asking.reply_language), asking.place
    if not (asking.is_editor or asking.may_manage) or place is None or front.desk.digests is None:
        return Reply(notice(say("This is for the editors.")))
    places = [one for one in await front.desk.digests.places(PLATFORM) if one.workspace == place.workspace]
    clocks = (front.clock(), interaction.created_at)
    return Reply(await examine(interaction.client, tree_of(interaction), places, say, clocks))
