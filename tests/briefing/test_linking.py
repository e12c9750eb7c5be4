from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.briefing.answer import Outcome
from bot.briefing.card import CardKind
from bot.briefing.linking import Linker, Mention, Speller, names_of
from bot.briefing.text import cased_words, normalise, words
from bot.briefing.wordlists import Wordlists
from bot.desk import Desk
from bot.facts.model import Entity, Language
from tests.newsroom import asking
from tests.seedfolder import entity

SMALL_WORDS = frozenset({"un", "a", "le"})


def linker(*entities: dict[str, object]) -> Linker:
    return Linker(names_of(Entity.model_validate(one) for one in entities), SMALL_WORDS)


def named(one: Linker, text: str) -> list[tuple[str, ...]]:
    return [mention.entities for mention in one.mentions(words(text), cased_words(text))]


@pytest.fixture(name="names")
def _names() -> Linker:
    return linker(
        entity("marsh", name={"en": "Ada Marsh", "fr": "Ada Marais"}, aliases=["the mayor", "A. Marsh"]),
        entity("navigators", kind="organisation", name={"en": "Navigators", "fr": "Navigateurs"}, aliases=["UN"]),
        entity("old-port", kind="place", name={"en": "Old Port", "fr": "Vieux-Port"}, aliases=["the port", "Port"]),
        entity("tom", name={"en": "Tom Brook", "fr": "Tom Brook"}, shared_aliases=["Brook"]),
        entity("lena", name={"en": "Lena Brook", "fr": "Léna Brook"}, shared_aliases=["Brook"]),
    )


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("who is Ada Marsh?", [("marsh",)]),
        ("ADA MARSH", [("marsh",)]),
        ("qui est Ada Marais ?", [("marsh",)]),
        ("A. Marsh and Tom Brook", [("marsh",), ("tom",)]),
        ("where is the mayor", [("marsh",)]),
        ("Léna Brook", [("lena",)]),
        ("vieux port", [("old-port",)]),
        ("Vieux-Port", [("old-port",)]),
        ("who is Brook?", [("tom", "lena")]),
        ("the chapel", []),
        ("", []),
    ],
)
def test_any_known_name_is_found_however_it_is_written(
    names: Linker, text: str, entities: list[tuple[str, ...]]
) -> None:
    assert named(names, text) == entities


def test_the_longest_name_wins_and_names_do_not_overlap(names: Linker) -> None:
    text = "is Tom Brook in the Old Port?"
    assert names.mentions(words(text), cased_words(text)) == [Mention(1, 3, ("tom",)), Mention(5, 7, ("old-port",))]


def test_an_abbreviation_that_is_a_small_word_must_be_in_capitals(names: Linker) -> None:
    assert named(names, "what does the UN say?") == [("navigators",)]
    assert named(names, "un syndicat, Un port") == [("old-port",)]


def test_a_common_noun_names_a_person_but_no_place(names: Linker) -> None:
    assert named(names, "the mayor") == [("marsh",)]
    only_common = linker(entity("old-port", kind="place", name={"en": "Old Port", "fr": "V"}, aliases=["the harbour"]))
    assert named(only_common, "the harbour") == []


def test_without_entities_nothing_is_named() -> None:
    assert named(linker(), "who is Ada Marsh?") == []


@given(st.text(st.characters(codec=None), max_size=80))
def test_mentions_lie_inside_the_text_in_order(text: str) -> None:
    names = linker(entity("x", name={"en": "Ada", "fr": "Ada"}, aliases=["Ada Marsh"]))
    line = normalise(f"{text} Ada {text}")
    mentions = names.mentions(words(line), cased_words(line))
    places = [place for mention in mentions for place in (mention.start, mention.end)]
    assert places == sorted(places)
    assert all(0 <= mention.start < mention.end <= len(words(line)) for mention in mentions)


# Typing slips.

SPELLER = Speller(
    {"netanyahu": 4, "goita": 9, "marsh": 2, "harbour": 3, "harbours": 1}, frozenset({"strike"}), Wordlists()
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goita", "goita"),
        ("goitaa", "goita"),
        ("gioita", "goita"),
        ("giota", "goita"),
        ("netanayhuu", "netanyahu"),
        ("harbor", "harbor"),
        ("strike", "strike"),
        ("stirke", "stirke"),
        ("boita", "boita"),
        ("mrsh", "mrsh"),
        ("zzzzzzzz", "zzzzzzzz"),
        ("", ""),
    ],
)
def test_a_word_that_nobody_knows_becomes_its_nearest_neighbour(typed: str, meant: str) -> None:
    assert SPELLER.correct(typed) == meant


