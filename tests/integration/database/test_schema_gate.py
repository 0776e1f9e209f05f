"""Code on an older schema does nothing and says why; on a newer one it works."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap import business_metadata
from analytics_engine.bootstrap.schema import migration_files, newest_revision
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from support.servers import TestDatabase
from support.services import asgi_client, internal_headers
from support.waiting import eventually

FORMER = sorted(migration_files())[-2]


async def set_revision(owner: PostgresDatabase, revision: str) -> None:
    async with owner.transaction() as connection:
        await connection.execute("update alembic_version set version_num = $1", revision)


async def test_a_service_on_an_older_schema_waits_for_it(
    database: TestDatabase, settings_for: Callable[..., Settings]
) -> None:
    """It lives, is not ready, refuses requests and starts no work; once the schema is there all of it goes on."""
    owner = PostgresDatabase(database.owner_url)
    await set_revision(owner, FORMER)
    app = business_metadata.build(settings_for(Service.METADATA))
    async with asgi_client(app, headers=internal_headers(Service.METADATA)) as client:
        assert (await client.get("/live")).status_code == 200
        ready = await client.get("/ready")
        assert ready.status_code == 503
        assert ready.json()["dependencies"]["database"] == {
            "status": "unhealthy",
            "detail": f"The database has the schema of {FORMER}, and this release needs {newest_revision()}.",
            "about": {},
        }
        refused = await client.get("/stats")
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:analytics-engine:problem:schema-too-old")
        assert "analytics-engine migrate" in refused.json()["remedy"]
        assert refused.headers["Retry-After"] == "5"
        async with owner.transaction() as connection:
            assert await connection.fetch_value("select count(*) from metadata.definition_versions") == 0

        await set_revision(owner, newest_revision())

        async def imported() -> bool:
            return bool((await client.get("/stats")).json().get("kpis"))

        await eventually(imported, within_s=60)
        assert (await client.get("/ready")).status_code == 200
    await owner.stop()


async def test_a_service_works_on_a_newer_schema(database: TestDatabase, settings_for: Callable[..., Settings]) -> None:
    """As while a release is rolled out, or taken back."""
    owner = PostgresDatabase(database.owner_url)
    await set_revision(owner, "9999")
    app = business_metadata.build(settings_for(Service.METADATA))
    async with asgi_client(app, headers=internal_headers(Service.METADATA)) as client:

        async def is_ready() -> bool:
            return (await client.get("/ready")).status_code == HTTPStatus.OK

        assert await eventually(is_ready, within_s=60)
        assert (await client.get("/stats")).status_code == HTTPStatus.OK
    await owner.stop()
