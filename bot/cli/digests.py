"""Commands that need the state: chat, the digest, corrections, people's data, the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.common import Json, Lang, StoryOption, a_console, app, history_file, print_json, show_card, writing
from bot.desk import Asking
from bot.desk import digest_cards as cards
from bot.desk.digests import DigestDesk
from bot.desk.wishes import Wanted, default_wish
from bot.digest.places import Person, Visibility
from bot.errors import BriefbotError, UnknownNameError
from bot.settings import Settings, database_url, read_settings, utc_now

if TYPE_CHECKING:
    from bot.adapters.state.state import State
    from bot.app import App

digest_app = typer.Typer(no_args_is_help=True, help="The daily digest: what it would say, and how delivery is doing.")
people_app = typer.Typer(no_args_is_help=True, help="What is kept of a person: hand it out, or delete it.")
db_app = typer.Typer(no_args_is_help=True, help="Look after the database.")
app.add_typer(digest_app, name="digest")
app.add_typer(people_app, name="people")
app.add_typer(db_app, name="db")

PersonArgument = Annotated[
    str, typer.Argument(metavar="PERSON", help="platform/workspace/id, such as slack/T024BE7LD/U061F7AUR.")
]


class RunningClock:
    """A clock that starts at a moment, runs on, and can be moved forward by hand."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began = start, monotonic()

    def __call__(self) -> datetime:
        """The time on it."""
        return self._start + timedelta(seconds=monotonic() - self._began)

    def move(self, by: timedelta) -> datetime:
        """Move it forward; returns the new time."""
        self._start += by
        return self()


@app.command()
def chat(lang: Lang = None, story: StoryOption = None) -> None:
    """Talk: the same commands and questions as in Slack, digests included. Leave with `exit`.

    `:clock +1d` (or +3h, +30m) moves this chat's clock, to see a digest without waiting for it.
    """
    from bot.adapters.scheduler.ticker import ticking  # noqa: PLC0415 (only what runs on needs it)
    from bot.adapters.terminal.chat import Chatting  # noqa: PLC0415
    from bot.adapters.terminal.chat import chat as converse  # noqa: PLC0415
    from bot.adapters.terminal.outlet import TerminalOutlet, terminal_person  # noqa: PLC0415
    from bot.app import build  # noqa: PLC0415

    settings, console, person = read_settings(), a_console(), terminal_person()
    clock = RunningClock(utc_now(settings))

    def asking() -> Asking:
        return Asking(
            clock(),
            lang,
            settings.lang or "en",
            story,
            "terminal",
            person.own_place,
            person,
            Visibility.ALL,  # nobody else reads a terminal
            zone=settings.zone,
        )

    async def session() -> None:
        async with build(settings, clock, [TerminalOutlet(console)]) as built:
            every = timedelta(seconds=settings.tick_seconds)
            async with ticking(
                {"digest": (lambda: built.tick(clock), every)}, timedelta(seconds=settings.stop_seconds)
            ):
                await converse(
                    Chatting(built.desk, asking, lambda: built.tick(clock), clock.move), console, history_file()
                )

    asyncio.run(session())


@digest_app.command("preview")
def preview(
    story: Annotated[list[str] | None, typer.Option(help="A story to hold; may be given several times.")] = None,
    lang: Lang = None,
    full: Annotated[bool, typer.Option("--full", help="The full form.")] = False,
    since: Annotated[str | None, typer.Option(help="What changed since this date (2026-11-20).")] = None,
    as_json: Json = False,
) -> None:
    """The digest as it would go out now; by default of what changed in the last 24 hours."""

    async def show(built: App, now: datetime) -> None:
        for chosen in story or ():
            built.desk.store.story(chosen)
        start = _day(since) if since else now - timedelta(days=1)
        journal = await built.state.record.journal(await built.state.record.before(start))
        language = lang or built.settings.lang or "en"
        wish = Wanted(stories=tuple(story or ()), full=full).changing(default_wish(built.settings.zone, language))
        desk = DigestDesk(built.state, lambda: built.desk.store)
        show_card(desk.preview(wish, journal, Asking(now, lang, language)), as_json=as_json)

    _with_state(show)


