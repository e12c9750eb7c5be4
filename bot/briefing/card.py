"""The card: what leaves the core. Laid out for reading, known to no platform.

Every text of a card is plain: a renderer escapes it for its platform, once. A text with
markup, mentions or invisible characters cannot be put on a card.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.facts.text import unsafe_text


class CardKind(StrEnum):
    """What a card is, so that a renderer can choose its buttons and colours."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    CLARIFY = "clarify"
    PROFILE = "profile"
    TIMELINE = "timeline"
    DISPUTES = "disputes"
    SOURCES = "sources"
    FACT = "fact"
    STORIES = "stories"
    HELP = "help"
    DIGEST = "digest"
    NOTICE = "notice"
    FAILURE = "failure"


class Role(StrEnum):
    """What a line is on its card."""

    HEADLINE = "headline"
    HEADING = "heading"
    TEXT = "text"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """Fixed wording or a curated sentence that carries its source elsewhere on the card.

    `at` is the moment that it tells, for a platform that shows moments in each reader's own zone.
    """

    text: str
    role: Role = Role.TEXT
    at: datetime | None = None

    def __post_init__(self) -> None:
        _refuse_unsafe(self.text)


@dataclass(frozen=True, slots=True)
class Item:
    """A statement with who says so and how sure that is; without a source it cannot be built.

    `label` stands before the statement (a date in a timeline), `facts` are the ids behind it.
    """

    text: str
    sources: str
    status: str
    facts: tuple[str, ...]
    label: str = ""
    lead: bool = False

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"the statement {self.text[:60]!r} has no source; give who said it")
        for text in (self.text, self.sources, self.status, self.label):
            _refuse_unsafe(text)


Block = Line | Item


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to read: a title, blocks in reading order, questions to go on with."""

    kind: CardKind
    language: str
    blocks: tuple[Block, ...]
    title: str = ""
    suggestions: tuple[str, ...] = ()
    suggestions_title: str = ""

    def __post_init__(self) -> None:
        for text in (self.title, self.suggestions_title, *self.suggestions):
            _refuse_unsafe(text)

    @property
    def items(self) -> Iterator[Item]:
        """The statements on the card."""
        return (block for block in self.blocks if isinstance(block, Item))


def plain(card: Card, *, suggestions: bool = True) -> str:
    """The whole card as plain text, a line each: the form for pipes, screen readers, notifications."""
    lines = [card.title] if card.title else []
    colon = " : " if card.language == "fr" else ": "
    for block in card.blocks:
        if isinstance(block, Line):
            lines.append(f"{block.text}" if block.role is not Role.HEADING else f"\n{block.text}")
            continue
        label = f"{block.label}{colon}" if block.label else ""
        bullet = "" if block.lead else "• "
        lines.append(f"{bullet}{label}{block.text} — {block.sources} ({block.status})")
    if suggestions and card.suggestions:
        lines += ["", card.suggestions_title, *(f"  {question}" for question in card.suggestions)]
    return "\n".join(lines).strip()


def as_json(card: Card) -> dict[str, Any]:
    """The card as plain values, for `--json`."""
    blocks = [
        {"line": b.text, "role": b.role.value} | ({"at": b.at.isoformat()} if b.at else {})
        if isinstance(b, Line)
        else {"statement": b.text, "sources": b.sources, "status": b.status, "facts": list(b.facts), "label": b.label}
        | ({"lead": True} if b.lead else {})
        for b in card.blocks
    ]
    return {
        "kind": card.kind.value,
        "language": card.language,
        "title": card.title,
        "text": plain(card, suggestions=False),
        "blocks": blocks,
        "suggestions": list(card.suggestions),
        "suggestions_title": card.suggestions_title,
    }


def from_json(values: dict[str, Any]) -> Card:
    """The card that `as_json` was made of.

    Raises:
        KeyError, TypeError, ValueError: the values are no card of this version.
    """
    blocks = tuple(
        Line(b["line"], Role(b["role"]), datetime.fromisoformat(b["at"]) if b.get("at") else None)
        if "line" in b
        else Item(b["statement"], b["sources"], b["status"], tuple(b["facts"]), b["label"], b.get("lead", False))
        for b in values["blocks"]
    )
    return Card(
        CardKind(values["kind"]),
        values["language"],
        blocks,
        values["title"],
        tuple(values["suggestions"]),
        values["suggestions_title"],
    )


def _refuse_unsafe(text: str) -> None:
    reason = unsafe_text(text)
    if reason:
        raise ValueError(f"a card cannot show {text[:60]!r}: it {reason}")
