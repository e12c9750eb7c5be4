"""Random cards, and what Slack would refuse of a message."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.briefing.card import Block, Card, CardKind, Item, Line, Role
from bot.facts.text import unsafe_text

NASTY = "&<>*_~`:|!@# \u00e9\u4e2d\U0001f600"


def texts(longest: int, shortest: int = 0) -> st.SearchStrategy[str]:
    characters = st.one_of(st.sampled_from(NASTY), st.characters(min_codepoint=32, max_codepoint=0x2FFF))
    return st.text(characters, min_size=shortest, max_size=longest).filter(lambda text: unsafe_text(text) is None)


def lengthened(text: str, times: int) -> str:
    return " ".join([text] * times) if unsafe_text(" ".join([text] * times)) is None else text


long_texts = st.builds(lengthened, texts(60, 1), st.integers(1, 25))
moments = st.just(datetime(2025, 3, 1, 8, tzinfo=UTC))
lines = st.builds(Line, long_texts, st.sampled_from(Role), st.one_of(st.none(), moments))
items = st.builds(Item, long_texts, texts(80, 1), texts(30), st.just(("a-fact",)), texts(30), st.booleans())
tiny = st.builds(Line, texts(2), st.sampled_from(Role))
blocks: st.SearchStrategy[Block] = st.one_of(lines, items)
cards = st.builds(
    Card,
    st.sampled_from(CardKind),
    st.sampled_from(["en", "fr"]),
    st.one_of(st.lists(blocks, max_size=45), st.lists(tiny, max_size=150)).map(tuple),
    texts(300),
    st.lists(texts(200, 1), max_size=12).map(tuple),
    texts(60),
)


def strings(value: Any) -> list[str]:
    """Every text that a reader sees in blocks."""
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for key, one in value.items() if not isinstance(one, str) for text in strings(one)]
    return []
