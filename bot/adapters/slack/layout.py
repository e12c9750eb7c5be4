"""Cards as Slack shows them: Block Kit, with the whole card in the message's plain text as well.

Curated text stands in rich text and plain text objects, which Slack shows as they are: no markup, no
mention and no link can come of it. The message's `text`, which notifications and screen readers take, is
Slack's markup, and is escaped once. What is over a limit goes to a further page that can be asked for;
nothing is cut silently.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from itertools import groupby
from typing import Any

from slack_sdk.models.blocks import (
    Block as SlackBlock,
)
from slack_sdk.models.blocks import (
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextListElement,
    RichTextSectionElement,
)
from slack_sdk.models.blocks.block_elements import RichTextElement
from slack_sdk.models.views import View

from bot.adapters.slack.text import cut, cut_escaped, date_link, escape, visible
from bot.briefing.card import Block, Card, Item, Line, Role, plain
from bot.briefing.paging import paged
from bot.briefing.wording import Wording, wording

# Slack advises at most 4,000 characters of text and shows at most 40,000 (chat.postMessage); a message
# takes 50 blocks, a view 100; a header 150 characters, a context 10 elements, a button's value 2,000
# (docs.slack.dev/reference/block-kit).
MOST_TEXT = 4_000
MOST_BLOCKS = 50
# Escaped characters of a page: two or three screens of a phone. With the rest it stays under MOST_TEXT.
ROOM, TITLE_ROOM, SUGGESTION_ROOM, QUESTION_ROOM, NAME_ROOM = 2_200, 300, 700, 450, 120
MOST_HEADINGS = 10  # each begins up to three blocks
LONGEST_HEADER = 150
LONGEST_QUESTION = 300
MOST_ELEMENTS = 10
LONGEST_LINK = 80
LEAST = ROOM // 36
MOST_LINES = 2  # one under the other before they make a list

TITLE = "briefbot"  # of a window; at most 24 characters

Bold = {"bold": True}
Italic = {"italic": True}
Text = RichTextElementParts.Text


class Style(Enum):
    """How a run of blocks is shown."""

    LEAD = "lead"
    LINES = "lines"
    LIST = "list"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a card: the question and who asked it for all, a reference, the controls."""

    question: str = ""
    asker: str = ""
    ref: str = ""
    rows: Sequence[SlackBlock] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. Previews of links are off: a user's preference could not turn them off."""

    text: str
    blocks: tuple[SlackBlock, ...]

    def payload(self) -> dict[str, Any]:
        """The arguments that every way of posting takes. The models check Slack's limits here."""
        blocks = [block.to_dict() for block in self.blocks]
        return {"text": self.text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def say_in(card: Card) -> Wording:
    """The fixed wording of a card's language."""
    return wording("fr" if card.language == "fr" else "en")


def pages(card: Card, room: int = ROOM) -> list[Card]:
    """The card in as many messages as its text needs."""
    if len(escape(card.title)) > TITLE_ROOM:
        card = replace(card, title="", blocks=(Line(card.title, Role.HEADLINE), *card.blocks))
    return paged(replace(card, suggestions=_suggested(card)), room, _cost, MOST_HEADINGS)


def message_of(card: Card, frame: Frame | None = None) -> Message:
    """One page of a card as a message. A card that was not paged shows its first page, which says so."""
    frame = frame or Frame()
    if _too_large(card):
        card = pages(card)[0]
    say, above, below = say_in(card), [], []
    question, asker = cut_escaped(visible(frame.question), QUESTION_ROOM), cut_escaped(visible(frame.asker), NAME_ROOM)
    if question and asker:
        above.append(say("{name} asked: {question}", name=asker, question=question))
    elif asker:
        above.append(say("Shared by {name}.", name=asker))
    elif question:
        below.append(say("You asked: {question}", question=question))
    if frame.ref:
        below.append(f"ref {frame.ref}")
    blocks: list[SlackBlock] = [_context(above)] if above else []
    blocks += body(card)
    if below:
        blocks.append(_context(below))
    blocks += frame.rows
    text = "\n".join(filter(None, (*map(escape, above), plain_text(card), *map(escape, below))))
    return Message(text or "…", tuple(blocks))


def plain_text(card: Card) -> str:
    """The whole card for notifications and screen readers, escaped once, its moments in the reader's zone."""
    moments = [block.at for block in card.blocks if isinstance(block, Line) and block.at]
    if not moments:
        return escape(plain(card))
    # A moment's markup must not be escaped: a sign that no text holds keeps its place meanwhile.
    sign = f"[{secrets.token_hex(8)}]"
    signed = [
        replace(block, text=f"{block.text} {sign}") if isinstance(block, Line) and block.at else block
        for block in card.blocks
    ]
    first, *rest = escape(plain(replace(card, blocks=tuple(signed)))).split(sign)
    links = (f"({date_link(at, card.language)})" for at in moments)
    return first + "".join(link + part for link, part in zip(links, rest, strict=True))


def body(card: Card) -> list[SlackBlock]:
    """The blocks of a card, without what stands around it."""
    made: list[SlackBlock] = []
    if card.title:
        made.append(HeaderBlock(text=_plain(cut(card.title, LONGEST_HEADER))))
        if len(card.title) > LONGEST_HEADER:
            made.append(RichTextBlock(elements=[_section(Text(text=card.title, style=Bold))]))
    for section in _sections(card.blocks):
        made += _blocks_of(section, card.language)
    return made or [RichTextBlock(elements=[_section(Text(text="…"))])]


def _cost(block: Block) -> int:
    """What a block takes of a page: its escaped characters in the plain text, a little for what joins them.

    Each takes some room, so that a page stays below the number of blocks that a message takes.
    """
    if isinstance(block, Line):
        return max(len(escape(block.text)) + (LONGEST_LINK if block.at else 2), LEAST)
    return max(len(escape(block.label + block.text + block.sources + block.status)) + 12, LEAST)


def _too_large(card: Card) -> bool:
    headings = sum(isinstance(block, Line) and block.role is Role.HEADING for block in card.blocks)
    around = len(escape(card.title)) > TITLE_ROOM or len(_suggested(card)) < len(card.suggestions)
    return around or headings > MOST_HEADINGS or sum(map(_cost, card.blocks)) > ROOM + 100


def _suggested(card: Card) -> tuple[str, ...]:
    """As many suggestions as there is room for; real cards have far fewer."""
    held, used = [], len(escape(card.suggestions_title))
    for question in card.suggestions:
        used += len(escape(question)) + 3
        if used > SUGGESTION_ROOM:
            break
        held.append(question)
    return tuple(held)


def _sections(blocks: Sequence[Block]) -> list[list[Block]]:
    """A new section begins at each heading."""
    found: list[list[Block]] = [[]]
    for block in blocks:
        if isinstance(block, Line) and block.role is Role.HEADING and found[-1]:
            found.append([])
        found[-1].append(block)
    return [section for section in found if section]


def _blocks_of(section: Sequence[Block], language: str) -> list[SlackBlock]:
    """One section: its lines, its statements as a list, its notes in small print, in their order."""
    made: list[SlackBlock] = []
    for style, run in _runs(section):
        if style is Style.SMALL:
            made += _notes([block for block in run if isinstance(block, Line)], language)
        elif style is Style.LIST:
            made.append(RichTextBlock(elements=[RichTextListElement(style="bullet", elements=[*map(_told, run)])]))
        else:
            made.append(RichTextBlock(elements=[*map(_told, run)]))
    return made


def _runs(section: Sequence[Block]) -> list[tuple[Style, list[Block]]]:
    """Neighbours that are shown alike; many plain lines in a row read better as a list."""
    runs = [(style, list(run)) for style, run in groupby(section, _style)]
    many = [style is Style.LINES and len(run) > MOST_LINES for style, run in runs]
    return [(Style.LIST if long else style, run) for long, (style, run) in zip(many, runs, strict=True)]


def _style(block: Block) -> Style:
    if isinstance(block, Item):
        return Style.LEAD if block.lead else Style.LIST
    if block.role is Role.NOTE and block.text:
        return Style.SMALL
    return Style.LINES if block.role is Role.TEXT else Style.LEAD


def _told(block: Block) -> RichTextSectionElement:
    return _statement(block) if isinstance(block, Item) else _line(block)


def _line(line: Line) -> RichTextSectionElement:
    return _section(Text(text=line.text or " ", style=None if line.role is Role.TEXT else Bold))


def _statement(item: Item) -> RichTextSectionElement:
    """The statement, under it who says so and how sure that is."""
    label = [Text(text=f"{item.label} · ", style=Bold)] if item.label else []
    statement = Text(text=item.text or " ", style=Bold if item.lead else None)
    return _section(*label, statement, Text(text=f"\n{item.sources} · {item.status}", style=Italic))


def _section(*parts: RichTextElement) -> RichTextSectionElement:
    return RichTextSectionElement(elements=list(parts))


def _notes(notes: Sequence[Line], language: str) -> list[SlackBlock]:
    made: list[SlackBlock] = []
    for start in range(0, len(notes), MOST_ELEMENTS):
        elements: list[PlainTextObject | MarkdownTextObject] = []
        for note in notes[start : start + MOST_ELEMENTS]:
            if note.at is None:
                elements.append(_plain(note.text))
            else:
                elements.append(MarkdownTextObject(text=_with_moment(note, note.at, language), verbatim=True))
        made.append(ContextBlock(elements=elements))
    return made


def _with_moment(line: Line, at: datetime, language: str) -> str:
    return f"{escape(line.text)} ({date_link(at, language)})"


def _context(texts: Sequence[str]) -> ContextBlock:
    return ContextBlock(elements=[_plain(text) for text in texts])


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def window(message: Message, *, callback: str = "", metadata: str = "", submit: str = "") -> dict[str, Any]:
    """A message in a window of its own; a page has fewer than the hundred blocks that a view takes."""
    view = View(
        type="modal",
        title=_plain(TITLE),
        blocks=list(message.blocks),
        callback_id=callback or None,
        private_metadata=metadata or None,
        submit=_plain(submit) if submit else None,
    )
    made: dict[str, Any] = view.to_dict()
    return made
