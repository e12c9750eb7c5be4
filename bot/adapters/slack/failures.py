"""The edge where every failure ends: kind words for the person, the cause in the log, one id on both."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.layout import message_of
from bot.adapters.slack.people import People, refusal
from bot.adapters.slack.voice import ResponseUrlError, ShutOutError, Voice
from bot.adapters.slack.whereabouts import PLATFORM
from bot.briefing.card import Card, CardKind, Line, Role
from bot.briefing.wording import wording
from bot.errors import StateError
from bot.facts.model import Language
from bot.observing import Observer, begin_errand, errand, reference

log = logging.getLogger(__name__)

UNTELLABLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, ResponseUrlError, ShutOutError)


@dataclass
class Edge:
    """Runs what a request asks for, after it was acknowledged. `failed` counts failures, `untold` those untold."""

    people: People
    observer: Observer = field(default_factory=Observer)
    failed: int = 0
    untold: int = 0

    async def run(self, voice: Voice, work: Awaitable[None]) -> None:
        """Do the work; whatever it raises is told here."""
        with errand():
            try:
                await work
            except Exception as error:  # noqa: BLE001 (one of the three edges that catch everything)
                await self._tell(voice, error)

    async def card(self, voice: Voice, error: Exception) -> Card:
        """What the person reads of a failure; the log has the cause under the same id."""
        self.failed += 1
        self.observer.failed(PLATFORM)
        ref = reference() or begin_errand()
        if isinstance(error, SlackApiError):
            # The error's own text holds the request's answer, and Bolt's trace the request: neither is logged.
            log.error("failure %s: Slack refused with %s", ref, refusal(error))
        else:
            log.error("failure %s", ref, exc_info=error)
        profile = await self.people.profile(voice.scene)
        return failure_card(error, ref, profile.language or "en")

    async def _tell(self, voice: Voice, error: Exception) -> None:
        card = await self.card(voice, error)
        try:
            await voice.show(message_of(card), private=True)
        except UNTELLABLE as second:
            self.untold += 1
            log.warning("a failure could not be told (%s)", type(second).__name__)


def failure_card(error: BaseException, ref: str, language: Language) -> Card:
    """What a person reads of a failure; never the error's own text, which may hold anything."""
    say = wording(language)
    text = say("Something went wrong on our side; nothing was changed. Try again in a minute.")
    if isinstance(error, StateError):
        text = say("The database cannot be used just now; nothing was changed. Try again in a minute.")
    elif isinstance(error, ShutOutError):
        text = say("I cannot post in this channel. Invite me with /invite @briefbot, then try again.")
    blocks = (
        Line(text, Role.HEADLINE),
        Line(say("If it happens again, tell whoever runs this bot: {ref}.", ref=ref), Role.NOTE),
    )
    return Card(CardKind.FAILURE, language, blocks)
