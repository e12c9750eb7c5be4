"""The app's manifest, from which Slack makes the app; and what is missing of what it asks for.

`briefbot slack manifest` prints it; `deploy/slack-manifest.json` is that, and a test keeps them the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.adapters.slack.app import COMMAND, GLOBAL_SHORTCUT, MESSAGE_SHORTCUT
from bot.adapters.slack.guard import PATH

# Every scope with its reason: what stops without it.
SCOPES: Mapping[str, str] = {
    "commands": "/brief and the shortcuts",
    "chat:write": "answers, digests and corrections",
    "app_mentions:read": "questions to @briefbot in channels and threads",
    "im:history": "questions in direct messages",
    "im:write": "digests and corrections as direct messages, once somebody asked for them",
    "users:read": "language, time zone, and whether somebody is a guest",
    "usergroups:read": "who the editors are, by a user group",
}
# Not needed: after a crash in mid-delivery the channel is read back, so that nothing is posted twice.
OPTIONAL_SCOPES: Mapping[str, str] = {
    "channels:history": "reading back after a crash in public channels; without it a digest may come twice",
    "groups:history": "the same in private channels",
}
EVENTS = ("app_home_opened", "app_mention", "message.im")

_SHORT = "Short answers from curated facts, each with who said it. English and French."
_LONG = (
    "briefbot answers a newsroom's questions on running stories from facts that its editors curate: every statement "
    "with who said it, how sure that is, and where sources differ. It asks back rather than guess, says when it does "
    "not know, sends a daily digest of what changed, and corrects what it once said wherever it was shown. Answers "
    "are seen by the asker alone until they share them."
)


def manifest(address: str = "") -> dict[str, Any]:
    """The manifest: for Socket Mode, or for HTTP with the public `address` of the bot, such as https://bot.example."""
    url = f"{address.rstrip('/')}{PATH}" if address else ""
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Ask a question, in English or French",
        "usage_hint": "[question | who NAME | timeline | disputes | digest | help]",
        "should_escape": False,
    }
    settings: dict[str, Any] = {
        "event_subscriptions": {"bot_events": list(EVENTS)},
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not url,
        "token_rotation_enabled": False,
    }
    if url:
        command["url"] = url
        settings["event_subscriptions"]["request_url"] = url
        settings["interactivity"] |= {"request_url": url, "message_menu_options_url": url}
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": "briefbot",
            "description": _SHORT,
            "long_description": _LONG,
            "background_color": "#1f4e66",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "briefbot", "always_online": True},
            "shortcuts": [
                {
                    "name": "Brief me on this",
                    "type": "message",
                    "callback_id": MESSAGE_SHORTCUT,
                    "description": "What the facts say about this message; only you see it",
                },
                {
                    "name": "Ask briefbot",
                    "type": "global",
                    "callback_id": GLOBAL_SHORTCUT,
                    "description": "A question, answered in a window that only you see",
                },
            ],
            "slash_commands": [command],
        },
        "oauth_config": {
            "scopes": {"bot": [*SCOPES, *OPTIONAL_SCOPES], "bot_optional": list(OPTIONAL_SCOPES)},
        },
        "settings": settings,
    }


def text(address: str = "") -> str:
    """The manifest as it stands in a file."""
    return json.dumps(manifest(address), indent=2, ensure_ascii=False) + "\n"


def missing(granted: frozenset[str]) -> list[str]:
    """What to tell whoever runs the bot about scopes that the token lacks, each with its remedy."""
    remedy = "Put deploy/slack-manifest.json into the app (api.slack.com/apps, App Manifest) and reinstall it."
    needed = [f"Slack scope {scope} is missing, for {why}. {remedy}" for scope, why in _lacking(SCOPES, granted)]
    useful = [f"Slack scope {scope} is not granted: {why}." for scope, why in _lacking(OPTIONAL_SCOPES, granted)]
    return [*needed, *useful]


def _lacking(scopes: Mapping[str, str], granted: frozenset[str]) -> list[tuple[str, str]]:
    return [(scope, why) for scope, why in scopes.items() if scope not in granted]
