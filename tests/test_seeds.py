"""The real facts: they load, and the questions that matter most get the answers that an editor wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.briefing.answer import Answer, Outcome
from bot.desk import Desk
from bot.facts.load import all_findings
from bot.facts.model import LANGUAGES, Brief, Dispute, Language, Position
from bot.facts.text import fold
from tests.conftest import ROOT, by_words
from tests.newsroom import NOTHING_HELD, asking

NO_REPLY = ("The documents carry no reply from", "Les documents ne contiennent pas de réponse de")


def test_the_facts_load_without_findings(desk: Desk) -> None:
    # Whether every revision is recorded is for `facts check`, before a change lands.
    assert [str(f) for f in all_findings(ROOT / "seeds") if f.rule != "unrecorded"] == []
    assert set(desk.store.stories) == {"mali-arrests", "gaza-city-plan", "myanmar-rohingya", "metrash-al-adeed"}


def answered(desk: Desk, question: str, *names: str) -> Answer:
    """The answer, which is one, and says every name."""
    answer = desk.ask(question, asking())
    assert answer.outcome is Outcome.ANSWERED, (question, answer.outcome, answer.text)
    assert [name for name in names if fold(name) not in fold(answer.text)] == [], answer.text
    return answer


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("who was arrested?", "en"),
        ("who was arrested in Mali?", "en"),
        ("qui a été arrêté ?", "fr"),
        ("qui a été arrêté au Mali ?", "fr"),
    ],
)
def test_who_was_arrested_names_the_generals_and_that_one_arrest_is_denied(
    desk: Desk, question: str, language: Language
) -> None:
    answer = answered(desk, question, "Dembele", "Sagara")
    assert (answer.language, answer.story) == (language, "mali-arrests")
    assert answer.disputes


@pytest.mark.parametrize("question", ["what is AES?", "qu'est-ce que l'AES ?", "what is the AES", "AES"])
def test_aes_is_spelt_out_with_its_members(desk: Desk, question: str) -> None:
    answered(desk, question, "Mali", "Burkina Faso", "Niger", "Sahel")


@pytest.mark.parametrize(
    "question",
    [
        "how many soldiers were arrested?",
        "how many soldiers were arrested in Mali?",
        "combien de soldats ont été arrêtés ?",
        "combien de militaires ont été arrêtés au Mali ?",
    ],
)
def test_the_number_arrested_is_given_in_all_its_versions(desk: Desk, question: str) -> None:
    answer = answered(desk, question, "RFI", "Reuters", "AFP", "50", "36", "40", "45", "20")
    number = next(d for d in answer.disputes if d.topic == "number-arrested")
    for position in number.positions:
        for fact_id in position.facts:
            assert desk.store.voice_name(desk.store.facts[fact_id].attributions[0].by, answer.language) in answer.text


def stands(position: Position, answer: Answer, desk: Desk) -> bool:
    """Whether a position of a dispute is on the answer's card, in its own words or in those of all its facts."""
    facts = [desk.store.facts[fact_id].statement.in_(answer.language) for fact_id in position.facts]
    return position.statement.in_(answer.language) in answer.text or all(fact in answer.text for fact in facts)


@pytest.mark.parametrize(
    "question", ["is Dembele in custody?", "is Dembélé in custody", "Dembélé est-il en détention ?"]
)
def test_whether_dembele_is_held_is_shown_as_disputed(desk: Desk, question: str) -> None:
    answer = answered(desk, question, "RFI", "BBC")
    dispute = next(d for d in answer.disputes if d.topic == "dembele-arrested")
    for position in dispute.positions:
        assert stands(position, answer, desk)


