"""What stands around a question says nothing about what is asked."""

from __future__ import annotations

import pytest

from bot.briefing.furniture import bare


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Do we know who was arrested?", "who was arrested?"),
        ("any word on the general", "the general"),
        ("hi, could you tell me when the vote is?", "when the vote is?"),
        ("who runs it, do we know?", "who runs it?"),
        ("how many were held according to the reports", "how many were held"),
        ("Sait-on combien de soldats ont été arrêtés ?", "combien de soldats ont été arrêtés ?"),
        ("Est-ce qu'on sait où il est", "où il est"),
        ("dites-moi qui dirige, svp", "qui dirige"),
    ],
)
def test_the_question_is_left(question: str, left: str) -> None:
    assert bare(question) == (left, False)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("can you confirm whether Mara was freed", "can you confirm whether Mara was freed"),
        ("do we know if Mara was freed", "Mara was freed"),
        ("tell me, is it true that Mara was freed?", "Mara was freed?"),
        ("Est-il vrai que Mara est libre ?", "Mara est libre ?"),
        ("on sait si Mara est libre", "Mara est libre"),
    ],
)
def test_asking_whether_is_told(question: str, left: str) -> None:
    assert bare(question) == (left, left != question)


@pytest.mark.parametrize("question", ["tell me", "do we know?", "if the bill passes, how long?", "si Goita part"])
def test_what_is_no_furniture_stays(question: str) -> None:
    assert bare(question) == (question, False)
