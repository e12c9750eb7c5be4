"""What words mean to the core: function words, and the concepts of a bilingual thesaurus.

A text becomes *slots*, one for each telling word or phrase; a slot is the tuple of features
that it may stand for. A feature is `concept:arrest`, shared by both languages, or a bare stem.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from bot.briefing.linking import ARTICLES, Mention
from bot.briefing.text import stem, words
from bot.facts.arrays import Bytes, packed, unpacked
from bot.facts.model import LANGUAGES, Language
from bot.facts.yamlread import LOADER

Feature = str
Slot = tuple[Feature, ...]
LONGEST_PHRASE = 5  # words
SPEECH: Slot = ("speech",)  # somebody says, thinks, reacts; or "according to"


# Before a verb of speech: "it is said", "who said", « on dit ».
NOBODY = frozenset(("is", "are", "was", "were", "be", "been", "being", "it", "who", "whoever", "which", "qui", "on"))
CONTRACTED = re.compile(r"\b(what|who|where|when|why|how)['’]s\b", re.IGNORECASE)
HELD = frozenset(("said", "thought", "believed"))  # ... to have done something: nobody knows by whom
ACCORDING = frozenset(("according", "selon"))
OPENERS = ARTICLES | {"to"}
TELLING = frozenset(("tell", "tells", "told"))  # verbs whose object hears

# A name behind one of these is what is spoken about, to or in, not who speaks.
ABOUT = frozenset(
    (
        *("about", "on", "of", "regarding", "over", "to", "in", "at", "against", "with", "for", "from"),
        *("sur", "de", "du", "des", "concernant", "contre", "avec", "a", "au", "aux", "dans", "pour", "en"),
    )
)


def concept(group: str) -> Feature:
    """The feature that all words of a thesaurus group share."""
    return f"concept:{group}"


@dataclass(frozen=True)
class Lexicon:
    """The vocabulary of grammar and of the field, in both languages."""

    function: Mapping[Language, frozenset[str]]
    speech: Mapping[Language, frozenset[str]]
    soft: frozenset[Feature]
    groups: Mapping[Language, Mapping[tuple[str, ...], Slot]]
    literal: Mapping[Language, Mapping[str, Slot]]
    opposites: Mapping[Feature, tuple[Feature, ...]]
    known_words: Mapping[Language, frozenset[str]]

    @property
    def small_words(self) -> frozenset[str]:
        """The function words of both languages."""
        return self.function["en"] | self.function["fr"]

    def slots(self, text: Sequence[str], language: Language) -> list[Slot]:
        """The slots of folded words, phrases first, function words left out."""
        found: list[Slot] = []
        position = 0
        function, groups = self.function[language], self.groups[language]
        stems = [stem(word, language) for word in text]
        while position < len(text):
            longest = min(LONGEST_PHRASE, len(text) - position)
            if text[position] in self.speech[language]:
                found.append(SPEECH)
                position += 1
                continue
            for size in range(longest, 1, -1):
                slot = groups.get(tuple(stems[position : position + size]))
                if slot:
                    found.append(slot)
                    position += size
                    break
            else:
                if text[position] not in function:
                    found.append(self.word_slot(text[position], language))
                position += 1
        return found

    def speaker(self, text: Sequence[str], mentions: Sequence[Mention], language: Language) -> Mention | None:
        """Who is said to speak: named before the verb, else after it, and not what it is about."""
        said_at = next((n for n, word in enumerate(text) if word in self.speech[language]), None)
        if said_at is None or _by_nobody(text, said_at):
            return None
        if text[said_at] in ACCORDING:
            between = (m for m in mentions if m.start > said_at and OPENERS.issuperset(text[said_at + 1 : m.start]))
            return next(between, None)
        able = [m for m in mentions if not _spoken_about(text, m)]
        before = [m for m in able if m.end <= said_at]
        # "what did he tell Netanyahu?": who is told does not speak.
        after = [m for m in able if m.start > said_at and text[said_at] not in TELLING]
        return before[-1] if before else after[0] if after else None

    def word_slot(self, word: str, language: Language) -> Slot:
        """The features of one word: its concepts, or else its stem.

        A word that a group lists just so belongs to no other whose word merely shares its stem:
        a prison is no prisoner, « une part » is no « parti ».
        """
        form = stem(word, language)
        slot = self.literal[language].get(word) or self.groups[language].get((form,))
        if slot:
            return slot
        other: Language = "fr" if language == "en" else "en"
        if word in self.known_words[other] and word not in self.known_words[language]:
            slot = self.groups[other].get((stem(word, other),))
        return slot or (form,)


def _spoken_about(text: Sequence[str], mention: Mention) -> bool:
    """Whether a preposition stands before the name, articles between them left aside."""
    before = mention.start - 1
    while before > 0 and text[before] in ARTICLES and text[before] not in ABOUT:
        before -= 1
    return before >= 0 and text[before] in ABOUT


def _by_nobody(text: Sequence[str], said_at: int) -> bool:
    """Whether the verb names no speaker: "is said to", "who said", « on dit », « qui a dit »."""
    before = text[max(0, said_at - 2) : said_at]
    passive = text[said_at] in HELD and text[said_at + 1 : said_at + 2] == ["to"]
    return passive or (bool(before) and (before[-1] in NOBODY or before == ["qui", "a"]))


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Read the packaged word lists."""
    function_words = read_data("function_words.yaml")
    thesaurus = read_data("thesaurus.yaml")["groups"]
    collected: dict[Language, defaultdict[tuple[str, ...], list[Feature]]] = {
        language: defaultdict(list) for language in LANGUAGES
    }
    literal: dict[Language, defaultdict[str, list[Feature]]] = {language: defaultdict(list) for language in LANGUAGES}
    known: dict[Language, set[str]] = {"en": set(), "fr": set()}
    opposites = {}
    for group in thesaurus:
        for language, forms in collected.items():
            for term in group.get(language, ()):
                parts = words(term)
                known[language].update(parts)
                key = tuple(stem(part, language) for part in parts)
                if concept(group["id"]) not in forms[key]:
                    forms[key].append(concept(group["id"]))
                if len(parts) == 1:
                    literal[language][parts[0]].append(concept(group["id"]))
        contrary = group.get("opposite", [])
        opposites[concept(group["id"])] = tuple(map(concept, [contrary] if isinstance(contrary, str) else contrary))
    groups = {
        language: {key: tuple(features) for key, features in forms.items()} for language, forms in collected.items()
    }
    function = {language: _word_set(function_words[language]["function"]) for language in collected}
    soft: set[Feature] = set()
    for language in LANGUAGES:
        for word in _word_set(function_words[language]["soft"]):
            # A light word is no other that shares its stem: « exact » has nothing of « exactions ».
            soft.update(literal[language].setdefault(word, [stem(word, language)]))
    return Lexicon(
        function=function,
        speech={language: _word_set(function_words[language]["speech"]) for language in collected},
        soft=frozenset(soft),
        groups=groups,
        literal={
            language: {word: tuple(found) for word, found in forms.items()} for language, forms in literal.items()
        },
        opposites=opposites,
        known_words={language: frozenset(found) | function[language] for language, found in known.items()},
    )


