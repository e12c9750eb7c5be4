from __future__ import annotations

from pathlib import Path

from tests.benchmarks.soak import soak


async def test_nothing_grows_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """Two simulated minutes; `tests/benchmarks/soak.py` runs an hour."""
    found = await soak(2, tmp_path)
    first, last = found.moments[2], found.moments[-1]
    assert found.lines == 2 * 60 * 20
    assert last.files <= first.files + 2
    assert last.tasks <= first.tasks + 2
    assert last.rss < first.rss * 1.2
    assert (found.spooled, found.open_deliveries) == (0, 0)
