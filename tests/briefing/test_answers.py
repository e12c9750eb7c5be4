from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.briefing.answer import Answer, Outcome
from bot.briefing.card import Card, CardKind, Item, Line
from bot.briefing.text import LONGEST_QUESTION
from bot.desk import Desk
from bot.errors import UnknownNameError
from bot.facts.model import DisputeKind, Language
from tests.newsroom import NOTHING_HELD, STORY, asking, newsroom

WHEN = "when did the strike begin?"
HOW_MANY = "how many dockers are on strike?"
BRIBES = "did Tom Brook take bribes?"


def ask(desk: Desk, question: str, language: Language | None = None) -> Answer:
    return desk.ask(question, asking(language))


def items(answer: Answer) -> dict[str, Item]:
    """What the card shows of each fact."""
    return {fact_id: item for item in answer.card.items for fact_id in item.facts}


# One fact.


@pytest.mark.parametrize(
    ("question", "language", "text"),
    [
        (
            WHEN,
            "en",
            "The dockers' strike began in the Old Port. — The Gazette (reported)\nAs of 1 March 2025.",
        ),
        (
            "quand la grève a-t-elle débuté ?",
            "fr",
            "La grève des dockers a débuté au Vieux-Port. — La Gazette (rapporté)\nÉtat : 1er mars 2025.",
        ),
    ],
)
def test_an_answer_says_it_then_who_says_so_how_sure_it_is_and_as_of_when(
    small: Desk, question: str, language: Language, text: str
) -> None:
    answer = ask(small, question)
    assert (answer.outcome, answer.language, answer.text) == (Outcome.ANSWERED, language, text)
    assert [fact.id for fact in answer.facts] == ["strike-began"]
    assert (answer.story, answer.disputes, answer.card.kind) == (STORY, (), CardKind.ANSWER)
    assert 0 < answer.confidence <= 1


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (WHEN, "reported"),
        ("who called the strike?", "confirmed"),
        ("what kind of year is it?", "background"),
        ("what did Lena Brook steal?", "alleged"),
        ("what does Tom Brook say about it?", "denial, disputed"),
        ("what does the union source count?", "reported, disputed"),
        ("qu'a volé Léna Brook ?", "allégué"),
        ("Tom Brook a-t-il touché des pots-de-vin ?", "allégué, contesté"),
    ],
)
def test_each_statement_carries_its_status_word(small: Desk, question: str, status: str) -> None:
    answer = ask(small, question)
    assert answer.outcome is Outcome.ANSWERED
    assert items(answer)[answer.facts[0].id].status == status


@pytest.mark.parametrize(
    ("question", "said_by"),
    [
        ("who called the strike?", "Union of Navigators, via The Gazette"),
        ("what does the union source count?", "an unnamed union source, via The Gazette"),
        ("what does the town notice count?", "a town notice"),
        ("why did Ada Marsh resign?", "Ada Marsh, via a town notice"),
        ("qui a appelé à la grève ?", "Union des navigateurs, via La Gazette"),
    ],
)
def test_each_statement_carries_who_says_so_and_through_whom(small: Desk, question: str, said_by: str) -> None:
    answer = ask(small, question)
    assert items(answer)[answer.facts[0].id].sources == said_by
    assert said_by in answer.text


def test_a_brief_gives_its_headline_first_and_then_its_facts(small: Desk) -> None:
    answer = ask(small, "what is known about the strike of the dockers?")
    assert answer.headline == "Dockers are on strike in the Old Port."
    assert answer.text.startswith(answer.headline)
    assert [fact.id for fact in answer.facts] == ["strike-began", "navigators-called-strike"]


