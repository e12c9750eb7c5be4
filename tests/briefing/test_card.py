from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.briefing.card import Card, CardKind, Item, Line, Role, as_json, plain

UNSAFE = ["@everyone", "<@U1>", "<!here>", "a\nb", "\x1b[31m", "a\u202eb", "a\u200bb", "[x](https://example.org)"]

BUILDERS: list[Callable[[str], object]] = [
    Line,
    lambda text: Item(text, "RFI", "reported", ("f",)),
    lambda text: Item("It rained.", text, "reported", ("f",)),
    lambda text: Item("It rained.", "RFI", text, ("f",)),
    lambda text: Item("It rained.", "RFI", "reported", ("f",), text),
    lambda text: Card(CardKind.ANSWER, "en", (), text),
    lambda text: Card(CardKind.ANSWER, "en", (), "", (text,)),
    lambda text: Card(CardKind.ANSWER, "en", (), "", ("why?",), text),
]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("text", UNSAFE)
def test_no_part_of_a_card_takes_unsafe_text(build: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match="a card cannot show"):
        build(f"before {text} after")


@pytest.mark.parametrize("build", BUILDERS)
def test_every_part_takes_plain_text(build: Callable[[str], object]) -> None:
    assert build("« L'armée », 5,000 *men* & <1 day") is not None


def test_a_statement_without_a_source_cannot_be_built() -> None:
    with pytest.raises(ValueError, match=r"'It rained.' has no source"):
        Item("It rained.", "", "reported", ("f",))


@given(st.text(st.characters(codec=None), max_size=30))
def test_whatever_a_card_takes_prints_on_one_line(text: str) -> None:
    try:
        line = Line(text)
    except ValueError:
        return
    assert "\n" not in plain(Card(CardKind.ANSWER, "en", (line,)))


CARD = Card(
    CardKind.ANSWER,
    "en",
    (
        Line("Reports differ.", Role.HEADLINE),
        Item("It rained.", "RFI", "reported", ("rain",), lead=True),
        Line("On the weather", Role.HEADING),
        Item("It snowed.", "AFP, via A", "alleged, disputed", ("snow", "ice"), "1 March"),
        Line("As of 2 March.", Role.NOTE),
    ),
    "Weather",
    ("will it rain?", "why?"),
    "Ask on:",
)


def test_plain_text_has_every_part_in_reading_order() -> None:
    assert plain(CARD) == (
        "Weather\n"
        "Reports differ.\n"
        "It rained. — RFI (reported)\n"
        "\n"
        "On the weather\n"
        "• 1 March: It snowed. — AFP, via A (alleged, disputed)\n"
        "As of 2 March.\n"
        "\n"
        "Ask on:\n"
        "  will it rain?\n"
        "  why?"
    )


def test_plain_text_can_leave_the_suggestions_out() -> None:
    assert plain(CARD, suggestions=False).splitlines()[-1] == "As of 2 March."
    assert "rain?" not in plain(CARD, suggestions=False)


def test_a_card_without_anything_is_empty_text() -> None:
    assert plain(Card(CardKind.ANSWER, "en", ())) == ""


def test_the_statements_of_a_card_are_its_items() -> None:
    assert [item.facts for item in CARD.items] == [("rain",), ("snow", "ice")]


def test_a_card_as_plain_values_holds_the_same() -> None:
    found = as_json(CARD)
    assert json.loads(json.dumps(found)) == found
    assert found["blocks"][0] == {"line": "Reports differ.", "role": "headline"}
    assert found["blocks"][3] == {
        "statement": "It snowed.",
        "sources": "AFP, via A",
        "status": "alleged, disputed",
        "facts": ["snow", "ice"],
        "label": "1 March",
    }
    del found["blocks"]
    assert found == {
        "kind": "answer",
        "language": "en",
        "title": "Weather",
        "text": plain(CARD, suggestions=False),
        "suggestions": ["will it rain?", "why?"],
        "suggestions_title": CARD.suggestions_title,
    }
