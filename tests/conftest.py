from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from bot.desk import Desk
from bot.facts.load import load_store
from bot.settings import PREFIX
from tests.databases import BACK_ENDS, fresh
from tests.newsroom import newsroom

ROOT = Path(__file__).parent.parent

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
    monkeypatch.chdir(tmp_path)


@cache
def real_desk() -> Desk:
    """The desk over the real facts, also for what is drawn outside a test."""
    return Desk(load_store(ROOT / "seeds"))


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
