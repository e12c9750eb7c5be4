"""What the tests of `deploy/` read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNITS = sorted(path for kind in ("service", "timer") for path in DEPLOY.glob(f"*.{kind}"))


def tool(name: str, remedy: str) -> str:
    """Where a program is, beside this Python or on the path; without it the test is left out, saying so."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here. {remedy}")
    return found


def ran(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """A program that has run, with what it printed."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, **options)


def documents(path: Path) -> list[dict[str, Any]]:
    """The documents of a YAML file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def resources(kind: str) -> list[dict[str, Any]]:
    """The Kubernetes resources of a kind."""
    return [one for path in MANIFESTS for one in documents(path) if one["kind"] == kind]


def compose() -> dict[str, Any]:
    """The compose file, with the default of every variable in its place."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return found


def panels() -> list[dict[str, Any]]:
    """The panels of the dashboard."""
    found: list[dict[str, Any]] = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))["panels"]
    return found


def rules() -> list[dict[str, Any]]:
    """The alert rules."""
    return [rule for group in documents(DEPLOY / "alerts.yaml")[0]["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    """Every PromQL expression of the dashboard and the alerts."""
    shown = [target["expr"] for panel in panels() for target in panel.get("targets", [])]
    return [*shown, *(rule["expr"] for rule in rules())]
