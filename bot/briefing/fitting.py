"""How the questions that units are curated to answer fit a question, for many units at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bot.briefing.features import NAME
from bot.briefing.index import Index
from bot.briefing.kinds import KINDS, Kind
from bot.briefing.lexicon import SPEECH, Slot, concept
from bot.briefing.question import Query

SAID_BY = f"{SPEECH[0]}:"
OTHER_KIND = 0.85  # what is left of an agreement when the kinds differ
# Kinds that only a unit which can fill them may answer. The others are answered by any.
STRICT = frozenset({Kind.WHEN, Kind.WHERE, Kind.WHY, Kind.HOW_MANY, Kind.WHO, Kind.HOW})


WHICH_ONE = frozenset({*map(concept, ("first", "second", "third")), "last", "next"})  # of several of a kind


class Fit(NamedTuple):
    """How the best of a unit's own questions fits; every figure lies between 0 and 1.

    `agreement`: of the weight on both sides, what is shared. `direct`: of the query's weight,
    what that question covers. `telling`: whether it asks for more than who or what somebody or
    something is. `backing`: the agreement of the unit's second- and third-best questions, which
    one odd wording cannot lift. `of_kind`: of the query's weight, the most that one of the unit's
    questions of the same kind covers; `kind_share`: what part of its questions is of that kind.
    """

    agreement: float = 0.0
    direct: float = 0.0
    same_kind: bool = False
    telling: bool = False
    backing: float = 0.0
    of_kind: float = 0.0
    kind_share: float = 0.0


class Part(NamedTuple):
    """A slot of a query: its features' numbers, its weight, and what it means for a unit not to have it."""

    slot: Slot
    numbers: tuple[int, ...]
    weight: float
    said_by: bool  # somebody is to have said it
    speech: bool  # that somebody speaks at all, which every fact does
    needed: bool  # a name, a figure, or which one of several
    soft: bool
    stories: tuple[int, ...]  # that it names


class Sought:
    """A query's slots as numbers of the index, with their weights: what every unit is held against."""

    def __init__(self, query: Query, index: Index) -> None:
        self.query, self.index = query, index
        self.weights = [index.weight(slot) for slot in query.slots]
        self.total = sum(self.weights)
        self.numbers = [index.numbers(slot) for slot in query.slots]
        self.thing = frozenset(number for slot in query.thing for number in index.numbers(slot))
        self.slots = [
            Part(
                slot,
                numbers,
                weight,
                said_by=slot[0].startswith(SAID_BY),
                speech=slot == SPEECH,
                needed=slot[0].startswith(("@", NAME)) or slot[0].isdecimal() or slot[0] in WHICH_ONE,
                soft=not index.lexicon.soft.isdisjoint(slot),
                stories=index.stories_named(slot),
            )
            for slot, numbers, weight in zip(query.slots, self.numbers, self.weights, strict=True)
        ]
        self.speaks = any(part.said_by for part in self.slots)


def fits(sought: Sought, units: Sequence[int]) -> list[Fit]:
    """The fit of each unit's best question."""
    if not units:
        return []
    index, tables, total, kind = sought.index, sought.index.tables, sought.total, sought.query.kind
    rising = sorted(units)
    chosen = np.array(rising, np.int32)
    met = index.slots_met(sought.numbers)
    known = np.zeros(len(tables.slots), np.int16)  # the place of a slot in `met`, from 1
    known[list(met)] = range(1, len(met) + 1)
    # Where forms meet the query: which form, and by which of the slots.
    begin, end = tables.slots_from[chosen].tolist(), tables.slots_from[chosen + 1].tolist()
    spans = [slice(*span) for span in zip(begin, end, strict=True)]
    found = known[np.concatenate([tables.form_slots.values[span] for span in spans])]
    touched = found.nonzero()[0]
    found = found[touched]
    met_in = np.concatenate([tables.form_of_slot[span] for span in spans])[touched]
    first = np.ones(len(met_in), np.bool_)
    np.not_equal(met_in[1:], met_in[:-1], out=first[1:])
    forms, form_of = met_in[first], first.cumsum() - 1
    meets = np.zeros((len(sought.slots), len(met) + 1), np.bool_)
    pairs = [(place, number) for number, asked_at in enumerate(met.values(), 1) for place in asked_at]
    meets[tuple(zip(*pairs, strict=True))] = True
    # Both sums run in the order of the slots, as a loop over them would.
    back = np.bincount(form_of, tables.slot_weights[list(met)][found - 1], len(forms))
    there = np.zeros(len(forms))
    telling = tables.form_telling[forms]
    own, of_story = tables.form_weights[forms], tables.form_story_weights[forms]
    means = of_story < own  # who does not name the story means it all the same
    story_of = tables.form_stories[forms] if any(part.stories for part in sought.slots) else None
    for part, met_here in zip(sought.slots, meets, strict=True):
        holds = np.zeros(len(forms), np.bool_)
        holds[form_of[met_here[found]]] = True
        for story in part.stories:
            named = story_of == story
            means &= ~named
            holds |= named & telling  # who names the story says no more than who does not
        there += part.weight * holds
    own = np.where(means, own - of_story, own)
    agreement = (there + back) / (total + own)
    same_kind = tables.form_kinds[forms] == KINDS.index(kind)
    if kind in STRICT:
        agreement[~same_kind] *= OTHER_KIND
    # Who or what somebody is answers no question that asks for more about them.
    if any(not part.slot[0].startswith("@") and not part.soft for part in sought.slots):
        agreement *= telling
    ends = forms.searchsorted(tables.forms_from[chosen + 1]).tolist()
    agreements, theres, of_kind = agreement.tolist(), there.tolist(), (there * same_kind).tolist()
    alike, told = same_kind.tolist(), telling.tolist()
    shares = tables.kind_shares[chosen, KINDS.index(kind)].tolist()
    result = dict.fromkeys(units, Fit())
    for unit, share, begin_at, end_at in zip(rising, shares, (0, *ends), ends, strict=False):
        *others, best = sorted(agreements[begin_at:end_at]) or (0.0,)
        if best:
            at = agreements.index(best, begin_at, end_at)
            nearest = max(of_kind[begin_at:end_at]) / total
            result[unit] = Fit(best, theres[at] / total, alike[at], told[at], sum(others[-2:]) / 2, nearest, share)
    return [result[unit] for unit in units]
