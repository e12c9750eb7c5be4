"""The rules of delivery: what a row in the ledger may become, and what the sender needs from outside.

A row goes pending → sending → sent. A request whose fate is not known makes it `unknown`; a
platform that can recognise a repeat, or be asked, settles that before anything is sent again.
"""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.briefing.card import Card
from bot.digest.journal import Journal
from bot.digest.places import Place
from bot.digest.subscriptions import Subscription
from bot.facts.model import Language

LEASE = timedelta(seconds=120)
REQUEST_TIMEOUT = timedelta(seconds=15)
SETTLING = timedelta(seconds=20)  # longer than any request that may still be under way
FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=15)


class DeliveryKind(StrEnum):
    """What is delivered."""

    DIGEST = "digest"
    CORRECTION = "correction"
    EDIT = "edit"  # of a message that showed what was corrected since
    STOPPED = "stopped"  # to the owner of a subscription that we had to suspend
    ANSWER = "answer"  # an editor's, to a question or flag that had to wait
    WATCH = "watch"  # a fact that somebody watches has changed


class DeliveryState(StrEnum):
    """Where a delivery stands. The first four are open, the others final."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"  # a request went out; whether it arrived is not known
    WAITING = "waiting"  # for the person's next contact with the bot
    SENT = "sent"
    QUIET = "quiet"  # nothing had changed
    EXPIRED = "expired"  # too late to be of use
    SUSPENDED = "suspended"  # the place cannot be reached
    HELD = "held"  # may have arrived twice already; not sent again
    DEAD = "dead"  # cannot be laid out or read; our fault, kept for looking at
    SUPERSEDED = "superseded"  # a newer one took its place


OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.WAITING)


@dataclass(frozen=True, slots=True)
class Sighted:
    """A fact on a message, at the revision that it was shown at."""

    fact: str
    revision: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed row of the ledger.

    `attempts` counts this one; `doubts` counts the earlier ones of which nobody knows whether
    they arrived. `card` is what was composed for those, and is sent as it was.
    """

    id: int
    place: Place
    kind: DeliveryKind
    slot: str
    part: int
    due: datetime
    attempts: int
    doubts: int
    first_try: datetime
    lease: str
    language: Language = "en"
    zone: str = "UTC"
    label: str = ""
    expires: datetime | None = None
    card: Card | None = None
    edits: str = ""
    subscription: Subscription | None = None
    day: date | None = None
    late: bool = False
    reason: str = ""

    @property
    def key(self) -> str:
        """Twenty-four characters that are the same for every attempt, and for this delivery alone.

        Discord takes up to 25 as a nonce, which counts for each author and not for each
        channel, so that the place is in it.
        """
        place = (self.place.platform, self.place.workspace, self.place.channel, self.place.thread)
        text = "|".join((*place, self.kind, self.slot, str(self.part)))
        return base64.b32encode(hashlib.blake2b(text.encode(), digest_size=15).digest()).decode()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an outlet is to deliver: a new message, or a change of the one that `delivery.edits` names."""

    delivery: Delivery
    card: Card


class DeliveryError(Exception):
    """The platform surely did not take the message; `reason` is its own word for why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PassingError(DeliveryError):
    """It may be taken later, not before `retry_after`; `scope` is the place or the whole workspace."""

    def __init__(self, reason: str, retry_after: timedelta | None = None, *, whole_scope: bool = False) -> None:
        super().__init__(reason)
        self.retry_after, self.whole_scope = retry_after, whole_scope


class PermanentError(DeliveryError):
    """It will not be taken until a person changes something, in the place or in the whole workspace."""

    def __init__(self, reason: str, *, whole_scope: bool = False) -> None:
        super().__init__(reason)
        self.whole_scope = whole_scope


class LayoutError(DeliveryError):
    """The message itself was refused: our fault, not the place's."""


class CannotTellError(Exception):
    """The platform cannot be asked whether it has a message."""


