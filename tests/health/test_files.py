"""The alert rules and the dashboard ask for nothing that the program doesn't tell, and the page names every alert."""

import json
import re
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from processor.metrics import metrics_text
from tests.health.installation import Installation

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"
_NAME = re.compile(r"allocation_processor_\w+")


def told_by(installation: Installation) -> set[str]:
    """Names of all samples that the program tells."""
    installation.run(timedelta(minutes=2))
    text = metrics_text(installation.watch.look()).decode()
    return {f"{one.name}_total" if one.type == "counter" else one.name for one in text_string_to_metric_families(text)}


def test_rules_and_dashboard_ask_for_what_is_told(installation: Installation) -> None:
    told = told_by(installation)
    rules = set(_NAME.findall((OPERATIONS / "alerts.yml").read_text()))
    board = json.loads((OPERATIONS / "dashboard.json").read_text())
    drawn = {name for panel in board["panels"] for one in panel["targets"] for name in _NAME.findall(one["expr"])}

    assert rules - told == set()
    assert drawn - told == set()


def test_every_alert_has_its_rule_and_its_line_on_the_page(installation: Installation) -> None:
    installation.run(timedelta(minutes=2))
    checks = {check.name for check in installation.watch.look().checks} | {"reconcile", "backup"}
    rules, page = (OPERATIONS / "alerts.yml").read_text(), (OPERATIONS.parent / "operations.md").read_text()

    assert {name for name in checks if f"`{name}`" not in page} == set()
    assert {name for name in checks if not re.search(rf"\b{name}\b", rules)} == set()
