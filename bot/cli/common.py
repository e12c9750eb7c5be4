"""What the commands share: the program, its options, printing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from bot.app import build_desk
from bot.briefing.card import Card
from bot.desk import Asking, Desk
from bot.errors import BriefbotError
from bot.settings import Settings, read_settings, utc_now

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


def a_desk(lang: Any, story: str | None) -> tuple[Desk, Asking]:
    """The desk over the facts, without a state, and who asks."""
    settings = read_settings()
    with progress("Reading the facts …"):
        desk = build_desk(settings)
    return desk, asking_of(settings, lang, story)


def asking_of(settings: Settings, lang: Any, story: str | None, thread: str | None = None) -> Asking:
    """Somebody at the command line asks, now."""
    return Asking(utc_now(settings), lang, settings.lang or "en", story, thread)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Explain what keeps us from writing to a folder."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BriefbotError(
            f"Cannot write to {folder}: {error.strerror}. Check the path and its permissions."
        ) from None


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show that work goes on, on a terminal only and on standard error."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what):
            yield
    else:
        yield


def a_console(*, wide: bool = False) -> Console:
    """Standard output; a pipe that wants tables gets them `wide`."""
    console = Console()
    return console if console.is_terminal or not wide else Console(width=160)


def show_card(card: Card, *, as_json: bool = False) -> None:
    """Print a card, for a person or as JSON."""
    from bot.adapters.terminal.render import show  # noqa: PLC0415 (--json never renders)
    from bot.briefing.card import as_json as card_json  # noqa: PLC0415

    if as_json:
        print_json(card_json(card))
    else:
        show(card, a_console())


def print_json(value: Any) -> None:
    """Print one JSON value on a line."""
    print(json.dumps(value, ensure_ascii=False))


def history_file() -> Path:
    """Where `chat` keeps what was typed."""
    return Path(typer.get_app_dir("briefbot")) / "chat-history"
