"""The last step before an answer: whether what was found is sure enough to be one.

A logistic model over the figures of a match. `tests/benchmarks/fit_judge.py` fits its weights,
and `data/judge.yaml` holds them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.briefing.fitting import STRICT
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import read_data
from bot.briefing.matching import Match
from bot.briefing.question import Query


def figures(query: Query, match: Match) -> dict[str, float]:
    """What the model sees of a match, each between 0 and 1."""
    fit = match.fit
    return {
        "agreement": fit.agreement,
        "backing": fit.backing,
        "seconded": match.seconded,
        "whole": float(match.coverage > ALL and (fit.telling or fit.direct > ALL)),
        "of_kind": fit.of_kind,
        "kind_share": fit.kind_share,
        "other_kind": float(query.kind in STRICT and not fit.same_kind),
        "thing_unsaid": float(not match.thing_said),
        "thing_unasked": float(not match.thing_asked),
        "who": float(query.kind is Kind.WHO),
        "where": float(query.kind is Kind.WHERE),
        "how_many": float(query.kind is Kind.HOW_MANY),
        "short": 1 / len(query.slots),
        "long": min(1.0, len(query.slots) / LONG),
    }


ALL = 0.999
LONG = 10  # slots
LEAST_AGREEMENT = 0.4  # below it nothing was asked that the unit answers, whatever words they share


@dataclass(frozen=True)
class Judge:
    """Accepts or refuses a match."""

    bias: float
    weights: Mapping[str, float]
    threshold: float

    def confidence(self, query: Query, match: Match) -> float:
        """How sure it is that the match answers the query, from 0 to 1."""
        seen = figures(query, match)
        total = self.bias + sum(weight * seen[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-total))

    @staticmethod
    def allows(match: Match) -> bool:
        """Whether the match can be an answer at all, however sure it is."""
        return match.fills and match.named and match.fit.agreement >= LEAST_AGREEMENT

    def accepts(self, query: Query, match: Match) -> bool:
        """Whether the match answers the query."""
        return self.allows(match) and self.confidence(query, match) >= self.threshold


@lru_cache(maxsize=1)
def load_judge() -> Judge:
    """The judge with its fitted weights."""
    data = read_data("judge.yaml")
    weights = {name: float(weight) for name, weight in data["weights"].items()}
    return Judge(float(data["bias"]), weights, float(data["threshold"]))
