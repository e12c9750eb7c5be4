"""What keeps the bot from working: permissions where digests go, commands, clock, intents. Over REST alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import discord
from discord import app_commands

from bot.adapters.discord.syncing import payload
from bot.adapters.discord.whereabouts import GROUPS, Client
from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.text import harmless
from bot.briefing.wording import Wording
from bot.digest.places import Place

CLOCK_MAY_DIFFER = timedelta(seconds=10)
PRIVILEGED = ("members", "presences", "message_content")


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: what must be mended, and what is as it should be."""

    problems: Sequence[str]
    fine: Sequence[str]


async def examine(
    client: Client,
    tree: app_commands.CommandTree[Client],
    places: Sequence[Place],
    say: Wording,
    clocks: tuple[datetime, datetime] | None = None,
) -> Card:
    """The same as `examined`, as a card."""
    found = await examined(client, tree, places, say, clocks)
    return _card(found.problems, found.fine, say)


async def examined(
    client: Client,
    tree: app_commands.CommandTree[Client],
    places: Sequence[Place],
    say: Wording,
    clocks: tuple[datetime, datetime] | None = None,
) -> Examined:
    """Look at everything; `clocks` are ours and Discord's at one moment. Raises discord.HTTPException."""
    problems: list[str] = []
    fine: list[str] = []
    asked = [name for name in PRIVILEGED if getattr(client.intents, name)]
    if asked:
        problems.append(say("Privileged intents are asked for and not needed: {names}.", names=", ".join(asked)))
    else:
        fine.append(say("No privileged intent is used."))
    differing = await _differing(client, tree)
    if differing:
        names = ", ".join(differing)
        problems.append(say("Commands at Discord differ from ours ({names}). Run: briefbot discord sync", names=names))
    else:
        fine.append(say("The commands at Discord are ours."))
    found = await _permissions(client, places, say)
    problems += found
    if not found:
        fine.append(say.plural("{number} place can be written to.", "{number} places can be written to.", len(places)))
    if clocks is not None:
        apart = abs(clocks[0].astimezone(UTC) - clocks[1].astimezone(UTC))
        seconds = round(apart.total_seconds())
        if apart > CLOCK_MAY_DIFFER:
            problems.append(say("The clock is {seconds} seconds off. Set it by NTP.", seconds=seconds))
        else:
            fine.append(say("The clock is right."))
    return Examined(problems, fine)


def _card(problems: Sequence[str], fine: Sequence[str], say: Wording) -> Card:
    headline = say.plural("{number} problem.", "{number} problems.", len(problems))
    blocks: list[Block] = [Line(headline if problems else say("All is well."), Role.HEADLINE)]
    blocks += [Line(text) for text in problems]
    blocks += [Line(text, Role.NOTE) for text in fine]
    return Card(CardKind.NOTICE, say.language, tuple(blocks), say("Doctor"))


async def _differing(client: Client, tree: app_commands.CommandTree[Client]) -> list[str]:
    """The names of commands that are here or at Discord only, or whose options differ."""
    if client.application_id is None:
        return []
    local = {str(one["name"]): _shape(one) for one in await payload(tree)}
    remote = {one.name: _shape(one.to_dict()) for one in await tree.fetch_commands()}
    return sorted(name for name in local.keys() | remote.keys() if local.get(name) != remote.get(name))


def _shape(command: object) -> object:
    """The names of a command and everything under it."""
    if not isinstance(command, dict):
        return None
    return (command["name"], tuple(_shape(option) for option in command.get("options") or ()))


async def _permissions(client: Client, places: Sequence[Place], say: Wording) -> list[str]:
    """What is missing in the places that are written to, by server."""
    by_guild: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        if not place.direct and place.workspace != GROUPS:
            by_guild[place.workspace].append(place)
    problems = []
    for workspace, held in by_guild.items():
        try:
            guild = await client.fetch_guild(int(workspace), with_counts=False)
            me = await guild.fetch_member(client.user.id if client.user else 0)
            channels = {channel.id: channel for channel in await guild.fetch_channels()}
        except (discord.Forbidden, discord.NotFound):
            problems.append(say("The bot is not in server {server} any more.", server=workspace))
            continue
        for place in held:
            channel = channels.get(int(place.channel))
            name = f"#{harmless(channel.name) or place.channel}" if channel else place.channel
            missing = _missing(channel, me, place) if channel else []
            if channel is None:
                problems.append(say("The channel {channel} is not there, or hidden from the bot.", channel=name))
            elif missing:
                problems.append(say("In {channel} the bot lacks: {names}.", channel=name, names=", ".join(missing)))
    return problems


def _missing(channel: discord.abc.GuildChannel, me: discord.Member, place: Place) -> list[str]:
    """The permissions that we lack, as Discord's settings call them."""
    allowed = channel.permissions_for(me)
    needed = {
        "View Channel": allowed.view_channel,
        "Send Messages": allowed.send_messages_in_threads if place.thread else allowed.send_messages,
        "Read Message History": allowed.read_message_history,
    }
    return [name for name, held in needed.items() if not held]


async def clocks() -> tuple[datetime, datetime] | None:
    """Our clock and Discord's at one moment, by the date on an answer of theirs; None when there is none."""
    async with aiohttp.ClientSession() as session, session.get(f"{discord.http.Route.BASE}/gateway") as answer:
        dated = answer.headers.get("Date")
    return (datetime.now(UTC), parsedate_to_datetime(dated)) if dated else None
