"""What the cross-encoder learns from. Unlike tests/questions, nothing here scores anybody.

Every file beside this one holds, for units, questions in other people's words that the unit answers
(`answered_en`) and near misses that it does not (`missed_en`). In judged/, people who saw the
documents alone wrote questions, and others judged which of the units that retrieval finds for them
answer. In talks/ the same was done for questions that lean on the one before them; every fifth of
those is not learnt, but fits the judge.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def talks(*, held: bool) -> Iterator[Lesson]:
    """Questions that lean on the one before them: those `held` back from learning, or the others."""
    for language in LANGUAGES:
        for number, given in enumerate(_read(HERE / f"talks/{language}.yaml")):
            if (number % FIFTH == 0) is held:
                yield _lesson(language, given)


def _lesson(language: Language, given: dict[str, Any]) -> Lesson:
    answered, missed = (tuple(given.get(key, ())) for key in ("answered", "missed"))
    return Lesson(language, given["q"], answered, missed, given.get("after", ""))


def _read(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader, the quick one)
