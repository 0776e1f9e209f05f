"""From what a delivery holds to the message that is sent: what somebody wrote, or alerts brought together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from analytics_engine.contracts.events import AlertChanged
from analytics_engine.kernel.ports.notifier import Message, Severity
from analytics_engine.services.messaging_service.notifications.schemas import NewNotification

_ALERTS_SHOWN = 30

ALERTS = "alerts"
"""Where a delivery's content lists alerts; ``MESSAGE`` is where it has what somebody wrote."""
MESSAGE = "message"

OVER = frozenset({"resolved", "ok"})
"""The states of an alert that is over."""
TEST = "test"
"""The state of an alert that only tries its channels."""


def severity_of(text: str) -> Severity:
    """Return the severity an alert names; one that nobody knows is a warning."""
    return Severity(text) if text in {one.value for one in Severity} else Severity.WARNING


def incident_of(alert: AlertChanged) -> str:
    """Return what names an alert of one cell, the same from its beginning to its end."""
    if not alert.cell:
        return alert.alert_id
    cell = hashlib.sha256(json.dumps(alert.cell, sort_keys=True).encode()).hexdigest()
    return f"{alert.alert_id}:{cell[:16]}"


def composed(content: dict[str, Any], *, message_id: str, client_id: str, time: datetime) -> Message:
    """Return the message of a delivery's content."""
    if MESSAGE in content:
        return _written(NewNotification.model_validate(content[MESSAGE]), message_id, client_id, time)
    alerts = [AlertChanged.model_validate(alert) for alert in content[ALERTS]]
    return Message(
        id=message_id,
        time=time,
        client_id=client_id,
        title=_title(alerts),
        body="\n".join(_lines(alerts)),
        severity=max((severity_of(alert.severity) for alert in alerts), key=lambda severity: severity.rank),
        incident=incident_of(alerts[0]) if len(alerts) == 1 else "",
        resolved=all(alert.state in OVER for alert in alerts),
        details=[alert.model_dump(mode="json") for alert in alerts[:_ALERTS_SHOWN]],
    )


def _written(new: NewNotification, message_id: str, client_id: str, time: datetime) -> Message:
    return Message(
        id=message_id,
        time=time,
        client_id=client_id,
        title=new.title,
        body=new.body,
        severity=new.severity,
        link=new.link,
        incident=new.dedup_key,
        resolved=new.resolved,
    )


def _title(alerts: Sequence[AlertChanged]) -> str:
    if len(alerts) == 1:
        return f"{alerts[0].name}: {alerts[0].state}"
    counts = {state: sum(alert.state == state for alert in alerts) for state in sorted({a.state for a in alerts})}
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{len(alerts)} changes of alerts in {alerts[0].group}: {states}"


def _lines(alerts: Sequence[AlertChanged]) -> list[str]:
    if len(alerts) == 1:
        return [alerts[0].summary, *_facts(alerts[0])]
    lines = [f"{alert.name}: {alert.state}. {alert.summary}" for alert in alerts[:_ALERTS_SHOWN]]
    if len(alerts) > _ALERTS_SHOWN:
        lines.append(f"... and {len(alerts) - _ALERTS_SHOWN} more.")
    return lines


def _facts(alert: AlertChanged) -> list[str]:
    cell = ", ".join(f"{dimension} {member}" for dimension, member in alert.cell.items())
    value = alert.value if alert.value is not None else f"none ({alert.reason})" if alert.reason else "none"
    facts = {
        "KPI": alert.kpi,
        "Period": alert.period,
        "Cell": cell,
        "Value": value,
        "Threshold": alert.threshold,
    }
    return [f"{name}: {fact}" for name, fact in facts.items() if fact]
