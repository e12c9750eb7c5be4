"""`briefbot slack`: the manifest that Slack makes the app from."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.common import app
from bot.errors import SettingsError

slack_app = typer.Typer(no_args_is_help=True, help="Set the bot up in Slack.")
app.add_typer(slack_app, name="slack")


@slack_app.callback()
def _slack() -> None:
    """Set the bot up in Slack."""


@slack_app.command()
def manifest(
    http: Annotated[
        str | None, typer.Option("--http", metavar="URL", help="Public address of the bot, where Slack calls it.")
    ] = None,
) -> None:
    """Print the manifest that Slack makes the app from; without --http, for Socket Mode."""
    from bot.adapters.slack.manifest import text  # noqa: PLC0415 (heavy)

    if http is not None and not http.startswith("https://"):
        raise SettingsError("Slack calls only addresses that begin with https://.")
    print(text(http or ""), end="")