class Outlet(Protocol):
    """A platform as the sender sees it.

    Every exception from `send` but a DeliveryError means that the message may have arrived.
    """

    @property
    def platform(self) -> str:
        """The platform's name, as places have it."""

    @property
    def recognises_repeats(self) -> timedelta:
        """For how long after the first attempt the platform takes the same key as the same message."""

    @property
    def can_edit(self) -> bool:
        """Whether messages can be changed after they were sent."""

    def pages(self, card: Card) -> list[Card]:
        """The card in as many messages as the platform's limits demand, in order."""

    async def send(self, parcel: Parcel) -> str:
        """Deliver, and return the platform's id of the message. Raises DeliveryError."""

    async def find(self, delivery: Delivery) -> str | None:
        """The id of the message of an earlier attempt, None when it is not there. Raises CannotTellError."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What an editor answered by a fact: a question as it was asked, or what a reader's flag says."""

    text: str
    fact: str
    language: Language
    flag: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """What the ledger knows for composing a claimed row, read in the transaction that claims it.

    `seen` gives what a correction is about: the revision that the place was shown of each fact,
    and when it was last shown; `missed` are the local dates since the last edition whose digests did not go out;
    `settled` is what an editor's answer is to.
    """

    journal: Journal | None = None
    seen: tuple[tuple[Sighted, datetime], ...] = ()
    missed: tuple[date, ...] = ()
    original: Card | None = None
    settled: Settled | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """What composing made of a claimed row: pages to send, or none, with the state that it ends in.

    `covers` is the recording that a digest reaches.
    """

    pages: tuple[Card, ...]
    sighted: tuple[Sighted, ...] = ()
    covers: int | None = None
    ends: DeliveryState | None = None
    reason: str = ""


class Composing(Protocol):
    """Composes a claimed row; pure, quick, called within a transaction."""

    def __call__(self, delivery: Delivery, material: Material) -> Composed:
        """What to send for this delivery."""


class Ledger(Protocol):
    """The sender's side of the state."""

    async def plan(self, now: datetime, window: timedelta, limit: int) -> int:
        """Give up to `limit` due subscriptions their edition and delivery; returns how many."""

    async def claim(
        self, now: datetime, platforms: list[str], limit: int, lease: timedelta, compose: Composing, recording: int
    ) -> list[Parcel]:
        """Lease deliveries that are due, compose and record what they show, in one transaction.

        Nothing is claimed when the record is newer than `recording`: the facts of this process are old.
        """

    async def sent(self, delivery: Delivery, remote: str, now: datetime) -> bool:
        """Mark as delivered; False when the lease was lost to somebody else."""

    async def unsure(self, delivery: Delivery, reason: str, retry_at: datetime) -> bool:
        """The fate of the request is not known; look again at `retry_at`."""

    async def passing(self, delivery: Delivery, reason: str, retry_at: datetime, *, whole_scope: bool) -> bool:
        """Surely not delivered; try again at `retry_at`, and nothing else in the place (or scope) before."""

    async def suspend(self, delivery: Delivery, reason: str, now: datetime, *, whole_scope: bool) -> bool:
        """The place (or scope) cannot be reached: pause what goes there, keep it, tell the owners once."""

    async def close(self, delivery: Delivery, state: DeliveryState, reason: str) -> bool:
        """End a delivery that will not be sent."""

    async def release(self, delivery: Delivery) -> bool:
        """Give a claimed row back, untried."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A notice that waited for a person, to be shown with the next reply and then acknowledged."""

    delivery: Delivery
    card: Card
    sighted: tuple[Sighted, ...] = ()


def back_off(attempts: int, chance: random.Random) -> timedelta:
    """How long to wait after a passing failure: doubling from five seconds to a quarter of an hour, ±20 %."""
    seconds = min(FIRST_BACK_OFF.total_seconds() * 2 ** min(attempts - 1, 20), LONGEST_BACK_OFF.total_seconds())
    return timedelta(seconds=seconds * chance.uniform(0.8, 1.2))


def digest_slot(subscription: int, day: date) -> str:
    """What makes a digest the only one: the subscription and the local date, never an instant."""
    return f"{subscription}:{day.isoformat()}"


def correction_slot(recording: int) -> str:
    """What makes a correction the only one in its place: the recording that brought it."""
    return f"recording:{recording}"
