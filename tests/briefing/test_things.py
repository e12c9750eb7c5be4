from __future__ import annotations

import pytest

from bot.briefing.features import Reader
from bot.briefing.lexicon import load_lexicon
from bot.briefing.linking import Linker
from bot.facts.model import Language
from bot.facts.text import fold


@pytest.fixture(scope="module", name="reader")
def _reader() -> Reader:
    lexicon = load_lexicon()
    return Reader(lexicon, Linker({}, lexicon.small_words))


@pytest.mark.parametrize(
    ("question", "language", "thing"),
    [
        ("which harbour did they close", "en", "harbour"),
        ("in which harbour are they", "en", "harbour"),
        ("how many old tugs sank", "en", "old tugs"),
        ("what harbour is it", "en", "harbour"),
        ("dans quel port sont-ils", "fr", "port"),
        ("combien de remorqueurs ont coulé", "fr", "remorqueurs"),
        ("quelles usines ferment", "fr", "usines"),
    ],
)
def test_the_noun_after_the_question_word_is_the_thing(
    reader: Reader, question: str, language: Language, thing: str
) -> None:
    words = fold(question).replace("-", " ").split()
    wanted, _ = reader.slots(thing.split(), thing.split(), language)
    assert wanted
    assert reader.thing(words, language)[: len(wanted)] == tuple(wanted)


@pytest.mark.parametrize(
    ("question", "language"),
    [("what is it", "en"), ("who sank", "en"), ("how many are there", "en"), ("quel est il", "fr"), ("", "fr")],
)
def test_a_question_word_before_a_verb_asks_for_no_thing(reader: Reader, question: str, language: Language) -> None:
    assert reader.thing(question.split(), language) == ()
