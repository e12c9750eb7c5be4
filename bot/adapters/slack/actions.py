"""What the buttons and forms do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError

from bot.adapters.slack.controls import CURRENT, after_rows, handle_in, page_buttons, reply_frame, row
from bot.adapters.slack.failures import Edge
from bot.adapters.slack.forms import (
    About,
    about,
    about_scene,
    answer_form,
    ask_form,
    digest_form,
    flag_form,
    values_of,
    wish_line,
)
from bot.adapters.slack.front import Front
from bot.adapters.slack.home import HomeTab, news_buttons
from bot.adapters.slack.layout import Frame, Message, message_of, pages, window
from bot.adapters.slack.text import visible
from bot.adapters.slack.voice import Voice
from bot.adapters.slack.whereabouts import Scene, of_interaction, own_place
from bot.briefing.card import Card, CardKind, Line, Role
from bot.briefing.wording import wording
from bot.desk import Asking, Reply
from bot.desk.wishes import default_wish
from bot.digest.places import Visibility
from bot.digest.sightings import FlagReason
from bot.errors import StateError
from bot.facts.model import Language

CHANGING = frozenset({"at", "line"})  # verbs by which what stands on the Home tab may change
SOON = 1.5  # seconds after which a form says that it is being worked on; Slack waits for three
Verb = Callable[[Voice, str], Awaitable[None]]


class Actions:
    """Acts on everything that can be pressed or sent in, within the edge that catches failures."""

    def __init__(self, front: Front, edge: Edge) -> None:
        self._front, self._edge, self.tab = front, edge, HomeTab(front)
        self._verbs: dict[str, Verb] = {
            "share": self._share,
            "more": self._more,
            "page": self._page,
            "line": self._line,
            "ask": self._ask,
            "flag": self._flag,
            "watch": self._watch,
            "seen": self._seen,
            "change": self._change,
            "digest": self._digest,
            "search": self._search,
            "at": self._at,
            "answer": self._answer,
            "news": self._news,
        }
        self._forms: dict[str, Callable[[Voice, About, dict[str, Any]], Awaitable[Message]]] = {
            "ask": self._asked,
            "flag": self._flagged,
            "digest": self._subscribed,
            "change": self._changed,
            "answer": self._answered,
        }

    async def pressed(self, body: dict[str, Any]) -> None:
        """A button was pressed, or the Home tab's field sent off."""
        voice = self._front.voice(await self.in_own_room(of_interaction(body)))
        action: dict[str, Any] = (body.get("actions") or [{}])[0]
        match = CURRENT.fullmatch(str(action.get("action_id", "")))
        act = self._verbs.get(match["verb"]) if match else None
        value = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
        await self._edge.run(voice, act(voice, value) if act else self._outdated(voice))
        if voice.scene.at_home and match and match["verb"] in CHANGING:
            await self.tab.refresh(voice.scene)

    async def submitted(self, body: dict[str, Any], ack: Callable[..., Awaitable[Any]]) -> None:
        """A form was sent in: what came of it takes the form's place."""
        view: dict[str, Any] = body.get("view") or {}
        scene = replace(of_interaction(body), view="")
        subject = about(str(view.get("private_metadata", "")))
        form = self._forms.get(str(view.get("callback_id", "")).rpartition(":")[2])
        if subject is not None:
            scene = subject.scene(scene)
        voice = self._front.voice(scene)
        work = form(voice, subject, values_of(view)) if form and subject else self._outdated_form(voice)
        task = asyncio.ensure_future(self._explained(voice, work))
        done, _ = await asyncio.wait([task], timeout=SOON)
        if done:
            await ack(response_action="update", view=window(task.result()))
        else:
            say = wording(await self._language(scene))
            await ack(response_action="update", view=window(message_of(notice(say("One moment, please.")))))
            await voice.client.views_update(view_id=str(view.get("id", "")), view=window(await task))
        if subject is not None and subject.at_home:
            await self.tab.refresh(scene)

    async def ask_window(self, scene: Scene) -> None:
        """The global shortcut: a question without a channel."""
        voice = self._front.voice(scene)
        await voice.open(ask_form(await self._language(scene), About(direct=True)))

    async def in_own_room(self, scene: Scene) -> Scene:
        """The scene, marked as direct when its channel is the person's conversation with the bot."""
        if scene.view or scene.at_home:
            return replace(scene, direct=True)
        if not scene.channel.startswith("D"):
            return scene
        try:
            return replace(scene, direct=await self._front.people.room(scene) == scene.channel)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError):
            return scene  # taken as a conversation between people: an answer is for the asker alone

    async def _explained(self, voice: Voice, work: Awaitable[Message]) -> Message:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 (part of the edge: what a form leads to is shown in its place)
            return message_of(await self._edge.card(voice, error))

    async def _share(self, voice: Voice, value: str) -> None:
        front, handle = self._front, handle_in(value)
        scene = replace(voice.scene, thread=handle.thread or voice.scene.thread)
        voice = front.voice(scene)
        asking = await front.asking(scene, private=True)
        reply = await front.desk.shared([handle.token], asking)
        if reply.visibility is not Visibility.ALL:
            await front.show(voice, reply, asking, "", Frame())
            return
        asker = (await front.people.profile(scene)).name
        await front.show(voice, reply, asking, "", Frame(question=handle.question, asker=asker))
        await voice.forget_source()

    async def _more(self, voice: Voice, value: str) -> None:
        handle = handle_in(value)
        await self._show_page(voice, 1, f"+{handle.token.removeprefix('~')}", turned=False)

    async def _page(self, voice: Voice, value: str) -> None:
        number, _, source = value.partition(":")
        await self._show_page(voice, int(number[:4]) if number.isdecimal() else 1, source, turned=True)

    async def _show_page(self, voice: Voice, number: int, source: str, *, turned: bool) -> None:
        """One page of a card: in place of the one before where only this person sees it, else to them alone."""
        scene = voice.scene
        asking = await self._front.asking(scene, private=True)
        card = await self._source(source, f"{scene.channel}:{scene.source}", asking)
        made = pages(card)
        number = min(max(number, 1), len(made))
        page, shown = (number, len(made), source), made[number - 1]
        frame = Frame(rows=row(page_buttons(card, page)))
        if source.startswith("~"):
            frame = reply_frame(Reply(shown), page, asking.place, scene.thread, Frame())
        await voice.show(message_of(shown, frame), private=True, replace=turned and scene.fleeting)

    async def _source(self, source: str, message: str, asking: Asking) -> Card:
        desk = self._front.desk
        if source[:1] not in {"~", "+"}:
            return (await desk.handle(source, asking)).card
        keys = [f"~{source[1:]}", message]
        if desk.messages is None:
            return notice(wording(asking.reply_language)("This answer is no longer at hand. Ask again, please."))
        if source.startswith("+"):
            return await desk.messages.more(keys, asking)
        return await desk.messages.again(keys, asking)

    async def _line(self, voice: Voice, line: str) -> None:
        await self._front.line(voice, line, private=True)

    async def _ask(self, voice: Voice, question: str) -> None:
        await self._front.line(voice, question, question=question)

    async def _search(self, voice: Voice, typed: str) -> None:
        await self._front.line(voice, visible(typed) or "help", question=typed)

    async def _seen(self, voice: Voice, delivery: str) -> None:
        await self._front.line(voice, f"seen {delivery}", private=True)

    async def _flag(self, voice: Voice, value: str) -> None:
        handle, scene = handle_in(value), voice.scene
        scene = replace(scene, thread=handle.thread or scene.thread)
        token = handle.token or f"{scene.channel}:{scene.source}"
        subject = about_scene(scene, token=token, question=handle.question)
        await voice.open(flag_form(await self._language(scene), subject))

    async def _watch(self, voice: Voice, value: str) -> None:
        front, handle = self._front, handle_in(value)
        with suppress(SlackClientError, aiohttp.ClientError, OSError, TimeoutError):
            await front.people.room(voice.scene)  # to be told there; without, it waits for the next question
        asking = await front.asking(voice.scene, private=True)
        if front.desk.watches is None:
            raise StateError("Watching needs a database.")
        card = await front.desk.watches.watch([handle.token, f"{voice.scene.channel}:{voice.scene.source}"], asking)
        await voice.show(message_of(card), private=True)

    async def _digest(self, voice: Voice, value: str) -> None:
        """The form for a new subscription; `value` is not used."""
        del value
        scene, front = voice.scene, self._front
        profile = await front.people.profile(scene)
        wish = default_wish(profile.zone or front.zone, profile.language or "en")
        form = digest_form(profile.language or "en", front.desk.store, wish, about_scene(scene))
        await voice.open(form)

    async def _at(self, voice: Voice, value: str) -> None:
        """Say a line where a subscription is, from the Home tab; the answer comes in a window."""
        channel, thread, line = (*value.split("|", 2), "", "")[:3]
        scene = await self._where(voice.scene, channel, thread)
        asking = await self._front.asking(scene, private=True)
        reply = await self._front.reply(self._front.voice(scene), line, asking)
        await voice.show(message_of(reply.card, Frame(rows=after_rows(reply.card, line))), private=True)

    async def _news(self, voice: Voice, value: str) -> None:
        """A further page of what changed since the person last looked."""
        front = self._front
        if front.desk.home is None:
            raise StateError("The Home tab needs a database.")
        asking = await front.asking(voice.scene, private=True)
        made = pages((await front.desk.home.look(asking)).changes)
        number = min(max(int(value[:4]) if value.isdecimal() else 1, 1), len(made))
        buttons = news_buttons(number, len(made), wording(asking.reply_language))
        await voice.show(message_of(made[number - 1], Frame(rows=row(buttons))), private=True)

    async def _answer(self, voice: Voice, name: str) -> None:
        await voice.open(answer_form(await self._language(voice.scene), About(direct=True, number=name, at_home=True)))

    async def _where(self, scene: Scene, channel: str, thread: str) -> Scene:
        """The scene in a channel, or in the person's own conversation with the bot."""
        if channel:
            return replace(scene, channel=channel, thread=thread, direct=False, at_home=False)
        return replace(scene, channel=await self._front.people.room(scene), thread="", direct=True, at_home=False)

    async def _change(self, voice: Voice, value: str) -> None:
        scene, desk, number = voice.scene, self._front.desk, value
        if "|" in value:  # from the Home tab: where the subscription is stands before its number
            channel, thread, number = (*value.split("|", 2), "", "")[:3]
            scene = await self._where(scene, channel, thread)
        held = await desk.digests.held(scene.place) if desk.digests else []
        found = next((one for one in held if str(one.id) == number), None)
        if found is None:
            await self._front.line(voice, "digest list", private=True)
            return
        subject = about_scene(scene, number=number)
        await voice.open(digest_form(await self._language(scene), desk.store, found.wish, subject))

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
        scene = replace(await self._where(scene, where, ""), label=label)
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

    async def _outdated(self, voice: Voice) -> None:
        await voice.show(await self._outdated_form(voice), private=True)

    async def _outdated_form(self, voice: Voice) -> Message:
        say = wording(await self._language(voice.scene))
        return message_of(notice(say("This button is from another version of briefbot. Ask again, please.")))

    async def _language(self, scene: Scene) -> Language:
        return (await self._front.people.profile(scene)).language or "en"


def notice(text: str) -> Card:
    """One line of fixed wording."""
    return Card(CardKind.NOTICE, "en", (Line(text, Role.HEADLINE),))
