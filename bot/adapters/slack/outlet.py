"""Digests, corrections and edits on Slack.

Slack has no key by which it would know a repeat. Each message therefore carries the delivery's key in its
metadata, and after a lost answer the channel is read back for it, where the scope allows; where it does
not, the sender says so on the one repeat that it allows itself.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block

from bot.adapters.slack.controls import digest_rows, seen_rows
from bot.adapters.slack.layout import Frame, Message, message_of, pages
from bot.adapters.slack.people import refusal
from bot.adapters.slack.whereabouts import PLATFORM, address_of
from bot.adapters.slack.workspaces import Workspaces
from bot.briefing.card import Card
from bot.digest.ledger import (
    CannotTellError,
    Delivery,
    DeliveryKind,
    LayoutError,
    Parcel,
    PassingError,
    PermanentError,
)

EVENT = "briefbot_delivery"
LOOKED_AT = 100  # messages after the first attempt
PACE = 1.0  # seconds between two messages in a channel (docs.slack.dev/apis/web-api/rate-limits)
LONGEST_PACE = 3.0
MOST_CHANNELS = 10_000

# Slack's words for "not here, until a person changes something" (docs.slack.dev/reference/methods/chat.postMessage).
PLACE_CLOSED = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "user_not_found",
        "user_disabled",
        "cannot_dm_bot",
        "messages_tab_disabled",
        "no_permission",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "cannot_reply_to_message",
        "slack_connect_file_link_sharing_blocked",
        "is_inactive",
    }
)
WORKSPACE_CLOSED = frozenset(
    {
        "account_inactive",
        "access_denied",
        "app_missing_action_url",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "team_not_found",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
OUR_FAULT = frozenset(
    {
        "block_mismatch",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "markdown_text_conflict",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
# Of an edit: the notice beside it tells the readers, and the place itself is in order.
UNCHANGEABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
AMBIGUOUS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
TOO_MANY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
WAIT_UNTOLD = 30.0  # seconds


@dataclass
class Pacing:
    """One message a second for each channel, over all that this process delivers."""

    seconds: float = PACE
    _next: OrderedDict[str, float] = field(default_factory=OrderedDict)

    async def turn(self, channel: str) -> None:
        """Wait for a channel's turn. Raises PassingError when too many wait already."""
        now = monotonic()
        at = max(now, self._next.get(channel, now))
        if at - now > LONGEST_PACE:
            raise PassingError("pacing", timedelta(seconds=at - now))
        self._next[channel] = at + self.seconds
        self._next.move_to_end(channel)
        while len(self._next) > MOST_CHANNELS:
            self._next.popitem(last=False)
        await asyncio.sleep(at - now)


class SlackOutlet:
    """Slack as the sender sees it."""

    platform = PLATFORM
    recognises_repeats = timedelta(0)
    can_edit = True

    def __init__(self, workspaces: Workspaces, pacing: Pacing | None = None) -> None:
        self._workspaces, self._pacing = workspaces, pacing or Pacing()

    def pages(self, card: Card) -> list[Card]:
        """The card in as many messages as its text needs."""
        return pages(card)

    async def send(self, parcel: Parcel) -> str:
        """Deliver one message, or change one. Raises DeliveryError."""
        delivery = parcel.delivery
        channel = address_of(delivery.place)
        if not channel:
            raise PermanentError("no direct conversation is open")
        await self._pacing.turn(channel)
        try:
            if delivery.kind is DeliveryKind.EDIT:
                return await self._edit(parcel)
            return await self._create(channel, parcel)
        except SlackApiError as error:
            raise classed(error) from error
        except aiohttp.ClientConnectorError as error:
            raise PassingError("Slack cannot be reached") from error

    async def find(self, delivery: Delivery) -> str | None:
        """The message of an earlier attempt, by the key in its metadata. Raises CannotTellError."""
        channel = address_of(delivery.place)
        if not channel:
            return None
        client = self._workspaces.of(delivery.place.workspace)
        asked: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{(delivery.first_try - timedelta(minutes=1)).timestamp():.6f}",
            "limit": LOOKED_AT,
            "include_all_metadata": True,
        }
        try:
            if delivery.place.thread:
                answer = await client.conversations_replies(ts=delivery.place.thread, **asked)
            else:
                answer = await client.conversations_history(**asked)
        except SlackApiError as error:
            if refusal(error) in PLACE_CLOSED | WORKSPACE_CLOSED:
                raise CannotTellError(refusal(error)) from error
            raise
        own = (await self._workspaces.known()).bot
        for message in answer.get("messages") or ():
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("key") == delivery.key and message.get("bot_id") in {own, None}:
                return f"{channel}:{message['ts']}"
        return None

    async def _create(self, channel: str, parcel: Parcel) -> str:
        delivery = parcel.delivery
        body = {
            "channel": channel,
            **letter(parcel).payload(),
            "metadata": {"event_type": EVENT, "event_payload": {"key": delivery.key}},
        }
        if delivery.place.thread:
            body["thread_ts"] = delivery.place.thread
        client = self._workspaces.of(delivery.place.workspace)
        answer = await client.api_call("chat.postMessage", json=body)
        return f"{answer.get('channel') or channel}:{answer.get('ts')}"

    async def _edit(self, parcel: Parcel) -> str:
        channel, _, ts = parcel.delivery.edits.partition(":")
        if not ts:
            raise LayoutError("no message of that id")
        message = letter(parcel).payload()
        del message["unfurl_links"], message["unfurl_media"]  # chat.update takes no such thing
        client = self._workspaces.of(parcel.delivery.place.workspace)
        await client.api_call("chat.update", json={"channel": channel, "ts": ts, **message})
        return parcel.delivery.edits


def classed(error: SlackApiError) -> Exception:
    """What a refusal means: passing, until somebody acts, our fault, or not known."""
    word, response = refusal(error), error.response
    status = int(getattr(response, "status_code", 200) or 200)
    if status == 429 or word in TOO_MANY:
        headers: Any = getattr(response, "headers", {}) or {}
        wait = float(headers.get("Retry-After") or WAIT_UNTOLD)
        return PassingError("rate limit", timedelta(seconds=wait), whole_scope=True)
    if not word or word in AMBIGUOUS or status >= 500:
        return error  # part of it may have been done
    if word in PLACE_CLOSED:
        return PermanentError(word)
    if word in WORKSPACE_CLOSED:
        return PermanentError(word, whole_scope=True)
    if word in OUR_FAULT or word in UNCHANGEABLE:
        return LayoutError(word)
    return PassingError(word)  # a word that we do not know, but surely a refusal


def letter(parcel: Parcel) -> Message:
    """The message for a delivery, with what can be done about it."""
    delivery, card = parcel.delivery, parcel.card
    rows: Sequence[Block] = ()
    if delivery.kind is DeliveryKind.DIGEST and delivery.subscription is not None:
        rows = digest_rows(card, delivery.subscription.id)
    elif delivery.kind is DeliveryKind.CORRECTION:
        rows = seen_rows(card, delivery.id)
    return message_of(card, Frame(rows=rows))
