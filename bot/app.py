"""The one place that constructs: settings in, everything that runs out, closed in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.desk import Desk
from bot.facts.findings import SeedsError
from bot.facts.load import load_store
from bot.settings import Settings, seeds_folder


class App:
    """What was built."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self.settings, self.desk = settings, desk
        self._seen = self._stamp()

    def refresh(self) -> str | None:
        """Take changed seed files into service, all of them or none.

        Returns what to tell when they cannot be used: the last good facts stay in service then.
        """
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        self._seen = stamp
        try:
            self.desk.reload(load_store(seeds_folder(self.settings)))
        except SeedsError as error:
            return str(error)
        return None

    def _stamp(self) -> frozenset[tuple[str, int, int]]:
        """The seed files as they stand: a changed, new or missing one changes this."""
        found = set()
        for path in seeds_folder(self.settings).rglob("*.*"):
            with suppress(OSError):  # an editor's save may replace the file just now; the next look sees it
                stat = path.stat()
                found.add((str(path), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[App]:
    """Build everything from settings and close it again.

    Raises:
        SeedsError: the facts cannot be used.
    """
    yield App(settings, build_desk(settings))


def build_desk(settings: Settings) -> Desk:
    """The desk over the facts that the settings point to.

    Raises:
        SeedsError: the facts cannot be used.
    """
    return Desk(load_store(seeds_folder(settings)))
