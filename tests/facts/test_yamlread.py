from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts.findings import Finding
from bot.facts.yamlread import read_text, read_yaml


def read(text: str) -> Any:
    tree, findings = read_text(text, "file.yaml")
    assert findings == []
    return tree.data


def refusal(text: str) -> Finding:
    tree, (finding,) = read_text(text, "file.yaml")
    assert tree.data is None
    assert finding.file == "file.yaml"
    return finding


@pytest.mark.parametrize(
    "scalar",
    ["NO", "yes", "on", "true", "12:30", "1.10", "1_000", "010", "0x1F", "1e3", ".inf", "2025-08-10", "=", "<<"],
)
def test_a_scalar_stays_the_text_that_was_written(scalar: str) -> None:
    assert read(f"key: {scalar}") == {"key": scalar}


@pytest.mark.parametrize("key", ["NO", "1.10", "010", "null", "<<"])
def test_a_key_stays_the_text_that_was_written(key: str) -> None:
    assert read(f"{key}: value") == {key: "value"}


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_plain_null_is_nothing(nothing: str) -> None:
    assert read(f"key: {nothing}") == {"key": None}


@pytest.mark.parametrize("quoted", ["'null'", '"null"'])
def test_quoted_null_is_text(quoted: str) -> None:
    assert read(f"key: {quoted}") == {"key": "null"}


def test_quoted_empty_text_is_text() -> None:
    assert read("key: ''") == {"key": ""}


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment only\n", "---\n"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: 1\nb: 2\na: 3", "duplicate-key", 3),
        ("top:\n  a: 1\n  'a': 2", "duplicate-key", 3),
        ("a: 1\nb: {c: 1, c: 2}", "duplicate-key", 2),
        ("a: 1\nb: &name x", "anchor", 2),
        ("a: 1\nb: &name {c: 1}", "anchor", 2),
        ("a: 1\nb: *name", "anchor", 2),
        ("a: 1\n&name b: x", "anchor", 2),
        ("a: 1\n*name : x", "anchor", 2),
        ("a: 1\nb: !!python/object/apply:os.system [id]", "tag", 2),
        ("a: 1\nb: !!str 5", "tag", 2),
        ("a: 1\nb: !local x", "tag", 2),
        ("a: 1\n!!int 5: x", "tag", 2),
        ("a: 1\n? [b]\n: x", "key", 2),
        ("a: 1\n---\nb: 2", "documents", 2),
        ("a: 1\n---\n", "documents", 2),
        ("a: 1\nb: [1, 2\nc: 3", "yaml", 3),
        ("a: 1\n\tb: 2", "yaml", 2),
        ("a: 1\nb: 'open", "yaml", 2),
    ],
)
def test_more_than_plain_yaml_is_refused_at_its_line(text: str, rule: str, line: int) -> None:
    finding = refusal(text)
    assert (finding.rule, finding.line) == (rule, line)
    assert finding.problem
    assert finding.remedy


def test_the_name_of_a_duplicate_key_is_said() -> None:
    assert "`status`" in refusal("status: a\nstatus: b").problem


def test_billion_laughs_is_refused_at_its_first_anchor() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    finding = refusal("\n".join(["l0: &l0 lol", *levels]))
    assert (finding.rule, finding.line) == ("anchor", 1)


@pytest.mark.parametrize(
    ("opening", "rule"), [("[", "too-deep"), ("- ", "too-deep"), ("{a: ", "too-deep"), ("{", "key"), ("? ", "key")]
)
def test_three_thousand_levels_are_refused(opening: str, rule: str) -> None:
    assert refusal(opening * 3_000).rule == rule


def test_twenty_levels_are_read() -> None:
    assert read("[" * 20 + "x" + "]" * 20) is not None


def test_twenty_one_levels_are_refused() -> None:
    assert refusal("[" * 21 + "x" + "]" * 21).rule == "too-deep"


def test_a_line_is_known_for_every_path_and_for_what_is_missing_the_nearest_around_it() -> None:
    tree, _ = read_text("top:\n  - id: one\n    name: x\n  - id: two\nlast: y\n", "file.yaml")
    assert tree.line(("top", 0, "name")) == 3
    assert tree.line(("top", 1, "id")) == 4
    assert tree.line(("top", 1, "name", "en")) == 4
    assert tree.line(("last",)) == 5
    assert tree.line(("nowhere",)) == 1


def test_a_file_of_one_megabyte_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: " + "x" * 999_997, encoding="utf-8")
    assert read_yaml(path, "file.yaml")[1] == []
    path.write_text("a: " + "x" * 999_998, encoding="utf-8")
    (finding,) = read_yaml(path, "file.yaml")[1]
    assert (finding.line, finding.rule) == (0, "too-large")
    assert "1,000,001" in finding.problem
    assert "Split" in finding.remedy


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes("name: Goïta".encode("latin-1"))
    (finding,) = read_yaml(path, "file.yaml")[1]
    assert (finding.line, finding.rule) == (0, "encoding")
    assert "byte 8" in finding.problem
    assert "UTF-8" in finding.remedy


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("name: Goïta", encoding="utf-8-sig")
    assert read_yaml(path, "file.yaml")[0].data == {"name": "Goïta"}


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_what_cannot_be_opened_is_a_finding(tmp_path: Path, name: str) -> None:
    (finding,) = read_yaml(tmp_path / name, name)[1]
    assert (finding.file, finding.line, finding.rule) == (name, 0, "unreadable")


def scalars_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *(s for inner in value.values() for s in scalars_of(inner))]
    if isinstance(value, list):
        return [s for inner in value for s in scalars_of(inner)]
    return [value]


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("[]{}:,-?&*!|>'\"%@`# \nab01~"))
def test_any_text_gives_strings_or_one_finding(text: str) -> None:
    tree, findings = read_text(text, "file.yaml")
    assert len(findings) <= 1
    assert all(scalar is None or isinstance(scalar, str) for scalar in scalars_of(tree.data))


words = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), max_size=20)
trees = st.recursive(words, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=15)


@given(st.dictionaries(words, trees))
def test_quoted_values_come_back_as_they_were_written(value: dict[str, Any]) -> None:
    assert read(json.dumps(value, ensure_ascii=False)) == value
