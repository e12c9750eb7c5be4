"""Text as the core compares it: normalised, folded, cut into words, stemmed."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Any

import snowballstemmer

from bot.facts.model import Language
from bot.facts.text import INVISIBLE_CATEGORIES, MENTION, fold, unsafe_text

LONGEST_QUESTION = 4_000  # characters; DESIGN.md section 6

# « l'armée », "d’État": what stands before the apostrophe is grammar, not meaning.
ELISION = re.compile(r"\b(?:lorsqu|puisqu|quoiqu|qu|[cdjlmnst])['’ʼ`´](?=\w)", re.IGNORECASE)
POSSESSIVE = re.compile(r"['’ʼ]s\b", re.IGNORECASE)
NEGATION = re.compile(r"(\w)n['’ʼ]t\b", re.IGNORECASE)
DIGIT_GROUP = re.compile(r"(?<!\d)\d{1,3}(?:[,. \u00a0\u202f]\d{3})+(?!\d)")
# American spellings that a stem does not bring together with the British ones.
AMERICAN = {
    "defense": "defence",
    "center": "centre",
    "labor": "labour",
    "offense": "offence",
    "program": "programme",
    "organization": "organisation",
    "neighbor": "neighbour",
    "behavior": "behaviour",
    "destabilize": "destabilise",
    "destabilizing": "destabilising",
    "criticize": "criticise",
    "criticized": "criticised",
    "favor": "favour",
}
WORD = re.compile(r"[^\W_]+")
MARKUP = re.compile(r"<[@#!:/a-z][^>]*>|https?://\S+|@(?:everyone|here|channel)\b", re.IGNORECASE)


def normalise(text: str) -> str:
    """One line of plain text: compatibility forms, controls, invisible marks and markup gone."""
    visible = text
    if not text.isprintable():
        visible = "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or unicodedata.category(character) not in INVISIBLE_CATEGORIES
        )
    plain, found = MARKUP.subn(" ", unicodedata.normalize("NFKC", visible))
    while found:  # what stood on both sides of some markup may be markup together
        plain, found = MARKUP.subn(" ", plain)
    return " ".join(plain.split())


def harmless(text: str) -> str:
    """A name or a reason from outside as it may stand on a card; empty when nothing can be shown of it."""
    plain = normalise(text)
    return "" if unsafe_text(plain) else plain


def quoted(text: str) -> str:
    """What somebody typed as it may stand on a card: every visible sign of it, live syntax taken apart by a space."""
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or _shows(c))
    plain = " ".join(visible.split())
    while MENTION.search(plain):
        plain = MENTION.sub(lambda found: f"{found[0][0]} {found[0][1:]}", plain)
    return plain


def cut(text: str, most: int) -> str:
    """At most so many characters, with a sign that it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in INVISIBLE_CATEGORIES


def words(text: str) -> list[str]:
    """The folded words of a normalised text; figures lose their separators: 5,000 is 5000."""
    return list(_words(text)[1])


def cased_words(text: str) -> list[str]:
    """The same words as they were typed, so that UN and « un » can be told apart."""
    return list(_words(text)[0])


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words as typed, and folded; both are asked for in turn."""
    text = DIGIT_GROUP.sub(lambda group: re.sub(r"\D", "", group[0]), text)
    text = NEGATION.sub(r"\1 not", POSSESSIVE.sub("", ELISION.sub("", text)))
    typed = tuple(WORD.findall(unicodedata.normalize("NFC", text)))
    return typed, tuple(map(_folded, typed))


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    folded = fold(word)
    return AMERICAN.get(folded, folded)


_STEMMERS: dict[Language, Any] = {
    "en": snowballstemmer.stemmer("english"),
    "fr": snowballstemmer.stemmer("french"),
}


@lru_cache(maxsize=65_536)
def stem(word: str, language: Language) -> str:
    """The Snowball stem of a folded word (https://snowballstem.org/algorithms/)."""
    if len(word) < 4 or word.isdecimal():
        return word
    found: str = fold(_STEMMERS[language].stemWord(word))
    # French plurals and feminines lose their marks unevenly once accents are folded away.
    return found.rstrip("e") if language == "fr" and len(found) > 4 else found


def digest(text: str) -> int:
    """64 bits of a text; of a million questions, two share theirs once in 40 million stores."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())
