from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from bot.logs import HIDDEN, LONGEST, configure
from bot.observing import errand

SECRET = "Canary/token+1"  # noqa: S105 (none, for the search)
DISCORD = "MTE5ODYyMjQ4MzQ3MTkyNTI0OA.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
log = logging.getLogger("bot.test")


class Told:
    """What went to standard error."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture, self._text = capture, ""

    @property
    def text(self) -> str:
        self._text += self._capture.readouterr().err
        return self._text

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture(name="told")
def _told(capsys: pytest.CaptureFixture[str]) -> Iterator[Told]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield Told(capsys)
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_one_json_object_with_its_reference(told: Told) -> None:
    configure()
    with errand("abc123"):
        log.warning("delivery %s\nwas refused", 7)
    log.info("and on")
    first, second = told.lines
    assert (first["event"], first["level"], first["logger"]) == ("delivery 7\nwas refused", "warning", "bot.test")
    assert first["ref"] == "abc123"
    assert "ref" not in second


def test_errands_have_references_of_their_own() -> None:
    with errand() as outer, errand() as inner:
        assert outer != inner
        assert len(inner) == 6


@pytest.mark.parametrize(
    "secret",
    [SECRET, DISCORD, "xoxb-1234567890-abcdefghij", "xapp-1-A024-123-abcdef", "postgresql://bot:hunter2@host/db"],
)
@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_is_written_wherever_it_stands(told: Told, secret: str, form: Literal["json", "text"]) -> None:
    configure(form, secrets=[SECRET])
    log.warning("connecting with %s", secret)
    try:
        raise ValueError(f"refused: {secret}")  # noqa: TRY301 (for its traceback)
    except ValueError:
        log.exception("failed at %s", {"token": secret})
    kept = secret.replace("bot:hunter2", HIDDEN) if "@" in secret else HIDDEN
    assert told.text.count(kept) >= 3
    assert secret not in told.text
    assert "hunter2" not in told.text


def test_a_long_value_is_cut_and_says_so(told: Told) -> None:
    configure()
    log.warning("x" * 20_000)
    (line,) = told.lines
    assert len(line["event"]) < LONGEST + 50
    assert line["event"].endswith("(20000 characters)")


def test_libraries_that_log_what_people_wrote_stay_quiet(told: Told) -> None:
    configure("json", "DEBUG")
    for name in ("slack_sdk.web", "slack_bolt.App", "discord.gateway", "aiohttp.access"):
        logging.getLogger(name).debug("somebody's message")
        logging.getLogger(name).info("somebody's message")
    log.debug("ours")
    assert [line["event"] for line in told.lines] == ["ours"]
