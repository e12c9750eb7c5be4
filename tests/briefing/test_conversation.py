from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.briefing.answer import Answer, Outcome
from bot.desk import SUBJECT_LASTS, Desk
from tests.conftest import by_words, real_desk
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


@pytest.mark.parametrize("question", ["why?", "and when?", "pourquoi ?", "combien ?"])
def test_a_bare_question_word_without_a_talk_is_asked_back(small: Desk, question: str) -> None:
    assert Talk(small)(question).outcome is Outcome.CLARIFY


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
        ("who is Zamir?", "what did he tell Netanyahu?", "zamir-trap"),
        ("qui est Eyal Zamir ?", "qu'a-t-il dit à Netanyahou ?", "zamir-trap"),
        ("who heads the national guard?", "how does he get on with Goita?", "camara-seen-as-rival"),
    ],
)
def test_what_follows_is_about_whom_or_what_was_asked_about(
    desk: Desk, opening: str, following: str, fact: str
) -> None:
    *_, answer = said(desk, opening, following)
    assert fact in ids(answer)


@pytest.mark.parametrize(
    ("opening", "following", "voice"),
    [
        ("Who is Beverly Ochieng?", "what does she say about the arrests?", "beverly-ochieng"),
        ("qui est Oumar Maïga ?", "que dit-il des arrestations ?", "oumar-maiga"),
    ],
)
def test_what_somebody_says_is_not_what_others_say(desk: Desk, opening: str, following: str, voice: str) -> None:
    *_, answer = said(desk, opening, following)
    assert answer.facts
    assert voice in [attribution.by for attribution in answer.facts[0].attributions]


@pytest.mark.parametrize("following", ["et selon RFI ?", "selon RFI ?", "et RFI ?", "et d'après RFI ?"])
def test_the_same_question_can_be_put_to_another_source(desk: Desk, following: str) -> None:
    first, second = said(desk, "combien d'arrestations selon l'AFP ?", following)
    assert "arrested-count-afp" in ids(first)
    assert "arrested-count-rfi" in ids(second)
    assert ids(second)[0] != "arrested-count-afp"


@pytest.mark.parametrize("opening", ["who is Nema Sagara?", "who is Choguel Maiga?", "who is Eyal Zamir?"])
def test_somebody_elses_age_is_no_answer(desk: Desk, opening: str) -> None:
    """The facts hold one age, and it is Goïta's."""
    assert ids(said(desk, "how old is Assimi Goita?")[0]) == ["goita-age-41"]
    for answer in said(desk, opening, "how old is she?", "how old is he?", "quel âge a-t-il ?", "age?")[1:]:
        assert answer.facts == ()


def test_a_question_in_vain_does_not_end_the_talk(desk: Desk) -> None:
    first, vain, again = said(desk, "who is Nema Sagara?", "is she married?", "what rank does she hold?")
    assert first.context.entities[0] == vain.context.entities[0] == "nema-sagara"
    assert "sagara-brigadier-general" in ids(again)


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


@pytest.mark.parametrize(
    ("opening", "following", "facts"),
    [
        ("who was arrested?", "why?", {"government-gave-no-reasons"}),
        ("qui a été arrêté ?", "pourquoi ?", {"government-gave-no-reasons"}),
        ("how many soldiers were arrested?", "and Reuters?", {"arrested-count-reuters"}),
        ("who attacked Boulkessi?", "when?", {"boulkessi-attack-jnim"}),
        ("how many soldiers were arrested?", "why?", {"government-gave-no-reasons"}),
        ("what is the plan for Gaza City?", "who is against it?", {"zamir-opposes-plan"}),
        ("what is Wagner?", "what are they called now?", {"wagner-now-africa-corps"}),
        (
            "Combien d'arrestations d'après le parlementaire ?",
            "et la source sécuritaire ?",
            {"arrested-count-security-source"},
        ),
    ],
)
def test_what_leans_on_the_question_before_is_read_together_with_it(
    desk: Desk, opening: str, following: str, facts: set[str]
) -> None:
    assert facts <= {*ids(said(desk, opening, following)[-1])}


@pytest.mark.parametrize(
    ("opening", "following"),
    [
        ("when did Mali break with France?", "why?"),
        ("how many people did armed groups kill in the Sahel?", "and in 2025?"),
        ("que dit RFI des arrestations ?", "et Le Monde ?"),
        ("who attacked Boulkessi?", "who paid for it?"),
        ("De quoi l'Armée d'Arakan est-elle accusée ?", "qui la commande ?"),
        ("Quels groupes armés sont actifs dans le nord du Mali ?", "combien d'hommes ?"),
        ("When did Choguel Maiga lose his job?", "who replaced him?"),
        ("Que dit Commanders for Israel's Security ?", "qui dirige ce groupe ?"),
    ],
)
def test_what_the_facts_do_not_hold_of_the_talks_matter_is_not_answered_from_another(
    desk: Desk, opening: str, following: str
) -> None:
    answer = said(desk, opening, following)[-1]
    assert (answer.outcome, answer.facts) == (Outcome.NO_ANSWER, ())


