"""Finding the entities that a question names: by any known name, and by near spellings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.briefing.text import words
from bot.facts.model import Entity

SHORTEST_CORRECTED = 5  # letters; shorter words have too many neighbours
TWO_SLIPS_FROM = 8  # letters
ARTICLES = frozenset({"the", "a", "an", "le", "la", "les", "un", "une", "des", "du"})  # a name may begin with one


@dataclass(frozen=True, slots=True)
class Mention:
    """Words `start` to `end` of a question name one of `entities`; several: a shared name.

    `generic` says that the name is a common noun ("the army") rather than a proper one.
    """

    start: int
    end: int
    entities: tuple[str, ...]
    generic: bool


@dataclass(frozen=True, slots=True)
class _Name:
    entities: tuple[str, ...]
    generic: bool


class Linker:
    """The names of all entities, ready for look-up."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        owners: defaultdict[tuple[str, ...], dict[str, bool]] = defaultdict(dict)
        for entity in entities:
            names = [entity.name.en, entity.name.fr, *entity.aliases, *entity.shared_aliases]
            for name in names:
                key = words(name)
                while len(key) > 1 and key[0] in ARTICLES:
                    key = key[1:]
                if key:
                    generic = name[:1].islower()
                    held = owners[tuple(key)]
                    held[entity.id] = held.get(entity.id, True) and generic
        self._names = {key: _Name(tuple(ids), all(ids.values())) for key, ids in owners.items()}
        self._longest = max((len(key) for key in self._names), default=0)
        self.name_words = frozenset(part for key in self._names for part in key)

    def mentions(self, text: Sequence[str]) -> list[Mention]:
        """The entities named in folded words, longest names first, without overlap."""
        found: list[Mention] = []
        position = 0
        while position < len(text):
            for size in range(min(self._longest, len(text) - position), 0, -1):
                name = self._names.get(tuple(text[position : position + size]))
                if name:
                    found.append(Mention(position, position + size, name.entities, name.generic))
                    position += size
                    break
            else:
                position += 1
        return found


class Speller:
    """Corrects words that nobody knows to the one known word they are nearest to."""

    def __init__(self, frequency: Mapping[str, int], known: frozenset[str]) -> None:
        """`frequency` counts the words of the store; `known` are further words that are no slips."""
        self._frequency = frequency
        self._known = known | frequency.keys()
        by_initial: defaultdict[str, list[str]] = defaultdict(list)
        for word in frequency:
            if len(word) >= SHORTEST_CORRECTED - 1 and word.isalpha():
                by_initial[word[0]].append(word)
        self._by_initial = dict(by_initial)

    def correct(self, word: str) -> str:
        """The word, or the known word of the same initial that it is one slip (two when long) from."""
        if len(word) < SHORTEST_CORRECTED or word in self._known or not word.isalpha():
            return word
        slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
        near = process.extract(
            word, self._by_initial.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips, limit=5
        )
        if not near:
            return word
        return min(near, key=lambda hit: (hit[1], -self._frequency[hit[0]], hit[0]))[0]
