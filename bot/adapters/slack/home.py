"""The Home tab: what changed, subscriptions, open disputes, a field to ask in; for editors what waits for them.

A view takes a hundred blocks. By the desk's own limits these are fewer: what changed 32, six subscriptions 26,
four stories' disputes 18, five entries 18, and the field.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.blocks import (
    ButtonElement,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    PlainTextInputElement,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
)
from slack_sdk.models.views import View

from bot.adapters.slack.controls import VERSION, button, row
from bot.adapters.slack.front import Front
from bot.adapters.slack.layout import ROOM, body, pages
from bot.adapters.slack.people import refusal
from bot.adapters.slack.whereabouts import Scene
from bot.briefing.card import Card
from bot.briefing.wording import Wording, wording
from bot.desk.home import Home
from bot.digest.subscriptions import Standing, Subscription

log = logging.getLogger(__name__)

MOST_CHANGES = 30
LONGEST_ASKED = 1_000
AT = "at"  # the verb of a button that says a line in another place


class HomeTab:
    """Draws the tab, each time that it is opened and after each change made in it."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def publish(self, scene: Scene) -> None:
        """Show a person their tab. Raises StateError and SlackApiError."""
        front = self._front
        if front.desk.home is None:
            return
        asking = await front.asking(scene, private=True)
        home = await front.desk.home.look(asking)
        await front.people.workspaces.of(scene.team).views_publish(
            user_id=scene.user, view=home_view(home, wording(asking.reply_language))
        )

    async def refresh(self, scene: Scene) -> None:
        """Show it again after a change; the change itself was told already."""
        try:
            async with asyncio.timeout(10):
                await self.publish(scene)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            word = refusal(error) if isinstance(error, SlackApiError) else type(error).__name__
            log.warning("a Home tab could not be shown again (%s)", word)


def home_view(home: Home, say: Wording) -> dict[str, Any]:
    """The view of a home."""
    blocks: list[SlackBlock] = [_search(say), *_changes(home.changes, say), DividerBlock()]
    blocks += [_header(say("Your subscriptions"))]
    for one, card in home.subscriptions:
        blocks += [*body(card), *_where(one), *row(_subscription_buttons(one, say))]
    blocks += [*row([button(say("Subscribe to the digest"), "digest", "-", style="primary")])]
    if home.disputes:
        blocks += [DividerBlock(), _header(say("Where sources differ"))]
        for number, (story, card) in enumerate(home.disputes[:4]):
            blocks += [*body(card), *row([button(say("Side by side"), "line", f"disputes {story}", 100 + number)])]
    if home.queued is not None:
        blocks += [DividerBlock(), *body(home.queued)]
        for number, (entry, card) in enumerate(home.queue):
            held = [
                button(say("Answer by a fact"), "answer", str(entry.name), number, "primary"),
                button(say("Look"), "line", f"queue {entry.name}", 200 + number),
                button(say("Set aside"), "line", f"queue close {entry.name}", 300 + number),
            ]
            blocks += [*body(card), *row(held)]
    made: dict[str, Any] = View(type="home", blocks=blocks).to_dict()
    return made


def news_buttons(number: int, total: int, say: Wording) -> list[ButtonElement]:
    """To the page of what changed before and after one."""
    found = [button(say("Previous page"), "news", str(number - 1), 1)] if number > 1 else []
    return found + ([button(say("Next page"), "news", str(number + 1), 2)] if number < total else [])


def _changes(card: Card, say: Wording) -> list[SlackBlock]:
    """The first page of what changed, in the room that the rest of the tab leaves."""
    made = pages(card)
    first = body(made[0])
    if len(first) > MOST_CHANGES:
        first = body(pages(card, ROOM // 2)[0])  # half the room, half the blocks
    return [*first, *row(news_buttons(1, len(made), say))]


def in_place(one: Subscription, line: str) -> str:
    """The value of a button that says a line where a subscription is."""
    place = one.place
    return "|".join(("" if place.direct else place.channel, place.thread, line))


def _where(one: Subscription) -> list[SlackBlock]:
    """The channel of a subscription, by its name as the reader sees it."""
    if one.place.direct:
        return []
    channel = RichTextElementParts.Channel(channel_id=one.place.channel)
    return [RichTextBlock(elements=[RichTextSectionElement(elements=[channel])])]


def _subscription_buttons(one: Subscription, say: Wording) -> list[ButtonElement]:
    number, made = one.id, []
    if one.standing is Standing.ACTIVE:
        made.append(button(say("Pause"), AT, in_place(one, f"digest pause #{number}"), number % 1000))
    else:
        made.append(button(say("Resume"), AT, in_place(one, f"digest resume #{number}"), number % 1000))
    made.append(button(say("Change"), "change", in_place(one, str(number)), number % 1000))
    made.append(button(say("Unsubscribe"), AT, in_place(one, f"digest unsubscribe #{number}"), 1000 + number % 1000))
    return made


def _search(say: Wording) -> InputBlock:
    field = PlainTextInputElement(
        action_id=f"{VERSION}:search:0",
        max_length=LONGEST_ASKED,
        placeholder=PlainTextObject(text=say("Ask in your own words, in English or French"), emoji=False),
        dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"]},
    )
    label = PlainTextObject(text=say("What do you want to know?"), emoji=False)
    return InputBlock(label=label, element=field, dispatch_action=True)


def _header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=text, emoji=False))
