"""Who takes the digest: a place, stories, a schedule, a language, a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.digest.places import Person, Place
from bot.digest.schedule import Schedule, Slot
from bot.facts.model import Language


class Standing(StrEnum):
    """Whether a subscription gets its editions."""

    ACTIVE = "active"
    PAUSED = "paused"  # by a person
    SUSPENDED = "suspended"  # by us, since the place cannot be reached
    ENDED = "ended"  # unsubscribed; kept for undo


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber asked for. No stories means all of them, also those still to come.

    `quiet_line` asks for one line on days when nothing changed; otherwise nothing is sent.
    """

    schedule: Schedule
    language: Language = "en"
    stories: tuple[str, ...] = ()
    full: bool = False
    quiet_line: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """A wish, where it goes to and how far it has come.

    `covered` is the recording of the facts that the last edition reached; the next one starts
    there. `next` is the coming slot, `last` the one before it; `owner` is who subscribed.
    """

    id: int
    place: Place
    owner: Person
    wish: Wish
    standing: Standing
    covered: int
    created: datetime
    next: Slot
    last: Slot | None = None
    reason: str = ""

    def changed(self, wish: Wish, now: datetime) -> Subscription:
        """With another wish; a new time or zone takes effect without a double."""
        if wish.schedule == self.wish.schedule:
            return replace(self, wish=wish)
        return replace(self, wish=wish, next=wish.schedule.first(now, self.last))

    def resumed(self, now: datetime) -> Subscription:
        """Active again from now on; what changed in between is in the next edition."""
        return replace(self, standing=Standing.ACTIVE, reason="", next=self.wish.schedule.first(now, self.last))


class Outcome(StrEnum):
    """What became of an edition."""

    PLANNED = "planned"
    SENT = "sent"
    QUIET = "quiet"  # nothing had changed and no line was asked for
    SKIPPED = "skipped"  # too late to be of use; the next one covers the gap
    FAILED = "failed"  # not delivered; the next one covers the gap


@dataclass(frozen=True, slots=True)
class Edition:
    """The digest of one subscription for one local date, as the ledger has it.

    It covers the recordings after `covers_from` up to `covers_to`, which is set when it is composed.
    """

    subscription: int
    slot: Slot
    outcome: Outcome
    late: bool
    reason: str = ""
    covers_from: int | None = None
    covers_to: int | None = None
    sent_at: datetime | None = None


LATE_AFTER = timedelta(minutes=15)


def planned(subscription: Subscription, now: datetime, window: timedelta) -> tuple[Edition, Subscription]:
    """Take one due slot's turn: its edition, and the subscription with its next slot.

    After an outage an edition still goes out if it is not later than `window`, marked as late;
    otherwise it is recorded as skipped.
    """
    slot, behind = subscription.next, now - subscription.next.due
    skipped = behind > window
    edition = Edition(
        subscription.id,
        slot,
        Outcome.SKIPPED if skipped else Outcome.PLANNED,
        behind > LATE_AFTER,
        "outage" if skipped else "",
    )
    return edition, replace(subscription, next=subscription.wish.schedule.after(slot), last=slot)


def stories_of(wish: Wish, known: Sequence[str]) -> tuple[str, ...]:
    """The stories that a wish means, in the editors' order."""
    return tuple(story for story in known if not wish.stories or story in wish.stories)
