"""The one place that constructs: settings in, everything that runs out, closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.desk import Desk
from bot.desk.keeping import Keeping
from bot.digest.ledger import Outlet
from bot.digest.sending import Pace, Sender
from bot.errors import StateError
from bot.facts.findings import SeedsError
from bot.facts.load import load_store
from bot.facts.store import FactStore
from bot.settings import Settings, database_url, retention, seeds_folder

if TYPE_CHECKING:
    from bot.adapters.discord import DiscordService
    from bot.adapters.slack import Connection
    from bot.adapters.state.state import State

log = logging.getLogger(__name__)

NOTHING_NEWER = -1  # the recording of facts that are older than the record: nothing is sent from them


class App:
    """What was built: the desk, the state and the sender over the facts in service."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        store: FactStore,
        clock: Callable[[], datetime],
        outlets: Iterable[Outlet] = (),
        platforms: Collection[str] = (),
    ) -> None:
        self.settings, self.state = settings, state
        self._keeping = Keeping(state, settings.keep_questions)
        self.desk = Desk(store, keeping=self._keeping)
        self.discord = _discord(settings, self.desk, state, clock) if "discord" in platforms else None
        self.slack = _slack(settings, self.desk, state, clock) if "slack" in platforms else None
        outlets = [*outlets, *([self.discord.bot.outlet] if self.discord else [])]
        outlets += [self.slack.slack.outlet] if self.slack else []
        pace = Pace(window=timedelta(hours=settings.catch_up_hours))
        self.sender = Sender(state.ledger, outlets, clock, pace)
        self._seen = self._stamp()
        self._turn = asyncio.Lock()

    async def record(self, store: FactStore, now: datetime) -> str | None:
        """Record what is new in the facts, start its corrections, and work from them.

        Returns what an editor should know: that these facts are older than those recorded.

        Raises:
            SeedsError: a recorded revision says something else now.
            StateError: the database cannot be used.
        """
        recorded = await self.state.record.take(store, now)
        recording = NOTHING_NEWER if recorded.outdated else recorded.recording
        self.sender.use(store, recording)
        self._keeping.use(store, recording)
        if not recorded.outdated:
            return None
        told = ", ".join(recorded.outdated[:3])
        return (
            f"These facts are older than those on record ({told}); no digest and no correction is sent "
            "from them. Bring seeds/ up to date; to take something back, add a new revision."
        )

    async def refresh(self, now: datetime) -> str | None:
        """Take changed seed files into service, all of them or none.

        Returns what to tell when they cannot be used: the last good facts stay in service then.
        """
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        try:
            store = await asyncio.to_thread(load_store, seeds_folder(self.settings))
            warning = await self.record(store, now)
        except SeedsError as error:
            self._seen = stamp
            return str(error)
        except StateError as error:
            return str(error)  # the next look tries again
        self._seen = stamp
        self.desk.reload(store)
        return warning

    async def tick(self, now: Callable[[], datetime]) -> str | None:
        """One look: edited facts into service, then what is due is delivered. Never beside itself.

        Returns what is wrong with the facts or the database; the next look tries again.
        """
        async with self._turn:
            problem = await self.refresh(now())
            try:
                await self.sender.run_once()
            except StateError as error:
                problem = problem or str(error)
            if problem:
                log.warning("%s", problem)
            return problem

    async def keep_house(self, now: datetime) -> None:
        """What is due once in a while: late deliveries are closed, old records deleted."""
        await self.state.ledger.settle_expired(now)
        deleted = await self.state.privacy.apply_retention(now, retention(self.settings))
        log.info("old records deleted: %s", deleted)

    def _stamp(self) -> frozenset[tuple[str, int, int]]:
        """The seed files as they stand: a changed, new or missing one changes this."""
        found = set()
        for path in seeds_folder(self.settings).rglob("*.*"):
            with suppress(OSError):  # an editor's save may replace the file just now; the next look sees it
                stat = path.stat()
                found.add((str(path), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)


@asynccontextmanager
async def build(
    settings: Settings,
    clock: Callable[[], datetime] | None = None,
    outlets: Iterable[Outlet] = (),
    platforms: Collection[str] = (),
) -> AsyncIterator[App]:
    """Build everything from settings and close it again. `clock` gives the time where it is not the machine's.

    `platforms` are those whose adapters are built, as far as there is a token for them; they connect when started.

    Raises:
        SeedsError: the facts cannot be used.
        StateError: the database cannot be used.
    """
    from bot.adapters.state.state import open_state  # noqa: PLC0415 (a question needs no database)

    tell = clock or (lambda: datetime.now().astimezone())
    store = await asyncio.to_thread(load_store, seeds_folder(settings))
    remembered = timedelta(days=settings.corrections_days)
    async with open_state(database_url(settings), remembered=remembered) as state:
        app = App(settings, state, store, tell, outlets, platforms)
        await state.subscriptions.follow_zone_data()
        warning = await app.record(store, tell())
        if warning:
            log.warning("%s", warning)
        yield app


def _discord(settings: Settings, desk: Desk, state: State, clock: Callable[[], datetime]) -> DiscordService | None:
    """The Discord bot, not connected yet; None without a token."""
    from bot.adapters.discord import DiscordService, create_bot  # noqa: PLC0415 (only where there is a token)

    if settings.discord_token is None:
        return None
    bot = create_bot(
        desk,
        clock=clock,
        zone=settings.zone,
        editors=settings.discord_editors,
        memory=state.memory,
        sharded=settings.discord_sharded,
    )
    return DiscordService(bot, settings.discord_token.get_secret_value())


def _slack(settings: Settings, desk: Desk, state: State, clock: Callable[[], datetime]) -> Connection | None:
    """Slack, not connected yet; None without a token."""
    from bot.adapters.slack import Connection, create_slack  # noqa: PLC0415 (only where there is a token)

    token = _secret(settings.slack_bot_token)
    if not token:
        return None
    slack = create_slack(
        desk,
        token=token,
        signing_secret=_secret(settings.slack_signing_secret),
        api_url=settings.slack_api_url,
        clock=clock,
        zone=settings.zone,
        inbox=state.inbox,
        editors_group=settings.slack_editors,
    )
    app_token = _secret(settings.slack_app_token)
    return Connection(slack, app_token, settings.http_host, settings.http_port, opened=state.ledger.reopen)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def build_desk(settings: Settings) -> Desk:
    """The desk over the facts that the settings point to, without a state.

    Raises:
        SeedsError: the facts cannot be used.
    """
    return Desk(load_store(seeds_folder(settings)))
