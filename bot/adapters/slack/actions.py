"""What the buttons do."""

from __future__ import annotations

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
    about_scene,
    answer_form,
    ask_form,
    digest_form,
    flag_form,
)
from bot.adapters.slack.front import Front, notice, outdated
from bot.adapters.slack.home import HomeTab, news_buttons
from bot.adapters.slack.layout import Frame, message_of, pages
from bot.adapters.slack.text import visible
from bot.adapters.slack.voice import Voice
from bot.adapters.slack.whereabouts import Scene, of_interaction
from bot.briefing.card import Card
from bot.briefing.wording import wording
from bot.desk import Asking, Reply
from bot.desk.wishes import default_wish
from bot.digest.places import Visibility
from bot.errors import StateError

CHANGING = frozenset({"at", "line"})  # verbs by which what stands on the Home tab may change
Verb = Callable[[Voice, str], Awaitable[None]]


class Actions:
    """Acts on everything that can be pressed, within the edge that catches failures."""

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

    async def ask_window(self, scene: Scene) -> None:
        """The global shortcut: a question without a channel."""
        voice = self._front.voice(scene)
        await voice.open(ask_form(await self._front.language(scene), About(direct=True)))

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
        await voice.open(flag_form(await self._front.language(scene), subject))

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
        scene = await self._front.at(voice.scene, channel, thread)
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
        await voice.open(
            answer_form(await self._front.language(voice.scene), About(direct=True, number=name, at_home=True))
        )

    async def _change(self, voice: Voice, value: str) -> None:
        scene, desk, number = voice.scene, self._front.desk, value
        if "|" in value:  # from the Home tab: where the subscription is stands before its number
            channel, thread, number = (*value.split("|", 2), "", "")[:3]
            scene = await self._front.at(scene, channel, thread)
        held = await desk.digests.held(scene.place) if desk.digests else []
        found = next((one for one in held if str(one.id) == number), None)
        if found is None:
            await self._front.line(voice, "digest list", private=True)
            return
        subject = replace(about_scene(scene, number=number), at_home=voice.scene.at_home)
        await voice.open(digest_form(await self._front.language(scene), desk.store, found.wish, subject))

    async def _outdated(self, voice: Voice) -> None:
        await voice.show(outdated(await self._front.language(voice.scene)), private=True)
