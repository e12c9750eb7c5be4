"""From a store to its index: what each fact, brief and dispute says, and the questions that it answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.briefing.contents import SHAPES, Contents
from bot.briefing.features import LEAST_WEIGHT, Reader, consume_markers, entity_feature, speaker_feature, weight
from bot.briefing.furniture import bare
from bot.briefing.index import Index, named_in, rests_on, speakers_of
from bot.briefing.kinds import KINDS, Kind, flat, told_kind
from bot.briefing.lexicon import Feature, Lexicon, Slot, concept, spelt_out
from bot.briefing.linking import Linker, names_of
from bot.briefing.tables import FormRow, UnitRow, tables
from bot.briefing.text import cased_words, normalise, words
from bot.facts.model import LANGUAGES, Asks, Brief, Dispute, Fact, Language, LocalText
from bot.facts.store import FactStore

# Whatever words a dispute is told in, it is about a disagreement.
DISAGREEMENT = frozenset(map(concept, ("agree", "disagree", "contradiction", "controversy", "difference")))


def build(store: FactStore, lexicon: Lexicon) -> Index:
    """Index a store."""
    return Index(store, lexicon, _Indexing(store, lexicon).contents())


class _Indexing:
    def __init__(self, store: FactStore, lexicon: Lexicon) -> None:
        self.store, self.lexicon = store, lexicon
        self.names = names_of(store.entities.values())
        self.reader = Reader(lexicon, Linker(self.names, lexicon.small_words))
        self.story_features = {story: frozenset(self._features_of_story(story)) for story in store.stories}

    def contents(self) -> Contents:
        drafts = list(self._drafts())
        frequency = Counter(w for draft in drafts for _, text in draft.all_texts() for w in words(text))
        frequency.update(self.reader.linker.name_words)
        sketches = [self._sketch(draft) for draft in drafts]
        counts = Counter(feature for sketch in sketches for feature in sketch.features)
        idf = {f: max(LEAST_WEIGHT, math.log((len(sketches) + 1) / (n + 0.5))) for f, n in counts.items()}
        unknown = math.log((len(sketches) + 1) / 0.5)
        used = dict.fromkeys(slot for sketch in sketches for slots, _ in sketch.forms for slot in slots)
        weights = {slot: weight(slot, idf, unknown, self.lexicon.soft) for slot in used}
        return Contents(
            tables=tables([self._row(sketch, weights) for sketch in sketches], idf, weights),
            names=self.names,
            frequency=frequency,
            vocabulary=_vocabulary(drafts),
            story_features=self.story_features,
            unknown_weight=unknown,
        )

    def _features_of_story(self, story: str) -> Iterator[Feature]:
        described = self.store.stories[story]
        for name in described.aliases:
            for mention in self.reader.linker.mentions(words(name), cased_words(name)):
                yield from (entity_feature(entity) for entity in mention.entities)

    def _drafts(self) -> Iterator[_Draft]:
        store = self.store
        for fact in store.current:
            texts = tuple(self._fact_texts(fact))
            yield _Draft(fact, store.story_of[fact.id], fact.asks, texts, named_in(fact), speakers_of(fact))
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
            entities |= named_in(fact)
            speakers |= speakers_of(fact)
        story = self.store.story_of[item.id]
        return _Draft(item, story, asks, tuple(texts), frozenset(entities), frozenset(speakers))

    def _fact_texts(self, fact: Fact) -> Iterator[tuple[Language, str]]:
        yield from _both(fact.statement)
        yield from _both(self.store.topics[fact.topic].name)

    def _sketch(self, draft: _Draft) -> _Sketch:
        entities = {e for e in draft.entities if e in self.store.entities}
        read = self.reader.slots
        said = [slot for spoken, text in draft.texts for slot in read(words(text), cased_words(text), spoken)[0]]
        asked: list[tuple[list[Slot], Kind]] = []
        things: set[Feature] = set()
        foreseen = set()
        for language in LANGUAGES:
            for ask in draft.asks.in_(language):
                whole = spelt_out(normalise(ask))
                foreseen.add(flat(whole))
                plain, whether = bare(whole)
                slots, mentions = read(words(plain), cased_words(plain), language)
                things.update(*self.reader.thing(words(plain), language))
                entities.update(e for mention in mentions for e in mention.entities if len(mention.entities) == 1)
                asked.append((slots, told_kind(plain, whether=whether)))
        # A word of several meanings has here the one that the unit's other words settle.
        certain = {slot[0] for slots in (said, *(slots for slots, _ in asked)) for slot in slots if len(slot) == 1}
        own = self.story_features[draft.story] | {entity_feature(entity) for entity in entities}
        if isinstance(draft.item, Dispute):
            own |= DISAGREEMENT
        stated = own.union(*(_settled(slot, certain) for slot in said))
        forms = []
        for slots, kind in asked:
            settled = [_settled(slot, certain) for slot in slots]
            stated_kind, kept = consume_markers(kind, settled)
            forms.append((kept, stated_kind))
        features = stated.union(*(slot for slots, _ in asked for slot in (_settled(one, certain) for one in slots)))
        return _Sketch(
            draft,
            frozenset(features),
            frozenset(entities),
            forms,
            frozenset(stated),
            frozenset(foreseen),
            frozenset(things & features),
        )

    def _row(self, sketch: _Sketch, weights: Mapping[Slot, float]) -> UnitRow:
        draft, item = sketch.draft, sketch.draft.item
        story = self.story_features[draft.story]
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
            things=sketch.things,
            forms=forms,
            foreseen=sketch.foreseen,
        )


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
    things: frozenset[Feature]


def _settled(slot: Slot, certain: set[Feature]) -> Slot:
    """The meanings of a word that the words around it settle on; all of them when none is."""
    return tuple(feature for feature in slot if feature in certain) or slot


def _both(text: LocalText) -> list[tuple[Language, str]]:
    return [("en", text.en), ("fr", text.fr)]


def _vocabulary(drafts: Iterable[_Draft]) -> dict[Language, frozenset[str]]:
    found: dict[Language, set[str]] = {"en": set(), "fr": set()}
    for draft in drafts:
        for language, text in draft.all_texts():
            found[language].update(words(text))
    return {language: frozenset(ws) for language, ws in found.items()}
