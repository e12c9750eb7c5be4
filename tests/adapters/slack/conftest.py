from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.slack.newsdesk import Workspace, workspace


@pytest.fixture
async def news(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made
