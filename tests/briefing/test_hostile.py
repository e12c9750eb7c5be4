from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.briefing.answer import Answer, Outcome
from bot.briefing.card import plain
from bot.briefing.text import LONGEST_QUESTION
from bot.desk import Desk
from bot.facts.model import LANGUAGES, Language
from bot.facts.text import fold, unsafe_text
from tests.conftest import by_words, real_desk
from tests.newsroom import asking

MARK = "Zqxjk7v"  # stands in no fact, so that it is in an answer only as an echo

SYNTAX = [
    "@everyone", "<@U12345>", "<!here>", "<#C1|general>", "<https://example.org|x>", "[x](https://example.org)", "```",
    "**", "~~", "||", "&lt;", "<script>", "\x00", "\x1b[31m", "\r\n", "\t", "\u202e", "\u200d", "\ufeff", "\ud800",
    "👩‍👩‍👧", "🇲🇱", "e\u0301", "ﷺ", "%s", "{date}", "{0}", "$(id)", "'; drop table", "\\", "١٢٣", "5,000", "1" * 300,
    "who", "what", "when", "where", "why", "how many", "is", "he", "she", "it", "the other", "and", "or", "not", "?",
    "qui", "que", "quand", "où", "pourquoi", "combien", "est-ce que", "il", "elle", "l'autre", "et", "ou", "ne pas",
    "according to", "selon", "said", "a dit", "the general", "the coup", "former prime minister", "number", "date de",
]  # fmt: skip


def names() -> list[str]:
    entities = real_desk().store.entities.values()
    return [name for e in entities for name in (*e.aliases, *e.shared_aliases, e.name.en, e.name.fr)]


def questions() -> list[str]:
    store = real_desk().store
    asks = [fact.asks for fact in store.current] + [dispute.asks for dispute in store.disputes.values()]
    return [question for ask in asks for language in LANGUAGES for question in ask.in_(language)]


known = st.deferred(lambda: st.sampled_from(names()) | st.sampled_from(questions()))
pieces = st.sampled_from(SYNTAX) | known | st.text(max_size=6)
mixtures = st.builds(str.join, st.sampled_from(["", " ", ", ", "? "]), st.lists(pieces, max_size=12))
follow_ups = st.sampled_from(
    ["why?", "when?", "and her?", "who says so?", "how many?", "quand ?", "et lui ?", "selon qui ?"]
)
anything = st.text(st.characters(codec=None), max_size=200) | mixtures
# One in eight is read by the cross-encoder, which takes as long as a hundred by words.
desks = st.deferred(lambda: st.sampled_from([by_words()] * 7 + [real_desk()]))
many = settings(max_examples=100)


def check(desk: Desk, answer: Answer) -> None:
    """What holds of every answer, whatever was asked."""
    assert answer.outcome in Outcome
    assert (answer.outcome is Outcome.ANSWERED) == bool(answer.facts)
    assert answer.text
    shown = plain(answer.card).splitlines()
    assert [line for line in shown if unsafe_text(line)] == []
    assert all(item.sources and item.status for item in answer.card.items)
    assert 0 <= answer.confidence <= 1
    found = json.loads(json.dumps(answer.as_json(desk.store)))
    assert found["text"] == answer.text


@many
@given(desks, anything)
@example(real_desk(), "the general the general")
@example(real_desk(), "former prime minister Maiga the coup, the coup and the general?")
@example(real_desk(), "Sagara brigadier general")
def test_any_text_gets_a_safe_answer(desk: Desk, text: str) -> None:
    check(desk, desk.ask(text, asking()))


@many
@given(desks, st.lists(mixtures | known | follow_ups, min_size=2, max_size=4), st.sampled_from([*LANGUAGES, None]))
def test_any_talk_gets_safe_answers(desk: Desk, texts: list[str], language: Language | None) -> None:
    for text in texts:
        check(desk, desk.ask(text, asking(language, thread=f"talk {texts}")))


@many
@given(desks, anything, anything)
def test_what_was_typed_is_never_repeated(desk: Desk, before: str, after: str) -> None:
    for text in (f"{before} {MARK} {after}", f"{before}<{MARK}>{after}", f"{before}@{MARK}{after}"):
        answer = desk.ask(text, asking())
        for card in (answer.card, desk.brief(text, asking()).card):
            assert fold(MARK) not in fold(plain(card))
        assert fold(MARK) not in fold(json.dumps({**answer.as_json(desk.store), "question": ""}))


@settings(max_examples=20)
@given(anything.filter(bool), st.integers(0, 30_000))
def test_a_text_is_read_up_to_the_limit_and_turned_down_beyond_it(desk: Desk, text: str, more: int) -> None:
    for size in (LONGEST_QUESTION, LONGEST_QUESTION + 1 + more):
        answer = desk.ask((text * (size // len(text) + 1))[:size], asking("en"))
        check(desk, answer)
        assert (str(LONGEST_QUESTION) in answer.headline) is (size > LONGEST_QUESTION)


@many
@given(
    desks,
    st.sampled_from(["who", "define", "timeline", "disputes", "sources", "stories", "fact", "help", "qui"]),
    anything,
)
def test_any_line_at_the_desk_gets_a_safe_card(desk: Desk, command: str, rest: str) -> None:
    for line in (f"{command} {rest}", rest, command):
        card = desk.brief(line, asking()).card
        assert plain(card)
        assert [text for text in plain(card).splitlines() if unsafe_text(text)] == []


@pytest.mark.parametrize("name", SYNTAX)
def test_any_name_gets_a_safe_profile_or_none(desk: Desk, name: str) -> None:
    for text in (name, f"{name} {MARK}", f"Goita {name}"):
        shown = plain(desk.who(text, asking()))
        assert shown
        assert MARK not in shown


@pytest.mark.parametrize(
    "text", ["did Tom Brook pay Brook?", "Brook, Tom Brook", "Tom Brook and Brook and Lena Brook", "Brook Brook Brook?"]
)
def test_a_full_name_beside_the_name_that_it_shares_does_no_harm(small: Desk, text: str) -> None:
    check(small, small.ask(text, asking()))
    check(small, small.ask(text, asking(thread=text)))
    check(small, small.ask("and the other Brook?", asking(thread=text)))
