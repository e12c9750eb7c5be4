"""The Bolt app: every way in, acknowledged at once, then handled within the edge."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.models.blocks import Option

from bot.adapters.slack.actions import Actions
from bot.adapters.slack.controls import CURRENT, OURS
from bot.adapters.slack.failures import Edge
from bot.adapters.slack.forms import FACT_MENU, facts, zones
from bot.adapters.slack.front import Front, notice
from bot.adapters.slack.inbox import Inbox, is_from_person
from bot.adapters.slack.layout import message_of
from bot.adapters.slack.outlet import SlackOutlet
from bot.adapters.slack.people import People
from bot.adapters.slack.submissions import Submissions
from bot.adapters.slack.text import typed
from bot.adapters.slack.whereabouts import Scene, of_command, of_event, of_interaction
from bot.adapters.slack.workspaces import API, Workspaces, quiet, web_client
from bot.briefing.wording import wording
from bot.desk import Desk
from bot.desk.ports import InboxPort

log = logging.getLogger(__name__)

COMMAND = "/brief"
MESSAGE_SHORTCUT, GLOBAL_SHORTCUT = "brief_this", "brief_ask"
LONGEST_LINE = 4_000
REPLAYED = "x-briefbot-replayed"  # honoured only where we dispatch ourselves
Body = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]
Act = Callable[[Body, Scene], Awaitable[None]]


@dataclass
class Slack:
    """Everything of Slack over one desk; nothing is connected yet. `app` is Bolt's, `outlet` the sender's."""

    front: Front
    inbox: Inbox
    workspaces: Workspaces
    signing_secret: str = field(default="", repr=False)
    app: AsyncApp = field(init=False)
    outlet: SlackOutlet = field(init=False)
    edge: Edge = field(init=False)
    actions: Actions = field(init=False)
    submissions: Submissions = field(init=False)

    def __post_init__(self) -> None:
        self.outlet = SlackOutlet(self.workspaces)
        self.edge = Edge(self.front.people, self.front.desk.observer)
        self.actions = Actions(self.front, self.edge)
        self.submissions = Submissions(self.front, self.edge, self.actions.tab)
        self.app = AsyncApp(
            name="briefbot",
            logger=quiet("slack_bolt"),
            # Bolt takes an empty secret for "use the environment's", and refuses requests with it.
            signing_secret=self.signing_secret,
            client=web_client(None, self.workspaces.api_url),
            authorize=_authorizing(self.workspaces),
        )
        # It would log the body of every request that is not ours.
        logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
        self.app.middleware(self._once)
        self._listen()

    async def finish(self, seconds: float) -> None:
        """Wait for what is being answered; what takes longer stays in the inbox for the next start."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.inbox.idle()

    async def take_up(self) -> int:
        """Handle what a dead process left behind; returns how many requests. Raises StateError."""
        found = await self.inbox.left_behind()
        for body in found:
            headers: dict[str, str | Sequence[str]] = {REPLAYED: ["1"], "content-type": ["application/json"]}
            await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body, headers=headers))
        return len(found)

    async def _once(self, req: AsyncBoltRequest, body: Body, next: Callable[[], Awaitable[Any]]) -> Any:  # noqa: A002 (Bolt's name)
        """Each request once, written down before Bolt acknowledges it."""
        replayed = req.mode == "socket_mode" and REPLAYED in req.headers
        if replayed or await self.inbox.first(body):
            return await next()
        log.info("a request came again and is not handled twice")
        return BoltResponse(status=200, body="")

    def _listen(self) -> None:
        app = self.app
        app.command(COMMAND)(self._acknowledged(of_command, self._command))
        app.event("app_mention")(self._eventually(self._message))
        app.event("app_home_opened")(self._eventually(self._home))
        app.event("message")(self._eventually(self._message))
        app.shortcut(MESSAGE_SHORTCUT)(self._acknowledged(of_interaction, self._about_message))
        app.shortcut(GLOBAL_SHORTCUT)(self._acknowledged(of_interaction, self._window))

        @app.action(OURS)
        async def pressed(ack: Ack, body: Body) -> None:
            await ack()
            await self.actions.pressed(body)
            await self.inbox.done(body)

        @app.view(OURS)
        async def submitted(ack: Ack, body: Body) -> None:
            await self.submissions.submitted(body, ack)
            await self.inbox.done(body)

        @app.options(CURRENT)
        async def offered(ack: Ack, body: Body) -> None:
            await ack(options=[option.to_dict() for option in await self._options(body)])

        @app.error
        async def failed(error: Exception) -> None:
            # What Bolt itself fails at; handlers have their own edge. Its usual handler logs the whole request.
            log.error("Bolt failed at a request", exc_info=error)

    def _acknowledged(self, scene_of: Callable[[Body], Scene], act: Act) -> Callable[..., Awaitable[None]]:
        async def handle(ack: Ack, body: Body) -> None:
            await ack()
            await self._work(body, scene_of(body), act)

        return handle

    def _eventually(self, act: Act) -> Callable[..., Awaitable[None]]:
        async def handle(body: Body) -> None:  # Bolt has acknowledged it already
            await self._work(body, of_event(body), act)

        return handle

    async def _work(self, body: Body, scene: Scene, act: Act) -> None:
        """Do what a request asks for. Cut off by the end of the process, it stays in the inbox."""
        scene = await self.actions.in_own_room(scene)
        await self.edge.run(self.front.voice(scene), act(body, scene))
        await self.inbox.done(body)

    async def _command(self, body: Body, scene: Scene) -> None:
        line = typed(str(body.get("text", "")))[:LONGEST_LINE] or "help"
        await self.front.line(self.front.voice(scene), line, question=line)

    async def _message(self, body: Body, scene: Scene) -> None:
        event: dict[str, Any] = body.get("event") or {}
        if not is_from_person(event) or (event.get("type") == "message" and not scene.direct):
            return
        if scene.direct:
            self.front.people.remember_room(scene, scene.channel)
        known = await self.workspaces.known()
        text = str(event.get("text", ""))
        if known.bot_user:
            text = re.sub(rf"<@{re.escape(known.bot_user)}(?:\|[^>]*)?>", " ", text)
        await self.front.message(scene, typed(text)[:LONGEST_LINE])

    async def _about_message(self, body: Body, scene: Scene) -> None:
        question = typed(str((body.get("message") or {}).get("text", "")))[:LONGEST_LINE]
        voice = self.front.voice(scene)
        if not question:
            say = wording((await self.front.people.profile(scene)).language or "en")
            await voice.show(message_of(notice(say("That message has no text to look up."))), private=True)
            return
        await self.front.line(voice, question, private=True, question=question)

    async def _options(self, body: Body) -> list[Option]:
        """What a menu offers for what was typed so far."""
        typed_so_far, scene = str(body.get("value", "")), of_interaction(body)
        if str(body.get("action_id", "")) == FACT_MENU:
            language = (await self.front.people.profile(scene)).language or "en"
            return facts(self.front.desk.store, language, typed_so_far)
        return zones(typed_so_far)

    async def _home(self, body: Body, scene: Scene) -> None:
        event: dict[str, Any] = body.get("event") or {}
        self.front.people.remember_room(scene, scene.channel)
        if event.get("tab", "home") == "home":
            await self.actions.tab.publish(scene)

    async def _window(self, body: Body, scene: Scene) -> None:
        del body
        await self.actions.ask_window(replace(scene, at_home=False))


def _authorizing(workspaces: Workspaces) -> Callable[..., Awaitable[AuthorizeResult]]:
    # A function: Bolt reads the names of parameters, and trips over a method's `self`.
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return await workspaces.authorize(team_id, enterprise_id)

    return authorize


def create_slack(
    desk: Desk,
    *,
    token: str = "",
    signing_secret: str = "",
    api_url: str = API,
    clock: Callable[[], datetime] | None = None,
    zone: str = "UTC",
    inbox: InboxPort | None = None,
    editors_group: str = "",
) -> Slack:
    """Build everything of Slack; nothing is connected.

    `clock` tells the time where it is not the machine's, `zone` is the newsroom's, `inbox` keeps requests
    over a crash, `editors_group` is the id of the user group of the editors.
    """
    tell = clock or (lambda: datetime.now().astimezone())
    workspaces = Workspaces(token, api_url)
    front = Front(desk, People(workspaces, editors_group), tell, zone)
    return Slack(front, Inbox(inbox, tell), workspaces, signing_secret)


def create_app(desk: Desk, **options: Any) -> AsyncApp:
    """The Bolt app alone, as `create_slack` builds it, for whoever brings their own server or socket."""
    return create_slack(desk, **options).app