def test_the_fact_of_a_brief_that_answers_best_stands_before_the_others(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    seeds.briefs[0]["asks"]["en"].append("who called the strike of the dockers?")
    answer = ask(Desk(seeds.load()), "who called the strike of the dockers?")
    assert answer.headline == "Dockers are on strike in the Old Port."
    assert [fact.id for fact in answer.facts] == ["navigators-called-strike", "strike-began"]
    assert answer.text.index("The union called the strike.") < answer.text.index("The dockers' strike began")


def test_a_dispute_that_was_asked_for_stands_first_with_every_side_in_its_order(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path)
    question = "what does the town notice count in the strike of the dockers?"
    seeds.briefs[0]["facts"] = ["strike-began", "many-strike", "few-strike"]
    seeds.briefs[0]["asks"]["en"].append(question)
    answer = ask(Desk(seeds.load()), question)
    sides = [fact for position in answer.disputes[0].positions for fact in position.facts]
    assert [dispute.id for dispute in answer.disputes] == ["how-many"]
    assert [fact.id for fact in answer.facts] == [*sides, "strike-began"]
    order = [answer.text.index(position.statement.en) for position in answer.disputes[0].positions]
    assert order == sorted(order)
    assert order[-1] < answer.text.index("Also:") < answer.text.index("The dockers' strike began")


def test_what_was_superseded_retracted_or_corrected_is_never_offered_as_current(small: Desk) -> None:
    for question in ("is the pier open?", "question of pier-open", "did the pier burn?", "question of pier-burned"):
        answer = ask(small, question)
        assert {fact.id for fact in answer.facts}.isdisjoint({"pier-open", "pier-burned"})
        assert "The pier is open." not in answer.text
        assert "The pier burned." not in answer.text
    assert "4 crowns" in ask(small, "what does the ferry cost?").text
    assert "3 crowns" not in ask(small, "what does the ferry cost?").text


# Disagreement.


@pytest.mark.parametrize(
    "question",
    [
        HOW_MANY,
        "combien de dockers sont en grève ?",
        "what does the union source count?",
        "what does the town notice count?",
    ],
)
def test_a_disputed_fact_never_stands_without_the_other_positions(small: Desk, question: str) -> None:
    answer = ask(small, question)
    dispute = small.store.disputes["how-many"]
    assert answer.disputes == (dispute,)
    assert answer.text.startswith(dispute.headline.in_(answer.language))
    shown = items(answer)
    assert shown.keys() >= {"many-strike", "few-strike"}
    assert shown["many-strike"].sources.startswith(("an unnamed union source", "une source syndicale non nommée"))
    assert shown["few-strike"].sources.startswith(("a town notice", "un avis municipal"))


@pytest.mark.parametrize("question", [BRIBES, "Tom Brook a-t-il touché des pots-de-vin ?", "who is Tom Brook?"])
def test_an_accusation_stands_with_its_denial_and_both_say_who(small: Desk, question: str) -> None:
    answer = ask(small, question)
    shown = items(answer)
    assert answer.outcome is Outcome.ANSWERED
    for fact_id in ("bribe-claim", "bribe-denial"):
        assert small.store.facts[fact_id].statement.in_(answer.language) in answer.text
    assert shown["bribe-claim"].sources.startswith(("an unnamed union source", "une source syndicale"))
    assert shown["bribe-denial"].sources.startswith("Tom Brook")


def test_a_denial_stands_with_what_it_denies(small: Desk) -> None:
    answer = ask(small, "what does Tom Brook say about it?")
    assert "Position of bribe-claim." in answer.text
    assert "(alleged)" in answer.text


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("what did Lena Brook steal?", "The documents carry no reply from Lena Brook."),
        ("qu'a volé Léna Brook ?", "Les documents ne contiennent pas de réponse de Léna Brook."),
        ("who is Lena Brook?", "The documents carry no reply from Lena Brook."),
    ],
)
def test_an_accusation_without_a_reply_says_that_there_is_none(small: Desk, question: str, note: str) -> None:
    assert note in ask(small, question).text.splitlines()


def test_where_nobody_is_accused_no_reply_is_missed(small: Desk) -> None:
    assert "no reply" not in ask(small, WHEN).text


# Not held, not clear, not a question.


@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of France?",
        "quelle est la capitale de la France ?",
        "who painted the chapel?",
        "where did Ada Marsh go to school?",
        "how old is Lena Brook?",
    ],
)
def test_what_is_not_held_is_said_in_words_and_without_facts(small: Desk, question: str) -> None:
    answer = ask(small, question)
    assert (answer.outcome, answer.facts, answer.disputes) == (Outcome.NO_ANSWER, (), ())
    assert answer.headline.startswith(NOTHING_HELD)
    assert "Strike in the harbour" in answer.text
    assert ("10 March 2025" in answer.text) is (answer.language == "en")


@pytest.mark.parametrize(
    "question", ["", "   ", "?", "?!…", "\x00\u200b", "<@U1>", "@everyone", "👍", "https://example.org"]
)
def test_a_text_without_a_question_is_turned_down_kindly(small: Desk, question: str) -> None:
    assert ask(small, question, "en").headline.startswith("There is no question here.")
    assert ask(small, question, "fr").headline.startswith("Il n'y a pas de question ici.")
    assert ask(small, question).outcome is Outcome.NO_ANSWER


