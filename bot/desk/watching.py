"""«Tell me when this changes» at the desk: watch the facts of a message or one by its id, list, stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer
from bot.briefing.text import normalise
from bot.briefing.wording import wording
from bot.desk.asking import Asking
from bot.desk.ports import StatePort
from bot.digest.ledger import Sighted
from bot.digest.places import Person
from bot.facts.store import FactStore
from bot.facts.text import fold

WATCH_CALLS = frozenset({"watch", "suivre"})
UNWATCH_CALLS = frozenset({"unwatch", "oublier"})
MOST_WATCHED = 200  # facts, of one person


class WatchDesk:
    """Keeps what people watch; they are told of changes and of what is new on the same topic."""

    def __init__(self, state: StatePort, store: Callable[[], FactStore]) -> None:
        self._state, self._store = state, store

    async def command(self, line: str, asking: Asking) -> Card | None:
        """The card of a line that is a watch command, or None when it is none. Raises StateError."""
        first, _, rest = normalise(line).partition(" ")
        rest, person = rest.strip(), asking.person
        if person is None or (rest and rest not in self._store().facts):
            return None
        if fold(first) in WATCH_CALLS:
            return await self._watch([rest], asking, person) if rest else await self._list(asking, person)
        if fold(first) in UNWATCH_CALLS:
            return await self._unwatch(rest, asking, person)
        return None

    async def watch(self, keys: Sequence[str], asking: Asking) -> Card:
        """Watch the facts of a message, by the token of its showing or its id."""
        if asking.person is None:
            raise ValueError("only a person can watch something")
        kept = await self._state.flags.kept(keys)
        mine = kept is not None and kept.reader in {asking.person.own_place, asking.place}
        facts = [one.fact for one in kept.facts if one.fact in self._store().facts] if kept and mine else []
        if not facts:
            say = wording(asking.reply_language)
            return self._card(asking, Line(say("This answer is no longer at hand. Ask again, please."), Role.HEADLINE))
        return await self._watch(facts, asking, asking.person)

    async def _watch(self, facts: Sequence[str], asking: Asking, person: Person) -> Card:
        say, store = wording(asking.reply_language), self._store()
        held = await self._state.watches.of(person)
        if len({*held, *facts}) > MOST_WATCHED:
            text = say("You watch {number} facts already; take some off first: unwatch", number=len(held))
            return self._card(asking, Line(text, Role.HEADLINE))
        known = [Sighted(fact, store.facts[fact].revision) for fact in facts]
        address = asking.place.address if asking.place is not None and asking.place.direct else asking.direct_address
        await self._state.watches.add(person, known, asking.now, address)
        headline = say("You will be told when this changes, or when there is something new on it.")
        how = say("By direct message.") if address else say("Privately, the next time that you ask something.")
        return self._card(
            asking, Line(headline, Role.HEADLINE), Line(how), Line(say("To be told no more, say: unwatch"), Role.NOTE)
        )

    async def _list(self, asking: Asking, person: Person) -> Card:
        composer = self._composer(asking)
        say, store = composer.say, self._store()
        held = [store.facts[fact] for fact in await self._state.watches.of(person) if fact in store.facts]
        if not held:
            return self._card(asking, Line(say("You watch nothing."), Role.HEADLINE))
        headline = say.plural("You watch {number} fact.", "You watch {number} facts.", len(held))
        items: list[Block] = [composer.item(fact, label=fact.id) for fact in held]
        return self._card(asking, Line(headline, Role.HEADLINE), *items)

    async def _unwatch(self, fact: str, asking: Asking, person: Person) -> Card:
        say = wording(asking.reply_language)
        number = await self._state.watches.remove(person, [fact] if fact else None)
        text = say.plural("Taken off: {number} fact.", "Taken off: {number} facts.", number)
        return self._card(asking, Line(text if number else say("You watch nothing."), Role.HEADLINE))

    def _composer(self, asking: Asking) -> Composer:
        return Composer(self._store(), wording(asking.reply_language), asking.now.date())

    def _card(self, asking: Asking, *blocks: Block) -> Card:
        composer = self._composer(asking)
        return composer.card(CardKind.NOTICE, blocks, composer.say("What you watch"))
