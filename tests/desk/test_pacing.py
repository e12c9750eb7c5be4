from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.briefing.card import plain
from bot.desk import Asking, Desk, pacing
from bot.desk.pacing import Pacing, Rate
from bot.digest.places import Person, Place
from tests.newsroom import NOW
from tests.world import CHANNEL, EDITOR, OTHER_CHANNEL, READER, World, world


@pytest.fixture(name="made")
async def _made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(f"sqlite:///{tmp_path / 'state.db'}", tmp_path) as made:
        yield made


def ask(person: Person = READER, place: Place = CHANNEL, after: float = 0) -> Asking:
    return Asking(NOW + timedelta(seconds=after), place=place, person=person)


def test_a_person_asks_five_at_once_and_then_ten_a_minute() -> None:
    pace = Pacing()
    assert [pace.wait(ask()) for _ in range(6)] == [0, 0, 0, 0, 0, 6]
    assert pace.wait(ask(after=5)) == 1
    assert pace.wait(ask(after=6)) == 0
    assert pace.wait(ask(EDITOR)) == 0


def test_who_is_turned_down_loses_nothing_by_asking_again() -> None:
    pace = Pacing()
    for _ in range(50):
        pace.wait(ask())
    assert pace.wait(ask(after=6)) == 0


def test_a_channel_and_a_workspace_have_their_own_measure() -> None:
    people = [Person("test", "w1", f"U{number}") for number in range(100)]
    pace = Pacing(channel=Rate(3, 30), workspace=Rate(5, 60))
    assert [pace.wait(ask(one)) for one in people[:4]] == [0, 0, 0, 2]
    assert [pace.wait(ask(one, OTHER_CHANNEL)) for one in people[4:7]] == [0, 0, 1]
    assert all(pace.wait(ask(one, one.own_place)) == 0 for one in people)


def test_a_clock_that_goes_back_gives_and_takes_nothing() -> None:
    pace = Pacing()
    for _ in range(5):
        pace.wait(ask())
    assert pace.wait(ask(after=-3_600)) == 6


def test_the_terminal_waits_for_nobody() -> None:
    pace, alone = Pacing(), Person("terminal", "here", "me")
    assert not any(pace.wait(ask(alone, alone.own_place)) for _ in range(100))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST_REMEMBERED", 100)
    pace = Pacing()
    for number in range(1_000):
        person = Person("test", "w1", f"U{number}")
        pace.wait(ask(person, person.own_place))
    assert len(pace._buckets) == 100
    assert sys.getsizeof(pace._buckets) < 100_000


async def test_over_the_measure_the_desk_asks_for_patience_and_keeps_nothing(made: World) -> None:
    hurried = Desk(made.desk.store, keeping=made.keeping, pacing=Pacing(person=Rate(1, 10)))
    for text in ("what is the capital of France?", "what is the capital of Spain?"):
        reply = await hurried.handle(text, made.asking())
    assert plain(reply.card) == "That is much at once. Ask again in 6 seconds, please."
    (_,), number = await made.state.queue.waiting(5)
    assert number == 1
