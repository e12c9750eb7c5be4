"""Plain text into Discord's markdown: the one place where text is escaped."""

from __future__ import annotations

import re
import unicodedata

# What begins markup anywhere; `@` begins a mention, `<` one too, or a time, or a link without a preview.
# A bracketed link is none without its brackets, so that round ones can stand as they are.
SPECIAL = re.compile(r"[\\*_~`|<>\[\]@]")
# What begins a list, a heading or small print at the start of a line.
AT_START = re.compile(r"^(\s*)([-+#]|\d+(?=[.)]))")
SCHEME = re.compile(r"(?<=[A-Za-z])://")  # a bare address becomes a link by itself
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")


def visible(text: str) -> str:
    """Text from outside without what hides or reorders other text; line breaks become spaces."""
    flat = "".join(" " if c in "\n\r\t\v\f\u2028\u2029" else c for c in text)
    return "".join(c for c in flat if unicodedata.category(c) not in INVISIBLE).strip()


def escape(text: str) -> str:
    """Text that reads on Discord as it stands: no markup, no mention, no link, no invisible character.

    Discord takes a backslash off before any sign; what is shown is the text itself.
    """
    safe = SPECIAL.sub(r"\\\g<0>", visible(text))
    safe = SCHEME.sub(r"\\://", safe)
    return AT_START.sub(_guard_start, safe)


def _guard_start(match: re.Match[str]) -> str:
    if match[2].isdecimal():
        # A backslash before a digit would be shown; a list needs the dot right after the number.
        return f"{match[1]}{match[2]}\\"
    return f"{match[1]}\\{match[2]}"


def unescape(text: str) -> str:
    """What `escape` was given."""
    return ESCAPED.sub(r"\1", text)


def cut(text: str, most: int) -> str:
    """At most so many characters, with a sign that it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def pieces(text: str, most: int) -> list[str]:
    """The text in pieces of at most so many characters, cut between words where there are any."""
    found = []
    while len(text) > most:
        at = text.rfind(" ", 1, most + 1)
        at = at if at > most // 2 else most
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*found, text] if text or not found else found
