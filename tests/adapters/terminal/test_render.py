from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.adapters.terminal.render import show
from bot.briefing.card import Card, CardKind, Item, Line, Role, plain
from bot.desk import Desk
from tests.newsroom import STORY, asking

CARD = Card(
    CardKind.ANSWER,
    "en",
    (
        Line("Reports [bold]differ[/bold].", Role.HEADLINE),
        Item("It rained :smile: [red]hard[/red].", "RFI", "reported", ("rain",), lead=True),
        Line("On the weather", Role.HEADING),
        Item("It snowed.", "AFP, via A", "alleged, disputed", ("snow",), "1 March"),
        Line("As of 2 March.", Role.NOTE),
    ),
    "Weather [/]",
    ("will it rain?",),
    "Ask on:",
)


def printed(card: Card, *, terminal: bool, width: int = 200) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system="standard")
    show(card, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_plain_text_unwrapped() -> None:
    assert printed(CARD, terminal=False, width=10) == plain(CARD) + "\n"


def test_a_terminal_gets_every_part_and_some_style() -> None:
    text = printed(CARD, terminal=True)
    assert "\x1b[" in text
    parts = [CARD.title, *CARD.suggestions, CARD.suggestions_title]
    for block in CARD.blocks:
        parts += [block.text] if isinstance(block, Line) else [block.text, block.sources, block.status, block.label]
    assert [part for part in parts if part not in text] == []


def test_markup_in_a_text_is_shown_and_not_acted_on() -> None:
    for terminal in (True, False):
        text = printed(CARD, terminal=terminal)
        for literal in ("[bold]differ[/bold]", ":smile: [red]hard[/red]", "Weather [/]"):
            assert literal in text


@pytest.mark.parametrize("width", [20, 80])
def test_a_narrow_terminal_wraps(width: int) -> None:
    plain_console = Console(file=io.StringIO(), force_terminal=True, width=width, no_color=True, color_system=None)
    show(CARD, plain_console)
    assert isinstance(plain_console.file, io.StringIO)
    lines = plain_console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width + len("\x1b[1;4m\x1b[0m")


def test_every_kind_of_card_prints_both_ways(small: Desk) -> None:
    now = asking()
    cards = [small.help(now), small.stories(now), small.timeline(STORY, now), small.disputes(STORY, now)]
    cards += [small.sources(STORY, now), small.fact("ferry-fare", now), small.who("Marsh", now), small.who("x", now)]
    cards += [small.brief(line, now).card for line in ("who is Brook?", "when did the strike begin?", "")]
    assert {card.kind for card in cards} == set(CardKind) - {CardKind.FAILURE, CardKind.DIGEST, CardKind.NOTICE}
    for card in cards:
        assert printed(card, terminal=False) == plain(card) + "\n"
        words = printed(card, terminal=True)
        assert all(line.text in words for line in card.blocks if isinstance(line, Line) and len(line.text) < 150)
