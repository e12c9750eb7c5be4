from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.briefing.answer import Outcome
from bot.briefing.card import Card, CardKind, plain
from bot.desk import COMMANDS, Asking, Desk
from bot.facts.model import Language
from tests.newsroom import STORY, asking


def command(desk: Desk, line: str, language: Language | None = None, story: str | None = None) -> Card | None:
    """The card of a line that is a command; None: it was taken for a question."""
    reply = desk.brief(line, asking(language, story=story))
    return reply.card if reply.answer is None else None


@pytest.mark.parametrize(
    ("line", "kind", "title"),
    [
        ("who Goita", CardKind.PROFILE, "Assimi Goïta"),
        ("who goïta", CardKind.PROFILE, "Assimi Goïta"),
        ("WHO GOITA", CardKind.PROFILE, "Assimi Goïta"),
        ("  who   Goita  ", CardKind.PROFILE, "Assimi Goïta"),
        ("who assimi-goita", CardKind.PROFILE, "Assimi Goïta"),
        ("qui Goita", CardKind.PROFILE, "Assimi Goïta"),
        ("define AES", CardKind.PROFILE, "Alliance of Sahel States"),
        ("define the AES", CardKind.PROFILE, "Alliance of Sahel States"),
        ("définir AES", CardKind.PROFILE, "Alliance of Sahel States"),
        ("timeline", CardKind.TIMELINE, "Timeline: "),
        ("Timeline mali-arrests", CardKind.TIMELINE, "Timeline: "),
        ("timeline mali", CardKind.TIMELINE, "Timeline: "),
        ("chronologie mali", CardKind.TIMELINE, "Timeline: "),
        ("disputes", CardKind.DISPUTES, "Where sources differ: "),
        ("disputes mali", CardKind.DISPUTES, "Where sources differ: "),
        ("disputes Mali", CardKind.DISPUTES, "Where sources differ: "),
        ("désaccords mali", CardKind.DISPUTES, "Where sources differ: "),
        ("desaccords", CardKind.DISPUTES, "Where sources differ: "),
        ("litiges mali", CardKind.DISPUTES, "Where sources differ: "),
        ("sources", CardKind.SOURCES, "Sources: "),
        ("sources gaza-city-plan", CardKind.SOURCES, "Sources: "),
        ("stories", CardKind.STORIES, "Stories"),
        ("dossiers", CardKind.STORIES, "Stories"),
        ("help", CardKind.HELP, "What you can ask"),
        ("Help", CardKind.HELP, "What you can ask"),
        ("aide", CardKind.HELP, "What you can ask"),
        ("?", CardKind.HELP, "What you can ask"),
    ],
)
def test_a_known_word_with_what_it_takes_is_a_command(desk: Desk, line: str, kind: CardKind, title: str) -> None:
    card = command(desk, line)
    assert card is not None
    assert card.kind is kind
    assert card.title.startswith(title)


@pytest.mark.parametrize(
    "line",
    [
        "who was arrested?",
        "who was arrested",
        "who is Goita?",
        "who Goita?",
        "who",
        "who Maiga",
        "who Goita and Sagara",
        "who nobody-at-all",
        "qui a été arrêté ?",
        "qui est Goita",
        "define",
        "define nothing known",
        "timeline of the arrests",
        "timeline nowhere",
        "disputes about the number of arrests",
        "sources close to Dembele",
        "stories about Mali",
        "fact",
        "fact no-such-fact",
        "fact check the arrests",
        "help me",
        "help?",
        "aide humanitaire à Gaza",
        "wholly new",
        "",
        "??",
    ],
)
def test_anything_else_is_a_question(desk: Desk, line: str) -> None:
    assert command(desk, line) is None


def test_a_question_comes_back_with_the_answer_behind_its_card(small: Desk) -> None:
    reply = small.brief("when did the strike begin?", asking())
    assert reply.answer is not None
    assert reply.card is reply.answer.card
    assert [fact.id for fact in reply.answer.facts] == ["strike-began"]


def test_a_shared_name_after_who_is_asked_back(desk: Desk) -> None:
    reply = desk.brief("who Maiga", asking())
    assert reply.answer is not None
    assert reply.answer.outcome is Outcome.CLARIFY


@pytest.mark.parametrize("line", ["fact strike-began", "FACT strike-began", "fait strike-began"])
def test_a_fact_is_shown_by_its_id(small: Desk, line: str) -> None:
    card = command(small, line)
    assert card == small.fact("strike-began", asking())


@pytest.mark.parametrize("fact_id", ["pier-open", "pier-burned", "ferry-fare"])
def test_a_fact_that_no_longer_stands_can_still_be_looked_up(small: Desk, fact_id: str) -> None:
    card = command(small, f"fact {fact_id}")
    assert card is not None
    assert "History" in plain(card)


def test_a_story_is_meant_by_its_id_its_title_or_the_askers_choice(desk: Desk) -> None:
    gaza = desk.store.story("gaza-city-plan")
    lines = ["timeline gaza-city-plan", f"timeline {gaza.title.en}", f"timeline {gaza.title.fr.upper()}"]
    lines += [f"timeline {alias}" for alias in gaza.aliases]
    expected = desk.timeline("gaza-city-plan", asking())
    for line in lines:
        assert command(desk, line) == expected, line
    assert command(desk, "timeline", story="gaza-city-plan") == expected
    assert command(desk, "timeline") == desk.timeline(next(iter(desk.store.stories)), asking())


def test_the_story_meant_without_a_name_is_the_arrests(desk: Desk) -> None:
    assert next(iter(desk.store.stories)) == "mali-arrests"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_commands_answer_in_the_askers_language(small: Desk, language: Language) -> None:
    for line in ("help", "aide", "timeline", "chronologie", "who Ada Marsh", "qui Ada Marsh", "fact strike-began"):
        for card in (command(small, line, language), small.brief(line, asking(default=language)).card):
            assert card is not None
            assert card.language == language


def test_help_explains_every_command(small: Desk) -> None:
    askings = [replace(asking(language), is_editor=True) for language in ("en", "fr")]
    english, french = (plain(small.help(one)) for one in askings)
    for name, words, _, meaning in COMMANDS:
        assert name in words
        assert any(line.startswith(name) and line.endswith(meaning) for line in english.splitlines())
        assert meaning not in french


def test_help_keeps_the_editors_commands_for_editors(small: Desk) -> None:
    assert "queue" not in plain(small.help(asking()))


def test_no_word_calls_two_commands() -> None:
    words = [word for _, calls, _, _ in COMMANDS for word in calls]
    assert len(words) == len(set(words))


def test_a_command_leaves_the_talk_where_it_was(small: Desk) -> None:
    now = asking(thread="command in between")
    small.brief("who is Ada Marsh?", now)
    small.brief("timeline", now)
    reply = small.brief("when did she resign?", now)
    assert reply.answer is not None
    assert "mayor-resigned" in [fact.id for fact in reply.answer.facts]


def test_the_moment_of_asking_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Asking(datetime(2025, 3, 12))  # noqa: DTZ001


def test_the_desk_of_a_story_without_a_match_still_answers(small: Desk) -> None:
    card = command(small, f"sources {STORY}")
    assert card is not None
    assert card.kind is CardKind.SOURCES
