"""Fit the judge that decides whether what was found is an answer.

Run: python tests/benchmarks/fit_judge.py [--write]

Two kinds of samples. First, every question of tests/questions (but for `held-*.yaml`) is asked of a
judge that accepts all it may; the best match is a right answer when the question file says so.
Second, every question that a unit of the store is curated to answer is asked with that question
taken away, so that the unit has to be found by its other questions: how it looks when somebody asks
in words that no editor thought of. A logistic model learns to tell right from wrong by the figures
of the match; the threshold weighs a wrong answer as heavily as `WRONG_COSTS` right ones. The
figures printed for folds come from questions that the fit did not see.
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
from bot.briefing.fitting import Sought, fits
from bot.briefing.index import Index, Unit
from bot.briefing.indexing import build
from bot.briefing.judging import Judge, figures
from bot.briefing.lexicon import load_lexicon
from bot.briefing.matching import Match, candidates, match
from bot.briefing.question import Query, understand
from bot.desk import Asking, Desk
from bot.facts.load import load_store
from bot.facts.model import LANGUAGES, Brief, Fact
from bot.facts.store import FactStore

ROOT = Path(__file__).parent.parent.parent
NOW = Asking(datetime(2026, 11, 21, 9, tzinfo=UTC))
WRONG_COSTS = 4.0
ROUNDS, RATE, DECAY, FOLDS = 2000, 1.0, 0.0001, 5
MOST_PARAPHRASES = 1500
PARAPHRASES_COUNT = 0.1  # beside questions that people wrote, which are unlike them


@dataclass(frozen=True)
class Sample:
    """A question, what the judge saw of its best match (None: nothing to judge), whether it was right."""

    question: Question | None
    seen: dict[str, float] | None
    right: bool


def paraphrases(store: FactStore) -> list[Sample]:
    """One sample for each question that a unit is curated to answer, asked as if nobody had foreseen it."""
    index = build(store, load_lexicon())
    facts = {unit.number: facts_of(unit) for unit in index.units}
    samples = []
    for unit in index.units:
        for language in LANGUAGES:
            for ask in unit.item.asks.in_(language):
                query = understand(ask, index, language)
                if not query.slots or query.shared:
                    continue
                matches = unforeseen(query, index)
                matches = [m for m in matches if m.fills and m.named]
                if matches:
                    best = max(matches, key=lambda m: m.score)
                    right = not facts[unit.number].isdisjoint(facts_of(best.unit))
                    samples.append(Sample(None, figures(query, best), right))
    return samples


def facts_of(unit: Unit) -> set[str]:
    """The ids of the facts that a unit rests on."""
    if isinstance(unit.item, Fact):
        return {unit.item.id}
    if isinstance(unit.item, Brief):
        return set(unit.item.facts)
    return {fact_id for position in unit.item.positions for fact_id in position.facts}


def unforeseen(query: Query, index: Index) -> list[Match]:
    """The best-fitting units, each as if nobody had thought of this question."""
    sought = Sought(query, index)
    units, skipped = [], set()
    for found in candidates(query, index):
        forms = list(index.forms(found.unit))
        gone = {form for form, slots in forms if slots == sought.numbers}
        left = (frozenset(n for slot in slots for n in slot) for form, slots in forms if form not in gone)
        units.append(found.unit._replace(features=found.unit.said.union(*left)) if gone else found.unit)
        skipped |= gone
    fitting = fits(sought, [unit.number for unit in units], skipped)
    return [match(sought, unit, fit) for unit, fit in zip(units, fitting, strict=True)]


class Recording(Judge):
    """Accepts all it may and keeps what it saw last."""

    def confidence(self, query: Query, match: Match) -> float:
        object.__setattr__(self, "seen", figures(query, match))
        return 0.5


def gather(store: FactStore) -> list[Sample]:
    """One sample for each question of tests/questions, but for those that are held back."""
    samples = []
    judge = Recording(0.0, {}, 0.0)
    desk = Desk(store, judge)
    for path in sorted((ROOT / "tests/questions").glob("*.yaml")):
        if path.stem.startswith("held"):
            continue  # what nothing was fitted on tells how good the fit is
        for score in ask_all(read_questions(path), desk, NOW, str(path)):
            judged = score.answer.outcome.value == "answered" and not score.answer.trace[0].startswith("profile")
            right = score.passed and not score.question.abstain
            samples.append(Sample(score.question, dict(judge.seen) if judged else None, right))  # type: ignore[attr-defined]
    return samples


def fit(samples: Sequence[Sample], foreseen: Sequence[Sample], names: Sequence[str]) -> Judge:
    """Logistic regression by gradient descent with momentum and weight decay."""
    share = PARAPHRASES_COUNT * len(samples) / len(foreseen)
    weighted = [(s, 1.0) for s in samples] + [(s, share) for s in foreseen]
    data = [([s.seen[name] for name in names], s.right, w) for s, w in weighted if s.seen]
    whole = sum(w for _, _, w in data)
    bias, weights = 0.0, [0.0] * len(names)
    speed = [0.0] * (len(names) + 1)
    for _ in range(ROUNDS):
        slope = [0.0] * (len(names) + 1)
        for seen, right, weight in data:
            error = 1 / (1 + math.exp(-bias - sum(w * x for w, x in zip(weights, seen, strict=True)))) - right
            error *= weight
            slope[0] += error
            for number, value in enumerate(seen):
                slope[number + 1] += error * value
        speed = [0.9 * v - RATE * s / whole for v, s in zip(speed, slope, strict=True)]
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
    """The threshold that is worth most when a wrong answer costs `WRONG_COSTS` right ones."""

    def worth(threshold: float) -> float:
        right, wrong = rates(pairs, threshold, total)
        return right - WRONG_COSTS * wrong

    return max((step / 100 for step in range(20, 96)), key=worth)


def main() -> None:
    """Fit, report, and write the weights with --write."""
    store = load_store(ROOT / "seeds")
    samples = gather(store)
    foreseen = random.Random(1).sample(paraphrases(store), MOST_PARAPHRASES)
    names = list(next(s.seen for s in samples if s.seen))
    shuffled = random.Random(1).sample(samples, len(samples))
    unseen: list[tuple[Sample, float]] = []
    for fold in range(FOLDS):
        judge = fit([s for n, s in enumerate(shuffled) if n % FOLDS != fold], foreseen, names)
        unseen += [(s, confidence(judge, s.seen)) for n, s in enumerate(shuffled) if n % FOLDS == fold and s.seen]
    threshold = choose(unseen, len(samples))
    judge = replace(fit(samples, foreseen, names), threshold=threshold)
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
