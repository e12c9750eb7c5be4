"""A workspace with the bot in it, over invented facts and a real database: signed requests over HTTP to Bolt."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer

from bot.adapters.slack.app import Slack, create_slack
from bot.adapters.slack.guard import PATH, Guard
from tests.adapters.slack.fakeslack import TEAM, TOKEN, FakeSlack, Shown, fake_slack
from tests.databases import fresh_file
from tests.world import World, world

SECRET = "a-canary-" + "secret"
ANN, BOB, GUEST = "UANN", "UBOB", "UGUEST"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_numbers = itertools.count(1)


def signed(raw: bytes, *, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers by which Slack signs a request."""
    stamp = str(int(time.time()) if at is None else at)
    mark = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"}


def event_of(event: dict[str, Any], number: str = "", team: str = TEAM) -> dict[str, Any]:
    number = number or f"Ev{next(_numbers)}"
    return {"type": "event_callback", "token": "legacy", "team_id": team, "event_id": number, "event": event}


@dataclass
class Workspace:
    """The world, Slack, the bot behind its door; `ann` reads French and is an editor, `guest` is a guest."""

    world: World
    slack: FakeSlack
    bot: Slack
    door: str
    session: ClientSession
    guard: Guard
    answers: list[int] = field(default_factory=list)

    async def post(
        self, body: bytes, content_type: str = JSON, headers: dict[str, str] | None = None
    ) -> ClientResponse:
        """A request, signed unless its headers are given."""
        sent = (signed(body) if headers is None else headers) | {"Content-Type": content_type}
        async with self.session.post(self.door, data=body, headers=sent) as answer:
            await answer.read()
            self.answers.append(answer.status)
            return answer

    async def settled(self, before: int) -> list[Shown]:
        """What was shown since, once nothing more comes."""
        await self.slack.until(lambda: len(self.slack.shown) > before)
        await self.bot.finish(5)
        return self.slack.shown[before:]

    async def slash(self, text: str, user: str = BOB, channel: str = "C1") -> Shown:
        before = len(self.slack.shown)
        answer = await self.post(urlencode(self.command(text, user, channel)).encode(), FORM)
        assert answer.status == 200
        return (await self.settled(before))[0]

    def command(self, text: str, user: str = BOB, channel: str = "C1") -> dict[str, str]:
        name = "directmessage" if channel.startswith("D") else self.slack.channels.get(channel, "?")
        return {
            "token": "legacy",
            "command": "/brief",
            "text": text,
            "team_id": TEAM,
            "user_id": user,
            "user_name": user[1:].lower(),
            "channel_id": channel,
            "channel_name": name,
            "response_url": self.url(channel, user),
            "trigger_id": f"t{next(_numbers)}",
        }

    def url(self, channel: str, user: str, source: str = "-") -> str:
        return self.slack.url.replace("/api/", f"/respond/{channel}/{user}/{source}")

    async def event(self, event: dict[str, Any], number: str = "") -> ClientResponse:
        return await self.post(json.dumps(event_of(event, number)).encode())

    def message(self, text: str, user: str = BOB, channel: str = "C1", **more: Any) -> dict[str, Any]:
        """A mention in a channel, a direct message in a conversation with the bot."""
        kind = {"type": "message", "channel_type": "im"} if channel.startswith("D") else {"type": "app_mention"}
        ts = f"{1_741_600_000 + next(_numbers)}.000200"
        return {**kind, "user": user, "channel": channel, "text": text, "ts": ts, **more}

    async def says(self, text: str, user: str = BOB, channel: str = "C1", **more: Any) -> Shown:
        """Somebody mentions the bot, or writes to it; what it shows."""
        before = len(self.slack.shown)
        await self.event(self.message(text, user, channel, **more))
        return (await self.settled(before))[0]

    def pressing(self, shown: Shown, button: dict[str, Any], user: str = BOB) -> dict[str, Any]:
        container = {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": shown.channel,
            "is_ephemeral": bool(shown.user),
        }
        if shown.thread:
            container["thread_ts"] = shown.thread
        return {
            "type": "block_actions",
            "user": {"id": user, "username": user[1:].lower(), "team_id": TEAM},
            "team": {"id": TEAM},
            "container": container,
            "channel": {"id": shown.channel, "name": self.slack.channels.get(shown.channel, "directmessage")},
            "trigger_id": f"t{next(_numbers)}",
            "response_url": self.url(shown.channel, user, shown.ts),
            "actions": [{"type": "button", **{k: button[k] for k in ("action_id", "value")}}],
        }

    async def press(self, shown: Shown, label: str, user: str = BOB) -> None:
        """Press a button; what comes of it is for the caller to wait for."""
        assert (await self.interact(self.pressing(shown, shown.button(label), user))).status == 200

    async def presses(self, shown: Shown, label: str, user: str = BOB) -> Shown:
        """Press a button; the message that comes of it."""
        known = {id(one) for one in self.slack.shown}
        await self.press(shown, label, user)
        return (await self.slack.until(lambda: [one for one in self.slack.shown if id(one) not in known]))[0]  # type: ignore[no-any-return]

    async def interact(self, payload: dict[str, Any]) -> ClientResponse:
        return await self.post(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def opened(self, before: int) -> dict[str, Any]:
        """The window that was opened since."""
        await self.slack.until(lambda: len(self.slack.views) > before)
        return list(self.slack.views.values())[-1]

    async def send_in(self, view: dict[str, Any], values: dict[str, Any], user: str = BOB) -> dict[str, Any]:
        """Send a form in; the window that takes its place."""
        state = {block: {"v": value} for block, value in values.items()}
        payload = {
            "type": "view_submission",
            "user": {"id": user, "username": user[1:].lower(), "team_id": TEAM},
            "team": {"id": TEAM},
            "trigger_id": f"t{next(_numbers)}",
            "view": view | {"state": {"values": state}},
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        async with self.session.post(self.door, data=body, headers=signed(body) | {"Content-Type": FORM}) as answer:
            assert answer.status == 200
            made: dict[str, Any] = await answer.json()
        assert made["response_action"] == "update"
        self.slack.check_view(made["view"])
        return dict(made["view"])


def bot_over(news: World, slack: FakeSlack) -> Slack:
    """A bot over a world's desk and clock."""
    return create_slack(
        news.desk,
        token=TOKEN,
        signing_secret=SECRET,
        api_url=slack.url,
        clock=lambda: news.now,
        zone="Europe/Paris",
        inbox=news.state.inbox,
        editors_group="S1",
    )


@asynccontextmanager
async def workspace(folder: Path, url: str = "") -> AsyncIterator[Workspace]:
    """Everything, on SQLite unless told otherwise."""
    async with world(url or fresh_file(folder / "state.db"), folder / "seeds") as news, fake_slack() as slack:
        bot = bot_over(news, slack)
        guard = Guard(bot.app, SECRET)
        routes = web.Application()
        routes.router.add_post(PATH, guard.handle)
        async with TestServer(routes) as server, ClientSession() as session:
            await bot.workspaces.open()
            made = Workspace(news, slack, bot, str(server.make_url(PATH)), session, guard)
            yield made
            await made.bot.finish(5)
            await bot.workspaces.close()
            assert slack.wrong == []


__all__ = ["ANN", "BOB", "FORM", "GUEST", "JSON", "SECRET", "UTC", "Workspace", "bot_over", "signed", "timedelta"]