def pack_lexicon(lexicon: Lexicon) -> Bytes:
    """A lexicon as an array, for a cache."""
    return packed(
        {
            "function": {language: sorted(found) for language, found in lexicon.function.items()},
            "speech": {language: sorted(found) for language, found in lexicon.speech.items()},
            "soft": sorted(lexicon.soft),
            "groups": {
                language: {" ".join(key): slot for key, slot in found.items()}
                for language, found in lexicon.groups.items()
            },
            "literal": lexicon.literal,
            "opposites": lexicon.opposites,
            "known_words": {language: sorted(found) for language, found in lexicon.known_words.items()},
        }
    )


def unpack_lexicon(array: Bytes) -> Lexicon:
    """The lexicon that `pack_lexicon` was given."""
    data = unpacked(array)

    def sets(name: str) -> dict[Language, frozenset[str]]:
        return {language: frozenset(found) for language, found in data[name].items()}

    return Lexicon(
        function=sets("function"),
        speech=sets("speech"),
        soft=frozenset(data["soft"]),
        groups={
            language: {tuple(key.split(" ")): tuple(slot) for key, slot in found.items()}
            for language, found in data["groups"].items()
        },
        literal={
            language: {word: tuple(slot) for word, slot in found.items()} for language, found in data["literal"].items()
        },
        opposites={feature: tuple(others) for feature, others in data["opposites"].items()},
        known_words=sets("known_words"),
    )


def _word_set(terms: Iterable[str]) -> frozenset[str]:
    return frozenset(part for term in terms for part in words(term))


@lru_cache(maxsize=1)
def _shorthand() -> tuple[re.Pattern[str], dict[str, str]]:
    known: dict[str, str] = read_data("shorthand.yaml")
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b", re.IGNORECASE), known


def spelt_out(text: str) -> str:
    """A question with its shorthand written out: "pkoi" is « pourquoi », "what's" is "what is"."""
    pattern, known = _shorthand()
    return pattern.sub(lambda found: known[found[0].lower()], CONTRACTED.sub(r"\1 is", text))


def read_data(name: str) -> Any:
    """A packaged YAML file, every scalar of it a string."""
    text = resources.files("bot.briefing").joinpath("data", name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_StringLoader)  # noqa: S506 (builds strings, lists and dicts only)


class _StringLoader(LOADER):  # type: ignore[misc]
    """Every scalar a string: `no`, `on` and `y` are words here."""


_StringLoader.yaml_implicit_resolvers = {}
