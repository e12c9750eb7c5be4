"""`briefbot eval`: question files in, a report out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from bot.briefing.evaluating import Question, Score, Tally, score, tallies
from bot.desk import Asking, Desk
from bot.errors import QuestionFileError
from bot.facts.yamlread import read_yaml


def read_questions(path: Path) -> list[Question]:
    """Read a question file.

    Raises:
        QuestionFileError: names file, line and what is wrong with the first bad item.
    """
    tree, findings = read_yaml(path, str(path))
    if findings:
        raise QuestionFileError(str(findings[0]))
    if not isinstance(tree.data, list):
        raise QuestionFileError(f"{path}: the file is no list; write items that begin with `- id:`.")
    found = []
    for number, item in enumerate(tree.data):
        try:
            found.append(Question.model_validate(item))
        except ValidationError as error:
            details = error.errors(include_url=False)[0]
            line = tree.line((number, *details["loc"]))
            where = ".".join(map(str, details["loc"]))
            raise QuestionFileError(f"{path}:{line}  `{where}`: {details['msg']}.") from None
    return found


def ask_all(questions: Iterable[Question], desk: Desk, asking: Asking, prefix: str) -> Iterator[Score]:
    """Ask every question as a user would; threads of one file follow on within it."""
    for question in questions:
        thread = f"{prefix}:{question.thread}" if question.thread else None
        this = Asking(asking.now, question.lang, asking.default_language, None, thread)
        yield score(question, desk.ask(question.q, this))


def as_json(scores: Sequence[Score]) -> dict[str, Any]:
    """The whole report as one object, failing items with their trace."""
    return {
        "tallies": {name: tally.as_json() for name, tally in tallies(scores).items()},
        "failures": [
            {
                "id": s.question.id,
                "q": s.question.q,
                "faults": list(s.faults),
                "outcome": s.answer.outcome.value,
                "text": s.answer.text,
                "trace": list(s.answer.trace),
            }
            for s in scores
            if not s.passed
        ],
    }


def show(scores: Sequence[Score], console: Console, *, failures: bool = True) -> None:
    """Print the report for a person."""
    if failures:
        for one in scores:
            if not one.passed:
                console.print(f"[bold]{one.question.id}[/] {one.cell}: ", end="")
                console.print(one.question.q, markup=False, highlight=False)
                console.print("   " + "; ".join(one.faults), markup=False, style="red", highlight=False)
                console.print("   " + one.answer.text[:300].replace("\n", " | "), markup=False, highlight=False)
                for step in one.answer.trace:
                    console.print("   · " + step, markup=False, style="dim", highlight=False)
    console.print(_table(tallies(scores)))


def _table(found: dict[str, Tally]) -> Table:
    table = Table(
        "set", "n", "answered right", "right first", "turned down", "refusals right", "wrong of all", "length"
    )
    for name, tally in found.items():
        figures = tally.as_json()
        rates = ("answered_right", "right_first", "turned_down", "refusals_right", "wrong_of_all")
        table.add_row(
            name,
            str(figures["questions"]),
            *(_percent(figures[rate]) for rate in rates),
            str(figures["median_length"] or ""),
        )
    return table


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"