@digest_app.command("status")
def status(lang: Lang = None, as_json: Json = False) -> None:
    """How delivery is doing: subscriptions, deliveries by state, what is late."""

    async def show(built: App, now: datetime) -> None:
        desk = DigestDesk(built.state, lambda: built.desk.store)
        composer = desk.composer(Asking(now, lang, built.settings.lang or "en"))
        show_card(cards.status(await built.state.reports.pulse(now), composer), as_json=as_json)

    _with_state(show)


@app.command()
def corrections(lang: Lang = None, as_json: Json = False) -> None:
    """How far each correction has come: places to reach, reached, out of reach, failed, seen."""

    async def show(built: App, now: datetime) -> None:
        reports = await built.state.reports.corrections()
        if as_json:
            print_json([_plain(report) for report in reports])
            return
        desk = DigestDesk(built.state, lambda: built.desk.store)
        show_card(cards.corrections(reports, desk.composer(Asking(now, lang, built.settings.lang or "en"))))

    _with_state(show)


@people_app.command("export")
def people_export(person: PersonArgument) -> None:
    """Everything that is kept of a person, as JSON."""

    async def show(state: State) -> None:
        print_json(await state.privacy.export(_person(person)))

    _only_state(show)


@people_app.command("forget")
def people_forget(person: PersonArgument) -> None:
    """Delete everything that is kept of a person. Channels that they subscribed keep their digest."""

    async def show(state: State) -> None:
        deleted = await state.privacy.forget(_person(person))
        print(", ".join(f"{name}: {number}" for name, number in deleted.items() if number) or "Nothing was kept.")

    _only_state(show)


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Create the tables or bring them up to date; also done by every command that needs them."""

    async def show(state: State) -> None:
        print(f"The database is up to date ({state.database.shown}).")

    _only_state(show)


@db_app.command("backup")
def db_backup(file: Annotated[Path, typer.Argument(help="Where to write it, such as briefbot.jsonl.gz.")]) -> None:
    """Write everything that is kept to one file, while the bot runs. It holds people's ids: keep it as safe."""
    settings = read_settings()

    async def show(state: State) -> None:
        from bot.adapters.state.archive import back_up  # noqa: PLC0415 (brings the database's packages)

        with writing(file.parent):
            counted = await back_up(state.database, file, utc_now(settings))
        print(f"{sum(counted.values())} records in {file}")

    _only_state(show)


@db_app.command("restore")
def db_restore(file: Annotated[Path, typer.Argument(help="A file that `briefbot db backup` wrote.")]) -> None:
    """Put a backup into an empty database; what may have been sent since is looked for before it is sent again."""
    from bot.app import restored  # noqa: PLC0415 (brings the database's packages)

    settings = read_settings()
    counted, doubtful = asyncio.run(restored(settings, file, utc_now(settings)))
    print(f"{counted} records restored; {doubtful} deliveries are looked for on their platform before they are sent.")


def _with_state(use: Callable[[App, datetime], Awaitable[None]]) -> None:
    from bot.app import build  # noqa: PLC0415 (brings the database's packages)

    settings = read_settings()
    now = utc_now(settings)

    async def run() -> None:
        async with build(settings, lambda: now) as built:
            await use(built, now)

    asyncio.run(run())


def _only_state(use: Callable[[State], Awaitable[None]]) -> None:
    settings = read_settings()

    async def run() -> None:
        async with _state(settings) as state:
            await use(state)

    asyncio.run(run())


@asynccontextmanager
async def _state(settings: Settings) -> AsyncIterator[State]:
    from bot.adapters.state.state import open_state  # noqa: PLC0415 (brings the database's packages)

    async with open_state(database_url(settings)) as state:
        yield state


def _person(text: str) -> Person:
    match text.split("/"):
        case [platform, workspace, person] if platform and workspace and person:
            return Person(platform, workspace, person)
    raise UnknownNameError("Write a person as platform/workspace/id, such as slack/T024BE7LD/U061F7AUR.")


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        raise BriefbotError("Write the date as 2026-11-20.") from None


def _plain(report: Any) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__slots__} | {"at": report.at.isoformat()}
