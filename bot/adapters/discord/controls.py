"""The buttons and menus under a card. Their ids hold all that is needed, so that they outlive a restart.

An id begins with `bb` and a version. `line` does what typing its rest would do; a page's source is
a line too, or `~token` for an answer on record, or `+token` for all that is known of its facts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.adapters.discord.layout import Frame, say_in
from bot.adapters.discord.text import cut
from bot.adapters.discord.whereabouts import GROUPS, Acting
from bot.briefing.card import Card, CardKind
from bot.desk import Reply
from bot.digest.ledger import Delivery, DeliveryKind
from bot.digest.places import Place, Visibility

VERSION = "bb1"
LONGEST_ID = 100
MOST_OPTIONS = 25
LONGEST_OPTION = 100
MOST_LINE = 80  # characters of a command that still fits into an id

Row = ui.ActionRow[Any]


class Press(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"bb1:(?P<verb>[a-z]+):(?P<rest>.{0,90})"):
    """A button of ours, whichever message it stands on."""

    def __init__(self, button: ui.Button[ui.LayoutView], verb: str, rest: str) -> None:
        super().__init__(button)
        self.verb, self.rest = verb, rest

    @classmethod
    async def from_custom_id(cls, _: Acting, item: ui.Item[ui.LayoutView], match: re.Match[str], /) -> Press:
        """Read the id."""
        if not isinstance(item, ui.Button):
            raise TypeError("a button's id on something else")
        return cls(item, match["verb"], match["rest"])

    async def callback(self, interaction: Acting) -> None:
        """Hand over to whoever acts on buttons."""
        await actor(interaction).pressed(interaction, self.verb, self.rest)


class Pick(ui.DynamicItem[ui.Select[ui.LayoutView]], template=r"bb1s:ask"):
    """The menu of suggested questions."""

    @classmethod
    async def from_custom_id(cls, _: Acting, item: ui.Item[ui.LayoutView], match: re.Match[str], /) -> Pick:
        """Read the id."""
        del match
        if not isinstance(item, ui.Select):
            raise TypeError("a menu's id on something else")
        return cls(item)

    async def callback(self, interaction: Acting) -> None:
        """Ask what was picked."""
        await actor(interaction).picked(interaction, self.item.values[0])


class Outdated(ui.DynamicItem[ui.Item[ui.LayoutView]], template=r"bb(?!1:[a-z]+:.{0,90}$|1s:ask$).*"):
    """A button or menu of another version of this program."""

    @classmethod
    async def from_custom_id(cls, _: Acting, item: ui.Item[ui.LayoutView], match: re.Match[str], /) -> Outdated:
        """Nothing can be read from it."""
        del match
        return cls(item)

    async def callback(self, interaction: Acting) -> None:
        """Say so kindly."""
        await actor(interaction).outdated(interaction)


class Actor:
    """What acts on buttons; the bot holds one."""

    async def pressed(self, interaction: Acting, verb: str, rest: str) -> None:
        """A button was pressed."""
        raise NotImplementedError

    async def picked(self, interaction: Acting, question: str) -> None:
        """A question was picked."""
        raise NotImplementedError

    async def outdated(self, interaction: Acting) -> None:
        """A control of another version was used."""
        raise NotImplementedError


def actor(interaction: Acting) -> Actor:
    """Who acts for the client of an interaction."""
    found = getattr(interaction.client, "actor", None)
    if not isinstance(found, Actor):
        raise TypeError("this client has nobody who acts on buttons")
    return found


def button(label: str, verb: str, rest: str = "", style: discord.ButtonStyle = discord.ButtonStyle.secondary) -> Press:
    """A button; `rest` must fit into its id."""
    made = ui.Button[ui.LayoutView](label=cut(label, 80), style=style, custom_id=f"{VERSION}:{verb}:{rest}")
    return Press(made, verb, rest)


def reply_frame(reply: Reply, page: tuple[int, int, str], place: Place | None, frame: Frame) -> Frame:
    """The frame with the controls that a reply's page needs; `page` is its number, how many there are, its source."""
    card, say = reply.card, say_in(reply.card)
    first: list[Press] = []
    token = reply.showing.token if reply.showing else ""
    # What is shown to all must be open to correction, so nothing is shared where the bot is no member.
    private = reply.visibility is Visibility.PRIVATE and place is not None and not place.direct
    private = private and place is not None and place.workspace != GROUPS
    if token and private:
        first.append(button(say("Share in channel"), "share", token, discord.ButtonStyle.primary))
    if token and card.kind is CardKind.ANSWER:
        first.append(button(say("Who says so"), "more", token))
    if reply.answer is not None and reply.answer.story and token:
        first.append(button(say("Timeline"), "line", f"timeline {reply.answer.story}"))
    second = [*page_buttons(card, page)]
    if token:
        second.append(button(say("Tell me when this changes"), "watch", token))
    if reply.answer is not None or token:
        second.append(button(say("Flag"), "flag", token))
    rows = [_row(first), _row(second), suggestion_row(card)]
    return Frame(frame.question, frame.asker, frame.ref, [row for row in rows if row is not None])


