"""What the desk needs from outside: the state, by subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot.briefing.card import Card
from bot.digest.journal import Journal
from bot.digest.ledger import Composing, Contact, Sighted
from bot.digest.places import ChannelSettings, Person, Place
from bot.digest.queue import Entry, EntryName
from bot.digest.reports import CorrectionReport, Look, Pulse, Turn
from bot.digest.sightings import Asked, Flag, Kept, Showing
from bot.digest.subscriptions import Subscription, Wish


class SubscriptionsPort(Protocol):
    """Who takes the digest."""

    async def add(self, place: Place, owner: Person, wish: Wish, now: datetime, *, label: str = "") -> Subscription:
        """Subscribe a place."""

    async def of_place(self, place: Place) -> list[Subscription]:
        """Those of a place that have not ended."""

    async def of_owner(self, owner: Person) -> list[Subscription]:
        """Those that a person made, anywhere, that have not ended."""

    async def places(self, platform: str) -> list[Place]:
        """Where digests go on a platform."""

    async def get(self, number: int) -> Subscription | None:
        """One of them, also an ended one."""

    async def last_ended(self, place: Place) -> Subscription | None:
        """The one that ended last, for undo."""

    async def save(self, changed: Subscription, action: str, actor: Person, now: datetime) -> None:
        """Write a changed one, and who changed it."""

    async def take_direct(self, person: Person, *, take: bool, now: datetime, address: str = "") -> None:
        """Whether private corrections may come as a direct message."""


class RecordPort(Protocol):
    """What was recorded of the facts."""

    async def journal(self, since: int) -> Journal:
        """What was recorded since a recording."""


class ReportsPort(Protocol):
    """What the ledger can tell."""

    async def turns(self, numbers: Sequence[int], day: date | None, most: int) -> list[Turn]:
        """The newest editions of these subscriptions."""

    async def corrections(self, most: int = 50) -> list[CorrectionReport]:
        """How far the corrections have come."""

    async def mark_seen(self, delivery: int, person: Person, now: datetime) -> bool:
        """A person has seen a notice."""

    async def pulse(self, now: datetime) -> Pulse:
        """How delivery is doing."""


class ChannelsPort(Protocol):
    """What was chosen for channels."""

    async def get(self, place: Place) -> ChannelSettings:
        """The settings of a place; those that nobody chose are the usual ones."""

    async def save(self, place: Place, settings: ChannelSettings, actor: Person, now: datetime) -> None:
        """Write the settings of a place, and who changed them."""


class FlagsPort(Protocol):
    """What readers find amiss, and what they were shown."""

    async def add(self, flag: Flag) -> None:
        """Keep a flag for the editors."""

    async def kept(self, keys: Sequence[str]) -> Kept | None:
        """What a message showed, by the token of its showing or by the message's id."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request of a platform that was taken and never finished."""

    key: str
    body: dict[str, Any]
    received: datetime


class InboxPort(Protocol):
    """What a platform handed to us and must not be lost once it was acknowledged."""

    async def take(self, platform: str, key: str, body: dict[str, Any], now: datetime, lease: timedelta) -> bool:
        """Write a request down and take it; False when another has it, or it is done."""

    async def done(self, platform: str, key: str, now: datetime) -> None:
        """A request was handled; its body is not needed any more."""

    async def take_over(self, platform: str, now: datetime, lease: timedelta) -> list[Waiting]:
        """Take what others took and did not finish within their lease."""


class LooksPort(Protocol):
    """When people last looked at what changed."""

    async def look(self, person: Person, now: datetime) -> Look | None:
        """A person looks now; their look before, or None on the first one."""


class QueuePort(Protocol):
    """What waits for the editors."""

    async def waiting(self, most: int) -> tuple[list[Entry], int]:
        """What most people wait for first; and how many entries there are in all."""

    async def get(self, name: EntryName) -> Entry | None:
        """One entry; None when it is settled, or was never there."""

    async def answer(self, name: EntryName, fact: str, editor: Person, now: datetime) -> int | None:
        """Settle an entry by a fact and send it to where it was asked; returns how many places are told."""

    async def set_aside(self, name: EntryName, editor: Person, now: datetime) -> bool:
        """Settle an entry without an answer; False when there is no such entry."""


class WatchesPort(Protocol):
    """Who wants to be told when a fact changes."""

    async def add(self, person: Person, facts: Sequence[Sighted], now: datetime, address: str = "") -> None:
        """A person watches facts from the revision that they know."""

    async def remove(self, person: Person, facts: Sequence[str] | None = None) -> int:
        """A person watches these facts no more, or none at all."""

    async def of(self, person: Person) -> tuple[str, ...]:
        """The facts that a person watches."""


class StatePort(Protocol):
    """The state. Everything here raises StateError when the database cannot be used."""

    @property
    def subscriptions(self) -> SubscriptionsPort:
        """Who takes the digest."""

    @property
    def record(self) -> RecordPort:
        """What was recorded of the facts."""

    @property
    def reports(self) -> ReportsPort:
        """What the ledger can tell."""

    @property
    def channels(self) -> ChannelsPort:
        """What was chosen for channels."""

    @property
    def flags(self) -> FlagsPort:
        """What readers find amiss."""

    @property
    def queue(self) -> QueuePort:
        """What waits for the editors."""

    @property
    def looks(self) -> LooksPort:
        """When people last looked."""

    @property
    def watches(self) -> WatchesPort:
        """Who wants to be told when a fact changes."""

    async def shown(self, showing: Showing) -> None:
        """Record that facts were shown; kept in memory while the database fails."""

    async def asked(self, question: Asked) -> None:
        """Keep a question for the editors; kept in memory while the database fails."""

    async def posted(self, showing: Showing, message: str, card: Card) -> None:
        """The message of an answer that all can see has this id."""

    async def contacts(self, person: Person, now: datetime, compose: Composing, recording: int) -> list[Contact]:
        """What waited for this person."""

    async def acknowledge(self, contact: Contact, now: datetime) -> None:
        """What waited for a person was shown."""
