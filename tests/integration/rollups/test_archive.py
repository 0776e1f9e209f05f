"""Rows that leave: who reads meanwhile, what is refused from then on, and an archive that is not as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_engine.adapters.engines.archive import Archive
from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.errors import Conflict, DependencyUnavailable, QueryError
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.parquet import digest_of
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.kpi.model.time import Window
from analytics_engine.services.database_service.rollups.verifying import Verification
from catalog.cases import generated_rows
from integration.rollups.world import Ask, World, differences, every_rollup, fits, grains_of, starter

CLIENT, OTHER = "leaves", "stays"
CODE = "order"
CUTOFF = datetime(2026, 3, 1, tzinfo=UTC)
OWN_TIME = next(rollup for rollup in every_rollup() if rollup.code == "ORDER_ORDERED_AT")
KPI = next(code for code in OWN_TIME.kpis if "month" in grains_of(code))
ASK = Ask(KPI, Window(datetime(2025, 12, 1), datetime(2026, 5, 1)), "month", "Asia/Kolkata")
READS_ORDERS = next(rollup for rollup in every_rollup() if rollup.code == "ORDER_LINE_ORDERED_AT")


@pytest.fixture
async def orders(world: World) -> World:
    """Orders of two clients over some months, none of them archived."""
    await world.make([])
    await world.build()
    await world.forget_the_archive()
    await world.writer.execute('DELETE FROM facts."order"')
    rows = generated_rows(3, customers=20, orders=80)[CODE]
    for client_id in (CLIENT, OTHER):
        await world.copy(CODE, client_id, rows, by=world.writer)
    return world


async def left(world: World) -> None:
    assert await world.archiving.leave(CODE, CUTOFF) == ""


async def test_who_reads_meanwhile_sees_all_rows_until_the_end(orders: World) -> None:
    _, before = await orders.ask(CLIENT, ASK, ())
    parts = await orders.writer.fetchval(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'facts.\"order\"'::regclass"
    )
    async with orders.engine.snapshot(client_id=CLIENT) as snapshot:
        await snapshot.state(())
        held_up = await orders.archiving.leave(CODE, CUTOFF)
        assert held_up == "somebody still reads who began before its rows were archived"
        _, meanwhile = await orders.asked_of(snapshot, CLIENT, ASK, ())
    assert list(differences(before, meanwhile)) == []
    await left(orders)
    now = await orders.writer.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'facts.\"order\"'::regclass")
    assert now < parts
    _, after = await orders.ask(CLIENT, ASK, ())
    assert list(differences(before, after)) == []


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO facts."order" SELECT (jsonb_populate_record(o, '{"ordered_at": "2026-01-05T00:00Z"}')).*
             FROM facts."order" AS o LIMIT 1""",
        "UPDATE facts.\"order\" SET ordered_at = '2026-01-01T00:00:00Z'",
    ],
    ids=["insert", "update"],
)
async def test_nobody_writes_what_is_of_then(orders: World, statement: str) -> None:
    await left(orders)
    with pytest.raises(asyncpg.CheckViolationError, match=r"ae_rows_from|no partition of relation"):
        await orders.writer.execute(statement)


async def test_a_row_of_then_is_neither_changed_nor_deleted_before_it_is_dropped(orders: World) -> None:
    async with orders.engine.snapshot(client_id=CLIENT) as snapshot:
        await snapshot.state(())
        assert await orders.archiving.leave(CODE, CUTOFF) != ""
        for statement in ('DELETE FROM facts."order"', 'UPDATE facts."order" SET region = NULL'):
            with pytest.raises(asyncpg.CheckViolationError, match="are archived and do not change"):
                await orders.writer.execute(statement)


@pytest.mark.parametrize("harm", ["changed", "missing"])
async def test_a_file_that_is_not_as_it_was_is_an_error_and_no_number(orders: World, harm: str) -> None:
    await left(orders)
    name = await orders.writer.fetchval("SELECT name FROM lifecycle.parts WHERE client_id = $1 LIMIT 1", CLIENT)
    path = Path(orders.archive_folder) / name
    if harm == "changed":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    else:
        path.unlink()
    with pytest.raises(DependencyUnavailable, match=f"{name} of the archive is"):
        await orders.ask(CLIENT, ASK, ())
    late = Ask(ASK.kpi, Window(datetime(2026, 3, 3), datetime(2026, 5, 1)), "month", "UTC")
    assert (await orders.ask(CLIENT, late, ()))[1].measures
    assert (await orders.ask(OTHER, ASK, ()))[1].measures


