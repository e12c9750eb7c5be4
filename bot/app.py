"""The one place that constructs: settings in, everything that runs out, closed in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.desk import Desk
from bot.facts.load import load_store
from bot.settings import Settings, seeds_folder


@dataclass(frozen=True, slots=True)
class App:
    """What was built."""

    settings: Settings
    desk: Desk


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
