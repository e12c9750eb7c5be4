"""Why a question was answered as it was, a line a step: for `briefbot eval`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.briefing.lexicon import Slot
from bot.briefing.matching import Match
from bot.briefing.question import Query


def trace(query: Query, matches: Sequence[Match]) -> tuple[str, ...]:
    """How the question was read, and the figures of its best matches."""
    read = f"{query.language}, kind {query.kind}, slots {[_slot(slot) for slot in query.slots]}"
    return (read, *(f"{m.unit.id}: {_figures(m)}" for m in matches[:3]))


def _slot(slot: Slot) -> str:
    return "|".join(slot).replace("concept:", "")


def _figures(match: Match) -> str:
    fit = match.fit
    lost = f", not covered: {', '.join(map(_slot, match.uncovered))}" if match.uncovered else ""
    return (
        f"score {match.score:.2f}, agreement {fit.agreement:.2f} (direct {fit.direct:.2f}), "
        f"of this kind {fit.of_kind:.2f}, coverage {match.coverage:.2f}, fills {match.fills}, named {match.named}, "
        f"thing said {match.thing_said}, asked {match.thing_asked}{lost}"
    )
