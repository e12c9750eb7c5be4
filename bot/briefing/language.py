"""Which language a question is in: English or French, told by its small words and its accents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.facts.model import Language

ACCENTED = frozenset("éèêëàâîïôûùçœæ«»")


def detect(
    text: str,
    folded_words: Sequence[str],
    function_words: Mapping[Language, frozenset[str]],
    vocabulary: Mapping[Language, frozenset[str]],
) -> Language | None:
    """The language that more evidence speaks for, None when there is none or it is even.

    A function word counts twice as much as a content word of the store in that language.
    """
    score: dict[Language, float] = {"en": 0.0, "fr": 0.0}
    evidence = ((function_words["en"], function_words["fr"], 2), (vocabulary["en"], vocabulary["fr"], 1))
    for word in folded_words:
        for english, french, weight in evidence:
            told = word in english
            if told != (word in french):
                score["en" if told else "fr"] += weight
                break
    # Names carry accents in English text too, so they weigh little.
    score["fr"] += 0.5 * any(character in ACCENTED for character in text.lower())
    if abs(score["en"] - score["fr"]) < 0.25:
        return None
    return "en" if score["en"] > score["fr"] else "fr"
