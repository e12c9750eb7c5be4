"""The one place that constructs: settings in, everything that runs out, closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
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
    from bot.adapters.slack.connection import Connection
    from bot.adapters.state.state import State

log = logging.getLogger(__name__)

NOTHING_NEWER = -1  # the recording of facts that are older than the record: nothing is sent from them


class App:
    """What was built: the desk, the state and the sender over the facts in service."""

    def __init__(self, settings: Settings, state: State, store: FactStore, sender: Sender) -> None:
        self.settings, self.state, self.sender = settings, state, sender
        self._keeping = Keeping(state, settings.keep_questions)
        self.desk = Desk(store, keeping=self._keeping)
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
    settings: Settings, clock: Callable[[], datetime] | None = None, outlets: Iterable[Outlet] = ()
) -> AsyncIterator[App]:
    """Build everything from settings and close it again. `clock` gives the time where it is not the machine's.

    Raises:
        SeedsError: the facts cannot be used.
        StateError: the database cannot be used.
    """
    from bot.adapters.state.state import open_state  # noqa: PLC0415 (a question needs no database)

    tell = clock or (lambda: datetime.now().astimezone())
    store = await asyncio.to_thread(load_store, seeds_folder(settings))
    remembered = timedelta(days=settings.corrections_days)
    async with open_state(database_url(settings), remembered=remembered) as state:
        pace = Pace(window=timedelta(hours=settings.catch_up_hours))
        app = App(settings, state, store, Sender(state.ledger, outlets, tell, pace))
        await state.subscriptions.follow_zone_data()
        warning = await app.record(store, tell())
        if warning:
            log.warning("%s", warning)
        yield app


class SlackSide:
    """Slack as a running bot has it: `outlet` for the sender that is built first, then the connection over the app."""

    def __init__(self, settings: Settings, token: str) -> None:
        from bot.adapters.slack.outlet import SlackOutlet  # noqa: PLC0415 (heavy; the command line does without)
        from bot.adapters.slack.workspaces import Workspaces  # noqa: PLC0415

        self._settings = settings
        self._workspaces = Workspaces(token, settings.slack_api_url)
        self._connection: Connection | None = None
        self.outlet: Outlet = SlackOutlet(self._workspaces)

    async def start(self, app: App, clock: Callable[[], datetime]) -> Connection:
        """Connect, over the desk and state of a built app.

        Raises:
            SettingsError: a token is refused; says what to do.
            StateError: the database cannot be used.
        """
        from bot.adapters.slack.app import create_slack  # noqa: PLC0415
        from bot.adapters.slack.connection import Connection  # noqa: PLC0415

        settings = self._settings
        slack = create_slack(
            app.desk,
            workspaces=self._workspaces,
            signing_secret=_secret(settings.slack_signing_secret),
            clock=clock,
            zone=settings.zone,
            inbox=app.state.inbox,
            editors_group=settings.slack_editors,
        )
        connection = Connection(
            slack,
            _secret(settings.slack_app_token),
            settings.http_host,
            settings.http_port,
            opened=app.state.ledger.reopen,
        )
        await connection.start()
        self._connection = connection
        return connection

    async def close(self) -> None:
        """Take nothing more in, finish what is being answered, disconnect."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


def slack_side(settings: Settings) -> SlackSide | None:
    """Slack, where there is a token for it."""
    token = _secret(settings.slack_bot_token)
    return SlackSide(settings, token) if token else None


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def build_desk(settings: Settings) -> Desk:
    """The desk over the facts that the settings point to, without a state.

    Raises:
        SeedsError: the facts cannot be used.
    """
    return Desk(load_store(seeds_folder(settings)))
