"""The lock files hold what `pyproject.toml` asks for, with hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT
from tests.deploy.files import DEPLOY

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {
    DEPLOY / "requirements.lock": PROJECT["project"]["dependencies"],
    DEPLOY / "build.lock": PROJECT["build-system"]["requires"],
}


def locked(path: Path) -> dict[str, Version]:
    """The packages of a lock file and their versions."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pinned}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_it_holds_every_dependency_in_a_version_that_is_asked_for(path: Path) -> None:
    found = locked(path)
    for line in LOCKS[path]:
        wanted = Requirement(line)
        version = found.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not in {path.name}; make it anew as its first lines say"
        assert wanted.specifier.contains(version, prereleases=True), f"{wanted} and {version} in {path.name}"


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_package_has_hashes_and_comes_from_no_other_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert not re.search(r"https?://|--index|--find-links|file:|@ ", text)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_it_says_how_it_is_made(path: Path) -> None:
    head = path.read_text(encoding="utf-8").splitlines()[:2]
    assert "uv pip compile --universal" in head[1]
    assert f"-o deploy/{path.name}" in head[1]
