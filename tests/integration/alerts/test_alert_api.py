"""Alerts through the service's API: who may what, what is refused and where, and what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from analytics_engine.kernel.security.principal import Role
from golden.shop import STRANGER
from integration.alerts.desk import Desk

RULE: dict[str, Any] = {
    "name": "Many orders",
    "kpi": "ORDERS",
    "grain": "day",
    "condition": {"kind": "threshold", "above": "1"},
    "channels": ["ops"],
}


async def test_an_alert_is_made_read_changed_and_deleted(desk: Desk) -> None:
    """With versions: a change to another version than the one that was read is refused."""
    async with desk.asked_by(Role.ANALYST) as client:
        made = await client.post("/alerts", json=RULE)
        again = await client.post("/alerts", json=RULE)
        other = await client.post("/alerts", json={**RULE, "grain": "month"})
        path = made.headers["Location"]
        changed = await client.put(path, json={**RULE, "severity": "critical"}, headers={"If-Match": '"1"'})
        late = await client.put(path, json={**RULE, "severity": "info"}, headers={"If-Match": '"1"'})
        await client.post("/alerts", json={**RULE, "name": "Another"})
        taken = await client.put(path, json={**RULE, "name": "Another"})
        listed = (await client.get("/alerts")).json()
        deleted = await client.delete(path)
        gone = await client.get(path)
    assert (made.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert (changed.status_code, changed.headers["ETag"], late.status_code) == (200, '"2"', 409)
    assert late.json()["present_version"] == 2
    assert (taken.status_code, taken.json()["detail"]) == (
        409,
        "There is an alert 'Another' already, and it is another one.",
    )
    assert [item["rule"]["severity"] for item in listed["items"]] == ["warning", "critical"]
    assert (deleted.status_code, gone.status_code) == (204, 404)


async def test_a_check_on_demand_answers_how_the_alert_stands_and_why(desk: Desk) -> None:
    async with desk.asked_by(Role.ANALYST) as client:
        path = (await client.post("/alerts", json=RULE)).headers["Location"]
        answer = (await client.post(f"{path}/evaluate")).json()
        history = (await client.get(f"{path}/history")).json()
        active = (await client.get("/alerts/active")).json()
        acknowledged = await client.post(f"{path}/acknowledge", json={"note": "mine"})
        tested = await client.post(f"{path}/test")
    (cell,) = answer["cells"]
    assert (cell["state"], cell["value"], cell["threshold"]) == ("firing", "2", "1")
    assert answer["last_evaluation"]["explanation"].endswith("wanted is at most 1.")
    assert [(each["state"], each["notified"]) for each in history["items"]] == [("firing", True)]
    assert [each["name"] for each in active["items"]] == ["Many orders"]
    assert [each["acknowledged_by"] for each in acknowledged.json()] == ["Tester"]
    assert tested.status_code == 202


async def test_silences_are_made_listed_and_expired(desk: Desk) -> None:
    async with desk.asked_by(Role.OPERATOR) as client:
        settings = {"matchers": [{"name": "kpi", "value": "ORDERS"}], "ends_at": "2026-11-03T00:00:00Z", "reason": "x"}
        made = await client.post("/alerts/silences", json=settings)
        backwards = await client.post("/alerts/silences", json={**settings, "ends_at": "2026-11-01T00:00:00Z"})
        endless = await client.post("/alerts/silences", json={**settings, "ends_at": "2030-11-01T00:00:00Z"})
        expired = await client.post(f"/alerts/silences/{made.json()['id']}/expire")
        listed = (await client.get("/alerts/silences")).json()
        missing = await client.post("/alerts/silences/00000000-0000-0000-0000-000000000000/expire")
    assert (made.status_code, made.json()["created_by"]) == (201, "Tester")
    assert (backwards.status_code, endless.status_code, missing.status_code) == (422, 422, 404)
    assert (expired.status_code, listed["total"]) == (200, 0)


@pytest.mark.parametrize(
    ("change", "place", "detail"),
    [
        ({"kpi": "ORDRES"}, "kpi", "There is no KPI 'ORDRES'."),
        ({"kpi": "LATEST"}, "kpi", "LATEST is no number, so no value of it is too high or too low."),
        ({"grain": "fortnight"}, "grain", "There is no grain 'fortnight'."),
        ({"condition": {"kind": "target"}}, "condition", "ORDERS has no target declared."),
        ({"dimensions": ["order.customer_id", "order.colour"]}, "dimensions.1", None),
        ({"filters": [{"attribute": "order.colour", "operator": "=", "values": ["red"]}]}, "filters.0", None),
        ({"where": "order.colour = 'red'"}, "where", None),
        ({"segments": ["order.blue"]}, "segments.0", "There is no segment 'order.blue'."),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "There is no time zone 'Mars/Olympus'."),
        ({"parameters": {"parts": 2}}, "parameters", "There is no parameter 'parts' in the KPIs that are asked."),
    ],
)
async def test_a_rule_that_the_catalog_does_not_bear_is_refused_with_place_and_remedy(
    desk: Desk, change: dict[str, Any], place: str, detail: str | None
) -> None:
    async with desk.asked_by(Role.ANALYST) as client:
        answer = await client.post("/alerts", json=RULE | change)
        replayed = await client.post(
            "/alerts/replay", json={"rule": RULE | change, "range": {"from": "2026-01-01", "to": "2026-02-01"}}
        )
    problem = answer.json()
    assert (answer.status_code, problem["place"]) == (422, place)
    assert detail is None or problem["detail"] == detail
    assert problem["remedy"]
    assert (replayed.status_code, replayed.json()["place"]) == (422, f"rule.{place}")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"condition": {"kind": "threshold", "above": "many"}}, "body.condition.threshold.above"),
        ({"condition": {"kind": "threshold"}}, "body.condition.threshold"),
        ({"condition": {"kind": "guess"}}, "body.condition"),
        ({"severity": "fatal"}, "body.severity"),
        ({"every_s": 1}, "body.every_s"),
        ({"runbook": "javascript:alert(1)"}, "body.runbook"),
        ({"judged": "running", "for": {"periods": 3}}, "body"),
        ({"judged": "running", "delay_s": 60}, "body"),
        ({"condition": {"kind": "lateness", "behind_s": 60}, "dimensions": ["order.customer_id"]}, "body"),
        ({"condition": {"kind": "no_data"}, "judged": "running"}, "body"),
    ],
)
async def test_a_rule_that_is_none_is_refused_with_its_place(desk: Desk, change: dict[str, Any], place: str) -> None:
    async with desk.asked_by(Role.ANALYST) as client:
        answer = await client.post("/alerts", json=RULE | change)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == place


async def test_a_viewer_reads_and_changes_nothing(desk: Desk) -> None:
    async with desk.asked_by(Role.ANALYST) as analyst:
        path = (await analyst.post("/alerts", json=RULE)).headers["Location"]
    settings = {"matchers": [{"name": "kpi", "value": "x"}], "ends_at": "2026-11-03T00:00:00Z", "reason": "x"}
    span = {"from": "2026-01-01", "to": "2026-02-01"}
    async with desk.asked_by(Role.VIEWER) as viewer:
        read = [await viewer.get(each) for each in ("/alerts", path, f"{path}/history", "/alerts/active")]
        refused = [
            await viewer.post("/alerts", json=RULE),
            await viewer.put(path, json=RULE),
            await viewer.delete(path),
            await viewer.post(f"{path}/evaluate"),
            await viewer.post(f"{path}/test"),
            await viewer.post(f"{path}/acknowledge", json={}),
            await viewer.post("/alerts/silences", json=settings),
            await viewer.post("/alerts/replay", json={"rule": RULE, "range": span}),
        ]
    assert {answer.status_code for answer in read} == {200}
    assert {answer.status_code for answer in refused} == {403}


async def test_another_client_sees_and_changes_nothing(desk: Desk) -> None:
    """Not by its id, not in lists, not by a silence."""
    async with desk.asked_by(Role.ADMIN) as own:
        path = (await own.post("/alerts", json=RULE)).headers["Location"]
        await own.post(f"{path}/evaluate")
    async with desk.asked_by(Role.ADMIN, STRANGER) as stranger:
        lists = [await stranger.get(each) for each in ("/alerts", "/alerts/active", "/alerts/silences")]
        missing = [
            await stranger.get(path),
            await stranger.get(f"{path}/history"),
            await stranger.delete(path),
            await stranger.post(f"{path}/evaluate"),
            await stranger.post(f"{path}/acknowledge", json={}),
            await stranger.post(f"{path}/test"),
        ]
    assert [answer.json()["total"] for answer in lists] == [0, 0, 0]
    assert {answer.status_code for answer in missing} == {404}


async def test_only_what_fires_is_acknowledged_and_only_channels_are_tried(desk: Desk) -> None:
    async with desk.asked_by(Role.ANALYST) as client:
        quiet = {**RULE, "channels": [], "condition": {"kind": "threshold", "above": "9"}}
        path = (await client.post("/alerts", json=quiet)).headers["Location"]
        await client.post(f"{path}/evaluate")
        acknowledged = await client.post(f"{path}/acknowledge", json={"cell": {}})
        tested = await client.post(f"{path}/test")
        off = await client.put(path, json={**quiet, "enabled": False})
        evaluated = await client.post(f"{path}/evaluate")
    assert off.status_code == 200
    assert [each.status_code for each in (acknowledged, tested, evaluated)] == [409, 409, 409]
    assert all(each.json()["remedy"] for each in (acknowledged, tested, evaluated))


async def test_there_is_a_most_of_alerts(desk: Desk) -> None:
    await desk.owner.execute(
        """insert into kpi.alerts (id, client_id, name, rule, created_by, created_at, updated_at)
           select gen_random_uuid(), 'shop', 'Alert ' || n, '{}', 'x', now(), now() from generate_series(1, 500) as n"""
    )
    async with desk.asked_by(Role.ANALYST) as client:
        answer = await client.post("/alerts", json=RULE)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "There are 500 alerts, the most of a client."
    assert await desk.owner.fetchval("select count(*) from kpi.alerts") == 500
