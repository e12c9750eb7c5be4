from __future__ import annotations

import html
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.slack.controls import digest_rows, reply_frame
from bot.adapters.slack.layout import Frame, message_of, pages
from bot.adapters.slack.text import escape, unescape
from bot.briefing.card import Card, CardKind, Item, Line, Role, plain
from bot.desk import Desk, Reply
from bot.digest.places import Place, Visibility
from bot.digest.sightings import Showing
from tests.adapters.slack.cards import cards, strings, texts
from tests.adapters.slack.limits import refused
from tests.newsroom import NOW, asking

PLACE = Place("slack", "T1", "C1")


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(cards, texts(400), texts(100))
def test_every_page_of_every_card_is_within_slacks_limits(card: Card, question: str, asker: str) -> None:
    made = pages(card)
    showing = Showing(PLACE, None, Visibility.PRIVATE, (), NOW)
    for number, page in enumerate(made, 1):
        reply = Reply(page, visibility=Visibility.PRIVATE, showing=showing)
        frame = reply_frame(reply, (number, len(made), "timeline x"), PLACE, "1.2", Frame(question, asker, "ABCD-EFGH"))
        message = message_of(page, frame)
        assert refused(message.payload()) == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(cards)
def test_nothing_is_lost_between_the_pages(card: Card) -> None:
    shown = squeezed("".join(text for page in pages(card) for text in strings(message_of(page).payload()["blocks"])))
    for block in card.blocks:
        if isinstance(block, Line) and block.at is None:
            assert squeezed(block.text) in shown
        elif isinstance(block, Item):
            assert squeezed(block.sources) in shown


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(cards)
def test_the_plain_text_is_the_whole_card_escaped_once(card: Card) -> None:
    for page in pages(card):
        if any(isinstance(block, Line) and block.at for block in page.blocks) or not plain(page):
            continue
        assert unescape(message_of(page).text) == plain(page)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(cards)
def test_a_card_that_was_not_paged_still_fits(card: Card) -> None:
    assert refused(message_of(card).payload()) == []


@given(st.text())
def test_escaping_is_undone_by_unescaping(text: str) -> None:
    assert unescape(escape(text)) == text == html.unescape(escape(text)) or "&" in text


def test_a_cut_says_so_and_the_next_page_goes_on() -> None:
    items = tuple(Item(f"Statement {n} " + "word " * 60, "RFI", "reported", ("f",)) for n in range(30))
    made = pages(Card(CardKind.TIMELINE, "en", items, "Timeline"))
    assert len(made) > 2
    assert f"Page 1 of {len(made)}." in message_of(made[0]).text
    assert all(f"Statement {n} " in "".join(message_of(page).text for page in made) for n in range(30))


@pytest.mark.parametrize(("language", "between"), [("en", "at"), ("fr", "à")])
def test_a_moment_is_shown_in_the_readers_own_zone_too(language: str, between: str) -> None:
    line = Line("Next: 13 March at 09:00 & on.", Role.NOTE, datetime(2025, 3, 13, 8, tzinfo=UTC))
    message = message_of(Card(CardKind.NOTICE, language, (line,)))
    link = f"<!date^1741852800^{{date_short_pretty}} {between} {{time}}|2025-03-13 08:00 UTC>"
    assert message.text == f"Next: 13 March at 09:00 &amp; on. ({link})"
    assert strings(message.payload()["blocks"]) == [message.text]
    assert refused(message.payload()) == []


def test_signs_that_slack_acts_on_are_shown_as_they_are() -> None:
    card = Card(CardKind.ANSWER, "en", (Item("A & B < C *not bold*", "R&D", "reported", ("f",), lead=True),), "Q&A")
    payload = message_of(card).payload()
    assert payload["text"] == "Q&amp;A\nA &amp; B &lt; C *not bold* — R&amp;D (reported)"
    assert strings(payload["blocks"]) == ["Q&A", "A & B < C *not bold*", "\nR&D · reported"]
    assert all(part["type"] != "mrkdwn" for part in payload["blocks"])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("line", ["help", "stories", "timeline", "disputes", "sources", "who Goita"])
def test_the_real_cards_fit(desk: Desk, language: str, line: str) -> None:
    reply = desk.brief(line, asking(default="fr" if language == "fr" else "en"))
    for page in pages(reply.card):
        message = message_of(page, Frame(rows=digest_rows(page, 7)))
        assert refused(message.payload()) == []
        assert unescape(message.text) == plain(page)
