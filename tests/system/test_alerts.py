"""Alerts of the whole product: seconds after rows are committed, and once, though the calculation engine is killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.waiting import wait_until
from system.oracle import FLIGHT_KPIS, Oracle
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

ROOT = Path(__file__).parents[2]
PROBE = {
    "code": "probe", "name": "Probe", "nature": "event", "key": ["probe_id"], "time_attribute": "taken_at",
    "attributes": [
        {"name": "probe_id", "type": "integer", "nullable": False},
        {"name": "taken_at", "type": "timestamp", "nullable": False},
        {"name": "amount", "type": "decimal"},
    ],
}  # fmt: skip
KPI = {"code": "AL_AMOUNT", "name": "Amount", "module": "AL", "formula": "sum(probe.amount)", "direction": "lower"}
RULE = {
    "name": "Amount of a day", "kpi": "AL_AMOUNT", "grain": "day", "time_zone": "UTC", "channels": ["ops"],
    "condition": {"kind": "threshold", "above": "100", "above_clears_at": "90"}, "every_s": 3600,
}  # fmt: skip


def made(product: Product, path: str, body: dict[str, Any]) -> dict[str, Any]:
    reply = product.send("POST", path, body)
    assert reply.status == 201, reply
    return dict(reply.document)


def load(product: Product, day: int, amount: str) -> None:
    """Load the one probe of a day of January 2026, until the end of the day."""
    row = {"probe_id": day, "taken_at": f"2026-01-{day:02}T12:00:00Z", "amount": amount}
    span = f"mode=upsert&covers_from=2026-01-01T00:00:00Z&covers_until=2026-01-{day + 1:02}T00:00:00Z"
    headers = {"Content-Type": "application/x-ndjson"}
    reply = product.send("POST", f"/api/v1/data/probe?{span}", json.dumps(row).encode(), headers=headers)
    assert reply.status in {200, 201}, reply


@pytest.fixture(scope="module")
def probed(running_product: Product) -> Product:
    made(running_product, "/api/v1/metadata/value-chains", {"code": "PROBES", "name": "Probes"})
    made(running_product, "/api/v1/metadata/modules", {"code": "AL", "name": "Probes", "value_chains": ["PROBES"]})
    made(running_product, "/api/v1/metadata/object-models", PROBE)
    made(running_product, "/api/v1/metadata/kpis", KPI)
    return running_product


def test_rows_that_are_loaded_make_an_alert_fire_and_resolve_within_seconds(probed: Product) -> None:
    """Checked once an hour otherwise: the load brings the check. A kill in between loses and doubles nothing."""
    alert = made(probed, "/api/v1/alerts", RULE)
    path = f"/api/v1/alerts/{alert['id']}"

    def cell() -> dict[str, Any]:
        """Return the alert's one cell; nothing before its first check, and while the engine is away."""
        reply = probed.send("GET", path)
        return reply.document["cells"][0] if reply.status == 200 and reply.document["cells"] else {}

    def is_so(state: str, value: str) -> bool:
        return (cell().get("state"), cell().get("value")) == (state, value)

    load(probed, 1, "50")
    wait_until(lambda: is_so("ok", "50"), within_s=30)
    load(probed, 2, "101")
    wait_until(lambda: is_so("firing", "101"), within_s=10)
    load(probed, 3, "95")
    wait_until(lambda: is_so("firing", "95"), within_s=10)
    probed.system.find(r"serve calculation_engine_service")[0].kill()
    load(probed, 4, "90")
    wait_until(lambda: is_so("resolved", "90"), within_s=90)

    history = probed.send("GET", f"{path}/history").document["items"]
    sent = probed.send("GET", "/api/v1/messages/events?type=alert.changed&limit=500").document["items"]
    told = [event["data"] for event in (item.get("event", item) for item in sent)]
    assert [(each["state"], each["value"]) for each in reversed(history)] == [("firing", "101"), ("resolved", "90")]
    assert [each["state"] for each in told if each["alert_id"] == alert["id"]] == ["resolved", "firing"]
    replayed = probed.post(
        "/api/v1/alerts/replay", {"alert_id": alert["id"], "range": {"from": "2026-01-01", "to": "2026-02-01"}}
    )
    assert (replayed["fired"], [each["value"] for each in replayed["changes"]]) == (1, ["101", "90"])


def test_the_replay_of_the_guide_tells_what_the_flights_of_2013_say(running_product: Product, tmp_path: Path) -> None:
    """Worked out a second time, from the source files: above 0.2 it fires, unless it is over at 0.1 the next day."""
    guide = (ROOT / "docs" / "howto" / "alert-on-kpis.md").read_text(encoding="utf-8")
    request = json.loads(guide.partition("/alerts/replay\n")[2].partition("```")[0])
    found = running_product.post("/api/v1/alerts/replay", request)

    code = request["rule"]["kpi"]
    answered = Oracle(tmp_path).answer(
        {code: FLIGHT_KPIS[code]}, view="flight", grain="day", zone="America/New_York", dimension="origin"
    )
    expected = sorted(_fired({cell: float(values[code]) for cell, values in answered.items()}))
    told = [
        (each["period"][:10], each["cell"]["flight.origin_code"], each["state"])
        for each in found["changes"]
        if each["state"] in {"firing", "resolved"}
    ]
    assert sorted(told) == expected
    assert found["periods"] == 365
    assert found["fired"] == sum(state == "firing" for *_, state in expected) > 10


def _fired(values: dict[tuple[Any, ...], float]) -> Iterator[tuple[str, str, str]]:
    """Yield the day, the origin and the state of each change to firing and back, by the plainest of loops."""
    for origin in sorted({origin for _, origin in values}):
        fires, run = False, 0
        for day in sorted(day for day, other in values if other == origin):
            value = values[day, origin]
            run = run + 1 if value > 0.2 or (run and value > 0.1) else 0
            if not fires and run >= 2:
                fires = True
                yield day[:10], origin, "firing"
            elif fires and value <= 0.1:
                fires = False
                yield day[:10], origin, "resolved"
