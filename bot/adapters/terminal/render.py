"""Cards in a terminal: laid out with Rich for a person, plain text for a pipe."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.briefing.card import Card, Item, Line, Role, plain

STYLES = {Role.HEADLINE: "bold", Role.HEADING: "bold yellow", Role.TEXT: "", Role.NOTE: "dim"}


def show(card: Card, console: Console) -> None:
    """Print a card; a console that is no terminal gets plain text, unwrapped."""
    if not console.is_terminal:
        console.file.write(plain(card) + "\n")
        return
    if card.title:
        console.print(Text(card.title, "bold underline"))
    for block in card.blocks:
        console.print(_line(block) if isinstance(block, Line) else _item(block))
    if card.suggestions:
        console.print(Text(f"\n{card.suggestions_title}", "dim"))
        for question in card.suggestions:
            console.print(Padding(Text(question, "cyan"), (0, 0, 0, 2)))


def _line(line: Line) -> Text | Padding:
    text = Text(line.text, STYLES[line.role])
    return Padding(text, (1, 0, 0, 0)) if line.role is Role.HEADING else text


def _item(item: Item) -> Padding:
    text = Text()
    if item.label:
        text.append(f"{item.label}  ", "cyan")
    text.append(item.text, "bold" if item.lead else "")
    text.append(f"\n{item.sources}", "green").append(f" · {item.status}", "dim")
    return Padding(text, (0, 0, 0, 0 if item.lead else 2))
