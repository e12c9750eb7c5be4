"""Fit the judge that decides whether what was found is an answer.

Run: python tests/benchmarks/fit_judge.py [--write]

Every development question is asked of a judge that accepts all it may; the best match is a
right answer when the question file says so. A logistic model learns to tell right from wrong
by the figures of the match, and the threshold is the one with the most right answers among
those that keep the wrong ones under `MOST_WRONG` of all questions. The figures printed for
folds come from questions that the fit did not see. tests/questions/rare-*.yaml take no part.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.terminal.scoring import ask_all, read_questions
from bot.briefing.evaluating import Question
from bot.briefing.judging import Judge, figures
from bot.briefing.matching import Match
from bot.briefing.question import Query
from bot.desk import Asking, Desk
from bot.facts.load import load_store
from bot.facts.store import FactStore

ROOT = Path(__file__).parent.parent.parent
NOW = Asking(datetime(2026, 11, 21, 9, tzinfo=UTC))
MOST_WRONG = 0.015
ROUNDS, RATE, DECAY, FOLDS = 1500, 0.5, 0.003, 5


@dataclass(frozen=True)
class Sample:
    """A question, what the judge saw of its best match (None: nothing to judge), whether it was right."""

    question: Question
    seen: dict[str, float] | None
    right: bool


class Recording(Judge):
    """Accepts all it may and keeps what it saw last."""

    def confidence(self, query: Query, match: Match) -> float:
        object.__setattr__(self, "seen", figures(query, match))
        return 0.5


def gather(store: FactStore) -> list[Sample]:
    """One sample for each development question."""
    samples = []
    judge = Recording(0.0, {}, 0.0)
    desk = Desk(store, judge)
    for path in sorted((ROOT / "tests/questions").glob("develop-*.yaml")):
        for score in ask_all(read_questions(path), desk, NOW, str(path)):
            judged = score.answer.outcome.value == "answered" and not score.answer.trace[0].startswith("profile")
            right = score.passed and not score.question.abstain
            samples.append(Sample(score.question, dict(judge.seen) if judged else None, right))  # type: ignore[attr-defined]
    return samples


def fit(samples: Sequence[Sample], names: Sequence[str]) -> Judge:
    """Logistic regression by gradient descent with momentum and weight decay."""
    data = [([s.seen[name] for name in names], s.right) for s in samples if s.seen]
    bias, weights = 0.0, [0.0] * len(names)
    speed = [0.0] * (len(names) + 1)
    for _ in range(ROUNDS):
        slope = [0.0] * (len(names) + 1)
        for seen, right in data:
            error = 1 / (1 + math.exp(-bias - sum(w * x for w, x in zip(weights, seen, strict=True)))) - right
            slope[0] += error
            for number, value in enumerate(seen):
                slope[number + 1] += error * value
        speed = [0.9 * v - RATE * s / len(data) for v, s in zip(speed, slope, strict=True)]
        bias += speed[0]
        weights = [w * (1 - RATE * DECAY) + v for w, v in zip(weights, speed[1:], strict=True)]
    return Judge(bias, dict(zip(names, weights, strict=True)), 0.5)


def confidence(judge: Judge, seen: dict[str, float]) -> float:
    """The judge's confidence from figures alone."""
    return 1 / (1 + math.exp(-judge.bias - sum(w * seen[name] for name, w in judge.weights.items())))


def rates(pairs: Sequence[tuple[Sample, float]], threshold: float, total: int) -> tuple[float, float]:
    """Right and wrong answers, as parts of all questions."""
    kept = [sample for sample, sure in pairs if sure >= threshold]
    right = sum(sample.right for sample in kept)
    return right / total, (len(kept) - right) / total


def choose(pairs: Sequence[tuple[Sample, float]], total: int) -> float:
    """The threshold with the most right answers; past the limit a wrong one costs three."""
    steps = [step / 100 for step in range(20, 96)]

    def worth(threshold: float) -> float:
        right, wrong = rates(pairs, threshold, total)
        return right - wrong / 2 - 3 * max(0.0, wrong - MOST_WRONG)

    return max(steps, key=worth)


def main() -> None:
    """Fit, report, and write the weights with --write."""
    samples = gather(load_store(ROOT / "seeds"))
    names = list(next(s.seen for s in samples if s.seen))
    shuffled = random.Random(1).sample(samples, len(samples))
    unseen: list[tuple[Sample, float]] = []
    for fold in range(FOLDS):
        judge = fit([s for n, s in enumerate(shuffled) if n % FOLDS != fold], names)
        unseen += [(s, confidence(judge, s.seen)) for n, s in enumerate(shuffled) if n % FOLDS == fold and s.seen]
    threshold = choose(unseen, len(samples))
    judge = replace(fit(samples, names), threshold=threshold)
    most = sum(s.right for s in samples) / len(samples)
    for at in sorted({0.3, 0.4, 0.5, 0.6, 0.7, 0.8, threshold}):
        right, wrong = rates(unseen, at, len(samples))
        print(f"in folds, threshold {at:.2f}: right {right:.3f} of at most {most:.3f}, wrong {wrong:.3f}")
    text = "# Written by tests/benchmarks/fit_judge.py --write; see bot/briefing/judging.py.\n"
    text += f"threshold: {judge.threshold:.2f}\nbias: {judge.bias:.3f}\nweights:\n"
    text += "".join(f"  {name}: {weight:.3f}\n" for name, weight in judge.weights.items())
    print(text)
    if "--write" in sys.argv:
        (ROOT / "bot/briefing/data/judge.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
