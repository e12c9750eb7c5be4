"""What the ledger can tell: why somebody got a digest or not, how far corrections have come, how delivery is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.digest.ledger import DeliveryState
from bot.digest.subscriptions import Outcome


@dataclass(frozen=True, slots=True)
class Turn:
    """One edition and its delivery. `attempts` counts the requests made; `reason` is the last obstacle."""

    subscription: int
    day: date
    due: datetime
    outcome: Outcome
    late: bool
    reason: str
    sent_at: datetime | None
    attempts: int
    state: DeliveryState | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class CorrectionReport:
    """How far the notices of one recording have come, counted by places.

    `open` are to be sent, `waiting` for the person's next contact, `out` cannot be reached,
    `failed` ended without being delivered. `seen` counts the people who said so.
    """

    recording: int
    at: datetime
    facts: tuple[str, ...]
    reached: int
    open: int
    waiting: int
    out: int
    failed: int
    seen: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """How delivery is doing. `oldest_open` is when the oldest delivery not yet sent was due.

    `last_day` counts the editions due in the last 24 hours, `late` those of them that went out late.
    """

    active: int
    paused: int
    suspended: int
    by_state: tuple[tuple[DeliveryState, int], ...]
    oldest_open: datetime | None
    overdue: int
    last_sent: datetime | None
    recording: int
    closed_scopes: tuple[str, ...]
    last_day: tuple[tuple[Outcome, int], ...] = ()
    late: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A person's last look at what changed: which recording they had seen by then, and when that was."""

    recording: int
    at: datetime
