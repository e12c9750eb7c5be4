"""JSON Schemas of the seed files, generated from the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from bot.facts.model import DocumentsFile
from bot.facts.reading import KINDS


def write_schemas(folder: Path) -> Iterator[Path]:
    """Write a schema for each kind of seed file into `folder`; yields the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    models: dict[str, type[BaseModel]] = {"documents": DocumentsFile, **KINDS}
    for kind, model in models.items():
        path = folder / f"{kind}.schema.json"
        path.write_text(json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        yield path
