"""Retrieval, and the check that what was found answers what was asked.

A unit is scored by two things: how well one of the questions that it is curated to answer
fits this question (both ways: nothing telling left over on either side), and how much of the
question its whole content covers. What is asked for and left uncovered turns it down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest

from bot.briefing.index import Index, Unit, entity_feature
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import SPEECH, Feature, Slot
from bot.briefing.question import Query
from bot.facts.model import Brief, Dispute, Fact

MOST_CANDIDATES = 40
MOST_BY_CONTENT = 10
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
    asked = frozenset(feature for slot in query.slots for feature in slot)
    total = sum(weights)
    matches = [
        _match(query, index, index.units[number], weights, total, asked)
        for number in _promising(query, index, weights, total)
        if story is None or index.units[number].story == story
    ]
    return sorted(matches, key=lambda match: -match.score)


def _promising(query: Query, index: Index, weights: list[float], total: float) -> Iterable[int]:
    """The numbers of the units whose questions, or whose whole content, share most with the query."""
    by_form = _shared(query, weights, index.form_postings)
    likeness = {form: 2 * shared / (total + index.forms[form][1]) for form, shared in by_form.items()}
    best_forms = nlargest(MOST_CANDIDATES, likeness, key=lambda form: (likeness[form], -form))
    by_unit = _shared(query, weights, index.postings)
    best_units = nlargest(MOST_BY_CONTENT, by_unit, key=lambda number: (by_unit[number], -number))
    return dict.fromkeys([*(index.forms[form][0] for form in best_forms), *best_units])


def _shared(query: Query, weights: list[float], postings: Mapping[Feature, list[int]]) -> dict[int, float]:
    shared: defaultdict[int, float] = defaultdict(float)
    for slot, weight in zip(query.slots, weights, strict=True):
        holders: Iterable[int] = postings.get(slot[0], ())
        if len(slot) > 1:
            holders = {number for feature in slot for number in postings.get(feature, ())}
        for number in holders:
            shared[number] += weight
    return shared


def _match(
    query: Query, index: Index, unit: Unit, weights: list[float], total: float, asked: frozenset[Feature]
) -> Match:
    uncovered = []
    lost = heaviest = 0.0
    named = True
    for slot, weight in zip(query.slots, weights, strict=True):
        if slot == SPEECH and not _speaks(query, unit, index):
            uncovered.append(slot)
            named = False
        elif unit.features.isdisjoint(slot) and slot != SPEECH:
            uncovered.append(slot)
            lost += weight
            heaviest = max(heaviest, weight)
            named = named and not all(feature.startswith("@") for feature in slot)
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


def _speaks(query: Query, unit: Unit, index: Index) -> bool:
    """Whether the unit holds what the one who is asked about said, not what is said of them.

    It does when they are its source, or when one of its own questions asks what they said.
    """
    able = [e for e in query.entities if index.store.entities[e].kind in ("person", "organisation", "voice")]
    if not able or not unit.speakers.isdisjoint(able):
        return True
    named = {entity_feature(entity) for entity in able}
    return any(SPEECH[0] in form.features and not named.isdisjoint(form.features) for form in unit.forms)


def _fills(kind: Kind, unit: Unit) -> bool:
    return kind not in STRICT or kind in unit.kinds


def precedence(query: Query, unit: Unit) -> int:
    """Of equals, a curated brief stands before a dispute, and that before a fact.

    Whether something is so at all is best answered by the dispute about it.
    """
    first = Dispute if query.kind is Kind.WHETHER else Brief
    return 0 if isinstance(unit.item, first) else 2 if isinstance(unit.item, Fact) else 1
