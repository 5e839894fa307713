"""The dashboard and the alerts ask for figures that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from parley.web.metric_families import FAMILIES, told_names

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy/grafana/parley.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yaml"
#: Words of PromQL that are no figures of ours: functions, what joins them, and what Prometheus adds by itself.
_KNOWN = frozenset(
    {"abs", "and", "bool", "by", "changes", "clamp_min", "group_left", "histogram_quantile", "ignoring", "increase"}
    | {"label_values", "max", "min", "offset", "on", "or", "predict_linear", "rate", "sum", "time", "topk", "unless"}
    | {"up", "without"}
)
#: Labels that Prometheus gives to what it reads.
_ADDED = frozenset({"job", "instance", "le"})
_PARTS = re.compile(r"\{([^{}]*)\}|\[[^\]]*\]|(?:by|without|on|ignoring|group_left)\s*\(([^()]*)\)")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return loaded


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load(ALERTS.read_text("utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    board = dashboard()
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (each["definition"] for each in board["templating"]["list"] if "definition" in each)
    yield from (each["expr"] for each in board["annotations"]["list"])
    yield from (rule["expr"] for rule in rules())


def names_in(expression: str) -> set[str]:
    """The figures that an expression asks for."""
    bare = _PARTS.sub(" ", re.sub(r'"[^"]*"|\'[^\']*\'', '""', expression))
    bare = re.sub(r"(label_values\([^,]*),\s*\w+", r"\1", bare)
    return set(re.findall(r"(?<![\w.])[a-zA-Z_][a-zA-Z0-9_]*", bare)) - _KNOWN


def labels_in(expression: str) -> set[str]:
    """The labels that an expression names."""
    found: set[str] = set()
    for braces, listed in _PARTS.findall(expression):
        found |= set(_LABEL.findall(re.sub(r'"[^"]*"|\'[^\']*\'', "", braces)))
        found |= {label.strip() for label in listed.split(",") if label.strip()}
    return found


@pytest.mark.parametrize(
    ("expression", "names", "labels"),
    [
        ('sum by (le) (rate(a_bucket{x="y",z!~"b_c"}[5m])) > 1', {"a_bucket"}, {"le", "x", "z"}),
        ("a / ignoring(state) b{state='free'}", {"a", "b"}, {"state"}),
        ('label_values(parley_build{job="$job"}, instance)', {"parley_build"}, {"job"}),
    ],
)
def test_expressions_are_taken_apart(expression: str, names: set[str], labels: set[str]) -> None:
    assert names_in(expression) == names
    assert labels_in(expression) == labels


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_expression_asks_for_what_there_is(expression: str) -> None:
    assert names_in(expression) - told_names() == set()
    labels = {label for family in FAMILIES.values() for label in family.labels}
    assert labels_in(expression) - labels - _ADDED == set()
    for opening, closing in ("()", "[]", "{}"):
        assert expression.count(opening) == expression.count(closing)


def test_the_dashboard_shows_every_area() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    asked = set().union(*(names_in(each) for each in expressions()))
    for start in (
        "parley_requests",
        "parley_faults",
        "parley_request_duration",
        "parley_http",
        "parley_mail",
        "parley_room",
    ):
        assert any(name.startswith(start) for name in asked)
    for start in ("parley_chore", "parley_errand", "parley_database", "parley_cache", "process_resident"):
        assert any(name.startswith(start) for name in asked)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_every_alert_says_what_to_do_and_is_in_the_docs() -> None:
    text = (ROOT / "docs/seeing.md").read_text("utf-8")
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) >= 10
    assert set(re.findall(r"^\| `(Parley\w+)`", text, re.MULTILINE)) == set(names)
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["mend"]
        assert rule["labels"]["severity"] in ("warning", "critical")
