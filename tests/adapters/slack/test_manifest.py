from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from bot.adapters.slack import app
from bot.adapters.slack.manifest import EVENTS, OPTIONAL_SCOPES, SCOPES, manifest, missing, text
from tests.adapters.slack.fakeslack import FakeSlack
from tests.conftest import ROOT

SCHEMA = ROOT.parent / "shared" / "platforms" / "slack-manifest-2.0.0.schema.json"
SLACK = ROOT / "bot" / "adapters" / "slack"
# Which scope each method of Slack's needs (docs.slack.dev/reference/methods); None: any token.
NEEDED = {
    "apps.connections.open": None,
    "auth.test": None,
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.open": "im:write",
    "conversations.replies": "channels:history",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "views.open": None,
    "views.publish": None,
    "views.push": None,
    "views.update": None,
}


def methods_known() -> set[str]:
    names = [name.removeprefix("do_") for name in dir(FakeSlack) if name.startswith("do_")]
    return {name.replace("_", ".") for name in names}


def test_the_manifest_in_deploy_is_the_one_that_the_command_prints() -> None:
    kept = (ROOT / "deploy" / "slack-manifest.json").read_text(encoding="utf-8")
    assert kept == text(), "run: briefbot slack manifest > deploy/slack-manifest.json"


@pytest.mark.parametrize("address", ["", "https://bot.example/"])
def test_the_manifest_is_what_slack_takes(address: str) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"Slack's schema of manifests is not at {SCHEMA}, so the manifest is not held against it")
    jsonschema.validate(manifest(address), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_over_http_every_address_is_the_bots() -> None:
    made = manifest("https://bot.example/")
    urls = re.findall(r"https?://[^\"]+", json.dumps(made))
    assert set(urls) == {"https://bot.example/slack/events"}
    assert len(urls) == 4
    assert made["settings"]["socket_mode_enabled"] is False


def test_every_scope_has_a_use_and_every_use_its_scope() -> None:
    assert {method.replace("_", ".") for method in methods_known()} >= {name for name in NEEDED if name.count(".") == 1}
    needed = {scope for scope in NEEDED.values() if scope}
    by_events = {"app_mentions:read", "im:history"}
    assert needed | by_events | {"commands"} == (set(SCOPES) | set(OPTIONAL_SCOPES)) - {"groups:history"}
    assert all({**SCOPES, **OPTIONAL_SCOPES}.values())


def test_what_the_app_listens_to_stands_in_the_manifest() -> None:
    made = manifest()
    assert made["features"]["slash_commands"][0]["command"] == app.COMMAND
    known = {shortcut["callback_id"] for shortcut in made["features"]["shortcuts"]}
    assert known == {app.MESSAGE_SHORTCUT, app.GLOBAL_SHORTCUT}
    listened = set(re.findall(r'app\.event\("(\w+)"\)', (SLACK / "app.py").read_text(encoding="utf-8")))
    assert listened == {event.partition(".")[0] for event in EVENTS}


def test_what_is_missing_is_named_with_its_reason_and_remedy() -> None:
    everything = frozenset({**SCOPES, **OPTIONAL_SCOPES})
    assert missing(everything) == []
    [line] = missing(everything - {"im:history"})
    assert line.startswith("Slack scope im:history is missing, for questions in direct messages.")
    assert line.endswith("reinstall it.")


def test_only_methods_that_are_known_are_called() -> None:
    called = set()
    for path in Path(SLACK).glob("*.py"):
        source = path.read_text(encoding="utf-8")
        called |= set(re.findall(r'"((?:chat|views|conversations|users|usergroups)\.\w+)"', source))
        for name in re.findall(r"\.((?:chat|views|conversations|users|usergroups|auth|apps)_\w+)\b", source):
            called.add(name.replace("usergroups_users_list", "usergroups.users.list").replace("_", ".", 2))
    assert called == set(NEEDED)
