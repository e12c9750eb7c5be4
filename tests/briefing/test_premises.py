"""Questions that take for granted what is not so."""

from __future__ import annotations

import pytest

from bot.briefing.answer import Answer, Outcome
from bot.briefing.card import Line, Role
from bot.desk import Desk
from tests.newsroom import asking

HEADINGS = ("The facts hold the opposite:", "Les faits disent le contraire :")


def heading(answer: Answer) -> str:
    first = answer.card.blocks[0]
    return first.text if isinstance(first, Line) and first.role is Role.HEADING else ""


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Why has Moussa Mara been freed?", "mara-detained-since-august"),
        ("Pourquoi Moussa Mara a-t-il été remis en liberté ?", "mara-detained-since-august"),
        ("why did the shops in Bamako close after the arrests?", "bamako-shops-open"),
        ("Pourquoi les commerces de Bamako ont-ils fermé après les arrestations ?", "bamako-shops-open"),
        ("Why does the European Union back the Gaza plan?", "eu-un-condemn"),
        ("Pourquoi les Nations unies approuvent-elles l'escalade à Gaza ?", "eu-un-condemn"),
        ("Why did Mali, Niger and Burkina Faso join ECOWAS?", "aes-left-ecowas"),
    ],
)
def test_what_is_so_instead_is_shown_and_said_to_be_the_opposite(desk: Desk, question: str, fact: str) -> None:
    answer = desk.ask(question, asking())
    assert answer.outcome is Outcome.ANSWERED
    assert fact in [each.id for each in answer.facts]
    assert heading(answer) in HEADINGS


@pytest.mark.parametrize(
    "question",
    [
        "Why did Mali leave ECOWAS?",
        "Pourquoi le Mali a-t-il coupé les ponts avec la France ?",
        "Why did Burkina Faso leave the AES?",
        "Why hasn't Moussa Mara been freed?",
    ],
)
def test_what_is_so_or_is_not_told_is_not_called_the_opposite(desk: Desk, question: str) -> None:
    assert heading(desk.ask(question, asking())) not in HEADINGS
