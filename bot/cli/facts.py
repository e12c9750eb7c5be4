"""Commands for the editors of the facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import Json, app, print_json, writing
from bot.facts.load import all_findings, load_store
from bot.facts.revisions import record
from bot.facts.schemas import write_schemas
from bot.facts.views import fact_json
from bot.settings import read_settings, seeds_folder

facts_app = typer.Typer(no_args_is_help=True, help="Look after the facts in seeds/.")
app.add_typer(facts_app, name="facts")


@facts_app.command("check")
def facts_check(as_json: Json = False) -> None:
    """Check seeds/: every finding with file, line and remedy."""
    folder = seeds_folder(read_settings())
    findings = all_findings(folder)
    if as_json:
        print_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            print(finding)
        count = {0: "No findings", 1: "1 finding"}.get(len(findings), f"{len(findings)} findings")
        print(f"{count} in {folder}.")
    if findings:
        raise typer.Exit(1)


@facts_app.command("list")
def facts_list(as_json: Json = False) -> None:
    """Every fact, whatever its state; with --json one object a line."""
    store = load_store(seeds_folder(read_settings()))
    for one in store.facts.values():
        if as_json:
            print(json.dumps(fact_json(one, store), ensure_ascii=False))
        else:
            print(f"{one.id}  [{one.state.value}, {one.status.value}]  {one.statement.en}")


@facts_app.command("record")
def facts_record() -> None:
    """Record new facts and revisions, once everything else in `facts check` is clean."""
    folder = seeds_folder(read_settings())
    store = load_store(folder)
    with writing(folder):
        added = record(folder, store.facts.values())
    print(f"{added} revision(s) recorded in {folder / 'revisions.lock'}.")


@facts_app.command("schema")
def facts_schema(
    folder: Annotated[Path, typer.Argument(help="Where to write the JSON Schemas.")],
) -> None:
    """Write JSON Schemas of the seed files, for completion in a code editor."""
    with writing(folder):
        for path in write_schemas(folder):
            print(path)
