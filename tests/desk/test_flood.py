from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.briefing.card import plain
from bot.desk import Asking, Desk
from bot.desk.flood import Flood, Limit, Limits
from bot.digest.places import Person, Place, Visibility
from tests.conftest import real_index

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CHANNEL = Place("test", "w1", "C1")
READER, OTHER = Person("test", "w1", "U1"), Person("test", "w1", "U2")
LIMITS = Limits(Limit(10, 5), Limit(30, 8), Limit(120, 12))


def asking(person: Person = READER, place: Place = CHANNEL, after: float = 0) -> Asking:
    return Asking(START + timedelta(seconds=after), place=place, person=person)


def passed(flood: Flood, number: int, person: Person = READER, place: Place = CHANNEL, after: float = 0) -> int:
    return sum(flood.refuses(asking(person, place, after)) is None for _ in range(number))


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    flood = Flood(LIMITS)
    assert passed(flood, 9) == 5
    assert flood.refuses(asking()) == ("person", 6)
    assert passed(flood, 9, after=6) == 1
    assert passed(flood, 9, after=3600) == 5


def test_several_people_share_a_channel_and_several_channels_a_workspace() -> None:
    flood = Flood(LIMITS)
    assert passed(flood, 5) == 5
    assert passed(flood, 5, OTHER) == 3
    assert flood.refuses(asking(OTHER)) == ("channel", 2)
    elsewhere = Place("test", "w1", "C2")
    assert passed(flood, 5, Person("test", "w1", "U3"), elsewhere) == 4
    assert flood.refuses(asking(Person("test", "w1", "U4"), elsewhere)) == ("workspace", 1)


def test_who_asks_in_private_takes_nothing_from_the_others() -> None:
    flood = Flood(LIMITS)
    assert passed(flood, 5, place=READER.own_place) == 5
    assert passed(flood, 8, OTHER) == 5
    assert passed(flood, 5, Person("test", "w2", READER.id), Place("test", "w2", "C1")) == 5


def test_a_thread_counts_as_its_channel() -> None:
    flood = Flood(Limits(channel=Limit(30, 2)))
    assert passed(flood, 2) == 2
    assert flood.refuses(asking(OTHER, Place("test", "w1", "C1", "1.1"))) == ("channel", 2)


@given(st.lists(st.floats(0, 20), max_size=80))
def test_no_minute_sees_more_than_the_limit_and_one_burst(pauses: list[float]) -> None:
    flood, at, let_in = Flood(LIMITS), 0.0, []
    for pause in pauses:
        at += pause
        if flood.refuses(asking(after=at)) is None:
            let_in.append(at)
    for first in let_in:
        assert sum(first <= moment < first + 60 for moment in let_in) <= 10 + 5


def test_memory_is_bounded() -> None:
    flood = Flood(LIMITS, most=100)
    for number in range(1_000):
        flood.refuses(asking(Person("test", "w1", f"U{number}"), Place("test", "w1", "D", direct=True)))
    assert len(flood._buckets) == 100


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    flood = Flood(LIMITS)
    assert passed(flood, 5, after=100) == 5
    assert passed(flood, 5, after=0) == 0


async def test_at_the_desk_it_is_said_to_them_alone() -> None:
    desk = Desk(real_index().store, index=real_index(), flood=Flood(Limits(Limit(10, 1))))
    public = Asking(START, "fr", place=CHANNEL, person=READER, visibility=Visibility.ALL)
    assert (await desk.handle("qu'est-ce que l'AES ?", public)).answer is not None
    refused = await desk.handle("qu'est-ce que l'AES ?", public)
    assert plain(refused.card) == "Trop de questions à la fois. Réessayez dans 6 secondes."
    assert refused.visibility is Visibility.PRIVATE
