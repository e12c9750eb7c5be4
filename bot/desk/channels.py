"""What a channel is set to: the story that its questions are about, and who sees the answers."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer
from bot.briefing.text import normalise, words
from bot.briefing.wording import Wording, wording
from bot.desk.asking import Asking
from bot.desk.ports import StatePort
from bot.digest.places import ChannelSettings, Place, Visibility
from bot.errors import StateError
from bot.facts.store import FactStore
from bot.facts.text import fold

log = logging.getLogger(__name__)

STORY_CALLS = frozenset({"story", "dossier"})
ANSWERS_CALLS = frozenset({"answers", "reponses"})
NO_STORY = frozenset({"none", "all", "aucun", "tout"})
WHO_SEES = {"public": True, "publiques": True, "private": False, "privees": False}
WHERE_THEY_STAND = {"channel": True, "salon": True, "canal": True, "thread": False, "fil": False}
REMEMBERED = timedelta(seconds=60)  # another process may have changed it since
MOST_REMEMBERED = 10_000


class ChannelDesk:
    """Reads and changes channel settings; reading costs the database once a minute for each channel."""

    def __init__(self, state: StatePort, store: Callable[[], FactStore]) -> None:
        self._state, self._store = state, store
        self._known: OrderedDict[Place, tuple[datetime, ChannelSettings]] = OrderedDict()

    async def settings(self, place: Place, now: datetime) -> ChannelSettings:
        """The settings of a place; a thread has those of its channel. The usual ones while the database fails."""
        place = place.whole_channel
        if place in self._known and now - self._known[place][0] <= REMEMBERED:
            return self._known[place][1]
        try:
            found = await self._state.channels.get(place)
        except StateError:
            log.warning("channel settings cannot be read now; the usual ones apply")
            return self._known[place][1] if place in self._known else ChannelSettings()
        self._remember(place, found, now)
        return found

    async def visibility(self, place: Place, now: datetime) -> Visibility:
        """Who sees an answer there: in a direct conversation there is nobody else."""
        return Visibility.ALL if place.direct else (await self.settings(place, now)).visibility

    async def bound(self, asking: Asking) -> Asking:
        """The asking with the story that its channel is bound to."""
        if asking.place is None or asking.story is not None:
            return asking
        story = (await self.settings(asking.place, asking.now)).story
        return replace(asking, story=story) if story in self._store().stories else asking

    async def command(self, line: str, asking: Asking) -> Card | None:
        """The card of a line that is a channel command, or None when it is none. Raises StateError."""
        first, _, rest = normalise(line).partition(" ")
        rest = rest.strip()
        if asking.place is None or asking.person is None:
            return None
        if fold(first) in ANSWERS_CALLS and fold(rest) in WHO_SEES:
            return await self._change(asking, public=WHO_SEES[fold(rest)])
        if fold(first) in ANSWERS_CALLS and fold(rest) in WHERE_THEY_STAND and asking.threads:
            return await self._change(asking, in_channel=WHERE_THEY_STAND[fold(rest)])
        if fold(first) not in STORY_CALLS:
            return None
        if not rest:
            return self._card(await self.settings(asking.place, asking.now), asking)
        if fold(rest) in NO_STORY:
            return await self._change(asking, story="")
        story = named_story(self._store(), rest)
        return await self._change(asking, story=story) if story else None

    async def _change(
        self, asking: Asking, *, story: str | None = None, public: bool | None = None, in_channel: bool | None = None
    ) -> Card:
        if asking.place is None or asking.person is None:
            raise ValueError("channel settings need a place and a person")
        place = asking.place.whole_channel
        if not (place.direct or asking.may_manage):
            say = wording(asking.reply_language)
            line = Line(say("You may not change what this channel is set to."), Role.HEADLINE)
            return self._composer(asking).card(
                CardKind.NOTICE, [line, Line(say("Ask somebody who manages the channel."))], say("This channel")
            )
        held = await self.settings(place, asking.now)
        changed = ChannelSettings(
            held.story if story is None else story,
            held.public if public is None else public,
            held.in_channel if in_channel is None else in_channel,
        )
        await self._state.channels.save(place, changed, asking.person, asking.now)
        self._remember(place, changed, asking.now)
        return self._card(changed, asking)

    def _card(self, settings: ChannelSettings, asking: Asking) -> Card:
        composer, store = self._composer(asking), self._store()
        say = composer.say
        if settings.story in store.stories:
            title = composer.local(store.stories[settings.story].title)
            about = say("Questions here are about: {story}.", story=title)
        else:
            about = say("Questions here may be about any story.")
        seen = say("Answers are shown to everyone here.") if settings.public else say("Answers are shown to the asker.")
        blocks: list[Block] = [Line(about, Role.HEADLINE)]
        if asking.place is not None and not asking.place.direct:
            blocks.append(Line(seen))
            if asking.threads and settings.public:
                blocks.append(Line(_stands(settings, say)))
        return composer.card(CardKind.NOTICE, blocks, say("This channel"))

    def _composer(self, asking: Asking) -> Composer:
        return Composer(self._store(), wording(asking.reply_language), asking.now.date())

    def _remember(self, place: Place, settings: ChannelSettings, now: datetime) -> None:
        self._known[place] = (now, settings)
        self._known.move_to_end(place)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def _stands(settings: ChannelSettings, say: Wording) -> str:
    if settings.in_channel:
        return say("Answers to a mention stand in the channel itself; to change that: answers thread")
    return say("Answers to a mention open a thread under it; to change that: answers channel")


def named_story(store: FactStore, name: str) -> str | None:
    """The story that a whole text names, by its id, a title or an alias."""
    if name in store.stories:
        return name
    key = words(name)
    for story in store.stories.values():
        if key in [words(known) for known in (*story.aliases, story.title.en, story.title.fr)]:
            return story.id
    return None
