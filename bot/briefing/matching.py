"""Retrieval, and the check that what was found answers what was asked.

A unit is scored by two things: how well one of the questions that it is curated to answer
fits this question (both ways: nothing telling left over on either side), and how much of the
question its whole content covers. What is asked for and left uncovered turns it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.briefing.fitting import STRICT, Fit, Sought, fits
from bot.briefing.index import Index, Unit
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import Slot
from bot.briefing.postings import held_among, most_alike, most_shared
from bot.briefing.question import Query
from bot.facts.model import Brief, Dispute, Fact

MOST_CANDIDATES = 40
MOST_BY_CONTENT = 10
MOST_JUDGED = 3  # of the best, in line for an answer
MOST_READ = 8  # of the best; those beyond `MOST_JUDGED` only where none of these answers
MOST_SECONDING = 6


class Match(NamedTuple):
    """How a unit fits a question; every figure lies between 0 and 1.

    `coverage`: how much of the question's weight the whole unit covers. `fills`: whether the unit
    can fill the kind asked for. `named`: whether it has every entity and figure that is named,
    and is by whoever is asked about. `thing_said`, `thing_asked`: whether what the answer must be
    one of ("which unit") is spoken of in the unit, and asked for by one of its questions; true
    where the question names no such thing. `seconded`: of the best-fitting units, weighed by their
    agreement, what part rests on the same facts; known for the first `MOST_READ` matches. `read`:
    how far the cross-encoder holds it that the unit answers; None where it was not read.
    """

    unit: Unit
    fit: Fit
    coverage: float
    fills: bool
    named: bool
    uncovered: tuple[Slot, ...]
    thing_said: bool
    thing_asked: bool
    seconded: float = 0.0
    read: float | None = None

    @property
    def score(self) -> float:
        """The order of candidates."""
        penalty = (0.0 if self.fills else 0.25) + (0.0 if self.named else 0.3)
        return 0.6 * self.fit.agreement + 0.4 * self.coverage - penalty


def candidates(query: Query, index: Index, story: str | None = None, sure: Sequence[Unit] = ()) -> list[Match]:
    """The best-fitting units, best first; those `sure` are among them however many fit as well."""
    if not query.slots:
        return []
    sought = Sought(query, index)
    numbers = dict.fromkeys([*_promising(sought), *(unit.number for unit in sure)])
    units = [index.unit(number) for number in numbers]
    units = [unit for unit in units if story is None or unit.story == story]
    found = fits(sought, [unit.number for unit in units])
    matches = [match(sought, unit, fit) for unit, fit in zip(units, found, strict=True)]
    matches.sort(key=lambda match: -match.score)
    return [*_seconded(matches[:MOST_READ], matches), *matches[MOST_READ:]]


def _seconded(first: Sequence[Match], matches: Sequence[Match]) -> Iterator[Match]:
    best = sorted(matches, key=lambda match: -match.fit.agreement)[:MOST_SECONDING]
    seconding = [(match.unit.facts, match.fit.agreement**3) for match in best]
    whole = sum(weight for _, weight in seconding) or 1.0
    for match in first:
        facts = match.unit.facts
        yield match._replace(seconded=sum(w for held, w in seconding if not facts.isdisjoint(held)) / whole)


def _promising(sought: Sought) -> Iterable[int]:
    """The numbers of the units whose questions, or whose whole content, share most with the query."""
    index, tables = sought.index, sought.index.tables
    by_form, by_unit = zip(*map(index.holders, sought.numbers), strict=True)
    best_forms = most_alike(by_form, sought.weights, tables.heavy, tables.by_weight, MOST_CANDIDATES)
    best_units = most_shared(by_unit, sought.weights, len(tables.unit_ids), MOST_BY_CONTENT)
    found = dict.fromkeys([*tables.form_units[best_forms].tolist(), *best_units])
    pool = np.array(sorted(found), np.int32)
    named = [held for part, held in zip(sought.slots, by_unit, strict=True) if part.needed and len(held)]
    if any(held_among(pool, held).sum() < MOST_JUDGED for held in named):
        # A rare word drew everything away from whom or what the question names.
        weights = [part.weight + sought.total * part.needed for part in sought.slots]
        found |= dict.fromkeys(most_shared(by_unit, weights, len(tables.unit_ids), MOST_BY_CONTENT))
    return found


def match(sought: Sought, unit: Unit, fit: Fit) -> Match:
    """Hold one unit against a query; `fit` is that of its own questions."""
    total, features, said = sought.total, unit.features, unit.said
    uncovered = []
    lost = 0.0
    named = True
    for slot, numbers, weight, said_by, speech, needed, soft, _ in sought.slots:
        if said_by:
            held = _speaks(numbers, unit)
            named = named and held
        else:
            held = speech or not features.isdisjoint(numbers)
            named = named and (held or not needed)
        if not held:
            if not soft:
                uncovered.append(slot)
            lost += weight
    if sought.speaks and uncovered:
        named = named and not any(map(_concept, uncovered))  # what somebody said of another matter is no answer
    kind, thing = sought.query.kind, sought.thing
    nothing = not sought.query.thing
    return Match(
        unit,
        fit,
        1 - lost / total,
        kind not in STRICT or kind in unit.kinds,
        named and (unit.shape is Fact or _together(sought, unit)),
        tuple(uncovered),
        nothing or not said.isdisjoint(thing),
        nothing or not thing.isdisjoint(unit.things),
    )


def verbatim(unit: Unit) -> Match:
    """How a unit fits a question that an editor wrote for it word for word."""
    fit = Fit(agreement=1.0, direct=1.0, same_kind=True, telling=True, backing=1.0, of_kind=1.0, kind_share=1.0)
    return Match(unit, fit, 1.0, fills=True, named=True, uncovered=(), thing_said=True, thing_asked=True)


def _speaks(numbers: Sequence[int], unit: Unit) -> bool:
    """Whether the unit holds what the named speaker said: as its source, or by one of its own questions."""
    return not unit.features.isdisjoint(numbers) or any(speaker in numbers for speaker in unit.speakers)


def _together(sought: Sought, unit: Unit) -> bool:
    """Whether those who are named, and the one who is to have spoken, meet in one place of the unit."""
    story = sought.index.features_of_story(unit.story)
    named = [
        part.numbers
        for part in sought.slots
        if (part.said_by or part.slot[0].startswith("@")) and story.isdisjoint(part.slot)
    ]
    if len(named) < 2:
        return True
    return any(all(not part.isdisjoint(numbers) for numbers in named) for part in sought.index.together(unit.number))


def precedence(query: Query, unit: Unit) -> int:
    """Of equals, a curated brief stands before a dispute, and that before a fact.

    Whether something is so at all is best answered by the dispute about it.
    """
    first = Dispute if query.kind is Kind.WHETHER else Brief
    return 0 if unit.shape is first else 2 if unit.shape is Fact else 1


def _concept(slot: Slot) -> bool:
    return any(feature.startswith("concept:") for feature in slot)
