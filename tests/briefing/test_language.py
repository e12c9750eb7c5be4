from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.briefing.language import detect
from bot.briefing.text import words
from bot.desk import Desk
from bot.facts.model import Language
from tests.newsroom import asking

FUNCTION: Mapping[Language, frozenset[str]] = {
    "en": frozenset({"who", "the", "was", "on"}),
    "fr": frozenset({"qui", "le", "a", "on"}),
}
VOCABULARY: Mapping[Language, frozenset[str]] = {
    "en": frozenset({"soldier", "mali", "arrest"}),
    "fr": frozenset({"soldat", "mali", "complot"}),
}


def detected(text: str) -> Language | None:
    return detect(text, words(text), FUNCTION, VOCABULARY)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the soldier", "en"),
        ("le soldat", "fr"),
        ("soldier", "en"),
        ("soldat", "fr"),
        ("who soldat", "en"),
        ("qui soldier", "fr"),
        ("on", None),
        ("mali", None),
        ("soldier soldat", None),
        ("xyz", None),
        ("", None),
    ],
)
def test_more_evidence_wins_and_small_words_count_double(text: str, language: Language | None) -> None:
    assert detected(text) == language


def test_an_accent_speaks_for_french_where_nothing_else_does() -> None:
    assert detected("Goïta") == "fr"
    assert detected("the Goïta") == "en"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("who was arrested?", "en"),
        ("how many soldiers were arrested in Mali?", "en"),
        ("What did Goïta say?", "en"),
        ("soldiers arrested", "en"),
        ("qui a été arrêté ?", "fr"),
        ("combien de militaires ont ete arretes au Mali", "fr"),
        ("Goïta s'est-il exprimé ?", "fr"),
        ("militaires interpellés", "fr"),
    ],
)
def test_a_question_is_answered_in_its_own_language(desk: Desk, question: str, language: Language) -> None:
    for default in ("en", "fr"):
        answer = desk.ask(question, asking(default=default))
        assert answer.language == language
        assert answer.card.language == language


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_platforms_language_breaks_a_tie(desk: Desk, language: Language) -> None:
    assert desk.ask("AES", asking(default=language)).language == language
    assert desk.ask("", asking(default=language)).language == language


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_language_that_was_demanded_goes_before_everything(small: Desk, language: Language) -> None:
    for question in ("when did the strike begin?", "quand la grève a-t-elle débuté ?", "", "AES"):
        assert small.ask(question, asking(language)).language == language
