"""The front desk: the use cases that every adapter calls, and the one command grammar.

A known first word is a command only if the rest is exactly what that command takes: nothing,
or a name or id that resolves. Otherwise the whole line is a question: `who Goita` is a
profile, `who was arrested?` a question.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter

from bot.briefing import cards
from bot.briefing.answer import Answer, Context
from bot.briefing.answering import Answering, Asked
from bot.briefing.card import Card
from bot.briefing.compose import Composer
from bot.briefing.index import Index
from bot.briefing.indexing import build
from bot.briefing.judging import Judge, load_judge
from bot.briefing.lexicon import load_lexicon
from bot.briefing.linking import ARTICLES
from bot.briefing.text import cased_words, normalise, words
from bot.briefing.wording import wording
from bot.desk.asking import Asking, Reply
from bot.desk.channels import ANSWERS_CALLS, STORY_CALLS, ChannelDesk, named_story
from bot.desk.digests import DigestDesk
from bot.desk.flood import Flood
from bot.desk.home import HomeDesk
from bot.desk.keeping import Keeping
from bot.desk.messages import MessageDesk
from bot.desk.queue import QUEUE_CALLS, QueueDesk
from bot.desk.watching import UNWATCH_CALLS, WATCH_CALLS, WatchDesk
from bot.digest.places import Visibility
from bot.facts.model import Entity
from bot.facts.store import FactStore
from bot.observing import Observer

SUBJECT_LASTS = timedelta(minutes=15)
MOST_CONVERSATIONS = 10_000

# Command, the words that call it, what it takes, how help explains it.
COMMANDS: tuple[tuple[str, frozenset[str], str, str], ...] = (
    ("who", frozenset({"who", "qui"}), "name", "who they are and what the facts say of them"),
    ("define", frozenset({"define", "definir", "definition"}), "name", "what a name or an abbreviation stands for"),
    ("timeline", frozenset({"timeline", "chronologie"}), "story", "what happened when"),
    (
        "disputes",
        frozenset({"disputes", "dispute", "desaccords", "litiges"}),
        "story",
        "where sources differ, side by side",
    ),
    ("sources", frozenset({"sources", "source"}), "story", "the documents and how independent they are"),
    ("stories", frozenset({"stories", "dossiers"}), "nothing", "the stories that facts are held on"),
    ("fact", frozenset({"fact", "fait"}), "fact", "one fact with its provenance and history"),
    (
        "digest",
        frozenset({"digest", "bulletin"}),
        "digest",
        "the daily digest: subscribe, change, pause, list, preview, why, unsubscribe",
    ),
    ("story", STORY_CALLS, "channel", "the story that questions in this channel are about"),
    ("answers", ANSWERS_CALLS, "seen", "who sees the answers in this channel"),
    ("watch", WATCH_CALLS, "watched", "be told when a fact changes; without an id, what you watch"),
    ("unwatch", UNWATCH_CALLS, "watched", "be told no more of a fact; without an id, of none"),
    ("queue", QUEUE_CALLS, "queue", "for editors: what readers asked and flagged, and answering it"),
    ("help", frozenset({"help", "aide", "?"}), "nothing", "this overview"),
)
TAKES = {
    "name": "NAME",
    "story": "[STORY]",
    "nothing": "",
    "fact": "ID",
    "digest": "VERB",
    "channel": "[STORY | none]",
    "seen": "public | private",
    "watched": "[ID]",
    "queue": "[NUMBER | answer NUMBER ID | close NUMBER]",
}
# Read by the other desks, where there is a state.
ELSEWHERE = frozenset({"digest", "channel", "seen", "watched", "queue"})


class Desk:
    """Answers, profiles, timelines and the rest, from one store of facts."""

    def __init__(
        self,
        store: FactStore,
        judge: Judge | None = None,
        keeping: Keeping | None = None,
        observer: Observer | None = None,
        flood: Flood | None = None,
        index: Index | None = None,
    ) -> None:
        """`judge` is the packaged one unless another is being fitted; without `keeping` nothing is recorded.

        `observer` is told of each line and its outcome; `flood` refuses those who ask too often; `index`
        is that of the store, where it is at hand.
        """
        self._judge = judge or load_judge()
        self._answering = self._over(store, index)
        self._conversations: OrderedDict[str, tuple[datetime, Context]] = OrderedDict()
        self._keeping = keeping
        self.observer, self._flood = observer or Observer(), flood
        self.digests = DigestDesk(keeping.state, lambda: self.store) if keeping else None
        self.channels = ChannelDesk(keeping.state, lambda: self.store) if keeping else None
        self.messages = MessageDesk(keeping.state, lambda: self.store) if keeping else None
        self.queue = QueueDesk(keeping.state, lambda: self.store) if keeping else None
        self.watches = WatchDesk(keeping.state, lambda: self.store) if keeping else None
        self.home = HomeDesk(keeping.state, lambda: self.store) if keeping else None

    def _over(self, store: FactStore, index: Index | None) -> Answering:
        return Answering(index or build(store, load_lexicon()), self._judge)

    @property
    def store(self) -> FactStore:
        """The facts in service."""
        return self._answering.store

    def prepare(self) -> None:
        """Load what the first question would otherwise wait for."""
        self._judge.prepare()

    def reload(self, store: FactStore, index: Index | None = None) -> None:
        """Put other facts into service, all of them at once; conversations go on."""
        self._answering = self._over(store, index)

    async def handle(self, line: str, asking: Asking) -> Reply:
        """One line as typed, the whole way: what waited for this person, the reply, the record of what it shows."""
        began = perf_counter()
        reply = self._too_fast(asking)
        if reply is None:
            reply = await self._answered(line, asking)
        outcome = reply.answer.outcome.value if reply.answer else reply.card.kind.value
        self.observer.answered(asking.place.platform if asking.place else "", outcome, perf_counter() - began)
        if reply.showing is not None:
            self.observer.shown(reply.visibility.value)
        return reply

    async def _answered(self, line: str, asking: Asking) -> Reply:
        if self._keeping is None:
            return self.brief(line, asking)
        if self.channels is not None:
            asking = await self.channels.bound(asking)
        return await self._keeping.kept(line, asking, self._reply)

    def _too_fast(self, asking: Asking) -> Reply | None:
        """What is told to somebody who asks too often, and to them alone."""
        refused = self._flood.refuses(asking) if self._flood else None
        if refused is None:
            return None
        scope, seconds = refused
        self.observer.turned_away(scope)
        composer = self._composer(asking)
        text = composer.say.plural(
            "Too many questions at once. Try again in {number} second.",
            "Too many questions at once. Try again in {number} seconds.",
            seconds,
        )
        return Reply(cards.notice(composer, text))

    async def shared(self, keys: Sequence[str], asking: Asking) -> Reply:
        """What a person was shown privately, recorded as shown to all; or a private reply that says why not."""
        if self._keeping is None or self.messages is None:
            raise ValueError("without a state nothing can be shared")
        found = await self.messages.share(keys, asking)
        if found.visibility is not Visibility.ALL:
            return found
        return await self._keeping.shown(found, replace(asking, visibility=Visibility.ALL))

    async def delivered(self, reply: Reply, now: datetime, message: str = "") -> None:
        """The adapter has shown a reply; `message` is its id where all can see it."""
        if self._keeping is not None:
            await self._keeping.delivered(reply, now, message)

    async def _reply(self, line: str, asking: Asking) -> Reply:
        for desk in (self.digests, self.channels, self.queue, self.watches):
            card = await desk.command(line, asking) if desk is not None else None
            if card is not None:
                return Reply(card)
        return self.brief(line, asking)

    def brief(self, line: str, asking: Asking) -> Reply:
        """One line as typed, a command or a question, from the facts alone; nothing is recorded."""
        command = self._command(line, asking)
        if command is not None:
            return Reply(command())
        answer = self.ask(line, asking)
        return Reply(answer.card, answer)

    def ask(self, question: str, asking: Asking) -> Answer:
        """Answer a question from the facts, following on from the thread's last one.

        Raises:
            UnknownNameError: `asking.story` is no story.
        """
        if asking.story is not None:
            self.store.story(asking.story)
        context = self._recall(asking)
        answer = self._answering.ask(
            Asked(question, asking.now.date(), asking.language, asking.default_language, asking.story, context)
        )
        self._remember(asking, answer.context)
        return answer

    def who(self, name: str, asking: Asking) -> Card:
        """The profile of what a name means; when it means nothing or several things, a card that says so."""
        composer = self._composer(asking)
        entities = self._named(name)
        if len(entities) == 1:
            return cards.profile(entities[0], composer)
        return cards.which(entities, composer) if entities else cards.not_held(composer, None)

    def timeline(self, story: str, asking: Asking) -> Card:
        """What happened when. Raises UnknownNameError for an unknown story."""
        return cards.timeline(story, self._composer(asking))

    def disputes(self, story: str, asking: Asking) -> Card:
        """Where sources differ. Raises UnknownNameError for an unknown story."""
        return cards.disputes(story, self._composer(asking))

    def sources(self, story: str, asking: Asking) -> Card:
        """The documents behind a story. Raises UnknownNameError for an unknown story."""
        return cards.sources(story, self._composer(asking))

    def stories(self, asking: Asking) -> Card:
        """The stories that facts are held on."""
        return cards.stories(self._composer(asking))

    def fact(self, fact_id: str, asking: Asking) -> Card:
        """One fact whole. Raises UnknownNameError for an unknown id."""
        return cards.fact_card(self.store.fact(fact_id), self._composer(asking))

    def help(self, asking: Asking) -> Card:
        """What can be typed here."""
        composer = self._composer(asking)
        usages = [
            (f"{name} {TAKES[takes]}".strip(), meaning)
            for name, _, takes, meaning in COMMANDS
            if takes != "queue" or asking.is_editor
        ]
        return cards.help_card(composer, usages)

    def _command(self, line: str, asking: Asking) -> Callable[[], Card] | None:
        typed = normalise(line)
        first, _, rest = typed.partition(" ")
        key = "?" if typed == "?" else "".join(words(first))
        for name, calls, takes, _ in COMMANDS:
            if key in calls and (not first.endswith("?") or first == "?"):
                return self._taking(name, takes, rest.strip(), asking)
        return None

    def _taking(self, name: str, takes: str, rest: str, asking: Asking) -> Callable[[], Card] | None:
        if takes in ELSEWHERE:
            return None
        if takes == "nothing":
            return None if rest else (lambda: {"stories": self.stories, "help": self.help}[name](asking))
        if takes == "story":
            story = self._story(rest, asking)
            show = {"timeline": self.timeline, "disputes": self.disputes, "sources": self.sources}[name]
            return (lambda: show(story, asking)) if story else None
        if takes == "fact":
            return (lambda: self.fact(rest, asking)) if rest in self.store.facts else None
        entity = None if rest.endswith("?") else self._entity(rest)
        return (lambda: cards.profile(entity, self._composer(asking))) if entity else None

    def _story(self, rest: str, asking: Asking) -> str | None:
        if not rest:
            return asking.story or next(iter(self.store.stories), None)
        return named_story(self.store, rest)

    def _entity(self, name: str) -> Entity | None:
        entities = self._named(name)
        return entities[0] if len(entities) == 1 else None

    def _named(self, name: str) -> list[Entity]:
        """The entities that a whole text names: none, one, or several that share the name."""
        if name in self.store.entities:
            return [self.store.entities[name]]
        key = words(normalise(name))
        mentions = self._answering.index.linker.mentions(key, cased_words(normalise(name).upper()))
        if len(mentions) != 1 or any(
            word not in ARTICLES for word in key[: mentions[0].start] + key[mentions[0].end :]
        ):
            return []
        return [self.store.entities[entity] for entity in mentions[0].entities]

    def _composer(self, asking: Asking) -> Composer:
        language = asking.language or asking.default_language
        return Composer(self.store, wording(language), asking.now.date())

    def _recall(self, asking: Asking) -> Context:
        if asking.thread is None or asking.thread not in self._conversations:
            return Context()
        said_at, context = self._conversations[asking.thread]
        return context if asking.now - said_at <= SUBJECT_LASTS else Context()

    def _remember(self, asking: Asking, context: Context) -> None:
        if asking.thread is None:
            return
        self._conversations[asking.thread] = (asking.now, context)
        self._conversations.move_to_end(asking.thread)
        while len(self._conversations) > MOST_CONVERSATIONS:
            self._conversations.popitem(last=False)
