from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.terminal import scoring
from bot.briefing.evaluating import Score
from bot.desk import Desk
from bot.errors import QuestionFileError
from tests.newsroom import asking

QUESTIONS = """\
- id: good
  q: when did the strike begin?
  abstain: false
  must: ['dockers']
- id: first
  q: who is Ada Marsh?
  abstain: false
  thread: t
- id: follows
  q: when did she resign?
  abstain: false
  thread: t
  must_any: [[resigned, left]]
- id: french
  q: '[bold]qui a peint la chapelle ?'
  lang: fr
  abstain: no
- id: refused
  q: who painted the chapel?
  abstain: true
"""


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "questions.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture(name="scores")
def _scores(tmp_path: Path, small: Desk) -> list[Score]:
    path = written(tmp_path, QUESTIONS.replace("abstain: no\n", "abstain: false\n"))
    return list(scoring.ask_all(scoring.read_questions(path), small, asking(), str(path)))


def test_questions_are_asked_in_order_and_follow_on_in_their_thread(scores: list[Score]) -> None:
    assert {s.question.id: s.passed for s in scores} == {
        "good": True,
        "first": True,
        "follows": True,
        "french": False,
        "refused": True,
    }
    assert scores[3].answer.language == "fr"


def test_threads_of_two_files_are_apart(tmp_path: Path, small: Desk) -> None:
    path = written(tmp_path, QUESTIONS.replace("abstain: no\n", "abstain: false\n"))
    questions = {q.id: q for q in scoring.read_questions(path)}
    (first,) = scoring.ask_all([questions["first"]], small, asking(), "one file")
    (follows,) = scoring.ask_all([questions["follows"]], small, asking(), "another file")
    assert (first.passed, follows.passed) == (True, False)


def test_the_report_as_json_has_the_figures_and_each_failure_with_its_trace(scores: list[Score]) -> None:
    report = json.loads(json.dumps(scoring.as_json(scores)))
    assert set(report) == {"tallies", "failures"}
    assert {"all", "language en", "language fr", "kind other"} == set(report["tallies"])
    assert (report["tallies"]["all"]["questions"], report["tallies"]["all"]["passed"]) == (5, 4)
    (failure,) = report["failures"]
    assert set(failure) == {"id", "q", "faults", "outcome", "text", "trace"}
    assert (failure["id"], failure["outcome"]) == ("french", "no_answer")
    assert failure["faults"]
    assert failure["trace"]


@pytest.mark.parametrize("failures", [True, False])
def test_the_report_for_a_person_shows_failures_unless_it_is_to_be_quiet(
    scores: list[Score], *, failures: bool
) -> None:
    console = Console(file=io.StringIO(), width=160)
    scoring.show(scores, console, failures=failures)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert ("[bold]qui a peint la chapelle ?" in text) is failures
    assert "when did the strike begin?" not in text
    for figure in ("answered right", "75.0%", "100.0%", "language fr"):
        assert figure in text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (QUESTIONS, r"questions.yaml:17  `abstain`: .*boolean"),
        ("- id: a\n  q: why?\n", r"questions.yaml:1  `abstain`: Field required"),
        (
            "- id: a\n  q: why?\n  abstain: true\n  must:\n  - '('\n",
            r"questions.yaml:5  `must.0`: .*no regular expression",
        ),
        ("- id: a\n  q: why?\n  abstain: true\n  nots: x\n", r"questions.yaml:4  `nots`"),
        ("id: a\n", r"questions.yaml: the file is no list"),
        ("- id: a\n  id: b\n", r"questions.yaml:2  "),
        ("- id: [\n", r"questions.yaml:\d+  "),
        ("- &a [*a]\n", r"questions.yaml:1  "),
        (b"- id: \xff\n", r"questions.yaml:"),
    ],
)
def test_a_broken_question_file_is_explained_with_its_line(tmp_path: Path, text: str | bytes, error: str) -> None:
    with pytest.raises(QuestionFileError, match=error):
        scoring.read_questions(written(tmp_path, text))


def test_a_question_file_that_is_not_there_is_explained(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(QuestionFileError, match=str(path)):
            scoring.read_questions(path)


def test_an_empty_list_of_questions_is_none(tmp_path: Path) -> None:
    assert scoring.read_questions(written(tmp_path, "[]\n")) == []
