"""What the search cuts off cannot be among the best: held against a plain loop over everything."""

from __future__ import annotations

from heapq import nlargest

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.briefing.postings import most_alike, most_shared, union
from bot.facts.arrays import Ragged, numbers

MOST = 3
HOLDERS = st.lists(st.lists(st.integers(0, 29), max_size=20, unique=True), min_size=1, max_size=5)
WEIGHTS = st.lists(st.sampled_from([0.2, 1.0, 1.6, 2.5, 6.8]), min_size=5, max_size=5)


def shared(holders: list[list[int]], weights: list[float]) -> dict[int, float]:
    found: dict[int, float] = {}
    for held, weight in zip(holders, weights, strict=False):
        for number in held:
            found[number] = found.get(number, 0.0) + weight
    return found


@given(HOLDERS, WEIGHTS)
def test_the_units_that_share_most_are_those_of_a_plain_loop(holders: list[list[int]], weights: list[float]) -> None:
    found = shared(holders, weights)
    plain = nlargest(MOST, found, key=lambda number: (found[number], -number))
    arrays = [numbers(sorted(held)) for held in holders]
    assert most_shared(arrays, weights[: len(holders)], 30, MOST) == plain


@given(HOLDERS, WEIGHTS, st.lists(st.sampled_from([0.5, 1.0, 3.0, 9.0, 40.0]), min_size=30, max_size=30))
def test_the_forms_most_alike_are_those_of_a_plain_loop(
    holders: list[list[int]], weights: list[float], heavy: list[float]
) -> None:
    used = weights[: len(holders)]
    total, found = sum(used), shared(holders, used)
    likeness = {form: 2 * weight / (total + heavy[form]) for form, weight in found.items()}
    plain = nlargest(MOST, likeness, key=lambda form: (likeness[form], -form))
    by_weight = sorted(range(30), key=lambda form: heavy[form])
    place = {form: n for n, form in enumerate(by_weight)}
    arrays = [numbers(sorted(place[form] for form in held)) for held in holders]
    rising = np.array([heavy[form] for form in by_weight])
    assert most_alike(arrays, used, rising, numbers(by_weight), MOST) == plain


@given(HOLDERS)
def test_lists_are_joined_with_each_number_once(holders: list[list[int]]) -> None:
    joined = union([numbers(sorted(held)) for held in holders])
    assert joined.tolist() == sorted({number for held in holders for number in held})


@given(HOLDERS)
def test_turned_lists_say_who_holds_each_number(holders: list[list[int]]) -> None:
    lists = Ragged.of(holders)
    turned = lists.turned(30)
    assert [lists.row(n).tolist() for n in range(len(lists))] == holders
    for number in range(30):
        assert turned.row(number).tolist() == [n for n, held in enumerate(holders) if number in held]
