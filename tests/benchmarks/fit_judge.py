"""Fit the judge that decides whether what was found is an answer.

Run: python tests/benchmarks/fit_judge.py [--write]

Every question of tests/questions (but for those in `HELD_BACK`) is asked of a judge that accepts all
it may; the best match is a right answer when the question file says so. A logistic model with a
penalty on large weights learns to tell right from wrong by the figures of the match. The
threshold is the lowest at which at most `MOST_WRONG` of all questions are answered wrongly, as
seen on each set of files by a model that was fitted on the other sets: other people, other words.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot.adapters.terminal.scoring import ask_all, read_questions
from bot.briefing.judging import Judge, figures
from bot.briefing.matching import Match
from bot.briefing.question import Query
from bot.desk import Asking, Desk
from bot.facts.load import load_store
from bot.facts.store import FactStore

ROOT = Path(__file__).parent.parent.parent
NOW = Asking(datetime(2026, 11, 21, 9, tzinfo=UTC))
HELD_BACK = ("held", "fresh")  # what nothing was fitted on tells how good the fit is
MOST_WRONG = 0.02
PENALTY, ROUNDS = 3.0, 30


@dataclass(frozen=True)
class Sample:
    """What the judge saw of a question's best match (None: nothing to judge), whether an answer was and was right."""

    answerable: bool
    seen: dict[str, float] | None
    answered: bool
    right: bool


class Recording(Judge):
    """Accepts all it may and keeps what it saw last."""

    def confidence(self, query: Query, match: Match) -> float:
        object.__setattr__(self, "seen", figures(query, match))
        return 0.5


def gather(store: FactStore) -> dict[str, list[Sample]]:
    """One sample for each question, by set: the files of one author."""
    judge = Recording(0.0, {}, 0.0)
    desk = Desk(store, judge)
    samples: defaultdict[str, list[Sample]] = defaultdict(list)
    for path in sorted((ROOT / "tests/questions").glob("*.yaml")):
        name = path.stem.partition("-")[0]
        if name in HELD_BACK:
            continue
        for score in ask_all(read_questions(path), desk, NOW, str(path)):
            answered = score.answer.outcome.value == "answered"
            judged = answered and not score.answer.trace[0].startswith("profile")
            seen = dict(judge.seen) if judged else None  # type: ignore[attr-defined]
            right = score.passed and not score.question.abstain
            samples[name].append(Sample(not score.question.abstain, seen, answered, right))
    return samples


def fit(samples: Sequence[Sample], threshold: float = 0.5) -> Judge:
    """Logistic regression by Newton's method, the penalty on weights of figures brought to one spread."""
    judged = [sample for sample in samples if sample.seen]
    names = list(judged[0].seen or ())
    seen = np.array([[(sample.seen or {})[name] for name in names] for sample in judged])
    right = np.array([sample.right for sample in judged], float)
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
    data = np.hstack([np.ones((len(seen), 1)), (seen - middle) / spread])
    penalty = np.diag([0.0, *[PENALTY] * len(names)])
    weights = np.zeros(data.shape[1])
    for _ in range(ROUNDS):
        sure = 1 / (1 + np.exp(-data @ weights))
        slope = data.T @ (sure - right) + penalty @ weights
        weights -= np.linalg.solve((data.T * (sure * (1 - sure))) @ data + penalty, slope)
    plain = weights[1:] / spread
    return Judge(float(weights[0] - plain @ middle), dict(zip(names, plain.tolist(), strict=True)), threshold)


def confidence(judge: Judge, sample: Sample) -> float:
    """How sure the judge is; a profile is always given, and nothing is where nothing was found."""
    if sample.seen is None:
        return 1.0 if sample.answered else 0.0
    return float(1 / (1 + np.exp(-judge.bias - sum(w * sample.seen[name] for name, w in judge.weights.items()))))


def rates(pairs: Sequence[tuple[Sample, float]], threshold: float) -> tuple[float, float, float]:
    """Right of what can be answered, turned down of what cannot, wrong of all."""
    given = [sample for sample, sure in pairs if sure >= threshold]
    answerable = sum(sample.answerable for sample, _ in pairs)
    right = sum(sample.right for sample in given)
    down = 1 - sum(not sample.answerable for sample in given) / max(1, len(pairs) - answerable)
    return right / answerable, down, (len(given) - right) / len(pairs)


def main() -> None:
    """Fit, report, and write the weights with --write."""
    samples = gather(load_store(ROOT / "seeds"))
    unseen: dict[str, list[tuple[Sample, float]]] = {}
    for name, held in samples.items():
        judge = fit([sample for other, found in samples.items() if other != name for sample in found])
        unseen[name] = [(sample, confidence(judge, sample)) for sample in held]
    pairs = [pair for found in unseen.values() for pair in found]
    steps = [step / 100 for step in range(20, 100)]
    threshold = next(step for step in steps if rates(pairs, step)[2] <= MOST_WRONG)
    for at in sorted({0.5, 0.6, 0.7, 0.8, 0.9, threshold}):
        for name, found in (("all", pairs), *unseen.items()):
            right, down, wrong = rates(found, at)
            print(f"threshold {at:.2f}, {name:8}: right {right:.3f}, turned down {down:.3f}, wrong {wrong:.3f}")
    judge = fit([sample for found in samples.values() for sample in found], threshold)
    text = "# Written by tests/benchmarks/fit_judge.py --write; see bot/briefing/judging.py.\n"
    text += f"threshold: {judge.threshold:.2f}\nbias: {judge.bias:.3f}\nweights:\n"
    text += "".join(f"  {name}: {weight:.3f}\n" for name, weight in judge.weights.items())
    print(text)
    if "--write" in sys.argv:
        (ROOT / "bot/briefing/data/judge.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
