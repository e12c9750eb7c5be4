from __future__ import annotations

from pathlib import Path

import pytest

from tests.seedfolder import SeedFolder


@pytest.fixture
def seeds(tmp_path: Path) -> SeedFolder:
    """A valid folder of seeds, not written yet."""
    return SeedFolder(tmp_path / "seeds")
