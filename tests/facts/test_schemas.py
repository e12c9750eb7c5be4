from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.facts.schemas import write_schemas

KEYS = {
    "documents": ({"publishers", "documents"}, ["documents"]),
    "story": ({"story"}, ["story"]),
    "entities": ({"entities"}, ["entities"]),
    "facts": ({"topics", "facts"}, ["facts"]),
    "briefs": ({"briefs"}, ["briefs"]),
    "disputes": ({"disputes"}, ["disputes"]),
}


@pytest.fixture
def schemas(tmp_path: Path) -> dict[str, Any]:
    """Every schema by the name of its kind of file, written into a folder that did not exist."""
    paths = list(write_schemas(tmp_path / "new" / "schemas"))
    assert sorted((tmp_path / "new" / "schemas").iterdir()) == sorted(paths)
    return {path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8")) for path in paths}


def test_each_kind_of_file_has_a_schema(schemas: dict[str, Any]) -> None:
    assert schemas.keys() == KEYS.keys()


@pytest.mark.parametrize("kind", KEYS)
def test_a_schema_names_the_keys_of_its_file_and_allows_no_other(schemas: dict[str, Any], kind: str) -> None:
    schema = schemas[kind]
    keys, required = KEYS[kind]
    assert schema["properties"].keys() == keys
    assert schema["required"] == required
    assert schema["additionalProperties"] is False


def test_a_schema_offers_what_may_be_chosen(schemas: dict[str, Any]) -> None:
    status = schemas["facts"]["$defs"]["Status"]
    assert status["enum"] == ["confirmed", "reported", "alleged", "denied", "background"]


def test_a_schema_describes_a_date_as_it_is_written(schemas: dict[str, Any]) -> None:
    as_of = schemas["facts"]["$defs"]["Fact"]["properties"]["as_of"]
    assert as_of["type"] == "string"
    assert "2025-08-10" in as_of["description"]


def test_a_schema_uses_the_names_of_the_file(schemas: dict[str, Any]) -> None:
    assert set(schemas["facts"]["$defs"]["Change"]["properties"]) == {"class", "reason", "on"}


def test_writing_again_replaces_the_schemas(tmp_path: Path) -> None:
    first = {path: path.read_bytes() for path in write_schemas(tmp_path)}
    assert {path: path.read_bytes() for path in write_schemas(tmp_path)} == first
