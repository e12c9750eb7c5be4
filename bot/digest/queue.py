"""What waits for the editors: questions without an answer and readers' flags, the same ones counted together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.digest.sightings import FlagReason

NAME = re.compile(r"#?([qf])(\d{1,15})", re.IGNORECASE)


class EntryKind(StrEnum):
    """What an entry is, by the letter that its name begins with."""

    QUESTION = "q"
    FLAG = "f"


@dataclass(frozen=True, slots=True)
class EntryName:
    """How editors call an entry: `q12` or `f3`, after the first question or flag in it."""

    kind: EntryKind
    number: int

    def __str__(self) -> str:
        return f"{self.kind.value}{self.number}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, or one thing amiss, however many people brought it; who they are is not told.

    `private` counts those who did so out of others' sight. `facts` were on the flagged message.
    """

    name: EntryName
    text: str
    language: str
    people: int
    times: int
    private: int
    first: datetime
    last: datetime
    story: str = ""
    reason: FlagReason | None = None
    notes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


def entry_name(text: str) -> EntryName | None:
    """The entry that a text names, or None."""
    match = NAME.fullmatch(text.strip())
    return EntryName(EntryKind(match[1].lower()), int(match[2])) if match else None
