"""What words mean: listed words before stems, light words, and who is said to speak."""

from __future__ import annotations

import pytest

from bot.briefing.lexicon import concept, load_lexicon
from bot.briefing.linking import Mention
from bot.facts.model import Language


@pytest.mark.parametrize(
    ("word", "language", "meant", "other"),
    [
        ("prison", "en", "prison", "detainee"),
        ("prisoner", "en", "detainee", "prison"),
        ("part", "fr", "percentage", "party"),
        ("arrete", "fr", "arrest", "end"),
        ("assaillants", "fr", "attacker", "attack"),
    ],
)
def test_a_listed_word_is_no_other_that_shares_its_stem(word: str, language: Language, meant: str, other: str) -> None:
    slot = load_lexicon().word_slot(word, language)
    assert concept(meant) in slot
    assert concept(other) not in slot


@pytest.mark.parametrize(("word", "language"), [("exact", "fr"), ("like", "en"), ("cas", "fr"), ("big", "en")])
def test_a_light_word_stays_light(word: str, language: Language) -> None:
    lexicon = load_lexicon()
    assert not lexicon.soft.isdisjoint(lexicon.word_slot(word, language))


@pytest.mark.parametrize(
    ("question", "language", "speaks"),
    [
        ("what did mara say", "en", True),
        ("according to mara who did it", "en", True),
        ("que dit mara", "fr", True),
        ("what did he tell mara", "en", False),
        ("who said mara was free", "en", False),
        ("mara is said to be free", "en", False),
        ("qui a dit que mara est libre", "fr", False),
        ("que dit la lettre a mara", "fr", False),
    ],
)
def test_who_is_named_speaks_only_when_the_words_say_so(question: str, language: Language, *, speaks: bool) -> None:
    text = question.split()
    mention = Mention(text.index("mara"), text.index("mara") + 1, ("mara",))
    assert (load_lexicon().speaker(text, [mention], language) is mention) is speaks