def test_a_text_that_is_too_long_is_turned_down_with_the_limit(small: Desk) -> None:
    long = WHEN.ljust(LONGEST_QUESTION + 1, "?")
    answer = ask(small, long)
    assert answer.outcome is Outcome.NO_ANSWER
    assert "4000" in answer.headline
    assert "4000" in ask(small, long, "fr").headline
    assert ask(small, long[:-1]).outcome is Outcome.ANSWERED


def test_control_characters_are_dropped_before_a_question_is_read(small: Desk) -> None:
    assert ask(small, "when\x00 did\u200b the\x1b str\u00adike be\u202egin?\r\n").text == ask(small, WHEN).text


def test_a_question_can_be_kept_to_a_story(small: Desk) -> None:
    assert small.ask(WHEN, asking(story=STORY)).outcome is Outcome.ANSWERED
    with pytest.raises(UnknownNameError, match="no story `flood`"):
        small.ask(WHEN, asking(story="flood"))


def test_a_question_kept_to_another_story_is_not_answered_from_this_one(desk: Desk) -> None:
    question = "how many soldiers were arrested in Mali?"
    assert desk.ask(question, asking(story="mali-arrests")).outcome is Outcome.ANSWERED
    elsewhere = desk.ask(question, asking(story="metrash-al-adeed"))
    assert elsewhere.outcome is Outcome.NO_ANSWER
    assert elsewhere.facts == ()


# Two questions in one.


@pytest.mark.parametrize(
    "question",
    [
        "when did Ada Marsh resign and why did Ada Marsh resign?",
        "when did Ada Marsh resign? and why did Ada Marsh resign?",
        "when and why did Ada Marsh resign?",
        "quand Ada Marsh a-t-elle démissionné et pourquoi Ada Marsh a-t-elle démissionné ?",
    ],
)
def test_two_questions_get_both_answers(small: Desk, question: str) -> None:
    answer = ask(small, question)
    assert {fact.id for fact in answer.facts} == {"mayor-resigned", "mayor-reason"}
    assert {"mayor-resigned", "mayor-reason"} <= items(answer).keys()


def test_the_second_question_may_point_to_the_first(small: Desk) -> None:
    answer = ask(small, "when did Ada Marsh resign and why did she resign?")
    assert {fact.id for fact in answer.facts} == {"mayor-resigned", "mayor-reason"}


def test_two_questions_about_two_things_keep_what_belongs_to_each(small: Desk) -> None:
    answer = ask(small, f"{WHEN} and {HOW_MANY}")
    assert {fact.id for fact in answer.facts} >= {"strike-began", "many-strike", "few-strike"}
    assert [dispute.id for dispute in answer.disputes] == ["how-many"]


def test_a_second_question_that_points_to_what_was_not_found_is_not_answered_about_somebody_else(small: Desk) -> None:
    answer = ask(small, "which sailor sank the tug and when did she resign?")
    assert answer.outcome is not Outcome.ANSWERED
    assert answer.facts == ()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many soldiers were arrested according to AFP, and according to RFI?", ("afp", "rfi")),
        ("Combien d'arrestations selon l'AFP et selon Reuters ?", ("afp", "reuters")),
    ],
)
def test_a_question_put_to_two_sources_gets_what_each_says(desk: Desk, question: str, told: tuple[str, ...]) -> None:
    answered = {fact.id for fact in ask(desk, question).facts}
    assert answered >= {f"arrested-count-{source}" for source in told}


# Near misses: what is asked for is not what the facts tell.


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many jihadists died in the Boulkessi assault?", "How many soldiers died in the Boulkessi assault?"),
        ("ACLED deaths in the second half of 2024 in the Sahel", "ACLED deaths in the first half of 2024 in the Sahel"),
        ("Why did Reuters withdraw its story on the detained soldiers?", "How many arrests does Reuters report?"),
        ("What did the UN say about the arrests?", "What did the UN say about the Gaza plan?"),
        ("What is the population of Gaza?", "How many captives remain in Gaza?"),
        ("What is the name of the MP who counts 50 arrests?", "How many arrests does the MP count?"),
        ("Comment s'appelle l'officier cité par RFI ?", "Combien d'arrestations selon RFI ?"),
    ],
)
def test_a_near_miss_is_turned_down_where_the_thing_itself_is_answered(desk: Desk, question: str, told: str) -> None:
    assert ask(desk, question).outcome is Outcome.NO_ANSWER
    assert ask(desk, told).outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("what is the capital of Mali?", "Bamako: "),
        ("quelle est la capitale du Mali ?", "Bamako : "),
        ("what is going on in Gaza?", "cabinet"),
        ("what's happening in Mali?", "arrested"),
    ],
)
def test_what_a_place_is_and_what_happens_there_are_two_questions(desk: Desk, question: str, told: str) -> None:
    assert told in ask(desk, question).headline


