"""Cards as Discord shows them: Components V2, so that text has the full width of a phone.

Text displays are read out in order by a screen reader, and nothing in them is cut silently: what is
over a limit goes to a further page, and each page says which one it is. Limits are Discord's:
4,000 characters of text and 40 components in a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from discord import Colour, ui

from bot.adapters.discord.text import cut, escape, pieces, unescape
from bot.briefing.card import Block, Card, CardKind, Item, Line, Role
from bot.briefing.wording import Wording, wording

ROOM = 1_800  # characters of a page that somebody asked for: a screen or two of a phone
LETTER_ROOM = 3_000  # of a digest or notice; the rest of the 4,000 is for notes added later
MOST_TEXT = 3_900
LONGEST_PIECE = 600  # characters of one block, before escaping may double them
LONGEST_TITLE = 200
LONGEST_QUESTION = 200
MOST_SECTIONS = 12
QUESTION_ID = 7_001  # the component that holds the question, by which a button finds it
COLOURS = {
    CardKind.NO_ANSWER: Colour(0x80848E),
    CardKind.CLARIFY: Colour(0x5865F2),
    CardKind.DISPUTES: Colour(0xC27C0E),
    CardKind.NOTICE: Colour(0xC27C0E),
    CardKind.FAILURE: Colour(0xDA373C),
}
LISTS = frozenset({CardKind.HELP, CardKind.SOURCES, CardKind.STORIES})  # whose lines are entries
USUAL_COLOUR = Colour(0x3B7A9E)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a card: the question and who asked it for all, a reference, the controls."""

    question: str = ""
    asker: str = ""
    ref: str = ""
    rows: Sequence[ui.ActionRow[Any]] = ()


def say_in(card: Card) -> Wording:
    """The fixed wording of a card's language."""
    return wording("fr" if card.language == "fr" else "en")


def pages(card: Card, room: int = ROOM) -> list[Card]:
    """The card in as many pages as its text needs; each of several says which one it is."""
    title, blocks = card.title, list(_short(card.blocks))
    if len(title) > LONGEST_TITLE:
        title, blocks = "", [*(Line(part, Role.HEADLINE) for part in pieces(title, LONGEST_PIECE)), *blocks]
    blocks += _unpicked(card)
    packed = _pack(_groups(blocks), room - len(escape(title)) - 60)
    if len(packed) == 1:
        return [replace(card, title=title, blocks=tuple(packed[0]))]
    say, last = say_in(card), len(packed)
    made = []
    for number, page in enumerate(packed, 1):
        note = Line(say("Page {number} of {total}.", number=number, total=last), Role.NOTE)
        paged = replace(card, title=title, blocks=(*page, note))
        made.append(paged if number == last else replace(paged, suggestions=(), suggestions_title=""))
    return made


def view_of(card: Card, frame: Frame | None = None) -> ui.LayoutView:
    """One page of a card as a message. A card that was not paged shows its first page, which says so."""
    frame = frame or Frame()
    sections = _sections(card)
    if sum(map(len, sections)) > MOST_TEXT - 600 or len(sections) > MOST_SECTIONS:
        sections = _sections(pages(card, LETTER_ROOM)[0])
    say = say_in(card)
    view = ui.LayoutView(timeout=None)
    if frame.question and frame.asker:
        header = escape(cut(frame.question, LONGEST_QUESTION))
        by = say("{name} asked:", name=f"**{escape(cut(frame.asker, 80))}**")
        view.add_item(ui.TextDisplay(f"-# {by}\n{header}", id=QUESTION_ID))
    elif frame.asker:
        view.add_item(ui.TextDisplay(say("Shared by {name}.", name=f"**{escape(cut(frame.asker, 80))}**")))
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=COLOURS.get(card.kind, USUAL_COLOUR))
    for number, section in enumerate(sections):
        if number:
            box.add_item(ui.Separator())
        box.add_item(ui.TextDisplay(section))
    view.add_item(box)
    if frame.question and not frame.asker:
        asked = say("You asked: {question}", question=escape(cut(frame.question, LONGEST_QUESTION)))
        view.add_item(ui.TextDisplay(f"-# {asked}", id=QUESTION_ID))
    if frame.ref:
        view.add_item(ui.TextDisplay(f"-# ref {frame.ref}"))
    for row in frame.rows:
        view.add_item(row)
    return view


