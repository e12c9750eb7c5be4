from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.briefing.evaluating import Question, Score, parse_questions, score, tallies
from bot.desk import Desk
from tests.newsroom import asking

HOW_MANY = "how many dockers are on strike?"
NOBODY = "who painted the chapel?"


def scored(desk: Desk, q: str = HOW_MANY, /, **demands: Any) -> Score:
    q = demands.pop("q", q)
    question = Question.model_validate({"id": "q1", "q": q, "abstain": False, **demands})
    return score(question, desk.ask(q, asking(question.lang)))


@pytest.mark.parametrize(
    "demands",
    [
        {},
        {"must": ["counts of the strikers", "differ"]},
        {"must_any": [["nothing", "union source"], ["town notice"]]},
        {"must_not": ["gazette", r"\b60\b"]},
        {"says": ["an unnamed union source", "a town notice"]},
        {"dispute": True},
        {"outcome": "answered"},
        {"q": "combien de dockers sont en grève ?", "must": ["decomptes des grevistes"]},
    ],
)
def test_an_item_passes_when_everything_that_it_demands_holds(small: Desk, demands: dict[str, Any]) -> None:
    assert scored(small, **demands).faults == ()
    assert scored(small, **demands).cell == "answered right"


@pytest.mark.parametrize(
    ("demands", "fault"),
    [
        ({"must": ["counts", "sixty"]}, "must: sixty"),
        ({"must": ["Counts"]}, "must: Counts"),
        ({"must_any": [["differ"], ["sixty", "seventy"]]}, "must_any: "),
        ({"must_not": ["differ"]}, "must_not: differ"),
        ({"says": ["A Town Notice"]}, "says: A Town Notice"),
        ({"outcome": "clarify"}, "outcome answered, not clarify"),
        ({"abstain": True}, "answered what the facts do not hold"),
        ({"q": NOBODY}, "not answered: no_answer"),
        ({"q": "when did the strike begin?", "dispute": True}, "no dispute shown"),
    ],
)
def test_an_item_fails_for_each_thing_that_does_not_hold(small: Desk, demands: dict[str, Any], fault: str) -> None:
    (found,) = scored(small, **demands).faults
    assert found.startswith(fault)


@pytest.mark.parametrize("q", [NOBODY, "who is Brook?", ""])
def test_abstaining_is_right_whether_nothing_is_held_or_it_is_not_clear(small: Desk, q: str) -> None:
    one = scored(small, q, abstain=True, must=["this is not looked at"])
    assert (one.passed, one.cell) == (True, "turned down rightly")
    assert scored(small, q).cell == "turned down wrongly"


def test_a_demanded_outcome_holds_for_abstaining_too(small: Desk) -> None:
    assert scored(small, NOBODY, abstain=True, outcome="no_answer").passed
    assert scored(small, NOBODY, abstain=True, outcome="clarify").faults == ("outcome no_answer, not clarify",)


def test_right_first_looks_at_the_headline_and_the_first_fact_only(small: Desk) -> None:
    q = "what does the union source count?"
    assert scored(small, q, must=["differ"], must_any=[["at least 50 dockers"]]).right_first
    assert scored(small, q, must=["position of few"]).passed
    assert not scored(small, q, must=["position of few"]).right_first
    assert not scored(small, must=["differ"], must_not=["differ"]).right_first
    assert not scored(small, NOBODY, abstain=True).right_first


def test_the_figures_are_parts_of_what_they_are_parts_of(small: Desk) -> None:
    scores = [
        scored(small, must=["differ"], kind="disputed"),
        scored(small, must=["position of few"]),
        scored(small, must=["sixty"]),
        scored(small, NOBODY),
        scored(small, NOBODY, abstain=True),
        scored(small, "qui a peint la chapelle ?", abstain=True),
        scored(small, abstain=True),
    ]
    found = tallies(scores)
    figures = found["all"].as_json()
    lengths = figures.pop("median_length"), figures.pop("longest")
    assert lengths == (len(scores[0].answer.text),) * 2
    assert figures == {
        "questions": 7,
        "passed": 4,
        "answerable": 4,
        "answered_right": 0.5,
        "right_first": 0.25,
        "unanswerable": 3,
        "turned_down": 0.6667,
        "refusals_right": 0.6667,
        "wrong_of_all": 0.2857,
        "confusion": {
            "answered right": 2,
            "answered wrong": 2,
            "turned down wrongly": 1,
            "turned down rightly": 2,
        },
    }
    counts = {name: len(tally.scores) for name, tally in found.items()}
    assert counts == {"all": 7, "language en": 6, "language fr": 1, "kind disputed": 1, "kind other": 6}


def test_where_there_is_nothing_to_divide_there_is_no_rate() -> None:
    assert tallies([])["all"].as_json()["answered_right"] is None


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"id": "a", "q": "why?"}, "abstain"),
        ({"id": "a", "abstain": False}, "q"),
        ({"id": "a", "q": "why?", "abstain": "perhaps"}, "abstain"),
        ({"id": "a", "q": "why?", "abstain": False, "must": ["("]}, "no regular expression"),
        ({"id": "a", "q": "why?", "abstain": False, "must_any": [["ok", "["]]}, "no regular expression"),
        ({"id": "a", "q": "why?", "abstain": False, "lang": "de"}, "lang"),
        ({"id": "a", "q": "why?", "abstain": False, "outcome": "answer"}, "outcome"),
        ({"id": "a", "q": "why?", "abstain": False, "musst": []}, "musst"),
    ],
)
def test_an_item_that_makes_no_sense_is_refused(item: dict[str, Any], fault: str) -> None:
    good = {"id": "b", "q": "why?", "abstain": "true"}
    assert [one.abstain for one in parse_questions([good])] == [True]
    with pytest.raises(ValidationError, match=fault):
        parse_questions([good, item])
