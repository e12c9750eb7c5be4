"""The way of a question: understand, retrieve, check, compose. One way, no way back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.briefing import cards
from bot.briefing.answer import Answer, Context, Outcome
from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer, disputes_among
from bot.briefing.features import entity_feature
from bot.briefing.finding import EVEN, Finder, Found, is_bare_noun
from bot.briefing.fitting import SAID_BY
from bot.briefing.following import (
    SHORT,
    about,
    asks_who_says,
    called,
    follow,
    goes_on,
    in_talk,
    is_bare,
    leans,
    may_lean,
    ownerless,
    parts,
    refers_back,
    speaks,
)
from bot.briefing.furniture import is_courtesy
from bot.briefing.index import Index, Unit
from bot.briefing.judging import Judge, alike
from bot.briefing.kinds import Kind, flat, kind_of
from bot.briefing.lexicon import spelt_out
from bot.briefing.linking import Mention
from bot.briefing.matching import Match, candidates, verbatim
from bot.briefing.question import Query, understand
from bot.briefing.text import LONGEST_QUESTION, normalise
from bot.briefing.tracing import trace
from bot.briefing.wording import wording
from bot.facts.model import Brief, Dispute, Entity, Fact, Language
from bot.facts.store import FactStore

MOST_SUGGESTIONS = 3
NEARBY = 0.3  # coverage from which a unit is worth pointing to
MOST_FACTS = 3  # that answer side by side when no brief puts them in order
SIDE_BY_SIDE = 0.04  # of score: closer than that, facts on one topic stand together
CLEARLY_BETTER = 0.15  # of score: so far ahead, one reading of a shared name is the one that is meant
LEADING = 0.1  # of score: so far ahead, another of a brief's facts goes before the one that an editor put first
LEADING_AS_READ = 0.06  # the same, of what the cross-encoder reads; it must also read as an answer by itself
WELL_FITTED = 0.8  # a question that fits one unit so well is not split in two
DEFINING = re.compile(
    r"\bwhat (?:is|s) (?!happening|going|new|up\b)|\bquel(?:le)? est\b|\bqu est ce que (?!se passe)|\bc est quoi\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is known about its asking. `today` is the asker's date."""

    text: str
    today: date
    language: Language | None = None
    default_language: Language = "en"
    story: str | None = None
    context: Context = field(default_factory=Context)


