"""How long a start with and without the cache and one whole answer take, on one core.

Run: PYTHONPATH=. python tests/benchmarks/answers.py
Each question of tests/questions is asked `ROUNDS` times after a warm-up, question in to answer
object out. Two lines: over all times, and over each question's quickest, which is what an
answer takes when nothing else runs. First by words alone, then with the cross-encoder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from bot.adapters.terminal.scoring import read_questions
from bot.app.caching import load_index
from bot.briefing.judging import load_judge
from bot.desk import Asking, Desk
from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 5
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def main() -> None:
    """Print the figures, a line each."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(seeds_dir=ROOT / "seeds", cache_dir=Path(folder))
        began = time.perf_counter()
        load_index(settings)
        made = time.perf_counter()
        index = load_index(settings)
        read = time.perf_counter()
        print(
            f"{len(index.store.facts)} facts: read, checked, indexed and cached in {made - began:.2f} s, "
            f"then read from the cache in {read - made:.3f} s"
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "BRIEFBOT_CACHE_DIR": folder}
        command = [sys.executable, "-m", "bot", "ask", "who was arrested?"]
        starts = [_taken(lambda: subprocess.run(command, env=environment, check=True, capture_output=True))]
        starts += [_taken(lambda: subprocess.run(command, env=environment, check=True, capture_output=True))]
        print(f"`briefbot ask` with a cache: {min(starts) / 1000:.2f} s")
    asking = Asking(NOW)
    questions = [q.q for path in sorted((ROOT / "tests/questions").glob("*.yaml")) for q in read_questions(path)]
    for name, reading in (("by words", False), ("with the cross-encoder", True)):
        desk = Desk(index.store, load_judge(reading=reading), index=index)
        for question in questions:
            desk.ask(question, asking)
        taken = [[_taken(partial(_answer, desk, question, asking)) for question in questions] for _ in range(ROUNDS)]
        _report(f"{name}, all times", [each for times in taken for each in times])
        _report(f"{name}, each question's quickest", [min(times) for times in zip(*taken, strict=True)])


def _answer(desk: Desk, question: str, asking: Asking) -> object:
    return desk.ask(question, asking).as_json(desk.store)


def _taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _report(what: str, taken: Sequence[float]) -> None:
    print(
        f"{what}, {len(taken)} answers: median {median(taken):.2f} ms, "
        f"99th percentile {quantiles(taken, n=100)[98]:.2f} ms, slowest {max(taken):.2f} ms"
    )


if __name__ == "__main__":
    main()