def test_a_word_of_the_dictionary_is_no_slip() -> None:
    speller = Speller({"femmes": 5, "marchs": 5}, frozenset(), Wordlists())
    assert speller.correct("fermes") == "fermes"
    assert speller.correct("marche") == "marche"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("larmee", "armee"), ("quarmee", "armee"), ("darmee", "armee"), ("lharbour", "harbour"), ("larmees", "larmees")],
)
def test_a_french_apostrophe_may_be_left_out(typed: str, meant: str) -> None:
    speller = Speller({"armee": 5, "harbour": 3}, frozenset(), Wordlists())
    assert speller.correct(typed) == meant


def test_a_word_of_the_dictionary_has_no_apostrophe_left_out() -> None:
    speller = Speller({"envie": 5, "image": 5}, frozenset(), Wordlists())
    assert speller.correct("lancer") == "lancer"
    assert speller.correct("mimage") == "image"


@given(st.text(st.characters(codec=None), max_size=30))
def test_correcting_never_fails_and_keeps_the_initial(word: str) -> None:
    corrected = SPELLER.correct(word)
    assert corrected[:1] == word[:1] or word.endswith(corrected)


# The names of the real store.


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["Goita", "Goïta", "goita", "GOÏTA", "Goi\u0308ta", "Assimi Goita", "Asimi Goïta"], "Assimi Goïta"),
        (["Dembele", "Dembélé", "Abass Dembele", "Abbas Dembele", "General Dembele"], "Abass Dembele"),
        (["Sagara", "Nema Sagara", "Néma Sagara"], "Nema Sagara"),
        (["AES", "the AES", "l'AES", "Alliance des États du Sahel"], "Alliance of Sahel States"),
        (["JNIM", "Jama'at Nasr al-Islam wal-Muslimin"], "JNIM"),
        (["ECOWAS", "CEDEAO", "Cédéao"], "ECOWAS"),
        (["HRW", "Human Rights Watch"], "Human Rights Watch"),
        (["UN", "the UN", "ONU", "United Nations", "Nations unies"], "United Nations"),
    ],
)  # fmt: skip
def test_spellings_and_abbreviations_lead_to_one_profile(desk: Desk, names: list[str], title: str) -> None:
    for name in names:
        card = desk.who(name, asking("en"))
        assert (card.kind, card.title) == (CardKind.PROFILE, title), name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("who is Goitta?", "Goïta"),
        ("who is Dembeleh?", "Dembele"),
        ("who is Sagarra?", "Sagara"),
        ("qui est Netanyaho ?", "Netanyah"),
    ],
)
def test_a_slip_in_a_name_is_forgiven(desk: Desk, question: str, name: str) -> None:
    answer = desk.ask(question, asking())
    assert answer.outcome is Outcome.ANSWERED
    assert name in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_two_people_who_share_a_name_are_never_mixed_up(desk: Desk, language: Language) -> None:
    who = {"en": "who is {}?", "fr": "qui est {} ?"}[language]
    for shared in ("Maiga", "Maïga", "maiga"):
        answer = desk.ask(who.format(shared), asking(language))
        assert answer.outcome is Outcome.CLARIFY
        assert {name for name in ("Choguel", "Oumar") if name in answer.text} == {"Choguel", "Oumar"}
        assert len(answer.card.suggestions) == 2
    for first, other in (("Choguel", "Oumar"), ("Oumar", "Choguel")):
        answer = desk.ask(who.format(f"{first} Maiga"), asking(language))
        assert answer.outcome is Outcome.ANSWERED
        assert first in answer.headline
        assert other not in answer.text


@pytest.mark.parametrize("question", ["what did Maiga say?", "que dit maiga"])
def test_what_either_may_have_said_is_asked_back(desk: Desk, question: str) -> None:
    assert desk.ask(question, asking()).outcome is Outcome.CLARIFY


def test_each_way_out_of_a_shared_name_is_a_question_that_works(small: Desk) -> None:
    for language in ("en", "fr"):
        suggestions = small.ask({"en": "who is Brook?", "fr": "qui est Brook ?"}[language], asking()).card.suggestions
        answers = [small.ask(suggestion, asking()) for suggestion in suggestions]
        assert [answer.outcome for answer in answers] == [Outcome.ANSWERED] * 2
        assert ["Tom" in answers[0].headline, "Tom" in answers[1].headline] == [True, False]
        assert {answer.language for answer in answers} == {language}


def test_un_is_an_organisation_only_in_capitals(small: Desk) -> None:
    assert small.who("UN", asking()).title == "Union of Navigators"
    assert small.ask("what is the UN?", asking()).headline == "Union of Navigators: A trade union."
    assert small.ask("what is un?", asking()).outcome is Outcome.NO_ANSWER
