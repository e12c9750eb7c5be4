"""How a subscription is asked for in words: stories, cadence, time, zone, language, form."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import time

from bot.briefing.text import normalise
from bot.digest.schedule import Cadence, Schedule, zone, zone_names
from bot.digest.subscriptions import Wish
from bot.facts.model import Language
from bot.facts.text import fold

CADENCES = {
    "daily": Cadence.DAILY,
    "quotidien": Cadence.DAILY,
    "weekdays": Cadence.WEEKDAYS,
    "semaine": Cadence.WEEKDAYS,
    "ouvres": Cadence.WEEKDAYS,
    "weekly": Cadence.WEEKLY,
    "hebdomadaire": Cadence.WEEKLY,
}
WEEKDAYS = (
    ("monday", "lundi"),
    ("tuesday", "mardi"),
    ("wednesday", "mercredi"),
    ("thursday", "jeudi"),
    ("friday", "vendredi"),
    ("saturday", "samedi"),
    ("sunday", "dimanche"),
)
FLAGS: Mapping[str, Mapping[str, object]] = {
    "full": {"full": True},
    "complet": {"full": True},
    "short": {"full": False},
    "court": {"full": False},
    "quiet": {"quiet_line": True},
    "calme": {"quiet_line": True},
    "silent": {"quiet_line": False},
    "silencieux": {"quiet_line": False},
    "all": {"stories": ()},
    "tout": {"stories": ()},
    "en": {"language": "en"},
    "english": {"language": "en"},
    "anglais": {"language": "en"},
    "fr": {"language": "fr"},
    "french": {"language": "fr"},
    "francais": {"language": "fr"},
}
FILLERS = frozenset({"at", "in", "on", "to", "the", "a", "le", "digest", "jours", "h", "time", "zone"})
CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:h.](?P<minute>\d{2})?)?(?P<half>am|pm)?")
DEFAULT_TIME = time(8)


class WishError(ValueError):
    """A word of the wish is not understood; `position` counts from 1."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"word {position} is not understood")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody said of a subscription; None is what they left open."""

    stories: tuple[str, ...] | None = None
    cadence: Cadence | None = None
    weekday: int | None = None
    at: time | None = None
    zone: str | None = None
    language: Language | None = None
    full: bool | None = None
    quiet_line: bool | None = None
    number: int | None = None

    def changing(self, wish: Wish) -> Wish:
        """A wish with what was said put in."""
        schedule = wish.schedule
        weekday = schedule.weekday if self.weekday is None else self.weekday
        cadence = self.cadence or (Cadence.WEEKLY if self.weekday is not None else schedule.cadence)
        return Wish(
            Schedule(cadence, self.at or schedule.at, self.zone or schedule.zone, weekday),
            self.language or wish.language,
            wish.stories if self.stories is None else self.stories,
            wish.full if self.full is None else self.full,
            wish.quiet_line if self.quiet_line is None else self.quiet_line,
        )


def default_wish(zone_name: str | None, language: Language) -> Wish:
    """Every day at eight, all stories, short, nothing on quiet days."""
    return Wish(Schedule(Cadence.DAILY, DEFAULT_TIME, zone_name or "UTC"), language)


def read_wish(text: str, stories: Collection[str]) -> Wanted:
    """What a line says of a subscription, in English or French.

    Raises:
        WishError: a word is not understood.
        UnknownZoneError: a word looks like a time zone and is none.
    """
    wanted = Wanted()
    for position, word in enumerate(normalise(text).replace(",", " ").split(), 1):
        wanted = _with_word(wanted, word, position, stories)
    return wanted


def _with_word(wanted: Wanted, word: str, position: int, stories: Collection[str]) -> Wanted:
    plain = fold(word)
    if plain in stories:
        return replace(wanted, stories=tuple(dict.fromkeys((*(wanted.stories or ()), plain))))
    if plain in CADENCES:
        return replace(wanted, cadence=CADENCES[plain])
    for number, names in enumerate(WEEKDAYS):
        if plain.removesuffix("s") in names:
            return replace(wanted, weekday=number)
    if plain in FLAGS:
        return replace(wanted, **FLAGS[plain])  # type: ignore[arg-type]
    if match := CLOCK.fullmatch(plain):
        return replace(wanted, at=_clock(match, position))
    if plain in FILLERS:
        return wanted
    if match := re.fullmatch(r"#(\d{1,9})", plain):
        return replace(wanted, number=int(match[1]))
    return replace(wanted, zone=_zone(word, position))


def _clock(match: re.Match[str], position: int) -> time:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise WishError(position)
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise WishError(position)
    return time(hour, minute)


def _zone(word: str, position: int) -> str:
    known = {name.casefold(): name for name in zone_names()}
    found = known.get(word.casefold())
    if found:
        return found
    if "/" in word:
        zone(word)  # says what a zone looks like
    raise WishError(position)
