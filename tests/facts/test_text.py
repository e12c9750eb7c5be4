from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.facts.text import Id, Text, fold, long_quotation, unsafe_text, without_quotations

TEXT: TypeAdapter[str] = TypeAdapter(Text)
ID: TypeAdapter[str] = TypeAdapter(Id)

EIGHT = "one two three four five six seven eight"
NINE = f"{EIGHT} nine"

invisible = st.characters(categories=["Cc", "Cf", "Co", "Cs", "Zl", "Zp"])
any_text = st.text(st.characters(codec=None), max_size=40)
harmless = st.text(st.characters(categories=["L", "N"], include_characters=" .,;!?'’-"), max_size=60)


@pytest.mark.parametrize(
    "text",
    [
        "@everyone look",
        "Look, @HERE now",
        "call @channel",
        "<@U12345>",
        "<@!80351110224678912>",
        "<@&165511591545143296>",
        "<#C024BE7LR>",
        "<!here>",
        "<!subteam^SAZ94GDB8>",
        "<:smile:12345>",
        "<a:wave:12345>",
        "</help:12345>",
        "<t:1618953630:R>",
        "<https://example.org>",
        "<https://example.org|a link>",
        "<mailto:a@example.org>",
        "a [link](https://example.org)",
        "a [link](HTTP://example.org)",
        "a [link](<https://example.org>)",
    ],
)
def test_mentions_and_links_are_refused(text: str) -> None:
    assert "mention or link" in (unsafe_text(text) or "")
    with pytest.raises(ValidationError, match="plain words"):
        TEXT.validate_python(text)


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "U+0000"),
        ("\x1b", "U+001B"),
        ("\n", "U+000A"),
        ("\t", "U+0009"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\u00ad", "U+00AD"),
        ("\u200b", "U+200B"),
        ("\u200d", "U+200D"),
        ("\u200e", "U+200E"),
        ("\u202e", "U+202E"),
        ("\u2066", "U+2066"),
        ("\u2028", "U+2028"),
        ("\u2029", "U+2029"),
        ("\ufeff", "U+FEFF"),
        ("\ue000", "U+E000"),
        ("\ud800", "U+D800"),
        ("\U000e0041", "U+E0041"),
    ],
)
def test_an_invisible_character_is_refused_by_name(character: str, name: str) -> None:
    assert name in (unsafe_text(f"a{character}b") or "")


@pytest.mark.parametrize(
    "text",
    [
        "Goïta a dit « non » à l’armée.",
        "« Non » : l'armée",
        "At 3 < 4 and 5 > 4.",
        "A & B, 50% of [them] (so far)",
        "write to press@example.org",
        "everyone is here",
        "مالي 🇲🇱 中文",
    ],
)
def test_plain_sentences_pass(text: str) -> None:
    assert unsafe_text(text) is None
    assert TEXT.validate_python(text) == text


@given(any_text, invisible, any_text)
def test_an_invisible_character_is_refused_wherever_it_stands(before: str, character: str, after: str) -> None:
    assert unsafe_text(before + character + after) is not None


@given(st.text(max_size=20), invisible.filter(lambda c: unicodedata.category(c) != "Cs"), st.text(max_size=20))
def test_no_field_takes_an_invisible_character(before: str, character: str, after: str) -> None:
    with pytest.raises(ValidationError):
        TEXT.validate_python(f"a{before}{character}{after}b")


@given(any_text)
def test_what_a_field_takes_is_safe(text: str) -> None:
    try:
        taken = TEXT.validate_python(text)
    except ValidationError:
        return
    assert unsafe_text(taken) is None
    assert taken == taken.strip()
    assert taken


@given(harmless)
def test_words_and_stops_are_never_refused(text: str) -> None:
    assert unsafe_text(text) is None


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_field_is_not_left_blank(text: str) -> None:
    with pytest.raises(ValidationError):
        TEXT.validate_python(text)


def test_blanks_around_a_text_are_dropped() -> None:
    assert TEXT.validate_python("  as a folded block ends\n") == "as a folded block ends"


def test_six_hundred_characters_are_the_most() -> None:
    assert TEXT.validate_python("x" * 600)
    with pytest.raises(ValidationError, match="600"):
        TEXT.validate_python("x" * 601)


@pytest.mark.parametrize(
    "text",
    [
        f"He said “{NINE}” today.",
        f"Il a dit « {NINE} » hier.",
        f"Il a dit «\u00a0{NINE}\u00a0» hier.",
        f"Il a dit «{NINE}» hier.",
        f"He said “short” and “{NINE}”.",
    ],
)
def test_a_quotation_of_nine_words_is_too_long(text: str) -> None:
    assert (long_quotation(text) or "").split() == NINE.split()
    with pytest.raises(ValidationError, match="longer than 8 words"):
        TEXT.validate_python(text)


@pytest.mark.parametrize(
    "text", [f"He said “{EIGHT}” today.", f"Il a dit « {EIGHT} » hier.", f"“{EIGHT}” then “{EIGHT}”", NINE]
)
def test_eight_words_or_no_quotation_pass(text: str) -> None:
    assert long_quotation(text) is None
    assert TEXT.validate_python(text) == text


@pytest.mark.parametrize(
    ("text", "own"),
    [("He was “a thug” then", "He was   then"), ("le « régime » dit", "le   dit"), ("no quotation", "no quotation")],
)
def test_our_own_voice_is_what_stands_outside_quotations(text: str, own: str) -> None:
    assert without_quotations(text) == own


@pytest.mark.parametrize("spelling", ["Goïta", "GOÏTA", "goita", "Goi\u0308ta"])
def test_names_are_compared_without_case_and_diacritics(spelling: str) -> None:
    assert fold(spelling) == "goita"


@pytest.mark.parametrize("text", ["a", "7", "strike-began", "a" * 60])
def test_ids_are_lower_case_letters_digits_and_hyphens(text: str) -> None:
    assert ID.validate_python(text) == text


@pytest.mark.parametrize("text", ["", "-a", "A", "a_b", "a b", "a.b", "../a", "é", "a" * 61, "a\n"])
def test_anything_else_is_no_id(text: str) -> None:
    with pytest.raises(ValidationError):
        ID.validate_python(text)
