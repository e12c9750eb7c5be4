"""What kind of thing a question asks for, read from its question words."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from bot.facts.text import fold


class Kind(StrEnum):
    """The kinds of answer; a fact must be able to fill the one that is asked for."""

    WHO = "who"
    WHAT = "what"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    HOW = "how"
    HOW_MANY = "how_many"
    WHETHER = "whether"
    TOPIC = "topic"  # no question word: a few key words
    OPINION = "opinion"  # what ought to be, what the bot thinks, or is to write: it does neither


KINDS = tuple(Kind)  # by number

# The first kind with a matching pattern decides, so the telling ones stand first.
_THE = r"(?: s| is| was| are| were)? (?:the )?(?:exact |total |estimated |official |reported )?"
_LE = r" (?:est |sont |etait |etaient )?(?:les? |la |l )?"
_PATTERNS: dict[Kind, tuple[str, ...]] = {
    Kind.OPINION: (
        r"(?:in )?your (?:opinion|view|take|guess|favou?rite)",
        r"(?:do|would) you (?:think|believe|say|agree|support|prefer)",
        r"^should|what should (?!i |we |one )|what do you (?:think|make|reckon|say)|who is (?:right|to be believed)\b|"
        r"qui a (?:raison|tort)|(?:selon|d apres|pour) (?:toi|vous)|a (?:ton|votre) avis",
        r"(?:penses|crois) tu|(?:pensez|croyez) vous",
        r"^(?:please )?(?:write|compose|translate) (?:me |us )?(?:an?|the|this|that)",
        r"^(?:redige|ecris|compose|tradui[st])(?:s|z|ez)?(?: moi| nous)? (?:une?|des|les?|la|l|cet?|cette|ces)",
        r"tu (?:penses|crois|preferes)|vous (?:pensez|croyez|preferez)|devrait (?:il|elle|on)",
    ),
    Kind.WHY: (
        r"why|how come|(?:for )?(?:whats?|which)" + _THE + r"(?:reasons?|motives?|causes?)",
        r"what (?:caused|prompted|triggered|drove|motivated|explains?|led to|pushed)",
        r"pourquoi|pk|quel(?:le)?s?" + _LE + r"(?:raisons?|motifs?|causes?)|qu est ce qui explique",
        r"qu est ce qui a (?:pousse|cause|declenche|provoque|conduit|motive)",
    ),
    Kind.HOW_MANY: (
        r"how (?:many|much)|how (?:big|large|strong) (?:a|is|was|are|were)|combien",
        r"how (?:old|far|tall|high|deep|wide|heavy|fast)\b|quel(?:le)?"
        + _LE
        + r"(?:age|distance|hauteur|superficie|taille)",
        r"whats?" + _THE + r"figures?",  # "which figure" may be a person
        r"(?:whats?|which)" + _THE + r"(?:number|toll|count|total|percentage|proportion|share|size|population)",
        r"quel(?:le)?s?"
        + _LE
        + r"(?:nombre|chiffres?|bilans?|total|pourcentage|proportion|part|effectifs?|population)",
    ),
    Kind.WHEN: (
        r"when|since when|how long ago|(?:whats?|which)" + _THE + r"(?:date|day|year|month|time|weekday)",
        r"quand|quel(?:le)?s?" + _LE + r"(?:date|jour|annee|mois|heure|moment)|depuis (?:quand|combien de temps)",
    ),
    Kind.WHERE: (
        r"where|(?:whats?|which)"
        + _THE
        + r"(?:place|location|city|town|region|area|part|prison|jail)|(?:in|at|from) (?:which|what)",
        r"d ou|dans quel(?:le)?s?|quel(?:le)?s?" + _LE + r"(?:lieu|endroit|ville|region|zone|partie|prison)",
        # Without its accent « où » is "or": it asks only before a verb or an article.
        r"ou (?=(?:est|sont|a|ont|se|etait|etaient|as|en|les?|la|l|un|une|general|trouve|vit|habite|opere|s)\b)",
        r"ou$",
    ),
    Kind.WHO: (r"who(?:m|se|s)?|qui",),
    Kind.HOW: (r"how|comment|de quelle (?:maniere|facon)",),
    Kind.WHAT: (r"whats?|which|que|quoi|quel(?:le)?s?|qu|lequel|laquelle|kesako",),
    Kind.WHETHER: (
        r"(?:^(?:so |and |but )?(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|should|isn|didn))",
        r"est ce que?|^(?:est|sont|a|ont)\b",
        r"(?:a|est|ont|sont|etait|avait|peut|va|fait|y a) t? ?(?:il|elle|ils|elles|on)",
    ),
}
_COMPILED = {kind: re.compile(rf"\b(?:{'|'.join(patterns)})(?:\b|(?<= ))") for kind, patterns in _PATTERNS.items()}
_EST_CE = re.compile(r"^(?:et |mais )?est ce que?\b")
_ACCENTS = re.compile("[éèêàùç]")
_RELATIVE_QUI = re.compile(r"\bce qui\b|\bqu est ce qui\b|\best ce qui\b|\w+ qui (?:a|ont|est|sont)\b")


@lru_cache(maxsize=256)
def flat(text: str) -> str:
    """Folded, with every run of punctuation as one space: the form that patterns read."""
    return " ".join(re.sub(r"[^\w?]+|_", " ", fold(text)).replace("?", " ").split())


def kind_of(text: str) -> Kind:
    """The kind that a normalised question asks for."""
    line = flat(text)
    if "où" in text.lower():  # folded, it is the word for "or"
        return Kind.WHERE
    if _ACCENTS.search(text):  # who writes accents means "or" when there is none
        line = re.sub(r"\bou\b", "", line)
    if _EST_CE.match(line):
        return Kind.WHETHER
    for kind, pattern in _COMPILED.items():
        found = pattern.search(line)
        if not found:
            continue
        if kind is Kind.WHO and found[0] == "qui" and found.start() > 0 and _RELATIVE_QUI.search(line):
            continue
        return kind
    return Kind.TOPIC


def told_kind(text: str, *, whether: bool) -> Kind:
    """The kind of a question without its furniture, which may have asked whether something is so."""
    kind = kind_of(text)
    return Kind.WHETHER if whether and kind in (Kind.TOPIC, Kind.WHAT) else kind
