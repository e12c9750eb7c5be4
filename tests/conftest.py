from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from bot.app.caching import load_index
from bot.briefing.index import Index
from bot.briefing.judging import load_judge
from bot.desk import Desk
from bot.settings import PREFIX, Settings
from tests.databases import BACK_ENDS, fresh
from tests.newsroom import newsroom

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".pytest_cache" / "briefbot"  # of all tests, so that they index the same facts once

# An example may be the first to need the dictionaries, which take most of a second to read.
settings.register_profile("briefbot", deadline=None)
settings.load_profile("briefbot")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, no `.env` and no file of whoever runs the tests."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    slack = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL")
    for name in ("DATABASE_URL", "DISCORD_TOKEN", *slack):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BRIEFBOT_DATA_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BRIEFBOT_CACHE_DIR", str(CACHE))
    monkeypatch.chdir(tmp_path)


@cache
def real_index() -> Index:
    """The real facts, indexed."""
    return load_index(Settings(seeds_dir=ROOT / "seeds", cache_dir=CACHE))


@cache
def real_desk() -> Desk:
    """The desk over the real facts, also for what is drawn outside a test."""
    return Desk(real_index().store, load_judge(), index=real_index())


@cache
def by_words() -> Desk:
    """The same, but it reads nothing and so takes a hundredth of the time."""
    return Desk(real_index().store, load_judge(reading=False), index=real_index())


@pytest.fixture(scope="session")
def desk() -> Desk:
    """The desk over the real facts."""
    return real_desk()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The desk over the invented facts of `tests/newsroom.py`."""
    return Desk(newsroom(tmp_path_factory.mktemp("newsroom")).load())


@pytest.fixture(params=BACK_ENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind in turn."""
    yield from fresh(request.param, tmp_path)
