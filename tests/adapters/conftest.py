from __future__ import annotations

import pytest

from bot.adapters.discord import front as discord_front
from bot.adapters.slack import front as slack_front
from tests.world import PATIENCE


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take its time to look up how a channel is set; people are not made to wait as long."""
    for front in (discord_front, slack_front):
        monkeypatch.setattr(front, "SETTINGS_PATIENCE", PATIENCE)
