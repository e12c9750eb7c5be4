from __future__ import annotations

from tests.benchmarks.fuzz import fuzz


def test_nothing_typed_raises_or_comes_back_alive() -> None:
    """Two thousand inputs; `tests/benchmarks/fuzz.py` takes a hundred thousand."""
    taken, problems = fuzz(2_000, seed=7)
    assert problems == []
    assert sum(taken.values()) == 2_000
