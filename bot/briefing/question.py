"""Understanding a question: language, kind, entities, and the slots that an answer must cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.briefing.features import NAME, consume_markers
from bot.briefing.furniture import bare
from bot.briefing.index import Index
from bot.briefing.kinds import Kind, told_kind
from bot.briefing.language import detect
from bot.briefing.lexicon import Slot, concept, spelt_out
from bot.briefing.linking import Mention
from bot.briefing.text import cased_words, normalise, words
from bot.facts.model import Language

ORDER = frozenset({"before", "after", "avant", "apres"})
_ARTICLE = r"(?:\b(?:[Tt]he|[Ll]e|[Ll]a)\s+|\b[Ll]['’])?"  # before a name that is a common noun
_ELIDED = r"(?:[dl]['’])?"  # inside a name: « chef d'état-major »
ORDER_REACH = 3  # words between, such as "the former general"


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the core works with it. `shared` are the mentions that fit several entities.

    `thing` is what the answer must be one of, or a number of: "which unit", "how many soldiers".
    `whole` is the question as somebody would put it who was not there before, or, `in_talk`, with the
    question before it; None where it takes its words from that one.
    """

    text: str
    language: Language
    kind: Kind
    slots: tuple[Slot, ...]
    mentions: tuple[Mention, ...]
    telling: frozenset[str] = frozenset()  # its words that are no function words
    thing: tuple[Slot, ...] = ()
    whole: str | None = None
    in_talk: bool = False

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that are named without ambiguity."""
        return tuple(dict.fromkeys(m.entities[0] for m in self.mentions if len(m.entities) == 1))

    @property
    def shared(self) -> tuple[Mention, ...]:
        """The names that fit several entities."""
        return tuple(m for m in self.mentions if len(m.entities) > 1)

    def choosing(self, mention: Mention, *entities: str) -> Query:
        """The same question with a shared name taken for one or some of its entities."""
        chosen = replace(mention, entities=entities)
        others = {e for e in mention.entities if e not in entities}
        slots = tuple(self._less(slot, others) for slot in self.slots)
        return replace(self, slots=slots, mentions=tuple(chosen if m == mention else m for m in self.mentions))

    @staticmethod
    def _less(slot: Slot, others: set[str]) -> Slot:
        """A slot without some entities; one that stands for nothing else is another mention's and stays."""
        return tuple(f for f in slot if f.rpartition(":")[2].lstrip("@") not in others) or slot


def understand(text: str, index: Index, language: Language | None = None, default: Language = "en") -> Query:
    """Read a question. `language` is what the asker demanded, `default` what breaks a tie."""
    said = spelt_out(normalise(text))
    plain, whether = bare(said)
    typed = words(plain)
    spelt = [index.speller.correct(word) for word in typed]
    cased = [word if same == was else same for word, was, same in zip(cased_words(plain), typed, spelt, strict=True)]
    spoken = language or detect(said, [*words(said), *spelt], index.lexicon.function, index.vocabulary) or default
    slots, mentions = index.reader.slots(spelt, cased, spoken)
    telling = frozenset(typed) - index.lexicon.function[spoken] - index.lexicon.speech[spoken]
    slots = [index.judged_unknown(slot, spelt, cased) for slot in slots]
    slots += _unknown_names(spelt, cased, mentions, index, spoken)
    thing = index.reader.thing(spelt, spoken)
    query = Query(said, spoken, Kind.TOPIC, tuple(slots), tuple(mentions), telling, thing, said)
    for mention in query.shared:
        # "General Goita": a shared name beside one of those who share it means that one.
        named = [entity for entity in mention.entities if entity in query.entities]
        if len(named) == 1:
            query = query.choosing(mention, named[0])
    kind = told_kind(" ".join(spelt) if spelt != typed else plain, whether=whether)
    nameless = _nameless(query, index)
    kind, kept = consume_markers(kind, query.slots)
    kept = (*kept, *nameless)
    if kind is Kind.WHO:
        kept = (*kept, *_in_order(spelt, mentions, index))
    whole = _in_full(said, cased_words(plain), query, index)
    return replace(query, kind=kind, slots=tuple(dict.fromkeys(kept)), whole=whole)


def _in_full(text: str, typed: Sequence[str], query: Query, index: Index) -> str:
    """A question with the people in it called by their names, as the facts do: "the mayor" is Ada Marsh."""
    for mention in query.mentions:
        entity = index.store.entities[mention.entities[0]]
        if len(mention.entities) == 1 and entity.kind == "person":
            text = _named(text, typed, mention, entity.name.in_(query.language))
    return text


def _named(text: str, typed: Sequence[str], mention: Mention, name: str) -> str:
    called = rf"[\W_]+{_ELIDED}".join(map(re.escape, typed[mention.start : mention.end]))
    return re.sub(rf"{_ARTICLE}\b{called}\b", name.replace("\\", r"\\"), text, count=1)


def renamed(query: Query, mention: Mention, name: str) -> str:
    """The text of a question with another name in the place of one that it mentions."""
    plain, _ = bare(query.text)
    return _named(query.text, cased_words(plain), mention, name)


def _nameless(query: Query, index: Index) -> list[Slot]:
    """What a question wants that asks for the name of a voice: facts that had it would not call it a voice."""
    unnamed = [entity for entity in query.entities if index.store.entities[entity].kind == "voice"]
    return [(f"{NAME}{entity}",) for entity in unnamed if any(concept("name") in slot for slot in query.slots)]


def _in_order(text: Sequence[str], mentions: Sequence[Mention], index: Index) -> list[Slot]:
    """That somebody else comes before or after a person: "who led the army before Zamir?" is not about Zamir."""
    people = {m.start for m in mentions if all(index.store.entities[e].kind == "person" for e in m.entities)}
    return [
        (f"{NAME}{word}",)
        for n, word in enumerate(text)
        if word in ORDER and people & set(range(n + 1, n + 1 + ORDER_REACH))
    ]


def _unknown_names(
    text: Sequence[str], typed: Sequence[str], mentions: Sequence[Mention], index: Index, language: Language
) -> list[Slot]:
    """Names of two words that nobody here knows, though each word may be known: "State Department"."""
    if sum(word[:1].isupper() for word in typed) > len(typed) / 2:
        return []  # a headline, or all in capitals
    linked = {n for mention in mentions for n in range(mention.start, mention.end)}
    found: list[Slot] = []
    for n in range(1, len(text) - 1):
        pair = typed[n][:1].isupper() and typed[n + 1][:1].isupper() and not linked & {n, n + 1}
        if pair and len(index.lexicon.slots(text[n : n + 2], language)) == 2:  # no phrase such as "Prime Minister"
            found.append((f"{NAME}{text[n]} {text[n + 1]}",))
    return found
