from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.briefing.text import cased_words, harmless, normalise, stem, words
from bot.facts.text import fold, unsafe_text

any_text = st.text(st.characters(codec=None), max_size=60)
# Pieces that meet badly: marks that compose once something between them is gone, halves of markup.
PIECES = [
    "e", "\u0301", "\u200d", "\x00", "\u00ad", "<", ">", "@", "@here", "@every", "one", "<@U1>", "http", "://", "x",
    " ", "\n", "\u00a0", "ﬁ", "Ａ", "1", ",", "500", "'", "’", "qu", "l", "s", "n", "t", "\ud800",
]  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("  who \t was\narrested?  ", "who was arrested?"),
        ("who\u00a0was\u2009arrested", "who was arrested"),
        ("Ｍａｌｉ", "Mali"),
        ("ﬁve oﬃcers", "five officers"),
        ("Goi\u0308ta", "Goïta"),
        ("Go\u200bi\u00adta", "Goita"),
        ("\ufeffwho\u202e is he", "who is he"),
        ("who\x00 is\x1b[31m he", "who is[31m he"),
        ("e\u200d\u0301", "é"),
        ("\ud800who", "who"),
        ("<@U12345> who was arrested?", "who was arrested?"),
        ("<!here> who", "who"),
        ("@everyone who", "who"),
        ("who https://example.org/x?y=1 said so", "who said so"),
        ("<https://example.org|a link> who", "who"),
        ("Burkina < Faso", "Burkina < Faso"),
        ("", ""),
        ("\u200b\x00 ", ""),
    ],
)
def test_a_question_becomes_one_plain_line(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who was Goïta?", ["who", "was", "goita"]),
        ("GOÏTA", ["goita"]),
        ("Goi\u0308ta", ["goita"]),
        ("Straße", ["strasse"]),
        ("l'armée", ["armee"]),
        ("L’Armée", ["armee"]),
        ("d’État", ["etat"]),
        ("qu'est-ce que l'AES ?", ["est", "ce", "que", "aes"]),
        ("jusqu'à", ["jusqu", "a"]),
        ("aujourd'hui", ["aujourd", "hui"]),
        ("Mali's army", ["mali", "army"]),
        ("Mali’s", ["mali"]),
        ("wasn't it", ["was", "not", "it"]),
        ("hasn’t", ["has", "not"]),
        ("36 to 40", ["36", "to", "40"]),
        ("snake_case", ["snake", "case"]),
        ("?!…", []),
        ("", []),
    ],
)
def test_words_are_folded_and_lose_their_grammar(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("figure", ["5000", "5,000", "5.000", "5 000", "5\u00a0000", "5\u202f000"])
def test_a_figure_is_the_same_however_it_is_grouped(figure: str) -> None:
    assert words(figure) == words(normalise(figure)) == ["5000"]
    assert words(f"a force of {figure} men") == ["a", "force", "of", "5000", "men"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234,567", ["1234567"]),
        ("12 345 678", ["12345678"]),
        ("3,5", ["3", "5"]),
        ("12,50", ["12", "50"]),
        ("in 2020 500 men", ["in", "2020", "500", "men"]),
        ("5,0000", ["5", "0000"]),
        ("20, 500", ["20", "500"]),
    ],
)
def test_only_groups_of_three_are_one_figure(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_american_and_british_spellings_are_one() -> None:
    assert words("the defense program") == words("the defence programme")


def test_cased_words_keep_what_was_typed() -> None:
    assert cased_words("L'ONU, un État") == ["ONU", "un", "État"]


@pytest.mark.parametrize(
    ("one", "other"), [("arrest", "arrested"), ("soldier", "soldiers"), ("plot", "plots"), ("arresting", "arrests")]
)
def test_english_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(one, "en") == stem(other, "en")


@pytest.mark.parametrize(
    ("one", "other"), [("arrete", "arretes"), ("general", "generale"), ("soldat", "soldats"), ("arrete", "arretees")]
)
def test_french_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(one, "fr") == stem(other, "fr")


@pytest.mark.parametrize("word", ["aes", "un", "2025", "50"])
def test_short_words_and_figures_are_their_own_stem(word: str) -> None:
    assert stem(word, "en") == stem(word, "fr") == word


@given(any_text | pieces)
@example("@HEREHTTP://0")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(any_text | pieces)
def test_what_is_normalised_is_safe_and_one_line(text: str) -> None:
    plain = normalise(text)
    assert plain == plain.strip()
    assert len(plain.splitlines()) <= 1
    assert "invisible" not in (unsafe_text(plain) or "")


@given(any_text | pieces)
def test_every_word_has_its_typed_form_beside_it(text: str) -> None:
    for line in (text, normalise(text)):
        assert [fold(word) for word in cased_words(line)] == [fold(word) for word in cased_words(line) if word]
        assert len(words(line)) == len(cased_words(line))


@given(any_text | pieces)
def test_case_does_not_change_the_words_of_plain_letters(text: str) -> None:
    letters = "".join(c for c in normalise(text) if c.isascii())
    assert words(letters.upper()) == words(letters.lower())


@given(st.integers(1_000, 10**12), st.sampled_from(",. \u00a0\u202f"))
def test_any_grouped_figure_is_the_bare_figure(number: int, separator: str) -> None:
    assert words(f"{number:,}".replace(",", separator)) == [str(number)]


@given(st.text(st.characters(categories=["Ll", "Nd"]), max_size=20))
def test_stemming_never_fails(word: str) -> None:
    assert isinstance(stem(word, "en") + stem(word, "fr"), str)


@given(any_text | pieces | st.sampled_from(["<!channel>", "#a\u200db", "x](https:y", "@everyone <@U1>"]))
def test_what_comes_from_outside_can_be_put_on_a_card(text: str) -> None:
    assert unsafe_text(harmless(text)) is None


def test_a_plain_name_from_outside_stays_as_it_is() -> None:
    assert harmless("#newsroom-été") == "#newsroom-été"
    assert harmless("channel_not_found") == "channel_not_found"
