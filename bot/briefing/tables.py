"""The index as plain arrays: features, slots, forms and units by number.

Numbers instead of objects keep 100,000 facts within a few dozen megabytes, and arrays can be
written to a cache and read back as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.briefing.kinds import KINDS
from bot.briefing.lexicon import Feature, Slot
from bot.briefing.text import digest
from bot.facts.arrays import Arrays, Numbers, Ragged, Weights, numbers, packed, unpacked


@dataclass(frozen=True)
class Tables:
    """What the search reads; `Index` has the words for it.

    `slots` holds the features of each slot that a form has, `slots_of` the slots of each feature.
    Units own their forms in a row: those of unit `n` begin at `forms_from[n]`. `by_weight` lists
    the forms from the lightest to the heaviest and `heavy` their weights; `forms_of` holds for
    each feature the places in that list, `units_of` the units. `foreseen` are the digests of
    all curated questions, rising, and `foreseen_by` the unit of each.
    """

    features: tuple[Feature, ...]
    idf: Weights  # of the first of the features: the others are names that no unit is about
    slots: Ragged
    slots_of: Ragged
    slot_weights: Weights
    unit_ids: tuple[str, ...]
    unit_shapes: Numbers
    unit_stories: Numbers
    unit_kinds: Numbers  # a bit for each kind
    unit_features: Ragged
    unit_said: Ragged
    unit_entities: Ragged
    unit_speakers: Ragged
    unit_things: Ragged
    units_of: Ragged
    forms_from: Numbers
    form_slots: Ragged
    form_weights: Weights
    form_story_weights: Weights
    form_kinds: Numbers
    form_telling: NDArray[np.bool_]
    form_units: Numbers
    by_weight: Numbers
    heavy: Weights
    forms_of: Ragged
    foreseen: NDArray[np.uint64]
    foreseen_by: Numbers

    @cached_property
    def form_of_slot(self) -> Numbers:
        """The form of each of the values of `form_slots`."""
        return np.repeat(np.arange(len(self.form_slots), dtype=np.int32), np.diff(self.form_slots.starts))

    @cached_property
    def slots_from(self) -> Numbers:
        """Where the slots of each unit's forms begin among the values of `form_slots`."""
        return self.form_slots.starts[self.forms_from]

    @cached_property
    def kind_shares(self) -> Weights:
        """What part of each unit's forms is of each kind, a row for each unit."""
        counted = np.zeros((len(self.unit_ids), len(KINDS)), np.float32)
        np.add.at(counted, (self.form_units, self.form_kinds), 1)
        shares: Weights = counted / np.maximum(counted.sum(axis=1, keepdims=True), 1)
        return shares

    @cached_property
    def form_stories(self) -> Numbers:
        """The story of each form, by number."""
        return self.unit_stories[self.form_units]


@dataclass(frozen=True, slots=True)
class FormRow:
    """One question that a unit answers, as it is written into the tables; `kind` is a number.

    `story_weight` is the part of `weight` that only names the story ("in Mali"). `telling`:
    whether it asks for more than who or what somebody or something is.
    """

    slots: tuple[Slot, ...]
    weight: float
    story_weight: float
    kind: int
    telling: bool


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as it is written into the tables; `kinds` has a bit for each kind.

    `things` are those that its own questions ask for, as in "which unit" or "how many soldiers".
    """

    id: str
    shape: int
    story: int
    kinds: int
    features: frozenset[Feature]
    said: frozenset[Feature]
    entities: frozenset[Feature]
    speakers: frozenset[Feature]
    things: frozenset[Feature]
    forms: tuple[FormRow, ...]
    foreseen: frozenset[str]


def tables(rows: Sequence[UnitRow], idf: dict[Feature, float], slot_weights: dict[Slot, float]) -> Tables:
    """Number everything and turn it into arrays.

    `idf` holds the features that any unit is about, `slot_weights` the slots of all forms.
    """
    number = {feature: n for n, feature in enumerate(idf)}
    for feature in (f for row in rows for f in sorted(row.entities | row.speakers)):
        number.setdefault(feature, len(number))
    slot_number = {slot: n for n, slot in enumerate(slot_weights)}
    forms = [form for row in rows for form in row.forms]

    def rising(features: Iterable[Feature]) -> list[int]:
        return sorted({number[feature] for feature in features})

    slots = Ragged.of([[number[feature] for feature in slot] for slot in slot_weights])
    weights = np.array([form.weight for form in forms], np.float64)
    by_weight = np.argsort(weights, kind="stable").astype(np.int32)
    form_features = [rising(f for slot in forms[n].slots for f in slot) for n in by_weight.tolist()]
    unit_features = Ragged.of([rising(row.features) for row in rows])
    asked = [(digest(text), n) for n, row in enumerate(rows) for text in sorted(row.foreseen)]
    asked.sort()
    return Tables(
        features=tuple(number),
        idf=np.array(list(idf.values()), np.float64),
        slots=slots,
        slots_of=slots.turned(len(number)),
        slot_weights=np.array(list(slot_weights.values()), np.float64),
        unit_ids=tuple(row.id for row in rows),
        unit_shapes=numbers(row.shape for row in rows),
        unit_stories=numbers(row.story for row in rows),
        unit_kinds=numbers(row.kinds for row in rows),
        unit_features=unit_features,
        unit_said=Ragged.of([rising(row.said) for row in rows]),
        unit_entities=Ragged.of([rising(row.entities) for row in rows]),
        unit_speakers=Ragged.of([rising(row.speakers) for row in rows]),
        unit_things=Ragged.of([rising(row.things) for row in rows]),
        units_of=unit_features.turned(len(number)),
        forms_from=np.cumsum([0, *(len(row.forms) for row in rows)]).astype(np.int32),
        form_slots=Ragged.of([[slot_number[slot] for slot in form.slots] for form in forms]),
        form_weights=weights,
        form_story_weights=np.array([form.story_weight for form in forms], np.float64),
        form_kinds=numbers(form.kind for form in forms),
        form_telling=np.array([form.telling for form in forms], np.bool_),
        form_units=numbers(n for n, row in enumerate(rows) for _ in row.forms),
        by_weight=by_weight,
        heavy=weights[by_weight],
        forms_of=Ragged.of(form_features).turned(len(number)),
        foreseen=np.array([key for key, _ in asked], np.uint64),
        foreseen_by=numbers(n for _, n in asked),
    )


TEXTS = ("features", "unit_ids")


def pack_tables(made: Tables) -> Arrays:
    """The tables as arrays."""
    arrays: Arrays = {}
    for field in fields(Tables):
        value = getattr(made, field.name)
        if isinstance(value, Ragged):
            arrays |= {f"table_{field.name}": value.values, f"starts_{field.name}": value.starts}
        else:
            arrays[f"table_{field.name}"] = packed(value) if field.name in TEXTS else value
    return arrays


def unpack_tables(arrays: Arrays) -> Tables:
    """The tables that `pack_tables` was given."""
    found: dict[str, Any] = {}
    for field in fields(Tables):
        value, starts = arrays[f"table_{field.name}"], arrays.get(f"starts_{field.name}")
        if field.name in TEXTS:
            found[field.name] = tuple(unpacked(value))
        else:
            found[field.name] = value if starts is None else Ragged(value, starts)
    return Tables(**found)
