"""What Slack refuses: the limits of docs.slack.dev/reference, where slack_sdk's models do not check them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from slack_sdk.models.blocks import Block

LIVE = re.compile(r"<[!@#]|<https?:|<mailto:", re.IGNORECASE)
DATE = re.compile(r"<!date\^\d{9,11}\^[^|<>]*\|[^<>|]*>")
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
INTERACTIVE = frozenset({"actions", "input", "section"})


def refused(message: dict[str, Any], *, most_blocks: int = 50) -> list[str]:
    """Why Slack would not take a message, or would do something with it that nobody wants."""
    found = list(refused_text(str(message.get("text", ""))))
    if message.get("unfurl_links") is not False or message.get("unfurl_media") is not False:
        found.append("previews are not off")
    if message.get("link_names") or message.get("parse"):
        found.append("names are linked")
    return found + refused_blocks(message.get("blocks") or [], most_blocks)


def refused_text(text: str) -> list[str]:
    found = []
    if not text.strip():
        found.append("no text for screen readers")
    if len(text) > 4_000:
        found.append(f"{len(text)} characters of text")
    found += [f"the invisible character U+{ord(sign):04X}" for sign in text if is_hidden(sign)][:3]
    return found + refused_markup(text)


def is_hidden(sign: str) -> bool:
    return sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def refused_markup(text: str) -> list[str]:
    bare = DATE.sub("", text)
    found = [f"live markup {bare[m.start() : m.start() + 30]!r}" for m in LIVE.finditer(bare)]
    found += [f"unescaped {sign!r}" for sign in "<>" if sign in bare]
    found += ["an unescaped &"] if ENTITY.search(bare) else []
    return found


def refused_blocks(blocks: list[dict[str, Any]], most: int) -> list[str]:
    found = [] if len(blocks) <= most else [f"{len(blocks)} blocks"]
    ids: set[str] = set()
    for block in blocks:
        parsed = Block.parse(block)
        if parsed is None:
            found.append(f"an unknown block {block.get('type')}")
            continue
        parsed.validate_json()
        found += _inner(block, ids)
    return found


def _inner(block: dict[str, Any], ids: set[str]) -> list[str]:
    found: list[str] = []
    waiting: list[Any] = [block]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
            if not part:
                found.append("an empty list of elements")
            continue
        if not isinstance(part, dict):
            continue
        waiting += [value for value in part.values() if isinstance(value, dict | list)]
        if isinstance(part.get("text"), str):
            found += _text(part, block)
        if "action_id" in part and block["type"] != "input":
            if part["action_id"] in ids:
                found.append(f"the action {part['action_id']} twice")
            ids.add(part["action_id"])
    return found


def _text(part: dict[str, Any], block: dict[str, Any]) -> list[str]:
    text = part["text"]
    if not text:
        return ["an empty text"]
    if hidden := [f"U+{ord(sign):04X}" for sign in text if is_hidden(sign)]:
        return [f"invisible characters {hidden[:3]}"]
    if part.get("type") == "mrkdwn":
        return refused_markup(text)
    if part.get("type") == "plain_text" and len(text) > 3_000:
        return ["a text of over 3,000 characters"]
    if block["type"] == "header" and part.get("type") == "mrkdwn":
        return ["a header with markup"]
    return []
