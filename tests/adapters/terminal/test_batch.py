from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.terminal.batch import answers
from bot.desk import Desk
from tests.newsroom import STORY, asking

WHEN = "when did the strike begin?"
KEYS = {
    "question", "language", "story", "outcome", "headline", "text", "facts", "disputes", "suggestions", "confidence",
}  # fmt: skip


def asked(desk: Desk, *lines: object, now: Any = None) -> list[dict[str, Any]]:
    """The answer objects; a line that is no string is written as JSON."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [found for found, _ in answers(texts, desk, now or asking())]


def problems(desk: Desk, lines: Iterable[str]) -> list[str | None]:
    return [problem for _, problem in answers(lines, desk, asking())]


def test_there_is_one_answer_for_each_line_in_the_same_order_with_its_id(small: Desk) -> None:
    questions = [WHEN, "who painted the chapel?", "who is Brook?", "combien de dockers sont en grève ?"]
    found = asked(small, *({"q": q, "id": f"q{n}"} for n, q in enumerate(questions)))
    assert [one["id"] for one in found] == ["q0", "q1", "q2", "q3"]
    assert [one["question"] for one in found] == questions
    assert [one["outcome"] for one in found] == ["answered", "no_answer", "clarify", "answered"]
    assert [one["language"] for one in found] == ["en", "en", "en", "fr"]
    assert {frozenset(one) for one in found} == {frozenset(KEYS | {"id"})}


@pytest.mark.parametrize("line_id", ["a", "", 7, 0, 1.5, True, ["a"], {"a": 1}])
def test_an_id_comes_back_as_it_was_given(small: Desk, line_id: object) -> None:
    assert asked(small, {"q": WHEN, "id": line_id}, {"q": 1, "id": line_id})[0]["id"] == line_id
    assert asked(small, {"q": 1, "id": line_id})[0]["id"] == line_id


@pytest.mark.parametrize("item", [{"q": WHEN}, {"q": WHEN, "id": None}])
def test_without_an_id_there_is_none(small: Desk, item: dict[str, object]) -> None:
    (found,) = asked(small, item)
    assert set(found) == KEYS


def test_a_question_is_repeated_as_it_was_asked(small: Desk) -> None:
    question = "  when\x00 did the\u200b strike begin?\n"
    (found,) = asked(small, {"q": question})
    assert (found["question"], found["outcome"]) == (question, "answered")


def test_a_line_may_choose_its_language_and_its_story(small: Desk) -> None:
    found = asked(small, {"q": WHEN, "lang": "fr"}, {"q": "", "lang": "fr"}, {"q": WHEN, "story": STORY})
    assert [one["language"] for one in found] == ["fr", "fr", "en"]
    assert [one["language"] for one in asked(small, {"q": ""}, {"q": "", "lang": "en"}, now=asking("fr"))] == [
        "fr",
        "en",
    ]


def test_questions_of_one_thread_follow_on_from_one_another(small: Desk) -> None:
    found = asked(
        small,
        {"q": "who is Ada Marsh?", "thread": "one"},
        {"q": "who is Lena Brook?", "thread": "other"},
        {"q": "when did she resign?", "thread": "one"},
        {"q": "when did she resign?", "thread": "none yet"},
        {"q": "when did she resign?"},
    )
    assert [one["outcome"] for one in found] == ["answered", "answered", "answered", "clarify", "clarify"]


def test_blank_lines_are_passed_over_but_counted(small: Desk) -> None:
    found = asked(small, "", "  \n", {"q": WHEN}, "\n", "nonsense")
    assert [("error" in one) for one in found] == [False, True]
    assert "Line 5 " in found[1]["error"]


@pytest.mark.parametrize(
    ("line", "line_id", "error"),
    [
        ("{", None, "is no JSON"),
        ("nonsense", None, "write one object a line"),
        ("\ufeff{}", None, "is no JSON"),
        ('["q"]', None, "is no object"),
        ('"q"', None, "is no object"),
        ("null", None, "is no object"),
        ('{"id": "x"}', "x", "has no question"),
        ('{"q": 5, "id": "x"}', "x", "has no question"),
        ('{"q": null}', None, "has no question"),
        ('{"q": "who?", "id": "x", "language": "en"}', "x", "unknown key 'language'"),
        ('{"q": "who?", "lang": "de"}', None, 'other than "en" and "fr"'),
        ('{"q": "who?", "lang": 1}', None, "language"),
        ('{"q": "who?", "lang": []}', None, "language"),
        ('{"q": "who?", "thread": 1}', None, '"thread" is no string'),
        ('{"q": "who?", "story": ["a"]}', None, '"story" is no string'),
        ('{"q": "who?", "id": 3, "story": "flood"}', 3, f"no story `flood`. Stories: {STORY}"),
        ('{"q": "who?", "id": NaN}', None, "out of range"),
        ('{"q": "who?", "id": 1e999}', None, "out of range"),
        ('{"q": "who?", "id": ' + "1" * 5_000 + "}", None, "out of range"),
        ('{"q": "who?", "id": ' + "[" * 100_000 + "]" * 100_000 + "}", None, "nested too deep"),
    ],
)
def test_a_bad_line_gives_an_error_object_and_the_rest_goes_on(
    small: Desk, line: str, line_id: object, error: str
) -> None:
    good = json.dumps({"q": WHEN})
    before, bad, after = answers([good, line, good], small, asking())
    assert before == after
    assert before[1] is None
    assert bad[0].keys() == {"id", "error"}
    assert bad[0]["id"] == line_id
    assert bad[0]["error"] == bad[1]
    assert bad[0]["error"].startswith("Line 2")
    assert error in bad[0]["error"]
    assert len(bad[0]["error"]) < 300


def test_answers_come_while_lines_are_still_being_written(small: Desk) -> None:
    lines = iter([json.dumps({"q": WHEN, "id": n}) for n in range(3)])
    found = answers(lines, small, asking())
    assert next(found)[0]["id"] == 0
    assert json.loads(next(lines))["id"] == 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(["q", "id", "lang", "thread", "story", "Q"])


@given(st.dictionaries(keys, values, max_size=4).map(json.dumps) | st.text(max_size=30))
def test_any_line_gives_an_answer_or_an_error_that_can_be_written(small: Desk, line: str) -> None:
    found = asked(small, line)
    assert len(found) == bool(line.strip())
    for one in found:
        assert json.loads(json.dumps(one, allow_nan=False)) == one
        assert ("error" in one) != ("outcome" in one)
        assert ("error" in one) == (problems(small, [line]) != [None])
