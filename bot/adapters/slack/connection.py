"""Connected to Slack: by sockets that need no public address, or by a server that Slack calls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from time import monotonic

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.app import Slack
from bot.adapters.slack.guard import PATH, Guard
from bot.adapters.slack.manifest import missing
from bot.adapters.slack.outlet import SlackOutlet
from bot.adapters.slack.people import refusal
from bot.adapters.slack.whereabouts import PLATFORM
from bot.adapters.slack.workspaces import Installation, web_client
from bot.errors import RefusedError, StateError
from bot.observing import Finding, Level

log = logging.getLogger(__name__)

SOCKETS = 2  # so that one is there while Slack renews the other; Slack allows ten for an app
CHECKING = 3_600.0  # seconds between two looks at the token
LOOKING_BACK = 20.0  # seconds between two looks for what a dead process left behind
PING_SECONDS = 10.0  # a socket that answers no ping for four of these is given up
GRACE = 10.0  # seconds for what is being answered when we stop
REMEDIES = {
    "invalid_auth": "Copy it again from api.slack.com/apps.",
    "not_authed": "It is empty.",
    "account_inactive": "The app was removed from the workspace; install it again.",
    "token_revoked": "It was revoked; install the app again and copy the new one.",
    "not_allowed_token_type": "It is of another kind: bot tokens begin with xoxb-, app tokens with xapp-.",
    "missing_scope": "An app token needs the scope connections:write.",
}


@dataclass
class Connection:
    """Slack, connected. `port` 0 takes any free one; with an `app_token` there is no server.

    `opened` is told the scope of a workspace whose token works, so that deliveries held back for it go on.
    """

    slack: Slack
    app_token: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    ping_seconds: float = PING_SECONDS
    looking_back: float = LOOKING_BACK
    opened: Callable[[str], Awaitable[None]] | None = None
    address: tuple[str, int] | None = None
    _sockets: list[AsyncSocketModeHandler] = field(default_factory=list)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def name(self) -> str:
        """The platform's name."""
        return PLATFORM

    @property
    def outlet(self) -> SlackOutlet:
        """Where deliveries go; the Web API alone, no socket."""
        return self.slack.outlet

    @property
    def connected(self) -> bool:
        """Whether Slack can reach us by at least one socket, or the server is up."""
        if not self.app_token:
            return self.address is not None
        sessions = [handler.client.current_session for handler in self._sockets if not handler.client.closed]
        return any(session is not None and not session.closed for session in sessions)

    async def prepare(self) -> None:
        """Ask Slack whose token it is, and what it may do. Raises RefusedError when it is refused."""
        if self.slack.workspaces.client.session is None:
            await self.slack.workspaces.open()
        await self._check()

    async def start(self) -> None:
        """Prepare, take requests, and take up what was left behind.

        Raises:
            RefusedError: a token is refused; says what to do.
        """
        try:
            await self.prepare()
            if self.app_token:
                await self._connect()
            else:
                await self._serve()
        except BaseException:
            await self.close()
            raise
        looking = asyncio.create_task(self._look_back())
        self._stack.push_async_callback(_ended, looking)

    async def listen(self) -> None:
        """Take requests until cancelled. Raises RefusedError."""
        await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self._stop()

    async def examine(self) -> list[Finding]:
        """The token and its scopes, asked of Slack. Raises RefusedError."""
        if self.slack.workspaces.client.session is None:
            await self.slack.workspaces.open()
        try:
            known = await self.slack.workspaces.look()
        except SlackApiError as error:
            raise _refused("SLACK_BOT_TOKEN", error) from None
        lacking = [Finding("slack", Level.WARNING, line) for line in missing(known.scopes)]
        return [Finding("slack", Level.FINE, f"The token is that of {known.bot_user} in {known.team_name}."), *lacking]

    async def close(self) -> None:
        """Take nothing more in, finish what is being answered, let go of every connection."""
        await self._stop()
        await self.slack.workspaces.close()

    async def _stop(self) -> None:
        for handler in self._sockets:
            await handler.client.close()  # type: ignore[no-untyped-call]
        self._sockets.clear()
        await self.slack.finish(GRACE)
        await self._stack.aclose()
        self.address = None

    async def _check(self) -> None:
        """Whose token it is, and what it may do."""
        try:
            known = await self.slack.workspaces.look()
        except SlackApiError as error:
            raise _refused("SLACK_BOT_TOKEN", error) from None
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Slack cannot be reached yet (%s); trying goes on", type(error).__name__)
            return
        log.info("Slack: %s as %s", known.team_name, known.bot_user)
        for line in missing(known.scopes):
            log.warning("%s", line)
        await self._open_again(known)

    async def _open_again(self, known: Installation) -> None:
        if self.opened is not None and known.team:
            await self.opened(f"{PLATFORM}:{known.team}")

    async def _connect(self) -> None:
        client = web_client(None, self.slack.workspaces.api_url)
        try:
            # Asked once by ourselves: the SDK would ask for ever with a token that is refused.
            await client.apps_connections_open(app_token=self.app_token)
        except SlackApiError as error:
            if refusal(error) in REMEDIES:
                raise _refused("SLACK_APP_TOKEN", error) from None
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Slack cannot be reached yet (%s); trying goes on", type(error).__name__)
        for _ in range(SOCKETS):
            handler = AsyncSocketModeHandler(
                self.slack.app, self.app_token, web_client=client, ping_interval=self.ping_seconds
            )
            self._sockets.append(handler)
            connecting = asyncio.create_task(handler.client.connect())  # type: ignore[no-untyped-call]
            self._stack.push_async_callback(_ended, connecting)

    async def _serve(self) -> None:
        if not self.slack.signing_secret:
            raise RefusedError(
                "Slack needs SLACK_APP_TOKEN (Socket Mode), or SLACK_SIGNING_SECRET to be called over HTTP. "
                "Both stand at api.slack.com/apps under Basic Information."
            )
        routes = web.Application()
        routes.router.add_post(PATH, Guard(self.slack.app, self.slack.signing_secret).handle)
        runner = web.AppRunner(routes, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, self.host, self.port).start()
        self.address = runner.addresses[0][:2]
        log.info("Slack may call %s:%s%s", *self.address, PATH)

    async def _look_back(self) -> None:
        """What was left behind is answered; once an hour, whether a token that was refused works again."""
        checked = monotonic()
        while True:
            with suppress(StateError):
                if found := await self.slack.take_up():
                    log.warning("%s requests were left behind and are answered now", found)
            await asyncio.sleep(self.looking_back)
            if monotonic() - checked > CHECKING:
                checked = monotonic()
                with suppress(SlackClientError, aiohttp.ClientError, OSError, TimeoutError, StateError):
                    await self._open_again(await self.slack.workspaces.look())


def _refused(variable: str, error: SlackApiError) -> RefusedError:
    word = refusal(error)
    return RefusedError(f"Slack refuses {variable} ({word}). {REMEDIES.get(word, 'See api.slack.com/apps.')}")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
