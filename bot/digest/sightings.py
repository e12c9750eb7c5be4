"""What was shown to whom, and what was asked: values on their way to the state."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.briefing.card import Card
from bot.digest.ledger import Sighted
from bot.digest.places import Person, Place, Visibility
from bot.facts.model import Language


@dataclass(frozen=True, slots=True)
class Showing:
    """An answer that was shown: where, to whom, which facts.

    `token` finds it again: when its message is posted, and when the reader shares or flags it. `card`
    is what was shown; it is kept for what only one person saw, so that they can share just that.
    """

    place: Place
    person: Person | None
    visibility: Visibility
    facts: tuple[Sighted, ...]
    at: datetime
    language: Language = "en"
    card: Card | None = None
    token: str = field(default_factory=lambda: f"~{secrets.token_hex(8)}")

    @property
    def reader(self) -> Place:
        """Who is told of a correction: the place when all saw it, the person when one did."""
        if self.visibility is Visibility.ALL or self.person is None:
            return self.place
        return self.person.own_place


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to keep for the editors."""

    place: Place
    person: Person | None
    private: bool
    text: str
    key: str
    language: str
    story: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on record of a message: where it stands, who asked, which facts at which revision, its card."""

    place: Place
    reader: Place
    facts: tuple[Sighted, ...]
    card: Card | None


class FlagReason(StrEnum):
    """What a reader finds amiss."""

    WRONG = "wrong"
    OLD = "old"
    NO_SOURCE = "no_source"
    NOT_MY_QUESTION = "not_my_question"


@dataclass(frozen=True, slots=True)
class Flag:
    """A reader's word that something is amiss, for the editors."""

    place: Place
    person: Person | None
    reason: FlagReason
    note: str
    facts: tuple[str, ...]
    question: str
    at: datetime
