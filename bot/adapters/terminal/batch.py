"""Questions from a file of JSON lines, answers as JSON lines in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.desk import Asking, Desk
from bot.errors import BriefbotError

KEYS = {"q", "id", "lang", "thread", "story"}


class BadLineError(BriefbotError):
    """One line of a batch cannot be asked; the message says why and what to do."""

    def __init__(self, line_id: object, message: str) -> None:
        self.line_id = line_id
        super().__init__(message)


def answers(lines: Iterable[str], desk: Desk, asking: Asking) -> Iterator[tuple[dict[str, Any], str | None]]:
    """An answer object for each line, with what was wrong with the line when something was."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _answer(line, number, desk, asking), None
        except BadLineError as error:
            yield {"id": error.line_id, "error": str(error)}, str(error)


def _answer(line: str, number: int, desk: Desk, asking: Asking) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        json.dumps(asked, allow_nan=False)
    except (ValueError, RecursionError) as error:  # a number of too many digits, or infinite, is a ValueError
        detail = "nested too deep"
        if isinstance(error, ValueError):
            detail = error.msg if isinstance(error, json.JSONDecodeError) else "a number is out of range"
        raise BadLineError(None, f"Line {number} is no JSON ({detail}); write one object a line.") from None
    if not isinstance(asked, dict):
        raise BadLineError(None, f'Line {number} is no object; write {{"q": "..."}}.')
    line_id = asked.get("id")
    if not isinstance(asked.get("q"), str):
        raise BadLineError(line_id, f'Line {number} has no question; give it as a string in "q".')
    if unknown := asked.keys() - KEYS:
        raise BadLineError(
            line_id, f"Line {number} has the unknown key {min(unknown)[:40]!r}; known: {', '.join(sorted(KEYS))}."
        )
    if asked.get("lang") not in (None, "en", "fr"):
        raise BadLineError(line_id, f'Line {number} has a language other than "en" and "fr".')
    for key in ("thread", "story"):
        if not isinstance(asked.get(key), str | None):
            raise BadLineError(line_id, f'Line {number}: "{key}" is no string.')
    this = Asking(
        asking.now,
        asked.get("lang") or asking.language,
        asking.default_language,
        asked.get("story") or asking.story,
        asked.get("thread"),
    )
    try:
        answer = desk.ask(asked["q"], this)
    except BriefbotError as error:
        raise BadLineError(line_id, f"Line {number}: {error}") from None
    # The question as it was asked, so that a script can match it; JSON escapes what must be.
    found = {**answer.as_json(desk.store), "question": asked["q"]}
    return {"id": line_id, **found} if line_id is not None else found
