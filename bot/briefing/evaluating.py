"""Scoring answers against question files, as DESIGN.md section 6 defines it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.briefing.answer import Answer, Outcome
from bot.facts.model import Language, Truth
from bot.facts.text import fold


def _pattern(value: object) -> object:
    if isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from None
    return value


Pattern = Annotated[str, BeforeValidator(_pattern)]


class Question(BaseModel):
    """One item of a question file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    q: str
    abstain: Truth
    lang: Language | None = None
    thread: str | None = None
    story: str | None = None
    kind: str = "other"
    outcome: Literal["answered", "no_answer", "clarify"] | None = None
    must: tuple[Pattern, ...] = ()
    must_any: tuple[tuple[Pattern, ...], ...] = ()
    must_not: tuple[Pattern, ...] = ()
    says: tuple[str, ...] = ()
    dispute: Truth = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How one question went. `faults` says why it did not pass, empty when it did."""

    question: Question
    answer: Answer
    faults: tuple[str, ...]
    right_first: bool

    @property
    def passed(self) -> bool:
        """Whether everything that the item demands holds."""
        return not self.faults

    @property
    def cell(self) -> str:
        """Its cell in the confusion table."""
        if self.answer.outcome is not Outcome.ANSWERED:
            return "turned down rightly" if self.question.abstain else "turned down wrongly"
        return "answered right" if self.passed else "answered wrong"


def score(question: Question, answer: Answer) -> Score:
    """Hold an answer against what its question demands."""
    text = fold(answer.text)
    faults = []
    if question.outcome and answer.outcome.value != question.outcome:
        faults.append(f"outcome {answer.outcome.value}, not {question.outcome}")
    if question.abstain:
        if answer.outcome is Outcome.ANSWERED:
            faults.append("answered what the facts do not hold")
        return Score(question, answer, tuple(faults), right_first=False)
    if answer.outcome is not Outcome.ANSWERED:
        faults.append(f"not answered: {answer.outcome.value}")
    faults += [f"must: {p}" for p in question.must if not re.search(p, text)]
    faults += [f"must_any: {group}" for group in question.must_any if not any(re.search(p, text) for p in group)]
    faults += [f"must_not: {p}" for p in question.must_not if re.search(p, text)]
    faults += [f"says: {name}" for name in question.says if name not in answer.text]
    if question.dispute and not answer.disputes:
        faults.append("no dispute shown")
    first = answer.headline + "\n" + (answer.facts[0].statement.in_(answer.language) if answer.facts else "")
    return Score(question, answer, tuple(faults), holds(question, first) and not faults)


def holds(question: Question, text: str) -> bool:
    """Whether a text has all that the question's answer must have."""
    folded = fold(text)
    return all(re.search(p, folded) for p in question.must) and all(
        any(re.search(p, folded) for p in group) for group in question.must_any
    )


@dataclass(slots=True)
class Tally:
    """Counts over a set of scores."""

    scores: list[Score] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The figures of one set; rates are parts of 1, null where there is nothing to divide."""
        cells = Counter(s.cell for s in self.scores)
        answerable = [s for s in self.scores if not s.question.abstain]
        unanswerable = [s for s in self.scores if s.question.abstain]
        down = cells["turned down rightly"] + cells["turned down wrongly"]
        lengths = [len(s.answer.text) for s in self.scores if s.answer.outcome is Outcome.ANSWERED]
        return {
            "questions": len(self.scores),
            "passed": sum(s.passed for s in self.scores),
            "answerable": len(answerable),
            "answered_right": _rate(sum(s.passed for s in answerable), len(answerable)),
            "right_first": _rate(sum(s.right_first for s in answerable), len(answerable)),
            "unanswerable": len(unanswerable),
            "turned_down": _rate(sum(s.cell == "turned down rightly" for s in unanswerable), len(unanswerable)),
            "refusals_right": _rate(cells["turned down rightly"], down),
            "wrong_of_all": _rate(cells["answered wrong"], len(self.scores)),
            "confusion": dict(cells),
            "median_length": median(lengths) if lengths else None,
            "longest": max(lengths, default=None),
        }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def tallies(scores: Sequence[Score]) -> dict[str, Tally]:
    """All scores, and the same by language and by kind."""
    found: dict[str, Tally] = {"all": Tally()}
    for one in scores:
        for name in ("all", f"language {one.answer.language}", f"kind {one.question.kind}"):
            found.setdefault(name, Tally()).scores.append(one)
    return found


def parse_questions(items: Iterable[Any]) -> list[Question]:
    """Questions from plain values. Raises pydantic's ValidationError for the first bad one."""
    return [Question.model_validate(item) for item in items]
