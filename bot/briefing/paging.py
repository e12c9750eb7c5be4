"""Cards in as many pages as a platform's room demands: cut between blocks, never in the middle of a position."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot.briefing.card import Block, Card, Item, Line, Role
from bot.briefing.wording import wording

LONGEST_PIECE = 600  # characters of one block
Cost = Callable[[Block], int]


def paged(card: Card, room: int, cost: Cost, most_headings: int) -> list[Card]:
    """The card in pages of at most `room`, each of several saying which one it is.

    `cost` is what a block takes of the room; a page holds at most `most_headings` headings. Only
    the last page has the suggestions. A block longer than `LONGEST_PIECE` is broken between words.
    """
    packed = _pack(_groups(list(_short(card.blocks, room, cost))), room, cost, most_headings)
    if len(packed) == 1:
        return [replace(card, blocks=tuple(packed[0]))]
    say, last = wording("fr" if card.language == "fr" else "en"), len(packed)
    made = []
    for number, page in enumerate(packed, 1):
        note = Line(say("Page {number} of {total}.", number=number, total=last), Role.NOTE)
        one = replace(card, blocks=(*page, note))
        made.append(one if number == last else replace(one, suggestions=(), suggestions_title=""))
    return made


def pieces(text: str, most: int) -> list[str]:
    """The text in pieces of at most so many characters, cut between words where there are any."""
    found = []
    while len(text) > most:
        at = text.rfind(" ", 1, most + 1)
        at = at if at > most // 2 else most
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*found, text] if text or not found else found


def _short(blocks: Iterable[Block], room: int, cost: Cost) -> Iterable[Block]:
    """The blocks, those that no page should be filled with alone in pieces."""
    for block in blocks:
        longest = len(block.text) if isinstance(block, Line) else max(len(block.text), len(block.sources))
        if longest <= LONGEST_PIECE and cost(block) <= room // 2:
            yield block
        elif isinstance(block, Line):
            for part in _fitting(block.text, room // 2, cost):
                yield Line(part, block.role)
        else:
            whole = f"{block.label} · {block.text}" if block.label else block.text
            for part in _fitting(f"{whole} — {block.sources} ({block.status})", room // 2, cost):
                yield Line(part)


def _fitting(text: str, room: int, cost: Cost) -> list[str]:
    most = LONGEST_PIECE
    found = pieces(text, most)
    while most > 1 and any(cost(Line(part)) > room for part in found):
        most //= 2
        found = pieces(text, most)
    return found


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Each heading with what stands under it: the positions of a dispute stay side by side."""
    groups: list[list[Block]] = []
    for block in blocks:
        starts = isinstance(block, Line) and block.role is not Role.NOTE
        if not groups or (starts and _has_content(groups[-1])):
            groups.append([])
        groups[-1].append(block)
    return groups


def _has_content(group: Sequence[Block]) -> bool:
    return any(isinstance(block, Item) or block.role is Role.NOTE for block in group)


def _is_heading(block: Block) -> bool:
    return isinstance(block, Line) and block.role is Role.HEADING


def _pack(groups: Sequence[list[Block]], room: int, cost: Cost, most_headings: int) -> list[list[Block]]:
    packed: list[list[Block]] = [[]]
    for group in groups:
        whole = sum(map(cost, group)) <= room and sum(map(_is_heading, group)) <= most_headings
        for part in [group] if whole else [[block] for block in group]:
            together = [*packed[-1], *part]
            full = sum(map(cost, together)) > room or sum(map(_is_heading, together)) > most_headings
            if packed[-1] and full:
                packed.append([])
            packed[-1] += part
    return packed
