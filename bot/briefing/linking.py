"""Finding the entities that a question names: by any known name, and by near spellings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.briefing.text import words
from bot.briefing.wordlists import Wordlists
from bot.facts.model import Entity

SHORTEST_CORRECTED = 5  # letters; shorter words have too many neighbours
TWO_SLIPS_FROM = 8  # letters
ELIDED = re.compile(r"(?:qu|[cdjlmnst])([aeiouyh]\w{3,})$")  # folded
EVERYDAY = 40  # times in the store: so common a word is meant even when the slip is a word too (« arete »)
Names = Mapping[tuple[str, ...], tuple[str, ...]]
ARTICLES = frozenset({"the", "a", "an", "le", "la", "les", "un", "une", "des", "du"})  # a name may begin with one


@dataclass(frozen=True, slots=True)
class Mention:
    """Words `start` to `end` of a question name one of `entities`; several: a shared name."""

    start: int
    end: int
    entities: tuple[str, ...]


def names_of(entities: Iterable[Entity]) -> Names:
    """The entities that each name, as folded words, stands for.

    A common noun ("the capital", "the army") names a person or a voice, of whom there is one in
    a story; for anything else it stays a word like any other, since it may mean another's.
    """
    owners: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for entity in entities:
        for name in (entity.name.en, entity.name.fr, *entity.aliases, *entity.shared_aliases):
            if name.islower() and entity.kind not in ("person", "voice"):
                continue
            key = words(name)
            while len(key) > 1 and key[0] in ARTICLES:
                key = key[1:]
            if key:
                owners[tuple(key)][entity.id] = None
    return {key: tuple(ids) for key, ids in owners.items()}


class Linker:
    """The names of all entities, ready for look-up."""

    def __init__(self, names: Names, small_words: frozenset[str]) -> None:
        """`small_words` are function words: a name that looks like one (UN) must be in capitals."""
        self._names = names
        self._longest: dict[str, int] = {}  # name that begins with a word, in words
        for first, *rest in self._names:
            self._longest[first] = max(1 + len(rest), self._longest.get(first, 0))
        self._capitals_only = small_words
        self.name_words = frozenset(part for key in self._names for part in key)

    def mentions(self, text: Sequence[str], typed: Sequence[str]) -> list[Mention]:
        """The entities named in folded words, longest names first, without overlap.

        `typed` are the same words with their capitals.
        """
        found: list[Mention] = []
        position = 0
        while position < len(text):
            longest = self._longest.get(text[position], 0)
            for size in range(min(longest, len(text) - position), 0, -1):
                entities = self._names.get(tuple(text[position : position + size]))
                looks_small = size == 1 and text[position] in self._capitals_only and not typed[position].isupper()
                if entities and not looks_small:
                    found.append(Mention(position, position + size, entities))
                    position += size
                    break
            else:
                position += 1
        return found


class Speller:
    """Corrects words that nobody knows to the one known word they are nearest to.

    A word that stands in a dictionary is no slip, even when the store does not hold it:
    otherwise « fermés » would become « femmes ».
    """

    def __init__(self, frequency: Mapping[str, int], known: frozenset[str], wordlists: Wordlists) -> None:
        """`frequency` counts the words of the store; `known` are further words that are no slips."""
        self._frequency, self._wordlists = frequency, wordlists
        self._known = known | frequency.keys()
        by_shape: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for word in frequency:
            if len(word) >= SHORTEST_CORRECTED - 1 and word.isalpha():
                by_shape[word[0], len(word)].append(word)
        self._by_shape = dict(by_shape)

    def correct(self, word: str) -> str:
        """The word, or the known word of the same initial that it is one slip (two when long) from.

        Where a French apostrophe was left out, as in "larmée", it is the word behind it.
        """
        if len(word) < SHORTEST_CORRECTED or word in self._known or not word.isalpha():
            return word
        elided = ELIDED.match(word)
        if elided and elided[1] in self._known and not self._wordlists.knows(word):
            return elided[1]
        slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
        near = [
            hit[:2]
            for length in range(len(word) - slips, len(word) + slips + 1)
            for hit in process.extract(
                word, self._by_shape.get((word[0], length), ()), scorer=OSA.distance, score_cutoff=slips, limit=None
            )
        ]
        if not near:
            return word
        best: str = min(near, key=lambda hit: (hit[1], -self._frequency[hit[0]], hit[0]))[0]
        return best if self._frequency[best] >= EVERYDAY or not self._wordlists.knows(word) else word
