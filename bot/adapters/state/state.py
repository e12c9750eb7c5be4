"""The whole state: what `app` opens and hands to the desk and the sender."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.adapters.state.channels import Channels, Flags, Memory
from bot.adapters.state.claiming import Claiming
from bot.adapters.state.database import Database, open_database
from bot.adapters.state.inbox import SqlInbox
from bot.adapters.state.ledger import PLACE_PACE, SqlLedger
from bot.adapters.state.looks import Looks
from bot.adapters.state.privacy import Privacy
from bot.adapters.state.queue import Queue
from bot.adapters.state.record import REMEMBERED, Record
from bot.adapters.state.reports import Reports
from bot.adapters.state.sightings import PATIENCE, Spool, posted
from bot.adapters.state.subscriptions import Subscriptions
from bot.adapters.state.watches import Watches
from bot.briefing.card import Card
from bot.digest.ledger import LEASE, Composing, Contact
from bot.digest.places import Person
from bot.digest.sightings import Asked, Showing

FLUSH_PATIENCE = 5.0  # seconds at the end


class State:
    """Everything that outlives the process, by subject."""

    def __init__(self, database: Database, remembered: timedelta, place_pace: timedelta, patience: float) -> None:
        self.database = database
        self.ledger = SqlLedger(database, place_pace)
        self.record = Record(database, remembered)
        self.subscriptions = Subscriptions(database)
        self.reports = Reports(database)
        self.privacy = Privacy(database)
        self.channels = Channels(database)
        self.queue = Queue(database)
        self.watches = Watches(database)
        self.memory = Memory(database)
        self.inbox = SqlInbox(database)
        self.looks = Looks(database)
        self.spool = Spool(database, patience)
        self.flags = Flags(database, self.spool)
        self._claiming = Claiming(database)

    async def shown(self, showing: Showing) -> None:
        """Record that facts were shown."""
        await self.spool.put(showing)

    async def asked(self, question: Asked) -> None:
        """Keep a question for the editors."""
        await self.spool.put(question)

    async def posted(self, showing: Showing, message: str, card: Card) -> None:
        """The message with an answer that all can see has this id."""
        await posted(self.database, showing, message, card)

    async def contacts(self, person: Person, now: datetime, compose: Composing, recording: int) -> list[Contact]:
        """What waited for this person, to be shown with the next reply."""
        return await self._claiming.waiting(person.own_place, now, LEASE, compose, recording)

    async def acknowledge(self, contact: Contact, now: datetime) -> None:
        """What waited for a person was shown."""
        await self._claiming.acknowledge(contact, now)


@asynccontextmanager
async def open_state(
    url: str, *, remembered: timedelta = REMEMBERED, place_pace: timedelta = PLACE_PACE, patience: float = PATIENCE
) -> AsyncIterator[State]:
    """Open the state at a database URL; tables are created and brought up to date.

    `patience` is for how many seconds an answer waits for what it showed to be on disk.

    Raises:
        StateError: the database cannot be used.
    """
    async with open_database(url) as database:
        state = State(database, remembered, place_pace, patience)
        try:
            yield state
        finally:
            await state.spool.close(FLUSH_PATIENCE)
