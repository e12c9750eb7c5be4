from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.adapters.terminal.scoring import read_questions
from bot.briefing.answer import Outcome
from bot.briefing.cross_encoder import load_cross_encoder
from bot.briefing.evaluating import score
from bot.briefing.features import entity_feature
from bot.briefing.following import together
from bot.briefing.judging import HIGHEST, load_judge
from bot.briefing.matching import MOST_JUDGED, candidates
from bot.briefing.passages import passage
from bot.briefing.question import understand
from bot.desk import Desk
from bot.facts.model import LANGUAGES, Brief, Dispute, Fact, Language
from bot.facts.text import fold
from tests.conftest import ROOT, by_words, real_desk, real_index
from tests.lessons import hard, judged, talks, written
from tests.newsroom import asking


@cache
def lessons() -> list[tuple[str, Language, str, bool]]:
    """Unit, language, question as it is read, and whether the unit answers it."""
    return list(_lessons())


def _lessons() -> Iterator[tuple[str, Language, str, bool]]:
    for lesson in (*written(), *judged(), *hard(), *talks(held=True), *talks(held=False)):
        question = together(lesson.question, lesson.after) if lesson.after else lesson.question
        yield from ((unit, lesson.language, question, True) for unit in lesson.answered)
        yield from ((unit, lesson.language, question, False) for unit in lesson.missed)


def test_lessons_are_about_units_and_none_is_a_question_that_scores_us() -> None:
    store = real_desk().store
    units = store.facts.keys() | store.briefs.keys() | store.disputes.keys()
    scoring = {
        " ".join(fold(question.q).split())
        for path in (ROOT / "tests/questions").glob("*.yaml")
        for question in read_questions(path)
    }
    learnt = lessons()
    assert len(learnt) > 40_000
    assert [unit for unit, *_ in learnt if unit not in units] == []
    assert [question for _, _, question, _ in learnt if " ".join(fold(question).split()) in scoring] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_passage_holds_every_statement_with_its_voices(language: Language) -> None:
    store = real_desk().store
    every: list[Fact | Brief | Dispute] = [*store.current, *store.briefs.values(), *store.disputes.values()]
    for item in every:
        told = passage(item, store, language)
        if isinstance(item, Dispute):
            facts = [fact_id for position in item.positions for fact_id in position.facts]
            assert all(position.statement.in_(language) in told for position in item.positions)
        else:
            facts = list(item.facts) if isinstance(item, Brief) else [item.id]
            assert all(store.facts[fact_id].statement.in_(language) in told for fact_id in facts)
        voices = {attribution.by for fact_id in facts for attribution in store.facts[fact_id].attributions}
        assert all(store.voice_name(voice, language) in told for voice in voices)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300), st.text(max_size=300))
@example("\ud800 sank", "The tug sank.")
def test_any_two_texts_can_be_read(question: str, told: str) -> None:
    read = load_cross_encoder().read(question, told)
    assert 0 <= read <= 1
    assert read == load_cross_encoder().read(question, told)


def test_what_lies_beyond_the_reach_of_the_encoder_changes_nothing() -> None:
    encoder = load_cross_encoder()
    assert encoder.read("who sank " * 100, "The tug sank. " * 100) == encoder.read(
        "who sank " * 200, "The tug sank. " * 200
    )


def test_it_tells_what_answers_from_a_near_miss() -> None:
    store = real_desk().store
    encoder = load_cross_encoder()
    told = [
        (encoder.read(question, passage(store.facts[unit], store, language)), answered)
        for n, (unit, language, question, answered) in enumerate(lessons())
        if n % 200 == 0 and unit in store.facts
    ]
    answering = sorted(read for read, answered in told if answered)
    missing = sorted(read for read, answered in told if not answered)
    assert len(answering) > 100 < len(missing)
    assert answering[len(answering) // 4] > missing[3 * len(missing) // 4]
    assert answering[-1] < HIGHEST  # what could not be accepted even so is not read at all


def test_it_answers_what_words_alone_would_turn_down(desk: Desk) -> None:
    found = [
        (question, desk.ask(question.q, asking()), by_words().ask(question.q, asking()))
        for path in (ROOT / "tests/questions").glob("later.yaml")
        for question in read_questions(path)[::2]
        if not question.abstain and not question.thread
    ]
    gained = [q.q for q, read, words in found if score(q, read).passed and words.outcome is Outcome.NO_ANSWER]
    lost = [q.q for q, read, words in found if score(q, words).passed and read.outcome is Outcome.NO_ANSWER]
    assert len(gained) > len(lost)


def test_of_a_brief_the_fact_that_reads_as_the_answer_stands_first(desk: Desk) -> None:
    answer = desk.ask("quels pays anciennement proches d'Israel ont condamné", asking())
    assert "eu-un-condemn" in [fact.id for fact in answer.facts]  # by words alone the first
    assert answer.facts[0].id == "former-allies-condemn"


def test_reading_can_be_switched_off(desk: Desk) -> None:
    sure = desk.ask("who is Assimi Goita?", asking())
    assert by_words().ask("who is Assimi Goita?", asking()).facts == sure.facts
    judge = load_judge(reading=False)
    assert judge is not load_judge()
    assert not judge.reading


def test_a_question_that_borrows_its_words_is_judged_by_them(desk: Desk) -> None:
    talk = asking(thread="reading")
    assert desk.ask("Is Dembele in custody?", talk).outcome is Outcome.ANSWERED
    followed = desk.ask("and Sagara?", talk)
    assert followed.outcome is Outcome.ANSWERED
    assert any("nema-sagara" in fact.entities for fact in followed.facts)


def test_what_lies_farther_down_by_its_words_is_read_where_nothing_above_answers(desk: Desk) -> None:
    question = "What had Moussa Mara done before he was arrested?"
    index = real_index()
    found = [match.unit.id for match in candidates(understand(question, index, "en"), index)]
    assert "mara-visited-prisoners" not in found[:MOST_JUDGED]
    assert "mara-visited-prisoners" in [fact.id for fact in desk.ask(question, asking()).facts]


def test_an_editors_question_in_other_words_is_answered_unless_the_reading_speaks_against_it(desk: Desk) -> None:
    question, index = "How many troops have been rounded up in Mali?", real_index()
    first = candidates(understand(question, index, "en"), index)[0]
    assert first.fit.agreement == 1
    assert first.unit.item in desk.ask(question, asking()).disputes
    # The same words do not make the same question.
    for other in ("Has Goita's mandate already been renewed?", "How many Malian refugees are in Mauritania in total?"):
        assert candidates(understand(other, index, "en"), index)[0].fit.agreement == 1
        assert desk.ask(other, asking()).outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("rare", ["who is attacking {}?", "who warns of {}?", "which witnesses saw {}?"])
def test_who_is_named_is_among_what_is_retrieved_whatever_else_is_asked(rare: str) -> None:
    index = real_index()
    missed = []
    for entity in real_desk().store.entities.values():
        query = understand(rare.format(entity.name.en), index, "en")
        number = index.numbers([entity_feature(entity.id)])
        if query.entities == (entity.id,) and number:
            found = [match for match in candidates(query, index) if number[0] in match.unit.features]
            missed += [] if found else [entity.id]
    assert missed == []
