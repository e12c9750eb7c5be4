"""Commands that answer from the facts; they need no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from bot.briefing.card import Card
from bot.cli.common import (
    Json,
    Lang,
    StoryArgument,
    StoryOption,
    a_console,
    a_desk,
    app,
    print_json,
    show_card,
)
from bot.desk import Asking, Desk
from bot.errors import BriefbotError


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in English or French.")] = None,
    lang: Lang = None,
    story: StoryOption = None,
    batch: Annotated[str | None, typer.Option(help='A file of {"q": "..."} lines, or - for standard input.')] = None,
    as_json: Json = False,
) -> None:
    """Answer one question, or every line of a batch.

    Examples: briefbot ask "who was arrested?" · briefbot ask --lang fr "AES" ·
    briefbot ask --batch questions.jsonl --json
    """
    if (question is None) == (batch is None):
        raise typer.BadParameter("give one question in quotes, or --batch FILE")
    if batch is not None:
        if not as_json:
            raise typer.BadParameter("--batch prints JSON; add --json")
        _batch(batch, lang, story)
        return
    desk, asking = a_desk(lang, story)
    answer = desk.ask(question or "", asking)
    if as_json:
        print_json({**answer.as_json(desk.store), "question": question})
    else:
        show_card(answer.card)


@app.command()
def timeline(story: StoryArgument = None, lang: Lang = None, as_json: Json = False) -> None:
    """What happened when, in order."""
    _story_card(lambda desk: desk.timeline, story, lang, as_json=as_json)


@app.command()
def disputes(story: StoryArgument = None, lang: Lang = None, as_json: Json = False) -> None:
    """Where sources differ, side by side with who says what."""
    _story_card(lambda desk: desk.disputes, story, lang, as_json=as_json)


@app.command()
def sources(story: StoryArgument = None, lang: Lang = None, as_json: Json = False) -> None:
    """The documents behind a story, and how independent they are."""
    _story_card(lambda desk: desk.sources, story, lang, as_json=as_json)


@app.command()
def stories(lang: Lang = None, as_json: Json = False) -> None:
    """The stories that facts are held on."""
    desk, asking = a_desk(lang, None)
    show_card(desk.stories(asking), as_json=as_json)


@app.command()
def who(
    name: Annotated[str, typer.Argument(help="A name, an abbreviation or a spelling of either.")],
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Who or what a name is, and the facts about it."""
    desk, asking = a_desk(lang, None)
    show_card(desk.who(name, asking), as_json=as_json)


@app.command()
def fact(
    fact_id: Annotated[str, typer.Argument(metavar="ID", help="A fact's id; `briefbot facts list --json` lists them.")],
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """One fact with its provenance, disputes and whole history."""
    desk, asking = a_desk(lang, None)
    show_card(desk.fact(fact_id, asking), as_json=as_json)


@app.command("eval")
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Question files (YAML).")],
    as_json: Json = False,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with 1 when a question fails.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Figures only, no failing items.")] = False,
) -> None:
    """Score the answers to question files."""
    from bot.adapters.terminal import scoring  # noqa: PLC0415 (only eval needs it)

    questions = [(path, scoring.read_questions(path)) for path in files]
    desk, asking = a_desk(None, None)
    scores = [s for path, asked in questions for s in scoring.ask_all(asked, desk, asking, str(path))]
    if as_json:
        print_json(scoring.as_json(scores))
    else:
        scoring.show(scores, a_console(wide=True), failures=not quiet)
    if fail and not all(s.passed for s in scores):
        raise typer.Exit(1)


def _story_card(
    show: Callable[[Desk], Callable[[str, Asking], Card]], story: str | None, lang: Any, *, as_json: bool
) -> None:
    desk, asking = a_desk(lang, None)
    chosen = story or next(iter(desk.store.stories))
    show_card(show(desk)(chosen, asking), as_json=as_json)


def _batch(source: str, lang: Any, story: str | None) -> None:
    from bot.adapters.terminal.batch import answers  # noqa: PLC0415 (only batches need it)

    desk, asking = a_desk(lang, story)
    failed = False
    with _open(source) as lines:
        for found, problem in answers(lines, desk, asking):
            print(json.dumps(found, ensure_ascii=False), flush=True)
            if problem:
                failed = True
                print(f"briefbot: {problem}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


@contextmanager
def _open(source: str) -> Iterator[TextIO]:
    if source == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        yield sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8", errors="replace") as file:
            yield file
    except OSError as error:
        raise BriefbotError(
            f"Cannot read {source}: {error.strerror}. Check the path, or use - for standard input."
        ) from None
