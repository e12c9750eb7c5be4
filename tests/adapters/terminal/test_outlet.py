from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.terminal.outlet import PLATFORM, TerminalOutlet, terminal_person
from bot.briefing.card import Card, CardKind, Item, Line, plain
from bot.digest.ledger import CannotTellError, Delivery, DeliveryKind, Parcel
from bot.digest.places import Person, Visibility
from bot.digest.sending import Sender
from bot.digest.subscriptions import Wish
from tests.seedfolder import both, fact, raise_revision
from tests.world import AT_NINE, START, World, world

SITTER = Person(PLATFORM, "local", "ada")
CARD = Card(
    CardKind.DIGEST, "en", (Line("1 new [bold]fact[/bold]."), Item("It rained.", "RFI", "reported", ())), "Digest"
)
DELIVERY = Delivery(1, SITTER.own_place, DeliveryKind.DIGEST, "1:2025-03-12", 0, START, 1, 0, START, "lease")


def an_outlet() -> tuple[TerminalOutlet, io.StringIO]:
    printed = io.StringIO()
    return TerminalOutlet(Console(file=printed, width=200)), printed


async def test_a_card_is_printed_whole_after_an_empty_line() -> None:
    outlet, printed = an_outlet()
    assert await outlet.send(Parcel(DELIVERY, CARD)) == ""
    assert printed.getvalue() == f"\n{plain(CARD)}\n"
    assert outlet.pages(CARD) == [CARD]


async def test_a_terminal_cannot_be_asked_what_it_has() -> None:
    outlet, _ = an_outlet()
    with pytest.raises(CannotTellError):
        await outlet.find(DELIVERY)
    assert (outlet.recognises_repeats, outlet.can_edit) == (timedelta(0), False)


def test_whoever_sits_there_is_a_person_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert terminal_person() == SITTER
    assert terminal_person().own_place.direct
    monkeypatch.setenv("LOGNAME", "x" * 300)
    assert len(terminal_person().own_place.channel) <= 64


def at_the_terminal(made: World) -> tuple[Sender, io.StringIO]:
    """The same newsroom with a terminal as its only platform."""
    outlet, printed = an_outlet()
    sender = Sender(made.state.ledger, [outlet], lambda: made.now)
    sender.use(made.desk.store, 1)
    return sender, printed


async def test_a_digest_and_a_correction_arrive_in_the_terminal(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        place = SITTER.own_place
        await made.state.subscriptions.add(place, SITTER, Wish(AT_NINE), made.now)
        await made.ask("what does the ferry cost?", place, SITTER, visibility=Visibility.ALL)
        made.seeds.facts.append(fact("bridge-closed", statement=both("News of the bridge.")))
        raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
        recorded = await made.reload()
        sender, printed = at_the_terminal(made)
        sender.use(made.desk.store, recorded.recording)
        assert await sender.run_once() == 1
        assert "Correction\n1 statement that was shown here has been corrected." in printed.getvalue()
        made.now += timedelta(hours=2)
        assert await sender.run_once() == 1
        assert await sender.run_once() == 0
    assert printed.getvalue().count("Digest, 12 March 2025") == 1
    assert "News of the bridge." in printed.getvalue()
