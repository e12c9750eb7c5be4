"""Socket Mode against a server of our own, and the start: tokens, scopes, what was left behind."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.adapters.slack.connection import Connection
from bot.app.running import platforms, running
from bot.errors import RefusedError
from bot.observing import Level
from bot.settings import read_settings
from tests.adapters.slack.fakeslack import APP_TOKEN, TOKEN, Fault, fake_slack
from tests.adapters.slack.newsdesk import BOB, FORM, SECRET, Workspace, bot_over, event_of, signed
from tests.adapters.slack.sockets import Sockets, socket_server

QUESTION = "when did the strike begin?"


@asynccontextmanager
async def connected(news: Workspace, ping_seconds: float = 5.0) -> AsyncIterator[tuple[Sockets, Connection]]:
    async with socket_server() as (sockets, url):
        news.slack.sockets = url
        connection = Connection(bot_over(news.world, news.slack), APP_TOKEN, ping_seconds=ping_seconds)
        await connection.start()
        await news.slack.until(lambda: len(sockets.open) == 2)
        try:
            yield sockets, connection
        finally:
            await connection.close()


async def test_commands_and_events_come_by_socket_and_are_acknowledged(news: Workspace) -> None:
    async with connected(news) as (sockets, connection):
        assert connection.connected
        envelope = await sockets.send("slash_commands", dict(news.command(QUESTION)))
        await news.slack.until(lambda: envelope in sockets.acknowledged and news.slack.shown)
        assert news.slack.shown[0].user == BOB
        envelope = await sockets.send("events_api", event_of(news.message(QUESTION, channel=f"D{BOB}")))
        await news.slack.until(lambda: envelope in sockets.acknowledged and len(news.slack.shown) == 2)
    assert not connection.connected


async def test_an_event_that_comes_over_two_connections_is_handled_once(news: Workspace) -> None:
    async with connected(news) as (sockets, _):
        body = event_of(news.message(QUESTION, channel=f"D{BOB}"))
        envelopes = [await sockets.send("events_api", body) for _ in range(3)]
        again = await sockets.send("events_api", body, retry_attempt=1, retry_reason="timeout")
        await news.slack.until(lambda: {*envelopes, again} <= set(sockets.acknowledged) and news.slack.shown)
    assert len(news.slack.shown) == 1


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
async def test_a_renewed_connection_loses_nothing(news: Workspace, reason: str) -> None:
    async with connected(news) as (sockets, _):
        await sockets.renew(reason)
        await news.slack.until(lambda: sockets.accepted == 4 and len(sockets.open) == 2)
        await sockets.send("events_api", event_of(news.message(QUESTION, channel=f"D{BOB}")))
        await news.slack.until(lambda: news.slack.shown)


async def test_a_connection_that_breaks_is_made_again(news: Workspace) -> None:
    async with connected(news, ping_seconds=0.2) as (sockets, _):
        for socket in list(sockets.open):
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.abort()
        await news.slack.until(lambda: sockets.accepted >= 4)
        await sockets.send("events_api", event_of(news.message(QUESTION, channel=f"D{BOB}")))
        await news.slack.until(lambda: news.slack.shown)


async def test_a_connection_that_answers_no_ping_is_given_up(news: Workspace) -> None:
    async with connected(news, ping_seconds=0.3) as (sockets, _):
        sockets.answers_pings = False
        await news.slack.until(lambda: sockets.accepted > 2)
        sockets.answers_pings = True
        await sockets.send("events_api", event_of(news.message(QUESTION, channel=f"D{BOB}")))
        await news.slack.until(lambda: news.slack.shown)


@pytest.mark.parametrize(
    ("method", "variable"), [("auth.test", "SLACK_BOT_TOKEN"), ("apps.connections.open", "SLACK_APP_TOKEN")]
)
async def test_a_refused_token_is_named_with_its_remedy_and_not_tried_again(
    news: Workspace, method: str, variable: str
) -> None:
    news.slack.fail(method, *[Fault(error="invalid_auth")] * 5)
    connection = Connection(bot_over(news.world, news.slack), APP_TOKEN)
    with pytest.raises(RefusedError, match=f"Slack refuses {variable} .invalid_auth.. Copy it again"):
        await connection.start()
    assert news.slack.count(method) == 1


async def test_missing_scopes_are_named_at_the_start(news: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    news.slack.scopes = "commands,chat:write,app_mentions:read,im:history,im:write"
    async with connected(news):
        pass
    assert "Slack scope users:read is missing, for language, time zone" in caplog.text
    assert "reinstall it" in caplog.text
    assert "Slack scope channels:history is not granted" in caplog.text
    assert "Slack scope commands" not in caplog.text


async def test_over_http_the_server_answers_and_shuts(news: Workspace) -> None:
    connection = Connection(bot_over(news.world, news.slack))
    await connection.start()
    assert connection.address is not None
    body = urlencode(news.command(QUESTION)).encode()
    door = "http://{}:{}/slack/events".format(*connection.address)
    async with news.session.post(door, data=body, headers=signed(body) | {"Content-Type": FORM}) as answer:
        assert answer.status == 200
    await connection.close()
    assert len(news.slack.shown) == 1  # what was being answered when we stopped was finished


async def test_without_a_secret_and_without_an_app_token_nothing_starts(news: Workspace) -> None:
    slack = bot_over(news.world, news.slack)
    with pytest.raises(RefusedError, match="SLACK_APP_TOKEN"):
        await Connection(replace(slack, signing_secret="")).start()


async def test_no_token_and_no_secret_is_in_the_log(news: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with connected(news) as (sockets, _):
            await sockets.send("slash_commands", dict(news.command(QUESTION)))
            await news.slack.until(lambda: news.slack.shown)
            news.slack.fail("response_url", Fault(status=500))
            await sockets.send("slash_commands", dict(news.command(QUESTION)))
            await news.slack.until(lambda: news.slack.count("response_url") > 2)
    for canary in (TOKEN, APP_TOKEN, SECRET):
        assert canary not in caplog.text


async def test_run_brings_slack_up_by_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fake_slack() as slack, socket_server() as (sockets, url):
        slack.sockets = url
        for name, value in {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.url.rstrip("/"),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'run.db'}",
            "BRIEFBOT_HTTP_PORT": "0",
        }.items():
            monkeypatch.setenv(name, value)
        settings = read_settings()
        asked = {"type": "message", "channel_type": "im", "channel": f"D{BOB}", "user": BOB, "ts": "1.1"}
        async with running(settings, platforms(settings, "slack"), "slack") as service:
            await slack.until(lambda: len(sockets.open) == 2)
            assert [one.problem for one in service.running] == [""]
            await sockets.send("events_api", event_of(asked | {"text": "who was arrested?"}))
            await slack.until(lambda: slack.shown)
        assert "arrested" in slack.shown[0].text
        assert slack.wrong == []


async def test_the_token_and_its_scopes_are_examined(news: Workspace) -> None:
    connection = Connection(bot_over(news.world, news.slack), APP_TOKEN)
    found = await connection.examine()
    assert [one.level for one in found] == [Level.FINE, Level.WARNING, Level.WARNING]
    await connection.close()
