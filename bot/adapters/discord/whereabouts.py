"""Discord's ids as our places and persons.

A server's channel is `Place("discord", <server>, <channel>)`, a thread or forum post has its own id as
`thread` and its parent as `channel`. A person is the same everywhere: `Person("discord", "global",
<user>)`; the direct conversation with the bot is their own place, with the channel's id as its address.
Where the bot is no member (a group message, a server in which only a person installed it) the place
is `Place("discord", "group", <channel>)`: nothing can be written there later, so that nothing is shown
to all there.
"""

from __future__ import annotations

from collections.abc import Collection

import discord
from discord import app_commands

from bot.digest.places import Person, Place

PLATFORM = "discord"
EVERYWHERE = "global"
GROUPS = "group"

Client = discord.Client
Acting = discord.Interaction[Client]


def person_of(user: discord.abc.User) -> Person:
    """Who acts."""
    return Person(PLATFORM, EVERYWHERE, str(user.id))


def own_place(user: discord.abc.User, channel: int) -> Place:
    """The open direct conversation with a person."""
    return Place(PLATFORM, EVERYWHERE, f"@{user.id}", "", direct=True, address=str(channel))


def place_of_interaction(interaction: Acting) -> Place:
    """Where an interaction was started."""
    channel, number = interaction.channel, str(interaction.channel_id or 0)
    if interaction.guild_id is not None and not _only_with_a_person(interaction):
        return _in_server(interaction.guild_id, channel, number)
    if interaction.guild_id is not None or interaction.context.private_channel:
        return Place(PLATFORM, GROUPS, number)
    return own_place(interaction.user, interaction.channel_id or 0)


def place_of_message(message: discord.Message) -> Place:
    """Where a message stands."""
    if message.guild is None:
        return own_place(message.author, message.channel.id)
    return _in_server(message.guild.id, message.channel, str(message.channel.id))


def channel_id(place: Place) -> int | None:
    """Where to write to for a place; None for a direct conversation that was never opened."""
    number = place.address if place.direct else place.thread or place.channel
    return int(number) if number.isdecimal() else None


def may_manage(interaction: Acting) -> bool:
    """Whether this person may set up the channel: Manage Channel or Manage Server, as Discord tells us each time."""
    place = place_of_interaction(interaction)
    if place.direct or place.workspace == GROUPS:
        return place.direct
    allowed = interaction.permissions
    return allowed.manage_channels or allowed.manage_guild or allowed.administrator


def is_editor(user: discord.abc.User, editors: Collection[int]) -> bool:
    """Whether a person, or a role that they have where they speak, was named as the newsroom's own."""
    roles = [role.id for role in user.roles] if isinstance(user, discord.Member) else []
    return any(number in editors for number in (user.id, *roles))


def label_of(channel: object) -> str:
    """What a channel is called, for telling its subscriber about it elsewhere."""
    name = getattr(channel, "name", None)
    return f"#{name}" if isinstance(name, str) else ""


def tree_of(interaction: Acting) -> app_commands.CommandTree[Client]:
    """The commands of the client of an interaction."""
    tree = getattr(interaction.client, "tree", None)
    if not isinstance(tree, app_commands.CommandTree):
        raise TypeError("this client has no commands")
    return tree


def _only_with_a_person(interaction: Acting) -> bool:
    """Whether the bot came along with somebody and is no member of the server."""
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def _in_server(guild: int, channel: object, number: str) -> Place:
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    if parent is not None:
        return Place(PLATFORM, str(guild), str(parent), number)
    return Place(PLATFORM, str(guild), number)
