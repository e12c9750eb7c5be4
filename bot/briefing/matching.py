"""Retrieval, and the check that what was found answers what was asked.

A unit is scored by two things: how well one of the questions that it is curated to answer
fits this question (both ways: nothing telling left over on either side), and how much of the
question its whole content covers. What is asked for and left uncovered turns it down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.briefing.index import Index, Unit
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import Feature, Slot
from bot.briefing.question import Query
from bot.facts.model import Brief, Dispute, Fact

MOST_CANDIDATES = 40
# Kinds that only a unit which can fill them may answer. The others are answered by any.
STRICT = frozenset({Kind.WHEN, Kind.WHERE, Kind.WHY, Kind.HOW_MANY, Kind.WHO, Kind.HOW})


@dataclass(frozen=True, slots=True)
class Match:
    """How a unit fits a question; every figure lies between 0 and 1.

    `fit`: agreement with the best of its own questions. `coverage`: how much of the question's
    weight the unit covers. `missing`: the weight of the most telling uncovered slot, as a part
    of the heaviest possible. `fills`: whether it can fill the kind asked for. `named`: whether
    it is about every entity that the question names.
    """

    unit: Unit
    fit: float
    coverage: float
    missing: float
    fills: bool
    named: bool
    uncovered: tuple[Slot, ...]

    @property
    def score(self) -> float:
        """The order of candidates."""
        penalty = (0.0 if self.fills else 0.25) + (0.0 if self.named else 0.3)
        return 0.6 * self.fit + 0.4 * self.coverage - penalty


def candidates(query: Query, index: Index, story: str | None = None) -> list[Match]:
    """The best-fitting units, best first."""
    if not query.slots:
        return []
    weights = [index.weight(slot) for slot in query.slots]
    covered: defaultdict[int, float] = defaultdict(float)
    for slot, weight in zip(query.slots, weights, strict=True):
        holders: Iterable[int]
        if len(slot) == 1:
            holders = index.postings.get(slot[0], ())
        else:
            holders = {number for feature in slot for number in index.postings.get(feature, ())}
        for number in holders:
            covered[number] += weight
    best = sorted(covered, key=lambda number: (-covered[number], number))[:MOST_CANDIDATES]
    asked = frozenset(feature for slot in query.slots for feature in slot)
    total = sum(weights)
    matches = [
        _match(query, index, index.units[number], weights, total, asked)
        for number in best
        if story is None or index.units[number].story == story
    ]
    return sorted(matches, key=lambda match: -match.score)


def _match(
    query: Query, index: Index, unit: Unit, weights: list[float], total: float, asked: frozenset[Feature]
) -> Match:
    uncovered = []
    lost = heaviest = 0.0
    named = True
    for slot, weight in zip(query.slots, weights, strict=True):
        if unit.features.isdisjoint(slot):
            uncovered.append(slot)
            lost += weight
            heaviest = max(heaviest, weight)
            named = named and not slot[0].startswith("@")
    return Match(
        unit=unit,
        fit=_fit(query, unit, weights, total, asked, index),
        coverage=1 - lost / total,
        missing=heaviest / index.unknown_weight,
        fills=_fills(query.kind, unit),
        named=named,
        uncovered=tuple(uncovered),
    )


def _fit(
    query: Query, unit: Unit, weights: list[float], total: float, asked: frozenset[Feature], index: Index
) -> float:
    best = 0.0
    for form in unit.forms:
        if form.features.isdisjoint(asked):
            continue
        there = sum(w for slot, w in zip(query.slots, weights, strict=True) if not form.features.isdisjoint(slot))
        back = sum(index.weight(slot) for slot in form.slots if not asked.isdisjoint(slot))
        agreement = (there + back) / (total + form.weight)
        if query.kind is not form.kind and query.kind in STRICT:
            agreement *= 0.85
        best = max(best, agreement)
    return best


def _fills(kind: Kind, unit: Unit) -> bool:
    return kind not in STRICT or kind in unit.kinds


def rank_kind(unit: Unit) -> int:
    """Of equals, a curated brief stands before a dispute, and that before a fact."""
    return {Brief: 0, Dispute: 1, Fact: 2}[type(unit.item)]
