from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.briefing.kinds import Kind, flat, kind_of
from bot.briefing.text import normalise

TABLE = {
    Kind.WHO: [
        "Who was arrested?",
        "who is Maiga",
        "By whom was he detained?",
        "So who denied it?",
        "Qui a été arrêté ?",
        "qui est Maïga",
        "Qui dirige le Mali ?",
    ],
    Kind.WHAT: [
        "What is AES?",
        "What happened in Mali?",
        "Which parties were dissolved?",
        "Qu'est-ce que l'AES ?",
        "Quels partis ont été dissous ?",
        "Que s'est-il passé ?",
        "C'est quoi l'AES ?",
    ],
    Kind.WHEN: [
        "When were the soldiers arrested?",
        "since when has he ruled?",
        "What date was the bill approved?",
        "On which day was he detained?",
        "Quand les militaires ont-ils été arrêtés ?",
        "Depuis quand dirige-t-il ?",
        "À quelle date le texte a-t-il été adopté ?",
    ],
    Kind.WHERE: [
        "Where was Dembele arrested?",
        "In which town was he held?",
        "What place is he from?",
        "Où Dembélé a-t-il été arrêté ?",
        "Dans quelle ville a-t-il été arrêté ?",
        "D'où vient-il ?",
    ],
    Kind.WHY: [
        "Why were they arrested?",
        "What is the reason for the arrests?",
        "How come they were detained?",
        "Pourquoi ont-ils été arrêtés ?",
        "Quelle est la raison des arrestations ?",
        "Pour quel motif sont-ils détenus ?",
    ],
    Kind.HOW_MANY: [
        "How many soldiers were arrested?",
        "How much was paid?",
        "What is the number of arrests?",
        "Combien de soldats ont été arrêtés ?",
        "Quel est le nombre d'arrestations ?",
    ],
    Kind.HOW: ["How were they caught?", "Comment ont-ils été arrêtés ?"],
    Kind.WHETHER: [
        "Is Dembele in custody?",
        "Were two generals arrested?",
        "Did the coup succeed?",
        "Has the government commented?",
        "Est-ce que Dembélé est détenu ?",
        "Dembélé est-il détenu ?",
        "Sagara a-t-elle été arrêtée ?",
    ],
    Kind.OPINION: [
        "What do you think of Goita?",
        "In your opinion, is he guilty?",
        "Should he resign?",
        "Que pensez-vous de Goïta ?",
        "À ton avis, est-il coupable ?",
        "Write me a poem about Mali",
        "Rédige un article sur Bamako",
    ],
    Kind.TOPIC: ["arrests Mali", "AES", "coup plot", "arrestations Mali", "général Dembélé", ""],
}
EXAMPLES = [(question, kind) for kind, questions in TABLE.items() for question in questions]


@pytest.mark.parametrize(("question", "kind"), EXAMPLES)
def test_the_kind_is_read_from_the_question_words(question: str, kind: Kind) -> None:
    assert kind_of(normalise(question)) is kind


@pytest.mark.parametrize(("question", "kind"), EXAMPLES)
def test_case_and_the_closing_mark_do_not_matter(question: str, kind: Kind) -> None:
    assert kind_of(normalise(question).upper().rstrip(" ?") + " ???") is kind


@pytest.mark.parametrize(
    "question", ["où est Kati", "Où sont-ils", "Général Dembélé : arrêté où ?", "ou est Dembele", "ou se trouve Kati"]
)
def test_ou_asks_for_a_place_with_its_accent_or_before_a_verb(question: str) -> None:
    assert kind_of(question) is Kind.WHERE


def test_ou_without_accent_between_two_things_is_only_or() -> None:
    assert kind_of("Mopti ou Kidal") is Kind.TOPIC


def test_punctuation_is_one_space() -> None:
    assert flat("Qu'est-ce  que l’AES ?!") == "qu est ce que l aes"


@given(st.text(st.characters(codec=None), max_size=80))
def test_every_text_has_a_kind(text: str) -> None:
    assert kind_of(normalise(text)) in Kind
