"""Slack's ids as our places and persons, each with its team.

A channel is `Place("slack", <team>, <channel>)`, a thread in it has the first message's time stamp as
`thread`. A person is `Person("slack", <team>, <user>)`; their direct conversation with the bot is their
own place, with Slack's id of it as address. A direct message between people, which the bot is not in,
is a channel like others. The team is always that of the installation, whose token a request needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.digest.places import Person, Place

PLATFORM = "slack"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a request came from, and by what it can be answered.

    `home` is the team of the person where it is another than the installation's (Slack Connect).
    `source` is the message that a button stands on; `fleeting` says that only one person sees it.
    `view` is the open window that it stands on instead, `at_home` says that this is the Home tab.
    """

    team: str
    user: str
    channel: str = ""
    thread: str = ""
    name: str = ""
    home: str = ""
    label: str = ""
    response_url: str = ""
    trigger: str = ""
    source: str = ""
    fleeting: bool = False
    direct: bool = False
    view: str = ""
    at_home: bool = False

    @property
    def person(self) -> Person:
        """Who acts."""
        return Person(PLATFORM, self.team, self.user)

    @property
    def place(self) -> Place:
        """Where they act."""
        if self.direct or not self.channel:
            return own_place(self.team, self.user, self.channel)
        return Place(PLATFORM, self.team, self.channel, self.thread)

    @property
    def conversation(self) -> str:
        """What a follow-up follows: of a thread what all say in it, elsewhere each person for themselves."""
        where = f"{PLATFORM}:{self.team}:{self.channel}"
        return f"{where}:{self.thread}" if self.thread and not self.direct else f"{where}:@{self.user}"

    @property
    def foreign(self) -> bool:
        """Whether the person belongs to another organisation."""
        return bool(self.home) and self.home != self.team


def own_place(team: str, user: str, address: str = "") -> Place:
    """The direct conversation of a person with the bot."""
    return Place(PLATFORM, team, f"@{user}", "", direct=True, address=address)


def address_of(place: Place) -> str:
    """The channel to post to for a place; empty for a direct conversation that was never opened."""
    return place.address if place.direct else place.channel


def of_command(body: dict[str, Any]) -> Scene:
    """The scene of a slash command. Slack has none in threads."""
    return Scene(
        team=str(body.get("team_id", "")),
        user=str(body.get("user_id", "")),
        channel=str(body.get("channel_id", "")),
        name=str(body.get("user_name", "")),
        label=_label(str(body.get("channel_name", ""))),
        response_url=str(body.get("response_url", "")),
        trigger=str(body.get("trigger_id", "")),
    )


def of_event(body: dict[str, Any]) -> Scene:
    """The scene of a mention, a direct message or a visit to the Home tab."""
    event: dict[str, Any] = body.get("event") or {}
    channel = str(event.get("channel", ""))
    return Scene(
        team=str(body.get("team_id") or event.get("team", "")),
        user=str(event.get("user", "")),
        channel=channel,
        thread=str(event.get("thread_ts", "")),
        home=str(event.get("user_team") or event.get("team") or ""),
        source=str(event.get("ts", "")),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
    )


def of_interaction(body: dict[str, Any]) -> Scene:
    """The scene of a button, a shortcut or a form."""
    user: dict[str, Any] = body.get("user") or {}
    container: dict[str, Any] = body.get("container") or {}
    message: dict[str, Any] = body.get("message") or {}
    channel: dict[str, Any] = body.get("channel") or {}
    view: dict[str, Any] = body.get("view") or {}
    return Scene(
        team=str((body.get("team") or {}).get("id") or user.get("team_id") or ""),
        user=str(user.get("id", "")),
        channel=str(channel.get("id") or container.get("channel_id") or ""),
        thread=str(container.get("thread_ts") or message.get("thread_ts") or ""),
        name=str(user.get("username") or user.get("name") or ""),
        home=str(user.get("team_id") or ""),
        label=_label(str(channel.get("name", ""))),
        response_url=str(body.get("response_url", "")),
        trigger=str(body.get("trigger_id", "")),
        source=str(container.get("message_ts") or message.get("ts") or ""),
        fleeting=bool(container.get("is_ephemeral")),
        view=str(view.get("id", "")) if view.get("type") == "modal" else "",
        at_home=view.get("type") == "home",
    )


def _label(name: str) -> str:
    return f"#{name}" if name and name not in {"directmessage", "privategroup"} else ""
