"""Digests and corrections in a terminal, and the place that a terminal is."""

from __future__ import annotations

import getpass
from datetime import timedelta

from rich.console import Console

from bot.adapters.terminal.render import show
from bot.briefing.card import Card
from bot.digest.ledger import CannotTellError, Delivery, Parcel
from bot.digest.places import Person

PLATFORM = "terminal"


def terminal_person() -> Person:
    """Whoever sits at this terminal."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        name = "somebody"
    return Person(PLATFORM, "local", name[:60])


class TerminalOutlet:
    """Prints. A terminal keeps nothing, so that it can neither recognise a repeat nor be asked."""

    platform = PLATFORM
    recognises_repeats = timedelta(0)
    can_edit = False

    def __init__(self, console: Console) -> None:
        self._console = console

    def pages(self, card: Card) -> list[Card]:
        """A terminal has room for any card."""
        return [card]

    async def send(self, parcel: Parcel) -> str:
        """Print the card."""
        self._console.print()
        show(parcel.card, self._console)
        return ""

    async def find(self, delivery: Delivery) -> str | None:
        """What was printed is gone. Raises CannotTellError."""
        raise CannotTellError(delivery.slot)
