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
from bot.briefing.fitting import SAID_BY
from bot.briefing.following import about, follow, leans, ownerless, parts, refers_back
from bot.briefing.index import Index
from bot.briefing.judging import ALL, Judge, alike
from bot.briefing.kinds import Kind, flat, kind_of
from bot.briefing.lexicon import spelt_out
from bot.briefing.linking import Mention
from bot.briefing.matching import MOST_JUDGED, Match, candidates, precedence
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
RIVALLING = 0.07  # of score: closer than that, another story answers as well
AKIN = 0.75  # agreement from which a question of another story, holding all that is asked, may be meant as well
FULLER = 0.08  # of score: so much may a brief lie behind on a question as open as "what happened?"
EQUAL = 0.02  # of score: closer than that, a brief goes before a fact
LEADING = 0.1  # of score: so far ahead, another of a brief's facts goes before the one that an editor put first
SHORT = 2  # slots of a question that may leave its subject to the talk: "how many died?"
MOST_MEANT = 2  # of what the talk is about, for such a question
WELL_FITTED = 0.8  # a question that fits one unit so well is not split in two
OPEN = frozenset({Kind.WHAT, Kind.TOPIC})  # kinds that a brief answers more fully than a fact
DEFINING = re.compile(
    r"\bwhat (?:is|s) (?!happening|going|new|up\b)|\bquel(?:le)? est\b|\bqu est ce que (?!se passe)|\bc est quoi\b"
)
OPPOSABLE = frozenset({Kind.WHY, Kind.WHETHER, Kind.HOW})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is known about its asking. `today` is the asker's date."""

    text: str
    today: date
    language: Language | None = None
    default_language: Language = "en"
    story: str | None = None
    context: Context = field(default_factory=Context)


@dataclass(frozen=True, slots=True)
class Found:
    """What answers a question, before it is laid out."""

    query: Query
    match: Match
    matches: Sequence[Match]
    opposite: bool = False


