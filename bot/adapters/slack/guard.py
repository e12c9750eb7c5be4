"""The door for Slack's HTTP requests, in front of Bolt.

Bolt answers a malformed signature with a 500 and a stack trace, logs the whole body of a forged request, and
runs a replayed one again; and a command whose text holds the word "payload" is lost to its parser. So every
request is checked and read here, and Bolt gets only what Slack sent, once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 1_000_000  # bytes; Slack's own are far smaller
OLDEST = 300  # seconds (docs.slack.dev/authentication/verifying-requests-from-slack)
READING = 5.0  # seconds for a body to arrive
MOST_SIGNATURES = 50_000
TIMESTAMP = re.compile(r"\d{9,11}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
OBJECTS = ("event", "user", "team", "channel", "container", "message", "view")  # which Bolt and we look into
RETRIES = ("x-slack-retry-num", "x-slack-retry-reason")


class RefusedError(Exception):
    """A request that is not let in."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


@dataclass
class Guard:
    """Lets in what Slack signed within five minutes, once. `clock` gives seconds since 1970."""

    app: AsyncApp = field(repr=False)
    secret: str = field(repr=False)
    clock: Callable[[], float] = time.time
    refused: dict[str, int] = field(default_factory=dict)
    _signatures: OrderedDict[str, float] = field(default_factory=OrderedDict, repr=False)

    def __post_init__(self) -> None:
        if not self.secret:
            raise ValueError("without a signing secret anybody could send requests in Slack's name")

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        try:
            raw = await self._read(request)
            signature = self._signed(request.headers, raw)
            body = parsed(request.content_type, raw)
        except RefusedError as error:
            self.refused[error.reason] = self.refused.get(error.reason, 0) + 1
            log.warning("a request to %s was refused: %s", PATH, error.reason)
            return web.Response(status=error.status, text=error.reason)
        if not self._first(signature):
            self.refused["replayed"] = self.refused.get("replayed", 0) + 1
            log.warning("a request to %s was refused: replayed", PATH)
            return web.Response(status=401, text="replayed")
        if body.get("ssl_check"):
            return web.Response()
        response = await self._dispatch(body, request.headers)
        if response.status >= 500:
            self._signatures.pop(signature, None)  # Slack may send it again, even within the second
        return response

    async def _read(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > LARGEST:
            raise RefusedError(413, "too large")
        raw = b""
        try:
            async with asyncio.timeout(READING):
                async for chunk in request.content.iter_chunked(65_536):
                    raw += chunk
                    if len(raw) > LARGEST:
                        raise RefusedError(413, "too large")
        except TimeoutError:
            raise RefusedError(408, "too slow") from None
        return raw

    def _signed(self, headers: Mapping[str, str], raw: bytes) -> str:
        """The signature of a request that Slack signed just now."""
        stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
        if not TIMESTAMP.fullmatch(stamp) or not stamp.isascii() or not SIGNATURE.fullmatch(signature):
            raise RefusedError(401, "not signed")
        if abs(self.clock() - int(stamp)) > OLDEST:
            raise RefusedError(401, "stale")
        base = b"v0:" + stamp.encode() + b":" + raw
        expected = "v0=" + hmac.new(self.secret.encode(), base, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise RefusedError(401, "wrong signature")
        return signature

    def _first(self, signature: str) -> bool:
        """Whether a signature comes for the first time; it is remembered for as long as it would be let in."""
        now = self.clock()
        while self._signatures and (
            len(self._signatures) >= MOST_SIGNATURES or next(iter(self._signatures.values())) < now - 2 * OLDEST
        ):
            self._signatures.popitem(last=False)
        if signature in self._signatures:
            return False
        self._signatures[signature] = now
        return True

    async def _dispatch(self, body: dict[str, Any], headers: Mapping[str, str]) -> web.Response:
        passed: dict[str, str | Sequence[str]] = {name: headers[name] for name in RETRIES if name in headers}
        try:
            # As Bolt takes requests from a socket: parsed, and verified by whoever hands them over.
            answer = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body, headers=passed))
        except Exception:
            ref = secrets.token_hex(3)
            log.exception("failure %s at a request", ref)
            return web.Response(status=500, text=ref)
        shown = answer.first_headers_without_set_cookie()
        return web.Response(status=answer.status, text=answer.body, headers=shown)


def parsed(content_type: str, raw: bytes) -> dict[str, Any]:
    """The body of a request: JSON for events; a form for commands, with JSON in it for everything else."""
    try:
        text = raw.decode("utf-8")
        if content_type == "application/json":
            found = json.loads(text)
        elif content_type == "application/x-www-form-urlencoded":
            fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
            found = json.loads(fields["payload"]) if "payload" in fields else fields
        else:
            raise RefusedError(415, "wrong content type")
    except (ValueError, RecursionError):
        raise RefusedError(400, "malformed") from None
    if not isinstance(found, dict):
        raise RefusedError(400, "malformed")
    held = {name: value for name, value in found.items() if value is not None}
    if any(not isinstance(held.get(name, {}), dict) for name in OBJECTS):
        raise RefusedError(400, "malformed")
    return held
