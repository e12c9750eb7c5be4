"""What an index is made of, as values and as arrays for a cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.briefing.lexicon import Feature
from bot.briefing.linking import Names
from bot.briefing.tables import Tables, pack_tables, unpack_tables
from bot.facts.arrays import Arrays, packed, unpacked
from bot.facts.model import Brief, Dispute, Fact, Language

SHAPES = (Fact, Brief, Dispute)


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that is read out of a store once.

    `names`: the entities of each name. `frequency`: how often each word occurs. `vocabulary`: the
    words of each language. `story_features`: what each story is about as a whole.
    `unknown_weight`: of a feature that no unit has.
    """

    tables: Tables
    names: Names
    frequency: Mapping[str, int]
    vocabulary: Mapping[Language, frozenset[str]]
    story_features: Mapping[str, frozenset[Feature]]
    unknown_weight: float

    def pack(self) -> Arrays:
        """The contents as arrays."""
        words = {
            "names": {" ".join(name): entities for name, entities in self.names.items()},
            "frequency": dict(self.frequency),
            "vocabulary": {language: sorted(found) for language, found in self.vocabulary.items()},
            "story_features": {story: sorted(found) for story, found in self.story_features.items()},
            "unknown_weight": self.unknown_weight,
        }
        return {**pack_tables(self.tables), "words": packed(words)}

    @classmethod
    def unpack(cls, arrays: Arrays) -> Contents:
        """The contents that `pack` wrote down."""
        words = unpacked(arrays["words"])
        return cls(
            tables=unpack_tables(arrays),
            names={tuple(name.split(" ")): tuple(entities) for name, entities in words["names"].items()},
            frequency=words["frequency"],
            vocabulary={language: frozenset(found) for language, found in words["vocabulary"].items()},
            story_features={story: frozenset(found) for story, found in words["story_features"].items()},
            unknown_weight=words["unknown_weight"],
        )
