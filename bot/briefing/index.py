"""The store as the core searches it: units that can answer, each with the questions it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bot.briefing.contents import SHAPES, Contents
from bot.briefing.features import NAME, ORDINARY, Reader, entity_feature, speaker_feature, weight
from bot.briefing.kinds import KINDS, Kind
from bot.briefing.lexicon import Feature, Lexicon, Slot
from bot.briefing.linking import Linker, Speller
from bot.briefing.postings import union
from bot.briefing.tables import Tables
from bot.briefing.text import digest, stem
from bot.briefing.wordlists import Wordlists
from bot.facts.arrays import Numbers
from bot.facts.model import Brief, Dispute, Fact
from bot.facts.store import FactStore

UNITS_AT_HAND = 4_096  # that are kept once they were read from the arrays


class Unit(NamedTuple):
    """A fact, brief or dispute as a possible answer; features are numbered.

    `said` are the features of what it says, without the questions that it answers; `things` are
    those of the things that these ask for; `facts` are the ids of the facts that it rests on.
    """

    number: int
    id: str
    shape: type[Fact | Brief | Dispute]
    story: str
    features: frozenset[int]
    said: frozenset[int]
    things: frozenset[int]
    kinds: frozenset[Kind]
    facts: frozenset[str]
    tables: Tables
    store: FactStore

    @property
    def item(self) -> Fact | Brief | Dispute:
        """What answers."""
        return _item(self.store, self.shape, self.id)

    @property
    def entities(self) -> list[int]:
        """The features of its entities."""
        found: list[int] = self.tables.unit_entities.row(self.number).tolist()
        return found

    @property
    def speakers(self) -> list[int]:
        """The features of those who speak in it."""
        found: list[int] = self.tables.unit_speakers.row(self.number).tolist()
        return found


class Index:
    """Units, the weight of each feature, and the units that have it."""

    def __init__(
        self, store: FactStore, lexicon: Lexicon, contents: Contents, wordlists: Wordlists | None = None
    ) -> None:
        self.store, self.lexicon, self.contents = store, lexicon, contents
        self.wordlists = wordlists or Wordlists()
        self.linker = Linker(contents.names, lexicon.small_words)
        self.speller = Speller(
            contents.frequency, lexicon.known_words["en"] | lexicon.known_words["fr"], self.wordlists
        )
        self.vocabulary = {
            language: found | lexicon.known_words[language] for language, found in contents.vocabulary.items()
        }
        self.reader = Reader(lexicon, self.linker)
        self.tables, self.unknown_weight = contents.tables, contents.unknown_weight
        self._idf = dict(zip(self.tables.features, self.tables.idf.tolist(), strict=False))
        self._number = {feature: number for number, feature in enumerate(self.tables.features)}
        self._stories = tuple(store.stories)
        self._naming: defaultdict[Feature, list[int]] = defaultdict(list)
        for number, story in enumerate(self._stories):
            for feature in contents.story_features[story]:
                self._naming[feature].append(number)
        self._kinds: dict[int, frozenset[Kind]] = {}
        self.unit = lru_cache(maxsize=UNITS_AT_HAND)(self._unit)
        self.together = lru_cache(maxsize=UNITS_AT_HAND)(self._together)

    @property
    def units(self) -> Iterator[Unit]:
        """Every unit, in the editors' order."""
        return map(self._unit, range(len(self.tables.unit_ids)))

    def named(self, unit_id: str) -> Unit | None:
        """The unit of this id, as long as there is one."""
        ids = self.tables.unit_ids
        return self.unit(ids.index(unit_id)) if unit_id in ids else None

    def numbers(self, features: Iterable[Feature]) -> tuple[int, ...]:
        """The numbers of those features that any unit has."""
        return tuple(self._number[feature] for feature in features if feature in self._number)

    def holders(self, features: Sequence[int]) -> tuple[Numbers, Numbers]:
        """Which forms, by their place in the order of weights, and which units have one of numbered features."""
        forms, units = self.tables.forms_of, self.tables.units_of
        return union([forms.row(n) for n in features]), union([units.row(n) for n in features])

    def slots_met(self, asked: Sequence[Sequence[int]]) -> dict[int, list[int]]:
        """Every numbered slot that shares a feature with slots of a question, with the places of those."""
        met: defaultdict[int, list[int]] = defaultdict(list)
        for place, features in enumerate(asked):
            for feature in features:
                for slot in self.tables.slots_of.row(feature).tolist():
                    met[slot].append(place)
        return met

    def foreseen(self, line: str) -> list[Unit]:
        """The units that an editor wrote just this question for."""
        key, made = np.uint64(digest(line)), self.tables
        found = []
        for at in range(int(made.foreseen.searchsorted(key)), len(made.foreseen)):
            if made.foreseen[at] != key:
                break
            found.append(self.unit(int(made.foreseen_by[at])))
        return found

    def judged_unknown(self, slot: Slot, text: Sequence[str], typed: Sequence[str]) -> Slot:
        """A bare word that the store does not have, marked as somebody's name or as an ordinary word.

        A name that nobody here knows asks for something that cannot be held. An ordinary word
        may be a mere turn of phrase.
        """
        if len(slot) > 1 or slot[0] in self._idf or not slot[0].isalpha():
            return slot
        capitals = sum(word[:1].isupper() for word in typed)
        prose = capitals <= len(typed) / 2  # neither a headline nor all in capitals
        for number, word in enumerate(text):
            if not (stem(word, "en") == slot[0] or stem(word, "fr") == slot[0]):
                continue
            named = prose and number > 0 and typed[number][:1].isupper()
            if named or self.wordlists.foreign(word):
                return (f"{NAME}{slot[0]}",)
        return (f"{ORDINARY}{slot[0]}",)

    def weight(self, slot: Slot) -> float:
        """How telling a slot is."""
        return weight(slot, self._idf, self.unknown_weight, self.lexicon.soft)

    def features_of_story(self, story: str) -> frozenset[Feature]:
        """What a story is about as a whole, so that naming it tells nothing."""
        return self.contents.story_features[story]

    def stories_named(self, slot: Slot) -> tuple[int, ...]:
        """The stories, by number, that a slot names as a whole."""
        return tuple(dict.fromkeys(n for feature in slot for n in self._naming.get(feature, ())))

    def _unit(self, number: int) -> Unit:
        """Read a unit from the tables."""
        made = self.tables
        kinds = int(made.unit_kinds[number])
        if kinds not in self._kinds:
            self._kinds[kinds] = frozenset(kind for n, kind in enumerate(KINDS) if kinds >> n & 1)
        name, shape = made.unit_ids[number], SHAPES[made.unit_shapes[number]]
        return Unit(
            number,
            name,
            shape,
            self._stories[made.unit_stories[number]],
            frozenset(made.unit_features.row(number).tolist()),
            frozenset(made.unit_said.row(number).tolist()),
            frozenset(made.unit_things.row(number).tolist()),
            self._kinds[kinds],
            frozenset(rests_on(_item(self.store, shape, name))),
            made,
            self.store,
        )

    def forms(self, unit: Unit) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
        """The questions that a unit answers: the number of each, and its slots as numbered features."""
        made = self.tables
        for form in range(*made.forms_from[unit.number :][:2].tolist()):
            yield form, [tuple(made.slots.row(slot).tolist()) for slot in made.form_slots.row(form).tolist()]

    def _together(self, number: int) -> list[frozenset[int]]:
        """What belongs together in a unit: a brief about two people is not about what one said of the other."""
        unit = self.unit(number)
        if unit.shape is Fact:
            return [unit.features]
        parts = [frozenset(n for slot in slots for n in slot) for _, slots in self.forms(unit)]
        return parts + [frozenset(self.numbers(about(self.store.facts[fact_id]))) for fact_id in rests_on(unit.item)]


def _item(store: FactStore, shape: type[Fact | Brief | Dispute], name: str) -> Fact | Brief | Dispute:
    if shape is Fact:
        return store.facts[name]
    return store.briefs[name] if shape is Brief else store.disputes[name]


def rests_on(item: Fact | Brief | Dispute) -> list[str]:
    """The ids of the facts of a brief or a dispute; a fact rests on itself."""
    if isinstance(item, Fact):
        return [item.id]
    if isinstance(item, Brief):
        return list(item.facts)
    return [fact_id for position in item.positions for fact_id in position.facts]


def about(fact: Fact) -> frozenset[Feature]:
    """The features of those whom a fact names, and of those who speak in it."""
    return frozenset({*map(entity_feature, named_in(fact)), *map(speaker_feature, speakers_of(fact))})


def named_in(fact: Fact) -> frozenset[str]:
    """Everybody and everything that a fact is marked with."""
    return frozenset({*fact.entities, *speakers_of(fact), *([fact.place] if fact.place else [])})


def speakers_of(fact: Fact) -> frozenset[str]:
    """Those who said it."""
    return frozenset(attribution.by for attribution in fact.attributions)
