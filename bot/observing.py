"""What is going on, for those who look after the bot: a reference for each errand, and an observer that is told.

The rooms inside know no log format and no metric; they name events here. The reference goes from a
request through all that is done for it, stands in every line of the log and in what a person is told
of a failure.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

_reference: ContextVar[str] = ContextVar("reference", default="")


def reference() -> str:
    """The reference of the errand that is being run, or an empty text."""
    return _reference.get()


@contextmanager
def errand(name: str = "") -> Iterator[str]:
    """Run something under a reference of its own: `name`, or six letters that a person can read out."""
    given = name or secrets.token_hex(3)
    token = _reference.set(given)
    try:
        yield given
    finally:
        _reference.reset(token)


def begin_errand() -> str:
    """The same for the rest of this task, where a block cannot be put around what follows."""
    given = secrets.token_hex(3)
    _reference.set(given)
    return given


class Level(StrEnum):
    """How a thing stands."""

    FINE = "fine"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what holds, and what to do about it where something is wrong."""

    subject: str
    level: Level
    text: str
    remedy: str = ""


class Observer:
    """Told of what happens. This one keeps nothing; the metrics are one that counts."""

    def answered(self, platform: str, outcome: str, seconds: float) -> None:
        """A line was answered, in so many seconds."""

    def shown(self, visibility: str) -> None:
        """Facts were shown, to one person or to all."""

    def delivered(self, platform: str, outcome: str) -> None:
        """A delivery was tried: sent, passing, permanent, layout, unsure, expired, held or released."""

    def reloaded(self, result: str, facts: int) -> None:
        """Edited facts were taken into service (`taken`) or not (`refused`, `outdated`); so many are in service."""

    def rate_limited(self, platform: str) -> None:
        """A platform asked us to slow down."""

    def turned_away(self, scope: str) -> None:
        """Somebody asked more often than the flood limit of a person, a channel or a workspace allows."""

    def failed(self, where: str) -> None:
        """Something failed that a person was told of with a reference."""
