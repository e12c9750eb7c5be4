"""Retrieval, and the check that what was found answers what was asked.

A unit is scored by two things: how well one of the questions that it is curated to answer
fits this question (both ways: nothing telling left over on either side), and how much of the
question its whole content covers. What is asked for and left uncovered turns it down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.briefing.index import NAME, Index, Unit
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import SPEECH, Slot
from bot.briefing.postings import most_alike, most_shared
from bot.briefing.question import Query
from bot.facts.model import Brief, Dispute, Fact

MOST_CANDIDATES = 40
MOST_BY_CONTENT = 10
OTHER_KIND = 0.85  # what is left of an agreement when the kinds differ
SAID_BY = f"{SPEECH[0]}:"
# Kinds that only a unit which can fill them may answer. The others are answered by any.
STRICT = frozenset({Kind.WHEN, Kind.WHERE, Kind.WHY, Kind.HOW_MANY, Kind.WHO, Kind.HOW})


@dataclass(frozen=True, slots=True)
class Fit:
    """How the best of a unit's own questions fits; every figure lies between 0 and 1.

    `agreement`: of the weight on both sides, what is shared. `direct`: of the query's weight,
    what that question covers. `echoed`: of that question's weight, what the query covers.
    `telling`: whether it asks for more than who or what somebody or something is.
    """

    agreement: float = 0.0
    direct: float = 0.0
    echoed: float = 0.0
    same_kind: bool = False
    telling: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """How a unit fits a question; every figure lies between 0 and 1.

    `coverage`: how much of the question's weight the whole unit covers. `stated`: the same for
    what the unit says, without its questions. `missing`: the weight of
    the most telling uncovered slot, as a part of the heaviest possible. `fills`: whether the unit
    can fill the kind asked for. `named`: whether it has every entity and figure that is named,
    and is by whoever is asked about.
    """

    unit: Unit
    fit: Fit
    coverage: float
    stated: float
    missing: float
    fills: bool
    named: bool
    uncovered: tuple[Slot, ...]

    @property
    def score(self) -> float:
        """The order of candidates."""
        penalty = (0.0 if self.fills else 0.25) + (0.0 if self.named else 0.3)
        return 0.6 * self.fit.agreement + 0.4 * self.coverage - penalty


class Sought:
    """A query's slots as numbers of the index, with their weights: what every unit is held against."""

    def __init__(self, query: Query, index: Index) -> None:
        self.query, self.index = query, index
        self.weights = [index.weight(slot) for slot in query.slots]
        self.total = sum(self.weights)
        self.asked = frozenset(feature for slot in query.slots for feature in slot)
        numbers = [index.numbers(slot) for slot in query.slots]
        self.slots = list(zip(query.slots, numbers, self.weights, strict=True))
        self.hits = index.slots_met(numbers)
        self._sums: dict[int, float] = {}

    def weight_of(self, met: int) -> float:
        """The weight of the slots whose bits are set in `met`."""
        if met not in self._sums:
            self._sums[met] = sum(weight for n, weight in enumerate(self.weights) if met >> n & 1)
        return self._sums[met]


def candidates(query: Query, index: Index, story: str | None = None) -> list[Match]:
    """The best-fitting units, best first."""
    if not query.slots:
        return []
    sought = Sought(query, index)
    units = [index.unit(number) for number in _promising(sought)]
    matches = [match(sought, unit) for unit in units if story is None or unit.story == story]
    return sorted(matches, key=lambda match: -match.score)


def _promising(sought: Sought) -> Iterable[int]:
    """The numbers of the units whose questions, or whose whole content, share most with the query."""
    index, tables = sought.index, sought.index.tables
    by_form, by_unit = zip(*map(index.holders, sought.query.slots), strict=True)
    best_forms = most_alike(by_form, sought.weights, tables.heavy, tables.by_weight, MOST_CANDIDATES)
    best_units = most_shared(by_unit, sought.weights, len(tables.unit_ids), MOST_BY_CONTENT)
    return dict.fromkeys([*tables.form_units[best_forms].tolist(), *best_units])


def match(sought: Sought, unit: Unit) -> Match:
    """Hold one unit against a query."""
    index, total = sought.index, sought.total
    uncovered = []
    lost = heaviest = stated = 0.0
    named = True
    for slot, numbers, weight in sought.slots:
        if slot[0].startswith(SAID_BY):
            held = _speaks(numbers, unit)
            named = named and held
        else:
            held = slot == SPEECH or not unit.features.isdisjoint(numbers)
            named = named and (held or not (slot[0].startswith(("@", NAME)) or slot[0].isdecimal()))
        if not unit.said.isdisjoint(numbers) or (held and slot[0].startswith(SPEECH[0])):
            stated += weight
        if not held:
            if index.lexicon.soft.isdisjoint(slot):
                uncovered.append(slot)
            lost += weight
            heaviest = max(heaviest, weight)
    return Match(
        unit=unit,
        fit=_fit(sought, unit),
        coverage=1 - lost / total,
        stated=stated / total,
        missing=heaviest / index.unknown_weight,
        fills=_fills(sought.query.kind, unit),
        named=named and _together(sought, unit),
        uncovered=tuple(uncovered),
    )


def _fit(sought: Sought, unit: Unit) -> Fit:
    best = Fit()
    total, kind, hits = sought.total, sought.query.kind, sought.hits
    apart = hits.keys().isdisjoint
    # Who does not name the story means it all the same.
    unsaid = sought.index.features_of_story(unit.story).isdisjoint(sought.asked)
    for form in unit.forms:
        if apart(form.slots):
            continue
        met, back = 0, 0.0
        for slot in form.slots:
            if slot in hits:
                bits, shared = hits[slot]
                met |= bits
                back += shared
        there = sought.weight_of(met)
        weight = form.weight - form.story_weight if unsaid and form.story_weight < form.weight else form.weight
        agreement = (there + back) / (total + weight)
        same_kind = kind is form.kind
        if not same_kind and kind in STRICT:
            agreement *= OTHER_KIND
        if agreement > best.agreement:
            best = Fit(agreement, there / total, back / weight, same_kind, form.telling)
    return best


def _speaks(numbers: Iterable[int], unit: Unit) -> bool:
    """Whether the unit holds what the named speaker said: as its source, or by one of its own questions."""
    return not (unit.features.isdisjoint(numbers) and unit.speakers.isdisjoint(numbers))


def _together(sought: Sought, unit: Unit) -> bool:
    """Whether those who are named, and the one who is to have spoken, meet in one place of the unit."""
    if unit.shape is Fact:
        return True
    story = sought.index.features_of_story(unit.story)
    named = [
        numbers for slot, numbers, _ in sought.slots if slot[0].startswith(("@", SAID_BY)) and story.isdisjoint(slot)
    ]
    if len(named) < 2:
        return True
    return any(all(not part.isdisjoint(numbers) for numbers in named) for part in sought.index.together(unit))


def _fills(kind: Kind, unit: Unit) -> bool:
    return kind not in STRICT or kind in unit.kinds


def precedence(query: Query, unit: Unit) -> int:
    """Of equals, a curated brief stands before a dispute, and that before a fact.

    Whether something is so at all is best answered by the dispute about it.
    """
    first = Dispute if query.kind is Kind.WHETHER else Brief
    return 0 if unit.shape is first else 2 if unit.shape is Fact else 1
