"""What the cross-encoder learns from. Unlike tests/questions, nothing here scores anybody.

Every file beside this one holds, for units, questions in other people's words that the unit answers
(`answered_en`) and near misses that it does not (`missed_en`). In judged/, people who saw the
documents alone wrote questions, and others judged which of the units that retrieval finds for them
answer. In hard/ are those near misses of which an earlier cross-encoder held it that another unit
answers them, with what others judged of that. In talks/ the same was done for questions that lean on
the one before them; every fifth of those is not learnt, but fits the judge. All these are about the
facts in seeds/. The stories of stories/ are invented, facts and all, so that it learns to read, and
not these facts by heart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.facts.model import LANGUAGES, Language

HERE = Path(__file__).parent
FIFTH = 5


@dataclass(frozen=True)
class Lesson:
    """A question with units that answer it and units that look as if they did; `after` is the one before it."""

    language: Language
    question: str
    answered: tuple[str, ...]
    missed: tuple[str, ...]
    after: str = ""


@dataclass(frozen=True)
class Story:
    """An invented story: what its units say, as it is read, the facts that each rests on, and lessons about them."""

    told: Mapping[tuple[str, Language], str]
    facts: Mapping[str, frozenset[str]]
    lessons: tuple[Lesson, ...]


def written() -> Iterator[Lesson]:
    """The lessons that were written for units one by one."""
    for path in sorted(HERE.glob("*.yaml")):
        for unit, questions in _read(path).items():
            for language in LANGUAGES:
                for question in questions.get(f"answered_{language}", ()):
                    yield Lesson(language, question, (unit,), ())
                for question in questions.get(f"missed_{language}", ()):
                    yield Lesson(language, question, (), (unit,))


def judged() -> Iterator[Lesson]:
    """Questions that stand by themselves."""
    for language in LANGUAGES:
        yield from (_lesson(language, given) for given in _read(HERE / f"judged/{language}.yaml"))


def hard() -> Iterator[Lesson]:
    """Near misses that were taken for a question which some other unit answers: some of them rightly."""
    for language in LANGUAGES:
        yield from (_lesson(language, given) for given in _read(HERE / f"hard/{language}.yaml"))


def talks(*, held: bool) -> Iterator[Lesson]:
    """Questions that lean on the one before them: those `held` back from learning, or the others."""
    for language in LANGUAGES:
        for number, given in enumerate(_read(HERE / f"talks/{language}.yaml")):
            if (number % FIFTH == 0) is held:
                yield _lesson(language, given)


def invented() -> Iterator[Story]:
    """The stories that nobody's facts hold."""
    for path in sorted((HERE / "stories").glob("*.yaml")):
        given = _read(path)
        rests_on = {name: [name] for name in given["facts"]}
        rests_on |= {name: unit["facts"] for kind in ("briefs", "disputes") for name, unit in given[kind].items()}
        told = {(name, language): _told(name, given, language) for name in rests_on for language in LANGUAGES}
        lessons = tuple(_lesson(question["lang"], question) for question in given["questions"])
        yield Story(told, {name: frozenset(facts) for name, facts in rests_on.items()}, lessons)


def _told(name: str, given: dict[str, Any], language: Language) -> str:
    """What a unit says, in the form of `bot.briefing.passages`."""

    def statement(fact: dict[str, Any], *, dated: bool) -> str:
        day = fact.get({"en": "date", "fr": "date_fr"}[language]) if dated else None
        return f"{fact[language]} ({'; '.join(filter(None, (fact['by'][language], day)))})"

    if name in given["facts"]:
        return statement(given["facts"][name], dated=True)
    unit = {**given["briefs"], **given["disputes"]}[name]
    facts = (statement(given["facts"][fact], dated=name in given["briefs"]) for fact in unit["facts"])
    return " ".join((unit[language], *facts))


def _lesson(language: Language, given: dict[str, Any]) -> Lesson:
    answered, missed = (tuple(given.get(key, ())) for key in ("answered", "missed"))
    return Lesson(language, given["q"], answered, missed, given.get("after", ""))


def _read(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader, the quick one)
