"""The dashboard and the alerts: every metric is one that the code exports, every expression is PromQL, alerts fire."""

from __future__ import annotations

import importlib
import itertools
import re

import pytest

from tests.conftest import ROOT
from tests.deploy.files import DEPLOY, expressions, panels, ran, rules, tool

VARIABLES = {"$__rate_interval": "5m", "$job": ".+"}
OF_PROMETHEUS = {"up"}


def plain(expression: str) -> str:
    """The expression as Grafana sends it."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def named(expression: str) -> set[str]:
    """The metrics that an expression names."""
    return set(re.findall(r"\b(?:briefbot|process)_\w+|\bup\b", expression))


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_expression_is_promql(expression: str) -> None:
    promql = pytest.importorskip("promql_parser", reason="It comes with the extra `test`.")
    promql.parse(plain(expression))
    assert named(expression)


def test_every_metric_is_one_that_is_exported() -> None:
    metrics = pytest.importorskip("bot.adapters.http.metrics")
    exported = set(OF_PROMETHEUS)
    for family in metrics.Metrics().registry.collect():
        ending = {"counter": "_total", "histogram": "_bucket"}.get(family.type, "")
        exported.add(family.name + ending)
    for expression in expressions():
        assert named(expression) <= exported, expression


def test_every_label_is_one_that_is_exported() -> None:
    module = pytest.importorskip("bot.adapters.http.metrics")
    of_everything = {"job", "instance", "le"}
    labels: dict[str, set[str]] = {}
    for metric in vars(module.Metrics()).values():
        if hasattr(metric, "_labelnames"):
            (family,) = metric.describe()
            ending = {"counter": "_total", "histogram": "_bucket"}.get(family.type, "")
            labels[family.name + ending] = set(metric._labelnames)
    for expression in expressions():
        groups = re.findall(r"\b(?:by) \(([^)]*)\)", expression)
        used = {label.strip() for group in groups for label in group.split(",")}
        used |= set(re.findall(r"(\w+)(?:=|=~|!=|!~)\"", expression))
        allowed = set().union(of_everything, *(labels.get(name, set()) for name in named(expression)))
        assert used <= allowed, expression


def test_every_outcome_and_state_is_one_that_there_is() -> None:
    ledger, subscriptions = (importlib.import_module(f"bot.digest.{name}") for name in ("ledger", "subscriptions"))
    states = {state.value for state in ledger.DeliveryState}
    outcomes = {outcome.value for outcome in subscriptions.Outcome}
    for expression in expressions():
        for name, known in (("deliveries", states), ("editions_last_day", outcomes)):
            for value in re.findall(rf'briefbot_{name}{{[^}}]*(?:state|outcome)=~?"([^"]+)"', expression):
                assert set(value.split("|")) <= known, expression


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert set(rule["annotations"]) == {"summary", "remedy"}
        assert all(text.rstrip().endswith(".") for text in rule["annotations"].values()), rule["alert"]


def test_the_remedies_name_commands_that_there_are() -> None:
    """Those of the command line; a word after `briefbot` is one of its commands."""
    cli = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "cli").glob("*.py"))
    for rule in rules():
        for command in re.findall(r"`briefbot (\w+)", rule["annotations"]["remedy"]):
            if command in {"run", "doctor"}:
                continue
            assert f'name="{command}"' in cli or f"def {command}" in cli, command


def test_prometheus_takes_the_rules() -> None:
    promtool = tool("promtool", "apt-get install prometheus")
    done = ran(promtool, "check", "rules", DEPLOY / "alerts.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_fire_when_they_should_and_are_silent_when_all_is_well() -> None:
    promtool = tool("promtool", "apt-get install prometheus")
    done = ran(promtool, "test", "rules", ROOT / "tests" / "deploy" / "alerts.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_panels_can_be_told_apart_and_do_not_overlap() -> None:
    numbers = [panel["id"] for panel in panels()]
    assert len(set(numbers)) == len(numbers)
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


def test_the_first_row_says_whether_yesterdays_digests_went_out() -> None:
    first = panels()[0]
    assert (first["type"], first["gridPos"]["y"]) == ("row", 0)
    assert first["title"] == "Did yesterday's digests go out?"
    beneath = [panel for panel in panels() if 0 < panel["gridPos"]["y"] < 13]
    shown = " ".join(target["expr"] for panel in beneath for target in panel.get("targets", []))
    for outcome in ("sent", "quiet", "planned", "skipped", "failed"):
        assert f'outcome="{outcome}"' in shown
    assert all(panel["description"] for panel in panels() if panel["type"] != "row")
