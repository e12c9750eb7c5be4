"""Features, slots and what they weigh: the terms in which questions and facts are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.briefing.kinds import Kind
from bot.briefing.lexicon import SPEECH, Feature, Lexicon, Slot, concept
from bot.briefing.linking import Linker, Mention
from bot.facts.model import Language

LEAST_WEIGHT = 0.2  # of an entity that nearly every unit has
ORDINARY_WEIGHT = 1.6  # of a word of the dictionary that no unit has
NAME, ORDINARY = "!", "?"  # what a word is that the store does not have
LEAST_WORD_WEIGHT = 1.0  # of a word, however common: it is what makes the question another one

# Nouns that only say what kind of thing is asked for: "the number of", « date de ».
MARKERS: Mapping[Feature, Kind] = {
    concept("number"): Kind.HOW_MANY,
    concept("percentage"): Kind.HOW_MANY,
    concept("date"): Kind.WHEN,
    concept("place"): Kind.WHERE,
    concept("reason"): Kind.WHY,
    concept("name"): Kind.WHO,
}

# « Which unit », "how many soldiers": what stands between is what the answer must be one of, or a number of.
THING = re.compile(r"\b(?:which|what|whose|how (?:many|much)|quel(?:le)?s?|combien (?:de|des|du|d)) ((?:\w+ ?){1,3})")
MOST_OF_A_THING = 2  # slots


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


def weight(slot: Slot, idf: Mapping[Feature, float], unknown: float, soft: frozenset[Feature]) -> float:
    """How telling a slot is: its rarest feature's weight; soft words count for a third.

    `unknown` is the weight of a feature that `idf` does not have.
    """
    if slot[0].startswith(ORDINARY):
        return ORDINARY_WEIGHT
    heaviest = max(idf.get(feature, unknown) for feature in slot)
    if slot[0].startswith("@"):
        return heaviest
    heaviest = max(heaviest, LEAST_WORD_WEIGHT)
    return heaviest / 3 if any(feature in soft for feature in slot) else heaviest


class Reader:
    """Reads a text as slots, by the words of the lexicon and the names of the store."""

    def __init__(self, lexicon: Lexicon, linker: Linker) -> None:
        self.lexicon, self.linker = lexicon, linker

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

    def thing(self, text: Sequence[str], language: Language) -> tuple[Slot, ...]:
        """The slots of the noun that a question word stands before, in folded words; none where there is none."""
        found = THING.search(" ".join(text))
        noun = found[1].split() if found else []
        function = self.lexicon.function[language]
        end = next((n for n, word in enumerate(noun) if word in function), len(noun))
        slots, _ = self.slots(noun[:end], noun[:end], language)
        return tuple(slot for slot in slots if not slot[0].startswith("@"))[:MOST_OF_A_THING]
