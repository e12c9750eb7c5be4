from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.briefing.answer import Answer, Outcome
from bot.desk import SUBJECT_LASTS, Desk
from tests.newsroom import NOW, asking

SECOND = timedelta(seconds=1)


class Talk:
    """One conversation; every question comes a while after the one before."""

    count = 0

    def __init__(self, desk: Desk) -> None:
        Talk.count += 1
        self.desk, self.thread, self.now = desk, f"talk-{Talk.count}", NOW

    def __call__(self, question: str, *, after: timedelta = SECOND) -> Answer:
        self.now += after
        return self.desk.ask(question, asking(now=self.now, thread=self.thread))


def ids(answer: Answer) -> list[str]:
    return [fact.id for fact in answer.facts]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("who is Ada Marsh?", "when did she resign?"),
        ("why did Ada Marsh resign?", "when did she resign?"),
        ("qui est Ada Marsh ?", "quand a-t-elle démissionné ?"),
    ],
)
def test_a_pronoun_means_whom_the_talk_is_about(small: Desk, first: str, second: str) -> None:
    talk = Talk(small)
    assert talk(first).outcome is Outcome.ANSWERED
    assert "mayor-resigned" in ids(talk(second))


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("when did Ada Marsh resign?", "why?"),
        ("when did Ada Marsh resign?", "Why"),
        ("quand Ada Marsh a-t-elle démissionné ?", "pourquoi ?"),
    ],
)
def test_a_bare_why_is_about_what_was_just_asked(small: Desk, first: str, why: str) -> None:
    talk = Talk(small)
    talk(first)
    assert ids(talk(why)) == ["mayor-reason"]


def test_a_talk_can_go_on_for_several_questions(small: Desk) -> None:
    talk = Talk(small)
    answers = [talk(question) for question in ("who is Ada Marsh?", "when did she resign?", "why?")]
    assert [answer.outcome for answer in answers] == [Outcome.ANSWERED] * 3
    assert ids(answers[-1]) == ["mayor-reason"]


@pytest.mark.parametrize(
    "question", ["when did she resign?", "why did they resign?", "pourquoi a-t-elle démissionné ?"]
)
def test_a_pronoun_without_a_talk_is_asked_back(small: Desk, question: str) -> None:
    for answer in (Talk(small)(question), small.ask(question, asking())):
        assert (answer.outcome, answer.facts) == (Outcome.CLARIFY, ())
        assert answer.headline.startswith(("It is not clear whom", "De qui ou de quoi"))


@pytest.mark.parametrize("question", ["why?", "and when?", "pourquoi ?"])
def test_a_bare_question_word_without_a_talk_gets_no_answer(small: Desk, question: str) -> None:
    assert Talk(small)(question).outcome is not Outcome.ANSWERED


def test_a_subject_lasts_fifteen_minutes_and_not_a_second_longer(small: Desk) -> None:
    assert timedelta(minutes=15) == SUBJECT_LASTS
    for after, outcome in ((SUBJECT_LASTS, Outcome.ANSWERED), (SUBJECT_LASTS + SECOND, Outcome.CLARIFY)):
        talk = Talk(small)
        talk("who is Ada Marsh?")
        assert talk("when did she resign?", after=after).outcome is outcome


def test_every_question_lets_the_subject_last_anew(small: Desk) -> None:
    talk = Talk(small)
    talk("who is Ada Marsh?")
    talk("when did she resign?", after=SUBJECT_LASTS)
    assert ids(talk("why did she resign?", after=SUBJECT_LASTS)) == ["mayor-reason"]


def test_two_talks_do_not_hear_one_another(small: Desk) -> None:
    one, other = Talk(small), Talk(small)
    one("who is Ada Marsh?")
    assert other("when did she resign?").outcome is Outcome.CLARIFY
    assert one("when did she resign?").outcome is Outcome.ANSWERED


def test_without_a_thread_nothing_is_remembered(small: Desk) -> None:
    small.ask("who is Ada Marsh?", asking())
    assert small.ask("when did she resign?", asking()).outcome is Outcome.CLARIFY


