"""By which way a request is answered: a message for all, one for its asker alone, a window."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters.slack.layout import Message, window
from bot.adapters.slack.people import refusal
from bot.adapters.slack.whereabouts import Scene

log = logging.getLogger(__name__)

MOST_USES = 5  # of a response_url, within 30 minutes (docs.slack.dev/interactivity/handling-user-interaction)
LONGEST_WAIT = 10.0  # seconds; somebody is waiting for the answer
CANNOT_POST = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "no_permission"})


class ShutOutError(Exception):
    """The bot cannot post in the channel; `reason` is Slack's word for it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass
class Voice:
    """Answers one request."""

    scene: Scene
    client: AsyncWebClient
    timeout: int = 12
    used: int = 0

    async def show(self, message: Message, *, private: bool, replace: bool = False) -> str:
        """Show one message; returns its id where all can see it.

        `private` messages in a channel are seen by the asker alone, and in a thread stand in that
        thread. `replace` puts it in the place of the message that a button stands on.

        Raises:
            ShutOutError: it is for all, and the bot cannot post there.
        """
        scene = self.scene
        if scene.view:
            await self.client.views_update(view_id=scene.view, view=window(message))
            return ""
        if scene.at_home:
            await self.client.views_open(trigger_id=scene.trigger, view=window(message))
            return ""
        if private and not scene.direct:
            await self._to_one(message, replace=replace)
            return ""
        return await self._to_all(message)

    async def forget_source(self) -> None:
        """Take away the message that a button stands on, which one person alone sees."""
        if self.scene.fleeting and self.scene.response_url:
            await self._respond({"delete_original": True})

    async def open(self, view: dict[str, Any]) -> None:
        """Open a window, which Slack allows within three seconds of the request."""
        push = self.client.views_push if self.scene.view else self.client.views_open
        await push(trigger_id=self.scene.trigger, view=view)

    async def _to_all(self, message: Message) -> str:
        scene = self.scene
        try:
            return await self._post(message)
        except SlackApiError as error:
            if refusal(error) not in CANNOT_POST:
                raise
            if not scene.response_url or self.used >= MOST_USES:
                raise ShutOutError(refusal(error)) from error
        # Slack lets a command's answer in where the bot is no member; the message's id stays unknown.
        await self._respond(message.payload() | {"response_type": "in_channel", "replace_original": False})
        return ""

    async def _to_one(self, message: Message, *, replace: bool) -> None:
        scene = self.scene
        if scene.response_url and self.used < MOST_USES:
            try:
                await self._respond(message.payload() | {"response_type": "ephemeral", "replace_original": replace})
            except ResponseUrlError as error:
                if not error.surely_refused:
                    raise
            else:
                return
        body = message.payload()
        del body["unfurl_links"], body["unfurl_media"]  # chat.postEphemeral has no previews and takes no such thing
        if scene.thread:
            body["thread_ts"] = scene.thread
        await self._patient("chat.postEphemeral", {"channel": scene.channel, "user": scene.user, **body})

    async def _post(self, message: Message) -> str:
        scene = self.scene
        body = {"channel": scene.channel, **message.payload()}
        if scene.thread:
            body["thread_ts"] = scene.thread
        answer = await self._patient("chat.postMessage", body)
        return f"{answer.get('channel') or scene.channel}:{answer.get('ts')}"

    async def _patient(self, method: str, body: dict[str, Any]) -> Any:
        """One request, and one more when Slack says that it was too early; it surely did not take the first."""
        try:
            return await self.client.api_call(method, json=body)
        except SlackApiError as error:
            response: Any = error.response
            if refusal(error) != "ratelimited":
                raise
            await asyncio.sleep(min(float(response.headers.get("Retry-After") or 1), LONGEST_WAIT))
        return await self.client.api_call(method, json=body)

    async def _respond(self, body: dict[str, Any]) -> None:
        self.used += 1
        if self.scene.thread and not body.get("delete_original"):
            body["thread_ts"] = self.scene.thread
        hook = AsyncWebhookClient(
            self.scene.response_url, timeout=self.timeout, session=self.client.session, retry_handlers=[]
        )
        answer = await hook.send_dict(body)
        if answer.status_code != 200:
            log.warning("a response_url was answered with %s", answer.status_code)
            raise ResponseUrlError(answer.status_code)


class ResponseUrlError(Exception):
    """A response_url did not take a message; `surely_refused` where it is used up or too old."""

    def __init__(self, status: int) -> None:
        self.surely_refused = 400 <= status < 500
        super().__init__(f"response_url: {status}")
