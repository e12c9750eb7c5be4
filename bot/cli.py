"""The command line. Exit status: 0 done, 1 a failure explained on standard error, 2 wrong usage."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer
from rich.console import Console

from bot.app import build, build_desk
from bot.briefing.card import Card
from bot.desk import Asking, Desk
from bot.errors import BriefbotError
from bot.facts.load import all_findings, load_store
from bot.facts.revisions import record
from bot.facts.schemas import write_schemas
from bot.facts.views import fact_json
from bot.settings import Settings, read_settings, seeds_folder, utc_now

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Lang = Annotated[
    Literal["en", "fr"] | None, typer.Option(help="Language of the answer; told from the question otherwise.")
]
StoryOption = Annotated[str | None, typer.Option("--story", help="Keep to one story; `briefbot stories` lists them.")]
DEFAULT_STORY_HELP = "The story; without it, the first one that `briefbot stories` lists."
StoryArgument = Annotated[str | None, typer.Argument(metavar="[STORY]", help=DEFAULT_STORY_HELP)]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Short answers from curated facts, each with who said it.\n\n"
    'Try: briefbot ask "who was arrested?"  ·  briefbot who Goita  ·  briefbot disputes',
)
facts_app = typer.Typer(no_args_is_help=True, help="Look after the facts in seeds/.")
app.add_typer(facts_app, name="facts")


def main() -> None:
    """Run one command; a failure is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except BriefbotError as error:
        print(f"briefbot: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # The reader has gone (`| head`); Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


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
    desk, asking = _desk(lang, story)
    answer = desk.ask(question or "", asking)
    if as_json:
        _print_json({**answer.as_json(desk.store), "question": question})
    else:
        _show(answer.card)


@app.command()
def chat(lang: Lang = None, story: StoryOption = None) -> None:
    """Talk: the same commands and questions as in Slack. Leave with `exit`."""
    from bot.adapters.terminal.chat import chat as converse  # noqa: PLC0415 (only chat needs prompt-toolkit)

    settings = read_settings()

    async def session() -> None:
        async with build(settings) as built:
            await converse(
                built.desk,
                lambda: _asking(settings, lang, story, "terminal"),
                _console(),
                _history_file(),
                built.refresh,
            )

    asyncio.run(session())


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
    desk, asking = _desk(lang, None)
    _show(desk.stories(asking), as_json=as_json)


@app.command()
def who(
    name: Annotated[str, typer.Argument(help="A name, an abbreviation or a spelling of either.")],
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Who or what a name is, and the facts about it."""
    desk, asking = _desk(lang, None)
    _show(desk.who(name, asking), as_json=as_json)


@app.command()
def fact(
    fact_id: Annotated[str, typer.Argument(metavar="ID", help="A fact's id; `briefbot facts list --json` lists them.")],
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """One fact with its provenance, disputes and whole history."""
    desk, asking = _desk(lang, None)
    _show(desk.fact(fact_id, asking), as_json=as_json)


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
    desk, asking = _desk(None, None)
    scores = [s for path, asked in questions for s in scoring.ask_all(asked, desk, asking, str(path))]
    if as_json:
        _print_json(scoring.as_json(scores))
    else:
        scoring.show(scores, _console(wide=True), failures=not quiet)
    if fail and not all(s.passed for s in scores):
        raise typer.Exit(1)


@facts_app.command("check")
def facts_check(as_json: Json = False) -> None:
    """Check seeds/: every finding with file, line and remedy."""
    folder = seeds_folder(read_settings())
    findings = all_findings(folder)
    if as_json:
        _print_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            print(finding)
        count = {0: "No findings", 1: "1 finding"}.get(len(findings), f"{len(findings)} findings")
        print(f"{count} in {folder}.")
    if findings:
        raise typer.Exit(1)


@facts_app.command("list")
def facts_list(as_json: Json = False) -> None:
    """Every fact, whatever its state; with --json one object a line."""
    store = load_store(seeds_folder(read_settings()))
    for one in store.facts.values():
        if as_json:
            print(json.dumps(fact_json(one, store), ensure_ascii=False))
        else:
            print(f"{one.id}  [{one.state.value}, {one.status.value}]  {one.statement.en}")


@facts_app.command("record")
def facts_record() -> None:
    """Record new facts and revisions, once everything else in `facts check` is clean."""
    folder = seeds_folder(read_settings())
    store = load_store(folder)
    with _writing(folder):
        added = record(folder, store.facts.values())
    print(f"{added} revision(s) recorded in {folder / 'revisions.lock'}.")


@facts_app.command("schema")
def facts_schema(
    folder: Annotated[Path, typer.Argument(help="Where to write the JSON Schemas.")],
) -> None:
    """Write JSON Schemas of the seed files, for completion in a code editor."""
    with _writing(folder):
        for path in write_schemas(folder):
            print(path)


def _story_card(
    show: Callable[[Desk], Callable[[str, Asking], Card]], story: str | None, lang: Any, *, as_json: bool
) -> None:
    desk, asking = _desk(lang, None)
    chosen = story or next(iter(desk.store.stories))
    _show(show(desk)(chosen, asking), as_json=as_json)


def _desk(lang: Any, story: str | None) -> tuple[Desk, Asking]:
    settings = read_settings()
    with _progress("Reading the facts …"):
        desk = build_desk(settings)
    return desk, _asking(settings, lang, story)


def _asking(settings: Settings, lang: Any, story: str | None, thread: str | None = None) -> Asking:
    return Asking(utc_now(settings), lang, settings.lang or "en", story, thread)


def _batch(source: str, lang: Any, story: str | None) -> None:
    from bot.adapters.terminal.batch import answers  # noqa: PLC0415 (only batches need it)

    desk, asking = _desk(lang, story)
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


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BriefbotError(
            f"Cannot write to {folder}: {error.strerror}. Check the path and its permissions."
        ) from None


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """Show that work goes on, on a terminal only and on standard error."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what):
            yield
    else:
        yield


def _console(*, wide: bool = False) -> Console:
    console = Console()
    return console if console.is_terminal or not wide else Console(width=160)


def _show(card: Card, *, as_json: bool = False) -> None:
    from bot.adapters.terminal.render import show  # noqa: PLC0415 (--json never renders)
    from bot.briefing.card import as_json as card_json  # noqa: PLC0415

    if as_json:
        _print_json(card_json(card))
    else:
        show(card, _console())


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _history_file() -> Path:
    return Path(typer.get_app_dir("briefbot")) / "chat-history"
