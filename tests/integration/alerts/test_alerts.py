"""Alerts over real rows: they fire when these say so, go on while nobody knows, and a clear value resolves them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kpi.alerts.transitions import AlertState
from golden.shop import CLIENT, NOW, shop_catalog
from integration.alerts.desk import YESTERDAY, Desk, count_of, day, rule_of
from integration.calculation.serving import MORE


async def test_it_fires_when_rows_say_so_and_is_resolved_when_they_are_corrected(desk: Desk) -> None:
    """Two orders are not more than two; a third one is; without it they are not again."""
    alert = await desk.save()
    await desk.check()
    assert (await desk.cell(alert)).state is AlertState.OK

    await desk.orders(1)
    await desk.due()
    fires = await desk.cell(alert)
    await desk.no_orders()
    await desk.due()

    assert (fires.state, fires.value, fires.threshold) == (AlertState.FIRING, "3", "2")
    assert fires.period == "2026-11-01T00:00:00+00:00/2026-11-02T00:00:00+00:00"
    assert await desk.history(alert) == ["ok > firing", "firing > resolved"]
    fired, resolved = await desk.told()
    assert fired.model_dump() == {
        "alert_id": alert.id, "name": "Many orders", "severity": "warning", "state": "firing", "previous": "ok",
        "kpi": "ORDERS", "period": fires.period, "cell": {}, "value": "3", "threshold": "2", "reason": "",
        "summary": "Many orders fires: ORDERS is 3 in the day of 2026-11-01; wanted is at most 2.",
        "channels": ["ops"], "group": "kpi-alerts",
    }  # fmt: skip
    assert (resolved.state, resolved.value, resolved.channels) == ("resolved", "2", ["ops"])


async def test_a_check_tells_what_it_judged_and_why(desk: Desk) -> None:
    """The period, the state of the data, the versions, and how far the rows are loaded."""
    alert = await desk.save()
    await desk.loaded_until(day("2026-10-31T12:00"))
    await desk.check()
    last = (await desk.detail(alert)).last_evaluation
    assert last is not None
    assert last.period == "2026-10-30T00:00:00+00:00/2026-10-31T00:00:00+00:00"
    assert (last.kpi_version, last.catalog_version, last.cells, last.problem) == (3, "golden", 1, "")
    assert last.loaded_until == {"order": day("2026-10-31T12:00")}
    assert last.watermark is not None
    assert last.explanation == (
        f"Judged is {last.period}, the newest day that is over and loaded to its end; wanted is at most 2."
    )


async def test_a_period_that_is_not_complete_is_not_judged(desk: Desk) -> None:
    """The third order of yesterday counts once yesterday is loaded to its end, not before."""
    await desk.loaded_until(NOW - timedelta(hours=1))
    await desk.orders(1)
    alert = await desk.save()
    await desk.check()
    early = await desk.cell(alert)
    await desk.loaded_until(NOW)
    await desk.due()
    assert early.state is AlertState.OK
    assert early.period.startswith("2026-10-31")
    assert await desk.history(alert) == ["ok > firing"]


async def test_nothing_is_judged_where_nothing_was_ever_loaded(desk: Desk) -> None:
    alert = await desk.save()
    await desk.owner.execute("delete from facts.coverage where object_model = 'order' and client_id = $1", CLIENT)
    await desk.check()
    detail = await desk.detail(alert)
    await desk.owner.execute("insert into facts.coverage values ($1, 'order', '2026-01-01Z', '2027-01-01Z')", CLIENT)
    assert detail.cells == []
    assert detail.last_evaluation is not None
    assert detail.last_evaluation.explanation == "No whole day may be judged yet; loaded is nothing yet."


async def test_rows_that_come_late_are_waited_for(desk: Desk) -> None:
    alert = await desk.save(delay_s=3600)
    await desk.check()
    early = (await desk.cell(alert)).period
    desk.clock.advance(timedelta(hours=1))
    await desk.check()
    assert early.startswith("2026-10-31")
    assert (await desk.cell(alert)).period.startswith("2026-11-01")


async def test_periods_that_nobody_judged_in_time_are_judged_one_after_the_other(desk: Desk) -> None:
    """Three days later: too many on the 2nd and the 3rd, few on the 4th. Both changes are told, each of its day."""
    alert = await desk.save(**{"for": {"periods": 2}})
    await desk.check()
    await desk.orders(3, day("2026-11-02"))
    await desk.orders(4, day("2026-11-03"))
    desk.clock.advance(timedelta(days=3))
    await desk.check()
    assert await desk.history(alert) == ["ok > pending", "pending > firing", "firing > resolved"]
    assert [(each.state, each.period[:10], each.channels) for each in await desk.told()] == [
        ("pending", "2026-11-02", []), ("firing", "2026-11-03", ["ops"]), ("resolved", "2026-11-04", ["ops"]),
    ]  # fmt: skip


async def test_each_cell_has_a_state_of_its_own(desk: Desk) -> None:
    """By customer: c1 has one order more than allowed, c2 as many; the missing customer is a member too."""
    alert = await desk.save(dimensions=["order.customer_id"], condition={"kind": "threshold", "above": "1"})
    await desk.orders(1, customer="c1")
    await desk.check()
    cells = {cell.cell["order.customer_id"]: cell.state.value for cell in (await desk.detail(alert)).cells}
    active = await desk.alerting.alerts.active(CLIENT, PageRequest(), no_data=False)
    assert cells == {"c1": "firing", "c2": "ok"}
    assert [(item.cell, item.name, item.value) for item in active.items] == [
        ({"order.customer_id": "c1"}, "Many orders", "2")
    ]


async def test_a_cell_without_rows_has_no_data_and_one_that_fires_goes_on(desk: Desk) -> None:
    """The day after, neither customer orders anything: who was fine has no data, who was not goes on firing."""
    alert = await desk.save(dimensions=["order.customer_id"], condition={"kind": "threshold", "above": "1"})
    await desk.orders(1, customer="c1")
    await desk.check()
    desk.clock.advance(timedelta(days=1))
    await desk.check()
    cells = {
        cell.cell["order.customer_id"]: (cell.state.value, cell.value) for cell in (await desk.detail(alert)).cells
    }
    assert cells == {"c1": ("firing", None), "c2": ("no_data", None)}


async def test_a_member_that_is_gone_for_long_is_forgotten(desk: Desk) -> None:
    """A hundred days without a row are remembered, the day after is not; who comes back begins anew."""
    alert = await desk.save(dimensions=["order.customer_id"])
    await desk.loaded_until(day("2028-01-01"))
    await desk.check()
    cells = []
    for days in (100, 1):
        desk.clock.advance(timedelta(days=days))
        await desk.check()
        cells.append(len((await desk.detail(alert)).cells))
    await desk.orders(1, desk.clock.now())
    desk.clock.advance(timedelta(days=1))
    await desk.check()
    assert cells == [2, 0]
    assert [cell.state for cell in (await desk.detail(alert)).cells] == [AlertState.OK]


async def test_history_is_kept_for_four_hundred_days(desk: Desk) -> None:
    alert = await desk.save(condition={"kind": "threshold", "above": "1"})
    await desk.check()
    kept = []
    for days in (399, 2):
        desk.clock.advance(timedelta(days=days))
        await desk.alerting.checks.clean_once()
        kept.append(await desk.history(alert))
    assert kept == [["ok > firing"], []]


async def test_the_period_that_runs_is_judged_where_that_is_asked(desk: Desk) -> None:
    """From its first minute on; the seconds a violation must hold are those of the clock."""
    alert = await desk.save(judged="running", **{"for": {"seconds": 90}})
    await desk.check()
    await desk.orders(3, NOW)
    await desk.due()
    pending = await desk.cell(alert)
    await desk.due()
    assert pending.state is AlertState.PENDING
    await desk.due()
    assert await desk.history(alert) == ["ok > pending", "pending > firing"]


# --- the kinds of conditions ------------------------------------------------------------------------------------------


async def test_a_target_is_missed_by_more_than_so_many_percent(desk: Desk) -> None:
    """The goal is 4 and more is better: 2 is 50 % off, and so still allowed; 1 is not."""
    alert = await desk.save(kpi="GOAL", condition={"kind": "target", "off_by_percent": "50"})
    await desk.check()
    assert (await desk.cell(alert)).state is AlertState.OK
    await desk.owner.execute("""update facts."order" set ordered_at = '2026-11-09Z' where order_id = 'o9' """)
    await desk.due()
    cell = await desk.cell(alert)
    await desk.owner.execute("""update facts."order" set ordered_at = '2026-11-01T06:30Z' where order_id = 'o9' """)
    assert (cell.state, cell.value, cell.threshold) == (AlertState.FIRING, "1", "2")


@pytest.mark.parametrize(("measured_in", "above", "value"), [("percent", "99", "100"), ("absolute", "1", "2")])
async def test_a_change_against_the_period_before(desk: Desk, measured_in: str, above: str, value: str) -> None:
    """Two orders on the 1st, four on the 2nd: two more, 100 percent more."""
    condition = {"kind": "change", "against": "previous_period", "measured_in": measured_in, "above": above}
    alert = await desk.save(condition=condition)
    await desk.orders(4, NOW)
    desk.clock.advance(timedelta(days=1))
    await desk.check()
    cell = await desk.cell(alert)
    assert (cell.state, cell.threshold) == (AlertState.FIRING, above)
    assert cell.value is not None
    assert float(cell.value) == float(value)


async def test_a_change_against_nothing_is_no_value_and_says_why(desk: Desk) -> None:
    """There was no order on 31 October, so two on the 1st are no percent of it."""
    condition = {"kind": "change", "against": "previous_period", "above": "10"}
    alert = await desk.save(condition=condition)
    await desk.check()
    cell = await desk.cell(alert)
    assert (cell.state, cell.value) == (AlertState.NO_DATA, None)
    assert "not above 0" in cell.reason


async def test_alerts_of_one_question_share_its_answer(desk: Desk) -> None:
    """Three rules on one KPI, grain and filter are one question; another grain is another one."""
    for number in range(3):
        await desk.save(name=f"Alert {number}", condition={"kind": "threshold", "above": str(number)})
    await desk.save(name="By month", grain="month")
    assert await desk.check() == 4
    seconds = next(iter(desk.alerting.telemetry.seconds.collect()))
    assert [each.value for each in seconds.samples if each.name.endswith("_count")] == [2]
    assert count_of(desk.replicas, "judged") == 4


async def test_no_data_fires_where_a_period_that_is_over_has_no_value(desk: Desk) -> None:
    """A mean weight of no orders is null; rows that come later clear it."""
    alert = await desk.save(kpi="CARRIED", condition={"kind": "no_data"})
    await desk.check()
    assert (await desk.cell(alert)).state is AlertState.OK
    desk.clock.advance(timedelta(days=1))
    await desk.check()
    fires = await desk.cell(alert)
    await desk.orders(1, NOW)
    await desk.owner.execute("""update facts."order" set weight = 2 where order_id like 'new-%'""")
    await desk.due()
    assert (fires.state, fires.value) == (AlertState.FIRING, None)
    assert fires.reason
    assert await desk.history(alert) == ["ok > firing", "firing > resolved"]


async def test_lateness_fires_where_rows_are_loaded_up_to_long_ago(desk: Desk) -> None:
    """Loaded until an hour ago is late by ten minutes, and is not once the hour is loaded."""
    alert = await desk.save(condition={"kind": "lateness", "behind_s": 3000})
    await desk.loaded_until(NOW - timedelta(hours=1))
    await desk.check()
    late = await desk.cell(alert)
    await desk.loaded_until(NOW)
    await desk.due()
    assert (late.state, late.value, late.threshold) == (AlertState.FIRING, "3600", "3000")
    assert late.reason == "order is loaded until 2026-11-01T23:00:00+00:00"
    assert await desk.history(alert) == ["ok > firing", "firing > resolved"]


# --- what is not known ------------------------------------------------------------------------------------------------


async def test_a_kpi_that_was_removed_is_an_error_after_a_while_and_resolves_nothing(desk: Desk) -> None:
    """One alert fires and goes on; the other one was fine, and says after two minutes that it cannot be judged."""
    fires = await desk.save(name="Fires", condition={"kind": "threshold", "above": "1"})
    fine = await desk.save(name="Fine")
    await desk.check()
    kpis = shop_catalog(MORE).kpis
    desk.define("2", tuple(kpi for kpi in kpis if kpi.definition.code != "ORDERS"))
    await desk.due()
    soon = (await desk.cell(fine)).state
    for _ in range(3):
        await desk.due()
    states = [(await desk.cell(alert)).state for alert in (fires, fine)]
    detail = await desk.detail(fires)
    desk.define("3", kpis)
    await desk.due()

    assert soon is AlertState.OK
    assert states == [AlertState.FIRING, AlertState.ERROR]
    assert detail.last_evaluation is not None
    assert detail.last_evaluation.problem == "There is no KPI 'ORDERS'."
    assert detail.cells[0].failing_since is not None
    assert await desk.history(fires) == ["ok > firing"]
    assert await desk.history(fine) == ["ok > error", "error > resolved"]
    assert [(each.name, each.state, each.channels) for each in await desk.told()] == [
        ("Fires", "firing", ["ops"]), ("Fine", "error", ["ops"]), ("Fine", "resolved", ["ops"]),
    ]  # fmt: skip


async def test_a_pending_violation_begins_anew_with_another_definition(desk: Desk) -> None:
    """Too many on the 1st and 2nd by version 3; by version 4 on the 2nd, 3rd and 4th: three in a row are the last."""
    alert = await desk.save(**{"for": {"periods": 3}})
    for number in range(4):
        await desk.orders(3, YESTERDAY + number * timedelta(days=1))
    await desk.check()
    desk.clock.advance(timedelta(days=1))
    await desk.check()
    desk.define("2", tuple(kpi.model_copy(update={"version": 4}) for kpi in shop_catalog(MORE).kpis))
    states = []
    for _ in range(2):
        desk.clock.advance(timedelta(days=1))
        await desk.check()
        states.append((await desk.cell(alert)).state)
    assert states == [AlertState.PENDING, AlertState.FIRING]


# --- when they are checked --------------------------------------------------------------------------------------------


def ingested(model: str, client_id: str = CLIENT) -> Event:
    return Event(
        type=EventType.DATA_INGESTED.value, source=Service.DATABASE.value, time=NOW, clientid=client_id,
        data=DataIngested(object_model=model, rows=1).model_dump(mode="json"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event", "made"),
    [
        (ingested("order"), 1), (ingested("order", ""), 1), (ingested("shift"), 0), (ingested("order", "other"), 0),
        (Event(type="catalog.changed", source="x", time=NOW, clientid=CLIENT, data={"version": "2"}), 1),
    ],
)  # fmt: skip
async def test_an_alert_is_checked_soon_after_what_it_reads_has_changed(desk: Desk, event: Event, made: int) -> None:
    """Half a second after rows of its object model and client were loaded, or rows of any client; not after others."""
    await desk.save()
    await desk.check()
    desk.clock.advance(timedelta(seconds=10))
    await desk.alerting.follow(event)
    assert await desk.check() == 0
    desk.clock.advance(timedelta(seconds=0.5))
    assert await desk.check() == made


async def test_an_alert_whose_rows_change_all_the_time_is_checked_every_two_seconds(desk: Desk) -> None:
    await desk.save()
    made = []
    for _ in range(50):
        made.append(await desk.check())
        await desk.alerting.follow(ingested("order"))
        desk.clock.advance(timedelta(seconds=0.1))
    assert sum(made) == 3


async def test_a_change_during_a_check_is_not_forgotten(desk: Desk) -> None:
    """Rows are loaded after the question was answered and before it is written down: it is checked once more."""
    alert = await desk.save()
    claim = await desk.alerting.checks.claim()
    assert claim is not None
    ((stored, found),) = [each async for each in desk.alerting.checks.find(claim)]
    await desk.orders(1)
    await desk.alerting.follow(ingested("order"))
    await desk.alerting.checks.settle(claim, stored, found)
    assert (await desk.cell(alert)).state is AlertState.OK
    desk.clock.advance(timedelta(seconds=2))
    await desk.check()
    assert (await desk.cell(alert)).state is AlertState.FIRING


async def test_a_disabled_alert_is_not_checked_and_has_no_state(desk: Desk) -> None:
    """Disabling resolves what fires, and says why."""
    alert = await desk.save(condition={"kind": "threshold", "above": "1"})
    await desk.check()
    off = rule_of(condition={"kind": "threshold", "above": "1"}, enabled=False)
    await desk.alerting.alerts.change(CLIENT, UUID(alert.id), off, expected=1)
    assert await desk.due() == 0
    assert (await desk.detail(alert)).cells == []
    assert [(each.state, each.reason, each.channels) for each in await desk.told()] == [
        ("firing", "", ["ops"]), ("resolved", "the alert was disabled", ["ops"]),
    ]  # fmt: skip