def question_in(shown: str) -> str:
    """The question in the text of the component that holds it."""
    for language in ("en", "fr"):
        before = "-# " + wording(language)("You asked: {question}", question="")
        if shown.startswith(before):
            return unescape(shown.removeprefix(before))
    return unescape(shown.partition("\n")[2])


def _sections(card: Card) -> list[str]:
    """The texts of a card; a new one begins at each heading that does not follow another."""
    found: list[list[str]] = [[f"### {escape(card.title)}"] if card.title else []]
    before: Block | None = None
    for block in card.blocks:
        heading = isinstance(block, Line) and block.role is Role.HEADING
        after_heading = before is None or (isinstance(before, Line) and before.role is Role.HEADING)
        if heading and not after_heading and len(found) < MOST_SECTIONS:
            found.append([])
        elif isinstance(before, Item) and isinstance(block, Line):
            found[-1].append("")  # else a note would read as one more source of the statement above it
        bullet = "• " if card.kind in LISTS and isinstance(block, Line) and block.role is Role.TEXT else ""
        found[-1].append(bullet + _marked(block))
        before = block
    return ["\n".join(lines) for lines in found if lines] or ["…"]


def _marked(block: Block) -> str:
    if isinstance(block, Line):
        # Everyone sees the moment by their own clock, beside the place's own time.
        text = escape(block.text) + (f" <t:{int(block.at.timestamp())}:f>" if block.at else "")
        return {
            Role.HEADLINE: f"**{text}**",
            Role.HEADING: f"**{text}**",
            Role.TEXT: text,
            Role.NOTE: f"-# {text}",
        }[block.role]
    label = f"**{escape(block.label)}** · " if block.label else ""
    text = f"**{escape(block.text)}**" if block.lead else escape(block.text)
    bullet = "" if block.lead else "• "
    return f"{bullet}{label}{text}\n-# {escape(block.sources)} · {escape(block.status)}"


def _short(blocks: Iterable[Block]) -> Iterable[Block]:
    """The blocks, those that are too long for a page in pieces."""
    for block in blocks:
        if isinstance(block, Line):
            for part in pieces(block.text, LONGEST_PIECE):
                yield replace(block, text=part)
        elif len(block.text) <= LONGEST_PIECE and len(block.sources) + len(block.status) + len(block.label) <= 400:
            yield block
        else:
            whole = f"{block.label} · {block.text}" if block.label else block.text
            for part in pieces(f"{whole} — {block.sources} ({block.status})", LONGEST_PIECE):
                yield Line(part)


def _unpicked(card: Card) -> list[Block]:
    """Suggestions that are too long for a menu, as text."""
    long = [question for question in card.suggestions if len(question) > 100]
    if not long:
        return []
    return [Line(part, Role.NOTE) for text in (card.suggestions_title, *long) if text for part in pieces(text, 500)]


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Each heading with what stands under it: the positions of a dispute stay side by side."""
    groups: list[list[Block]] = []
    for block in blocks:
        if not groups or (isinstance(block, Line) and block.role is not Role.NOTE and _has_items(groups[-1])):
            groups.append([])
        groups[-1].append(block)
    return groups


def _has_items(group: Sequence[Block]) -> bool:
    return any(isinstance(block, Item) or block.role is Role.NOTE for block in group)


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(_marked(block)) + 4 for block in blocks)  # with its bullet and line breaks


def _pack(groups: Sequence[list[Block]], room: int) -> list[list[Block]]:
    """Groups into pages; one that is longer than a page is broken between its blocks."""
    packed: list[list[Block]] = [[]]
    for group in groups:
        parts = [group] if _length(group) <= room else _broken(group, room)
        for part in parts:
            headings = sum(isinstance(b, Line) and b.role is Role.HEADING for b in (*packed[-1], *part))
            if packed[-1] and (_length([*packed[-1], *part]) > room or headings > MOST_SECTIONS - 2):
                packed.append([])
            packed[-1] += part
    return packed


def _broken(group: Sequence[Block], room: int) -> list[list[Block]]:
    parts: list[list[Block]] = [[]]
    for block in group:
        if parts[-1] and _length([*parts[-1], block]) > room:
            parts.append([])
        parts[-1].append(block)
    return parts
