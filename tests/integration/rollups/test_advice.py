"""What was asked of the rows becomes advice: a rollup that can be saved as it is, and those that nobody reads."""

from __future__ import annotations

from datetime import date

import pytest

from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.services import Service
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.services.calculation_engine_service.plans import Compiled
from analytics_engine.services.calculation_engine_service.usage import UsageLog
from analytics_engine.services.database_service.rollups.advising import Advising
from catalog.cases import generated_rows
from integration.rollups.world import Ask, World, checker, differences, starter

CLIENT = "advised"
KPI = "T_AVG_SHIPMENT_FREIGHT_COST"
QUARTER = Window(local_midnight(date(2026, 1, 1)), local_midnight(date(2026, 4, 1)))


@pytest.fixture(scope="module")
async def asked(world: World) -> World:
    """Rows of two hundred shipments for each day, so that cells are far fewer; and their statistics."""
    for start in range(0, 4000, 400):
        rows = [row | {"shipment_id": f"S{start}-{number}"} for number, row in enumerate(generated_rows(5)["shipment"])]
        await world.copy("shipment", CLIENT, rows, by=world.writer)
    await world.writer.execute("ANALYZE facts.shipment")
    usage = PostgresDatabase(world.database.service_url(Service.CALCULATION), application_name="usage")
    log = UsageLog(usage)
    for dimensions in ((), ("shipment.carrier",), ("shipment.carrier",)):
        plan = build_plan(checker(), Question((KPI,), "month", dimensions))
        log.note(CLIENT, checker().paths, [Compiled(plan, emit(plan, checker(), POSTGRES))], 2.0)
    median = build_plan(checker(), Question(("median(shipment.freight_cost)",), "month"))
    log.note(CLIENT, checker().paths, [Compiled(median, emit(median, checker(), POSTGRES))], 50.0)
    await log.write()
    await usage.stop()
    return world


@pytest.fixture
def advising(asked: World) -> Advising:
    definitions = MemoryDefinitions()
    definitions.define(ClientProfile(client_id=CLIENT, name="Advised"), starter())
    return Advising(asked.own, definitions)


async def test_what_was_asked_of_the_rows_becomes_a_rollup_that_answers_it(asked: World, advising: Advising) -> None:
    (proposed,) = (await advising.advice(CLIENT)).proposals
    assert proposed.definition["object_model"] == "shipment"
    assert proposed.definition["dimensions"] == ["carrier"]
    assert proposed.definition["kpis"] == [KPI]
    assert (proposed.questions, proposed.seconds) == (2, 6.0)
    assert proposed.estimated_cells * 2 < proposed.estimated_rows
    await asked.make([Rollup.model_validate(proposed.definition)])
    await asked.build()
    ask = Ask(KPI, QUARTER, "month", "UTC", ("shipment.carrier",))
    _, raw = await asked.ask(CLIENT, ask, ())
    plan, rolled = await asked.ask(CLIENT, ask, await asked.kept(CLIENT))
    assert plan.rollups
    assert list(differences(raw, rolled)) == []


async def test_a_rollup_that_nobody_reads_is_named(asked: World, advising: Advising) -> None:
    (unused,) = (await advising.advice(CLIENT)).unused
    assert unused.object_model == "shipment"
    (kept,) = await asked.kept(CLIENT)
    usage = PostgresDatabase(asked.database.service_url(Service.CALCULATION), application_name="usage")
    log = UsageLog(usage)
    plan = build_plan(checker(), Question((KPI,), "month"), [kept])
    log.note(CLIENT, checker().paths, [Compiled(plan, emit(plan, checker(), POSTGRES))], 0.1)
    await log.write()
    await usage.stop()
    assert (await advising.advice(CLIENT)).unused == ()


async def test_others_are_not_advised_by_it(asked: World) -> None:
    definitions = MemoryDefinitions()
    definitions.define(ClientProfile(client_id="stranger", name="Stranger"), starter())
    assert (await Advising(asked.own, definitions).advice("stranger")).proposals == ()
