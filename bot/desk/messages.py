"""What can be done with an answer that was shown: share it, see more of it, flag it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.cards import fact_card
from bot.briefing.compose import Composer
from bot.briefing.wording import wording
from bot.desk.asking import Asking, Reply
from bot.desk.ports import StatePort
from bot.digest.places import Visibility
from bot.digest.sightings import Flag, FlagReason, Kept
from bot.facts.model import State
from bot.facts.store import FactStore

LONGEST_NOTE = 1_000


class MessageDesk:
    """Finds a message again by the token of its showing, or by its id where all can see it."""

    def __init__(self, state: StatePort, store: Callable[[], FactStore]) -> None:
        self._state, self._store = state, store

    async def share(self, keys: Sequence[str], asking: Asking) -> Reply:
        """What a person was shown privately, for everyone in that place; or why not.

        Only the person it was shown to may share it, only where it was shown, and only while every
        fact on it stands as it was shown. The reply is for all only then.
        """
        kept = await self._state.flags.kept(keys)
        say = wording(asking.reply_language)
        if kept is None or kept.card is None or asking.person is None or kept.reader != asking.person.own_place:
            return Reply(self._notice(asking, say("This answer is no longer at hand. Ask again, please.")))
        if kept.place != asking.place:
            return Reply(self._notice(asking, say("This answer can be shared only where it was given.")))
        if not self._stands(kept):
            return Reply(self._notice(asking, say("Something in this answer has changed since. Ask again, please.")))
        return Reply(kept.card, visibility=Visibility.ALL)

    async def more(self, keys: Sequence[str], asking: Asking) -> Card:
        """Every fact of a message whole: everyone who says so, its provenance and history."""
        kept = await self._state.flags.kept(keys)
        composer = self._composer(asking)
        say, store = composer.say, self._store()
        facts = [store.facts[one.fact] for one in kept.facts if one.fact in store.facts] if kept else []
        if not facts:
            return self._notice(asking, say("This answer is no longer at hand. Ask again, please."))
        blocks: list[Block] = []
        for fact in facts:
            whole = fact_card(fact, composer)
            blocks += [Line(whole.title, Role.HEADING), *whole.blocks]
        return composer.card(CardKind.FACT, blocks, say("Who says so, and how it reached us"))

    async def again(self, keys: Sequence[str], asking: Asking) -> Card:
        """What a message showed, as long as nothing on it has changed."""
        kept = await self._state.flags.kept(keys)
        say = wording(asking.reply_language)
        mine = asking.person is not None and kept is not None and kept.reader in {asking.person.own_place, asking.place}
        if kept is None or kept.card is None or not mine:
            return self._notice(asking, say("This answer is no longer at hand. Ask again, please."))
        if not self._stands(kept):
            return self._notice(asking, say("Something in this answer has changed since. Ask again, please."))
        return kept.card

    async def flag(self, keys: Sequence[str], reason: FlagReason, note: str, question: str, asking: Asking) -> Card:
        """Keep a flag for the editors; `note` and `question` are kept as typed and shown to editors only."""
        say = wording(asking.reply_language)
        if asking.place is None:
            raise ValueError("a flag needs a place")
        kept = await self._state.flags.kept(keys)
        facts = tuple(one.fact for one in kept.facts) if kept else ()
        flag = Flag(asking.place, asking.person, reason, note[:LONGEST_NOTE], facts, question, asking.now)
        await self._state.flags.add(flag)
        return self._notice(asking, say("Thank you. The editors will see it."))

    def _stands(self, kept: Kept) -> bool:
        facts = self._store().facts
        return all(
            one.fact in facts and facts[one.fact].revision == one.revision and facts[one.fact].state is State.CURRENT
            for one in kept.facts
        )

    def _composer(self, asking: Asking) -> Composer:
        return Composer(self._store(), wording(asking.reply_language), asking.now.date())

    def _notice(self, asking: Asking, text: str) -> Card:
        return self._composer(asking).card(CardKind.NOTICE, [Line(text, Role.HEADLINE)])
