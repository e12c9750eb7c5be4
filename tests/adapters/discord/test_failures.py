"""Failures: one kind line with a reference that the log has too; what came too late is counted, not shouted."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from bot.adapters.discord.failures import MOST_REMEMBERED, Once
from bot.errors import StateError
from tests.adapters.discord.newsdesk import Newsdesk, words

QUESTION = "when did the strike begin?"
CALLBACK = "/interactions/*/callback"
SECRET = "secret of the database <@1> @everyone"  # noqa: S105 (what no reader may see)


class Broken:
    """A desk's part that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def visibility(self, *_: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError(SECRET), "Something went wrong on our side"),
        (StateError(SECRET), "The database cannot be used just now"),
    ],
)
async def test_a_failure_is_told_in_one_line_with_the_id_that_the_log_has(
    news: Newsdesk, error: Exception, says: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.failing = True
    monkeypatch.setattr(news.bot.front.desk, "channels", Broken(error))
    with caplog.at_level(logging.ERROR, "bot"):
        asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert asked.ephemeral
    assert asked.response is not None
    shown = words(asked.response)
    assert says in shown
    assert "secret" not in shown
    reference = re.search(r": (\w{6})\.$", shown, re.MULTILINE)
    assert reference is not None
    assert any(reference[1] in record.getMessage() for record in caplog.records)
    assert news.bot.edge.failed == 1


async def test_a_failing_message_is_answered_too(
    news: Newsdesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(*_: Any) -> Any:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(news.bot.front.desk, "handle", handle)
    await news.bob.user.send_dm(QUESTION)
    last = news.bob.user.dm_channel.last_message
    assert last is not None
    assert "Something went wrong on our side" in words(last)
    assert "secret" not in words(last)
    assert SECRET in caplog.text


@pytest.mark.parametrize(("status", "code"), [(404, 10_062), (400, 40_060)])
async def test_what_came_too_late_or_twice_is_counted_and_nothing_else(news: Newsdesk, status: int, code: int) -> None:
    news.failing = True
    news.env.inject_error("POST", CALLBACK, status=status, code=code, message="injected")
    await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert (news.bot.edge.missed, news.bot.edge.failed) == (1, 0)
    assert news.channel.last_message is None


@pytest.mark.parametrize(("status", "code"), [(403, 50_001), (403, 50_013), (503, 0)])
async def test_a_mention_that_cannot_be_answered_breaks_nothing(news: Newsdesk, status: int, code: int) -> None:
    news.env.inject_error("POST", "/channels/*/messages", status=status, code=code, times=None)
    assert news.guild.me is not None
    await news.bob.send(news.channel, f"{news.guild.me.mention} {QUESTION}")
    assert news.bot.edge.failed == 1
    asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert asked.response is not None


async def test_an_interaction_that_is_sent_again_is_handled_once(news: Newsdesk) -> None:
    seen: list[dict[str, Any]] = []
    parse = news.bot._connection.parse_interaction_create

    def both(data: dict[str, Any]) -> None:
        seen.append(data)
        parse(data)  # type: ignore[arg-type]

    news.bot._connection.parsers["INTERACTION_CREATE"] = both
    await news.bob.slash(news.channel, "brief flag", reason="old", note="once only")
    news.bot._connection.parsers["INTERACTION_CREATE"](seen[0])
    await news.env.settle()
    (entry,), _ = await news.world.state.queue.waiting(5)
    assert entry.times == 1


async def test_direct_messages_that_are_closed_make_watching_wait(news: Newsdesk) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert asked.response is not None
    news.env.inject_error("POST", "/users/@me/channels", status=403, code=50_007)
    done = await news.bob.click(asked.response, label="Tell me when this changes")
    assert done.response is not None
    assert "the next time that you ask something" in words(done.response)


def test_only_so_many_interactions_are_remembered() -> None:
    once = Once()
    assert all(once.first(number) for number in range(MOST_REMEMBERED + 5))
    assert not once.first(MOST_REMEMBERED)
    assert once.first(0)