@pytest.mark.parametrize(
    ("opening", "following", "fact"),
    [
        ("what is Al-Adeed?", "and the attack on Boulkessi, when was it?", "boulkessi-attack-jnim"),
        ("que dit Beverly Ochieng ?", "et Lapid, il dit quoi ?", "lapid-disaster"),
        ("what did Zamir tell Netanyahu?", "and Smotrich, is he leaving the government?", "smotrich-stays"),
        ("que pense Benny Gantz de l'escalade ?", "et Lapid, il avait soutenu la guerre ?", "lapid-backed-government"),
        ("who is Benny Gantz?", "back to Mali: who attacked Boulkessi?", "boulkessi-attack-jnim"),
    ],
)
def test_a_question_about_something_else_is_not_bent_by_the_talk(
    desk: Desk, opening: str, following: str, fact: str
) -> None:
    assert fact in ids(said(desk, opening, following)[-1])


@pytest.mark.parametrize(
    ("opening", "following"),
    [
        ("how many soldiers were arrested?", "who says so?"),
        ("who is Moussa Mara?", "is that confirmed?"),
        ("combien de militaires arrêtés ?", "selon qui ?"),
        ("qui est Eyal Zamir ?", "c'est confirmé ?"),
        ("how many soldiers were arrested?", "whose figure is that?"),
        ("how many soldiers were arrested?", "where does that number come from?"),
        ("how many soldiers were arrested?", "who gave this estimate?"),
        ("combien de militaires arrêtés ?", "d'où vient ce chiffre ?"),
        ("combien de militaires arrêtés ?", "qui avance ce bilan ?"),
        ("combien de militaires arrêtés ?", "c'est le chiffre de qui ?"),
    ],
)
def test_who_says_so_shows_the_last_answer_with_its_sources_again(desk: Desk, opening: str, following: str) -> None:
    first, again = said(desk, opening, following)
    assert (again.outcome, ids(again)) == (Outcome.ANSWERED, ids(first))


@pytest.mark.parametrize("asked_of", [real_desk, by_words])
@pytest.mark.parametrize(
    "asked",
    [
        ("where was General Abass Dembele arrested?", "when?", "who says so?"),
        ("où Dembélé a-t-il été arrêté ?", "quand ?", "selon qui ?"),
    ],
)
def test_who_says_so_after_a_question_of_one_word_too(asked_of: Callable[[], Desk], asked: tuple[str, ...]) -> None:
    *_, last, again = said(asked_of(), *asked)
    assert (last.outcome, again.outcome) == (Outcome.ANSWERED, Outcome.ANSWERED)
    assert again.context.unit == last.context.unit


def test_a_talk_goes_on_from_what_answered_last(desk: Desk) -> None:
    *_, afp, again = said(desk, "who was arrested?", "how many?", "and AFP?", "who says so?")
    assert "arrested-count-afp" in ids(afp)
    assert ids(again) == ids(afp)


def test_what_only_another_story_holds_is_asked_back(desk: Desk) -> None:
    _, answer = said(desk, "who is Yair Lapid?", "when are the next elections?")
    assert (answer.outcome, answer.facts) == (Outcome.CLARIFY, ())


@pytest.mark.parametrize("courtesy", ["hi", "Thanks!", "merci beaucoup", "ok, great", "Bonjour !"])
def test_a_courtesy_is_no_question(desk: Desk, courtesy: str) -> None:
    _, answer = said(desk, "who was arrested?", courtesy)
    assert answer.outcome is Outcome.NO_ANSWER
    assert "no question" in answer.text or "pas de question" in answer.text


def test_the_other_of_several_is_not_the_one_just_spoken_of(desk: Desk) -> None:
    talk = Talk(desk)
    talk("was Dembele arrested?")
    answer = talk("and the other general?")
    assert answer.outcome is Outcome.CLARIFY
    assert "Sagara" in answer.text
    assert "Abass Dembele:" not in answer.text


def test_a_channel_bound_to_a_story_asks_about_it_whatever_was_spoken_of_before(desk: Desk) -> None:
    thread, question = "bound-later", "how many soldiers were arrested?"
    assert desk.ask("who is Smotrich?", asking(thread=thread)).story == "gaza-city-plan"
    elsewhere = desk.ask(question, asking(thread=thread))
    assert elsewhere.outcome is Outcome.CLARIFY
    assert elsewhere.headline == "That would be another story than the one just spoken of."
    bound = desk.ask(question, asking(thread=thread, story="mali-arrests"))
    assert (bound.outcome, bound.story) == (Outcome.ANSWERED, "mali-arrests")
