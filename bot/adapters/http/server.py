"""The endpoints: `/healthz` (alive), `/readyz` (connected and not late), `/metrics`; no name and no token on any."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web

from bot.errors import BriefbotError

log = logging.getLogger(__name__)

MOST_OF_A_BODY = 1_000_000  # bytes; Slack's largest interaction payloads are far below


class Report(Protocol):
    """What is to be said of how the bot is doing."""

    @property
    def alive(self) -> bool:
        """Whether it still works; when it does not, it is to be started again."""

    @property
    def ready(self) -> bool:
        """Whether everything works."""

    @property
    def parts(self) -> Mapping[str, str]:
        """Each part, and what is wrong with it; an empty text where nothing is."""


@asynccontextmanager
async def serving(
    host: str,
    port: int,
    report: Callable[[], Report],
    metrics: Callable[[], bytes],
    content_type: str,
    routes: Sequence[web.RouteDef] = (),
) -> AsyncIterator[int]:
    """Serve until the block is left; yields the port, which is chosen when `port` is 0.

    Raises:
        BriefbotError: the address cannot be used.
    """

    async def health(_request: web.Request) -> web.Response:
        found = report()
        return web.json_response({"alive": found.alive}, status=200 if found.alive else 503)

    async def readiness(_request: web.Request) -> web.Response:
        found = report()
        parts = {name: problem or "ok" for name, problem in found.parts.items()}
        return web.json_response({"ready": found.ready, "parts": parts}, status=200 if found.ready else 503)

    async def measured(_request: web.Request) -> web.Response:
        return web.Response(body=metrics(), headers={"Content-Type": content_type})

    application = web.Application(client_max_size=MOST_OF_A_BODY)
    application.add_routes(
        [web.get("/healthz", health), web.get("/readyz", readiness), web.get("/metrics", measured), *routes]
    )
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        try:
            await site.start()
        except OSError as error:
            raise BriefbotError(
                f"The address {host}:{port} cannot be used ({error.strerror}). Is briefbot running already? "
                "Set BRIEFBOT_HTTP_PORT to another port."
            ) from None
        bound: int = runner.addresses[0][1]
        yield bound
    finally:
        await runner.cleanup()
