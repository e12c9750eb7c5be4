"""What Slack tells of a person: language, time zone, whether they belong to the workspace."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.whereabouts import Scene
from bot.adapters.slack.workspaces import Workspaces
from bot.digest.schedule import UnknownZoneError, zone
from bot.facts.model import Language

log = logging.getLogger(__name__)

REMEMBERED = 600.0  # seconds
MOST_REMEMBERED = 10_000
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack has them; without the scope, or while Slack fails, nothing is known."""

    name: str = ""
    language: Language | None = None
    zone: str = ""
    member: bool = False
    known: bool = False


@dataclass
class People:
    """Profiles, remembered for ten minutes; and who is an editor, by a user group."""

    workspaces: Workspaces
    editors_group: str = ""
    _profiles: OrderedDict[tuple[str, str], tuple[float, Profile]] = field(default_factory=OrderedDict)
    _editors: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    _rooms: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)

    async def profile(self, scene: Scene) -> Profile:
        """Who acts in a scene."""
        key = (scene.team, scene.user)
        held = self._profiles.get(key)
        if held and monotonic() - held[0] < REMEMBERED:
            return held[1]
        found = Profile(scene.name)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.workspaces.of(scene.team).users_info(user=scene.user, include_locale=True)
            found = _read(answer.get("user") or {}, scene)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("the profile of a person cannot be read (%s)", _word(error))
            if not isinstance(error, SlackApiError):
                return found  # asked again next time
        self._profiles[key] = (monotonic(), found)
        while len(self._profiles) > MOST_REMEMBERED:
            self._profiles.popitem(last=False)
        return found

    async def may_manage(self, scene: Scene) -> bool:
        """Whether a person may set up a channel.

        Slack knows no permission for that; as for topics and other apps, every full member of the
        workspace may. Guests and people of other organisations may not, nor who is not known.
        """
        return not scene.foreign and (await self.profile(scene)).member

    async def is_editor(self, scene: Scene) -> bool:
        """Whether a person is in the editors' user group; nobody is without one."""
        if not self.editors_group or scene.foreign:
            return False
        held = self._editors.get(scene.team)
        if held is None or monotonic() - held[0] >= REMEMBERED:
            try:
                async with asyncio.timeout(PATIENCE):
                    answer = await self.workspaces.of(scene.team).usergroups_users_list(usergroup=self.editors_group)
                held = (monotonic(), frozenset(map(str, answer.get("users") or ())))
                self._editors[scene.team] = held
            except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("the editors' user group cannot be read (%s)", _word(error))
                return held is not None and scene.user in held[1]
        return scene.user in held[1]

    async def room(self, scene: Scene) -> str:
        """The direct conversation of a person with the bot, opened where it is not yet. Raises SlackApiError."""
        key = (scene.team, scene.user)
        if key not in self._rooms:
            answer = await self.workspaces.of(scene.team).conversations_open(users=scene.user)
            self.remember_room(scene, str((answer.get("channel") or {}).get("id", "")))
        return self._rooms[key]

    def room_if_open(self, scene: Scene) -> str:
        """The direct conversation of a person with the bot where one was seen; empty otherwise."""
        return self._rooms.get((scene.team, scene.user), "")

    def remember_room(self, scene: Scene, channel: str) -> None:
        """A direct conversation that was seen."""
        self._rooms[scene.team, scene.user] = channel
        while len(self._rooms) > MOST_REMEMBERED:
            self._rooms.popitem(last=False)


def refusal(error: SlackApiError) -> str:
    """Slack's word for why it refused; empty where something else answered in its place, such as a proxy."""
    data: Any = getattr(error.response, "data", error.response)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _read(user: dict[str, Any], scene: Scene) -> Profile:
    profile: dict[str, Any] = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    locale = str(user.get("locale") or "")
    language: Language | None = "fr" if locale.startswith("fr") else "en" if locale else None
    outside = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted", "is_bot")
    member = not any(user.get(mark) for mark in outside)
    return Profile(str(name or scene.name), language, _zone(str(user.get("tz") or "")), member, known=True)


def _zone(name: str) -> str:
    try:
        zone(name)
    except (UnknownZoneError, ValueError):
        return ""
    return name


def _word(error: BaseException) -> str:
    return refusal(error) if isinstance(error, SlackApiError) else type(error).__name__
