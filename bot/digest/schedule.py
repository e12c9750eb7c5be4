"""When a digest is due: local time kept with its zone, once for each local date.

The zones come from the `tzdata` wheel and never from the system, whose copy may be a year
old (on Debian 12, Casablanca is an hour off). A time that the clocks skip comes at the first
valid minute after; of a time that they repeat, the first counts.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import tzdata

from bot.errors import BriefbotError

ZONE_DATA_VERSION: str = tzdata.IANA_VERSION
NOON = time(12)
LEAST_APART_AFTER_CHANGE = timedelta(hours=12)


class UnknownZoneError(BriefbotError):
    """No time zone has that name."""


class Cadence(StrEnum):
    """On which local dates a digest is due."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Every IANA zone and link of the wheel, sorted."""
    listed = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return tuple(sorted(listed.split()))


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, such as `Europe/Paris`.

    Raises:
        UnknownZoneError: there is no zone of that name.
    """
    if name not in zone_names():
        raise UnknownZoneError(
            f"There is no time zone `{name[:40]}`. Write it as in Europe/Paris or Africa/Bamako, or UTC."
        )
    with importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def due_at(day: date, at: time, zone_name: str) -> datetime | None:
    """The instant (UTC) of a local time on a local date, or None when that date does not exist there."""
    there = zone(zone_name)
    local = datetime.combine(day, at)
    instant = _instant(local, there)
    if instant.astimezone(there).replace(tzinfo=None) == local:
        return instant
    if _instant(datetime.combine(day, NOON), there).astimezone(there).date() != day:
        return None
    return _clocks_change(_instant(local.replace(fold=1), there), instant, there)


def _instant(local: datetime, there: ZoneInfo) -> datetime:
    return local.replace(tzinfo=there).astimezone(UTC)


def _clocks_change(before: datetime, after: datetime, there: ZoneInfo) -> datetime:
    """The first instant, to the second, of the new offset between two instants around a change."""
    new = after.astimezone(there).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(there).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after


@dataclass(frozen=True, slots=True)
class Slot:
    """One edition's turn: a local date and the instant (UTC) at which it is due."""

    day: date
    due: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cadence, a local time and an IANA zone. `weekday` (Monday is 0) counts for `weekly` only."""

    cadence: Cadence
    at: time
    zone: str
    weekday: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether the cadence has a digest on a local date."""
        return {
            Cadence.DAILY: True,
            Cadence.WEEKDAYS: day.weekday() < 5,
            Cadence.WEEKLY: day.weekday() == self.weekday,
        }[self.cadence]

    def slots(self, first: date) -> Iterator[Slot]:
        """Every slot from a local date on, in order."""
        day = first
        while day < date.max:
            if self.falls_on(day) and (due := due_at(day, self.at, self.zone)):
                yield Slot(day, due)
            day += timedelta(days=1)

    def after(self, slot: Slot) -> Slot:
        """The slot that follows one of this schedule."""
        return next(self.slots(slot.day + timedelta(days=1)))

    def first(self, now: datetime, last: Slot | None = None) -> Slot:
        """The first slot from `now` on, when a subscription begins, changes or goes on.

        A local date that has had its turn (`last`) gets no second one, and the next edition
        comes no sooner than twelve hours after the last, wherever the zone has moved to.
        """
        today = now.astimezone(zone(self.zone)).date()
        start = today if last is None else max(today, last.day + timedelta(days=1))
        earliest = now if last is None else max(now, last.due + LEAST_APART_AFTER_CHANGE)
        return next(slot for slot in self.slots(start) if slot.due >= earliest)
