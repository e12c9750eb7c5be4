"""Retrieval, and the check that what was found answers what was asked.

A unit is scored by two things: how well one of the questions that it is curated to answer
fits this question (both ways: nothing telling left over on either side), and how much of the
question its whole content covers. What is asked for and left uncovered turns it down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import nlargest

from bot.briefing.index import NAME, Index, Unit
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import SPEECH, Feature, Slot
from bot.briefing.question import Query
from bot.facts.model import Brief, Dispute, Fact

MOST_CANDIDATES = 40
MOST_BY_CONTENT = 10
MOST_JUDGED = 8  # of the best, in line for an answer
OTHER_KIND = 0.85  # what is left of an agreement when the kinds differ
SAID_BY = f"{SPEECH[0]}:"
# Kinds that only a unit which can fill them may answer. The others are answered by any.
STRICT = frozenset({Kind.WHEN, Kind.WHERE, Kind.WHY, Kind.HOW_MANY, Kind.WHO, Kind.HOW})


@dataclass(frozen=True, slots=True)
class Fit:
    """How the best of a unit's own questions fits; every figure lies between 0 and 1.

    `agreement`: of the weight on both sides, what is shared. `direct`: of the query's weight,
    what that question covers. `echoed`: of that question's weight, what the query covers.
    `telling`: whether it asks for more than who or what somebody or something is. `backing`: the
    agreement of the unit's second- and third-best questions, which one odd wording cannot lift.
    """

    agreement: float = 0.0
    direct: float = 0.0
    echoed: float = 0.0
    same_kind: bool = False
    telling: bool = False
    backing: float = 0.0


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


def candidates(query: Query, index: Index, story: str | None = None) -> list[Match]:
    """The best-fitting units, best first."""
    if not query.slots:
        return []
    weights = [index.weight(slot) for slot in query.slots]
    asked = frozenset(feature for slot in query.slots for feature in slot)
    total = sum(weights)
    matches = [
        match(query, index, index.units[number], weights, total, asked)
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


def match(
    query: Query, index: Index, unit: Unit, weights: list[float], total: float, asked: frozenset[Feature]
) -> Match:
    """Hold one unit against a query; `weights`, `total` and `asked` are those of the query's slots."""
    uncovered = []
    lost = heaviest = stated = 0.0
    named = True
    for slot, weight in zip(query.slots, weights, strict=True):
        if slot[0].startswith(SAID_BY):
            held = _speaks(slot, unit)
            named = named and held
        else:
            held = slot == SPEECH or not unit.features.isdisjoint(slot)
            named = named and (held or not (slot[0].startswith(("@", NAME)) or slot[0].isdecimal()))
        if not unit.said.isdisjoint(slot) or (held and slot[0].startswith(SPEECH[0])):
            stated += weight
        if not held:
            if index.lexicon.soft.isdisjoint(slot):
                uncovered.append(slot)
            lost += weight
            heaviest = max(heaviest, weight)
    return Match(
        unit=unit,
        fit=_fit(query, unit, weights, total, asked, index),
        coverage=1 - lost / total,
        stated=stated / total,
        missing=heaviest / index.unknown_weight,
        fills=_fills(query.kind, unit),
        named=named and _together(query, index, unit),
        uncovered=tuple(uncovered),
    )


def _fit(query: Query, unit: Unit, weights: list[float], total: float, asked: frozenset[Feature], index: Index) -> Fit:
    best = Fit()
    agreements = [0.0, 0.0, 0.0]
    story = index.features_of_story(unit.story)
    by_slot = [(slot, weight, not story.isdisjoint(slot)) for slot, weight in zip(query.slots, weights, strict=True)]
    unsaid = story.isdisjoint(asked)  # who does not name the story means it all the same
    # Who or what somebody is answers no question that asks for more about them.
    asks_more = any(not slot[0].startswith("@") and index.lexicon.soft.isdisjoint(slot) for slot in query.slots)
    for form in unit.forms:
        telling = not all(slot[0].startswith("@") for slot in form.slots)
        if form.features.isdisjoint(asked) or (asks_more and not telling):
            continue
        # Who names it says no more than who does not.
        there = sum(w for slot, w, told in by_slot if (told and telling) or not form.features.isdisjoint(slot))
        back = sum(index.weight(slot) for slot in form.slots if not asked.isdisjoint(slot))
        weight = form.weight - form.story_weight if unsaid and form.story_weight < form.weight else form.weight
        agreement = (there + back) / (total + weight)
        same_kind = query.kind is form.kind
        if not same_kind and query.kind in STRICT:
            agreement *= OTHER_KIND
        if agreement > agreements[0]:
            agreements = sorted((*agreements[1:], agreement))
        if agreement > best.agreement:
            best = Fit(agreement, there / total, back / weight, same_kind, telling)
    return replace(best, backing=sum(agreements[:2]) / 2)


def _speaks(slot: Slot, unit: Unit) -> bool:
    """Whether the unit holds what the named speaker said: as its source, or by one of its own questions."""
    if not unit.features.isdisjoint(slot):
        return True
    return any(feature.removeprefix(SAID_BY) in unit.speakers for feature in slot)


def _together(query: Query, index: Index, unit: Unit) -> bool:
    """Whether those who are named, and the one who is to have spoken, meet in one place of the unit."""
    story = index.features_of_story(unit.story)
    named = [slot for slot in query.slots if slot[0].startswith(("@", SAID_BY)) and story.isdisjoint(slot)]
    if len(named) < 2 or isinstance(unit.item, Fact):
        return True
    return any(all(not part.isdisjoint(slot) for slot in named) for part in unit.together)


def _fills(kind: Kind, unit: Unit) -> bool:
    return kind not in STRICT or kind in unit.kinds


def precedence(query: Query, unit: Unit) -> int:
    """Of equals, a curated brief stands before a dispute, and that before a fact.

    Whether something is so at all is best answered by the dispute about it.
    """
    first = Dispute if query.kind is Kind.WHETHER else Brief
    return 0 if isinstance(unit.item, first) else 2 if isinstance(unit.item, Fact) else 1
