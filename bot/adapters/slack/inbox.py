"""What Slack handed to us: each request once, and none forgotten once it was acknowledged.

Bolt acknowledges an event before it is handled, so that a crash in between would lose it. What a person
waits for is therefore written down before it is acknowledged, and struck out when it is done. A retry of
what was never finished is taken up again, as is what a dead process left behind.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.adapters.slack.whereabouts import PLATFORM
from bot.desk.ports import InboxPort
from bot.errors import StateError

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # Slack's second retry comes after a minute
PATIENCE = 1.0  # of the three seconds that Slack waits
MOST_REMEMBERED = 20_000
URL_LIFE = timedelta(minutes=30)  # of a response_url
MESSAGE_LIFE = timedelta(hours=24)  # of a question in a channel: later nobody waits for its answer
_SECRETS = ("token", "authorizations", "authed_users")


def key_of(body: dict[str, Any]) -> str:
    """What a request is known by when it comes again; empty for what does no harm twice."""
    if body.get("type") == "event_callback":
        return str(body.get("event_id", ""))
    if body.get("type") == "block_suggestion":
        return ""
    return str(body.get("trigger_id", ""))


def is_awaited(body: dict[str, Any]) -> bool:
    """Whether a person waits for what comes of it, so that it must not be lost."""
    if body.get("type") != "event_callback":
        return True
    event: dict[str, Any] = body.get("event") or {}
    return event.get("type") in {"app_mention", "message"} and is_from_person(event)


def is_from_person(event: dict[str, Any]) -> bool:
    """Whether a message is a person's own, new one: no bot's, no edit, no join."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in {None, "file_share"}


@dataclass
class Inbox:
    """Over the state's table where there is one; in memory alone otherwise, and while the database fails.

    `running` are the requests that this process is at.
    """

    port: InboxPort | None
    clock: Callable[[], datetime]
    running: set[str] = field(default_factory=set)
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: set[asyncio.Task[bool]] = field(default_factory=set)

    async def first(self, body: dict[str, Any]) -> bool:
        """Whether this process is to handle a request: it comes for the first time, or was never finished."""
        key = key_of(body)
        if not key:
            return True
        if key in self._seen:
            return False
        self._remember(key)
        if not is_awaited(body):
            return True
        self.running.add(key)
        if self.port is None:
            return True
        kept = {name: value for name, value in body.items() if name not in _SECRETS}
        task = asyncio.create_task(self._take(key, kept))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        # A slow database must not cost the answer: after a second it goes on without.
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        mine = task.result() if done else True
        if not mine:
            self._end(key)
        return mine

    async def done(self, body: dict[str, Any]) -> None:
        """A request was handled, or failed in a way that the person was told of."""
        key = key_of(body)
        try:
            if self.port is not None and key and is_awaited(body):
                await self.port.done(PLATFORM, key, self.clock())
        except StateError:
            log.warning("that a request was handled could not be written; it may be answered twice")
        finally:
            self._end(key)

    async def idle(self) -> None:
        """Wait until nothing is running."""
        while self.running:
            self._ended.clear()
            await self._ended.wait()

    async def left_behind(self) -> list[dict[str, Any]]:
        """Requests that a dead process had taken, now taken by this one; those too old are struck out."""
        if self.port is None:
            return []
        now = self.clock()
        found = []
        for waiting in await self.port.take_over(PLATFORM, now, LEASE):
            life = URL_LIFE if waiting.body.get("response_url") or waiting.body.get("view") else MESSAGE_LIFE
            if now - waiting.received > life:
                log.warning("request %s was left behind too long ago to be answered", waiting.key)
                await self.port.done(PLATFORM, waiting.key, now)
                continue
            self._remember(waiting.key)
            self.running.add(waiting.key)
            found.append(waiting.body)
        return found

    async def _take(self, key: str, body: dict[str, Any]) -> bool:
        if self.port is None:
            return True
        try:
            return await self.port.take(PLATFORM, key, body, self.clock(), LEASE)
        except StateError:
            log.warning("a request could not be written down; it is handled all the same")
            return True

    def _end(self, key: str) -> None:
        self.running.discard(key)
        self._ended.set()

    def _remember(self, key: str) -> None:
        self._seen[key] = None
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
