from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.briefing.text import normalise
from bot.desk.wishes import CADENCES, FILLERS, FLAGS, WEEKDAYS, Wanted, WishError, default_wish, read_wish
from bot.digest.schedule import Cadence, Schedule, UnknownZoneError, zone, zone_names
from bot.digest.subscriptions import Wish
from bot.facts.model import Language

STORIES = ("harbour-strike", "tram-fire")
any_text = st.text(st.characters(codec=None), max_size=60)
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
words = st.sampled_from(
    [
        *CADENCES, *FLAGS, *FILLERS, *STORIES, *(name for names in WEEKDAYS for name in names),
        "8", "08:30", "8h", "25:00", "8pm", "13pm", "#12", "#", "Europe/Paris", "utc", "europe/nowhere", "/", "..",
        "Übung", "٣", "³", "1" * 30, "#" + "9" * 12, "℀", "<@U1>",
    ]
)  # fmt: skip


def outcome(text: str) -> Wanted | WishError | UnknownZoneError:
    try:
        return read_wish(text, STORIES)
    except (WishError, UnknownZoneError) as error:
        return error


@given(any_text | st.lists(words | any_text, max_size=8).map(" ".join))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    said = normalise(text).replace(",", " ").split()
    match outcome(text):
        case WishError() as error:
            assert 1 <= error.position <= len(said)
        case UnknownZoneError() as error:
            assert "Europe/Paris" in str(error)
            assert any("/" in word for word in said)
        case wanted:
            wish = wanted.changing(default_wish(None, "en"))
            assert set(wish.stories) <= set(STORIES)
            assert zone(wish.schedule.zone).key == wish.schedule.zone
            assert 0 <= wish.schedule.weekday <= 6


@given(times, st.sampled_from(["{:%H:%M}", "at {:%H:%M}", "{:%Hh%M}", "à {:%Hh%M}", "{:%H.%M}"]))
def test_a_time_is_read_as_english_and_french_write_it(at: time, written: str) -> None:
    assert read_wish(written.format(at), STORIES) == Wanted(at=at)


@given(times)
def test_a_time_of_the_twelve_hour_clock_is_read(at: time) -> None:
    hour, half = (at.hour - 1) % 12 + 1, "pm" if at.hour >= 12 else "am"
    assert read_wish(f"{hour}:{at.minute:02}{half}", STORIES) == Wanted(at=at)
    assert read_wish(f"{hour}{half.upper()}", STORIES) == Wanted(at=at.replace(minute=0))


@pytest.mark.parametrize("text", ["24:00", "8:60", "0am", "13pm", "8:5", "8 pm", "8h 30", "100", "noon"])
def test_what_is_no_time_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(WishError):
        read_wish(text, STORIES)


@pytest.mark.parametrize("name", zone_names())
def test_every_zone_is_read_in_any_case(name: str) -> None:
    for written in (name, name.lower(), name.upper()):
        assert read_wish(f"in {written}", STORIES) == Wanted(zone=name)


def english(wish: Wish) -> str:
    when = {Cadence.DAILY: "daily", Cadence.WEEKDAYS: "weekdays", Cadence.WEEKLY: "weekly"}[wish.schedule.cadence]
    day = WEEKDAYS[wish.schedule.weekday][0].title()
    on = f"{when} on {day}" if wish.schedule.cadence is Cadence.WEEKLY else when
    form = f"{'full' if wish.full else 'short'} {'quiet' if wish.quiet_line else 'silent'}"
    language = {"en": "English", "fr": "French"}[wish.language]
    stories = ", ".join(wish.stories) or "all"
    return f"{stories} {on} at {wish.schedule.at:%H:%M} {wish.schedule.zone} in {language}, {form}"


def french(wish: Wish) -> str:
    when = {Cadence.DAILY: "quotidien", Cadence.WEEKDAYS: "jours ouvrés", Cadence.WEEKLY: "hebdomadaire"}
    day = WEEKDAYS[wish.schedule.weekday][1]
    on = f"le {day}" if wish.schedule.cadence is Cadence.WEEKLY else when[wish.schedule.cadence]
    form = f"{'complet' if wish.full else 'court'} {'calme' if wish.quiet_line else 'silencieux'}"
    language = {"en": "anglais", "fr": "français"}[wish.language]
    stories = ", ".join(wish.stories) or "tout"
    return f"{stories} {on} à {wish.schedule.at:%Hh%M} {wish.schedule.zone} {language}, {form}"


languages: st.SearchStrategy[Language] = st.sampled_from(["en", "fr"])
wishes = st.builds(
    Wish,
    st.builds(Schedule, st.sampled_from(Cadence), times, st.sampled_from(zone_names()), st.integers(0, 6)),
    languages,
    st.lists(st.sampled_from(STORIES), unique=True).map(tuple),
    st.booleans(),
    st.booleans(),
)


@given(wishes, wishes)
def test_a_whole_wish_can_be_said_in_both_languages(wish: Wish, held: Wish) -> None:
    for said in (english(wish), french(wish)):
        found = read_wish(said, STORIES).changing(held)
        if wish.schedule.cadence is Cadence.WEEKLY:
            assert found == wish, said
        else:
            kept = Schedule(wish.schedule.cadence, wish.schedule.at, wish.schedule.zone, held.schedule.weekday)
            assert found == Wish(kept, wish.language, wish.stories, wish.full, wish.quiet_line), said


@given(wishes)
def test_what_is_not_said_stays(held: Wish) -> None:
    assert read_wish("", STORIES).changing(held) == held
    assert read_wish("digest at the", STORIES) == Wanted()


@pytest.mark.parametrize("name", [name for names in WEEKDAYS for name in names])
def test_a_day_of_the_week_makes_it_weekly(name: str) -> None:
    for written in (name, name.upper(), f"{name}s"):
        wish = read_wish(written, STORIES).changing(default_wish(None, "en"))
        assert wish.schedule.cadence is Cadence.WEEKLY
        assert name in WEEKDAYS[wish.schedule.weekday]


def test_the_position_of_the_word_is_told() -> None:
    for text, position in (
        ("nonsense", 1),
        ("daily at 8 nonsense", 4),
        ("harbour-strike,nonsense", 2),
        ("fr 25:00", 2),
    ):
        with pytest.raises(WishError) as caught:
            read_wish(text, STORIES)
        assert caught.value.position == position


def test_defaults() -> None:
    assert default_wish(None, "en") == Wish(Schedule(Cadence.DAILY, time(8), "UTC"))
    assert default_wish("Africa/Bamako", "fr") == Wish(Schedule(Cadence.DAILY, time(8), "Africa/Bamako"), "fr")
