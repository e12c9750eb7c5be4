from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.briefing.answer import Answer, Outcome
from bot.briefing.card import plain
from bot.briefing.text import LONGEST_QUESTION
from bot.desk import Desk
from bot.facts.load import load_store
from bot.facts.text import fold, unsafe_text
from tests.conftest import ROOT
from tests.newsroom import asking

MARK = "Zqxjk7v"  # stands in no fact, so that it is in an answer only as an echo

DESK = Desk(load_store(ROOT / "seeds"))
NAMES = [name for e in DESK.store.entities.values() for name in (*e.aliases, *e.shared_aliases, e.name.en, e.name.fr)]
ASKS = [ask for unit in (*DESK.store.current, *DESK.store.disputes.values()) for ask in (*unit.asks.en, *unit.asks.fr)]
SYNTAX = [
    "@everyone", "<@U12345>", "<!here>", "<#C1|general>", "<https://example.org|x>", "[x](https://example.org)", "```",
    "**", "~~", "||", "&lt;", "<script>", "\x00", "\x1b[31m", "\r\n", "\t", "\u202e", "\u200d", "\ufeff", "\ud800",
    "👩‍👩‍👧", "🇲🇱", "e\u0301", "ﷺ", "%s", "{date}", "{0}", "$(id)", "'; drop table", "\\", "١٢٣", "5,000", "1" * 300,
    "who", "what", "when", "where", "why", "how many", "is", "he", "she", "it", "the other", "and", "or", "not", "?",
    "qui", "que", "quand", "où", "pourquoi", "combien", "est-ce que", "il", "elle", "l'autre", "et", "ou", "ne pas",
    "according to", "selon", "said", "a dit", "the general", "the coup", "former prime minister", "number of", "date de",
]  # fmt: skip

pieces = st.sampled_from(SYNTAX) | st.sampled_from(NAMES) | st.sampled_from(ASKS) | st.text(max_size=6)
mixtures = st.tuples(st.sampled_from(["", " ", ", ", "? "]), st.lists(pieces, max_size=12)).map(
    lambda p: p[0].join(p[1])
)
anything = st.text(st.characters(codec=None), max_size=200) | mixtures
settings_ = settings(max_examples=250)


def check(answer: Answer) -> None:
    """What holds of every answer, whatever was asked."""
    assert answer.outcome in Outcome
    assert (answer.outcome is Outcome.ANSWERED) == bool(answer.facts)
    assert answer.text
    shown = plain(answer.card).splitlines()
    assert [line for line in shown if unsafe_text(line)] == []
    assert all(item.sources and item.status for item in answer.card.items)
    assert 0 <= answer.confidence <= 1
    found = json.loads(json.dumps(answer.as_json(DESK.store)))
    assert found["text"] == answer.text


@settings_
@given(anything)
@example("the general the general")
@example("former prime minister Maiga the coup, the coup and the general?")
@example("Sagara brigadier general")
def test_any_text_gets_a_safe_answer(text: str) -> None:
    check(DESK.ask(text, asking()))


@settings_
@given(st.lists(mixtures, min_size=2, max_size=4), st.sampled_from(["en", "fr", None]))
def test_any_talk_gets_safe_answers(texts: list[str], language: object) -> None:
    assert language in ("en", "fr", None)
    desk_now = asking(language, thread=f"talk {texts}")  # type: ignore[arg-type]
    for text in texts:
        check(DESK.ask(text, desk_now))


@settings_
@given(anything, anything)
def test_what_was_typed_is_never_repeated(before: str, after: str) -> None:
    for text in (f"{before} {MARK} {after}", f"{before}<{MARK}>{after}", f"{before}@{MARK}{after}"):
        answer = DESK.ask(text, asking())
        for line in DESK.handle(text, asking()).card, answer.card:
            assert fold(MARK) not in fold(plain(line))
        assert fold(MARK) not in fold(json.dumps({**answer.as_json(DESK.store), "question": ""}))


@settings(max_examples=40)
@given(anything.filter(bool), st.integers(0, 30_000))
def test_a_text_is_read_up_to_the_limit_and_turned_down_beyond_it(text: str, more: int) -> None:
    for size in (LONGEST_QUESTION, LONGEST_QUESTION + 1 + more):
        answer = DESK.ask((text * (size // len(text) + 1))[:size], asking("en"))
        check(answer)
        assert (str(LONGEST_QUESTION) in answer.headline) is (size > LONGEST_QUESTION)


@settings_
@given(
    st.sampled_from(["who", "define", "timeline", "disputes", "sources", "stories", "fact", "help", "qui", ""]),
    anything,
)
def test_any_line_at_the_desk_gets_a_safe_card(command: str, rest: str) -> None:
    for line in (f"{command} {rest}", rest, command):
        card = DESK.handle(line, asking()).card
        assert plain(card)
        assert [text for text in plain(card).splitlines() if unsafe_text(text)] == []


@pytest.mark.parametrize("name", SYNTAX)
def test_any_name_gets_a_safe_profile_or_none(name: str) -> None:
    for text in (name, f"{name} {MARK}", f"Goita {name}"):
        shown = plain(DESK.who(text, asking()))
        assert shown
        assert MARK not in shown
