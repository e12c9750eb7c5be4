"""What was found, or what is missing, laid out as an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.briefing import cards
from bot.briefing.answer import Answer, Context, Outcome
from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer, disputes_among
from bot.briefing.features import entity_feature
from bot.briefing.finding import EVEN, Found, is_bare_noun
from bot.briefing.fitting import SAID_BY
from bot.briefing.index import Index, Unit
from bot.briefing.judging import Judge, alike
from bot.briefing.matching import Match
from bot.briefing.question import Query, understand
from bot.briefing.text import LONGEST_QUESTION
from bot.briefing.tracing import trace
from bot.briefing.wording import wording
from bot.facts.model import Brief, Dispute, Entity, Fact, Language

MOST_SUGGESTIONS = 3
NEARBY = 0.3  # coverage from which a unit is worth pointing to
MOST_FACTS = 3  # that answer side by side when no brief puts them in order
SIDE_BY_SIDE = 0.04  # of score: closer than that, facts on one topic stand together
LEADING = 0.1  # of score: so far ahead, another of a brief's facts goes before the one that an editor put first
LEADING_AS_READ = 0.06  # the same, of what the cross-encoder reads; it must also read as an answer by itself


class Layout:
    """Lays out answers in one language; `today` is the asker's date."""

    def __init__(self, index: Index, judge: Judge, language: Language, today: date) -> None:
        self.index, self.store, self.judge = index, index.store, judge
        self.composer = Composer(index.store, wording(language), today)

    def found(self, found: Found) -> Answer:
        """What was found, with everything that it may not stand without."""
        match, query = found.match, found.query
        item = match.unit.item
        if isinstance(item, Brief):
            lead = self._lead(item, found)
            disputes = disputes_among([self.store.facts[i] for i in item.facts], self.store)
            disputes.sort(key=lambda dispute: all(lead not in position.facts for position in dispute.positions))
            headline, blocks, facts = self.composer.brief_answer(item, disputes, lead)
        elif isinstance(item, Dispute):
            disputes = [item]
            headline, blocks = self.composer.dispute_answer(item)
            facts = [self.store.facts[i] for position in item.positions for i in position.facts]
        else:
            facts = [item, *self._beside(item, found)]
            disputes = disputes_among(facts, self.store)
            headline, blocks = self.composer.facts_answer(facts, disputes)
        if found.opposite:
            blocks = [Line(self.composer.say("The facts hold the opposite:"), Role.HEADING), *blocks]
        return Answer(
            question=query.text,
            language=query.language,
            outcome=Outcome.ANSWERED,
            headline=headline,
            card=self.composer.card(CardKind.ANSWER, blocks),
            story=match.unit.story,
            facts=tuple(facts),
            disputes=tuple(disputes),
            confidence=self.judge.confidence(query, match),
            context=self._context(query, facts, match.unit.story, match.unit),
            trace=trace(query, found.matches),
        )

    def profile(self, query: Query, entity: Entity) -> Answer:
        """What the facts say first of somebody or something."""
        facts = cards.facts_about(entity, self.composer)[:MOST_FACTS]
        if not facts:
            return self.no_answer(query, None, [])
        disputes = disputes_among(facts, self.store)
        headline, blocks = self.composer.profile_answer(entity, facts, disputes)
        story = self.store.story_of[entity.id]
        return Answer(
            question=query.text,
            language=query.language,
            outcome=Outcome.ANSWERED,
            headline=headline,
            card=self.composer.card(CardKind.ANSWER, blocks),
            story=story,
            facts=tuple(facts),
            disputes=tuple(disputes),
            confidence=1.0,
            context=Context((entity.id,), story, query.whole or query.text),
            trace=(f"profile of {entity.id}",),
        )

    def no_answer(self, query: Query, story: str | None, matches: Sequence[Match]) -> Answer:
        """That the facts do not hold it, and what is near it."""
        card = cards.not_held(self.composer, story)
        suggestions = self._suggestions(query, matches)
        if suggestions:
            title = self.composer.say("Not the same, but the facts do answer:")
            card = replace(card, suggestions=suggestions, suggestions_title=title)
        confidence = self.judge.confidence(query, matches[0]) if matches else 0.0
        return self._unanswered(query, Outcome.NO_ANSWER, card, story, matches, confidence)

    def which_question(self, query: Query, matches: Sequence[Match]) -> Answer:
        """Which of several that would be answered is meant."""
        card = cards.which_question(self.composer, [self._put_fully(query, match) for match in matches])
        return self._unanswered(query, Outcome.CLARIFY, card, None, matches, 0.0)

    def which_name(self, query: Query, entities: Sequence[str]) -> Answer:
        """Which of those who share a name is meant."""
        card = cards.which([self.store.entities[entity] for entity in entities], self.composer)
        return self._unanswered(query, Outcome.CLARIFY, card, None, (), 0.0)

    def whom(self, query: Query, matches: Sequence[Match] = ()) -> Answer:
        """Whom or what the question is about, which it does not say."""
        card = cards.whom(self.composer, self._suggestions(query, matches))
        return self._unanswered(query, Outcome.CLARIFY, card, None, matches, 0.0)

    def both(self, question: str, first: Answer, second: Answer) -> Answer:
        """Two questions, at least one of them answered, on one card."""
        answered = [answer for answer in (first, second) if answer.facts]
        blocks: list[Block] = []
        for answer in answered:
            blocks += (block for block in answer.card.blocks if block not in blocks)
        if len(answered) == 1:
            other = self.composer.say("The facts do not hold an answer to the other half of the question.")
            blocks.append(Line(other, Role.NOTE))
        facts = dict.fromkeys(fact.id for answer in answered for fact in answer.facts)
        disputes = {d.id: d for answer in answered for d in answer.disputes}
        return replace(
            answered[0],
            question=question,
            card=self.composer.card(CardKind.ANSWER, blocks),
            facts=tuple(self.store.facts[fact_id] for fact_id in facts),
            disputes=tuple(disputes.values()),
            confidence=min(a.confidence for a in answered),
            context=second.context if second in answered else first.context,
            trace=(*first.trace, "and", *second.trace),
        )

    def too_long(self, context: Context) -> Answer:
        """That so long a text is not read; `context` stays what it was."""
        say = self.composer.say
        return self._turned_down(
            say("That is too long for a question: at most {most} characters are read.", most=LONGEST_QUESTION), context
        )

    def no_question(self, context: Context) -> Answer:
        """That nothing was asked: a "thanks" ends no talk."""
        say = self.composer.say
        return self._turned_down(
            say("There is no question here. Ask in a few words who, what, when, where or why."), context
        )

    def _turned_down(self, text: str, context: Context) -> Answer:
        card = self.composer.card(CardKind.NO_ANSWER, [Line(text, Role.HEADLINE)])
        language = self.composer.say.language
        return Answer("", language, Outcome.NO_ANSWER, text, card, context=context, trace=("turned down",))

    def _unanswered(
        self,
        query: Query,
        outcome: Outcome,
        card: Card,
        story: str | None,
        matches: Sequence[Match],
        confidence: float,
    ) -> Answer:
        headline = next(block.text for block in card.blocks)
        context = self._context(query, (), story)
        steps = trace(query, matches)
        return Answer(query.text, query.language, outcome, headline, card, story, (), (), confidence, context, steps)

    def _lead(self, brief: Brief, found: Found) -> str:
        """Which of a brief's facts answers best: the first, unless another one fits the question clearly better."""
        first = brief.facts[0]
        read = self.judge.readings(found.query, brief.facts, self.store)
        if read:
            best = max(brief.facts, key=read.__getitem__)
            return best if read[best] > max(EVEN, read[first] + LEADING_AS_READ) else first
        by_words = {match.unit.id: match.score for match in found.matches if match.unit.shape is Fact}
        best = max(brief.facts, key=lambda fact: by_words.get(fact, 0.0))
        return best if by_words.get(best, 0.0) >= by_words.get(first, 0.0) + LEADING else first

    def _beside(self, item: Fact, found: Found) -> list[Fact]:
        others = [
            self.store.facts[other.unit.id]
            for other in found.matches
            if other.unit.shape is Fact
            and other.unit.id != item.id
            and other.score >= found.match.score - SIDE_BY_SIDE
            and self.store.facts[other.unit.id].topic == item.topic
            and alike(other)
        ]
        return others[: MOST_FACTS - 1]

    def _context(self, query: Query, facts: Sequence[Fact], story: str | None, unit: Unit | None = None) -> Context:
        # Whoever only reported it is not what the talk is about.
        voices = {a.by for fact in facts for a in fact.attributions}
        spoken_of = Counter(e for fact in facts for e in fact.entities if self._is_subject(e) and e not in voices)
        answered = [entity for entity, _ in spoken_of.most_common()]
        saying = {feature.rpartition(":")[2] for slot in query.slots for feature in slot if feature.startswith(SAID_BY)}
        # Whom a pronoun stood for is among the slots, and in no mention.
        meant = (slot[0].removeprefix("@") for slot in query.slots if len(slot) == 1 and slot[0].startswith("@"))
        asked = dict.fromkeys([*query.entities, *meant])
        named = [e for e in asked if e not in saying or not answered]
        question = query.whole or query.text
        if query.in_talk and unit:
            question = next(iter(unit.item.asks.in_(query.language)), question)
        entities = tuple(dict.fromkeys([*named, *answered]))
        stories = {self.store.story_of[entity] for entity in entities}
        # What was asked and not answered is of a story all the same.
        story = story or (stories.pop() if len(stories) == 1 else None)
        return Context(entities, story, question, unit.id if unit else "")

    def _is_subject(self, entity: str) -> bool:
        return self.store.entities[entity].kind in ("person", "organisation", "voice")

    def _put_fully(self, query: Query, match: Match) -> str:
        """A question of the unit's own: for "the plan" one that says which plan."""
        asks = match.unit.item.asks.in_(query.language)
        if not is_bare_noun(query):
            return asks[0]
        wanted = set(query.slots)
        return next((ask for ask in asks if wanted < {*understand(ask, self.index, query.language).slots}), asks[0])

    def _suggestions(self, query: Query, matches: Sequence[Match]) -> tuple[str, ...]:
        """Nearby questions that can be answered; about the same people and things, when any are named."""
        # Whom a pronoun stood for is among the slots, and in no mention.
        meant = {*map(entity_feature, query.entities), *(slot[0] for slot in query.slots if slot[0].startswith("@"))}
        named = frozenset(self.index.numbers(meant))
        found: dict[str, None] = {}
        for match in matches:
            if match.coverage >= NEARBY and (not meant or not named.isdisjoint(match.unit.entities)):
                found.update(dict.fromkeys(match.unit.item.asks.in_(query.language)[:1]))
            if len(found) == MOST_SUGGESTIONS:
                break
        return tuple(found)
