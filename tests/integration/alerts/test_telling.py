"""Who is told of what: channels, silences, acknowledgements, tests."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kpi.alerts.transitions import AlertState
from analytics_engine.services.calculation_engine_service.alerts.schemas import Acknowledgement, SilenceSettings
from golden.shop import CLIENT
from integration.alerts.desk import Desk, rule_of

FIRES = {"kind": "threshold", "above": "1"}


def silence(desk: Desk, **matchers: str) -> SilenceSettings:
    """Return a silence of an hour."""
    listed = [{"name": name, "value": value} for name, value in matchers.items()]
    ends_at = desk.clock.now() + timedelta(hours=1)
    return SilenceSettings.model_validate({"matchers": listed, "ends_at": ends_at, "reason": "maintenance"})


async def told(desk: Desk) -> list[tuple[str, list[str]]]:
    return [(each.state, each.channels) for each in await desk.told()]


async def test_what_is_silenced_is_recorded_and_told_when_the_silence_is_over(desk: Desk) -> None:
    """The event has no channels while it is silenced; as it still fires afterwards, it is told then."""
    alert = await desk.save(condition=FIRES, labels={"team": "sales"})
    made = await desk.alerting.silences.add(CLIENT, silence(desk, team="sales", severity="warning"), author="Tester")
    await desk.check()
    page = await desk.alerting.alerts.history(CLIENT, UUID(alert.id), PageRequest())
    active = await desk.alerting.alerts.active(CLIENT, PageRequest(), no_data=False)
    await desk.due()
    silent = await told(desk)
    desk.clock.advance(timedelta(hours=1))
    await desk.check()
    await desk.due()

    assert [(each.silence_id, each.notified) for each in page.items] == [(made.id, False)]
    assert [item.silenced_by for item in active.items] == [made.id]
    assert silent == [("firing", [])]
    assert await told(desk) == [("firing", []), ("firing", ["ops"])]
    assert await desk.history(alert) == ["ok > firing", "firing > firing"]


async def test_what_was_never_told_is_not_told_to_be_over(desk: Desk) -> None:
    alert = await desk.save()
    await desk.alerting.silences.add(CLIENT, silence(desk, alert="Many orders"), author="Tester")
    await desk.orders(1)
    await desk.check()
    await desk.no_orders()
    await desk.due()
    assert await desk.history(alert) == ["ok > firing", "firing > resolved"]
    assert await told(desk) == [("firing", []), ("resolved", [])]


async def test_what_is_over_while_it_is_silenced_is_told_to_be_over_afterwards(desk: Desk) -> None:
    """Who was told that it fires has an open incident, which nobody else would close."""
    alert = await desk.save()
    await desk.orders(1)
    await desk.check()
    await desk.alerting.silences.add(CLIENT, silence(desk, kpi="ORDERS"), author="Tester")
    await desk.no_orders()
    await desk.due()
    desk.clock.advance(timedelta(hours=1))
    await desk.check()
    await desk.due()
    assert await told(desk) == [("firing", ["ops"]), ("resolved", []), ("resolved", ["ops"])]
    assert await desk.history(alert) == ["ok > firing", "firing > resolved", "resolved > resolved"]


async def test_a_silence_of_something_else_silences_nothing(desk: Desk) -> None:
    """All matchers must be met; a dimension's member is matched as a label is."""
    await desk.save(condition=FIRES, dimensions=["order.customer_id"])
    await desk.alerting.silences.add(CLIENT, silence(desk, severity="critical", kpi="ORDERS"), author="Tester")
    await desk.alerting.silences.add(CLIENT, silence(desk, **{"order.customer_id": "c2"}), author="Tester")
    await desk.orders(1, customer="c1")
    await desk.orders(1, customer="c2")
    await desk.check()
    said = {each.cell["order.customer_id"]: each.channels for each in await desk.told()}
    assert said == {"c1": ["ops"], "c2": []}