def test_what_things_moved_on_to_is_not_in_dispute_for_that(desk: Desk) -> None:
    answer = ask(desk, "what is Goita's rank?")
    assert [dispute.kind for dispute in answer.disputes] == [DisputeKind.EVOLUTION]
    assert "(reported)" in answer.text
    assert "disputed" not in answer.text


# What several stories have.


@pytest.mark.parametrize("question", ["the plan", "what is the plan?", "the attack", "le plan", "le ministre"])
def test_what_several_stories_have_is_asked_back_with_a_question_for_each(desk: Desk, question: str) -> None:
    answer = ask(desk, question)
    assert (answer.outcome, answer.facts) == (Outcome.CLARIFY, ())
    chosen = [ask(desk, suggestion) for suggestion in answer.card.suggestions]
    assert {each.outcome for each in chosen} == {Outcome.ANSWERED}
    assert len({each.story for each in chosen}) == len(chosen) > 1


def test_a_channel_of_one_story_means_its_own_plan(desk: Desk) -> None:
    answer = desk.ask("the plan", asking(story="gaza-city-plan"))
    assert (answer.outcome, answer.story) == (Outcome.ANSWERED, "gaza-city-plan")


# The value itself.


def test_an_answer_without_facts_cannot_be_built(small: Desk) -> None:
    answer = ask(small, WHEN)
    with pytest.raises(ValueError, match="rests on facts"):
        replace(answer, facts=())


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.CLARIFY])
def test_facts_without_an_answer_cannot_be_built(small: Desk, outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="rests on facts"):
        replace(ask(small, WHEN), outcome=outcome)


def test_the_text_of_an_answer_leaves_the_suggestions_to_their_own_key(small: Desk) -> None:
    card = Card(CardKind.NO_ANSWER, "en", (Line("Nothing."),), "", ("why?",), "Ask:")
    answer = Answer("q", "en", Outcome.NO_ANSWER, "Nothing.", card)
    assert answer.text == "Nothing."
    assert answer.as_json(small.store)["suggestions"] == ["why?"]


def test_an_answer_as_plain_values_holds_everything_it_rests_on(small: Desk) -> None:
    found = ask(small, "what does the town notice count?").as_json(small.store)
    confidence = found.pop("confidence")
    assert 0 < confidence <= 1
    text = found.pop("text")
    assert text.startswith("Counts of the strikers differ.\n")
    assert json.loads(json.dumps(found)) == {
        "question": "what does the town notice count?",
        "language": "en",
        "story": STORY,
        "outcome": "answered",
        "headline": "Counts of the strikers differ.",
        "facts": [
            {
                "id": "few-strike",
                "statement": "At most 40 dockers are on strike.",
                "status": "reported",
                "as_of": "2025-03-01",
                "attributions": [{"said_by": "a town notice", "manner": "document", "via": ["town-notice"]}],
            }
        ],
        "disputes": [
            {
                "id": "how-many",
                "at_odds": "Fifty and forty exclude each other.",
                "positions": [
                    {
                        "statement": "Position of many-strike.",
                        "said_by": ["an unnamed union source"],
                        "facts": ["many-strike"],
                    },
                    {"statement": "Position of few-strike.", "said_by": ["a town notice"], "facts": ["few-strike"]},
                ],
            }
        ],
        "suggestions": [],
    }


def test_an_answer_as_plain_values_is_in_its_language(small: Desk) -> None:
    found = ask(small, "quand la grève a-t-elle débuté ?").as_json(small.store)
    assert found["facts"][0]["statement"] == "La grève des dockers a débuté au Vieux-Port."
    assert found["facts"][0]["attributions"][0]["said_by"] == "La Gazette"


def test_the_same_question_gets_the_same_answer_again(small: Desk) -> None:
    assert ask(small, HOW_MANY) == ask(small, HOW_MANY)


def test_the_day_of_asking_changes_nothing_but_what_is_due(small: Desk) -> None:
    later = small.ask(WHEN, asking(now=datetime(2040, 1, 1, tzinfo=UTC)))
    now = ask(small, WHEN)
    assert [line for line in later.text.splitlines() if "re-check" not in line] == now.text.splitlines()
