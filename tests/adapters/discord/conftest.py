from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.discord.newsdesk import Newsdesk, newsdesk


@pytest.fixture
async def news(tmp_path: Path) -> AsyncIterator[Newsdesk]:
    async with newsdesk(tmp_path) as desk:
        yield desk
