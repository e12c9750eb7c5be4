"""A newsroom with a digest: facts that can be edited, a clock moved by hand, places that get messages.

The platform is a recorder that behaves as the real ones do: it keeps what it was sent, can
refuse, lose its answer, recognise a repeat by its key, or be asked what it has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from bot.adapters.state.record import Recorded
from bot.adapters.state.state import State, open_state
from bot.briefing.card import Card, plain
from bot.desk import Asking, Desk, Reply
from bot.desk.keeping import Keeping
from bot.digest.ledger import CannotTellError, Delivery, DeliveryKind, Parcel
from bot.digest.places import Person, Place, Visibility
from bot.digest.schedule import Cadence, Schedule
from bot.digest.sending import Pace, Sender
from bot.digest.subscriptions import Subscription, Wish
from bot.facts.revisions import record
from tests.newsroom import newsroom
from tests.seedfolder import SeedFolder

START = datetime(2025, 3, 12, 6, 0, tzinfo=UTC)
CHANNEL = Place("test", "w1", "C1")
OTHER_CHANNEL = Place("test", "w1", "C2")
EDITOR = Person("test", "w1", "U1")
READER = Person("test", "w1", "U2")
AT_NINE = Schedule(Cadence.DAILY, time(9), "Europe/Paris")  # 08:00 UTC in winter

PATIENCE = 300.0  # seconds for what is to happen: a machine that is shared may stand still for minutes

Fault = Callable[[Parcel], Exception | None]


@dataclass
class Recorder:
    """A platform. `before` may refuse a message; `after` is raised although the message was taken."""

    platform: str = "test"
    recognises_repeats: timedelta = timedelta(0)
    can_edit: bool = True
    askable: bool = True
    most_blocks: int = 10_000
    before: Fault = lambda _: None
    after: Fault = lambda _: None
    messages: list[Parcel] = field(default_factory=list)
    edits: dict[str, Card] = field(default_factory=dict)
    requests: int = 0

    def pages(self, card: Card) -> list[Card]:
        """Cut by blocks."""
        cuts = range(0, max(len(card.blocks), 1), self.most_blocks)
        return [Card(card.kind, card.language, card.blocks[at : at + self.most_blocks], card.title) for at in cuts]

    async def send(self, parcel: Parcel) -> str:
        """Take a message, unless told otherwise."""
        self.requests += 1
        if problem := self.before(parcel):
            raise problem
        if parcel.delivery.kind is DeliveryKind.EDIT:
            self.edits[parcel.delivery.edits] = parcel.card
            number = int(parcel.delivery.edits[1:])
        else:
            number = self._taken(parcel)
        if problem := self.after(parcel):
            raise problem
        return f"m{number}"

    def _taken(self, parcel: Parcel) -> int:
        for number, known in enumerate(self.messages):
            if self.recognises_repeats and known.delivery.key == parcel.delivery.key:
                return number
        self.messages.append(parcel)
        return len(self.messages) - 1

    async def find(self, delivery: Delivery) -> str | None:
        """What the platform has under a key."""
        if not self.askable:
            raise CannotTellError
        found = [f"m{at}" for at, known in enumerate(self.messages) if known.delivery.key == delivery.key]
        return found[0] if found else None

    def texts(self, place: Place, kind: DeliveryKind | None = None) -> list[str]:
        """What stands in a place, as a reader sees it."""
        return [
            plain(parcel.card)
            for parcel in self.messages
            if parcel.delivery.place == place and kind in {None, parcel.delivery.kind}
        ]


@dataclass
class World:
    """Everything, with its clock."""

    state: State
    seeds: SeedFolder
    platform: Recorder
    desk: Desk
    keeping: Keeping
    sender: Sender
    now: datetime = START

    async def tick(self, **later: float) -> int:
        """Let time pass, then one look; returns how many rows of the ledger were handled."""
        self.now += timedelta(**later)
        return await self.sender.run_once()

    async def reload(self) -> Recorded:
        """Take the edited facts into service, as `app` does."""
        store = self.seeds.load()
        self.seeds.record()
        recorded = await self.state.record.take(store, self.now)
        recording = -1 if recorded.outdated else recorded.recording
        self.desk.reload(store)
        self.keeping.use(store, recording)
        self.sender.use(store, recording)
        return recorded

    async def subscribe(self, place: Place = CHANNEL, owner: Person = EDITOR, **wish: object) -> Subscription:
        """A place takes the digest at nine in Paris."""
        wanted = Wish(**{"schedule": AT_NINE, **wish})  # type: ignore[arg-type]
        return await self.state.subscriptions.add(place, owner, wanted, self.now, label="#desk")

    def asking(self, person: Person = READER, place: Place = CHANNEL, **more: object) -> Asking:
        """Somebody does something, now."""
        return Asking(self.now, place=place, person=person, **more)  # type: ignore[arg-type]

    @staticmethod
    def thread(channel: Place) -> Place:
        """A thread in a channel."""
        return Place(channel.platform, channel.workspace, channel.channel, "T1")

    async def ask(self, line: str, place: Place = CHANNEL, person: Person = READER, **more: object) -> Reply:
        """Somebody types a line, and gets what comes back."""
        asking = self.asking(person, place, **more)
        reply = await self.desk.handle(line, asking)
        message = ""
        if reply.visibility is Visibility.ALL:
            message = f"a{self.now.timestamp():.0f}"
        await self.desk.delivered(reply, self.now, message)
        return reply


@asynccontextmanager
async def world(
    url: str, folder: Path, platform: Recorder | None = None, pace: Pace | None = None
) -> AsyncIterator[World]:
    """A newsroom over a database, its facts recorded."""
    seeds = newsroom(folder)
    store = seeds.load()
    record(seeds.root, store.facts.values())
    platform = platform or Recorder()
    async with open_state(url, place_pace=timedelta(0), patience=PATIENCE) as state:
        keeping = Keeping(state)
        made: World
        sender = Sender(state.ledger, [platform], lambda: made.now, pace)
        made = World(state, seeds, platform, Desk(store, keeping=keeping), keeping, sender)
        await made.reload()
        yield made
