"""The buttons under a card. Their values hold all that is needed, so that they outlive a restart.

An action's id is `bb<version>:<verb>:<number>`, for ids must differ within a message; the value is what the
verb works on. `line` does what typing its value would do. A page's source is a line too, or `~token` for an
answer on record, or `+token` for all that is known of its facts. What Slack does not tell of a message that
only one person saw, its thread and the question, goes with the token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, ContextBlock, PlainTextObject
from slack_sdk.models.blocks import Block as SlackBlock

from bot.adapters.slack.layout import LONGEST_QUESTION, Frame, say_in
from bot.adapters.slack.text import cut, visible
from bot.briefing.card import Card, CardKind
from bot.desk import Reply
from bot.digest.places import Place, Visibility

VERSION = "bb1"
OURS = re.compile(r"bb\d+:.*")
CURRENT = re.compile(rf"{VERSION}:(?P<verb>[a-z]+):(?P<number>\d+)")
LONGEST_LABEL = 75  # docs.slack.dev/reference/block-kit/block-elements/button-element
LONGEST_VALUE = 2_000
MOST_SUGGESTIONS = 6
MOST_LINE = 1_500


def button(label: str, verb: str, value: str, number: int = 0, style: str | None = None) -> ButtonElement:
    """A button; `value` must fit into 2,000 characters."""
    text = PlainTextObject(text=cut(visible(label), LONGEST_LABEL), emoji=False)
    return ButtonElement(text=text, action_id=f"{VERSION}:{verb}:{number}", value=value or "-", style=style)


def row(buttons: Iterable[ButtonElement]) -> list[SlackBlock]:
    """A row of buttons, or none."""
    held = list(buttons)
    return [ActionsBlock(elements=held)] if held else []


@dataclass(frozen=True, slots=True)
class Handle:
    """What a button holds of the answer above it: its token, its thread, the question that was asked."""

    token: str = ""
    thread: str = ""
    question: str = ""

    def text(self) -> str:
        """As a button's value."""
        return "|".join((self.token, self.thread, cut(visible(self.question), LONGEST_QUESTION)))


def handle_in(value: str) -> Handle:
    """What `Handle.text` was made of."""
    return Handle(*(*value.split("|", 2), "", "", "")[:3])


def reply_frame(reply: Reply, page: tuple[int, int, str], place: Place | None, thread: str, frame: Frame) -> Frame:
    """The frame with the controls that a reply's page needs; `page` is its number, how many there are, its source."""
    card, say = reply.card, say_in(reply.card)
    first: list[ButtonElement] = []
    token = reply.showing.token if reply.showing else ""
    value = Handle(token, thread, frame.question).text()
    if token and reply.visibility is Visibility.PRIVATE and place is not None and not place.direct:
        first.append(button(say("Share in channel"), "share", value, style="primary"))
    if token and card.kind is CardKind.ANSWER:
        first.append(button(say("Who says so"), "more", value))
    if reply.answer is not None and reply.answer.story and token:
        first.append(button(say("Timeline"), "line", f"timeline {reply.answer.story}"))
    if token:
        first.append(button(say("Watch"), "watch", value))
    if reply.answer is not None or token:
        first.append(button(say("Flag"), "flag", value))
    rows = [*row(first), *row(page_buttons(card, page)), *suggestion_rows(card)]
    return replace(frame, rows=rows)


def page_buttons(card: Card, page: tuple[int, int, str]) -> list[ButtonElement]:
    """To the page before and the page after."""
    number, total, source = page
    say = say_in(card)
    found = []
    if source and number > 1:
        found.append(button(say("Previous page"), "page", f"{number - 1}:{source}", 1))
    if source and number < total:
        found.append(button(say("Next page"), "page", f"{number + 1}:{source}", 2, "primary"))
    return found


def suggestion_rows(card: Card) -> list[SlackBlock]:
    """The suggested questions, each a button; those that no label can show whole are in the plain text too."""
    questions = list(dict.fromkeys(q for q in card.suggestions if visible(q) and len(q) <= LONGEST_VALUE))
    if not questions:
        return []
    asked = [button(q, "ask", q, number) for number, q in enumerate(questions[:MOST_SUGGESTIONS])]
    hidden = [q for q in questions[:MOST_SUGGESTIONS] if len(q) > LONGEST_LABEL] + questions[MOST_SUGGESTIONS:]
    texts = [text for text in (card.suggestions_title, *hidden[:9]) if text]
    above: list[SlackBlock] = []
    if texts:
        above = [ContextBlock(elements=[PlainTextObject(text=cut(text, LONGEST_VALUE), emoji=False) for text in texts])]
    return [*above, *row(asked)]


def digest_rows(card: Card, subscription: int) -> list[SlackBlock]:
    """Under each digest: pause, change, unsubscribe."""
    say = say_in(card)
    return row(
        [
            button(say("Pause"), "line", f"digest pause #{subscription}", 1),
            button(say("Change"), "change", str(subscription)),
            button(say("Unsubscribe"), "line", f"digest unsubscribe #{subscription}", 2),
        ]
    )


def seen_rows(card: Card, delivery: int) -> list[SlackBlock]:
    """Under each correction: seen."""
    return row([button(say_in(card)("Seen"), "seen", str(delivery), delivery % 1000, "primary")])


def after_rows(card: Card, line: str) -> list[SlackBlock]:
    """What takes back, or goes on after, a command that was given by button."""
    say = say_in(card)
    if match := re.fullmatch(r"digest unsubscribe (#\d+)", line):
        return row([button(say("Undo"), "line", f"digest undo {match[1]}", 7)])
    if match := re.fullmatch(r"digest pause (#\d+)", line):
        return row([button(say("Resume"), "line", f"digest resume {match[1]}", 7)])
    return []


def source_of(line: str, token: str, pages: int) -> str:
    """By what the pages of a card are found again: its showing, or its command line."""
    if pages < 2:
        return ""
    return token or (visible(line) if len(line) <= MOST_LINE else "")
