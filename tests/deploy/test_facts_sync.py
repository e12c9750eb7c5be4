"""How a merged edit reaches a running process: fetched, checked, switched, taken into service."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.app import build
from bot.facts.findings import SeedsError
from bot.facts.load import load_store
from bot.settings import Settings
from tests.deploy.files import DEPLOY
from tests.newsroom import NOW, newsroom
from tests.seedfolder import SeedFolder
from tests.world import PATIENCE

SCRIPT = DEPLOY / "facts-sync"

pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("git", "tar", "flock")), reason="git, tar or flock is not here."
)


class Desk:
    """An editor's repository, and the folder on the server that is to hold its facts."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.facts = folder / "repository", folder / "facts"
        self.facts.mkdir()
        self.seeds: SeedFolder = newsroom(self.repository / "seeds")
        programs = folder / "bin"
        programs.mkdir()
        (programs / "briefbot").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n', encoding="utf-8")
        (programs / "briefbot").chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(DEPLOY.parent),
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "FACTS_REPOSITORY": str(self.repository),
            "FACTS_DIR": str(self.facts),
        }
        self.git("init", "--quiet", "--initial-branch=main", str(self.repository))
        self.seeds.record()

    def git(self, *arguments: str) -> str:
        """Run git as the editor."""
        who = ("-c", "user.name=An editor", "-c", "user.email=editor@example.org")
        where = () if arguments[0] == "init" else ("-C", str(self.repository))
        done = subprocess.run(
            [shutil.which("git") or "git", *where, *who, *arguments],
            check=True,
            capture_output=True,
            text=True,
            env=self.environment,
        )
        return done.stdout.strip()

    def merge(self) -> str:
        """The facts as they are now become the newest commit of the branch."""
        self.seeds.write()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=An edit", "--date=2026-11-21T09:00:00")
        return self.git("rev-parse", "HEAD")

    def sync(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script once."""
        return subprocess.run(
            [SCRIPT],
            check=False,
            capture_output=True,
            text=True,
            env={**self.environment, **environment},
            timeout=PATIENCE,
        )

    @property
    def in_service(self) -> str:
        """The commit whose facts the bot would read now."""
        return (self.facts / "current").readlink().name


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_merged_edit_reaches_a_running_process_and_a_broken_one_does_not(desk: Desk) -> None:
    first = desk.merge()
    assert desk.sync().returncode == 0
    assert desk.in_service == first

    async def running() -> None:
        async with build(Settings(seeds_dir=desk.facts / "current" / "seeds")) as app:
            desk.seeds.facts[0]["recheck"] = "never"
            began = time.monotonic()
            second = desk.merge()
            assert desk.sync().returncode == 0
            assert desk.in_service == second
            before = app.desk.store
            assert await app.refresh(NOW) is None
            assert app.desk.store is not before
            assert time.monotonic() - began < 60  # and 75 s at most until both have looked

            taken = app.desk.store
            desk.seeds.facts[0]["topic"] = "nowhere"
            third = desk.merge()
            refused = desk.sync()
            assert refused.returncode == 1
            assert f"Commit {third} is not taken" in refused.stderr
            assert "`nowhere` is not among the topics" in (desk.facts / "problem").read_text(encoding="utf-8")
            assert desk.in_service == second
            assert await app.refresh(NOW) is None
            assert app.desk.store is taken

    asyncio.run(running())


def test_the_problem_goes_with_its_cause(desk: Desk) -> None:
    desk.merge()
    desk.seeds.facts[0]["topic"] = "nowhere"
    desk.merge()
    assert desk.sync().returncode == 1
    assert not (desk.facts / "current").exists()
    desk.git("revert", "--no-edit", "HEAD")
    assert desk.sync().returncode == 0
    assert not (desk.facts / "problem").exists()
    assert desk.in_service == desk.git("rev-parse", "HEAD")


def test_whoever_reads_during_a_switch_reads_one_edit_whole(desk: Desk) -> None:
    """Reads by a path that was resolved once, as many as there can be while twelve edits come in."""
    desk.merge()
    desk.sync()
    over, broken, reads = threading.Event(), [], []

    def read() -> None:
        while not over.is_set():
            try:
                load_store((desk.facts / "current" / "seeds").resolve())
            except (SeedsError, OSError) as error:
                broken.append(error)
            reads.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(12):
            desk.seeds.facts[0]["asks"] = {"en": [f"Question number {number}?"], "fr": [f"Question numéro {number} ?"]}
            desk.merge()
            assert desk.sync(PATH=_trusting(desk)).returncode == 0
    finally:
        over.set()
        reader.join()
    assert not broken
    assert len(reads) > 12


def _trusting(desk: Desk) -> str:
    """A path on which `briefbot` finds nothing wrong, so that the switches come fast."""
    quick = desk.repository.parent / "quick"
    quick.mkdir(exist_ok=True)
    (quick / "briefbot").write_text("#!/bin/sh\n", encoding="utf-8")
    (quick / "briefbot").chmod(0o755)
    return f"{quick}:{desk.environment['PATH']}"


def test_the_facts_before_are_kept_for_who_reads_them_and_those_before_them_go(desk: Desk) -> None:
    commits = []
    for number in range(4):
        desk.seeds.facts[0]["asks"] = {"en": [f"Question number {number}?"], "fr": [f"Question numéro {number} ?"]}
        commits.append(desk.merge())
        assert desk.sync(PATH=_trusting(desk)).returncode == 0
    assert {path.name for path in (desk.facts / "commits").iterdir()} == set(commits[-2:])
    assert desk.sync().returncode == 0  # nothing new
    assert desk.in_service == commits[-1]


def test_a_file_of_another_commit_has_another_time(desk: Desk) -> None:
    """By that the bot sees that it is another one, also where the commits are of the same second."""
    desk.merge()
    desk.sync()
    before = (desk.facts / "current" / "seeds" / "documents.yaml").stat().st_mtime_ns
    desk.git("commit", "--quiet", "--allow-empty", "--message=Again", "--date=2026-11-21T09:00:00")
    desk.sync()
    assert (desk.facts / "current" / "seeds" / "documents.yaml").stat().st_mtime_ns != before


def test_a_server_that_cannot_be_reached_changes_nothing_and_no_password_is_told(desk: Desk) -> None:
    commit = desk.merge()
    desk.sync()
    done = desk.sync(FACTS_REPOSITORY="https://newsroom:a-canary@127.0.0.1:9/facts.git")
    assert done.returncode == 1
    assert desk.in_service == commit
    told = (desk.facts / "problem").read_text(encoding="utf-8")
    assert (
        told == "The branch main of https://127.0.0.1:9/facts.git cannot be fetched. Check the address and the key.\n"
    )
    assert "a-canary" not in done.stderr + done.stdout + told


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"FACTS_BRANCH": "elsewhere"}, "The branch elsewhere of "),
        ({"FACTS_PATH": "elsewhere"}, "has no folder elsewhere that can be unpacked. Set FACTS_PATH."),
        ({"FACTS_REPOSITORY": "--upload-pack=touch hacked"}, "cannot be fetched"),
    ],
)
def test_what_is_set_wrong_is_named(desk: Desk, environment: dict[str, str], told: str) -> None:
    desk.merge()
    done = desk.sync(**environment)
    assert done.returncode == 1
    assert told in done.stderr
    assert not (desk.facts / "current").exists()
    assert not Path("hacked").exists()


@pytest.mark.parametrize("missing", ["FACTS_REPOSITORY", "FACTS_DIR"])
def test_what_is_not_set_is_named(desk: Desk, missing: str) -> None:
    done = desk.sync(**{missing: ""})
    assert done.returncode == 2
    assert missing in done.stderr


def test_killed_at_any_moment_the_facts_stay_whole(desk: Desk) -> None:
    desk.merge()
    desk.sync()
    for number in range(25):
        desk.seeds.facts[0]["asks"] = {"en": [f"Question number {number}?"], "fr": [f"Question numéro {number} ?"]}
        desk.merge()
        environment = {**desk.environment, "PATH": _trusting(desk)}
        process = subprocess.Popen([SCRIPT], env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(number * 0.003)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        load_store(desk.facts / "current" / "seeds")
    newest = desk.git("rev-parse", "HEAD")
    assert desk.sync().returncode == 0
    assert desk.in_service == newest


def test_running_for_ever_it_takes_each_edit_and_stops_when_told(desk: Desk) -> None:
    desk.merge()
    process = subprocess.Popen([SCRIPT, "--every", "0.2"], env=desk.environment, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(2):
            desk.seeds.facts[0]["recheck"] = "never" if desk.seeds.facts[0].get("recheck") != "never" else "month"
            newest = desk.merge()
            until = time.monotonic() + 60
            while not ((desk.facts / "current").is_symlink() and desk.in_service == newest):
                assert time.monotonic() < until
                time.sleep(0.05)
    finally:
        process.terminate()
        told = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0
    assert f"Commit {newest} is in service." in told
