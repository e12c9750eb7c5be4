"""Slack on loopback: its Web API and response_urls. It checks what it is sent, and fails when told to.

It knows only the methods that the bot may use, refuses what Slack refuses, and keeps what a reader would
see. `wrong` collects what no Slack would have accepted; a test that leaves something there fails.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.models.blocks import Block

from tests.adapters.slack.cards import strings
from tests.adapters.slack.limits import refused, refused_blocks
from tests.world import PATIENCE

TOKEN = "xoxb-" + "canary-not-for-logs"
APP_TOKEN = "xapp-" + "canary-not-for-logs"
TEAM, BOT_USER, BOT = "T1", "UBOT", "B1"
SCOPES = "commands,chat:write,app_mentions:read,im:history,im:write,users:read,usergroups:read"
Body = dict[str, Any]


@dataclass
class Fault:
    """How one request goes wrong: a status, Slack's word, a lost connection, slowness; `after` it was done.

    `held` keeps it waiting until somebody sets that.
    """

    status: int = 200
    error: str = ""
    retry_after: int = 0
    drop: bool = False
    after: bool = False
    delay: float = 0.0
    held: asyncio.Event | None = None


@dataclass
class Shown:
    """What somebody sees: a message for all, or for one."""

    channel: str
    text: str
    blocks: list[Body]
    ts: str
    thread: str = ""
    user: str = ""  # the only one who sees it
    metadata: Body | None = None
    response_url: str = ""
    edited: int = 0

    @property
    def words(self) -> str:
        return "\n".join(strings(self.blocks))

    def button(self, label: str) -> Body:
        found = [one for one in self.buttons if one["text"]["text"] == label]
        assert found, f"no button {label!r} among {[one['text']['text'] for one in self.buttons]}"
        return found[0]

    @property
    def buttons(self) -> list[Body]:
        rows = [block["elements"] for block in self.blocks if block["type"] == "actions"]
        return [one for elements in rows for one in elements if one["type"] == "button"]


def user(name: str, locale: str = "en-US", zone: str = "Europe/London", **marks: bool) -> Body:
    return {"name": name, "locale": locale, "tz": zone, "profile": {"display_name": name.title()}, **marks}


@dataclass
class FakeSlack:
    """One workspace."""

    url: str = ""
    calls: list[tuple[str, Body]] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    views: dict[str, Body] = field(default_factory=dict)
    homes: dict[str, Body] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    scopes: str = SCOPES
    may_read_history: bool = False
    joined: set[str] = field(default_factory=lambda: {"C1", "CPUB"})
    channels: dict[str, str] = field(default_factory=lambda: {"C1": "desk", "CPUB": "open", "C2": "other"})
    archived: set[str] = field(default_factory=set)
    people: dict[str, Body] = field(
        default_factory=lambda: {
            "UANN": user("ann", "fr-FR", "Europe/Paris"),
            "UBOB": user("bob"),
            "UGUEST": user("guest", is_restricted=True),
        }
    )
    editors: list[str] = field(default_factory=lambda: ["UANN"])
    sockets: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _number: int = 0

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults[method].extend(faults)

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)

    def next_number(self) -> int:
        self._number += 1
        return self._number

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE):
            while not (found := condition()):
                self.changed.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self.changed.wait()
                except TimeoutError:
                    pass
        return found

    async def api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await self._read(request)
        self.calls.append((method, body))
        fault = self.faults[method].popleft() if self.faults[method] else Fault()
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.after:
            self._do(method, body, request)
        if fault.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.status == 429:
            headers = {"Retry-After": str(fault.retry_after or 1)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault.status != 200:
            return web.Response(status=fault.status, text="upstream")
        answer = {"ok": False, "error": fault.error} if fault.error else self._do(method, body, request)
        self.changed.set()
        return web.json_response(answer, headers={"x-oauth-scopes": self.scopes})

    async def response(self, request: web.Request) -> web.Response:
        """A response_url."""
        body: Body = await request.json()
        self.calls.append(("response_url", body))
        fault = self.faults["response_url"].popleft() if self.faults["response_url"] else Fault()
        if fault.held:
            await fault.held.wait()
        if fault.status != 200:
            return web.Response(status=fault.status, text="used_url")
        channel, asker, source = (request.match_info[name] for name in ("channel", "user", "source"))
        if body.get("delete_original"):
            self.deleted.append(source)
            self.shown = [one for one in self.shown if one.ts != source]
        else:
            self._check(body)
            if body.get("replace_original"):
                self.shown = [one for one in self.shown if one.ts != source]
            private = body.get("response_type", "ephemeral") == "ephemeral"
            self._show(channel, body, asker if private else "")
        self.changed.set()
        return web.Response(text="ok")

    async def _read(self, request: web.Request) -> Body:
        raw = (await request.read()).decode()
        if request.content_type == "application/json":
            return dict(json.loads(raw))
        return {name: _parsed(value) for name, value in parse_qsl(raw)} | dict(request.query)

    def _do(self, method: str, body: Body, request: web.Request) -> Body:
        expected = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if request.headers.get("Authorization") != f"Bearer {expected}":
            return {"ok": False, "error": "invalid_auth"}
        act = getattr(self, "do_" + method.replace(".", "_"), None)
        if act is None:
            self.wrong.append(f"the method {method} is not one of ours")
            return {"ok": False, "error": "unknown_method"}
        answer: Body = act(body)
        return {"ok": True} | answer

    def do_auth_test(self, _: Body) -> Body:
        return {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT, "team": "Newsroom"}

    def do_users_info(self, body: Body) -> Body:
        found = self.people.get(str(body["user"]))
        return {"user": {"id": body["user"], **found}} if found else _no("user_not_found")

    def do_usergroups_users_list(self, _: Body) -> Body:
        return {"users": self.editors}

    def do_conversations_open(self, body: Body) -> Body:
        return {"channel": {"id": f"D{body['users']}"}}

    def do_chat_postMessage(self, body: Body) -> Body:  # noqa: N802
        self._check(body)
        if problem := self._closed(str(body["channel"])):
            return _no(problem)
        made = self._show(str(body["channel"]), body, "")
        return {"channel": made.channel, "ts": made.ts}

    def do_chat_postEphemeral(self, body: Body) -> Body:  # noqa: N802
        self._check(body | {"unfurl_links": False, "unfurl_media": False})
        if problem := self._closed(str(body["channel"])):
            return _no(problem)
        return {"message_ts": self._show(str(body["channel"]), body, str(body["user"])).ts}

    def do_chat_update(self, body: Body) -> Body:
        self._check(body | {"unfurl_links": False, "unfurl_media": False})
        found = [one for one in self.shown if (one.channel, one.ts) == (body["channel"], body["ts"])]
        if not found:
            return _no("message_not_found")
        found[0].text, found[0].blocks = body["text"], body["blocks"]
        found[0].edited += 1
        return {"channel": body["channel"], "ts": body["ts"]}

    def do_conversations_history(self, body: Body) -> Body:
        return self._history(body, "")

    def do_conversations_replies(self, body: Body) -> Body:
        return self._history(body, str(body["ts"]))

    def do_views_open(self, body: Body) -> Body:
        return self._view(body, f"V{self.next_number()}")

    def do_views_push(self, body: Body) -> Body:
        return self._view(body, f"V{self.next_number()}")

    def do_views_update(self, body: Body) -> Body:
        return self._view(body, str(body["view_id"]))

    def do_views_publish(self, body: Body) -> Body:
        view = _parsed(body["view"])
        self.check_view(view)
        self.homes[str(body["user_id"])] = view
        return {"view": {"id": "VHOME"}}

    def do_apps_connections_open(self, _: Body) -> Body:
        return {"url": self.sockets}

    def check_view(self, view: Body) -> None:
        self.wrong += refused_blocks(view.get("blocks") or [], 100)
        if not view.get("blocks"):
            self.wrong.append("a view without blocks")
        if len(str(view.get("private_metadata") or "")) > 3_000:
            self.wrong.append("metadata of over 3,000 characters")
        if view["type"] == "modal" and not 0 < len(view["title"]["text"]) <= 24:
            self.wrong.append("a window without a title of at most 24 characters")
        for block in view.get("blocks") or []:
            if block["type"] == "input" and not block["element"].get("action_id"):
                self.wrong.append("a field without an action_id")

    def _view(self, body: Body, number: str) -> Body:
        view = _parsed(body["view"])
        self.check_view(view)
        self.views[number] = view | {"id": number}
        return {"view": {"id": number}}

    def _history(self, body: Body, thread: str) -> Body:
        if not self.may_read_history:
            return _no("missing_scope")
        held = [one for one in self.shown if one.channel == body["channel"] and not one.user and one.thread == thread]
        found = [{"ts": one.ts, "bot_id": BOT, "user": BOT_USER, "metadata": one.metadata or {}} for one in held]
        oldest = float(body.get("oldest") or 0)
        return {"messages": [one for one in found if float(str(one["ts"])) >= oldest][::-1]}

    def _closed(self, channel: str) -> str:
        if channel.startswith("D") and channel[1:] in self.people:
            return ""
        if channel in self.archived:
            return "is_archived"
        if channel not in self.channels:
            return "channel_not_found"
        return "" if channel in self.joined else "not_in_channel"

    def _check(self, body: Body) -> None:
        self.wrong += refused(body)

    def _show(self, channel: str, body: Body, only: str) -> Shown:
        blocks = [Block.parse(block).to_dict() for block in body["blocks"]]  # type: ignore[union-attr]
        thread, ts = str(body.get("thread_ts", "")), f"{1_741_700_000 + self.next_number()}.000100"
        made = Shown(channel, body["text"], blocks, ts, thread, only, body.get("metadata"))
        self.shown.append(made)
        return made


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return json.loads(value)
    return value


def _no(error: str) -> Body:
    return {"ok": False, "error": error}


@asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    made = FakeSlack()
    routes = web.Application(client_max_size=2**22)
    routes.router.add_route("*", "/api/{method}", made.api)
    routes.router.add_post("/respond/{channel}/{user}/{source}", made.response)
    async with TestServer(routes) as server:
        made.url = str(server.make_url("/api/"))
        yield made
