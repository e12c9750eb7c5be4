from __future__ import annotations

import asyncio
import io
import stat
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from bot.adapters.terminal.chat import Chatting, chat
from bot.briefing.card import plain
from bot.desk import Asking, Desk
from bot.digest.places import Visibility
from tests.newsroom import NOW, asking
from tests.seedfolder import both, raise_revision
from tests.world import CHANNEL, PATIENCE, READER, World, world

ENTER, CONTROL_C, CONTROL_D = "\r", "\x03", "\x04"


async def nothing_new() -> str | None:
    """No facts were edited and no digest is due."""
    return None


def typed(
    desk: Desk,
    keys: str,
    history: Path | None = None,
    thread: str = "terminal",
    catch_up: Callable[[], Awaitable[str | None]] = nothing_new,
) -> str:
    """What is printed while somebody types these keys; it ends by itself or the test does."""
    console = Console(file=io.StringIO())
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(keys)
        chatting = Chatting(desk, lambda: asking(thread=thread), catch_up, lambda by: NOW + by)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
            asyncio.run(asyncio.wait_for(chat(chatting, console, history), PATIENCE))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def shown(desk: Desk, *lines: str) -> str:
    """The overview, then the card of each line, as the desk gives it."""
    cards = [desk.help(asking()), *(desk.brief(line, asking()).card for line in lines)]
    return "".join(plain(card) + "\n" for card in cards)


def test_a_chat_begins_with_what_can_be_asked_and_answers_each_line(small: Desk) -> None:
    lines = ["when did the strike begin?", "who Marsh", "timeline", "qui est Brook ?"]
    keys = "".join(line + ENTER for line in lines)
    assert typed(small, f"{keys}exit{ENTER}") == shown(small, *lines)


@pytest.mark.parametrize(
    "leaving", [*(f"{word}{ENTER}" for word in ("exit", "quit", "bye", ":q", " EXIT ")), CONTROL_D]
)
def test_a_chat_ends_with_a_word_or_the_end_of_input(small: Desk, leaving: str) -> None:
    assert typed(small, leaving + f"timeline{ENTER}") == shown(small)


def test_an_empty_line_and_control_c_do_nothing(small: Desk) -> None:
    assert typed(small, f"{ENTER}  {ENTER}timel{CONTROL_C}help{ENTER}{CONTROL_D}") == shown(small, "help")


def test_a_chat_is_one_conversation(small: Desk) -> None:
    keys = f"who is Ada Marsh?{ENTER}when did she resign?{ENTER}why?{ENTER}{CONTROL_D}"
    text = typed(small, keys, thread="chat of its own")
    assert "Ada Marsh gave illness as her reason. — Ada Marsh, via a town notice (reported)\n" in text
    assert "It is not clear" not in text


def test_a_chat_keeps_its_history_to_its_owner(small: Desk, tmp_path: Path) -> None:
    history = tmp_path / "new" / "folder" / "chat-history"
    typed(small, f"help{ENTER}{CONTROL_D}", history)
    assert "+help" in history.read_text(encoding="utf-8")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    up = "\x1b[A"
    assert typed(small, f"{up}{ENTER}{CONTROL_D}", history) == shown(small, "help")


def test_a_history_that_cannot_be_kept_does_no_harm(small: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    history = tmp_path / "file" / "chat-history"
    assert typed(small, f"help{ENTER}{CONTROL_D}", history) == shown(small, "help")
    assert typed(small, f"help{ENTER}{CONTROL_D}", None) == shown(small, "help")


@pytest.mark.parametrize(
    ("typed_clock", "now"),
    [("+1d", "2025-03-13 12:00 UTC"), ("+36h", "2025-03-14 00:00 UTC"), ("+5m", "2025-03-12 12:05 UTC")],
)
def test_the_clock_of_a_chat_can_be_moved(small: Desk, typed_clock: str, now: str) -> None:
    assert typed(small, f":clock {typed_clock}{ENTER}exit{ENTER}") == f"{shown(small)}It is now {now}.\n"


@pytest.mark.parametrize("line", [":clock", ":clock 1d", ":clock -1d", ":clock +1y", ":clock +99999d"])
def test_what_moves_no_clock_is_a_question(small: Desk, line: str) -> None:
    assert typed(small, f"{line}{ENTER}exit{ENTER}") == shown(small, line)


def test_what_is_new_is_told_before_and_after_each_line(small: Desk) -> None:
    news = iter(["[first]", None, None, "last"])

    async def catch_up() -> str | None:
        return next(news)

    printed = typed(small, f"help{ENTER}timeline{ENTER}exit{ENTER}", catch_up=catch_up)
    overview, *cards = (plain(card) + "\n" for card in (small.help(asking()), small.help(asking())))
    timeline = plain(small.brief("timeline", asking()).card) + "\n"
    assert printed == f"{overview}[first]\n{cards[0]}{timeline}last\n"


async def nobody_at_the_keyboard(made: World, lines: str) -> str:
    """What is printed for lines that are piped in, to somebody who is known."""
    console = Console(file=io.StringIO(), width=200)

    def now() -> Asking:
        return Asking(made.now, place=READER.own_place, person=READER, visibility=Visibility.ALL)

    async def catch_up() -> None:
        await made.tick()

    def move(by: timedelta) -> datetime:
        made.now += by
        return made.now

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(lines))
        await chat(Chatting(made.desk, now, catch_up, move), console, None)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_what_waited_for_somebody_is_shown_before_the_reply_and_once(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.ask("what does the ferry cost?", CHANNEL)
        raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
        await made.reload()
        printed = await nobody_at_the_keyboard(made, "stories\ntimeline\n")
    assert printed.count("1 statement that was shown here has been corrected.") == 1
    assert printed.index("The ferry costs 5 crowns.") < printed.index("Strike in the harbour")


async def test_a_chat_with_a_digest_goes_on_when_its_clock_moves(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await nobody_at_the_keyboard(made, "digest subscribe quiet\n:clock +3h\n:clock +1d\n:clock +1m\n")
        days = [parcel.delivery.day for parcel in made.platform.messages]
    assert days == [date(2025, 3, 12), date(2025, 3, 13)]
