"""Logs: readable in a terminal, one JSON object a line otherwise, each line with the errand's reference."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

from bot.observing import reference

log = logging.getLogger("bot")

LONGEST = 8_000  # characters of a value; what is longer is cut, and says so
HIDDEN = "[secret]"
# Tokens as the platforms write them, should a library log one that is not ours.
TOKENS = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
# These log message texts or whole requests at DEBUG, so they stay quieter than we are.
LOUD = (
    "alembic",
    "slack_sdk",
    "slack_bolt",
    "discord",
    "aiohttp.access",
    "asyncio",
    "apscheduler",
    "aiosqlite",
    "sqlalchemy",
)


def configure(form: Literal["auto", "text", "json"] = "auto", level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Send every log line of the process to standard error, in one form, without any of the secrets."""
    # Plain tracebacks throughout: those with local variables would show what they hold, secrets too.
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_reference,
    ]
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if as_text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last[:-1],
                _Redactor(secrets),
                last[-1],
                _Redactor(secrets).text,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LOUD:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _add_reference(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if ref := reference():
        event["ref"] = ref
    return event


class _Redactor:
    """Takes secrets out of a log line and cuts what is too long."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = [re.escape(secret) for secret in secrets if len(secret) >= 6]
        self._pattern = re.compile("|".join([*known, TOKENS.pattern]))

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: self._clean(value) if isinstance(value, str) else value for key, value in event.items()}

    def text(self, _logger: Any, _method: str, line: Any) -> str:
        """The line as it goes out: a traceback may hold what its message did not."""
        return self._pattern.sub(HIDDEN, line)

    def _clean(self, value: str) -> str:
        value = self._pattern.sub(HIDDEN, value)
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}… ({len(value)} characters)"
