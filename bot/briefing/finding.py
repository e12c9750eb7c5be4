"""What answers a question: candidates are retrieved, read and judged, and the best of those accepted is taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.briefing.following import points_back, speaks
from bot.briefing.index import Index
from bot.briefing.judging import ALL, FEW, Judge, alike
from bot.briefing.kinds import Kind, flat
from bot.briefing.matching import MOST_JUDGED, MOST_READ, Match, candidates, precedence, verbatim
from bot.briefing.question import Query
from bot.facts.model import Brief

RIVALLING = 0.07  # of score: closer than that, another story answers as well
AKIN = 0.75  # agreement from which a question of another story, holding all that is asked, may be meant as well
AKIN_IF_BARE = 0.5  # the same where nothing is asked but "the plan"
FULLER = 0.08  # of score: so much may a brief lie behind on a question as open as "what happened?"
EQUAL = 0.02  # of score: closer than that, a brief goes before a fact
OPEN = frozenset({Kind.WHAT, Kind.TOPIC})  # kinds that a brief answers more fully than a fact
OPPOSABLE = frozenset({Kind.WHY, Kind.WHETHER, Kind.HOW})
ASKS_WHY = re.compile(r"^.*?\b(?:why|how come|how|pourquoi|comment)\s+(?=\w)", re.IGNORECASE)
NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|without|\w+n t|hasnt|didnt|isnt|pas|jamais|rien|aucune?|sans)\b"
)
EVEN = 0.5  # of confidence, or of what was read: more likely than not
UNDECIDED = 1 / 3  # of what was read: below it speaks against an answer
LIKELY = 0.6  # of confidence: enough in a talk for what answers the question by itself or put in full
MOST_IN_A_TALK = 4  # units that are read with both questions, and as many of those that stood on the last card


@dataclass(frozen=True, slots=True)
class Found:
    """What answers a question, before it is laid out."""

    query: Query
    match: Match
    matches: Sequence[Match]
    opposite: bool = False


class Finder:
    """Finds what answers in one index."""

    def __init__(self, index: Index, judge: Judge) -> None:
        self.index, self.judge = index, judge

    def foreseen(self, query: Query, story: str | None) -> Found | None:
        """The unit that an editor wrote just this question for."""
        lines = dict.fromkeys(map(flat, (query.text, query.whole or query.text)))
        units = [u for line in lines for u in self.index.foreseen(line) if story in (None, u.story)]
        if not units:
            return None
        unit = min(units, key=lambda unit: precedence(query, unit))
        if not query.slots:  # "What happened?" holds nothing to search by
            matches = [verbatim(each) for each in sorted(units, key=lambda each: each is not unit)]
            return Found(query, matches[0], matches)
        matches = candidates(query, self.index, story, [unit])
        match = next(match for match in matches if match.unit.number == unit.number)
        brief = self._brief_on(match, matches) if query.kind in OPEN else None
        return Found(query, brief or match, matches)

    def find(self, query: Query, matches: Sequence[Match], story: str | None) -> Found | None:
        """What answers, or else the opposite of what the question takes for granted."""
        if query.kind is Kind.OPINION:
            return None
        matches = self._read(query, matches)
        match = self._accepted(query, matches)
        if match:
            return Found(query, match, matches)
        if query.kind not in OPPOSABLE or NEGATION.search(flat(query.text)):
            return None
        # "Why did they shut?" when they stayed open: no reason is owed, only what was so.
        kind = Kind.WHETHER if query.kind is Kind.WHY else query.kind
        asked = replace(query, kind=kind, whole=query.whole and _whether(query.whole))
        for number, slot in enumerate(query.slots):
            contrary = tuple(o for f in slot for o in self.index.lexicon.opposites.get(f, ()))
            if not contrary:
                continue
            turned = replace(asked, slots=(*query.slots[:number], contrary, *query.slots[number + 1 :]))
            says, denies = self.index.numbers(slot), self.index.numbers(contrary)
            able = [
                match
                for match in candidates(turned, self.index, story)
                if match.unit.said.isdisjoint(says) and not match.unit.said.isdisjoint(denies)
            ]
            matches = self._read(turned, able)
            match = self._accepted(turned, matches)
            if match:
                return Found(turned, match, matches, opposite=True)
        return None

    def in_talk(self, query: Query, plain: Query, followed: Query, last: str, story: str | None) -> Found | None:
        """What answers a question that leans on the one before it, with which the cross-encoder reads it.

        `plain` is the question alone, `followed` with its subject filled in by its words. `last` is the id
        of the unit that answered last: what goes on from an answer is often told by one of its own facts.
        """
        unit = self.index.named(last)
        shown = [unit, *filter(None, map(self.index.named, sorted(unit.facts)))] if unit else []
        shown = [unit for unit in shown if story in (None, unit.story)]
        best: dict[int, Match] = {}
        # Where somebody is to have said it, what others said is not in question.
        asked = [followed] if speaks(followed) else [query, followed, plain]
        for one in asked:
            for match in candidates(one, self.index, story, shown if one is asked[0] else ()):
                number = match.unit.number
                if number not in best or match.score > best[number].score:
                    best[number] = match
        matches = sorted(best.values(), key=lambda match: -match.score)
        numbers = {unit.number for unit in shown}
        told = [match for match in matches if match.unit.number in numbers][:MOST_IN_A_TALK]
        told += [match for match in matches if match.unit.number not in numbers][:MOST_IN_A_TALK]
        accepted = [match for match in self.judge.read(query, told) if self.judge.accepts(query, match)]
        if unit and followed.whole is None and not points_back(plain):  # "why?", "and Sagara?"
            accepted = accepted or [match for match in told if match.unit.story == unit.story and _asked_just_so(match)]
        if accepted:
            return Found(query, max(accepted, key=lambda match: self.judge.confidence(query, match)), matches)
        return None if followed is plain or followed.whole is None else self.put(query, followed, story)

    def put(self, query: Query, otherwise: Query, story: str | None) -> Found | None:
        """What answers a question of a talk, `query`, as it would be put by itself."""
        foreseen = self.foreseen(otherwise, story)
        found = foreseen or self.find(otherwise, candidates(otherwise, self.index, story), story)
        return found if foreseen or (found and self.likely(query, found.match)) else None

    def likely(self, query: Query, match: Match) -> bool:
        """Whether what answers by another reading of the question may well answer by this one."""
        return any(self.judge.confidence(query, read) > LIKELY for read in self.judge.read(query, [match]))

    def rivals(self, found: Found) -> list[Match]:
        """What answers about as well from other stories, when the question names nobody and nothing."""
        if _names_somebody(found.query):
            return []
        best: dict[str, Match] = {}
        for match in found.matches:
            if match.unit.story == found.match.unit.story or match.unit.story in best:
                continue
            whole = _asked_there(found.query, match)
            near = whole or match.score >= found.match.score - RIVALLING
            sure = whole or (near and self.judge.accepts(found.query, match))
            if sure and match.unit.item.asks.in_(found.query.language):
                best[match.unit.story] = match
        return list(best.values())

    def bearers(self, query: Query, matches: Sequence[Match]) -> list[Match]:
        """Where nothing is asked but "the minister": the best match of each story that has one."""
        best: dict[str, Match] = {}
        if is_bare_noun(query):
            for match in matches:
                if _asked_there(query, match):
                    best.setdefault(match.unit.story, match)
        return list(best.values())

    def _read(self, query: Query, matches: Sequence[Match]) -> list[Match]:
        return [*self.judge.read(query, matches[:MOST_JUDGED]), *matches[MOST_JUDGED:]]

    def _accepted(self, query: Query, matches: Sequence[Match]) -> Match | None:
        able = [match for match in matches[:MOST_JUDGED] if self.judge.allows(match)]
        accepted = [match for match in able if self.judge.accepts(query, match)]
        if not accepted:
            farther = self.judge.surely(query, matches[MOST_JUDGED:MOST_READ])
            foreseen = (match for match in able if self._foreseen_otherwise(query, match))
            return max((*farther, *foreseen), key=lambda match: self.judge.confidence(query, match), default=None)
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

    def _foreseen_otherwise(self, query: Query, match: Match) -> bool:
        """Whether an editor wrote the very question but for synonyms, and what was read does not speak against it."""
        if not match.read or match.read < UNDECIDED or len(query.slots) < FEW:
            return False
        same = _asked_just_so(match) and match.thing_said and match.thing_asked
        return same and self.judge.confidence(query, match) > EVEN

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


def _whether(text: str) -> str:
    """A question why or how something is so as one whether it is: "did the shops shut?"."""
    return ASKS_WHY.sub("", text, count=1)


def _names_somebody(query: Query) -> bool:
    return bool(query.mentions) or any(slot[0].startswith("@") for slot in query.slots)


def is_bare_noun(query: Query) -> bool:
    """Whether nothing is asked but what somebody or something is that many stories have: "what is the plan?"."""
    return query.kind in OPEN and len(query.slots) == 1 and not _names_somebody(query)


def _asked_there(query: Query, match: Match) -> bool:
    """Whether a question of the unit's own holds all that is asked."""
    if match.fit.direct <= ALL:
        return False
    if is_bare_noun(query):
        return match.fit.agreement >= AKIN_IF_BARE
    return match.fit.same_kind and match.fit.agreement >= AKIN


def _asked_just_so(match: Match) -> bool:
    """Whether an editor wrote just what was asked, in these words or others."""
    return match.fit.agreement > ALL and match.fit.same_kind and alike(match)