@pytest.mark.parametrize(
    ("question", "language"), [("who is Maiga?", "en"), ("who is Maïga?", "en"), ("qui est Maïga ?", "fr")]
)
def test_who_is_maiga_asks_which_of_the_two(desk: Desk, question: str, language: Language) -> None:
    answer = desk.ask(question, asking())
    assert (answer.outcome, answer.language, answer.facts) == (Outcome.CLARIFY, language, ())
    chosen = [answered(desk, suggestion) for suggestion in answer.card.suggestions]
    found = [[name for name in ("Choguel", "Oumar") if name in one.headline] for one in chosen]
    assert sorted(found) == [["Choguel"], ["Oumar"]]


@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of France?",
        "quelle est la capitale de la France ?",
        "where did Nema Sagara go to school?",
        "où Nema Sagara est-elle allée à l'école ?",
    ],
)
def test_what_the_documents_do_not_say_is_not_held(desk: Desk, question: str) -> None:
    answer = desk.ask(question, asking())
    assert (answer.outcome, answer.facts, answer.disputes) == (Outcome.NO_ANSWER, (), ())
    assert answer.headline.startswith(NOTHING_HELD)
    assert "Paris" not in answer.text


@pytest.mark.parametrize("question", ["how many people were killed?", "combien de morts ?"])
def test_what_two_stories_answer_is_asked_back(desk: Desk, question: str) -> None:
    answer = desk.ask(question, asking())
    assert answer.outcome is Outcome.CLARIFY
    chosen = [desk.ask(suggestion, asking()) for suggestion in answer.card.suggestions]
    assert len({one.story for one in chosen if one.outcome is Outcome.ANSWERED}) > 1


def curated(desk: Desk) -> Iterator[Brief | Dispute]:
    yield from desk.store.briefs.values()
    yield from desk.store.disputes.values()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_first_question_of_every_brief_and_dispute_finds_it(desk: Desk, language: Language) -> None:
    missed = []
    for item in curated(desk):
        for question in item.asks.in_(language)[:1]:
            answer = desk.ask(question, asking(default=language))
            shown = item in answer.disputes if isinstance(item, Dispute) else False
            if not shown and answer.headline != item.headline.in_(answer.language):
                missed.append(f"{item.id}: {question} -> {answer.outcome}: {answer.headline[:80]}")
    assert not missed, "\n".join(missed)


def curated_answers(desk: Desk, language: Language) -> Iterator[Answer]:
    """The answers to the first three questions that each item is curated to answer; the first is read as well."""
    for item in (*desk.store.current, *curated(desk)):
        for number, question in enumerate(item.asks.in_(language)[:3]):
            answer = (by_words() if number else desk).ask(question, asking(default=language))
            if answer.outcome is Outcome.ANSWERED:
                yield answer


@pytest.mark.parametrize("asked_in", LANGUAGES)
def test_no_answer_hides_a_dispute_a_source_a_denial_or_that_there_is_no_reply(desk: Desk, asked_in: Language) -> None:
    count = 0
    for answer in curated_answers(desk, asked_in):
        count += 1
        language, text = answer.language, answer.text
        assert [f.id for f in answer.facts if f.state.value != "current"] == []
        for item in answer.card.items:
            assert f"{item.text} — {item.sources} ({item.status})" in text
        for fact in answer.facts:
            disputes = desk.store.disputes_by_fact.get(fact.id, ())
            if disputes and fact.statement.in_(language) in text:
                assert any(dispute in answer.disputes for dispute in disputes), answer.question
        assert [d.id for d in answer.disputes if d.headline.in_(language) not in text] == [], answer.question
        for position in answer.disputes[0].positions if answer.disputes else ():
            assert stands(position, answer, desk), answer.question
        for fact in answer.facts:
            if fact.reply == "none":
                names = [desk.store.entities[i].name.in_(language) for i in fact.against]
                (note,) = (line for line in text.splitlines() if line.startswith(NO_REPLY))
                assert [name for name in names if name not in note] == [], answer.question
            elif fact.reply and fact.statement.in_(language) in text:
                assert desk.store.facts[fact.reply].statement.in_(language) in text, answer.question
    assert count > 1_000
