"""What was shown to whom, and what was asked: values on their way to the state."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from bot.digest.ledger import Sighted
from bot.digest.places import Person, Place, Visibility
from bot.facts.model import Language


@dataclass(frozen=True, slots=True)
class Showing:
    """An answer that was shown: where, to whom, which facts. `token` finds it again when its message is posted."""

    place: Place
    person: Person | None
    visibility: Visibility
    facts: tuple[Sighted, ...]
    at: datetime
    language: Language = "en"
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
