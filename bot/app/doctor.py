"""`briefbot doctor`: looks at everything that can be wrong, and says what to do about it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import aiohttp

from bot.app.building import App, build
from bot.app.running import platforms
from bot.briefing.judging import load_judge
from bot.digest.subscriptions import Outcome
from bot.errors import BriefbotError, SettingsError, StateError
from bot.facts.findings import SeedsError
from bot.facts.load import load_store
from bot.observing import Finding, Level
from bot.settings import Settings, database_url, seeds_folder, unknown_names

LOW_DISK, NO_DISK = 500_000_000, 50_000_000  # bytes
OLD_ZONES = timedelta(days=400)  # governments change their clocks several times a year
SYSTEM_ZONES = Path("/usr/share/zoneinfo/tzdata.zi")
PATIENCE = aiohttp.ClientTimeout(total=10)


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Everything that was looked at, in the order in which to mend it."""
    found = [_settings(), _facts(settings), _reading(settings), _disk(settings), _zones(now)]
    found += [finding async for finding in _working(settings, now)]
    found.append(await _running(settings))
    return found


def _settings() -> Finding:
    unknown = unknown_names()
    if unknown:
        return Finding("settings", Level.WARNING, " ".join(unknown), "See .env.example for the names.")
    return Finding("settings", Level.FINE, "every name is known and every value can be used")


def _facts(settings: Settings) -> Finding:
    folder = seeds_folder(settings)
    try:
        store = load_store(folder)
    except SeedsError as error:
        lines = str(error).splitlines()
        more = f" (and {len(lines) - 2} more)" if len(lines) > 2 else ""
        return Finding("facts", Level.FAILURE, lines[0] + more, "Run `briefbot facts check` and mend what it lists.")
    return Finding("facts", Level.FINE, f"{len(store.facts)} facts in {len(store.stories)} stories, from {folder}")


def _reading(settings: Settings) -> Finding:
    if not settings.cross_encoder:
        return Finding("reading", Level.FINE, "off: questions are answered by words alone")
    try:
        load_judge().prepare()
    except SettingsError as error:
        return Finding("reading", Level.FAILURE, "no question can be read", str(error))
    return Finding("reading", Level.FINE, "the cross-encoder is loaded")


def _disk(settings: Settings) -> Finding:
    url = database_url(settings)
    if not url.startswith("sqlite"):
        return Finding("disk", Level.FINE, "the database is on another server")
    folder = Path(url.partition("///")[2]).parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free in {folder}"
    if free < LOW_DISK:
        level = Level.FAILURE if free < NO_DISK else Level.WARNING
        return Finding("disk", level, text, "Make room: nothing is sent that cannot be recorded.")
    return Finding("disk", Level.FINE, text)


def _zones(now: datetime) -> Finding:
    ours = version("tzdata")
    year = int(ours.split(".")[0])
    text = f"tzdata {ours}"
    if now.astimezone(UTC) - datetime(year, 1, 1, tzinfo=UTC) > OLD_ZONES + timedelta(days=365):
        return Finding("time zones", Level.WARNING, f"{text} is old", "Run `pip install --upgrade tzdata`.")
    try:
        first = SYSTEM_ZONES.read_text(encoding="utf-8").partition("\n")[0]
    except OSError:
        return Finding("time zones", Level.FINE, text)
    match = re.search(r"version (\d{4})([a-z])", first)
    system = f"{match[1]}.{ord(match[2]) - ord('a') + 1}" if match else ""
    if system > ours:
        remedy = "Run `pip install --upgrade tzdata`; briefbot uses the package's rules, not the system's."
        return Finding("time zones", Level.WARNING, f"{text}, while the system has {system}", remedy)
    return Finding("time zones", Level.FINE, text)


async def _working(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """What takes the database, and the platforms."""
    try:
        async with build(settings, lambda: now) as app:
            yield Finding("database", Level.FINE, f"up to date ({app.state.database.shown})")
            if app.problem:
                yield Finding("record", Level.WARNING, app.problem, "Bring seeds/ up to date.")
            yield await _digest(app, now)
            async for finding in _platforms(settings, app, now):
                yield finding
    except StateError as error:
        yield Finding("database", Level.FAILURE, str(error), "Until then nothing is remembered and nothing is sent.")
    except SeedsError:
        yield Finding("database", Level.WARNING, "not looked at, because the facts cannot be used", "Mend those first.")


async def _digest(app: App, now: datetime) -> Finding:
    pulse = await app.state.reports.pulse(now)
    outcomes = dict(pulse.last_day)
    sent = f"last delivery {pulse.last_sent:%Y-%m-%d %H:%M %Z}" if pulse.last_sent else "nothing was delivered yet"
    text = f"{pulse.active} subscriptions; {sent}"
    remedy = "Is `briefbot run` running? `briefbot digest status` says more, `digest why` says it for one."
    if pulse.closed_scopes:
        return Finding("digest", Level.FAILURE, f"{text}; closed: {', '.join(pulse.closed_scopes)}", "Check the token.")
    if pulse.overdue:
        return Finding("digest", Level.FAILURE, f"{text}; {pulse.overdue} are overdue", remedy)
    failed = outcomes.get(Outcome.FAILED, 0) + outcomes.get(Outcome.SKIPPED, 0)
    if failed:
        return Finding("digest", Level.WARNING, f"{text}; {failed} failed or skipped in the last day", remedy)
    return Finding("digest", Level.FINE, text)


async def _platforms(settings: Settings, app: App, now: datetime) -> AsyncIterator[Finding]:
    try:
        makers = platforms(settings, None)
    except SettingsError as error:
        yield Finding("tokens", Level.WARNING, "none is set", str(error))
        return
    for make in makers:
        adapter = make(settings, app, lambda: now)
        try:
            async with asyncio.timeout(PATIENCE.total):
                for finding in await adapter.examine():
                    yield finding
        except BriefbotError as error:
            yield Finding(adapter.name, Level.FAILURE, str(error))
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            text = f"cannot be reached ({type(error).__name__})"
            yield Finding(adapter.name, Level.FAILURE, text, "Check the network, the proxy and the firewall.")
        finally:
            await adapter.close()


async def _running(settings: Settings) -> Finding:
    """What a running briefbot says of itself."""
    host = "127.0.0.1" if settings.http_host == "0.0.0.0" else settings.http_host  # noqa: S104 (compared, not bound)
    address = f"http://{host}:{settings.http_port}/readyz"
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(address) as response:
            parts = dict((await response.json())["parts"])
    except (OSError, TimeoutError, aiohttp.ClientError, ValueError, KeyError, TypeError):
        return Finding("running", Level.WARNING, f"nothing answers at {address}", "Start it with `briefbot run`.")
    unwell = [f"{name}: {problem}" for name, problem in parts.items() if problem != "ok"]
    if unwell:
        return Finding("running", Level.FAILURE, "; ".join(unwell), "Its log says more.")
    return Finding("running", Level.FINE, f"{', '.join(parts)} are well")
