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
    strict = query.kind in STRICT
    # The unit's own question is wholly part of this one, and asks for the same kind of thing.
    contained = match.fit.telling and (match.fit.same_kind or not strict)
    lost = [any(f.startswith("concept:") for f in slot) for slot in match.uncovered]
    return {
        "agreement": match.fit.agreement,
        "direct": match.fit.direct,
        "echoed": match.fit.echoed,
        "coverage": match.coverage,
        "stated": match.stated,
        "missing": match.missing,
        "bare": float(not match.fit.telling and match.fit.direct < 1),
        "whole": float(match.coverage > ALL and (match.fit.telling or match.fit.direct > ALL)),
        "contained": match.fit.echoed if contained else 0.0,
        "other_thing": min(1.0, sum(lost) / 2),
        "strict_thing": float(strict and sum(lost) > 0),
        "who_else": 1 - match.fit.direct if query.kind is Kind.WHO else 0.0,
        "how_many_else": 1 - match.fit.direct if query.kind is Kind.HOW_MANY else 0.0,
        "other_word": min(1.0, (len(lost) - sum(lost)) / 2),
        "other_kind": float(strict and not match.fit.same_kind),
        "whether": float(query.kind is Kind.WHETHER),
        "topic": float(query.kind is Kind.TOPIC),
        "backing": match.fit.backing,
        "short": 1 / len(query.slots),
    }


ALL = 0.999
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

    def accepts(self, query: Query, match: Match) -> bool:
        """Whether the match answers the query."""
        if not (match.fills and match.named and match.fit.agreement >= LEAST_AGREEMENT):
            return False
        return self.confidence(query, match) >= self.threshold


@lru_cache(maxsize=1)
def load_judge() -> Judge:
    """The judge with its fitted weights."""
    data = read_data("judge.yaml")
    weights = {name: float(weight) for name, weight in data["weights"].items()}
    return Judge(float(data["bias"]), weights, float(data["threshold"]))
