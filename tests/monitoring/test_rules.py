"""The shipped rules: their syntax, the tests of each alert, and that each leads to a runbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.contracts.services import Service
from monitoring import rendering
from support import prometheus

CASES = sorted((Path(__file__).parent / "rules").glob("*.test.yml"))
RUNBOOKS = Path(__file__).parents[2] / "docs" / "howto" / "runbooks.md"
SEVERITIES = {"critical", "warning", "info"}
ALWAYS_FIRES = "Watchdog"

needs_tools = pytest.mark.skipif(not prometheus.is_here(), reason=prometheus.NOT_HERE)


def expectations() -> dict[str, list[dict[str, Any]]]:
    """Return what promtool is to expect of each alert, in the order of time."""
    tests = [test for path in CASES for test in rendering.read(path)["tests"]]
    assert len({test["name"] for test in tests}) == len(tests)
    return {test["name"]: test["alert_rule_test"] for test in tests}


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@needs_tools
def test_prometheus_accepts_the_configuration_and_all_rules() -> None:
    checked = prometheus.run_tool(
        "promtool", "check", "config", str(rendering.SHIPPED / "prometheus" / "prometheus.yml")
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"SUCCESS: {len(rendering.RULES)} rule files found" in checked.stdout


@needs_tools
@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.name.removesuffix(".test.yml"))
def test_alerts_fire_and_resolve_as_they_should(cases: Path) -> None:
    tested = prometheus.run_tool("promtool", "test", "rules", str(cases))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_is_shown_not_to_fire_to_fire_and_to_resolve() -> None:
    """The three in this order, of each alert but the one that always fires."""
    shown = {
        alert: [bool(test["exp_alerts"]) for test in tests if test["alertname"] == alert]
        for alert, tests in expectations().items()
    }
    expected = {alert: [False, True, False] for alert in rendering.alerts()}
    assert shown == expected | {ALWAYS_FIRES: [True]}


def test_every_alert_says_how_grave_it_is_what_happened_and_what_to_do() -> None:
    for name, alert in rendering.alerts().items():
        assert alert["labels"]["severity"] in SEVERITIES, name
        assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}, name
        assert alert["annotations"]["runbook_url"] == f"docs/howto/runbooks.md#{name.lower()}"


def test_there_is_a_runbook_for_every_alert_and_none_for_another() -> None:
    headings = re.findall(r"^### (.+)$", RUNBOOKS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(rendering.alerts())
    assert {name.lower() for name in rendering.alerts()} <= anchors(RUNBOOKS)


def test_names_of_alerts_and_groups_are_used_once() -> None:
    named = [rule["alert"] for group in rendering.groups() for rule in group["rules"] if "alert" in rule]
    assert len(named) == len(set(named))
    groups = [group["name"] for group in rendering.groups()]
    assert len(groups) == len(set(groups))


def test_all_seven_services_are_scraped_where_they_listen() -> None:
    assert rendering.targets() == rendering.expected_targets()


def test_the_absence_of_each_service_is_noticed() -> None:
    expression = rendering.alerts()["ServiceMissing"]["expr"]
    assert set(re.findall(r'service="(\w+)"', expression)) == {service.value for service in Service}
