"""The edge where every failure ends: kind words for the person, the cause in the log, one id on both."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass, field

import discord
from discord import app_commands

from bot.adapters.discord.layout import view_of
from bot.adapters.discord.whereabouts import PLATFORM, Acting
from bot.briefing.card import Card, CardKind, Line, Role
from bot.briefing.wording import wording
from bot.errors import StateError
from bot.facts.model import Language
from bot.observing import Observer, begin_errand, errand, reference

log = logging.getLogger(__name__)

UNKNOWN_INTERACTION = 10_062  # we were too late
ALREADY_ANSWERED = 40_060
MOST_REMEMBERED = 10_000


@dataclass
class Once:
    """Interactions that were seen: the gateway may send one again after it resumed."""

    _seen: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def first(self, number: int) -> bool:
        """Whether this one comes for the first time."""
        if number in self._seen:
            return False
        self._seen[number] = None
        if len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return True


@dataclass
class Edge:
    """Runs what an interaction asks for. `missed` counts those that we answered too late or twice."""

    once: Once = field(default_factory=Once)
    observer: Observer = field(default_factory=Observer)
    missed: int = 0
    failed: int = 0

    async def run(self, interaction: Acting, work: Awaitable[None]) -> None:
        """Do the work; whatever it raises is told here."""
        with errand():
            try:
                await work
            except Exception as error:  # noqa: BLE001 (one of the three edges that catch everything)
                await self.tell(interaction, error)

    def count(self) -> str:
        """One more failure; the reference that the person and the log get."""
        self.failed += 1
        self.observer.failed(PLATFORM)
        return reference() or begin_errand()

    async def tell(self, interaction: Acting, error: BaseException) -> None:
        """One line for the person, with the id under which the log has the cause."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, discord.HTTPException) and error.code in {UNKNOWN_INTERACTION, ALREADY_ANSWERED}:
            self.missed += 1
            log.warning("interaction %s could not be answered any more (%s)", interaction.id, error.code)
            return
        ref = self.count()
        log.error("failure %s in interaction %s", ref, interaction.id, exc_info=error)
        view = view_of(failure_card(error, ref, language_of(interaction)))
        try:
            if interaction.response.is_done():
                await interaction.followup.send(view=view, ephemeral=True)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)
        except discord.HTTPException as second:
            self.missed += 1
            log.warning("failure %s could not be told (%s)", ref, second.code)


def failure_card(error: BaseException, ref: str, language: Language) -> Card:
    """What a person reads of a failure; never the error's own text, which may hold anything."""
    say = wording(language)
    text = say("Something went wrong on our side; nothing was changed. Try again in a minute.")
    if isinstance(error, StateError):
        text = say("The database cannot be used just now; nothing was changed. Try again in a minute.")
    blocks = (
        Line(text, Role.HEADLINE),
        Line(say("If it happens again, tell whoever runs this bot: {ref}.", ref=ref), Role.NOTE),
    )
    return Card(CardKind.FAILURE, language, blocks)


def language_of(interaction: Acting) -> Language:
    """The language in which the person uses Discord, if it is one of ours."""
    return "fr" if interaction.locale is discord.Locale.french else "en"
