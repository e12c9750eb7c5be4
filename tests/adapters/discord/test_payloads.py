"""Everything that is sent is held against Discord's published description of its API."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.adapters.discord.newsdesk import Newsdesk
from tests.adapters.discord.test_controls import subscribed_digest
from tests.conftest import ROOT

DESCRIPTION = ROOT.parent / "shared" / "platforms" / "discord-openapi.json"
pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason=f"Discord's API description is not at {DESCRIPTION}")


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return found


@cache
def operations() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    """Each method and path, with the schema of what it takes."""
    found = []
    for path, methods in description()["paths"].items():
        shape = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", re.sub(r"[@.]", r"\\\g<0>", path)))
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in content:
                found.append((method.upper(), shape, content["application/json"]["schema"]))
    return found


@cache
def validator(method: str, path: str) -> Draft202012Validator | None:
    """What checks a request; the path without braces goes before one with them."""
    for verb, shape, schema in sorted(operations(), key=lambda one: one[1].pattern.count("[^/]+")):
        if verb == method and shape.fullmatch(path):
            return Draft202012Validator({**schema, "components": description()["components"]})
    return None


def problems(method: str, path: str, body: Any) -> list[str]:
    """What the description has against a request."""
    if isinstance(body, dict):  # the library writes these ids as numbers, which Discord takes
        body = {name: value for name, value in body.items() if name != "message_reference"}
    check = validator(method, path.removeprefix("/api/v10"))
    if check is None:
        return [f"no such operation: {method} {path}"]
    return [f"{path} {error.json_path}: {error.message[:300]}" for error in check.iter_errors(body)]


async def used(news: Newsdesk) -> None:
    """One of everything."""
    asked = await news.bob.slash(news.channel, "brief ask", question="what does the ferry cost?")
    assert asked.response is not None
    await news.bob.click(asked.response, label="Share in channel")
    await news.bob.click(asked.response, label="Tell me when this changes")
    form = await news.bob.click(asked.response, label="Flag")
    await news.bob.submit_modal(form, {"reason": "wrong", "note": "no"})
    await news.bob.slash(news.channel, "brief ask", question="who is Brook?")
    await news.bob.slash(news.channel, "brief ask", question="what is the capital of France?")
    for command in ("timeline", "disputes", "sources", "help", "digest preview"):
        await news.bob.slash(news.channel, f"brief {command}")
    await news.bob.autocomplete(news.channel, "brief who", "name", "")
    await news.bob.user.send_dm("what does the ferry cost?")
    await news.eve.slash(news.channel, "newsdesk queue")
    await news.eve.slash(news.channel, "newsdesk answer", entry="q1", fact="ferry-fare")
    digest = await subscribed_digest(news)
    await news.ann.click(digest, label="Change")


async def test_commands_messages_and_forms_are_as_discord_describes_them(news: Newsdesk) -> None:
    await used(news)
    kinds = {re.sub(r"\d+", "N", re.sub(r"/interactions/.*", "/interactions", path)) for _, path, _ in news.bodies}
    assert len(kinds) >= 4
    ours = [one for one in news.bodies if not one[1].endswith("/users/@me/channels")]  # the library's own
    found = [problem for method, path, body in ours for problem in problems(method, path, body)]
    assert found == []


def test_the_check_would_see_a_wrong_payload() -> None:
    assert problems("POST", "/channels/1/messages", {"components": 7})
    assert problems("POST", "/nowhere", {})
    assert not problems("POST", "/channels/1/messages", {"content": "x", "allowed_mentions": {"parse": []}})
