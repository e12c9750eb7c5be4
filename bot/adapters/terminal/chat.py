"""`briefbot chat`: the same commands as in Slack, in a terminal, with a history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from rich.console import Console

from bot.adapters.terminal.render import show
from bot.desk import Asking, Desk

LEAVING = frozenset({"exit", "quit", "bye", ":q"})


async def chat(
    desk: Desk,
    asking: Callable[[], Asking],
    console: Console,
    history: Path | None,
    refresh: Callable[[], str | None] = lambda: None,
) -> None:
    """Read lines until end of input and answer each; one conversation.

    `refresh` is called before each answer, to take edited facts into service; what it returns is
    for the editor to read.
    """
    session: PromptSession[str] = PromptSession(history=_history(history))
    show(desk.help(asking()), console)
    while True:
        try:
            line = await session.prompt_async("briefbot> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if line.strip().lower() in LEAVING:
            return
        if line.strip():
            problem = refresh()
            if problem:
                console.print(problem, style="red", markup=False)
            show(desk.handle(line, asking()).card, console)


def _history(path: Path | None) -> History:
    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
