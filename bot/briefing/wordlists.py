"""General words: an English and a French dictionary, and the names of the world's territories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.briefing.text import digest
from bot.facts.arrays import Arrays, packed, unpacked
from bot.facts.model import LANGUAGES
from bot.facts.text import fold


@dataclass(frozen=True, slots=True)
class Wordlists:
    """The lists as a cache holds them; without one, each is read when a word first needs it.

    `digests` are those of the dictionaries' words, rising.
    """

    digests: NDArray[np.uint64] | None = None
    places: frozenset[str] | None = None

    def knows(self, word: str) -> bool:
        """Whether a folded word stands in a dictionary."""
        if self.digests is None:
            return word in dictionary()
        key = np.uint64(digest(word))
        at = int(self.digests.searchsorted(key))
        return at < len(self.digests) and bool(self.digests[at] == key)

    def foreign(self, word: str) -> bool:
        """Whether a folded word that the store does not have is a name rather than an ordinary word."""
        return word in (territories() if self.places is None else self.places) or not self.knows(word)

    def pack(self) -> Arrays:
        """The lists as arrays."""
        digests = self.digests
        if digests is None:
            digests = np.array(sorted(map(digest, dictionary())), np.uint64)
        return {
            "dictionary": digests,
            "territories": packed(sorted(territories() if self.places is None else self.places)),
        }

    @classmethod
    def unpack(cls, arrays: Arrays) -> Wordlists:
        """The lists that `pack` wrote down."""
        return cls(arrays["dictionary"], frozenset(unpacked(arrays["territories"])))


@lru_cache(maxsize=1)
def territories() -> frozenset[str]:
    """The folded one-word names of the world's countries and territories, from Unicode's CLDR."""
    from babel import Locale  # noqa: PLC0415 (a cache has the names)

    names = (name for language in LANGUAGES for name in Locale(language).territories.values())
    return frozenset(fold(name) for name in names if name.isalpha())


@lru_cache(maxsize=1)
def dictionary() -> frozenset[str]:
    """The folded words of an English and a French dictionary; read when a word first needs it."""
    from spellchecker import SpellChecker  # noqa: PLC0415 (a cache has the words)

    checkers = (SpellChecker(language=language) for language in LANGUAGES)
    return frozenset(fold(word) for checker in checkers for word in checker.word_frequency.words())
