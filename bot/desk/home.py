"""What a person finds when they come to the bot itself: what changed, what they subscribe to, what is in dispute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer
from bot.briefing.wording import wording
from bot.desk.asking import Asking
from bot.desk.digest_cards import described, moment
from bot.desk.ports import StatePort
from bot.desk.queue import counted, title_of
from bot.digest.edition import Frame, edition
from bot.digest.journal import is_open
from bot.digest.queue import Entry
from bot.digest.reports import Look
from bot.digest.schedule import zone
from bot.digest.subscriptions import Standing, Subscription
from bot.facts.store import FactStore

MOST_SUBSCRIPTIONS = 6
MOST_DISPUTES = 4  # of a story; all of them are a button away
MOST_ENTRIES = 5


@dataclass(frozen=True, slots=True)
class Home:
    """The parts of it, in reading order. `queue` is for editors; each subscription and entry has its own card."""

    changes: Card
    subscriptions: tuple[tuple[Subscription, Card], ...]
    disputes: tuple[tuple[str, Card], ...]
    queue: tuple[tuple[Entry, Card], ...] = ()
    queued: Card | None = None


class HomeDesk:
    """Puts it together for one person; looking is remembered, so that news is news once."""

    def __init__(self, state: StatePort, store: Callable[[], FactStore]) -> None:
        self._state, self._store = state, store

    async def look(self, asking: Asking) -> Home:
        """What this person finds now. Raises StateError."""
        if asking.person is None:
            raise ValueError("only a person has a home")
        composer = self._composer(asking)
        last = await self._state.looks.look(asking.person, asking.now)
        own = await self._state.subscriptions.of_place(asking.person.own_place)
        others = await self._state.subscriptions.of_owner(asking.person)
        held = {one.id: one for one in [*own, *others]}
        entries, number = await self._state.queue.waiting(MOST_ENTRIES) if asking.is_editor else ([], 0)
        return Home(
            await self._changes(last, asking, composer),
            tuple((one, _subscription(one, composer)) for one in list(held.values())[:MOST_SUBSCRIPTIONS]),
            tuple((story, card) for story in composer.store.stories if (card := _disputes(story, composer))),
            tuple((entry, _entry(entry, composer)) for entry in entries),
            _queued(number, composer) if asking.is_editor else None,
        )

    async def _changes(self, last: Look | None, asking: Asking, composer: Composer) -> Card:
        say, title = composer.say, composer.say("What changed since you last looked")
        if last is None:
            headline = Line(say("What is new will stand here from now on."), Role.HEADLINE)
            return composer.card(CardKind.DIGEST, [headline, *_held(composer)], title)
        day = asking.now.astimezone(zone(asking.zone or "UTC")).date()
        frame = Frame(day, tuple(composer.store.stories), full=False)
        card = edition(await self._state.record.journal(last.recording), frame, composer)
        when = moment(last.at, asking.zone or "UTC", composer)
        text = say("You last looked on {moment}.", moment=when)
        note = Line(text, Role.NOTE, last.at)
        if card is None:
            return composer.card(CardKind.DIGEST, [Line(say("Nothing has changed."), Role.HEADLINE), note], title)
        return composer.card(CardKind.DIGEST, [*card.blocks, note], title)

    def _composer(self, asking: Asking) -> Composer:
        day = asking.now.astimezone(zone(asking.zone)).date() if asking.zone else asking.now.date()
        return Composer(self._store(), wording(asking.reply_language), day)


def _held(composer: Composer) -> Sequence[Block]:
    stories = composer.store.stories.values()
    titles = composer.say.series(composer.local(story.title) for story in stories)
    return [Line(composer.say("Facts are held on: {stories}.", stories=titles))] if titles else []


def _subscription(one: Subscription, composer: Composer) -> Card:
    say = composer.say
    when = moment(one.next.due, one.wish.schedule.zone, composer)
    state = {
        Standing.ACTIVE: say("Next: {moment}.", moment=when),
        Standing.PAUSED: say("Paused."),
        Standing.SUSPENDED: say("Stopped, since it could not be delivered."),
        Standing.ENDED: say("Ended."),
    }[one.standing]
    at = one.next.due if one.standing is Standing.ACTIVE else None
    where = say("Here, by direct message") if one.place.direct else say("In a channel")
    name = say("{name}: {description}", name=where, description=described(one.wish, composer))
    return composer.card(CardKind.NOTICE, [Line(name), Line(state, Role.NOTE, at)])


def _disputes(story: str, composer: Composer) -> Card | None:
    found = [dispute for dispute in composer.store.disputes_of(story) if is_open(dispute)]
    if not found:
        return None
    title = composer.local(composer.store.stories[story].title)
    blocks: list[Block] = [Line(title, Role.HEADING)]
    blocks += [Line(composer.local(dispute.headline)) for dispute in found[:MOST_DISPUTES]]
    if len(found) > MOST_DISPUTES:
        left = len(found) - MOST_DISPUTES
        text = composer.say.plural("{number} more comes after these.", "{number} more come after these.", left)
        blocks.append(Line(text, Role.NOTE))
    return composer.card(CardKind.DISPUTES, blocks)


def _entry(entry: Entry, composer: Composer) -> Card:
    blocks = [Line(title_of(entry, composer)), Line(counted(entry, composer), Role.NOTE)]
    return composer.card(CardKind.NOTICE, blocks)


def _queued(number: int, composer: Composer) -> Card:
    say = composer.say
    text = say("Nothing waits for the editors.")
    if number:
        text = say.plural("{number} entry waits for the editors.", "{number} entries wait for the editors.", number)
    return composer.card(CardKind.NOTICE, [Line(text)], say("The editors' queue"))
