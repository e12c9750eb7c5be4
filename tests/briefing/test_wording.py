from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.briefing.wording import wording
from bot.desk import COMMANDS
from bot.facts.dates import parse
from bot.facts.model import Language, Status

BOT = Path(__file__).parent.parent.parent / "bot"
CATALOGUE = BOT / "briefing" / "locale" / "fr" / "LC_MESSAGES" / "briefbot.po"


Function = ast.FunctionDef | ast.AsyncFunctionDef


class Used:
    """The message ids that the code passes to the wording.

    An id that stands in a variable is followed to the constants of its function, or to the
    arguments of the function's calls in the same module. What cannot be followed is `unread`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.single: set[str] = set()
        self.plural: set[tuple[str, str]] = set()
        self.unread: list[str] = []
        for function in ast.walk(self.tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in calls(function):
                    self._read(call, function)

    def _read(self, call: ast.Call, function: Function) -> None:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "plural":
            one, many = (list(self._constants(argument, function)) for argument in call.args[:2])
            self.plural.update(zip(one, many, strict=True))
        elif self._is_wording(call.func) and call.args:
            ids = list(self._constants(call.args[0], function))
            self.single.update(ids)
            if not ids:
                self.unread.append(f"{self.path.name}:{ast.unparse(call)}")

    def _is_wording(self, func: ast.expr) -> bool:
        if isinstance(func, ast.Name):
            return func.id == "say" or (func.id == "self" and self.path.name == "wording.py")
        if isinstance(func, ast.Attribute):
            return func.attr == "say"
        return isinstance(func, ast.Call) and isinstance(func.func, ast.Name) and func.func.id == "wording"

    def _constants(self, value: ast.expr, function: Function) -> Iterator[str]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, ast.IfExp):
            yield from self._constants(value.body, function)
            yield from self._constants(value.orelse, function)
        elif isinstance(value, ast.Name):
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and any(ast.unparse(t) == value.id for t in node.targets):
                    yield from self._constants(node.value, function)
            yield from self._arguments(value.id, function)

    def _arguments(self, parameter: str, function: Function) -> Iterator[str]:
        """The constants that the module passes to a function for one of its parameters."""
        parameters = [argument.arg for argument in function.args.args if argument.arg != "self"]
        if parameter not in parameters:
            return
        position = parameters.index(parameter)
        for call in calls(self.tree):
            if ast.unparse(call.func).rpartition(".")[2] == function.name and len(call.args) > position:
                argument = call.args[position]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.fixture(name="used", scope="module")
def _used() -> Sequence[Used]:
    return [Used(path) for path in sorted(BOT.rglob("*.py"))]


@pytest.fixture(name="catalogue", scope="module")
def _catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(ids: object) -> tuple[str, ...]:
    return ids if isinstance(ids, tuple) else (str(ids),)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_code_passes_only_ids_that_can_be_found_in_it(used: Sequence[Used]) -> None:
    # The meanings of the commands come from the desk's table; the next test has them.
    assert [call for one in used for call in one.unread] == ["cards.py:say(meaning)"]


def test_every_sentence_of_the_code_is_in_the_french_catalogue(used: Sequence[Used], catalogue: Catalog) -> None:
    single = {i for one in used for i in one.single} | {meaning for *_, meaning in COMMANDS}
    plural = {pair for one in used for pair in one.plural}
    assert len(single) > 50
    assert len(plural) > 2
    known = {forms(message.id) for message in messages(catalogue)}
    assert {forms(i) for i in single} | plural == known


def test_every_french_form_is_there_and_sure(catalogue: Catalog) -> None:
    for message in messages(catalogue):
        assert not message.fuzzy, message.id
        assert all(forms(message.string)), message.id
        assert len(forms(message.string)) == len(forms(message.id)), message.id


def test_the_places_of_a_translation_are_those_of_its_original(catalogue: Catalog) -> None:
    for message in messages(catalogue):
        for form in forms(message.string):
            assert places(form) == places(forms(message.id)[-1]), message.id
        assert len({frozenset(places(form)) for form in forms(message.id)}) == 1, message.id


def test_a_sentence_is_said_in_the_language_of_its_wording() -> None:
    assert wording("en")("As of {date}.", date="May") == "As of May."
    assert wording("fr")("As of {date}.", date="mai") == "État : mai."


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [(0, "0 facts", "0 fait"), (1, "1 fact", "1 fait"), (2, "2 facts", "2 faits"), (1000, "1000 facts", "1000 faits")],
)
def test_each_language_has_its_own_plural(number: int, english: str, french: str) -> None:
    said = [wording(language).plural("{number} fact", "{number} facts", number) for language in ("en", "fr")]
    assert said == [english, french]


@pytest.mark.parametrize(
    ("notation", "english", "french"),
    [
        ("2025-08-10", "10 August 2025", "10 août 2025"),
        ("2025-08-01", "1 August 2025", "1er août 2025"),
        ("2025-08-11", "11 August 2025", "11 août 2025"),
        ("2025-08-21", "21 August 2025", "21 août 2025"),
        ("2025-08", "August 2025", "août 2025"),
        ("2025", "2025", "2025"),
        ("2025-08-10?", "10 August 2025 (date inferred)", "10 août 2025 (date déduite)"),
        ("2025-08?", "August 2025 (date inferred)", "août 2025 (date déduite)"),
        ("2025-08~", "about August 2025", "août 2025 environ"),
        ("2025-07-15%", "about 15 July 2025 (date inferred)", "15 juillet 2025 environ (date déduite)"),
        ("2025-08-01~/2025-08-10~", "early August 2025", "début août 2025"),
        ("2025-08-11~/2025-08-20~", "mid-August 2025", "mi-août 2025"),
        ("2025-07-20~/2025-07-31~", "late July 2025", "fin juillet 2025"),
        ("2025-02-20~/2025-02-28~", "late February 2025", "fin février 2025"),
        ("2024-01/2024-06", "first half of 2024", "premier semestre 2024"),
        ("2024-07/2024-12", "second half of 2024", "second semestre 2024"),
        ("2024-07/2024-11", "July 2024 to November 2024", "juillet 2024 – novembre 2024"),
        ("2012/..", "since 2012", "depuis 2012"),
        ("2012-03/..", "since March 2012", "depuis mars 2012"),
        ("2012-03-05/..", "since 5 March 2012", "depuis le 5 mars 2012"),
        ("../2025-05", "until May 2025", "jusqu'à mai 2025"),
        ("../2025-05-10", "until 10 May 2025", "jusqu'au 10 mai 2025"),
        ("2025-08-09/2025-08-11", "9 August 2025 to 11 August 2025", "9 août 2025 – 11 août 2025"),
        ("2012~/2013~", "about 2012 to 2013", "2012 – 2013 environ"),
        ("2024-21", "1 March 2024 to 31 May 2024", "1er mars 2024 – 31 mai 2024"),
        ("2024-06-XX", "1 June 2024 to 30 June 2024", "1er juin 2024 – 30 juin 2024"),
        ("2024-XX", "1 January 2024 to 31 December 2024", "1er janvier 2024 – 31 décembre 2024"),
    ],
)
def test_a_date_says_no_more_than_is_known(notation: str, english: str, french: str) -> None:
    assert [wording(language).date(parse(notation)) for language in ("en", "fr")] == [english, french]


def test_a_day_is_written_as_its_readers_write_it() -> None:
    assert [wording(language).day(date(2026, 11, 1)) for language in ("en", "fr")] == [
        "1 November 2026",
        "1er novembre 2026",
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_status_has_a_word_of_its_own_and_says_when_it_is_disputed(language: Language) -> None:
    say = wording(language)
    plain = [say.status(status, disputed=False) for status in Status]
    assert len(set(plain)) == len(Status)
    for status, word in zip(Status, plain, strict=True):
        assert say.status(status, disputed=True) == f"{word}, {'disputed' if language == 'en' else 'contesté'}"


@pytest.mark.parametrize(
    ("things", "english", "french"),
    [
        ([], "", ""),
        (["RFI"], "RFI", "RFI"),
        (["RFI", "AFP"], "RFI and AFP", "RFI et AFP"),
        (["RFI", "AFP", "BBC"], "RFI, AFP and BBC", "RFI, AFP et BBC"),
    ],
)
def test_a_list_ends_with_and(things: list[str], english: str, french: str) -> None:
    assert [wording(language).listing(iter(things)) for language in ("en", "fr")] == [english, french]


def test_a_series_keeps_things_with_commas_apart() -> None:
    things = ["RFI, via A", "AFP"]
    assert [wording(language).series(things) for language in ("en", "fr")] == ["RFI, via A; AFP", "RFI, via A ; AFP"]