async def test_a_question_that_fails_at_the_archive_leaves_the_snapshot_to_the_others(orders: World) -> None:
    """The database itself refuses a value of a file, in the middle of the transaction that all questions share."""
    await left(orders)
    part = await orders.writer.fetchrow("SELECT id, name FROM lifecycle.parts WHERE client_id = $1 LIMIT 1", CLIENT)
    path = orders.archive_folder / part["name"]
    rows = pq.read_table(path)
    place = rows.schema.get_field_index("ordered_at")
    pq.write_table(rows.set_column(place, "ordered_at", pa.array(["never"] * rows.num_rows)), path)
    query = "UPDATE lifecycle.parts SET digest = $2 WHERE id = $1"
    await orders.writer.execute(query, part["id"], digest_of(path))
    late = Ask(ASK.kpi, Window(datetime(2026, 3, 3), datetime(2026, 5, 1)), "month", "UTC")
    async with orders.engine.snapshot(client_id=CLIENT) as snapshot:
        for _ in range(2):
            with pytest.raises(asyncpg.DataError, match="never"):
                await orders.asked_of(snapshot, CLIENT, ASK, ())
            _, answer = await orders.asked_of(snapshot, CLIENT, late, ())
            assert answer.measures


async def test_more_rows_than_may_be_brought_back_are_refused(orders: World) -> None:
    await left(orders)
    small = PostgresEngine(orders.engine._database, Archive(orders.archive, most_rows=5))
    async with small.snapshot(client_id=CLIENT) as snapshot:
        with pytest.raises(QueryError, match="5 are the most that are brought back at once"):
            await orders.asked_of(snapshot, CLIENT, ASK, ())
    unknown = PostgresEngine(orders.engine._database)
    async with unknown.snapshot(client_id=CLIENT) as snapshot:
        with pytest.raises(DependencyUnavailable, match="in the archive, which is not known here"):
            await orders.asked_of(snapshot, CLIENT, ASK, ())


async def test_what_the_archive_forgot_is_an_error_where_it_is_reached(orders: World) -> None:
    await orders.writer.execute(
        "INSERT INTO facts.coverage (client_id, object_model, covered_from, covered_until) "
        "VALUES ($1, $2, '2025-01-01Z', '2026-06-01Z') ON CONFLICT DO NOTHING",
        CLIENT,
        CODE,
    )
    await left(orders)
    files = len(await orders.archive.names(f"{CLIENT}/"))
    await orders.archiving.expire(CODE, datetime(2026, 2, 1, tzinfo=UTC))
    assert len(await orders.archive.names(f"{CLIENT}/")) < files
    gone = await orders.writer.fetchval("SELECT archived_from FROM lifecycle.bounds WHERE object_model = $1", CODE)
    assert datetime(2025, 12, 1, tzinfo=UTC) < gone <= datetime(2026, 2, 1, tzinfo=UTC)
    with pytest.raises(QueryError, match=f"before {gone:%Y-%m-%d}, which are kept no longer"):
        await orders.ask(CLIENT, ASK, ())
    late = Ask(ASK.kpi, Window(datetime(2026, 2, 3), datetime(2026, 5, 1)), "month", "UTC")
    assert (await orders.ask(CLIENT, late, ()))[1].measures


async def test_rows_that_are_joined_are_brought_back_for_those_of_any_time(orders: World) -> None:
    await orders.copy("order_line", CLIENT, generated_rows(3, customers=20, orders=80)["order_line"], by=orders.writer)
    asks = [
        Ask(code, ASK.window, grain, "UTC", ("order_line.order.region",))
        for code in READS_ORDERS.kpis
        for grain in ("month", None)
        if grain in grains_of(code) and fits(code, "order_line.order.region")
    ]
    assert len(asks) > 10
    before = [await orders.ask(CLIENT, ask, ()) for ask in asks]
    await left(orders)
    for ask, (_, answer) in zip(asks, before, strict=True):
        _, after = await orders.ask(CLIENT, ask, ())
        assert (ask, list(differences(answer, after))) == (ask, [])


async def test_rows_that_a_rollup_reads_for_others_stay(orders: World) -> None:
    await orders.make([READS_ORDERS])
    with pytest.raises(Conflict, match="ORDER_LINE_ORDERED_AT of order_line reads order for its rows"):
        await orders.archiving.leave(CODE, CUTOFF)
    await orders.make([])
    await left(orders)
    await orders.make([READS_ORDERS])
    assert [held.code for held in await orders.rollups.present()] == []


async def test_a_rollup_made_over_archived_rows_has_what_is_there_and_is_never_called_wrong(orders: World) -> None:
    _, before = await orders.ask(CLIENT, ASK, ())
    await left(orders)
    await orders.make([OWN_TIME])
    await orders.build()
    (held,) = await orders.rollups.present()
    assert held.status == "ready"
    kept = await orders.kept(CLIENT)
    _, after = await orders.ask(CLIENT, ASK, kept)
    assert list(differences(before, after)) == []
    verified = await Verification(orders.own, PostgresOutbox(), SystemClock()).verify(held, CLIENT)
    assert verified.spans
    assert verified.wrong == ()


async def test_a_column_keeps_its_name_and_type_while_rows_are_archived(orders: World) -> None:
    await left(orders)
    model = starter().object_model(CODE).definition
    renamed = tuple(
        attribute.model_copy(update={"name": "area", "renamed_from": "region"})
        if attribute.name == "region"
        else attribute
        for attribute in model.attributes
    )
    version = ObjectModelVersion(definition=model.model_copy(update={"attributes": renamed}), version=2)
    with pytest.raises(Conflict, match="are archived, with region as named and typed now"):
        await orders.tables.ensure(version, client_id="")
