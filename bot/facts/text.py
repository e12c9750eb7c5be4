"""Which text may stand in a seed file: plain sentences, nothing that a chat would act on."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LONGEST_TEXT = 600
LONGEST_FRAGMENT_WORDS = 8

# What Slack or Discord turn into a notification, a link or a live element.
MENTION = re.compile(r"@(?:everyone|here|channel)\b|<[@#!:/a-z][^>]*>|\]\(https?:", re.IGNORECASE)
QUOTATION = re.compile(r"“([^”]*)”|« ?([^»]*?) ?»")
# Format characters that reorder or hide text; the soft hyphen and joiners are hidden too.
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


@lru_cache(maxsize=4_096)  # the same statements are shown again and again
def unsafe_text(text: str) -> str | None:
    """Why `text` may not be shown in a chat, or None when it may."""
    # Nearly every text is printable but for French spaces, and then holds nothing invisible.
    for character in "" if text.replace("\u00a0", "").replace("\u202f", "").isprintable() else text:
        if unicodedata.category(character) in INVISIBLE_CATEGORIES:
            return f"holds the invisible character U+{ord(character):04X}; delete it"
    if MENTION.search(text):
        return "holds mention or link syntax, which a chat would act on; write it as plain words"
    return None


def long_quotation(text: str) -> str | None:
    """The first quotation of more than `LONGEST_FRAGMENT_WORDS` words, or None."""
    for match in QUOTATION.finditer(text):
        fragment: str = match[1] or match[2] or ""
        if len(fragment.split()) > LONGEST_FRAGMENT_WORDS:
            return fragment
    return None


def fold(text: str) -> str:
    """Lower case without diacritics, for comparing names: « Goïta » and "goita" are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def without_quotations(text: str) -> str:
    """What is said in our own voice: the text less its quoted fragments."""
    return QUOTATION.sub(" ", text)


def _safe(text: str) -> str:
    reason = unsafe_text(text)
    if reason:
        raise ValueError(f"the text {reason}")
    fragment = long_quotation(text)
    if fragment:
        raise ValueError(
            f"the quotation “{fragment[:40]}…” is longer than {LONGEST_FRAGMENT_WORDS} words; "
            "keep a fragment and say the rest in your own words"
        )
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_safe),
]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
