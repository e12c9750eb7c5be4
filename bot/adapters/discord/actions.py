"""What the buttons, menus and forms do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import ui

from bot.adapters.discord.controls import Actor, Row, page_buttons, reply_frame
from bot.adapters.discord.failures import Edge, language_of
from bot.adapters.discord.front import Front, in_time, send
from bot.adapters.discord.layout import QUESTION_ID, Frame, pages, question_in, view_of
from bot.adapters.discord.text import visible
from bot.adapters.discord.whereabouts import Acting
from bot.briefing.card import Card, CardKind, Line, Role
from bot.briefing.wording import wording
from bot.desk import Asking, Reply
from bot.desk.queue import reason_words
from bot.digest.places import Visibility
from bot.digest.sightings import FlagReason
from bot.facts.model import Language

FORM = "bb1m"
LONGEST_NOTE = 1_000
Verb = Callable[[Acting, str], Awaitable[None]]


class Actions(Actor):
    """Acts on everything that can be pressed, within the edge that catches failures."""

    def __init__(self, front: Front, edge: Edge) -> None:
        self._front, self._edge = front, edge
        self._verbs: dict[str, Verb] = {
            "share": self._share,
            "more": self._more,
            "page": self._page,
            "line": self._line,
            "flag": self._flag,
            "watch": self._watch,
            "seen": self._seen,
            "change": self._change,
        }

    async def pressed(self, interaction: Acting, verb: str, rest: str) -> None:
        """A button was pressed."""
        if self._edge.once.first(interaction.id):
            act = self._verbs.get(verb)
            await self._edge.run(interaction, act(interaction, rest) if act else self._outdated(interaction))

    async def picked(self, interaction: Acting, question: str) -> None:
        """A suggested question was picked."""
        if self._edge.once.first(interaction.id):
            await self._edge.run(interaction, self._front.line(interaction, question, question=question))

    async def outdated(self, interaction: Acting) -> None:
        """A control of another version was used."""
        if self._edge.once.first(interaction.id):
            await self._edge.run(interaction, self._outdated(interaction))

    async def submitted(self, interaction: Acting) -> None:
        """A form was sent in; read here and not by the library, so that it outlives a restart too."""
        data: Any = interaction.data or {}
        kind, _, rest = str(data.get("custom_id", "")).removeprefix(f"{FORM}:").partition(":")
        values = _values(data.get("components", []))
        if not self._edge.once.first(interaction.id):
            return
        if kind == "flag":
            await self._edge.run(interaction, self._flagged(interaction, rest, values))
        elif kind == "change":
            line = f"digest change #{rest} {visible(values.get('wish', ''))}"
            await self._edge.run(interaction, self._front.line(interaction, line, private=True))
        else:
            await self._edge.run(interaction, self._outdated(interaction))

    async def _share(self, interaction: Acting, token: str) -> None:
        front = self._front
        asking = await front.asking(interaction, private=True)
        reply = await in_time(interaction, front.desk.shared([token], asking), Visibility.ALL)
        asker = interaction.user.display_name if reply.visibility is Visibility.ALL else ""
        frame = Frame(question=_question(interaction) if asker else "", asker=asker)
        await front.show(interaction, reply, asking, "", frame)

    async def _more(self, interaction: Acting, token: str) -> None:
        await self._show_page(interaction, 1, f"+{token.removeprefix('~')}")

    async def _page(self, interaction: Acting, rest: str) -> None:
        number, _, source = rest.partition(":")
        await self._show_page(interaction, int(number) if number.isdecimal() else 1, source)

    async def _show_page(self, interaction: Acting, number: int, source: str) -> None:
        """One page of a card: in place of the one before where only this person sees it, else to them alone."""
        front, message = self._front, interaction.message
        asking = await front.asking(interaction, private=True)
        card = await self._source(source, str(message.id) if message else "", asking)
        made = pages(card)
        number = min(max(number, 1), len(made))
        page = (number, len(made), source)
        buttons = page_buttons(card, page)
        rows = [Row(*buttons)] if buttons else []
        if source.startswith("~") and message is not None and message.flags.ephemeral:
            rows = list(reply_frame(Reply(made[number - 1]), page, asking.place, Frame()).rows)
        view = view_of(made[number - 1], Frame(rows=rows))
        turned = message is not None and message.flags.ephemeral and not (source.startswith("+") and number == 1)
        if turned:
            await interaction.response.edit_message(view=view)
        else:
            await send(interaction, view, private=True)

    async def _source(self, source: str, message: str, asking: Asking) -> Card:
        desk = self._front.desk
        if source[:1] not in {"~", "+"}:
            return (await desk.handle(source, asking)).card
        keys = [f"~{source[1:]}", message]
        if desk.messages is None:
            return notice(wording(asking.reply_language)("This answer is no longer at hand. Ask again, please."))
        if source.startswith("+"):
            return await desk.messages.more(keys, asking)
        return await desk.messages.again(keys, asking)

    async def _line(self, interaction: Acting, line: str) -> None:
        await self._front.line(interaction, line, private=True)

    async def _seen(self, interaction: Acting, delivery: str) -> None:
        await self._front.line(interaction, f"seen {delivery}", private=True)

    async def _flag(self, interaction: Acting, token: str) -> None:
        await interaction.response.send_modal(flag_form(language_of(interaction), token))

    async def _watch(self, interaction: Acting, token: str) -> None:
        message = interaction.message
        await self._front.watch(interaction, [token, str(message.id) if message else ""])

    async def _change(self, interaction: Acting, subscription: str) -> None:
        await interaction.response.send_modal(change_form(language_of(interaction), subscription))

    async def _flagged(self, interaction: Acting, token: str, values: dict[str, str]) -> None:
        message = interaction.message
        reason = FlagReason(values["reason"]) if values.get("reason") in set(FlagReason) else FlagReason.WRONG
        keys = [token, str(message.id) if message else ""]
        await self._front.flag(interaction, reason, values.get("note", ""), keys, _question(interaction))

    async def _outdated(self, interaction: Acting) -> None:
        say = wording(language_of(interaction))
        card = notice(say("This button is from another version of briefbot. Ask again, please."))
        await send(interaction, view_of(card), private=True)


def flag_form(language: Language, token: str) -> ui.Modal:
    """What is amiss, and a note."""
    say = wording(language)
    form = ui.Modal(title=say("Tell the editors"), custom_id=f"{FORM}:flag:{token}")
    words = reason_words(say).items()
    options = [discord.RadioGroupOption(label=name, value=reason.value) for reason, name in words]
    form.add_item(ui.Label(text=say("What is amiss?"), component=ui.RadioGroup(custom_id="reason", options=options)))
    note = ui.TextInput[ui.Modal](
        style=discord.TextStyle.paragraph, required=False, max_length=LONGEST_NOTE, custom_id="note"
    )
    form.add_item(ui.Label(text=say("What would be right, and who says so?"), component=note))
    form.stop()  # `submitted` reads it; the library need not remember it
    return form


def change_form(language: Language, subscription: str) -> ui.Modal:
    """A subscription's wish in words."""
    say = wording(language)
    form = ui.Modal(title=say("Change the digest"), custom_id=f"{FORM}:change:{subscription}")
    wish = ui.TextInput[ui.Modal](
        placeholder=say("weekdays at 07:30 Europe/Paris short"), max_length=300, custom_id="wish"
    )
    form.add_item(ui.Label(text=say("What shall be different?"), component=wish))
    form.stop()
    return form


def notice(text: str) -> Card:
    """One line of fixed wording."""
    return Card(CardKind.NOTICE, "en", (Line(text, Role.HEADLINE),))


def _question(interaction: Acting) -> str:
    """The question that the message of a button holds."""
    message = interaction.message
    for component in message.components if message else ():
        if isinstance(component, discord.TextDisplay) and component.id == QUESTION_ID:
            return question_in(component.content)
    return ""


def _values(components: list[dict[str, Any]]) -> dict[str, str]:
    found = {}
    for outer in components:
        for inner in (outer.get("component"), *outer.get("components", ())):
            if isinstance(inner, dict) and "custom_id" in inner:
                value = inner.get("value") or (inner.get("values") or [""])[0]
                found[str(inner["custom_id"])] = str(value)
    return found
