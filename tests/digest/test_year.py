"""A year of mornings with outages, in seconds: each date has its digest or a row that says why not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from pathlib import Path

from bot.digest.places import Place
from bot.digest.schedule import Cadence, Schedule
from bot.digest.subscriptions import Outcome
from tests.world import world

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 366
OUTAGES = [  # from, for how long
    (datetime(2026, 2, 3, 6, tzinfo=UTC), timedelta(hours=4)),
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


def moments() -> list[datetime]:
    """When somebody looks: just after each slot, at the end of each outage, and every week."""
    end = BEGIN + timedelta(days=DAYS)
    found = {BEGIN + timedelta(days=number) for number in range(0, DAYS, 7)}
    found |= {begin + length for begin, length in OUTAGES}
    for schedule in SCHEDULES:
        slots = schedule.slots(date(2025, 12, 31))
        found |= {slot.due + timedelta(seconds=20) for slot in takewhile(lambda slot: slot.due < end, slots)}
    return sorted(moment for moment in found if BEGIN <= moment < end)


async def test_a_year_with_outages(tmp_path: Path) -> None:
    async with world(f"sqlite:///{tmp_path / 'year.db'}", tmp_path) as made:
        made.now = BEGIN
        held = [
            await made.subscribe(Place("test", "w1", f"C{number}"), schedule=schedule, quiet_line=True)
            for number, schedule in enumerate(SCHEDULES)
        ]
        for moment in moments():
            made.now = moment
            if not down(moment):
                await made.sender.run_once()
        turns = [await made.state.reports.turns([one.id], None, 1000) for one in held]
        for found, schedule, number in zip(turns, SCHEDULES, range(4), strict=True):
            slots = takewhile(lambda slot: slot.due <= made.now, schedule.slots(date(2025, 12, 31)))
            assert [turn.day for turn in reversed(found)] == [slot.day for slot in slots if slot.due >= BEGIN]
            assert {turn.outcome for turn in found} <= {Outcome.SENT, Outcome.SKIPPED}
            skipped = [turn for turn in found if turn.outcome is Outcome.SKIPPED]
            assert all(date(2026, 6, 30) <= turn.day <= date(2026, 7, 4) for turn in skipped)
            sent = sum(turn.outcome is Outcome.SENT for turn in found)
            assert len(made.platform.texts(Place("test", "w1", f"C{number}"))) == sent
        daily = turns[0]
        assert len(daily) >= 365
        assert sum(turn.outcome is Outcome.SKIPPED for turn in daily) == 3
