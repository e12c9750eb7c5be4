"""Speed with a great many facts, and speed and accuracy beside search engines over the same statements.

Run: PYTHONPATH=. python tests/benchmarks/scale.py [--facts 100000] [--questions 2000]
(needs the extra `bench`). Four parts, each in a process of its own: invented facts are made, indexed and written
to a cache; a process starts from that cache and answers questions; the engines index the facts' statements
and are asked the same questions; and both are asked the questions of tests/questions about the packaged facts.
A question counts as right first for an engine when its first statement holds what the question file demands.
Each question is asked `ROUNDS` times. Two figures each: over all times, and over each question's quickest,
which is what it takes when nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.desk import Desk

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ROUNDS = 3
MOST_ENGINE_QUESTIONS = 500  # SQLite takes its time


def main() -> None:
    """Run the parts one after the other."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--facts", type=int, default=100_000)
    options.add_argument("--questions", type=int, default=2_000)
    options.add_argument("--part", choices=PARTS, help="one part, in this process")
    options.add_argument("--folder", type=Path)
    asked = options.parse_args()
    if asked.part:
        PARTS[asked.part](asked.folder, asked.facts, asked.questions)
        return
    with tempfile.TemporaryDirectory() as scratch:
        for part in PARTS:
            sizes = ["--facts", str(asked.facts), "--questions", str(asked.questions)]
            command = [sys.executable, __file__, "--part", part, "--folder", str(asked.folder or scratch), *sizes]
            subprocess.run(command, check=True)


def make(folder: Path, facts: int, questions: int) -> None:
    """Invent the facts, index them and write the cache."""
    from bot.app.caching import write_index
    from bot.briefing.indexing import build
    from bot.briefing.lexicon import load_lexicon
    from bot.briefing.packing import pack
    from tests.benchmarks.synthetic import Synthetic

    invented = Synthetic(facts)
    store = invented.store()
    began = time.perf_counter()
    arrays = pack(build(store, load_lexicon()))
    write_index(folder / "facts-invented.npz", arrays)
    size = (folder / "facts-invented.npz").stat().st_size / 1e6
    print(f"{len(store.facts):,} facts: indexed and written in {time.perf_counter() - began:.0f} s, {size:.0f} MB")
    _write(folder / "questions.json", list(invented.questions(store, questions)))
    _write(
        folder / "statements.json", [text for f in store.facts.values() for text in (f.statement.en, f.statement.fr)]
    )


def answer(folder: Path, *_: int) -> None:
    """Start from the cache and answer, by words alone."""
    began = time.perf_counter()
    from bot.app.caching import read_index
    from bot.briefing.judging import load_judge
    from bot.desk import Asking, Desk

    index = read_index(folder / "facts-invented.npz")
    assert index is not None
    desk = Desk(index.store, load_judge(reading=False), index=index)
    desk.ask("who was arrested?", Asking(NOW))
    print(f"start-up from the cache, imports and a first answer included: {time.perf_counter() - began:.2f} s")
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    _report("briefbot by words, whole answers", _timed(_whole(desk), questions))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"the process took at most {memory:.0f} MB")


def _whole(desk: Desk) -> Callable[[str], object]:
    from bot.desk import Asking

    return lambda question: desk.ask(question, Asking(NOW)).as_json(desk.store)


def compare(folder: Path, *_: int) -> None:
    """Ask the engines the same questions."""
    from tests.benchmarks.peers import HITS, engines

    statements = json.loads((folder / "statements.json").read_text(encoding="utf-8"))
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))[:MOST_ENGINE_QUESTIONS]
    for name, search in engines(statements).items():
        _report(f"{name}, the {HITS} best of {len(statements):,} statements", _timed(search, questions))


def judge(*_: object) -> None:
    """Ask all of them about the packaged facts."""
    from bot.adapters.terminal.scoring import ask_all, read_questions
    from bot.briefing.evaluating import holds
    from bot.briefing.judging import load_judge
    from bot.desk import Asking, Desk
    from bot.facts.load import load_store
    from tests.benchmarks.peers import engines

    store = load_store(ROOT / "seeds")
    for name, reading in (("briefbot by words", False), ("briefbot", True)):
        desk = Desk(store, load_judge(reading=reading))
        scores = [
            one
            for path in sorted((ROOT / "tests/questions").glob("*.yaml"))
            for one in ask_all(read_questions(path), desk, Asking(NOW), str(path))
        ]
        asked = [one for one in scores if not one.question.abstain and not one.question.thread]
        questions = [one.question.q for one in asked]
        _report(f"{name}, whole answers", _timed(_whole(desk), questions))
        print(f"{name}: right first {sum(one.right_first for one in asked) / len(asked):.1%} of {len(asked)} questions")
    statements = [text for fact in store.current for text in (fact.statement.en, fact.statement.fr)]
    for name, search in engines(statements).items():
        _report(f"{name}, retrieval", _timed(search, questions))
        firsts = [(one.question, search(one.question.q)[:1]) for one in asked]
        right = sum(bool(found) and holds(question, statements[found[0]]) for question, found in firsts)
        print(f"{name}: right first {right / len(asked):.1%}")


PARTS: dict[str, Callable[..., None]] = {"make": make, "answer": answer, "compare": compare, "judge": judge}


def _timed(ask: Callable[[str], Any], questions: Sequence[str]) -> list[list[float]]:
    """The milliseconds of every question, a list a round."""
    for question in questions[:50]:
        ask(question)
    rounds = []
    for _ in range(ROUNDS):
        taken = []
        for question in questions:
            began = time.perf_counter()
            ask(question)
            taken.append((time.perf_counter() - began) * 1000)
        rounds.append(taken)
    return rounds


def _report(name: str, rounds: Sequence[Sequence[float]]) -> None:
    every, quickest = [each for taken in rounds for each in taken], [min(times) for times in zip(*rounds, strict=True)]
    told = (f"median {median(taken):.2f} ms, 99th percentile {_high(taken):.2f} ms" for taken in (every, quickest))
    print(f"{name}, {len(quickest)} questions: {next(told)}; each question's quickest: {next(told)}")


def _high(taken: Sequence[float]) -> float:
    return quantiles(taken, n=100)[98]


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
