from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.places import Person, Place
from bot.digest.schedule import Cadence, Schedule, Slot, UnknownZoneError, due_at, zone, zone_names
from bot.digest.subscriptions import Standing, Subscription, Wish, planned

FIRST_YEAR, LAST_YEAR = 2025, 2034
SECOND, DAY, HALF_A_DAY = timedelta(seconds=1), timedelta(days=1), timedelta(hours=12)
CADENCES = tuple(Cadence)

moments = st.datetimes(datetime(FIRST_YEAR, 1, 1), datetime(LAST_YEAR, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
schedules = st.builds(
    Schedule,
    st.sampled_from(CADENCES),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(zone_names()),
    st.integers(0, 6),
)


def clocks(moment: datetime, name: str) -> datetime:
    """What the clocks on the wall show."""
    return moment.astimezone(zone(name)).replace(tzinfo=None)


@cache
def clock_changes(name: str) -> tuple[datetime, ...]:
    """Every moment of ten years at which the zone's offset becomes another, found by looking."""
    there, found = zone(name), []
    moment, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    offset = moment.astimezone(there).utcoffset()
    while moment < end:
        later = moment + 3 * DAY
        if later.astimezone(there).utcoffset() != offset:
            before, after = moment, later
            while after - before > SECOND:
                middle = before + (after - before) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                before, after = (middle, after) if middle.astimezone(there).utcoffset() == offset else (before, middle)
            found.append(after)
            offset = later.astimezone(there).utcoffset()
        moment = later
    return tuple(found)


def telling_times(change: datetime, name: str) -> set[time]:
    """Times of day on both sides of what is skipped or repeated, within it, and far from it."""
    stops, goes_on = clocks(change - SECOND, name) + SECOND, clocks(change, name)
    middle = stops + (goes_on - stops) / 2
    near = [edge + timedelta(minutes=by) for edge in (stops, goes_on) for by in (-1, 0, 1)]
    return {moment.time().replace(second=0) for moment in (*near, middle)} | {time(0), time(8), time(23, 59)}


def assert_right(slot: Slot, at: time, change: datetime, name: str) -> None:
    """The slot is due at its local time, the first when there are two, or when the clocks have skipped it."""
    wanted, shown = datetime.combine(slot.day, at), clocks(slot.due, name)
    if shown == wanted:
        back = clocks(change - SECOND, name) + SECOND - clocks(change, name)
        assert back <= timedelta(0) or clocks(slot.due - back, name) != wanted
        return
    assert slot.due == change
    assert clocks(change - SECOND, name) < wanted < shown


@pytest.mark.parametrize("letter", sorted({name[0] for name in zone_names()}))
def test_at_every_clock_change_every_local_date_has_its_turn_once(letter: str) -> None:
    for name in (name for name in zone_names() if name[0] == letter):
        for change in clock_changes(name):
            first = clocks(change, name).date() - 2 * DAY
            for at in telling_times(change, name):
                schedule = Schedule(Cadence.DAILY, at, name)
                slots = list(islice(schedule.slots(first), 5))
                assert [slot.day for slot in slots] == [first + days * DAY for days in range(5)]
                assert all(one.due < other.due for one, other in pairwise(slots)), (name, change, at)
                for slot in slots:
                    assert_right(slot, at, change, name)


def test_the_looking_finds_the_clock_changes_that_are_known() -> None:
    assert clock_changes("Europe/Paris")[:2] == (
        datetime(2025, 3, 30, 1, tzinfo=UTC),
        datetime(2025, 10, 26, 1, tzinfo=UTC),
    )
    assert len(clock_changes("America/New_York")) == 20
    assert clock_changes("Africa/Casablanca")[:2] == (
        datetime(2025, 2, 23, 2, tzinfo=UTC),
        datetime(2025, 4, 6, 2, tzinfo=UTC),
    )
    assert clock_changes("Africa/Bamako") == ()
    assert sum(len(clock_changes(name)) for name in zone_names()) > 3000


@pytest.mark.parametrize(
    ("name", "day", "at", "due"),
    [
        ("Europe/Paris", "2025-03-30", "02:30", "2025-03-30T01:00"),
        ("Europe/Paris", "2025-03-30", "03:00", "2025-03-30T01:00"),
        ("Europe/Paris", "2025-10-26", "02:30", "2025-10-26T00:30"),
        ("America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2025-10-05", "02:15", "2025-10-04T15:30"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:00"),  # the clocks skip midnight
        ("America/Nuuk", "2025-03-29", "23:30", "2025-03-30T01:00"),  # and here the day's last hour
        ("Africa/Bamako", "2026-01-01", "08:00", "2026-01-01T08:00"),
        ("Asia/Kathmandu", "2026-01-01", "08:00", "2026-01-01T02:15"),
    ],
)
def test_known_cases(name: str, day: str, at: str, due: str) -> None:
    found = due_at(date.fromisoformat(day), time.fromisoformat(at), name)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "gone"),
    [("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Fakaofo", date(2011, 12, 30)), ("Kwajalein", date(1993, 8, 21))],
)
def test_a_date_that_a_place_left_out_has_no_turn(name: str, gone: date) -> None:
    for hour in range(24):
        schedule = Schedule(Cadence.DAILY, time(hour, 30), name)
        assert due_at(gone, schedule.at, name) is None
        before, after = islice(schedule.slots(gone - DAY), 2)
        assert (before.day, after.day) == (gone - DAY, gone + DAY)
        assert schedule.after(before) == after
        assert before.due < after.due
        weekly = Schedule(Cadence.WEEKLY, time(hour, 30), name, gone.weekday())
        assert next(weekly.slots(gone)).day == gone + 7 * DAY


@given(schedules, moments)
def test_a_schedule_has_each_of_its_dates_and_no_other(schedule: Schedule, now: datetime) -> None:
    first = now.date()
    slots = list(islice(schedule.slots(first), 12))
    dates = (first + days * DAY for days in range(100))
    weekdays = {
        Cadence.DAILY: {1, 2, 3, 4, 5, 6, 7},
        Cadence.WEEKDAYS: {1, 2, 3, 4, 5},
        Cadence.WEEKLY: {schedule.weekday + 1},
    }
    wanted = [day for day in dates if day.isoweekday() in weekdays[schedule.cadence]]
    assert [slot.day for slot in slots] == wanted[:12]
    assert [schedule.after(slot) for slot in slots[:-1]] == slots[1:]
    assert all(slot.due.utcoffset() == timedelta(0) for slot in slots)


@given(schedules, moments)
def test_a_new_subscription_begins_with_the_next_time_that_comes(schedule: Schedule, now: datetime) -> None:
    first = schedule.first(now)
    assert first.due >= now
    earlier = [slot for slot in islice(schedule.slots(now.date() - 8 * DAY), 10) if slot.due < first.due]
    assert all(slot.due < now for slot in earlier)


@given(schedules, schedules, moments, st.timedeltas(-3 * DAY, 10 * DAY))
def test_after_a_change_no_date_comes_twice_and_none_too_soon(
    old: Schedule, new: Schedule, served: datetime, later: timedelta
) -> None:
    last = old.first(served)
    now = last.due + max(later, timedelta(0))
    coming = new.first(now, last)
    assert coming.due >= now
    assert coming.day > last.day
    assert coming.due - last.due >= HALF_A_DAY
    for slot in islice(new.slots(last.day + DAY), 15):  # and nothing that may come is left out
        if slot.due < coming.due:
            assert slot.due < max(now, last.due + HALF_A_DAY) or slot.day < clocks(now, new.zone).date()


CHANNEL, OWNER = Place("test", "w1", "C1"), Person("test", "w1", "U1")
steps = st.lists(
    st.one_of(
        st.timedeltas(timedelta(minutes=1), 3 * DAY),
        schedules,
        st.sampled_from(["pause", "resume"]),
    ),
    max_size=12,
)


@given(schedules, moments, steps)
def test_whatever_is_changed_each_local_date_is_served_once_and_in_order(
    schedule: Schedule, start: datetime, todo: list[timedelta | Schedule | str]
) -> None:
    now = start
    held = Subscription(1, CHANNEL, OWNER, Wish(schedule), Standing.ACTIVE, 0, now, schedule.first(now))
    changed_at, turns = now, list[tuple[Slot, datetime]]()
    for step in todo:
        match step:
            case timedelta():
                now += step
                while held.standing is Standing.ACTIVE and held.next.due <= now:
                    edition, held = planned(held, now, timedelta(hours=6))
                    turns.append((edition.slot, changed_at))
            case Schedule():
                held = held.changed(Wish(step), now)
                changed_at = now
            case "pause":
                held = Subscription(1, CHANNEL, OWNER, held.wish, Standing.PAUSED, 0, start, held.next, held.last)
            case _:
                held, changed_at = held.resumed(now), now
    assert all(slot.due >= asked for slot, asked in turns)
    assert all(one.day < other.day and one.due < other.due for (one, _), (other, _) in pairwise(turns))


@given(schedules, moments)
def test_what_does_not_touch_the_schedule_leaves_the_next_turn_alone(schedule: Schedule, now: datetime) -> None:
    held = Subscription(1, CHANNEL, OWNER, Wish(schedule), Standing.ACTIVE, 0, now, schedule.first(now))
    changed = held.changed(Wish(schedule, "fr", ("one",), full=True, quiet_line=True), now + 3 * DAY)
    assert (changed.next, changed.wish.language) == (held.next, "fr")


@given(st.text(max_size=60))
def test_what_is_no_zone_is_explained(name: str) -> None:
    if name not in zone_names():
        with pytest.raises(UnknownZoneError, match="Write it as in Europe/Paris"):
            zone(name)


def test_a_path_is_no_zone() -> None:
    for name in ("../zones", "Europe", "/etc/localtime", "europe/paris", "Europe/Paris/"):
        with pytest.raises(UnknownZoneError):
            zone(name)
