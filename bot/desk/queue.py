"""The editors' queue at the desk: what waits, one entry whole, answer it by a fact, set it aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer
from bot.briefing.text import cut, normalise, quoted
from bot.briefing.wording import Wording, wording
from bot.desk.asking import Asking
from bot.desk.ports import StatePort
from bot.digest.places import Visibility
from bot.digest.queue import Entry, EntryName, entry_name
from bot.digest.sightings import FlagReason
from bot.facts.model import State
from bot.facts.store import FactStore
from bot.facts.text import fold

QUEUE_CALLS = frozenset({"queue", "file"})
ANSWERING = frozenset({"answer", "repondre"})
CLOSING = frozenset({"close", "classer"})
MOST_ENTRIES = 20
LONGEST_IN_LIST = 200
MOST_NOTES = 20


class QueueDesk:
    """For editors alone, and only where nobody else reads; who is one, the adapter says with each asking."""

    def __init__(self, state: StatePort, store: Callable[[], FactStore]) -> None:
        self._state, self._store = state, store

    async def command(self, line: str, asking: Asking) -> Card | None:
        """The card of a line that is a queue command, or None when it is none. Raises StateError."""
        first, _, rest = normalise(line).partition(" ")
        if fold(first) not in QUEUE_CALLS:
            return None
        verb, _, options = rest.strip().partition(" ")
        named, _, fact = options.strip().partition(" ")
        name, alone = entry_name(named), entry_name(rest)
        if not rest.strip():
            return await self.waiting(asking)
        if alone is not None:
            return await self.entry(alone, asking)
        if name is not None and fold(verb) in CLOSING and not fact:
            return await self.set_aside(name, asking)
        if name is not None and fold(verb) in ANSWERING and fact and " " not in fact.strip():
            return await self.answer(name, fact.strip(), asking)
        return None

    async def entries(self, asking: Asking, most: int) -> list[Entry]:
        """What waits, for completion and menus; nothing for who is no editor."""
        if self._refused(asking):
            return []
        return (await self._state.queue.waiting(most))[0]

    async def waiting(self, asking: Asking) -> Card:
        """What most people wait for, first."""
        if refused := self._refused(asking):
            return refused
        composer = self._composer(asking)
        say = composer.say
        found, number = await self._state.queue.waiting(MOST_ENTRIES)
        if not found:
            return self._card(composer, Line(say("Nothing waits for the editors."), Role.HEADLINE))
        headline = say.plural("{number} entry waits for the editors.", "{number} entries wait for the editors.", number)
        blocks: list[Block] = [Line(headline, Role.HEADLINE)]
        for entry in found:
            blocks += [Line(title_of(entry, composer)), Line(counted(entry, composer), Role.NOTE)]
        if number > len(found):
            left = number - len(found)
            more = say.plural("{number} more comes after these.", "{number} more come after these.", left)
            blocks.append(Line(more, Role.NOTE))
        blocks.append(Line(say("One entry: queue NUMBER. Answer it: queue answer NUMBER FACT."), Role.NOTE))
        return self._card(composer, *blocks)

    async def entry(self, name: EntryName, asking: Asking) -> Card:
        """One entry whole: every word of it, how often it was brought, the facts that it is about."""
        if refused := self._refused(asking):
            return refused
        composer = self._composer(asking)
        say, store = composer.say, self._store()
        entry = await self._state.queue.get(name)
        if entry is None:
            return self._gone(composer)
        blocks: list[Block] = [Line(title_of(entry, composer, whole=True), Role.HEADLINE)]
        blocks.append(Line(counted(entry, composer), Role.NOTE))
        if entry.private:
            blocks.append(Line(say("The answer goes privately to those who asked privately."), Role.NOTE))
        if entry.notes:
            blocks.append(Line(say("What readers write"), Role.HEADING))
            blocks += [Line(f"“{quoted(note)}”") for note in entry.notes[:MOST_NOTES]]
        if len(entry.notes) > MOST_NOTES:
            left = len(entry.notes) - MOST_NOTES
            blocks.append(Line(say.plural("{number} more comes after these.", "{number} more come after these.", left)))
        held = [store.facts[fact] for fact in entry.facts if fact in store.facts]
        if held:
            blocks.append(Line(say("The facts on that message"), Role.HEADING))
            blocks += [composer.item(fact, label=fact.id) for fact in held]
        blocks.append(Line(say("Answer it: queue answer {name} FACT. Set it aside: queue close {name}.", name=name)))
        return self._card(composer, *blocks)

    async def answer(self, name: EntryName, fact: str, asking: Asking) -> Card:
        """Send a fact to everybody who waits for this, where they asked."""
        if refused := self._refused(asking):
            return refused
        composer = self._composer(asking)
        say, held = composer.say, self._store().facts.get(fact)
        if asking.person is None:
            raise ValueError("an answer needs an editor")
        if held is None or held.state is not State.CURRENT:
            return self._card(
                composer,
                Line(say("No fact that stands has this id. Nothing was sent."), Role.HEADLINE),
                Line(say("Add it to the facts first; then answer by its id."), Role.NOTE),
            )
        told = await self._state.queue.answer(name, held.id, asking.person, asking.now)
        if told is None:
            return self._gone(composer)
        headline = say.plural(
            "Answered; it goes to {number} place where this was asked.",
            "Answered; it goes to {number} places where this was asked.",
            told,
        )
        return self._card(composer, Line(headline, Role.HEADLINE), composer.item(held))

    async def set_aside(self, name: EntryName, asking: Asking) -> Card:
        """Close an entry without an answer."""
        if refused := self._refused(asking):
            return refused
        composer = self._composer(asking)
        if asking.person is None:
            raise ValueError("closing an entry needs an editor")
        if not await self._state.queue.set_aside(name, asking.person, asking.now):
            return self._gone(composer)
        return self._card(composer, Line(composer.say("Set aside; nobody is told."), Role.HEADLINE))

    def _refused(self, asking: Asking) -> Card | None:
        composer = self._composer(asking)
        if not asking.is_editor:
            return self._card(composer, Line(composer.say("This is for the editors."), Role.HEADLINE))
        seen_by_others = asking.visibility is Visibility.ALL and (asking.place is None or not asking.place.direct)
        if seen_by_others:
            # What was asked privately must not be read out in a channel.
            text = composer.say("The queue is shown privately only. Ask for it in a direct message, or by its command.")
            return self._card(composer, Line(text, Role.HEADLINE))
        return None

    def _gone(self, composer: Composer) -> Card:
        say = composer.say
        return self._card(composer, Line(say("There is no such entry; it may have been settled."), Role.HEADLINE))

    def _card(self, composer: Composer, *blocks: Block) -> Card:
        return composer.card(CardKind.NOTICE, blocks, composer.say("The editors' queue"))

    def _composer(self, asking: Asking) -> Composer:
        return Composer(self._store(), wording(asking.reply_language), asking.now.date())


def reason_words(say: Wording) -> Mapping[FlagReason, str]:
    """What a reader may find amiss, in words."""
    return {
        FlagReason.WRONG: say("It is wrong"),
        FlagReason.OLD: say("It is out of date"),
        FlagReason.NO_SOURCE: say("A source is missing"),
        FlagReason.NOT_MY_QUESTION: say("It does not answer my question"),
    }


def title_of(entry: Entry, composer: Composer, *, whole: bool = False) -> str:
    """An entry in a line: its name and what it says."""
    say = composer.say
    words = quoted(entry.text)
    if entry.reason is not None:
        about = words or ", ".join(entry.facts) or quoted(" / ".join(entry.notes))
        reason = reason_words(say)[entry.reason]
        words = say("{name}: {description}", name=reason, description=about) if about else reason
    shown = words if whole else cut(words, LONGEST_IN_LIST)
    return say("{name}: {description}", name=str(entry.name), description=shown or "—")


def counted(entry: Entry, composer: Composer) -> str:
    """How many people brought an entry, and when last."""
    say = composer.say
    return say.plural(
        "{number} person, last on {day}.",
        "{number} people, last on {day}.",
        entry.people,
        day=say.day(entry.last.date()),
    )
