"""How the questions that units are curated to answer fit a question, for many units at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bot.briefing.index import KINDS, NAME, Index
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import SPEECH, Slot
from bot.briefing.postings import spread
from bot.briefing.question import Query

SAID_BY = f"{SPEECH[0]}:"
OTHER_KIND = 0.85  # what is left of an agreement when the kinds differ
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


class Part(NamedTuple):
    """A slot of a query: its features' numbers, its weight, and what it means for a unit not to have it."""

    slot: Slot
    numbers: tuple[int, ...]
    weight: float
    said_by: bool  # somebody is to have said it
    speech: bool  # that somebody speaks at all, which every fact does
    spoken: bool  # either
    needed: bool  # a name or a figure
    soft: bool


class Sought:
    """A query's slots as numbers of the index, with their weights: what every unit is held against."""

    def __init__(self, query: Query, index: Index) -> None:
        self.query, self.index = query, index
        self.weights = [index.weight(slot) for slot in query.slots]
        self.total = sum(self.weights)
        self.asked = frozenset(feature for slot in query.slots for feature in slot)
        self.numbers = [index.numbers(slot) for slot in query.slots]
        self.slots = [
            Part(
                slot,
                numbers,
                weight,
                said_by=slot[0].startswith(SAID_BY),
                speech=slot == SPEECH,
                spoken=slot[0].startswith(SPEECH[0]),
                needed=slot[0].startswith(("@", NAME)) or slot[0].isdecimal(),
                soft=not index.lexicon.soft.isdisjoint(slot),
            )
            for slot, numbers, weight in zip(query.slots, self.numbers, self.weights, strict=True)
        ]


def fits(sought: Sought, units: Sequence[int], skipped: Collection[int] = ()) -> list[Fit]:
    """The fit of each unit's best question, those with the numbers `skipped` left aside."""
    index, tables, total, kind = sought.index, sought.index.tables, sought.total, sought.query.kind
    chosen = np.array(units, np.int32)
    forms, unit_of = spread(tables.forms_from[chosen], tables.forms_from[chosen + 1])
    places, form_of = spread(tables.form_slots.starts[forms], tables.form_slots.starts[forms + 1])
    met = index.slots_met(sought.numbers)
    known = np.zeros(len(tables.slots), np.int32)
    known[list(met)] = range(1, len(met) + 1)
    found = known[tables.form_slots.values[places]]
    touched = found.nonzero()[0]
    form_of, found = form_of[touched], found[touched] - 1
    # Both sums run in the order of the slots, as a loop over them would.
    slot_weights = tables.slot_weights[list(met)]
    back = np.bincount(form_of, slot_weights[found], len(forms))
    stories = tables.unit_stories[chosen].tolist()
    telling = tables.form_telling[forms]
    there = np.zeros(len(forms))
    touches = np.zeros(len(forms), np.bool_)
    touches[form_of] = True
    for place, (slot, weight) in enumerate(zip(sought.query.slots, sought.weights, strict=True)):
        meets = np.fromiter((place in places for places in met.values()), np.bool_, len(met))
        holds = np.zeros(len(forms), np.bool_)
        holds[form_of[meets[found]]] = True
        # Who names the story says no more than who does not.
        told = np.array([not index.features_of(story).isdisjoint(slot) for story in stories], np.bool_)
        holds |= told[unit_of] & telling
        there += weight * holds
    # Who does not name the story means it all the same.
    unsaid = np.array([index.features_of(story).isdisjoint(sought.asked) for story in stories], np.bool_)
    own, of_story = tables.form_weights[forms], tables.form_story_weights[forms]
    own = np.where(unsaid[unit_of] & (of_story < own), own - of_story, own)
    agreement = (there + back) / (total + own)
    same_kind = tables.form_kinds[forms] == KINDS.index(kind)
    if kind in STRICT:
        agreement = np.where(same_kind, agreement, agreement * OTHER_KIND)
    # Who or what somebody is answers no question that asks for more about them.
    asks_more = any(not part.slot[0].startswith("@") and not part.soft for part in sought.slots)
    agreement *= touches & telling if asks_more else touches
    if skipped:
        agreement[np.isin(forms, list(skipped))] = 0.0
    agreements, ends = agreement.tolist(), unit_of.searchsorted(np.arange(len(units) + 1)).tolist()
    result = []
    for begin, end in pairwise(ends):
        best, second, third = sorted((*agreements[begin:end], 0.0, 0.0, 0.0), reverse=True)[:3]
        if not best:
            result.append(Fit())
            continue
        at = agreements.index(best, begin, end)
        result.append(
            Fit(
                best,
                float(there[at]) / total,
                float(back[at]) / float(own[at]),
                bool(same_kind[at]),
                bool(telling[at]),
                sum((third, second)) / 2,
            )
        )
    return result
