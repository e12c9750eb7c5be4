"""From Slack to the desk and back: who asks where, what the desk says, and by which way it is shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.adapters.slack.controls import after_rows, reply_frame, seen_rows, source_of
from bot.adapters.slack.layout import Frame, Message, message_of, pages
from bot.adapters.slack.people import People
from bot.adapters.slack.subscribing import tested
from bot.adapters.slack.text import visible
from bot.adapters.slack.voice import Voice
from bot.adapters.slack.whereabouts import Scene
from bot.briefing.card import Card, CardKind, Line, Role
from bot.briefing.text import normalise
from bot.briefing.wording import wording
from bot.desk import Asking, Desk, Reply
from bot.desk.queue import QUEUE_CALLS
from bot.desk.watching import UNWATCH_CALLS, WATCH_CALLS
from bot.digest.places import Visibility
from bot.facts.model import Language
from bot.facts.text import fold

SETTINGS_PATIENCE = 0.7
MOST_NOTICES = 3  # with one reply; a response_url takes five messages
OWN_BUSINESS = QUEUE_CALLS | WATCH_CALLS | UNWATCH_CALLS | {"digest", "bulletin", "help", "aide", "seen", "vu"}
# What changes a subscription so that something will be posted here.
STARTS = re.compile(r"(?:digest|bulletin) (?:subscribe|abonner|resume|reprendre|undo|annuler)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Front:
    """What every command, button, form and message goes through. `clock` tells the time; `zone` is the newsroom's."""

    desk: Desk
    people: People
    clock: Callable[[], datetime]
    zone: str = "UTC"

    def voice(self, scene: Scene) -> Voice:
        """By what a request can be answered."""
        return Voice(scene, self.people.workspaces.of(scene.team))

    async def asking(self, scene: Scene, *, private: bool = False) -> Asking:
        """Who asks where; `private` for what never concerns anybody else."""
        place, now = scene.place, self.clock()
        profile = await self.people.profile(scene)
        visibility = Visibility.ALL if place.direct else Visibility.PRIVATE
        if not private and self.desk.channels is not None and not place.direct:
            try:
                async with asyncio.timeout(SETTINGS_PATIENCE):
                    visibility = await self.desk.channels.visibility(place, now)
            except TimeoutError:
                pass  # what is private by mistake can be shared; the reverse cannot be taken back
        return Asking(
            now,
            default_language=profile.language or "en",
            thread=scene.conversation,
            place=place,
            person=scene.person,
            visibility=visibility,
            may_manage=place.direct or await self.people.may_manage(scene),
            is_editor=await self.people.is_editor(scene),
            zone=profile.zone or self.zone,
            place_label=scene.label,
            threads=True,
            direct_address=self.people.room_if_open(scene),
        )

    async def language(self, scene: Scene) -> Language:
        """The language in which a person uses Slack, if it is one of ours."""
        return (await self.people.profile(scene)).language or "en"

    async def at(self, scene: Scene, channel: str, thread: str) -> Scene:
        """The scene in a channel, or without one in the person's own conversation with the bot."""
        if channel:
            return replace(scene, channel=channel, thread=thread, direct=False, at_home=False)
        return replace(scene, channel=await self.people.room(scene), thread="", direct=True, at_home=False)

    async def line(self, voice: Voice, line: str, *, private: bool = False, question: str = "") -> None:
        """Answer a line as typed."""
        asking = await self.asking(voice.scene, private=private or is_own_business(line))
        await self.show(voice, await self.reply(voice, line, asking), asking, line, Frame(question=question))

    async def reply(self, voice: Voice, line: str, asking: Asking) -> Reply:
        """What the desk says to a line; a digest that shall come here is tried out first."""
        if STARTS.match(line) and self.desk.digests is not None and asking.place and not asking.place.direct:
            return await tested(self.desk, voice, line, asking)
        return await self.desk.handle(line, asking)

    async def show(self, voice: Voice, reply: Reply, asking: Asking, line: str, frame: Frame) -> None:
        """Show a reply to whom it is for, then what waited for this person, to them alone."""
        scene, private = voice.scene, reply.visibility is Visibility.PRIVATE
        reply = replace(reply, card=with_manners(reply.card), notices=reply.notices[:MOST_NOTICES])
        made = pages(reply.card)
        source = source_of(line, reply.showing.token if reply.showing else "", len(made))
        if frame.question and not private and not scene.direct and scene.channel and not frame.asker:
            frame = replace(frame, asker=(await self.people.profile(scene)).name)
        if scene.direct or (frame.question and not frame.asker and not private):
            frame = replace(frame, question="", asker="")
        shown = replace(reply, card=made[0])
        framed = reply_frame(shown, (1, len(made), source), asking.place, scene.thread, frame)
        framed = replace(framed, rows=[*framed.rows, *after_rows(reply.card, line)])
        first = await voice.show(message_of(made[0], framed), private=private)
        for page in made[1:] if not source else ():
            await voice.show(message_of(page), private=private)
        if not (scene.view or scene.at_home):
            await self.notices(voice, reply)
        else:
            reply = replace(reply, notices=())  # a window holds one thing; they go on waiting
        await self.desk.delivered(reply, self.clock(), "" if private else first)

    async def notices(self, voice: Voice, reply: Reply) -> None:
        """What waited for this person."""
        for contact in reply.notices:
            for page in pages(contact.card):
                await voice.show(message_of(page, Frame(rows=seen_rows(page, contact.delivery.id))), private=True)

    async def message(self, scene: Scene, text: str) -> None:
        """Answer a mention or a direct message.

        In a channel whose answers are for all, a thread opens under the mention, so that talk goes on, unless it is
        set to have them in the channel itself.
        """
        voice, line = self.voice(scene), visible(text) or "help"
        asking = await self.asking(scene, private=is_own_business(line))
        opens = asking.visibility is Visibility.ALL and not scene.direct and not scene.thread
        if opens and self.desk.channels and not (await self.desk.channels.settings(scene.place, asking.now)).in_channel:
            voice = self.voice(replace(scene, thread=scene.source))
            asking = replace(asking, place=voice.scene.place, thread=voice.scene.conversation)
        reply = await self.reply(voice, line, asking)
        if not scene.direct and asking.visibility is Visibility.ALL:
            reply = replace(reply, notices=())  # others read here; they go on waiting
        frame = Frame() if asking.visibility is Visibility.ALL else Frame(question=line)
        await self.show(voice, reply, asking, line, frame)


def notice(text: str) -> Card:
    """One line of fixed wording."""
    return Card(CardKind.NOTICE, "en", (Line(text, Role.HEADLINE),))


def outdated(language: Language) -> Message:
    """What a button or form of another version says."""
    say = wording(language)
    return message_of(notice(say("This button is from another version of briefbot. Ask again, please.")))


def is_own_business(line: str) -> bool:
    """Whether a line concerns nobody but who types it, whatever its channel is set to."""
    return fold(normalise(line).partition(" ")[0]) in OWN_BUSINESS


def with_manners(card: Card) -> Card:
    """Help with what is particular to Slack."""
    if card.kind is not CardKind.HELP:
        return card
    say = wording("fr" if card.language == "fr" else "en")
    lines = (
        Line(
            say(
                "In a thread Slack takes no slash commands: mention me there, use the buttons, "
                "or choose “Brief me on this” in a message's menu."
            ),
            Role.NOTE,
        ),
        Line(say("Where only you see an answer, “Share in channel” shows it to all."), Role.NOTE),
    )
    return replace(card, blocks=(*card.blocks, *lines))
