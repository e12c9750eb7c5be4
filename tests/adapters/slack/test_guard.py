"""The door: what is let in, and that nothing else does harm or is written into the log."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.adapters.slack.app import create_app
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.guard import Guard, RefusedError, parsed
from bot.desk import Desk
from tests.adapters.slack.newsdesk import FORM, JSON, SECRET, Workspace, event_of, signed

CHALLENGE = json.dumps({"type": "url_verification", "token": "x", "challenge": "c-1"}).encode()
FORGED = b'{"type": "event_callback", "canary": "forged-body"}'
STAMP = "X-Slack-Request-Timestamp"
MARK = "X-Slack-Signature"


async def test_slack_verifies_the_address(news: Workspace) -> None:
    async with news.session.post(
        news.door, data=CHALLENGE, headers=signed(CHALLENGE) | {"Content-Type": JSON}
    ) as answer:
        assert answer.status == 200
        assert "c-1" in await answer.text()


# Signed as each test begins: what is dated ahead at import has come due when a long run gets here.
@pytest.mark.parametrize(
    "headers",
    [
        dict,
        lambda: signed(FORGED, secret="another"),  # noqa: S106
        lambda: signed(FORGED + b" "),
        lambda: signed(FORGED, at=int(time.time()) - 301),
        lambda: signed(FORGED, at=int(time.time()) + 600),
        lambda: signed(FORGED) | {STAMP: "soon"},
        lambda: signed(FORGED) | {STAMP: "١٧٤١٧٠٠٠٠٠"},
        lambda: signed(FORGED) | {STAMP: "-1741700000"},
        lambda: signed(FORGED) | {STAMP: "9" * 30},
        lambda: signed(FORGED) | {MARK: "v0=é"},
        lambda: signed(FORGED) | {MARK: "v0="},
        lambda: signed(FORGED) | {MARK: signed(FORGED)[MARK].upper()},
        lambda: signed(FORGED) | {MARK: signed(FORGED)[MARK].replace("v0", "v1")},
    ],
)
async def test_what_slack_did_not_sign_just_now_is_refused(
    news: Workspace, headers: Callable[[], dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert (await news.post(FORGED, JSON, headers())).status == 401
    assert "canary" not in caplog.text
    assert "Traceback" not in caplog.text
    assert not news.slack.calls


async def test_a_replay_is_refused(news: Workspace) -> None:
    body = json.dumps(event_of(news.message("when did the strike begin?", channel="DUBOB"))).encode()
    headers = signed(body)
    assert (await news.post(body, JSON, headers)).status == 200
    assert (await news.post(body, JSON, headers)).status == 401
    await news.settled(0)
    assert len(news.slack.shown) == 1


async def test_what_is_signed_and_still_cannot_be_read_is_refused(news: Workspace) -> None:
    assert (await news.post(b"{", JSON)).status == 400
    assert (await news.post(b"[" * 100_000, JSON)).status == 400
    assert (await news.post(b"\xff\xfe", JSON)).status == 400
    assert (await news.post(b"[]", JSON)).status == 400
    assert (await news.post(urlencode({"payload": "{"}).encode(), FORM)).status == 400
    assert (await news.post(CHALLENGE, "text/plain")).status == 415
    assert (await news.post(b"x" * 1_000_001, JSON)).status == 413
    assert news.guard.refused["too large"] == 1


async def test_a_body_without_a_length_is_measured_as_it_comes(news: Workspace) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    with suppress(aiohttp.ClientError):  # the door may be shut in mid-sentence
        async with news.session.post(news.door, data=endless(), headers={"Content-Type": JSON}) as answer:
            assert answer.status == 413
    assert news.guard.refused == {"too large": 1}


async def test_only_posting_is_known(news: Workspace) -> None:
    async with news.session.get(news.door) as answer:
        assert answer.status == 405


def test_without_a_signing_secret_there_is_no_door(small: Desk) -> None:
    with pytest.raises(ValueError, match="signing secret"):
        Guard(create_app(small, token="x"), "")  # noqa: S106


@given(st.sampled_from([JSON, FORM, "", "text/html"]), st.one_of(st.binary(max_size=300), st.text().map(str.encode)))
def test_any_body_is_read_or_refused(content_type: str, raw: bytes) -> None:
    with suppress(RefusedError):
        assert isinstance(parsed(content_type, raw), dict)


async def test_fuzzed_requests_get_a_plain_no(news: Workspace) -> None:
    chances = [b"", b"{}", b"payload=", b"payload=%7B%7D", b"a=b&payload", b'{"type":1}', b'{"event":[]}', b"\x00" * 50]
    for raw in chances:
        for kind in (JSON, FORM, "multipart/form-data", "a/b"):
            for headers in (None, {}, {STAMP: str(int(time.time()))}, {MARK: "v0=" + "0" * 64}):
                assert (await news.post(raw, kind, headers)).status in {200, 400, 401, 404, 413, 415}
    assert SECRET not in str(news.guard.refused)


async def test_bolt_alone_refuses_what_is_forged_and_does_not_write_its_body(
    news: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """`create_app` behind somebody else's server, where this door is not."""
    with caplog.at_level(logging.INFO):
        forged = AsyncBoltRequest(body=FORGED.decode(), headers=dict(signed(FORGED + b" ")))
        assert (await news.bot.app.async_dispatch(forged)).status == 401
        genuine = AsyncBoltRequest(body=CHALLENGE.decode(), headers={**signed(CHALLENGE), "Content-Type": JSON})
        assert (await news.bot.app.async_dispatch(genuine)).status == 200
    assert "canary" not in caplog.text


def test_no_secret_shows_in_what_things_print_as(news: Workspace) -> None:
    connection = Connection(news.bot, "xapp-canary")
    shown = repr((news.bot, news.guard, connection, news.bot.workspaces))
    assert SECRET not in shown
    assert "canary" not in shown
