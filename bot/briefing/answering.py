"""The way of a question: understand, retrieve, check, compose. One way, no way back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.briefing.answer import Answer, Context, Outcome
from bot.briefing.finding import Finder, Found
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
    place_taken,
    refers_back,
    speaks,
)
from bot.briefing.furniture import is_courtesy
from bot.briefing.index import Index
from bot.briefing.judging import Judge
from bot.briefing.kinds import Kind, flat, kind_of
from bot.briefing.layout import Layout
from bot.briefing.lexicon import spelt_out
from bot.briefing.linking import Mention
from bot.briefing.matching import Match, candidates, verbatim
from bot.briefing.question import Query, renamed, understand
from bot.briefing.text import LONGEST_QUESTION, normalise
from bot.facts.model import Entity, Language

CLEARLY_BETTER = 0.15  # of score: so far ahead, one reading of a shared name is the one that is meant
WELL_FITTED = 0.8  # of agreement: below it, who or what somebody is, is told by a profile
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

    def __init__(self, index: Index, judge: Judge) -> None:
        self.store, self.index, self.judge = index.store, index, judge
        self.finder = Finder(index, judge)

    def ask(self, asked: Asked) -> Answer:
        """Answer from the store, or say that it holds no answer. Takes any string."""
        if len(asked.text) > LONGEST_QUESTION:
            return self._layout(asked).too_long(asked.context)
        plain = called(normalise(asked.text))
        if not any(character.isalnum() for character in plain) or is_courtesy(plain):
            return self._layout(asked).no_question(asked.context)
        halves = parts(plain)
        if len(halves) == 1 or kind_of(plain) is Kind.OPINION:
            return self._one(asked, plain)
        first = self._one(asked, halves[0])
        if first.outcome is not Outcome.ANSWERED and leans(understand(halves[1], self.index, first.language)):
            return self._one(asked, plain)  # it would lean on nothing
        second = self._one(replace(asked, context=first.context, language=first.language), halves[1])
        if not first.facts or not second.facts or first.facts == second.facts:
            whole = self._one(asked, plain)
            if whole.facts or not (first.facts or second.facts):
                return whole
        return self._layout(asked, first.language).both(spelt_out(plain), first, second)

    def _layout(self, asked: Asked, language: Language | None = None) -> Layout:
        return Layout(self.index, self.judge, language or asked.language or asked.default_language, asked.today)

    def _one(self, asked: Asked, text: str) -> Answer:
        answer, before = self._answer(asked, text), asked.context
        if answer.context.entities or not before.entities:
            return answer
        # Whom a talk is about outlives a question that named nobody.
        kept = replace(answer.context, entities=before.entities, story=answer.context.story or before.story)
        return replace(answer, context=kept)

    def _answer(self, asked: Asked, text: str) -> Answer:
        plain = understand(text, self.index, asked.language, asked.default_language)
        layout = self._layout(asked, plain.language)
        asked_before = asked.context.question
        if not asked_before:
            if is_bare(plain) and not self.finder.foreseen(plain, asked.story):
                return layout.whom(plain)
            return self._by_itself(plain, asked, layout)
        before = understand(asked_before, self.index, None, plain.language)
        followed = self._with_speaker(follow(plain, before, asked.context, self.store.entities), plain)
        answer = self._in_the_talk(plain, followed, before, asked, layout)
        query = plain if self.judge.reading and followed.whole is None and not followed.shared else followed
        leaning = self._may_lean(plain, followed) and not plain.mentions
        talk = in_talk(plain, before, followed) if leaning else None
        return answer or self._by_itself(query, asked, layout, followed=followed is not plain, talk=talk)

    def _with_speaker(self, followed: Query, plain: Query) -> Query:
        """The question with its subject filled in, who then is to have said it: "what does she say about it?"."""
        if followed.whole in (None, plain.whole):
            return followed
        spoken = understand(followed.whole, self.index, plain.language)
        return replace(followed, slots=spoken.slots) if speaks(spoken) else followed

    def _in_the_talk(self, plain: Query, followed: Query, before: Query, asked: Asked, layout: Layout) -> Answer | None:
        """The answer in the light of the question before; None where the question has to stand by itself.

        `followed` is the question with its subject filled in by its words.
        """
        if asked.context.unit and asks_who_says(plain):
            return self._again(before, asked.context.unit, layout)
        if not self._may_lean(plain, followed):
            return None
        query = in_talk(plain, before, followed)
        found = self.finder.in_talk(query, plain, followed, asked.context.unit, asked.story)
        found = found or self._with_another_name(query, plain, before, asked.story)
        if found and not self._elsewhere(found, plain, asked):
            return layout.found(found)
        whole = bool(plain.mentions) and plain.kind is not Kind.TOPIC  # "and who is Lapid?"
        # What a subject filled in leads to was looked up just now; "who is she?" has her profile besides.
        filled = followed is not plain and followed.whole is not None and self._only_entity(followed) is None
        if whole or not (leans(plain) or goes_on(plain) or filled):
            return None
        if refers_back(plain) and followed is plain:
            return layout.whom(plain)
        story = asked.story or asked.context.story
        answer = layout.no_answer(query, story, candidates(query, self.index, story))
        return replace(answer, context=asked.context)

    def _with_another_name(self, query: Query, plain: Query, before: Query, story: str | None) -> Found | None:
        """What answers the question before with the name that was asked about now: "and Reuters?"."""
        taken = place_taken(plain, before, self.store.entities)
        if taken is None:
            return None
        name = self.store.entities[plain.entities[0]].name.in_(plain.language)
        return self.finder.put(query, understand(renamed(before, taken, name), self.index, plain.language), story)

    def _again(self, before: Query, unit_id: str, layout: Layout) -> Answer:
        """The last answer once more: each of its statements says who stands behind it, and how sure that is."""
        unit = self.index.named(unit_id)
        if unit is None:  # the facts have changed since
            return layout.whom(before)
        # "When?" holds nothing to search by.
        matches = candidates(before, self.index, unit.story, [unit]) or [verbatim(unit)]
        match = next(match for match in matches if match.unit.number == unit.number)
        return layout.found(Found(before, match, matches))

    def _may_lean(self, plain: Query, followed: Query) -> bool:
        return self.judge.reading and may_lean(plain) and not followed.shared

    def _by_itself(
        self, query: Query, asked: Asked, layout: Layout, *, followed: bool = False, talk: Query | None = None
    ) -> Answer:
        """The answer to a question that says what it is about, if need be with a name filled in: `followed`.

        `talk` is the question with the one before it, where it may lean on that.
        """
        story = asked.story
        foreseen = self.finder.foreseen(query, story)
        if foreseen:
            return self._unless_rivalled(foreseen, asked, layout)
        if query.shared:
            return self._which_of_a_name(query, query.shared[0], story, layout)
        matches = candidates(query, self.index, story)
        of_the_talk = None if followed else self._of_the_talk(query, matches, asked, layout)
        if of_the_talk:
            return of_the_talk
        entity = self._only_entity(query)
        found = self.finder.find(query, matches, story)
        # "What is the capital of Mali?" is not what happens there, which key words may ask for.
        place = entity is not None and entity.kind == "place" and DEFINING.search(flat(query.text))
        if entity and (place or found is None or found.match.fit.agreement < WELL_FITTED):
            return layout.profile(query, entity)
        if found is None:
            bearers = self.finder.bearers(query, matches) if story is None else []
            if len(bearers) > 1:
                return layout.which_question(query, bearers)
            return layout.no_answer(query, story, matches)
        elsewhere = self._elsewhere(found, query, asked)
        if talk and not elsewhere and not self.finder.likely(talk, found.match):
            return layout.no_answer(query, story, matches)
        return self._unless_rivalled(found, asked, layout)

    def _which_of_a_name(self, query: Query, mention: Mention, story: str | None, layout: Layout) -> Answer:
        """A name that several share: the one about whom the facts answer clearly best, or they are asked for."""
        chosen = [query.choosing(mention, entity) for entity in mention.entities]
        # The name alone tells its bearers apart: what is read has the question as it was typed.
        about_them = [[match for match in candidates(one, self.index, story) if match.named] for one in chosen]
        readings = [self.finder.find(one, matches, story) for one, matches in zip(chosen, about_them, strict=True)]
        fitting = sorted((found for found in readings if found), key=lambda found: -found.matches[0].score)
        others = [f for f in fitting[1:] if f.match.unit.number != fitting[0].match.unit.number]
        clear = fitting and (not others or fitting[0].matches[0].score >= others[0].matches[0].score + CLEARLY_BETTER)
        if not clear or len(query.slots) == 1:
            return layout.which_name(query, mention.entities)
        return layout.found(fitting[0])

    def _of_the_talk(self, query: Query, matches: Sequence[Match], asked: Asked, layout: Layout) -> Answer | None:
        """What becomes of a question that leaves open whom or what it is about, where the talk does not tell."""
        if refers_back(query):
            return layout.whom(query, matches)
        bound = self._bound(query, asked)
        if bound:
            return layout.found(bound)
        if not ownerless(query):
            return None
        if asked.context.entities:
            return layout.no_answer(query, asked.story, matches)
        return layout.whom(query, matches)

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

    def _unless_rivalled(self, found: Found, asked: Asked, layout: Layout) -> Answer:
        rivals = self.finder.rivals(found) if asked.story is None else []
        if rivals or self._elsewhere(found, found.query, asked):
            return layout.which_question(found.query, [found.match, *rivals])
        return layout.found(found)

    def _elsewhere(self, found: Found, query: Query, asked: Asked) -> bool:
        """Whether a talk of one story would be answered from another that the query does not name: "how many died?"."""
        story = found.match.unit.story
        away = asked.story is None and asked.context.story not in (None, story)
        return away and story not in map(self.store.story_of.get, query.entities)

    def _only_entity(self, query: Query) -> Entity | None:
        """The entity, when a question asks for nothing but who or what it is."""
        if query.kind not in (Kind.WHO, Kind.WHAT, Kind.TOPIC) or len(query.slots) != 1 or len(query.entities) != 1:
            return None
        return self.store.entities[query.entities[0]]
