"""Mornings of a year with outages, in seconds: each date has its digest or a row that says why not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from bot.digest.places import Place
from bot.digest.schedule import Cadence, Schedule
from bot.digest.subscriptions import Outcome
from tests.world import world

STRETCHES = [  # of 2026; clocks change in the first and the third
    (datetime(2026, 3, 1, tzinfo=UTC), 40),
    (datetime(2026, 6, 25, tzinfo=UTC), 15),
    (datetime(2026, 9, 28, tzinfo=UTC), 40),
]
OUTAGES = [  # from, for how long
    (datetime(2026, 3, 3, 6, tzinfo=UTC), timedelta(hours=4)),
    (datetime(2026, 3, 28, 23, tzinfo=UTC), timedelta(hours=5)),  # over the night of the clock change
    (datetime(2026, 7, 1, 5, tzinfo=UTC), timedelta(days=3, hours=2)),
    (datetime(2026, 10, 25, 0, tzinfo=UTC), timedelta(minutes=90)),
]
SCHEDULES = [
    Schedule(Cadence.DAILY, time(2, 30), "Europe/Paris"),
    Schedule(Cadence.DAILY, time(9), "America/New_York"),
    Schedule(Cadence.WEEKDAYS, time(0, 15), "Australia/Lord_Howe"),
    Schedule(Cadence.WEEKLY, time(18), "Africa/Casablanca", 4),
]


def down(moment: datetime) -> bool:
    return any(begin <= moment < begin + length for begin, length in OUTAGES)


def moments(begin: datetime, end: datetime) -> list[datetime]:
    """When somebody looks: just after each slot, at the end of each outage, and every week."""
    found = {begin + timedelta(days=number) for number in range(0, (end - begin).days, 7)}
    found |= {since + length for since, length in OUTAGES}
    for schedule in SCHEDULES:
        slots = schedule.slots(begin.date() - timedelta(days=1))
        found |= {slot.due + timedelta(seconds=20) for slot in takewhile(lambda slot: slot.due < end, slots)}
    return sorted(moment for moment in found if begin <= moment < end)


@pytest.mark.parametrize(("begin", "days"), STRETCHES)
async def test_weeks_with_outages(tmp_path: Path, begin: datetime, days: int) -> None:
    async with world(f"sqlite:///{tmp_path / 'year.db'}", tmp_path) as made:
        made.now = begin
        held = [
            await made.subscribe(Place("test", "w1", f"C{number}"), schedule=schedule, quiet_line=True)
            for number, schedule in enumerate(SCHEDULES)
        ]
        for moment in moments(begin, begin + timedelta(days=days)):
            made.now = moment
            if not down(moment):
                await made.sender.run_once()
        turns = [await made.state.reports.turns([one.id], None, 1000) for one in held]
        for found, schedule, number in zip(turns, SCHEDULES, range(4), strict=True):
            slots = takewhile(lambda slot: slot.due <= made.now, schedule.slots(begin.date() - timedelta(days=1)))
            assert [turn.day for turn in reversed(found)] == [slot.day for slot in slots if slot.due >= begin]
            assert {turn.outcome for turn in found} <= {Outcome.SENT, Outcome.SKIPPED}
            skipped = [turn for turn in found if turn.outcome is Outcome.SKIPPED]
            assert all(date(2026, 6, 30) <= turn.day <= date(2026, 7, 4) for turn in skipped)
            sent = sum(turn.outcome is Outcome.SENT for turn in found)
            assert len(made.platform.texts(Place("test", "w1", f"C{number}"))) == sent
        daily = turns[0]
        assert len(daily) >= days - 1
        assert sum(turn.outcome is Outcome.SKIPPED for turn in daily) == (3 if begin.month == 6 else 0)
