"""Arbitrary input at every entrance: nothing may raise, nothing may come back as it was typed.

Run: PYTHONPATH=. python tests/benchmarks/fuzz.py [INPUTS] [SEED]   (100,000 inputs unless told)
Questions and commands at the desk, seed files, questions in a batch, archives of the state, flood
limits, and the ids of buttons. Half of the inputs are made of what hurt others: mentions, markup,
long runs, broken encodings, the words of our own commands in the wrong places.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.discord.controls import Press
from bot.briefing.card import plain
from bot.desk import Asking, Desk
from bot.digest.places import Person, Place
from bot.errors import BriefbotError
from bot.facts.load import load_store
from bot.facts.model import LANGUAGES, Language
from bot.facts.yamlread import read_yaml
from tests.newsroom import newsroom

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SHARDS = (
    "@everyone", "<!channel>", "<@U123>", "<@&1>", "https://evil.example/", "[a](http://b)", "**", "`", "```", "|", ">",
    "\u202e", "\u200b", "\ufeff", "\x00", "\x1b[31m", "\ud800", "e\u0301" * 20, "ferry", "who", "qui", "what does the",
    "digest subscribe", "digest change #", "at 25:61", "Mars/Olympus", "who ", "timeline ", "fact ferry-fare", "story",
    "queue answer q1 x", "watch", "seen 9", "'; DROP TABLE facts; --", "{{7*7}}", "%s%s%n", "../../etc/passwd",
    "\u00e9", "9" * 400, "- a: &x [*x]", "!!python/object:os.system", "a: b: c", "{", "[[[[", "\t", "\r\n", ": ", "~",
)  # fmt: skip
LIVE = ("@everyone", "<!channel>", "<@U123>", "<@&1>", "evil.example", "\x1b", "\u202e")


def text(chance: random.Random, most: int = 12) -> str:
    """Shards, or anything at all."""
    if chance.random() < 0.5:
        return "".join(chance.choice(SHARDS) + chance.choice(("", " ")) for _ in range(chance.randrange(most)))
    kinds = ((32, 127), (0, 32), (128, 0x2FF), (0x600, 0x6FF), (0x2000, 0x206F), (0x1F300, 0x1F6FF), (0, 0x10FFFF))
    low, high = chance.choice(kinds)
    return "".join(chr(chance.randrange(low, high)) for _ in range(chance.randrange(60)))


def entrances(folder: Path) -> dict[str, Callable[[random.Random], None]]:
    """What takes input from outside, each as a function of chance."""
    desk = Desk(load_store(newsroom(folder).write()))
    place, person = Place("test", "w1", "C1"), Person("test", "w1", "U1")

    def question(chance: random.Random) -> None:
        language: Language | None = chance.choice((None, *LANGUAGES))
        asking = Asking(NOW, language, thread=chance.choice((None, "t")), place=place, person=person)
        card = desk.brief(text(chance), asking).card
        shown = plain(card)
        assert not any(piece in shown for piece in LIVE), shown

    def seeds(chance: random.Random) -> None:
        path = folder / "fuzzed.yaml"
        path.write_bytes(text(chance, 30).encode("utf-8", "surrogatepass"))
        read_yaml(path, "fuzzed.yaml")

    def press(chance: random.Random) -> None:
        Press.__discord_ui_compiled_template__.fullmatch(f"bb{chance.randrange(3)}:{text(chance)}")

    def moments(chance: random.Random) -> None:
        asking = Asking(NOW + timedelta(seconds=chance.randrange(10**9)), place=place, person=person)
        desk.brief("digest subscribe " + text(chance), asking)

    return {"questions and commands": question, "seed files": seeds, "ids of buttons": press, "wishes": moments}


def fuzz(inputs: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How many inputs each entrance took, and what went wrong, each with what repeats it."""
    with tempfile.TemporaryDirectory() as name:
        doors = entrances(Path(name))
        taken: Counter[str] = Counter()
        problems: list[str] = []
        for number in range(inputs):
            door = list(doors)[number % len(doors)]
            chance = random.Random(f"{seed}:{number}")
            taken[door] += 1
            try:
                doors[door](chance)
            except BriefbotError:
                pass  # explained to a person
            except Exception as error:  # noqa: BLE001 (that is what is looked for)
                problems.append(f"{door}, input {seed}:{number}: {type(error).__name__}: {error}"[:300])
        return taken, problems


def main() -> None:
    """Run and tell; the exit status is 1 when anything went wrong."""
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.perf_counter()
    taken, problems = fuzz(inputs, seed)
    print("; ".join(f"{door}: {number}" for door, number in taken.items()), f"in {time.perf_counter() - began:.0f} s")
    print("\n".join(problems[:20]) or "nothing raised, nothing live came back")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
