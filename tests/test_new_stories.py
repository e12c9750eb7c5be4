"""Stories that nothing here was made for, as a newsroom's next one will be: what their editors wrote is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.terminal.scoring import read_questions
from bot.briefing.answer import Outcome
from bot.briefing.judging import load_judge
from bot.desk import Desk
from bot.facts.load import all_findings, load_store
from bot.facts.model import LANGUAGES, Brief, Dispute, Fact, Language
from bot.facts.text import fold
from tests.conftest import ROOT
from tests.lessons import invented
from tests.newsroom import asking

FOLDERS = sorted((ROOT / "tests/stories").iterdir())


@pytest.fixture(name="folder", params=FOLDERS, ids=[folder.name for folder in FOLDERS])
def each_folder(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


def test_the_facts_of_a_new_story_load_without_findings(folder: Path) -> None:
    assert [str(finding) for finding in all_findings(folder / "seeds")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_that_an_editor_wrote_is_answered_by_what_it_was_written_for(
    folder: Path, language: Language
) -> None:
    store = load_store(folder / "seeds")
    desk = Desk(store, load_judge(reading=False))
    rests_on = {fact.id: {fact.id} for fact in store.current}
    rests_on |= {brief.id: set(brief.facts) for brief in store.briefs.values()}
    rests_on |= {d.id: {fact for position in d.positions for fact in position.facts} for d in store.disputes.values()}
    missed = []
    items: list[Fact | Brief | Dispute] = [*store.current, *store.briefs.values(), *store.disputes.values()]
    for item in items:
        for question in item.asks.in_(language):
            answer = desk.ask(question, asking(default=language))
            told = {fact.id for fact in answer.facts}
            if answer.outcome is not Outcome.ANSWERED or told.isdisjoint(rests_on[item.id]):
                missed.append(f"{item.id}: {question} -> {answer.outcome}: {answer.headline}")
    assert missed == []


def test_no_question_about_an_invented_story_scores_us() -> None:
    paths = [*(ROOT / "tests/questions").glob("*.yaml"), *(folder / "questions.yaml" for folder in FOLDERS)]
    scoring = {fold(question.q) for path in paths for question in read_questions(path)}
    learnt = 0
    for story in invented():
        learnt += len(story.lessons)
        assert [lesson.question for lesson in story.lessons if fold(lesson.question) in scoring] == []
        assert {name for lesson in story.lessons for name in (*lesson.answered, *lesson.missed)} <= story.facts.keys()
    assert learnt > 5_000
