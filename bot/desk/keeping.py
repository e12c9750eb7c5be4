"""What the desk remembers of a reply: who was shown what, what could not be answered, what waited for whom."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal

from bot.briefing.answer import Outcome
from bot.briefing.card import Card, Line, Role
from bot.briefing.cards import notice
from bot.briefing.compose import Composer
from bot.briefing.text import words
from bot.briefing.wording import wording
from bot.desk.asking import Asking, Reply
from bot.desk.ports import StatePort
from bot.digest.composing import Compositor, sighted_on
from bot.digest.ledger import Contact
from bot.digest.places import Visibility
from bot.digest.sightings import Asked, Showing
from bot.errors import StateError
from bot.facts.model import Language
from bot.facts.store import FactStore

log = logging.getLogger(__name__)

Questions = Literal["none", "unanswered", "all"]
LONGEST_KEY = 300


class Keeping:
    """The desk's side of the state. `questions` says which questions are kept for the editors."""

    def __init__(self, state: StatePort, questions: Questions = "unanswered") -> None:
        self.state = state
        self._questions = questions
        self._compositor: Compositor | None = None
        self._recording = 0

    def use(self, store: FactStore, recording: int) -> None:
        """Work with these facts from now on; `recording` is how new they are."""
        self._compositor, self._recording = Compositor(store, {}, frozenset()), recording

    async def kept(self, line: str, asking: Asking, reply: Callable[[str, Asking], Awaitable[Reply]]) -> Reply:
        """The reply to a line, recorded; a database that fails costs the record, never the answer."""
        notices = await self._waiting(asking)
        try:
            made = await reply(line, asking)
        except StateError as error:
            if self._compositor is None:
                raise
            composer = Composer(self._compositor.store, wording(asking.reply_language), asking.now.date())
            log.warning("%s", error)
            text = composer.say("The database cannot be used just now; nothing was changed. Try again in a minute.")
            return Reply(notice(composer, text))
        made = replace(made, visibility=asking.visibility, notices=notices)
        if await self._keep_question(line, made, asking) and made.answer and made.answer.outcome is Outcome.NO_ANSWER:
            made = replace(made, card=_told_of_keeping(made.card, asking))
        return await self.shown(made, asking)

    async def delivered(self, reply: Reply, now: datetime, message: str) -> None:
        """What waited for the person was shown; a message that all can see may have to be edited one day.

        While the database fails, what waited is shown once more, and the message is not edited.
        """
        try:
            for contact in reply.notices:
                await self.state.acknowledge(contact, now)
            if message and reply.showing is not None and reply.visibility is Visibility.ALL:
                await self.state.posted(reply.showing, message, reply.card)
        except StateError as error:
            log.warning("that a reply was shown could not be recorded: %s", error)

    async def _waiting(self, asking: Asking) -> tuple[Contact, ...]:
        if asking.person is None or self._compositor is None:
            return ()
        try:
            compose = self._compositor.at(asking.now)
            return tuple(await self.state.contacts(asking.person, asking.now, compose, self._recording))
        except StateError:
            log.warning("what waits for this person cannot be read now; it keeps waiting")
            return ()

    async def shown(self, reply: Reply, asking: Asking) -> Reply:
        """The reply with the record of what it shows."""
        if asking.place is None or self._compositor is None:
            return reply
        facts = sighted_on(reply.card, self._compositor.store)
        if not facts:
            return reply
        language: Language = "fr" if reply.card.language == "fr" else "en"
        showing = Showing(asking.place, asking.person, asking.visibility, facts, asking.now, language, reply.card)
        await self.state.shown(showing)
        return replace(reply, showing=showing)

    async def _keep_question(self, line: str, reply: Reply, asking: Asking) -> bool:
        answer = reply.answer
        if answer is None or asking.place is None or self._questions == "none":
            return False
        if self._questions == "unanswered" and answer.outcome is not Outcome.NO_ANSWER:
            return False
        key = " ".join(words(line))[:LONGEST_KEY]
        if not key:
            return False
        private = asking.visibility is Visibility.PRIVATE
        story = answer.story or asking.story or ""
        await self.state.asked(
            Asked(
                asking.place,
                asking.person,
                private,
                line,
                key,
                answer.language,
                story,
                answer.outcome.value,
                asking.now,
            )
        )
        return True


def _told_of_keeping(card: Card, asking: Asking) -> Card:
    """The card with what becomes of the question."""
    say = wording("fr" if card.language == "fr" else "en")
    text = say("The editors will see this question and can answer it here.")
    if asking.visibility is Visibility.PRIVATE:
        text = say("The editors will see this question and can answer you privately.")
    return replace(card, blocks=(*card.blocks, Line(text, Role.NOTE)))
