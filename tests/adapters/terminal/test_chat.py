from __future__ import annotations

import asyncio
import io
import stat
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from bot.adapters.terminal.chat import Chatting, chat
from bot.briefing.card import plain
from bot.desk import Desk
from tests.newsroom import NOW, asking

ENTER, CONTROL_C, CONTROL_D = "\r", "\x03", "\x04"


async def nothing_new() -> str | None:
    """No facts were edited and no digest is due."""
    return None


def typed(desk: Desk, keys: str, history: Path | None = None, thread: str = "terminal") -> str:
    """What is printed while somebody types these keys; it ends by itself or the test does."""
    console = Console(file=io.StringIO())
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(keys)
        chatting = Chatting(desk, lambda: asking(thread=thread), nothing_new, lambda by: NOW + by)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
            asyncio.run(asyncio.wait_for(chat(chatting, console, history), 20))
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
