"""Processes that share one import of the program, which is most of a start."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

Found = TypeVar("Found")

_CONTEXT = multiprocessing.get_context("forkserver")
# With what a command imports once it knows what it is to do.
_CONTEXT.set_forkserver_preload(
    [
        "bot.cli",
        "bot.adapters.state.state",
        "bot.briefing.cross_encoder",
        "aiosqlite",
        "asyncpg",
        "tests.digest.crashing",
    ]
)


def result(function: Callable[..., Found], *arguments: object) -> Found:
    """What a function returns in a process of its own; EOFError when that dies first."""
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_send, args=(theirs, function, arguments))
    process.start()
    theirs.close()
    found: Found = ours.recv()
    process.join()
    return found


def _send(pipe: Connection, function: Callable[..., Any], arguments: Sequence[object]) -> None:
    pipe.send(function(*arguments))


def run(
    arguments: Sequence[str | bytes], folder: Path, environment: Mapping[str, str], stdin: bytes, timeout: float
) -> tuple[int, bytes, bytes]:
    """The status, output and errors of one `briefbot` command, run in a folder within so many seconds."""
    told = [os.fsdecode(argument) for argument in arguments]
    with TemporaryDirectory() as aside:
        streams = [Path(aside, name) for name in ("stdin", "stdout", "stderr")]
        streams[0].write_bytes(stdin)
        process = _CONTEXT.Process(target=_command, args=(told, folder, dict(environment), streams))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"not done after {timeout} s: {told}")
        return process.exitcode, streams[1].read_bytes(), streams[2].read_bytes()


def _command(arguments: list[str], folder: Path, environment: dict[str, str], streams: list[Path]) -> None:
    flags = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_TRUNC] * 2)
    for number, (path, flag) in enumerate(zip(streams, flags, strict=True)):
        os.dup2(os.open(path, flag), number)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 (as long as it runs)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["briefbot", *arguments]

    from bot.cli import main  # noqa: PLC0415 (there already, where the server has preloaded it)

    main()
