"""The last step before an answer: whether what was found is sure enough to be one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.briefing.matching import Match
from bot.briefing.question import Query


@dataclass(frozen=True, slots=True)
class Judge:
    """Accepts or refuses a match."""

    least_fit: float = 0.5
    least_coverage: float = 0.75

    def confidence(self, query: Query, match: Match) -> float:
        """How sure, from 0 to 1."""
        return max(0.0, min(1.0, match.score))

    def accepts(self, query: Query, match: Match) -> bool:
        """Whether the match answers the query."""
        return match.fills and match.named and match.coverage >= self.least_coverage and match.fit >= self.least_fit
