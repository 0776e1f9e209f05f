"""Whose rows are whose, and what each login may do: held by PostgreSQL itself."""

from __future__ import annotations

import asyncpg
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import with_login
from support.servers import TestDatabase

from .conftest import DatabaseService, Measurements


async def test_a_client_never_sees_another_clients_rows(
    service: DatabaseService, client_id: str, other_client: str, measurements: Measurements
) -> None:
    """In facts, in coverage and in loads; without a client nothing is seen at all."""
    await service.load("measurement", measurements(3), client_id)
    await service.load("measurement", measurements(2), other_client)
    assert {row["client_id"] for row in await service.rows("measurement", client_id)} == {client_id}
    assert await service.count("measurement", other_client) == 2
    async with service.calculation.transaction() as connection:
        assert await connection.fetch_value("select count(*) from facts.measurement") == 0
        assert await connection.fetch_value("select count(*) from facts.coverage") == 0
    async with service.own.transaction(client_id=client_id) as connection:
        assert {row["client_id"] for row in await connection.fetch("select client_id from ingest.loads")} == {client_id}
    sample = (await service.get("/data/measurement/sample", other_client)).json()
    assert len(sample["rows"]) == 2


async def test_a_client_set_for_one_transaction_is_not_there_in_the_next(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    await service.load("measurement", measurements(1), client_id)
    single = PostgresDatabase(service.calculation._url, pool_size=1)
    async with single.transaction(client_id=client_id) as connection:
        assert await connection.fetch_value("select count(*) from facts.measurement") == 1
    async with single.transaction() as connection:
        assert await connection.fetch_value("select count(*) from facts.measurement") == 0
    await single.stop()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into facts.tick values ('c', 's', '2024-01-01', 1)",
        "update facts.tick set count = 0",
        "delete from facts.tick",
        "truncate facts.tick",
        "drop table facts.tick",
        "create table facts.mine (x int)",
        "select * from fact_keys.measurement",
        "select * from ingest.loads",
        "select * from access.users",
        "update facts.coverage set covered_until = now()",
        "select * from messaging.outbox",
        "set role ae_ingest",
        "alter table facts.tick disable row level security",
    ],
)
async def test_the_calculation_engine_only_reads_facts(service: DatabaseService, statement: str) -> None:
    await service.put_table("tick", "any")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with service.calculation.transaction(client_id="c") as connection:
            await connection.execute(statement)


async def test_partitions_are_out_of_reach_except_through_their_table(service: DatabaseService, client_id: str) -> None:
    """Row-level security of the table is not got round by naming a part of it, whenever that or a column was made."""
    attributes = [
        {"name": "number", "type": "integer", "nullable": False},
        {"name": "day", "type": "date", "nullable": False},
    ]
    model = {"code": "parted", "name": "Parted", "nature": "event", "key": ["number"], "time_attribute": "day"}
    await service.define(model | {"attributes": attributes}, client_id)
    await service.load("parted", "number,day\n1,2024-01-05\n", client_id)
    await service.define(model | {"attributes": [*attributes, {"name": "later", "type": "text"}]}, client_id)
    await service.load("parted", "number,day,later\n2,2024-06-05,x\n", client_id)
    assert [row["later"] for row in await service.rows("parted", client_id, order="number")] == [None, "x"]
    async with service.owner.transaction() as connection:
        parts = await connection.fetch(
            "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'facts.parted'::regclass"
        )
    assert len(parts) >= 2
    for part in parts:
        for columns in ("*", "client_id", "later"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await _read(service.calculation, f"select {columns} from {part['name']}")


async def _read(database: PostgresDatabase, query: str) -> None:
    async with database.transaction(client_id="c") as connection:
        await connection.fetch(query)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from facts.tick",
        "select * from access.users",
        "create role intruder",
        "select * from fact_keys.measurement",
    ],
)
async def test_the_services_own_login_has_no_more_than_it_needs(service: DatabaseService, statement: str) -> None:
    """What it loads and creates it does as the role that owns the tables, which it has to ask for."""
    await service.put_table("measurement", "any")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with service.own.transaction(client_id="c") as connection:
            await connection.execute(statement)


@pytest.mark.parametrize("service_", [one for one in Service if one not in {Service.DATABASE, Service.CALCULATION}])
async def test_other_services_have_no_way_to_facts(service_: Service, module_database: TestDatabase) -> None:
    database = PostgresDatabase(module_database.service_url(service_))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as connection:
            await connection.fetch("select * from facts.coverage")
    await database.stop()


async def test_a_report_writer_sees_the_client_of_its_login_whatever_it_sets(
    service: DatabaseService, client_id: str, other_client: str, measurements: Measurements
) -> None:
    """Whoever can send SQL can change a setting; the login is the boundary."""
    await service.load("measurement", measurements(3), client_id)
    await service.load("measurement", measurements(2), other_client)
    login = f"report_{client_id.replace('-', '_')}"
    async with service.owner.transaction() as connection:
        await connection.execute(f"create role {login} login password 'only-for-this-test' in role reporting")
        await connection.execute("insert into access.report_logins values ($1, $2)", login, client_id)
    database = PostgresDatabase(with_login(service.url, user=login, password="only-for-this-test"))
    async with database.transaction(client_id=other_client) as connection:
        seen = await connection.fetch("select distinct client_id from facts.measurement")
        assert [row["client_id"] for row in seen] == [client_id]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as connection:
            await connection.execute("delete from facts.measurement")
    await database.stop()
    async with service.owner.transaction() as connection:
        await connection.execute(f"drop role {login}")