def page_buttons(card: Card, page: tuple[int, int, str]) -> list[Press]:
    """To the page before and the page after."""
    number, total, source = page
    say = say_in(card)
    found = []
    if source and number > 1:
        found.append(button(say("Previous page"), "page", f"{number - 1}:{source}"))
    if source and number < total:
        found.append(button(say("Next page"), "page", f"{number + 1}:{source}"))
    return found


def suggestion_row(card: Card) -> Row | None:
    """A menu of the suggested questions, each of which can be read whole on a phone."""
    questions = dict.fromkeys(q for q in card.suggestions if 0 < len(q) <= LONGEST_OPTION)
    if not questions:
        return None
    options = [discord.SelectOption(label=question, value=question) for question in list(questions)[:MOST_OPTIONS]]
    menu = ui.Select[ui.LayoutView](
        custom_id=f"{VERSION}s:ask", options=options, placeholder=cut(card.suggestions_title, 150) or None
    )
    return Row(Pick(menu))


def digest_rows(card: Card, subscription: int) -> list[Row]:
    """Under each digest: pause, change, unsubscribe."""
    say = say_in(card)
    return [
        Row(
            button(say("Pause"), "line", f"digest pause #{subscription}"),
            button(say("Change"), "change", str(subscription)),
            button(say("Unsubscribe"), "line", f"digest unsubscribe #{subscription}"),
        )
    ]


def notice_rows(card: Card, delivery: Delivery) -> list[Row]:
    """Under each correction: seen; under news of what is watched: no more of it."""
    say = say_in(card)
    if delivery.kind is DeliveryKind.CORRECTION:
        return [Row(button(say("Seen"), "seen", str(delivery.id), discord.ButtonStyle.primary))]
    if delivery.kind is DeliveryKind.WATCH:
        return [Row(button(say("Stop watching"), "line", "unwatch"))]
    return []


def after_row(card: Card, line: str) -> Row | None:
    """What takes back, or goes on after, a command that was given by button."""
    say = say_in(card)
    if match := re.fullmatch(r"digest unsubscribe (#\d+)", line):
        return Row(button(say("Undo"), "line", f"digest undo {match[1]}"))
    if match := re.fullmatch(r"digest pause (#\d+)", line):
        return Row(button(say("Resume"), "line", f"digest resume {match[1]}"))
    if line == "watch":
        return Row(button(say("Stop watching"), "line", "unwatch"))
    return None


def source_of(line: str, token: str, pages: int) -> str:
    """By what the pages of a card are found again: its command line, or its showing."""
    if pages < 2:
        return ""
    return token or (line if len(line) <= MOST_LINE else "")


def _row(buttons: Sequence[Press]) -> Row | None:
    return Row(*buttons) if buttons else None
