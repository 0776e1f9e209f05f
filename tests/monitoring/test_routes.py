"""Who is told: the shipped tree of routes, asked as Alertmanager asks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring import rendering
from support import prometheus

pytestmark = pytest.mark.skipif(not prometheus.is_here(), reason=prometheus.NOT_HERE)

SHIPPED = rendering.SHIPPED / "alertmanager" / "alertmanager.yml"
TEXT_MESSAGES = "sns_configs"


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    sinks = dict.fromkeys(rendering.CHANNELS, "http://127.0.0.1:1")
    return rendering.alertmanager(tmp_path, sinks=sinks, mail_port=1, in_seconds=False)


def receiver_of(configuration: Path, alert: str, severity: str) -> str:
    answer = prometheus.run_tool(
        *("amtool", "config", "routes", "test", f"--config.file={configuration}"),
        *(f"alertname={alert}", f"severity={severity}", "service=api_gateway"),
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_alertmanager_accepts_the_configuration(configuration: Path) -> None:
    checked = prometheus.run_tool("amtool", "check-config", str(configuration))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("alert", "severity", "receiver"),
    [
        ("ServiceDown", "critical", "on-call"),
        ("SlowResponses", "warning", "team"),
        ("ScheduledTicksSkipped", "info", "chat"),
        ("Watchdog", "info", "dead-man"),
    ],
)
def test_an_alert_goes_to_those_whom_its_severity_names(
    configuration: Path, alert: str, severity: str, receiver: str
) -> None:
    assert rendering.alerts()[alert]["labels"]["severity"] == severity
    assert receiver_of(configuration, alert, severity) == receiver


def test_an_alert_without_a_known_severity_is_told_to_the_team(configuration: Path) -> None:
    assert receiver_of(configuration, "Other", "") == "team"


def test_text_messages_are_for_those_alone_who_are_told_of_critical_alerts() -> None:
    receivers = rendering.read(SHIPPED)["receivers"]
    assert [one["name"] for one in receivers if TEXT_MESSAGES in one] == ["on-call"]


def test_whoever_is_on_call_is_told_over_every_channel() -> None:
    (on_call,) = [one for one in rendering.read(SHIPPED)["receivers"] if one["name"] == "on-call"]
    channels = {"email_configs", "slack_configs", "msteamsv2_configs", "pagerduty_configs", "sns_configs"}
    assert set(on_call) - {"name"} == channels


def test_every_channel_for_people_tells_of_the_end_too() -> None:
    for receiver in rendering.read(SHIPPED)["receivers"]:
        if receiver["name"] != "dead-man":
            assert all(one["send_resolved"] for kind in set(receiver) - {"name"} for one in receiver[kind])


def test_no_secret_stands_in_the_configuration() -> None:
    """Passwords, keys and addresses that are as good as keys are read from files."""
    text = SHIPPED.read_text(encoding="utf-8")
    for secret in ("smtp_auth_password:", "api_url:", "webhook_url:", "routing_key:", "secret_key:", " url:"):
        assert secret not in text
