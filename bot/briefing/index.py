"""The store as the core searches it: units that can answer, each with the questions it answers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bot.briefing.furniture import bare
from bot.briefing.kinds import Kind, flat, told_kind
from bot.briefing.lexicon import SPEECH, Feature, Lexicon, Slot, concept
from bot.briefing.linking import Linker, Mention, Speller, dictionary, territories
from bot.briefing.postings import Numbers, union
from bot.briefing.tables import FormRow, Tables, UnitRow, digest, tables
from bot.briefing.text import cased_words, normalise, stem, words
from bot.facts.model import LANGUAGES, Asks, Brief, Dispute, Fact, Language, LocalText
from bot.facts.store import FactStore

LEAST_WEIGHT = 0.2  # of an entity that nearly every unit has
ORDINARY_WEIGHT = 1.6  # of a word of the dictionary that no unit has
NAME, ORDINARY = "!", "?"  # what a word is that the store does not have
LEAST_WORD_WEIGHT = 1.0  # of a word, however common: it is what makes the question another one


KINDS = tuple(Kind)
SHAPES = (Fact, Brief, Dispute)
UNITS_AT_HAND = 4_096


@dataclass(frozen=True, slots=True)
class Unit:
    """A fact, brief or dispute as a possible answer; features are numbered.

    `said` are the features of what it says, without the questions that it answers; `entities`
    and `speakers` the features of its entities, and of those being quoted.
    """

    number: int
    id: str
    shape: type[Fact | Brief | Dispute]
    story: str
    features: frozenset[int]
    said: frozenset[int]
    entities: frozenset[int]
    speakers: frozenset[int]
    kinds: frozenset[Kind]
    store: FactStore

    @property
    def item(self) -> Fact | Brief | Dispute:
        """What answers."""
        if self.shape is Fact:
            return self.store.facts[self.id]
        return self.store.briefs[self.id] if self.shape is Brief else self.store.disputes[self.id]

    @property
    def facts(self) -> frozenset[str]:
        """The ids of the facts that it rests on."""
        return frozenset({self.id} if self.shape is Fact else rests_on(self.item))


# Whatever words a dispute is told in, it is about a disagreement.
DISAGREEMENT = frozenset(map(concept, ("agree", "disagree", "contradiction", "controversy", "difference")))
# Nouns that only say what kind of thing is asked for: "the number of", « date de ».
MARKERS: Mapping[Feature, Kind] = {
    concept("number"): Kind.HOW_MANY,
    concept("percentage"): Kind.HOW_MANY,
    concept("date"): Kind.WHEN,
    concept("place"): Kind.WHERE,
    concept("reason"): Kind.WHY,
    concept("name"): Kind.WHO,
}


def consume_markers(kind: Kind, slots: Iterable[Slot]) -> tuple[Kind, tuple[Slot, ...]]:
    """Read the kind from a marker where no question word told it, and drop the marker itself."""
    kept = []
    for slot in slots:
        marked = next((MARKERS[feature] for feature in slot if feature in MARKERS), None)
        if marked and kind in (Kind.TOPIC, Kind.WHAT, marked):
            kind = marked
        else:
            kept.append(slot)
    return kind, tuple(kept)


def speaker_feature(entity_id: str) -> Feature:
    """The feature of what an entity or document says."""
    return f"{SPEECH[0]}:{entity_id}"


def entity_feature(entity_id: str) -> Feature:
    """The feature of a linked entity."""
    return f"@{entity_id}"


class Index:
    """Units, the weight of each feature, and the units that have it."""

    def __init__(self, store: FactStore, lexicon: Lexicon) -> None:
        self.store, self.lexicon = store, lexicon
        self.linker = Linker(store.entities.values(), lexicon.function["en"] | lexicon.function["fr"])
        drafts = list(self._drafts())
        self.vocabulary = _vocabulary(drafts, lexicon)
        frequency = Counter(w for draft in drafts for _, text in draft.all_texts() for w in words(text))
        frequency.update(self.linker.name_words)
        known = lexicon.known_words["en"] | lexicon.known_words["fr"]
        self.speller = Speller(frequency, known)
        self._story_features = {story: frozenset(self._features_of_story(story)) for story in store.stories}
        sketches = [self._sketch(draft) for draft in drafts]
        counts = Counter(feature for sketch in sketches for feature in sketch.features)
        self._idf = {f: max(LEAST_WEIGHT, math.log((len(sketches) + 1) / (n + 0.5))) for f, n in counts.items()}
        self.unknown_weight = math.log((len(sketches) + 1) / 0.5)
        used = dict.fromkeys(slot for sketch in sketches for slots, _ in sketch.forms for slot in slots)
        weights = {slot: self.weight(slot) for slot in used}
        self._serve(tables([self._row(sketch, weights) for sketch in sketches], self._idf, weights))

    def _serve(self, made: Tables) -> None:
        self.tables = made
        self._number = {feature: number for number, feature in enumerate(made.features)}
        self._stories = tuple(self.store.stories)
        self._kinds: dict[int, frozenset[Kind]] = {}
        self.unit = lru_cache(maxsize=UNITS_AT_HAND)(self._unit)
        self.together = lru_cache(maxsize=UNITS_AT_HAND)(self._together)

    @property
    def units(self) -> Iterator[Unit]:
        """Every unit, in the editors' order."""
        return map(self._unit, range(len(self.tables.unit_ids)))

    def numbers(self, features: Iterable[Feature]) -> tuple[int, ...]:
        """The numbers of those features that any unit has."""
        return tuple(self._number[feature] for feature in features if feature in self._number)

    def holders(self, slot: Slot) -> tuple[Numbers, Numbers]:
        """Which forms, by their place in the order of weights, and which units share a slot."""
        numbers = self.numbers(slot)
        forms, units = self.tables.forms_of, self.tables.units_of
        return union([forms.row(n) for n in numbers]), union([units.row(n) for n in numbers])

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
        first, end = np.searchsorted(made.foreseen, key, "left"), np.searchsorted(made.foreseen, key, "right")
        return [self.unit(number) for number in made.foreseen_by[first:end].tolist()]

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
            if named or word in territories() or word not in dictionary():
                return (f"{NAME}{slot[0]}",)
        return (f"{ORDINARY}{slot[0]}",)

    def weight(self, slot: Slot) -> float:
        """How telling a slot is: its rarest feature's weight; soft words count for a third."""
        if slot[0].startswith(ORDINARY):
            return ORDINARY_WEIGHT
        heaviest = max(self._idf.get(feature, self.unknown_weight) for feature in slot)
        if slot[0].startswith("@"):
            return heaviest
        heaviest = max(heaviest, LEAST_WORD_WEIGHT)
        return heaviest / 3 if any(feature in self.lexicon.soft for feature in slot) else heaviest

    def slots(self, text: Sequence[str], typed: Sequence[str], language: Language) -> tuple[list[Slot], list[Mention]]:
        """The slots of folded words, entities among them, and the mentions found.

        `typed` are the same words with their capitals.
        """
        mentions = self.linker.mentions(text, typed)
        found: list[Slot] = []
        position = 0
        for mention in mentions:
            found += self.lexicon.slots(text[position : mention.start], language)
            found.append(tuple(entity_feature(entity) for entity in mention.entities))
            position = mention.end
        found += self.lexicon.slots(text[position:], language)
        speaker = self.lexicon.speaker(text, mentions, language)
        if speaker is not None:
            said_by = tuple(map(speaker_feature, speaker.entities))
            found = [said_by if slot == SPEECH else slot for slot in found]
        return list(dict.fromkeys(found)), mentions

    def features_of_story(self, story: str) -> frozenset[Feature]:
        """What a story is about as a whole, so that naming it tells nothing."""
        return self._story_features[story]

    def stories_named(self, slot: Slot) -> tuple[int, ...]:
        """The stories, by number, that a slot names as a whole."""
        return tuple(n for n, story in enumerate(self._stories) if not self._story_features[story].isdisjoint(slot))

    def _features_of_story(self, story: str) -> Iterator[Feature]:
        described = self.store.stories[story]
        for name in described.aliases:
            for mention in self.linker.mentions(words(name), cased_words(name)):
                yield from (entity_feature(entity) for entity in mention.entities)

    def _drafts(self) -> Iterator[_Draft]:
        store = self.store
        for fact in store.current:
            texts = tuple(self._fact_texts(fact))
            yield _Draft(fact, store.story_of[fact.id], fact.asks, texts, self._named(fact), _speakers(fact))
        for brief in store.briefs.values():
            yield self._composite(brief, brief.asks, brief.facts, [brief.headline])
        for dispute in store.disputes.values():
            own = [dispute.headline, dispute.at_odds, *(position.statement for position in dispute.positions)]
            yield self._composite(dispute, dispute.asks, rests_on(dispute), own)

    def _composite(
        self, item: Brief | Dispute, asks: Asks, fact_ids: Iterable[str], own: Iterable[LocalText]
    ) -> _Draft:
        texts = [pair for text in own for pair in _both(text)]
        entities: set[str] = set()
        speakers: set[str] = set()
        for fact_id in fact_ids:
            fact = self.store.facts[fact_id]
            texts += _both(fact.statement)
            entities |= self._named(fact)
            speakers |= _speakers(fact)
        story = self.store.story_of[item.id]
        return _Draft(item, story, asks, tuple(texts), frozenset(entities), frozenset(speakers))

    def _fact_texts(self, fact: Fact) -> Iterator[tuple[Language, str]]:
        yield from _both(fact.statement)
        yield from _both(self.store.topics[fact.topic].name)

    @staticmethod
    def _named(fact: Fact) -> frozenset[str]:
        return frozenset({*fact.entities, *_speakers(fact), *([fact.place] if fact.place else [])})

    def _sketch(self, draft: _Draft) -> _Sketch:
        entities = {e for e in draft.entities if e in self.store.entities}
        said = [slot for spoken, text in draft.texts for slot in self.slots(words(text), cased_words(text), spoken)[0]]
        asked: list[tuple[list[Slot], Kind]] = []
        foreseen = set()
        for language in LANGUAGES:
            for ask in draft.asks.in_(language):
                whole = normalise(ask)
                foreseen.add(flat(whole))
                plain, whether = bare(whole)
                slots, mentions = self.slots(words(plain), cased_words(plain), language)
                entities.update(e for mention in mentions for e in mention.entities if len(mention.entities) == 1)
                asked.append((slots, told_kind(plain, whether=whether)))
        # A word of several meanings has here the one that the unit's other words settle.
        certain = {slot[0] for slots in (said, *(slots for slots, _ in asked)) for slot in slots if len(slot) == 1}
        own = self._story_features[draft.story] | {entity_feature(entity) for entity in entities}
        if isinstance(draft.item, Dispute):
            own |= DISAGREEMENT
        stated = own.union(*(_settled(slot, certain) for slot in said))
        forms = []
        for slots, kind in asked:
            settled = [_settled(slot, certain) for slot in slots]
            stated_kind, kept = consume_markers(kind, settled)
            forms.append((kept, stated_kind))
        features = stated.union(*(slot for slots, _ in asked for slot in (_settled(one, certain) for one in slots)))
        return _Sketch(draft, frozenset(features), frozenset(entities), forms, frozenset(stated), frozenset(foreseen))

    def _row(self, sketch: _Sketch, weights: Mapping[Slot, float]) -> UnitRow:
        draft, item = sketch.draft, sketch.draft.item
        story = self._story_features[draft.story]
        forms = tuple(
            FormRow(
                slots,
                sum(weights[slot] for slot in slots),
                sum(weights[slot] for slot in slots if not story.isdisjoint(slot)),
                KINDS.index(kind),
                telling=not all(slot[0].startswith("@") for slot in slots),
            )
            for slots, kind in sketch.forms
            if slots
        )
        kinds = {kind for _, kind in sketch.forms}
        if isinstance(item, Fact):
            kinds |= {Kind.WHEN} if item.date else set()
            kinds |= {Kind.WHERE} if item.place else set()
            kinds |= {Kind.HOW_MANY} if item.value else set()
        return UnitRow(
            id=item.id,
            shape=SHAPES.index(type(item)),
            story=list(self.store.stories).index(draft.story),
            kinds=sum(1 << KINDS.index(kind) for kind in kinds),
            features=sketch.features,
            said=sketch.said,
            entities=frozenset(map(entity_feature, sketch.entities)),
            speakers=frozenset(map(speaker_feature, draft.speakers)),
            forms=forms,
            foreseen=sketch.foreseen,
        )

    def _unit(self, number: int) -> Unit:
        """Read a unit from the tables."""
        made = self.tables
        kinds = int(made.unit_kinds[number])
        if kinds not in self._kinds:
            self._kinds[kinds] = frozenset(kind for n, kind in enumerate(KINDS) if kinds >> n & 1)
        return Unit(
            number,
            made.unit_ids[number],
            SHAPES[made.unit_shapes[number]],
            self._stories[made.unit_stories[number]],
            frozenset(made.unit_features.row(number).tolist()),
            frozenset(made.unit_said.row(number).tolist()),
            frozenset(made.unit_entities.row(number).tolist()),
            frozenset(made.unit_speakers.row(number).tolist()),
            self._kinds[kinds],
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
        return parts + [frozenset(self.numbers(self._about(fact_id))) for fact_id in rests_on(unit.item)]

    def _about(self, fact_id: str) -> frozenset[Feature]:
        fact = self.store.facts[fact_id]
        return frozenset({*map(entity_feature, self._named(fact)), *map(speaker_feature, _speakers(fact))})


@dataclass(frozen=True, slots=True)
class _Draft:
    item: Fact | Brief | Dispute
    story: str
    asks: Asks
    texts: tuple[tuple[Language, str], ...]
    entities: frozenset[str]
    speakers: frozenset[str]

    def all_texts(self) -> Iterator[tuple[Language, str]]:
        yield from self.texts
        for language in LANGUAGES:
            yield from ((language, ask) for ask in self.asks.in_(language))


@dataclass(frozen=True, slots=True)
class _Sketch:
    draft: _Draft
    features: frozenset[Feature]
    entities: frozenset[str]
    forms: list[tuple[tuple[Slot, ...], Kind]]
    said: frozenset[Feature]
    foreseen: frozenset[str]


def rests_on(item: Fact | Brief | Dispute) -> list[str]:
    """The ids of the facts of a brief or a dispute; a fact rests on itself."""
    if isinstance(item, Fact):
        return [item.id]
    if isinstance(item, Brief):
        return list(item.facts)
    return [fact_id for position in item.positions for fact_id in position.facts]


def _settled(slot: Slot, certain: set[Feature]) -> Slot:
    """The meanings of a word that the words around it settle on; all of them when none is."""
    return tuple(feature for feature in slot if feature in certain) or slot


def _speakers(fact: Fact) -> frozenset[str]:
    return frozenset(attribution.by for attribution in fact.attributions)


def _both(text: LocalText) -> list[tuple[Language, str]]:
    return [("en", text.en), ("fr", text.fr)]


def _vocabulary(drafts: Iterable[_Draft], lexicon: Lexicon) -> Mapping[Language, frozenset[str]]:
    found: dict[Language, set[str]] = {"en": set(), "fr": set()}
    for draft in drafts:
        for language, text in draft.all_texts():
            found[language].update(words(text))
    return {language: frozenset(ws) | lexicon.known_words[language] for language, ws in found.items()}
