"""What the forms do: what came of one takes its place in the window."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.adapters.slack.controls import reply_frame
from bot.adapters.slack.failures import Edge
from bot.adapters.slack.forms import About, about, values_of, wish_line
from bot.adapters.slack.front import Front, notice, outdated
from bot.adapters.slack.home import HomeTab
from bot.adapters.slack.layout import Frame, Message, message_of, pages, window
from bot.adapters.slack.text import visible
from bot.adapters.slack.voice import Voice
from bot.adapters.slack.whereabouts import Scene, of_interaction, own_place
from bot.briefing.wording import wording
from bot.digest.sightings import FlagReason
from bot.errors import StateError

SOON = 1.5  # seconds after which a form says that it is being worked on; Slack waits for three


class Submissions:
    """Acts on forms that were sent in, within the edge that catches failures."""

    def __init__(self, front: Front, edge: Edge, tab: HomeTab) -> None:
        self._front, self._edge, self._tab = front, edge, tab
        self._forms: dict[str, Callable[[Voice, About, dict[str, Any]], Awaitable[Message]]] = {
            "ask": self._asked,
            "flag": self._flagged,
            "digest": self._subscribed,
            "change": self._changed,
            "answer": self._answered,
        }

    async def submitted(self, body: dict[str, Any], ack: Callable[..., Awaitable[Any]]) -> None:
        """A form was sent in: what came of it takes the form's place."""
        view: dict[str, Any] = body.get("view") or {}
        scene = replace(of_interaction(body), view="")
        subject = about(str(view.get("private_metadata", "")))
        form = self._forms.get(str(view.get("callback_id", "")).rpartition(":")[2])
        if subject is not None:
            scene = subject.scene(scene)
        voice = self._front.voice(scene)
        work = form(voice, subject, values_of(view)) if form and subject else self._outdated(voice)
        task = asyncio.ensure_future(self._explained(voice, work))
        done, _ = await asyncio.wait([task], timeout=SOON)
        if done:
            await ack(response_action="update", view=window(task.result()))
        else:
            say = wording(await self._front.language(scene))
            await ack(response_action="update", view=window(message_of(notice(say("One moment, please.")))))
            await voice.client.views_update(view_id=str(view.get("id", "")), view=window(await task))
        if subject is not None and subject.at_home:
            await self._tab.refresh(scene)

    async def _explained(self, voice: Voice, work: Awaitable[Message]) -> Message:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 (part of the edge: what a form leads to is shown in its place)
            return message_of(await self._edge.card(voice, error))

    async def _asked(self, voice: Voice, subject: About, values: dict[str, Any]) -> Message:
        del subject
        question = visible(str(values.get("question", ""))) or "help"
        asking = await self._front.asking(voice.scene)
        reply = await self._front.desk.handle(question, asking)
        await self._front.desk.delivered(replace(reply, notices=()), self._front.clock())
        made = pages(reply.card)
        source = (reply.showing.token if reply.showing else question) if len(made) > 1 else ""
        return message_of(made[0], reply_frame(reply, (1, len(made), source), asking.place, "", Frame(question)))

    async def _flagged(self, voice: Voice, subject: About, values: dict[str, Any]) -> Message:
        asking, messages = await self._front.asking(voice.scene, private=True), self._front.desk.messages
        if messages is None:
            raise StateError("Flags need a database.")
        reason = FlagReason(values["reason"]) if values.get("reason") in set(FlagReason) else FlagReason.WRONG
        note = visible(str(values.get("note", "")))
        return message_of(await messages.flag([subject.token], reason, note, subject.question, asking))

    async def _subscribed(self, voice: Voice, subject: About, values: dict[str, Any]) -> Message:
        del subject
        scene, front = voice.scene, self._front
        where = str(values.get("where") or "")
        label = scene.label if where == scene.channel else ""
        scene = replace(await front.at(scene, where, ""), label=label)
        return await self._said(scene, f"digest subscribe {wish_line(values, front.desk.store.stories)}")

    async def _changed(self, voice: Voice, subject: About, values: dict[str, Any]) -> Message:
        number = subject.number if subject.number.isdecimal() else "0"
        line = f"digest change #{number} {wish_line(values, self._front.desk.store.stories)}"
        return await self._said(voice.scene, line)

    async def _answered(self, voice: Voice, subject: About, values: dict[str, Any]) -> Message:
        """An editor's answer to an entry of the queue, by a fact."""
        scene = replace(voice.scene, channel="", thread="", direct=True)
        return await self._said(scene, f"queue answer {subject.number} {visible(str(values.get('fact', '')))}")

    async def _said(self, scene: Scene, line: str) -> Message:
        """What the desk says to a form's line."""
        front = self._front
        asking = await front.asking(scene, private=True)
        if scene.direct:
            asking = replace(asking, place=own_place(scene.team, scene.user, scene.channel))
        reply = await front.reply(front.voice(replace(scene, response_url="")), line, asking)
        await front.desk.delivered(replace(reply, notices=()), front.clock())
        return message_of(pages(reply.card)[0])

    async def _outdated(self, voice: Voice) -> Message:
        return outdated(await self._front.language(voice.scene))