class Answering:
    """Answers questions from one store; rebuilt, never changed, when the store is."""

    def __init__(self, store: FactStore, index: Index, judge: Judge) -> None:
        self.store, self.index, self.judge = store, index, judge

    def ask(self, asked: Asked) -> Answer:
        """Answer from the store, or say that it holds no answer. Takes any string."""
        if len(asked.text) > LONGEST_QUESTION:
            return self._turned_down(asked, "That is too long for a question: at most {most} characters are read.")
        plain = normalise(asked.text)
        if not any(character.isalnum() for character in plain):
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
        query = follow(plain, asked.context, self.store.entities)
        composer = Composer(self.store, wording(query.language), asked.today)
        story = asked.story
        foreseen = self._foreseen(query, story)
        if foreseen:
            return self._unless_rivalled(foreseen, story, composer)
        if query.shared:
            return self._which_of_a_name(query, query.shared[0], story, composer)
        matches = candidates(query, self.index, story)
        of_the_talk = self._of_the_talk(query, matches, asked, composer) if query is plain else None
        if of_the_talk:
            return of_the_talk
        entity = self._only_entity(query)
        found = self._find(query, matches, story)
        # "What is the capital of Mali?" is not what happens there, which key words may ask for.
        place = entity is not None and entity.kind == "place" and DEFINING.search(flat(query.text))
        if entity and (place or found is None or found.match.fit.agreement < WELL_FITTED):
            return self._profile(query, entity, composer)
        if found is None:
            return self._no_answer(query, story, matches, composer)
        return self._unless_rivalled(found, story, composer)

    def _which_of_a_name(self, query: Query, mention: Mention, story: str | None, composer: Composer) -> Answer:
        """A name that several share: the one about whom the facts answer clearly best, or they are asked for."""
        chosen = [query.choosing(mention, entity) for entity in mention.entities]
        # The name alone tells its bearers apart: what is read has the question as it was typed.
        about_them = [[match for match in candidates(one, self.index, story) if match.named] for one in chosen]
        readings = [self._find(one, matches, story) for one, matches in zip(chosen, about_them, strict=True)]
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
        bound = self._bound(query, asked.context, asked.story)
        if bound:
            return self._answered(bound, composer)
        if not ownerless(query):
            return None
        if asked.context.entities:
            return self._no_answer(query, asked.story, matches, composer)
        return self._whom(query, matches, composer)

    def _bound(self, query: Query, context: Context, story: str | None) -> Found | None:
        """What answers a short question that names nobody, taken for one about what the talk is about."""
        if query.mentions or not 0 < len(query.slots) <= SHORT:
            return None
        for entity in context.entities[:MOST_MEANT]:
            taken = about(query, self.store.entities[entity])
            found = self._find(taken, candidates(taken, self.index, story), story)
            if found:
                return found
        return None

    def _unless_rivalled(self, found: Found, story: str | None, composer: Composer) -> Answer:
        rivals = self._rivals(found) if story is None else []
        if rivals:
            return self._which_story(found.query, [found.match, *rivals], composer)
        return self._answered(found, composer)

    def _foreseen(self, query: Query, story: str | None) -> Found | None:
        """The unit that an editor wrote just this question for."""
        lines = dict.fromkeys(map(flat, (query.text, query.whole or query.text)))
        units = [u for line in lines for u in self.index.foreseen(line) if story in (None, u.story)]
        if not units or not query.slots:
            return None
        unit = min(units, key=lambda unit: precedence(query, unit))
        matches = candidates(query, self.index, story, unit)
        match = next(match for match in matches if match.unit.number == unit.number)
        brief = self._brief_on(match, matches) if query.kind in OPEN else None
        return Found(query, brief or match, matches)

    @staticmethod
    def _brief_on(match: Match, matches: Sequence[Match]) -> Match | None:
        """The brief that puts a fact in its place, when it fits about as well."""
        if match.unit.shape is Brief:
            return None
        return next(
            (
                other
                for other in matches
                if other.unit.shape is Brief
                and other.score >= match.score - EQUAL
                and match.unit.facts <= other.unit.facts
            ),
            None,
        )

    def _find(self, query: Query, matches: Sequence[Match], story: str | None) -> Found | None:
        if query.kind is Kind.OPINION:
            return None
        matches = self._read(query, matches)
        match = self._accepted(query, matches)
        if match:
            return Found(query, match, matches)
        if query.kind not in OPPOSABLE:
            return None
        for number, slot in enumerate(query.slots):
            opposites = tuple(o for f in slot for o in self.index.lexicon.opposites.get(f, ()))
            if not opposites:
                continue
            # "Why did they shut?" when they stayed open: no reason is owed, only what was so.
            kind = Kind.WHETHER if query.kind is Kind.WHY else query.kind
            turned = replace(query, kind=kind, slots=(*query.slots[:number], opposites, *query.slots[number + 1 :]))
            matches = self._read(turned, candidates(turned, self.index, story))
            match = self._accepted(turned, matches)
            if match and opposites not in match.uncovered:
                return Found(turned, match, matches, opposite=True)
        return None

    def _read(self, query: Query, matches: Sequence[Match]) -> list[Match]:
        return [*self.judge.read(query, matches[:MOST_JUDGED]), *matches[MOST_JUDGED:]]

    def _accepted(self, query: Query, matches: Sequence[Match]) -> Match | None:
        able = [match for match in matches[:MOST_JUDGED] if self.judge.allows(match)]
        accepted = [match for match in able if self.judge.accepts(query, match)]
        if not accepted:
            return None
        sure = max(accepted, key=lambda match: self.judge.confidence(query, match))
        # What puts the same facts in their place need not be as sure by itself.
        margin = FULLER if query.kind in OPEN else EQUAL
        near = [
            match
            for match in able
            if match.score >= sure.score - (margin if match.unit.shape is Brief else EQUAL)
            and (match in accepted or not match.unit.facts.isdisjoint(sure.unit.facts))
        ]
        return min(near, key=lambda match: (precedence(query, match.unit), -self.judge.confidence(query, match)))

    def _rivals(self, found: Found) -> list[Match]:
        """What answers about as well from other stories, when the question names nobody and nothing."""
        if found.query.mentions or any(slot[0].startswith("@") for slot in found.query.slots):
            return []
        best: dict[str, Match] = {}
        for match in found.matches:
            if match.unit.story == found.match.unit.story or match.unit.story in best:
                continue
            whole = match.fit.direct > ALL and match.fit.same_kind and match.fit.agreement >= AKIN
            near = whole or match.score >= found.match.score - RIVALLING
            sure = whole or (near and self.judge.accepts(found.query, match))
            if sure and match.unit.item.asks.in_(found.query.language):
                best[match.unit.story] = match
        return list(best.values())

    def _which_story(self, query: Query, matches: Sequence[Match], composer: Composer) -> Answer:
        questions = [match.unit.item.asks.in_(query.language)[0] for match in matches]
        card = cards.which_question(composer, questions)
        return self._unanswered(query, Outcome.CLARIFY, card, None, matches, 0.0)

    def _only_entity(self, query: Query) -> Entity | None:
        """The entity, when a question asks for nothing but who or what it is."""
        if query.kind not in (Kind.WHO, Kind.WHAT, Kind.TOPIC) or len(query.slots) != 1 or len(query.entities) != 1:
            return None
        return self.store.entities[query.entities[0]]

    def _answered(self, found: Found, composer: Composer) -> Answer:
        match, query = found.match, found.query
        item = match.unit.item
        if isinstance(item, Brief):
            disputes = disputes_among([self.store.facts[i] for i in item.facts], self.store)
            headline, blocks, facts = composer.brief_answer(item, disputes, _lead(item, found.matches))
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
            context=self._context(query, facts, match.unit.story),
            trace=trace(query, found.matches),
        )

    def _context(self, query: Query, facts: Sequence[Fact], story: str | None) -> Context:
        # Whoever only reported it is not what the talk is about.
        voices = {a.by for fact in facts for a in fact.attributions}
        spoken_of = Counter(e for fact in facts for e in fact.entities if self._is_subject(e) and e not in voices)
        answered = [entity for entity, _ in spoken_of.most_common()]
        speaks = {feature.rpartition(":")[2] for slot in query.slots for feature in slot if feature.startswith(SAID_BY)}
        # Whom a pronoun stood for is among the slots, and in no mention.
        meant = (slot[0].removeprefix("@") for slot in query.slots if len(slot) == 1 and slot[0].startswith("@"))
        asked = dict.fromkeys([*query.entities, *meant])
        named = [e for e in asked if e not in speaks or not answered]
        return Context(tuple(dict.fromkeys([*named, *answered])), story, query.slots, query.kind)

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
            context=Context((entity.id,), story, query.slots, query.kind),
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
        for answer in (first, second):
            blocks += (block for block in answer.card.blocks if block not in blocks)
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
        named = frozenset(self.index.numbers(map(entity_feature, query.entities)))
        found: dict[str, None] = {}
        for match in matches:
            if match.coverage >= NEARBY and (not query.entities or not named.isdisjoint(match.unit.entities)):
                found.update(dict.fromkeys(match.unit.item.asks.in_(query.language)[:1]))
            if len(found) == MOST_SUGGESTIONS:
                break
        return tuple(found)

    def _turned_down(self, asked: Asked, message: str) -> Answer:
        language = asked.language or asked.default_language
        text = wording(language)(message, most=LONGEST_QUESTION)
        card = Card(CardKind.NO_ANSWER, language, (Line(text, Role.HEADLINE),))
        return Answer("", language, Outcome.NO_ANSWER, text, card, trace=("turned down",))


def _lead(brief: Brief, matches: Sequence[Match]) -> str:
    """Which of a brief's facts answers best: the first, unless another one fits the question clearly better."""
    scores = {match.unit.id: match.score for match in matches if match.unit.shape is Fact}
    first, best = brief.facts[0], max(brief.facts, key=lambda fact: scores.get(fact, 0.0))
    return best if scores.get(best, 0.0) >= scores.get(first, 0.0) + LEADING else first
