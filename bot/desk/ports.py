"""What the desk needs from outside: the state, by subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from bot.briefing.card import Card
from bot.digest.journal import Journal
from bot.digest.ledger import Composing, Contact
from bot.digest.places import Person, Place
from bot.digest.reports import CorrectionReport, Pulse, Turn
from bot.digest.sightings import Asked, Showing
from bot.digest.subscriptions import Subscription, Wish


class SubscriptionsPort(Protocol):
    """Who takes the digest."""

    async def add(self, place: Place, owner: Person, wish: Wish, now: datetime, *, label: str = "") -> Subscription:
        """Subscribe a place."""

    async def of_place(self, place: Place) -> list[Subscription]:
        """Those of a place that have not ended."""

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
