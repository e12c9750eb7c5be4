"""Building: the desk, the state and the sender from settings, closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app.caching import load_index
from bot.briefing.index import Index
from bot.briefing.judging import load_judge
from bot.desk import Desk
from bot.desk.flood import Flood
from bot.desk.keeping import Keeping
from bot.digest.ledger import Outlet
from bot.digest.sending import MOST_PLANNED, Pace, Sender
from bot.errors import StateError
from bot.facts.findings import SeedsError
from bot.facts.store import FactStore
from bot.observing import Observer
from bot.settings import Settings, database_url, retention, seeds_folder

if TYPE_CHECKING:
    from bot.adapters.state.state import State

log = logging.getLogger(__name__)

NOTHING_NEWER = -1  # the recording of facts that are older than the record: nothing is sent from them


class App:
    """What was built: the desk, the state and the sender over the facts in service.

    `problem` is what is wrong with the facts or the database as of the last look, or empty.
    """

    def __init__(
        self,
        settings: Settings,
        state: State,
        index: Index,
        sender: Sender,
        observer: Observer,
        flood: Flood | None,
    ) -> None:
        self.settings, self.state, self.sender, self.observer = settings, state, sender, observer
        self._keeping = Keeping(state, settings.keep_questions)
        judge = load_judge(reading=settings.cross_encoder)
        self.desk = Desk(index.store, judge, self._keeping, observer, flood, index)
        self.problem = ""
        self._seen, self._refused = self._stamp(), ""
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
        self.observer.reloaded("outdated" if recorded.outdated else "taken", len(store.facts))
        if not recorded.outdated:
            return None
        told = ", ".join(recorded.outdated[:3])
        return (
            f"These facts are older than those on record ({told}); no digest and no correction is sent "
            "from them. Bring seeds/ up to date; to take something back, add a new revision."
        )

    def outdated(self, warning: str) -> None:
        """The facts in service are older than those on record."""
        self._refused = self.problem = warning

    async def refresh(self, now: datetime) -> str | None:
        """Take changed seed files into service, all of them or none.

        Returns what to tell when they cannot be used: the last good facts stay in service then.
        """
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        try:
            index = await asyncio.to_thread(load_index, self.settings)
            warning = await self.record(index.store, now)
        except SeedsError as error:
            self._seen = stamp
            self._refused = str(error)
            self.observer.reloaded("refused", len(self.desk.store.facts))
            return self._refused
        except StateError as error:
            return str(error)  # the next look tries again
        self._seen, self._refused = stamp, warning or ""
        self.desk.reload(index.store, index)
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
            self.problem = problem or self._refused
            return problem

    async def look(self, now: Callable[[], datetime]) -> str | None:
        """Edited facts into service and nothing else; returns what is wrong with them."""
        async with self._turn:
            problem = await self.refresh(now())
            self.problem = problem or self._refused
            return problem

    async def keep_house(self, now: datetime) -> None:
        """What is due once in a while: late deliveries are closed, old records deleted."""
        await self.state.ledger.settle_expired(now)
        deleted = await self.state.privacy.apply_retention(now, retention(self.settings))
        log.info("old records deleted: %s", deleted)

    def _stamp(self) -> frozenset[tuple[str, int, int]]:
        """The seed files as they stand: a changed, new or missing one changes this."""
        found = set()
        for path in seeds_folder(self.settings).resolve().rglob("*.*"):
            with suppress(OSError):  # an editor's save may replace the file just now; the next look sees it
                stat = path.stat()
                found.add((str(path), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)


@asynccontextmanager
async def build(
    settings: Settings,
    clock: Callable[[], datetime] | None = None,
    outlets: Iterable[Outlet] = (),
    observer: Observer | None = None,
    flood: Flood | None = None,
) -> AsyncIterator[App]:
    """Build everything from settings and close it again.

    `clock` gives the time where it is not the machine's, `observer` is told of what happens, `flood`
    refuses those who ask too often.

    Raises:
        SeedsError: the facts cannot be used.
        StateError: the database cannot be used.
    """
    from bot.adapters.state.state import open_state  # noqa: PLC0415 (a question needs no database)

    tell = clock or (lambda: datetime.now().astimezone())
    index = await asyncio.to_thread(load_index, settings)
    remembered = timedelta(days=settings.corrections_days)
    async with open_state(database_url(settings), remembered=remembered) as state:
        pace = Pace(window=timedelta(hours=settings.catch_up_hours))
        watch = observer or Observer()
        app = App(settings, state, index, Sender(state.ledger, outlets, tell, pace, watch), watch, flood)
        await state.subscriptions.follow_zone_data()
        warning = await app.record(index.store, tell())
        if warning:
            log.warning("%s", warning)
            app.outdated(warning)
        yield app


async def restored(settings: Settings, file: Path, now: datetime) -> tuple[int, int]:
    """Restore a backup into the empty database of the settings; returns records, and deliveries in doubt.

    What changed and fell due since the backup is planned at once, and counts as possibly sent: the
    bot that made the backup may have gone on.

    Raises:
        StateError: the file is no backup, or the database is not empty or cannot be used.
        SeedsError: the facts cannot be used.
    """
    from bot.adapters.state.archive import doubt_what_is_open, restore  # noqa: PLC0415 (as above)
    from bot.adapters.state.state import open_state  # noqa: PLC0415

    store = (await asyncio.to_thread(load_index, settings)).store
    async with open_state(database_url(settings), remembered=timedelta(days=settings.corrections_days)) as state:
        counted = await restore(state.database, file)
        await state.record.take(store, now)
        window = timedelta(hours=settings.catch_up_hours)
        while await state.ledger.plan(now, window, MOST_PLANNED):
            pass
        return sum(counted.values()), await doubt_what_is_open(state.database, now)


def build_desk(settings: Settings) -> Desk:
    """The desk over the facts that the settings point to, without a state.

    Raises:
        SeedsError: the facts cannot be used.
    """
    index = load_index(settings)
    return Desk(index.store, load_judge(reading=settings.cross_encoder), index=index)
