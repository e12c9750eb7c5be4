"""Hostile text comes out harmless on every surface, and no card is over a limit or loses anything silently."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from discord import ui
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.adapters.discord.controls import LONGEST_ID, reply_frame
from bot.adapters.discord.layout import LETTER_ROOM, Frame, pages, view_of
from bot.adapters.discord.text import cut, escape, pieces, unescape, visible
from bot.briefing.card import Card, CardKind, Item, Line, Role
from bot.briefing.text import quoted
from bot.desk import Reply
from bot.facts.text import unsafe_text
from tests.adapters.discord.newsdesk import Newsdesk, walk, words
from tests.seedfolder import both, raise_revision

HOSTILE = [
    "@everyone what is new?",
    "@here and <@123> and <@&456> and <#789>, what is new?",
    "[the ferry](https://evil.example) what is new?",
    "<https://evil.example> https://evil.example what is new?",
    "**what** __is__ ~~new~~ ||here|| `now` ```py\nx```?",
    "# what is new\n> quoted\n- list\n1. one?",
    "what is <t:0:R> </brief:1> <:a:1> <id:home> new?",
    "wh\u200bat is \u202eweN\u202c \u2066hidden\u2069 \ufeffnew?",
    "what is new ﷽" + "Z" + "\u0301" * 40 + "?",
]
# What Discord would act on, where no backslash stands before it.
LIVE = re.compile(
    r"(?<!\\)(?:@(?:everyone|here)|<(?:[@#:/]|@&|id:)|\]\(|https?://|\*\*what|__is|~~new|\|\|here|`now|```|^# |^> )",
    re.MULTILINE,
)


def sent_texts(news: Newsdesk) -> list[str]:
    """Every text that was sent to Discord since the bot came up."""
    found: list[str] = []
    for _, path, body in news.bodies:
        data = body.get("data", body) if isinstance(body, dict) else {}
        if not isinstance(data, dict) or "commands" in path:
            continue
        found += [part["content"] for part in walk(data.get("components")) if part.get("type") == 10]
        found.append(data.get("content") or "")
    return found


def harmless(news: Newsdesk) -> None:
    """What holds of everything that was sent."""
    for text in sent_texts(news):
        assert not LIVE.search(text), text
        assert not unsafe_text(visible(text)) or "\\" in text, text
        assert not any(mark in text for mark in "\u200b\u202e\u202c\u2066\u2069\ufeff"), text
    for _, path, body in news.bodies:
        data = body.get("data", body) if isinstance(body, dict) else {}
        if isinstance(data, dict) and data.get("components") and "custom_id" not in data:
            assert data.get("allowed_mentions", {}).get("parse") == [], (path, data.keys())


@pytest.mark.parametrize("text", HOSTILE)
async def test_as_a_question_on_every_surface(news: Newsdesk, text: str) -> None:
    await news.ann.slash(news.channel, "brief answers", seen="public")
    await news.bob.slash(news.channel, "brief ask", question=text)
    message = await news.cid.send(news.channel, text)
    await news.bob.context_menu(news.channel, "Brief me on this", message)
    await news.bob.user.send_dm(text)
    assert news.guild.me is not None
    await news.bob.send(news.channel, f"{news.guild.me.mention} {text}")
    await news.bob.slash(news.channel, "brief who", name=text[:100])
    await news.bob.slash(news.channel, "brief digest change", wish=text[:100])
    harmless(news)


@pytest.mark.parametrize("text", HOSTILE)
async def test_as_a_flags_reason_and_back_to_its_reader(news: Newsdesk, text: str) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question="what does the ferry cost?")
    assert asked.response is not None
    form = await news.bob.click(asked.response, label="Flag")
    await news.bob.submit_modal(form, {"reason": "wrong", "note": text})
    await news.bob.slash(news.channel, "brief ask", question=text)
    await news.eve.autocomplete(news.channel, "newsdesk queue", "entry", "")
    await news.eve.slash(news.channel, "newsdesk queue")
    await news.eve.slash(news.channel, "newsdesk queue", entry="f1")
    await news.eve.slash(news.channel, "newsdesk answer", entry="f1", fact="ferry-fare")
    told = await news.bob.slash(news.channel, "brief help")
    assert told.followups
    harmless(news)


@pytest.mark.parametrize(
    "text",
    [
        "The ferry *costs* __5__ crowns ||now|| `x` ~~y~~.",
        "# The ferry costs 5 crowns.",
        "- The ferry costs 5 crowns, see https://example.org/fares.",
        "> The ferry [costs] 5 crowns (1. now) a_b_c.",
    ],
)
async def test_as_the_text_of_a_fact(news: Newsdesk, text: str) -> None:
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both(text))
    await news.world.reload()
    asked = await news.bob.slash(news.channel, "brief ask", question="what does the ferry cost?")
    assert asked.response is not None
    assert visible(unescape(words(asked.response))).replace("**", "").find(text) >= 0
    harmless(news)


async def test_a_name_of_a_person_is_escaped_where_they_share(news: Newsdesk) -> None:
    evil = news.guild.add_member(news.env.create_user("evil", global_name="**@everyone** <@1>"))
    asked = await evil.slash(news.channel, "brief ask", question="what does the ferry cost?")
    assert asked.response is not None
    await evil.click(asked.response, label="Share in channel")
    harmless(news)


# Any card.

anything = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Zl", "Zp"]), max_size=400)
tricky = st.sampled_from(
    ["*", "_", "`" * 5, "||", "[a](b)", "# x", "1. y", "- z", "> q", "\\", "a" * 900, "é" * 300, ":// "]
)
texts = (
    st.builds("".join, st.lists(anything | tricky, min_size=1, max_size=4))
    .map(lambda text: quoted(text) or "x")
    .filter(lambda text: unsafe_text(text) is None)
)
lines = st.builds(Line, texts, st.sampled_from(Role))
statuses = st.sampled_from(["reported", "confirmed, disputed"])
items = st.builds(Item, texts, texts, statuses, st.just(()), st.just("") | texts, st.booleans())
cards = st.builds(
    Card,
    st.sampled_from(CardKind),
    st.sampled_from(["en", "fr"]),
    st.lists(lines | items, max_size=25).map(tuple),
    st.just("") | texts,
    st.lists(texts, max_size=30).map(tuple),
    st.just("") | texts,
)


def parts_of(view: ui.LayoutView) -> Any:
    """A message's components as they are sent."""
    return view.to_components()  # type: ignore[no-untyped-call]


