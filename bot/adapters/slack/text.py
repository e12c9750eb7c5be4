"""Plain text into Slack's: the one place where text is escaped."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
BREAKS = frozenset("\n\r\t\v\f\u2028\u2029")
# How Slack writes a moment in the reader's own zone; the words between are ours, so they are translated.
DATE_FORMATS = {"en": "{date_short_pretty} at {time}", "fr": "{date_short_pretty} à {time}"}
# What Slack puts around mentions, channels, links and moments in what people write.
WRITTEN = re.compile(r"<(?P<sign>[@#!]?)(?P<what>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")


def typed(text: str) -> str:
    """What a person wrote, as plain text: labels in place of links and channels, nobody named by an id."""
    return visible(unescape(WRITTEN.sub(_shown, text)))


def _shown(match: re.Match[str]) -> str:
    label = match["label"] or ""
    if match["sign"] == "#":
        return f"#{label}" if label else " "
    if match["sign"] == "@":
        return " "
    return label or ("" if match["sign"] else match["what"])


def visible(text: str) -> str:
    """Text from outside without what hides or reorders other text; line breaks become spaces."""
    flat = "".join(" " if character in BREAKS else character for character in text)
    return " ".join("".join(c for c in flat if unicodedata.category(c) not in INVISIBLE).split())


def escape(text: str) -> str:
    """Slack's three control characters as entities; without this `<!channel>` in a text calls everybody.

    docs.slack.dev/messaging/formatting-message-text: only these three, and only once.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What `escape` was given; Slack hands texts to us escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def date_link(at: datetime, language: str) -> str:
    """A moment in the reader's own zone, in UTC where a client cannot tell; for text that is escaped already."""
    shown = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{DATE_FORMATS['fr' if language == 'fr' else 'en']}|{shown}>"


def cut(text: str, most: int) -> str:
    """At most so many characters, with a sign that it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def cut_escaped(text: str, most: int) -> str:
    """As `cut`, counting what escaping makes of the text."""
    while len(escape(text)) > most:
        text = cut(text, max(len(text) - 1 - (len(escape(text)) - most) // 5, 2))
    return text
