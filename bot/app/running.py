"""`briefbot run`: every adapter that has its tokens, the sender and the endpoints, in one process."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from bot.adapters.http.metrics import CONTENT_TYPE, Metrics
from bot.adapters.http.server import serving
from bot.adapters.scheduler.ticker import Job, ticking
from bot.app.adapters import Adapter, Running
from bot.app.building import App, build
from bot.app.health import Health
from bot.desk.flood import Flood, Limit, Limits
from bot.errors import RefusedError, SettingsError
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.adapters.discord import DiscordService
    from bot.adapters.slack import Connection

log = logging.getLogger(__name__)

Maker = Callable[[Settings, App, Callable[[], datetime]], Adapter]
Part = Literal["slack", "discord", "digest"]
HOUSEKEEPING = timedelta(days=1)
TAKING_STOCK = timedelta(seconds=30)

NOTHING_TO_RUN = (
    "No token is set, so there is nothing to connect to. Set DISCORD_TOKEN, or SLACK_BOT_TOKEN and "
    "SLACK_APP_TOKEN, in the environment or in a file .env (the README says how to get them). "
    "`briefbot chat` works without any."
)


def _now() -> datetime:
    return datetime.now().astimezone()


async def run(settings: Settings, only: Part | None = None, clock: Callable[[], datetime] = _now) -> None:
    """Run until SIGTERM or SIGINT; what is being sent is finished first. SIGHUP takes edited facts at once.

    `only` keeps to one platform's questions, or to the digest: deliveries, and nobody is listened to.

    Raises:
        SettingsError: no token is set, or none of the part that was asked for.
        RefusedError: no platform takes us.
        SeedsError: the facts cannot be used.
        StateError: the database cannot be used.
    """
    stop = asyncio.Event()
    async with running(settings, platforms(settings, only), only, clock) as service:
        with _signals({signal.SIGTERM: stop.set, signal.SIGINT: stop.set, signal.SIGHUP: service.hurry}):
            await service.until(stop)


class Service:
    """Everything that runs, and how it is doing. `port` is that of the endpoints."""

    def __init__(self, app: App, running: Sequence[Running], metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self.app, self.running, self.metrics = app, running, metrics
        self.port = 0
        self.health = Health(app, running, timedelta(seconds=app.settings.tick_seconds))
        self.clock = clock
        self._hurried: set[asyncio.Task[None]] = set()
        self.ended = asyncio.Event()  # no adapter is left that could connect

    async def tick(self) -> None:
        """One look at the facts and at what is due."""
        began = perf_counter()
        await self.app.tick(self.clock)
        self.health.tick_ended()
        self.metrics.ticked(perf_counter() - began, self.clock(), self.app.state.spool.pending)

    async def look_at_facts(self) -> None:
        """Edited facts into service, where another process delivers."""
        await self.app.look(self.clock)
        self.health.tick_ended()

    async def take_stock(self) -> None:
        """What the metrics and the health say of deliveries."""
        pulse = await self.app.state.reports.pulse(self.clock())
        self.health.pulse = pulse
        self.metrics.pulse(pulse, self.clock())

    def measured(self) -> bytes:
        """The metrics as text."""
        for one in self.running:
            self.metrics.connection(one.adapter.name, up=not one.problem)
        return self.metrics.text()

    def hurry(self) -> None:
        """Take edited facts into service now."""
        log.info("told to look at the facts now")
        task = asyncio.create_task(self.look_at_facts())
        self._hurried.add(task)
        task.add_done_callback(self._hurried.discard)

    async def unhurried(self) -> None:
        """Wait until the facts that were called for are in service, or refused."""
        if self._hurried:
            await asyncio.wait(self._hurried)

    async def until(self, stop: asyncio.Event) -> None:
        """Wait until told to stop, or until no platform is left that takes us."""
        waits = [asyncio.create_task(event.wait()) for event in (stop, self.ended)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self.ended.is_set() and not stop.is_set():
            raise RefusedError(" ".join(one.failure for one in self.running))
        log.info("stopping: what is being sent is finished first")

    async def connect(self) -> None:
        """Keep every adapter connected."""
        await asyncio.gather(*(one.keep_up(self.metrics) for one in self.running))
        if all(one.refused for one in self.running):
            self.ended.set()


@asynccontextmanager
async def running(
    settings: Settings, makers: Sequence[Maker], only: Part | None = None, clock: Callable[[], datetime] = _now
) -> AsyncIterator[Service]:
    """Everything of `run` over these adapters, without the waiting."""
    began = monotonic()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(build(settings, clock, (), metrics, Flood(_limits(settings))))
        if only != "digest":  # which answers nobody
            await asyncio.to_thread(app.desk.prepare)
        adapters = [make(settings, app, clock) for make in makers]
        for adapter in adapters:
            app.sender.attach(adapter.outlet)
            stack.push_async_callback(adapter.close)
        delivers = only in {None, "digest"}
        service = Service(app, [Running(one, only != "digest") for one in adapters], metrics, clock)
        service.port = await stack.enter_async_context(
            serving(settings.http_host, settings.http_port, service.health.report, service.measured, CONTENT_TYPE)
        )
        connecting = asyncio.create_task(service.connect())
        try:
            async with ticking(_jobs(service, delivers=delivers), timedelta(seconds=settings.stop_seconds)):
                log.info("running after %.1f s; health and metrics on port %s", monotonic() - began, service.port)
                try:
                    yield service
                finally:
                    app.sender.stop()
        finally:
            await service.unhurried()
            connecting.cancel()
            with suppress(asyncio.CancelledError):
                await connecting


def platforms(settings: Settings, only: Part | None) -> list[Maker]:
    """How to make the adapters that have their tokens, of those that `only` leaves.

    Raises:
        SettingsError: there is none.
    """
    found: dict[str, Maker] = {}
    if settings.discord_token is not None:
        found["discord"] = discord_adapter
    if settings.slack_bot_token is not None:
        found["slack"] = slack_adapter
    chosen = [make for name, make in found.items() if only in {None, "digest", name}]
    if not chosen:
        raise SettingsError(NOTHING_TO_RUN)
    return chosen


def discord_adapter(settings: Settings, app: App, clock: Callable[[], datetime]) -> DiscordService:
    """The Discord bot, not connected yet. Raises SettingsError without a token."""
    from bot.adapters.discord import DiscordService, create_bot  # noqa: PLC0415 (only where there is a token)
    from bot.adapters.discord.whereabouts import PLATFORM  # noqa: PLC0415

    if settings.discord_token is None:
        raise SettingsError("DISCORD_TOKEN is not set. Put the bot's token into .env, as in .env.example.")
    bot = create_bot(
        app.desk,
        clock=clock,
        zone=settings.zone,
        editors=settings.discord_editors,
        memory=app.state.memory,
        sharded=settings.discord_sharded,
    )
    token = settings.discord_token.get_secret_value()
    return DiscordService(
        bot, token, lambda: app.state.subscriptions.places(PLATFORM), lambda: app.state.database.alone(PLATFORM)
    )


def slack_adapter(settings: Settings, app: App, clock: Callable[[], datetime]) -> Connection:
    """Slack, not connected yet."""
    from bot.adapters.slack import Connection, create_slack  # noqa: PLC0415 (only where there is a token)

    slack = create_slack(
        app.desk,
        token=_secret(settings.slack_bot_token),
        signing_secret=_secret(settings.slack_signing_secret),
        api_url=settings.slack_api_url,
        clock=clock,
        zone=settings.zone,
        inbox=app.state.inbox,
        editors_group=settings.slack_editors,
    )
    app_token = _secret(settings.slack_app_token)
    return Connection(slack, app_token, settings.slack_host, settings.slack_port, opened=app.state.ledger.reopen)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def _jobs(service: Service, *, delivers: bool) -> dict[str, tuple[Job, timedelta]]:
    every = timedelta(seconds=service.app.settings.tick_seconds)
    jobs: dict[str, tuple[Job, timedelta]] = {"stock": (service.take_stock, TAKING_STOCK)}
    if not delivers:
        return jobs | {"facts": (service.look_at_facts, every)}
    return jobs | {
        "digest": (service.tick, every),
        "housekeeping": (lambda: service.app.keep_house(service.clock()), HOUSEKEEPING),
    }


def _limits(settings: Settings) -> Limits:
    def limit(a_minute: int) -> Limit:
        return Limit(a_minute, max(1, a_minute // 2))

    return Limits(limit(settings.flood_person), limit(settings.flood_channel), limit(settings.flood_workspace))


@contextmanager
def _signals(calls: dict[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Call these functions on these signals, within the block."""
    loop = asyncio.get_running_loop()
    for number, call in calls.items():
        loop.add_signal_handler(number, call)
    try:
        yield
    finally:
        for number in calls:
            loop.remove_signal_handler(number)