def flat(text: str) -> str:
    """Letters and figures alone: what must not get lost."""
    return "".join(character for character in text if character.isalnum())


def checked(payload: dict[str, Any] | list[Any]) -> str:
    """The text of a message, after a look at every limit of Discord's."""
    parts = list(walk(payload))
    shown = [part["content"] for part in parts if part.get("type") == 10]
    assert len(parts) <= 40
    assert sum(map(len, shown)) <= 4_000
    assert all(shown)
    for part in parts:
        assert len(part.get("custom_id", "")) <= LONGEST_ID
        assert part.get("type") != 2 or 0 < len(part["label"]) <= 80
        assert part.get("type") != 1 or 0 < len(part["components"]) <= 5
        for option in part.get("options", ()):
            assert 0 < len(option["label"]) <= 100
            assert 0 < len(option["value"]) <= 100
        assert len(part.get("options", ())) <= 25
        assert len(part.get("placeholder") or "") <= 150
    return "\n".join(shown)


def told(card: Card) -> str:
    """All that a card says, in the order in which it is shown."""
    parts = [card.title]
    for block in card.blocks:
        if isinstance(block, Item):
            parts += [block.label, block.text, block.sources, block.status]
        else:
            parts.append(block.text)
    return flat(" ".join(parts))


@settings(max_examples=80)
@given(cards, st.sampled_from([1_800, LETTER_ROOM]))
@example(Card(CardKind.TIMELINE, "en", tuple(Line("*" * 600) for _ in range(8)), "_" * 600), 1_800)
def test_every_page_is_within_the_limits_and_nothing_is_lost(card: Card, room: int) -> None:
    made = pages(card, room)
    whole = told(card)
    if long := [question for question in card.suggestions if len(question) > 100]:
        whole += flat(card.suggestions_title + " ".join(long))
    paged = ""
    for number, page in enumerate(made, 1):
        around = Frame("q" * 300, "n" * 90, "AAAA-BBBB")
        frame = reply_frame(Reply(page), (number, len(made), "~0000000000000000"), None, around)
        shown = checked(parts_of(view_of(page, frame)))
        assert told(page) in flat(shown)
        without_note = replace(page, blocks=page.blocks[:-1]) if len(made) > 1 else page
        without_title = replace(without_note, title="" if number > 1 else without_note.title)
        paged += told(without_title)
    assert paged == whole


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_what_is_escaped_reads_as_the_text_and_holds_no_live_sign(text: str) -> None:
    safe = escape(text)
    assert unescape(safe) == visible(text) or "\\" in text
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]@]", safe)
    assert "://" not in re.sub(r"\\://", "", safe) or not re.search(r"[A-Za-z]://", safe)


@given(st.text(max_size=2_000), st.integers(2, 50))
def test_a_text_in_pieces_is_the_text(text: str, most: int) -> None:
    found = pieces(text, most)
    assert all(len(part) <= most for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert len(cut(text, most)) <= most
