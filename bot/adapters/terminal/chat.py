"""`briefbot chat`: the same commands as in Slack, in a terminal, with a history; digests arrive here too."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from bot.adapters.terminal.render import show
from bot.desk import Asking, Desk

LEAVING = frozenset({"exit", "quit", "bye", ":q"})
FORWARD = re.compile(r":clock \+(?P<number>\d{1,4})(?P<unit>[mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class Chatting:
    """What a chat needs of the program around it.

    `catch_up` is called before and after each line: it takes edited facts into service and
    delivers what is due; what it returns is for the editor to read. `move_clock` moves the
    chat's own clock, so that a digest can be seen without waiting for it.
    """

    desk: Desk
    asking: Callable[[], Asking]
    catch_up: Callable[[], Awaitable[str | None]]
    move_clock: Callable[[timedelta], datetime]


async def chat(chatting: Chatting, console: Console, history: Path | None) -> None:
    """Read lines until end of input and answer each; one conversation."""
    show(chatting.desk.help(chatting.asking()), console)
    async for line in _lines(history):
        if line.strip().lower() in LEAVING:
            return
        await _tell(chatting, console)
        if match := FORWARD.fullmatch(line.strip()):
            now = chatting.move_clock(int(match["number"]) * UNITS[match["unit"]])
            console.print(f"It is now {now:%Y-%m-%d %H:%M %Z}.", style="dim", markup=False)
        elif line.strip():
            await _answer(line, chatting, console)
        await _tell(chatting, console)


async def _answer(line: str, chatting: Chatting, console: Console) -> None:
    asking = chatting.asking()
    reply = await chatting.desk.handle(line, asking)
    for contact in reply.notices:
        show(contact.card, console)
    show(reply.card, console)
    await chatting.desk.delivered(reply, asking.now)


async def _tell(chatting: Chatting, console: Console) -> None:
    problem = await chatting.catch_up()
    if problem:
        console.print(problem, style="red", markup=False)


async def _lines(history: Path | None) -> AsyncIterator[str]:
    """Lines as typed, or as piped in; a pipe gets no prompt."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield line.rstrip("\n")
        return
    session: PromptSession[str] = PromptSession(history=_history(history))
    while True:
        try:
            with patch_stdout(raw=True):
                line = await session.prompt_async("briefbot> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        yield line


def _history(path: Path | None) -> History:
    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
