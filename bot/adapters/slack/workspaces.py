"""The teams that the bot is installed in, and the client for each."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

API = "https://slack.com/api/"
REQUEST_SECONDS = 12  # less than the ledger gives a delivery
LOOK_PATIENCE = 1.0  # of the three seconds that Slack waits


def web_client(token: str | None, api_url: str = API) -> AsyncWebClient:
    """A client that sends each request once.

    The SDK's usual retry handlers send a request again when its answer was lost: two messages.
    """
    base = api_url if api_url.endswith("/") else f"{api_url}/"
    return AsyncWebClient(
        token=token, base_url=base, timeout=REQUEST_SECONDS, retry_handlers=[], logger=quiet("slack_sdk")
    )


def quiet(name: str) -> logging.Logger:
    """A library's logger that says nothing at DEBUG, where it would write down what people ask.

    Who looks for a fault sets the level of this very logger: `slack_sdk.briefbot`, `slack_bolt.briefbot`.
    """
    logger = logging.getLogger(f"{name}.briefbot")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    return logger


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack says of a token: whose it is, and what it may do."""

    team: str = ""
    bot_user: str = ""
    bot: str = ""
    team_name: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass
class Workspaces:
    """One token today; everything that posts asks here for the client of a team."""

    token: str = field(repr=False)
    api_url: str = API
    client: AsyncWebClient = field(init=False, repr=False)
    _known: Installation | None = None
    _looking: asyncio.Task[Installation] | None = None

    def __post_init__(self) -> None:
        self.client = web_client(self.token, self.api_url)

    def of(self, team: str) -> AsyncWebClient:
        """The client of a team."""
        del team  # the one token's; a table of installations would be looked up here
        return self.client

    async def look(self) -> Installation:
        """Ask Slack what the token is. Raises SlackApiError and errors of the connection."""
        answer = await self.client.auth_test()
        granted = answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes") or ""
        data: dict[str, Any] = dict(answer.data) if isinstance(answer.data, dict) else {}
        self._known = Installation(
            team=str(data.get("team_id", "")),
            bot_user=str(data.get("user_id", "")),
            bot=str(data.get("bot_id", "")),
            team_name=str(data.get("team", "")),
            scopes=frozenset(scope.strip() for scope in str(granted).split(",") if scope.strip()),
        )
        return self._known

    async def known(self) -> Installation:
        """What the token is, from memory; empty while Slack cannot be asked."""
        if self._known is not None:
            return self._known
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.look())
        try:
            async with asyncio.timeout(LOOK_PATIENCE):
                return await asyncio.shield(self._looking)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Slack does not tell whose token this is (%s)", type(error).__name__)
            return Installation()

    async def authorize(self, team_id: str | None = None, enterprise_id: str | None = None) -> AuthorizeResult:
        """Bolt's question whose token serves a request."""
        known = await self.known()
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=self.token,
            bot_user_id=known.bot_user or None,
            bot_id=known.bot or None,
        )

    async def open(self) -> None:
        """Keep connections open between requests."""
        self.client.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS))

    async def close(self) -> None:
        """Close what `open` opened."""
        if self.client.session is not None:
            await self.client.session.close()
            self.client.session = None
        if self._looking is not None:
            self._looking.cancel()
