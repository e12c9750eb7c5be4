from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import build, build_desk
from bot.desk import Desk
from bot.facts.findings import SeedsError
from bot.settings import Settings
from tests.conftest import ROOT
from tests.databases import mislaid
from tests.newsroom import NOW, STORY, newsroom


def test_everything_is_built_from_settings(tmp_path: Path) -> None:
    settings = Settings(seeds_dir=newsroom(tmp_path / "seeds").write())

    async def stories() -> list[str]:
        async with build(settings) as app:
            assert isinstance(app.desk, Desk)
            assert app.settings is settings
            return list(app.desk.store.stories)

    assert asyncio.run(stories()) == [STORY]


def test_facts_that_cannot_be_used_are_not_built(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path / "seeds")
    seeds.facts[0]["topic"] = "nowhere"
    settings = Settings(seeds_dir=seeds.write())

    async def built() -> None:
        async with build(settings):
            pass

    for attempt in (lambda: build_desk(settings), lambda: asyncio.run(built())):
        with pytest.raises(SeedsError, match="`nowhere` is not among the topics"):
            attempt()


def test_an_edit_goes_into_service_whole_and_a_broken_one_not_at_all(tmp_path: Path) -> None:
    seeds = newsroom(tmp_path / "seeds")
    settings = Settings(seeds_dir=seeds.write())

    async def edited() -> None:
        async with build(settings) as app:
            assert await app.refresh(NOW) is None
            before = app.desk.store
            topic = seeds.facts[0]["topic"]
            seeds.facts[0]["topic"] = "nowhere"
            seeds.write()
            assert "`nowhere` is not among the topics" in (await app.refresh(NOW) or "")
            assert app.desk.store is before
            seeds.facts[0] |= {"topic": topic, "recheck": "never"}
            seeds.write()
            assert await app.refresh(NOW) is None
            assert app.desk.store is not before
            assert app.desk.store.fact(str(seeds.facts[0]["id"])).recheck.value == "never"

    asyncio.run(edited())


async def test_a_look_while_the_database_fails_says_so_and_the_next_one_goes_on(tmp_path: Path, database: str) -> None:
    settings = Settings(seeds_dir=newsroom(tmp_path / "seeds").write(), database_url=SecretStr(database))
    async with build(settings, lambda: NOW) as app:
        assert await app.tick(lambda: NOW) is None
        async with mislaid(app.state, "subscriptions"):
            assert "cannot be used just now" in (await app.tick(lambda: NOW) or "")
        assert await app.tick(lambda: NOW) is None


# Run in an interpreter of its own, with an empty environment and in an empty folder. It prints
# what importing does beyond reading code: writing, connecting, starting, reading facts or settings.
WATCH = """
import sys
seen = []
def watch(event, args):
    if event == "open":
        path, mode = str(args[0]), str(args[1])
        if set(mode) & set("wax+") or path.endswith((".yaml", ".env", ".po")) or "chat-history" in path:
            seen.append(f"{event} {path} {mode}")
    elif event in {"socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.mkdir", "os.exec"}:
        seen.append(event)
sys.addaudithook(watch)
import importlib, json, pkgutil, threading
import bot
names = ["bot", *(m.name for m in pkgutil.walk_packages(bot.__path__, "bot."))]
for name in names:
    importlib.import_module(name)
print(json.dumps({"names": names, "seen": seen, "threads": threading.active_count()}))
"""


AUDIOOP = "ignore:'audioop' is deprecated:DeprecationWarning"  # discord.py, on Python before 3.13


def test_importing_any_module_does_nothing(tmp_path: Path) -> None:
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{WATCH}"
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-W", AUDIOOP, "-c", start],
        cwd=tmp_path,
        env={},
        capture_output=True,
        check=False,
    )
    assert done.stderr.decode() == ""
    (line,) = done.stdout.decode().splitlines()
    found = json.loads(line)
    # Migrations are no modules: Alembic runs them.
    paths = [path for path in (ROOT / "bot").rglob("*.py") if "migrations" not in path.parts]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    assert {module.removesuffix(".__init__") for module in modules} == set(found["names"])
    assert (found["seen"], found["threads"]) == ([], 1)
    assert list(tmp_path.iterdir()) == []
