"""The bot in a simulated Discord: `python -m tests.adapters.discord.preview` serves it to a browser, without a token.

`shots FOLDER` saves a picture of every kind of card instead, in both languages, wide and narrow.
Needs `pip install 'simcord[screenshot]'`, and for pictures `playwright install chromium`.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from simcord import Env

from bot.adapters.discord import create_bot
from bot.app import build
from bot.settings import Settings

LOCALES = {"en": "en-US", "fr": "fr"}
WIDTHS = {"wide": 1000, "narrow": 400}
QUESTIONS = {
    "en": (
        "who was arrested?",
        "how many soldiers were arrested?",
        "what is the capital of France?",
        "who is Dembele?",
    ),
    "fr": (
        "qui a été arrêté ?",
        "combien de militaires ont été arrêtés ?",
        "quelle est la capitale de la France ?",
        "qui est Dembele ?",
    ),
}
COMMANDS = ("brief help", "brief timeline", "brief disputes", "brief sources", "brief digest preview")


@asynccontextmanager
async def simulated() -> AsyncIterator[tuple[Env, Any, Any]]:
    """A server with one channel and one reader, over the real facts and a database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        async with build(settings) as made:
            env = Env(create_bot(made.desk, memory=made.state.memory))
            await env.start()
            try:
                guild = env.create_guild("Newsroom")
                channel = guild.create_text_channel("desk")
                reader = guild.add_member(env.create_user("ann", global_name="Ann"), roles=[])
                yield env, channel, reader
            finally:
                await env.shutdown()


async def serve() -> None:
    """Until the terminal is closed."""
    async with simulated() as (env, channel, reader):
        await reader.slash(channel, "brief help")
        async with env.preview(channel, viewers=[reader], layout="channel") as preview:
            print(f"Open {preview.url} and try: /brief ask, /brief timeline, or @ the bot. Leave with Ctrl-C.")
            await asyncio.Event().wait()


async def shots(folder: Path) -> None:
    """A picture of every card."""
    for language, questions in QUESTIONS.items():
        async with simulated() as (env, channel, reader):
            speak(env, language)
            shown = {}
            for number, question in enumerate(questions):
                shown[f"ask{number}"] = await reader.slash(channel, "brief ask", question=question)
            for command in COMMANDS:
                shown[command.rpartition(" ")[2]] = await reader.slash(channel, command)
            for name, result in shown.items():
                for width, pixels in WIDTHS.items():
                    path = folder / f"{name}-{language}-{width}.png"
                    async with env.preview(channel, viewers=[reader], locale=LOCALES[language]) as preview:
                        await preview.screenshot(path, target=result, viewport=(pixels, 2_000), allow_incomplete=True)


def speak(env: Env, language: str) -> None:
    """The simulated people use Discord in this language."""
    parsers = env.bot._connection.parsers
    parse = parsers["INTERACTION_CREATE"]
    parsers["INTERACTION_CREATE"] = lambda data: parse({**data, "locale": LOCALES[language]})


if __name__ == "__main__":
    if sys.argv[1:2] == ["shots"]:
        pictures = Path(sys.argv[2])
        pictures.mkdir(parents=True, exist_ok=True)
        asyncio.run(shots(pictures))
    else:
        asyncio.run(serve())
