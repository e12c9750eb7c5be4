"""How long loading the facts and one whole answer take, on one core.

Run: python tests/benchmarks/answers.py
Each question of tests/questions is asked three times after a warm-up; the figures are over all
of them, question in to answer object out.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from bot.adapters.terminal.scoring import read_questions
from bot.desk import Asking, Desk
from bot.facts.load import load_store

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def main() -> None:
    """Print the figures, a line each."""
    began = time.perf_counter()
    store = load_store(ROOT / "seeds")
    loaded = time.perf_counter()
    desk = Desk(store)
    built = time.perf_counter()
    print(f"{len(store.facts)} facts: read and checked in {loaded - began:.2f} s, indexed in {built - loaded:.2f} s")
    questions = [q for path in sorted((ROOT / "tests/questions").glob("*.yaml")) for q in read_questions(path)]
    asking = Asking(NOW)
    for question in questions:
        desk.ask(question.q, asking)
    taken = []
    for question in questions * 3:
        start = time.perf_counter()
        desk.ask(question.q, asking).as_json(store)
        taken.append((time.perf_counter() - start) * 1000)
    print(
        f"{len(taken)} answers: median {median(taken):.2f} ms, 99th percentile {quantiles(taken, n=100)[98]:.2f} ms, "
        f"slowest {max(taken):.2f} ms"
    )


if __name__ == "__main__":
    main()
