"""A rule tried on history tells what it would have told: the same as checks told while that history was made."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.services.calculation_engine_service.alerts.schemas import Replay, ReplayRequest
from golden.shop import CLIENT, NOW
from integration.alerts.desk import YESTERDAY, Desk, rule_of

HISTORIES = int(os.environ.get("AE_ALERT_HISTORIES", "1"))
DAYS = 40
RULES: dict[str, dict[str, Any]] = {
    "at once": {},
    "patient": {"for": {"periods": 2}, "keep_firing_for": {"periods": 2}},
    "by the clock": {"for": {"seconds": 86_400}, "keep_firing_for": {"seconds": 172_800}},
    "hysteresis": {"condition": {"kind": "threshold", "above": "4", "above_clears_at": "1"}},
    "band": {"condition": {"kind": "threshold", "above": "4", "below": "1", "below_clears_at": "2"}},
    "target": {"kpi": "GOAL", "condition": {"kind": "target", "off_by_percent": "25"}},
    "change": {"condition": {"kind": "change", "against": "previous_period", "above": "60", "below": "-60"}},
    "no data": {"kpi": "CARRIED", "condition": {"kind": "no_data"}, "for": {"periods": 2}},
    "by customer": {"dimensions": ["order.customer_id"], "no_data_after": {"periods": 3}},
    "by customer, filtered": {
        "dimensions": ["order.customer_id"],
        "filters": [{"attribute": "order.customer_id", "operator": "in", "values": ["c1", "c2"]}],
        "condition": {"kind": "change", "against": "previous_period", "measured_in": "absolute", "above": "1"},
    },
}


async def replayed(desk: Desk, start: datetime, end: datetime, **rule: Any) -> Replay:
    request = ReplayRequest.model_validate(
        {"rule": rule_of(**rule), "range": {"from": start.isoformat(), "to": end.isoformat()}}
    )
    return await desk.alerting.alerts.replay(CLIENT, request)


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_a_replay_tells_what_checks_told_over_the_same_history(desk: Desk, seed: int) -> None:
    """Forty days of random orders, checked every few days under ten rules; then all of it at once, rule by rule."""
    random = Random(seed)
    alerts = {name: await desk.save(name=name, **rule) for name, rule in RULES.items()}
    await desk.check()
    for number in range(DAYS):
        for customer in ("c1", "c2", "c3"):
            await desk.orders(random.choice([0, 0, 1, 2, 4]), NOW + timedelta(days=number), customer=customer)
        desk.clock.advance(timedelta(days=1))
        if random.random() < 0.6 or number == DAYS - 1:
            await desk.check()

    changed = 0
    for name, rule in RULES.items():
        told = await desk.alerting.alerts.history(CLIENT, UUID(alerts[name].id), PageRequest(limit=500))
        found = await replayed(desk, YESTERDAY, NOW + timedelta(days=DAYS), name=name, **rule)
        assert sorted(map(_what, found.changes)) == sorted(map(_what, told.items)), name
        assert found.periods == DAYS + 1
        changed += told.total
    assert changed > 100


def _what(change: Any) -> tuple[str, ...]:
    texts = (change.period, str(sorted(change.cell.items())), change.previous, change.state, change.value)
    return tuple(map(str, (*texts, change.threshold, change.reason)))


async def test_a_replay_tells_how_often_and_how_long(desk: Desk) -> None:
    """Too many on 3, 4 and 7 November: it fires twice, for two days and for one that goes on."""
    for number in (1, 2, 5):
        await desk.orders(3, NOW + timedelta(days=number))
    desk.clock.advance(timedelta(days=6))
    found = await replayed(desk, YESTERDAY, NOW + timedelta(days=30))
    day = 86_400
    assert (found.periods, found.fired, found.truncated) == (7, 2, False)
    assert [(each.state.value, each.at.day) for each in found.changes] == [
        ("firing", 4), ("resolved", 6), ("firing", 8),
    ]  # fmt: skip
    (cell,) = found.cells
    assert (cell.state.value, cell.fired, cell.firing_s, cell.longest_s) == ("firing", 2, 2 * day, 2 * day)
    assert found.judged_until == "2026-11-08T00:00:00+00:00"
    assert found.notes == ["History is judged by the rows as they are now, with corrections that came later."]


async def test_a_saved_rule_is_replayed_by_its_id(desk: Desk) -> None:
    alert = await desk.save()
    request = ReplayRequest.model_validate({"alert_id": alert.id, "range": {"from": "2026-01-01", "to": "2026-12-01"}})
    found = await desk.alerting.alerts.replay(CLIENT, request)
    assert (found.periods, found.fired) == (305, 0)


@pytest.mark.parametrize(
    ("rule", "place", "detail"),
    [
        ({"condition": {"kind": "lateness", "behind_s": 60}}, "rule.condition", "lateness cannot be replayed"),
        ({"grain": "minute"}, "range", "10,000 are the most"),
        ({"grain": "year"}, "range", "no whole year"),
        ({"kpi": "ORDRES"}, "rule.kpi", "no KPI 'ORDRES'"),
    ],
)
async def test_what_cannot_be_replayed_is_refused_with_its_place(
    desk: Desk, rule: dict[str, Any], place: str, detail: str
) -> None:
    with pytest.raises(InvalidInput, match=detail) as refused:
        await replayed(desk, YESTERDAY - timedelta(days=20), NOW, **rule)
    assert refused.value.facts["place"] == place
    assert refused.value.remedy
