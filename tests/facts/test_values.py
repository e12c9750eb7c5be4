from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.facts.model import Bound, Value


def value(bound: str, low: int | None = None, high: int | None = None, unit: str = "people") -> Value:
    return Value.model_validate({"min": low, "max": high, "unit": unit, "bound": bound})


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        ("exactly", 5, 5),
        ("exactly", 0, 0),
        ("at_least", 50, None),
        ("at_most", None, 50),
        ("about", 50, 50),
        ("about", 40, 60),
        ("range", 36, 40),
    ],
)
def test_a_bound_takes_the_figures_that_it_needs(bound: str, low: int | None, high: int | None) -> None:
    taken = value(bound, low, high)
    assert (taken.min, taken.max, taken.bound.value) == (low, high, bound)


@pytest.mark.parametrize(
    ("bound", "low", "high", "said"),
    [
        ("exactly", 5, None, "both `min` and `max`"),
        ("exactly", 5, 6, "is a `range`"),
        ("at_least", 50, 60, "`min` only"),
        ("at_least", None, 60, "`min` only"),
        ("at_most", 50, 60, "`max` only"),
        ("at_most", 50, None, "`max` only"),
        ("about", 50, None, "both `min` and `max`"),
        ("range", None, 40, "both `min` and `max`"),
        ("range", 40, 36, "exchange them"),
        ("range", -1, 36, "greater than or equal to 0"),
    ],
)
def test_a_bound_refuses_other_figures(bound: str, low: int | None, high: int | None, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        value(bound, low, high)


@pytest.mark.parametrize("figure", ["0", "7", "5000", "999999999999"])
def test_digits_are_a_figure(figure: str) -> None:
    assert Value.model_validate({"min": figure, "unit": "people", "bound": "at_least"}).min == int(figure)


@pytest.mark.parametrize(
    "figure", ["", "007", "1_000", "1,000", "1.0", "1e3", "12:30", " 5", "5 ", "-5", "٥", "1000000000000"]
)
def test_anything_else_is_not(figure: str) -> None:
    with pytest.raises(ValidationError, match="write digits only"):
        Value.model_validate({"min": figure, "unit": "people", "bound": "at_least"})


AT_LEAST_50 = value("at_least", 50)
EXACTLY_50 = value("exactly", 50, 50)
ABOUT_50 = value("about", 50, 50)


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        (AT_LEAST_50, value("at_most", high=49), True),
        (AT_LEAST_50, value("at_most", high=50), False),
        (AT_LEAST_50, value("at_least", 80), False),
        (AT_LEAST_50, value("exactly", 49, 49), True),
        (AT_LEAST_50, value("range", 36, 40), True),
        (AT_LEAST_50, value("range", 36, 50), False),
        (EXACTLY_50, value("exactly", 51, 51), True),
        (EXACTLY_50, value("range", 40, 60), False),
        (ABOUT_50, value("exactly", 55, 55), False),
        (ABOUT_50, value("exactly", 45, 45), False),
        (ABOUT_50, value("exactly", 56, 56), True),
        (ABOUT_50, value("exactly", 44, 44), True),
        (ABOUT_50, value("about", 60, 60), False),
        (AT_LEAST_50, value("at_most", high=10, unit="ships"), False),
    ],
)
def test_values_exclude_each_other_when_no_figure_satisfies_both(one: Value, other: Value, *, excluded: bool) -> None:
    assert one.excludes(other) is excluded
    assert other.excludes(one) is excluded


@st.composite
def values(draw: st.DrawFn) -> Value:
    bound = draw(st.sampled_from([b for b in Bound if b is not Bound.ABOUT]))
    low, high = sorted((draw(st.integers(0, 30)), draw(st.integers(0, 30))))
    figures: dict[Bound, dict[str, Any]] = {
        Bound.EXACTLY: {"min": low, "max": low},
        Bound.AT_LEAST: {"min": low},
        Bound.AT_MOST: {"max": high},
        Bound.RANGE: {"min": low, "max": high},
    }
    return Value(unit="people", bound=bound, **figures[bound])


def satisfies(figure: int, taken: Value) -> bool:
    return (taken.min or 0) <= figure and (taken.max is None or figure <= taken.max)


@given(values(), values())
def test_values_exclude_each_other_just_when_every_figure_fails_one(one: Value, other: Value) -> None:
    shared = any(satisfies(figure, one) and satisfies(figure, other) for figure in range(31))
    assert one.excludes(other) is not shared