class Answering:
    """Answers questions from one store; rebuilt, never changed, when the store is."""

    def __init__(self, store: FactStore, index: Index, judge: Judge) -> None:
        self.store, self.index, self.judge = store, index, judge
        self.finder = Finder(index, judge)

    def ask(self, asked: Asked) -> Answer:
        """Answer from the store, or say that it holds no answer. Takes any string."""
        if len(asked.text) > LONGEST_QUESTION:
            return self._turned_down(asked, "That is too long for a question: at most {most} characters are read.")
        plain = called(normalise(asked.text))
        if not any(character.isalnum() for character in plain) or is_courtesy(plain):
            return self._turned_down(
                asked, "There is no question here. Ask in a few words who, what, when, where or why."
            )
        halves = parts(plain)
        if len(halves) == 1 or kind_of(plain) is Kind.OPINION:
            return self._one(asked, plain)
        first = self._one(asked, halves[0])
        if first.outcome is not Outcome.ANSWERED and leans(understand(halves[1], self.index, first.language)):
            return self._one(asked, plain)  # it would lean on nothing
        second = self._one(replace(asked, context=first.context, language=first.language), halves[1])
        if first.facts and second.facts and first.facts != second.facts:
            return self._both(spelt_out(plain), [first, second], first, second)
        whole = self._one(asked, plain)
        answered = [a for a in (first, second) if a.outcome is Outcome.ANSWERED]
        if whole.outcome is Outcome.ANSWERED or not answered:
            return whole
        return self._both(spelt_out(plain), answered, first, second)

    def _one(self, asked: Asked, text: str) -> Answer:
        answer, before = self._answer(asked, text), asked.context
        if answer.context.entities or not before.entities:
            return answer
        # Whom a talk is about outlives a question that named nobody.
        kept = replace(answer.context, entities=before.entities, story=answer.context.story or before.story)
        return replace(answer, context=kept)

    def _answer(self, asked: Asked, text: str) -> Answer:
        plain = understand(text, self.index, asked.language, asked.default_language)
        composer = Composer(self.store, wording(plain.language), asked.today)
        asked_before = asked.context.question
        if not asked_before:
            if is_bare(plain) and not self.finder.foreseen(plain, asked.story):
                return self._whom(plain, (), composer)
            return self._by_itself(plain, asked, composer)
        before = understand(asked_before, self.index, None, plain.language)
        followed = self._with_speaker(follow(plain, before, asked.context, self.store.entities), plain)
        answer = self._in_the_talk(plain, followed, before, asked, composer)
        query = plain if self.judge.reading and followed.whole is None and not followed.shared else followed
        return answer or self._by_itself(query, asked, composer, followed=followed is not plain)

    def _with_speaker(self, followed: Query, plain: Query) -> Query:
        """The question with its subject filled in, who then is to have said it: "what does she say about it?"."""
        if followed.whole in (None, plain.whole):
            return followed
        spoken = understand(followed.whole, self.index, plain.language)
        return replace(followed, slots=spoken.slots) if speaks(spoken) else followed

    def _in_the_talk(
        self, plain: Query, followed: Query, before: Query, asked: Asked, composer: Composer
    ) -> Answer | None:
        """The answer in the light of the question before; None where the question has to stand by itself.

        `followed` is the question with its subject filled in by its words.
        """
        if asked.context.unit and asks_who_says(plain):
            return self._again(before, asked.context.unit, composer)
        if not (self.judge.reading and may_lean(plain)) or followed.shared:
            return None
        query = in_talk(plain, before, followed)
        found = self.finder.in_talk(query, plain, followed, asked.context.unit, asked.story)
        if found and not self._elsewhere(found, plain, asked):
            return self._answered(found, composer)
        whole = bool(plain.mentions) and plain.kind is not Kind.TOPIC  # "and who is Lapid?"
        # What a subject filled in leads to was looked up just now; "who is she?" has her profile besides.
        filled = followed is not plain and followed.whole is not None and self._only_entity(followed) is None
        if whole or not (leans(plain) or goes_on(plain) or filled):
            return None
        if refers_back(plain) and followed is plain:
            return self._whom(plain, (), composer)
        story = asked.story or asked.context.story
        answer = self._no_answer(query, story, candidates(query, self.index, story), composer)
        return replace(answer, context=asked.context)

    def _again(self, before: Query, unit_id: str, composer: Composer) -> Answer:
        """The last answer once more: each of its statements says who stands behind it, and how sure that is."""
        unit = self.index.named(unit_id)
        if unit is None:  # the facts have changed since
            return self._whom(before, (), composer)
        # "When?" holds nothing to search by.
        matches = candidates(before, self.index, unit.story, [unit]) or [verbatim(unit)]
        match = next(match for match in matches if match.unit.number == unit.number)
        return self._answered(Found(before, match, matches), composer)

    def _by_itself(self, query: Query, asked: Asked, composer: Composer, *, followed: bool = False) -> Answer:
        """The answer to a question that says what it is about, if need be with a name filled in: `followed`."""
        story = asked.story
        foreseen = self.finder.foreseen(query, story)
        if foreseen:
            return self._unless_rivalled(foreseen, asked, composer)
        if query.shared:
            return self._which_of_a_name(query, query.shared[0], story, composer)
        matches = candidates(query, self.index, story)
        of_the_talk = None if followed else self._of_the_talk(query, matches, asked, composer)
        if of_the_talk:
            return of_the_talk
        entity = self._only_entity(query)
        found = self.finder.find(query, matches, story)
        # "What is the capital of Mali?" is not what happens there, which key words may ask for.
        place = entity is not None and entity.kind == "place" and DEFINING.search(flat(query.text))
        if entity and (place or found is None or found.match.fit.agreement < WELL_FITTED):
            return self._profile(query, entity, composer)
        if found is None:
            bearers = self.finder.bearers(query, matches) if story is None else []
            if len(bearers) > 1:
                return self._which_story(query, bearers, composer)
            return self._no_answer(query, story, matches, composer)
        return self._unless_rivalled(found, asked, composer)

    def _which_of_a_name(self, query: Query, mention: Mention, story: str | None, composer: Composer) -> Answer:
        """A name that several share: the one about whom the facts answer clearly best, or they are asked for."""
        chosen = [query.choosing(mention, entity) for entity in mention.entities]
        # The name alone tells its bearers apart: what is read has the question as it was typed.
        about_them = [[match for match in candidates(one, self.index, story) if match.named] for one in chosen]
        readings = [self.finder.find(one, matches, story) for one, matches in zip(chosen, about_them, strict=True)]
        fitting = sorted((found for found in readings if found), key=lambda found: -found.matches[0].score)
        others = [f for f in fitting[1:] if f.match.unit.number != fitting[0].match.unit.number]
        clear = fitting and (not others or fitting[0].matches[0].score >= others[0].matches[0].score + CLEARLY_BETTER)
        if not clear or len(query.slots) == 1:
            return self._clarify(query, mention.entities, composer)
        return self._answered(fitting[0], composer)

    def _of_the_talk(self, query: Query, matches: Sequence[Match], asked: Asked, composer: Composer) -> Answer | None:
        """What becomes of a question that leaves open whom or what it is about, where the talk does not tell."""
        if refers_back(query):
            return self._whom(query, matches, composer)
        bound = self._bound(query, asked)
        if bound:
            return self._answered(bound, composer)
        if not ownerless(query):
            return None
        if asked.context.entities:
            return self._no_answer(query, asked.story, matches, composer)
        return self._whom(query, matches, composer)

    def _bound(self, query: Query, asked: Asked) -> Found | None:
        """What answers a short question that names nobody, taken for one about what the talk is about."""
        context, story = asked.context, asked.story
        if query.mentions or not 0 < len(query.slots) <= SHORT:
            return None
        meant = next(iter(context.entities), None)
        if meant is None:
            return None
        taken = about(query, self.store.entities[meant])
        found = self.finder.find(taken, candidates(taken, self.index, story), story)
        if found is None or self._elsewhere(found, query, asked):
            return None
        before = understand(context.question, self.index, None, query.language)
        return found if self.finder.likely(in_talk(query, before, taken), found.match) else None

    def _unless_rivalled(self, found: Found, asked: Asked, composer: Composer) -> Answer:
        rivals = self.finder.rivals(found) if asked.story is None else []
        if rivals or self._elsewhere(found, found.query, asked):
            return self._which_story(found.query, [found.match, *rivals], composer)
        return self._answered(found, composer)

    def _elsewhere(self, found: Found, query: Query, asked: Asked) -> bool:
        """Whether a talk of one story would be answered from another that the query does not name: "how many died?"."""
        story = found.match.unit.story
        away = asked.story is None and asked.context.story not in (None, story)
        return away and story not in map(self.store.story_of.get, query.entities)

    def _which_story(self, query: Query, matches: Sequence[Match], composer: Composer) -> Answer:
        card = cards.which_question(composer, [self._put_fully(query, match) for match in matches])
        return self._unanswered(query, Outcome.CLARIFY, card, None, matches, 0.0)

    def _put_fully(self, query: Query, match: Match) -> str:
        """A question of the unit's own: for "the plan" one that says which plan."""
        asks = match.unit.item.asks.in_(query.language)
        if not is_bare_noun(query):
            return asks[0]
        wanted = set(query.slots)
        return next((ask for ask in asks if wanted < {*understand(ask, self.index, query.language).slots}), asks[0])

    def _only_entity(self, query: Query) -> Entity | None:
        """The entity, when a question asks for nothing but who or what it is."""
        if query.kind not in (Kind.WHO, Kind.WHAT, Kind.TOPIC) or len(query.slots) != 1 or len(query.entities) != 1:
            return None
        return self.store.entities[query.entities[0]]

    def _answered(self, found: Found, composer: Composer) -> Answer:
        match, query = found.match, found.query
        item = match.unit.item
        if isinstance(item, Brief):
            lead = self._lead(item, found)
            disputes = disputes_among([self.store.facts[i] for i in item.facts], self.store)
            disputes.sort(key=lambda dispute: all(lead not in position.facts for position in dispute.positions))
            headline, blocks, facts = composer.brief_answer(item, disputes, lead)
        elif isinstance(item, Dispute):
            disputes = [item]
            headline, blocks = composer.dispute_answer(item)
            facts = [self.store.facts[i] for position in item.positions for i in position.facts]
        else:
            facts = [item, *self._beside(item, found)]
            disputes = disputes_among(facts, self.store)
            headline, blocks = composer.facts_answer(facts, disputes)
        if found.opposite:
            blocks = [Line(composer.say("The facts hold the opposite:"), Role.HEADING), *blocks]
        return Answer(
            question=query.text,
            language=query.language,
            outcome=Outcome.ANSWERED,
            headline=headline,
            card=composer.card(CardKind.ANSWER, blocks),
            story=match.unit.story,
            facts=tuple(facts),
            disputes=tuple(disputes),
            confidence=self.judge.confidence(query, match),
            context=self._context(query, facts, match.unit.story, match.unit),
            trace=trace(query, found.matches),
        )

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
        return Context(tuple(dict.fromkeys([*named, *answered])), story, question, unit.id if unit else "")

    def _is_subject(self, entity: str) -> bool:
        return self.store.entities[entity].kind in ("person", "organisation", "voice")

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

    def _profile(self, query: Query, entity: Entity, composer: Composer) -> Answer:
        facts = cards.facts_about(entity, composer)[:MOST_FACTS]
        if not facts:
            return self._no_answer(query, None, [], composer)
        disputes = disputes_among(facts, self.store)
        headline, blocks = composer.profile_answer(entity, facts, disputes)
        story = self.store.story_of[entity.id]
        return Answer(
            question=query.text,
            language=query.language,
            outcome=Outcome.ANSWERED,
            headline=headline,
            card=composer.card(CardKind.ANSWER, blocks),
            story=story,
            facts=tuple(facts),
            disputes=tuple(disputes),
            confidence=1.0,
            context=Context((entity.id,), story, query.whole or query.text),
            trace=(f"profile of {entity.id}",),
        )

    def _no_answer(self, query: Query, story: str | None, matches: Sequence[Match], composer: Composer) -> Answer:
        card = cards.not_held(composer, story)
        suggestions = self._suggestions(query, matches)
        if suggestions:
            title = composer.say("Not the same, but the facts do answer:")
            card = replace(card, suggestions=suggestions, suggestions_title=title)
        confidence = self.judge.confidence(query, matches[0]) if matches else 0.0
        return self._unanswered(query, Outcome.NO_ANSWER, card, story, matches, confidence)

    def _clarify(self, query: Query, entities: Sequence[str], composer: Composer) -> Answer:
        card = cards.which([self.store.entities[entity] for entity in entities], composer)
        return self._unanswered(query, Outcome.CLARIFY, card, None, (), 0.0)

    def _whom(self, query: Query, matches: Sequence[Match], composer: Composer) -> Answer:
        card = cards.whom(composer, self._suggestions(query, matches))
        return self._unanswered(query, Outcome.CLARIFY, card, None, matches, 0.0)

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

    def _both(self, question: str, answered: Sequence[Answer], first: Answer, second: Answer) -> Answer:
        """Two questions, at least one of them answered, on one card."""
        blocks: list[Block] = []
        for answer in answered:
            blocks += (block for block in answer.card.blocks if block not in blocks)
        if len(answered) == 1:
            other = wording(first.language)("The facts do not hold an answer to the other half of the question.")
            blocks.append(Line(other, Role.NOTE))
        facts = dict.fromkeys(fact.id for answer in answered for fact in answer.facts)
        disputes = {d.id: d for answer in answered for d in answer.disputes}
        return replace(
            answered[0],
            question=question,
            headline=answered[0].headline,
            card=Card(CardKind.ANSWER, first.language, tuple(blocks)),
            facts=tuple(self.store.facts[fact_id] for fact_id in facts),
            disputes=tuple(disputes.values()),
            confidence=min(a.confidence for a in answered),
            context=second.context if second in answered else first.context,
            trace=(*first.trace, "and", *second.trace),
        )

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

    def _turned_down(self, asked: Asked, message: str) -> Answer:
        language = asked.language or asked.default_language
        text = wording(language)(message, most=LONGEST_QUESTION)
        card = Card(CardKind.NO_ANSWER, language, (Line(text, Role.HEADLINE),))
        steps = ("turned down",)  # a "thanks" ends no talk
        return Answer("", language, Outcome.NO_ANSWER, text, card, context=asked.context, trace=steps)
