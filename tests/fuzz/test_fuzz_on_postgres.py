"""What hostile texts become is run on a real PostgreSQL: it answers or says why not, and nothing changes there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from analytics_engine.kpi.sql.dialects import POSTGRES
from fuzz.attempts import Attempts
from fuzz.catalog import fuzz_catalog, load_fuzz
from fuzz.running import Written, run
from golden.shop import CLIENT
from support.engines import PostgresUnderTest
from support.servers import TestServers

STATEMENTS = 300
SEED = 7
SLOWEST_MS = 10_000


@pytest.fixture(scope="module")
async def shop(servers: TestServers) -> AsyncIterator[PostgresUnderTest]:
    engine = PostgresUnderTest(servers)
    await engine.start()
    await load_fuzz(engine)
    await engine.connection.execute(f"SET statement_timeout = {SLOWEST_MS}")
    yield engine
    await engine.close()


def bound_statements() -> list[Written]:
    """Return the first statements that attempts become, with values that fit."""
    found: list[Written] = []
    for attempt in Attempts(SEED).draw(100_000):
        found += [written for written in run(attempt, (POSTGRES,)).statements if written.values is not None]
        if len(found) >= STATEMENTS:
            break
    return found[:STATEMENTS]


async def all_there_is(connection: asyncpg.Connection[Any]) -> dict[str, str]:
    """Return every table, view, function and role of the database with a hash of what it holds."""
    tables = await connection.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'facts' ORDER BY 2")
    held = {
        table["tablename"]: await connection.fetchval(
            f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM facts."{table["tablename"]}" t'
        )
        for table in tables
    }
    counts = "SELECT (SELECT count(*) FROM pg_class) || ' ' || (SELECT count(*) FROM pg_proc) || ' ' || "
    counts += "(SELECT count(*) FROM pg_roles) || ' ' || (SELECT count(*) FROM pg_namespace)"
    return {**held, "and all": str(await connection.fetchval(counts))}


async def test_statements_are_answered_or_refused_by_value_and_change_nothing(shop: PostgresUnderTest) -> None:
    """The one thing an engine may say is that a value is out of a type's range: the service tells that as it is."""
    before = await all_there_is(shop.connection)
    wrong: list[str] = []
    for written in bound_statements():
        assert written.values is not None
        try:
            await shop.run(written.statement.sql, written.values, client_id=CLIENT)
        except asyncpg.DataError:
            continue
        except asyncpg.PostgresError as error:
            wrong.append(f"{type(error).__name__}: {error}\n{written.statement.sql}")
    assert not wrong, "\n\n".join(wrong[:5])
    assert await all_there_is(shop.connection) == before
    assert len(before) > len(fuzz_catalog().object_models)
