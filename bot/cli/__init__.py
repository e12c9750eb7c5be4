"""The command line. Exit status: 0 done, 1 a failure explained on standard error, 2 wrong usage."""

from __future__ import annotations

import os
import sys

from bot.cli import digests, discord_commands, facts, questions, service, slack_commands
from bot.cli.common import app
from bot.errors import BriefbotError

__all__ = ["app", "digests", "discord_commands", "facts", "main", "questions", "service", "slack_commands"]


def main() -> None:
    """Run one command; a failure is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except BriefbotError as error:
        print(f"briefbot: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # The reader has gone (`| head`); Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
