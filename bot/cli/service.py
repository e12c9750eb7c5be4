"""Commands for whoever deploys it: run, doctor."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from bot.cli.common import Json, a_console, app, print_json
from bot.observing import Level
from bot.settings import read_settings, secrets_of, unknown_names, utc_now

STYLES = {Level.FINE: "green", Level.WARNING: "yellow", Level.FAILURE: "bold red"}


@app.command()
def run(
    only: Annotated[
        Literal["slack", "discord", "digest"] | None,
        typer.Option(help="One platform's questions only; or deliveries only, and nobody is listened to."),
    ] = None,
) -> None:
    """Run the bot: every platform that has its tokens, the digest, health and metrics. Stop it with SIGTERM."""
    from bot.app.running import platforms  # noqa: PLC0415 (brings everything)
    from bot.app.running import run as serve  # noqa: PLC0415
    from bot.logs import configure, log  # noqa: PLC0415

    settings = read_settings()
    platforms(settings, only)  # says what is missing before anything is opened
    configure(settings.log_format, settings.log_level, secrets_of(settings))
    for told in unknown_names():
        log.warning("%s", told)
    asyncio.run(serve(settings, only))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at all that can be wrong and say what to do; exit status 1 when something must be mended."""
    from bot.app.doctor import examine  # noqa: PLC0415 (brings everything)

    settings = read_settings()
    found = asyncio.run(examine(settings, utc_now(settings)))
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        console = a_console(wide=True)
        table = Table(show_header=False, box=None, pad_edge=False)
        for finding in found:
            text = finding.text + (
                f"\n→ {finding.remedy}" if finding.remedy and finding.level is not Level.FINE else ""
            )
            table.add_row(Text(finding.level.value, STYLES[finding.level]), finding.subject, Text(text))
        console.print(table)
    sys.exit(any(finding.level is Level.FAILURE for finding in found))