def test_a_shared_name_is_the_one_that_was_spoken_of(small: Desk) -> None:
    talk = Talk(small)
    talk("who is Lena Brook?")
    answer = talk("what did Brook steal?")
    assert ids(answer) == ["theft-claim"]


def test_a_new_subject_replaces_the_old_one(small: Desk) -> None:
    talk = Talk(small)
    talk("who is Ada Marsh?")
    talk("what did Lena Brook steal?")
    assert talk("when did she resign?").outcome is not Outcome.ANSWERED


def test_a_question_that_names_its_subject_does_not_need_the_talk(small: Desk) -> None:
    talk = Talk(small)
    talk("who is Lena Brook?")
    assert ids(talk("when did the strike begin?")) == ["strike-began"]


def test_the_zone_of_the_clock_does_not_matter(small: Desk) -> None:
    talk = Talk(small)
    talk("who is Ada Marsh?")
    east = (talk.now + SECOND).astimezone(datetime.fromisoformat("2025-03-12T00:00:00+05:30").tzinfo)
    answer = small.ask("when did she resign?", asking(now=east, thread=talk.thread))
    assert east.astimezone(UTC).hour != east.hour
    assert answer.outcome is Outcome.ANSWERED


# Over the real facts: what follows is about the one who is meant, or is not answered.


def said(desk: Desk, *questions: str) -> list[Answer]:
    talk = Talk(desk)
    return [talk(question) for question in questions]


@pytest.mark.parametrize(
    ("opening", "following", "fact"),
    [
        ("who is Nema Sagara?", "what rank does she hold?", "sagara-air-force-general"),
        ("who is Choguel Maiga?", "what is he accused of?", "maiga-accused-fraud"),
        ("qui est Assimi Goïta ?", "quel grade a-t-il ?", "goita-rank-general"),
        ("which unit do many of those arrested belong to?", "who runs it?", "guard-headed-by-camara"),
        ("what is Al-Adeed?", "how do I use it?", "al-adeed-steps-list"),
        ("what happened at Boulkessi?", "how many died?", "boulkessi-more-than-30-killed"),
    ],
)
def test_what_follows_is_about_whom_or_what_was_asked_about(
    desk: Desk, opening: str, following: str, fact: str
) -> None:
    *_, answer = said(desk, opening, following)
    assert fact in ids(answer)


@pytest.mark.parametrize("following", ["et selon RFI ?", "selon RFI ?", "et RFI ?", "et d'après RFI ?"])
def test_the_same_question_can_be_put_to_another_source(desk: Desk, following: str) -> None:
    first, second = said(desk, "combien d'arrestations selon l'AFP ?", following)
    assert "arrested-count-afp" in ids(first)
    assert "arrested-count-rfi" in ids(second)
    assert "arrested-count-afp" not in ids(second)


@pytest.mark.parametrize("opening", ["who is Nema Sagara?", "who is Choguel Maiga?", "who is Eyal Zamir?"])
def test_somebody_elses_age_is_no_answer(desk: Desk, opening: str) -> None:
    """The facts hold one age, and it is Goïta's."""
    assert ids(said(desk, "how old is Assimi Goita?")[0]) == ["goita-age-41"]
    for answer in said(desk, opening, "how old is she?", "how old is he?", "quel âge a-t-il ?", "age?")[1:]:
        assert answer.facts == ()


def test_a_question_in_vain_does_not_end_the_talk(desk: Desk) -> None:
    first, vain, again = said(desk, "who is Nema Sagara?", "is she married?", "what rank does she hold?")
    assert first.context.entities[0] == vain.context.entities[0] == "nema-sagara"
    assert ids(again) == ["sagara-air-force-general"]


@pytest.mark.parametrize(
    "question",
    [
        "who did it?",
        "who runs it?",
        "age?",
        "how old?",
        "quel âge ?",
        "what rank does she hold?",
        "quel grade a-t-elle ?",
    ],
)
def test_what_points_to_nothing_is_asked_back(desk: Desk, question: str) -> None:
    (answer,) = said(desk, question)
    assert (answer.outcome, answer.facts) == (Outcome.CLARIFY, ())
