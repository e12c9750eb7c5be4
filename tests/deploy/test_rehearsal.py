"""The image's steps, rehearsed without a container engine: what the Dockerfile runs, then the bot as it is run there.

It fetches every package from the index and takes a minute or two, so it has to be asked for:

    REHEARSE=1 pytest -n 0 tests/deploy/test_rehearsal.py
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.files import DEPLOY, ran, tool

pytestmark = pytest.mark.skipif(
    "REHEARSE" not in os.environ, reason="It fetches every package. Set REHEARSE=1 to rehearse the image."
)

NOBODY = 65534
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
STAGES = {
    name: text.replace("\\\n", " ")
    for name, text in re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL)
}


def environment(stage: str) -> dict[str, str]:
    """What a stage sets with ENV."""
    lines = re.findall(r"^ENV (.+)$", STAGES[stage], re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


@contextmanager
def open_to_all() -> Iterator[Path]:
    """A folder that another user can read; pytest shuts its own to others each time that it starts."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder with what the image's build stage makes in /opt, by the very commands of the Dockerfile."""
    with open_to_all() as root:
        build(root)
        yield root


def build(root: Path) -> None:
    """Run the build stage's commands, with `root` in place of the image's own root."""
    source = root / "src"
    for line in re.findall(r"^COPY (?!--from)(.+)$", STAGES["build"], re.MULTILINE):
        *files, target = line.split()
        for file in files:
            to = source / (target if len(files) == 1 else f"{target}/{Path(file).name}")
            to.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / file).is_dir() else shutil.copy
            copy(ROOT / file, to)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("BRIEFBOT_", "PYTHON"))}
    for command in re.findall(r"^RUN (.+)$", STAGES["build"], re.MULTILINE):
        here = command.replace("/opt/", f"{root}/opt/").replace("python -m venv", f"{sys.executable} -m venv")
        done = ran("sh", "-c", here, cwd=source, env={**outside, **environment("build")})
        assert done.returncode == 0, f"{here}\n{done.stdout}\n{done.stderr}"


def as_in_the_container(image: Path, data: Path, facts: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """The command as a user without rights, where nothing can be written but `data`, with the image's environment."""
    unshare = tool("unshare", "apt-get install util-linux")
    setpriv = tool("setpriv", "apt-get install util-linux")
    if os.getuid() != 0:
        pytest.skip("Only root can mount everything read-only here.")
    own = {name: value for name, value in environment("bot").items() if name != "PATH"}
    places = {"BRIEFBOT_DATA_DIR": str(data), "BRIEFBOT_SEEDS_DIR": str(facts / "current" / "seeds")}
    read_only = (
        "mount --make-rprivate / && mount --bind / / && mount -o remount,bind,ro / && "
        "for at in $(awk '$4 ~ /^rw/ {print $2}' /proc/mounts | grep -vE '^/(proc|sys|dev|$)'); do "
        'mount -o remount,bind,ro "$at" 2>/dev/null; done; '
        f"mount --bind {data} {data} && mount -o remount,bind,rw {data} && cd / && "
        f"exec {setpriv} --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs --bounding-set=-all "
        '--inh-caps=-all "$@"'
    )
    path = f"{image}/opt/briefbot/bin:/usr/bin:/bin"
    return ran(unshare, "--mount", "sh", "-c", read_only, "sh", *command, env={**own, **places, "PATH": path})


@pytest.fixture
def place() -> Iterator[tuple[Path, Path]]:
    """The folders that are mounted: one for the state, one for the facts."""
    with open_to_all() as folder:
        data, facts = folder / "data", folder / "facts"
        data.mkdir(mode=0o700)
        os.chown(data, NOBODY, NOBODY)
        shutil.copytree(ROOT / "seeds", facts / "commits" / "one" / "seeds")
        (facts / "current").symlink_to("commits/one")
        yield data, facts


def test_it_answers_from_the_mounted_facts(image: Path, place: tuple[Path, Path]) -> None:
    done = as_in_the_container(image, *place, "briefbot", "ask", "who was arrested?")
    assert (done.returncode, done.stderr) == (0, "")
    assert "arrested" in done.stdout
    assert not list(place[0].iterdir())


def test_its_state_is_written_to_the_one_folder_that_can_be(image: Path, place: tuple[Path, Path]) -> None:
    data, facts = place
    done = as_in_the_container(image, data, facts, "briefbot", "db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert "briefbot.db" in {path.name for path in data.iterdir()}
    data.rename(data.with_name("elsewhere"))
    data.mkdir(mode=0o755)
    refused = as_in_the_container(image, data, facts, "briefbot", "db", "upgrade")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_nothing_else_can_be_written(image: Path, place: tuple[Path, Path]) -> None:
    probe = "for at in /tmp /var/tmp {} {} /; do touch $at/probe 2>/dev/null && echo $at; done; id -u"
    done = as_in_the_container(image, *place, "sh", "-c", probe.format(place[1], f"{image}/opt/briefbot"))
    assert done.stdout.split() == [str(NOBODY)]


def test_the_health_check_can_be_run_and_fails_where_nothing_answers(image: Path, place: tuple[Path, Path]) -> None:
    (line,) = re.findall(r"CMD (\[.+\])$", STAGES["bot"].split("ENTRYPOINT")[0], re.MULTILINE)
    command = ast.literal_eval(line)
    assert "/readyz" in command[-1]
    done = as_in_the_container(image, *place, *command)
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_the_image_has_no_compiler_no_pip_and_no_test_packages(image: Path) -> None:
    site = next((image / "opt" / "briefbot" / "lib").glob("python*/site-packages"))
    names = {path.name.split("-")[0].lower() for path in site.glob("*.dist-info")}
    assert "briefbot" in names
    assert not {"pip", "setuptools", "hatchling", "pytest", "hypothesis"} & names