async def test_an_expired_silence_is_over_at_once(desk: Desk) -> None:
    await desk.save(condition=FIRES)
    made = await desk.alerting.silences.add(CLIENT, silence(desk, kpi="ORDERS"), author="Tester")
    ended = await desk.alerting.silences.expire(CLIENT, UUID(made.id))
    desk.clock.advance(timedelta(seconds=1))
    await desk.check()
    assert ended.ends_at <= desk.clock.now()
    assert await told(desk) == [("firing", ["ops"])]
    listed = [(await desk.alerting.silences.page(CLIENT, PageRequest(), ended=ended)).total for ended in (False, True)]
    assert listed == [0, 1]


async def test_channels_are_told_of_the_states_they_are_to_be_told_of(desk: Desk) -> None:
    """One asks to be told of pending; the other one's missing value is no change, for it fires already."""
    pending = {"for": {"periods": 2}, "notify_on": ["pending", "firing", "resolved"]}
    await desk.save(condition=FIRES, **pending)
    await desk.save(name="Weight", kpi="CARRIED")
    await desk.check()
    desk.clock.advance(timedelta(days=1))
    await desk.check()
    said = sorted((each.name, each.state, each.channels) for each in await desk.told())
    assert said == [
        ("Many orders", "ok", ["ops"]), ("Many orders", "pending", ["ops"]), ("Weight", "firing", ["ops"]),
    ]  # fmt: skip


async def test_who_sees_to_what_fires_is_known_until_it_is_resolved(desk: Desk) -> None:
    alert = await desk.save()
    await desk.orders(1)
    await desk.check()
    given = Acknowledgement(note="calling the shop")
    await desk.alerting.alerts.acknowledge(CLIENT, UUID(alert.id), given, author="Ada")
    await desk.due()
    seen_to = await desk.cell(alert)
    await desk.no_orders()
    await desk.due()
    over = await desk.cell(alert)
    assert (seen_to.acknowledged_by, seen_to.note) == ("Ada", "calling the shop")
    assert (over.state, over.acknowledged_by, over.note) == (AlertState.RESOLVED, None, "")


async def test_a_change_of_words_keeps_the_state_and_one_of_the_question_begins_anew(desk: Desk) -> None:
    alert = await desk.save(condition=FIRES)
    await desk.check()
    change = desk.alerting.alerts.change
    await change(CLIENT, UUID(alert.id), rule_of(condition=FIRES, severity="critical"), expected=1)
    same = await desk.cell(alert)
    await change(CLIENT, UUID(alert.id), rule_of(condition=FIRES, grain="month"), expected=2)
    assert same.state is AlertState.FIRING
    assert (await desk.detail(alert)).cells == []
    assert [(each.state, each.severity, each.reason) for each in await desk.told()] == [
        ("firing", "warning", ""), ("resolved", "critical", "the alert was changed"),
    ]  # fmt: skip


async def test_deleting_an_alert_that_fires_resolves_it(desk: Desk) -> None:
    alert = await desk.save(condition=FIRES)
    await desk.check()
    await desk.alerting.alerts.delete(CLIENT, UUID(alert.id), expected=None)
    assert await told(desk) == [("firing", ["ops"]), ("resolved", ["ops"])]
    assert await desk.due() == 0


async def test_a_test_is_told_to_the_channels_and_marked_as_one(desk: Desk) -> None:
    alert = await desk.save()
    await desk.alerting.alerts.test(CLIENT, UUID(alert.id))
    assert await told(desk) == [("test", ["ops"])]
    assert await desk.history(alert) == []


async def test_the_measures_count_cells_and_what_is_overdue(desk: Desk) -> None:
    await desk.save(condition=FIRES)
    desk.clock.advance(timedelta(seconds=5))
    await desk.alerting.checks.measure_once()
    overdue = desk.alerting.telemetry.overdue.collect()
    await desk.check()
    await desk.alerting.checks.measure_once()
    cells = {
        sample.labels["state"]: sample.value
        for metric in desk.alerting.telemetry.cells.collect()
        for sample in metric.samples
    }
    assert [sample.value for metric in overdue for sample in metric.samples] == [5]
    assert cells == {"ok": 0, "pending": 0, "firing": 1, "resolved": 0, "no_data": 0, "error": 0}
