from __future__ import annotations

from functools import partial
from typing import Any

import asyncpg
import httpx

from analytics_engine.bootstrap import database_service, demo_config_service
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.demo_config_service.nyc_flights import data_directory
from support.servers import TestDatabase
from support.services import asgi_client
from support.waiting import eventually

from .conftest import NOWHERE, SettingsFor, asks, served

LOAD = "/demo/samples/nyc-flights/load"
ROWS = {"airline": 16, "airport": 1_458, "plane": 3_322, "weather": 26_115, "flight": 336_776}


async def loaded(client: httpx.AsyncClient, load_id: str) -> dict[str, Any]:
    """Return the load once it ended."""

    async def ended() -> dict[str, Any] | None:
        load: dict[str, Any] = (await client.get(f"/demo/loads/{load_id}", headers=asks())).json()
        return load if load["status"] in {"succeeded", "failed"} else None

    load = await eventually(ended, within_s=120)
    assert load is not None
    return load


async def test_the_whole_sample_is_loaded_and_a_second_load_changes_nothing(
    settings_for: SettingsFor, metadata_url: str, database: TestDatabase
) -> None:
    """Five tables with every row of the package arrive for the client; loading again leaves them as they are."""
    async with served(
        database_service.build(settings_for(Service.DATABASE, business_metadata_url=metadata_url))
    ) as database_url:
        settings = settings_for(
            Service.DEMO_CONFIG, business_metadata_url=metadata_url, database_service_url=database_url
        )
        async with asgi_client(demo_config_service.build(settings)) as client:
            for _ in range(2):
                accepted = await client.post(LOAD, headers=asks())
                assert accepted.status_code == 202
                assert accepted.headers["location"] == f"/demo/loads/{accepted.json()['load_id']}"
                load = await loaded(client, accepted.json()["load_id"])
                assert (load["status"], load["progress"], load["rows"]) == ("succeeded", 1, ROWS), load
            sample = (await client.get("/demo/samples/nyc-flights", headers=asks(Role.VIEWER))).json()
            assert sample["latest_load"]["load_id"] == load["load_id"]
            profile = (await client.get("/clients/nyc-flights", headers=asks(Role.VIEWER))).json()
            assert (profile["time_zone"], profile["version"]) == ("America/New_York", 1)
    connection = await asyncpg.connect(database.owner_url)
    try:
        counts = {model: await connection.fetchval(f"SELECT count(*) FROM facts.{model}") for model in ROWS}
        coverage = await connection.fetch(
            "SELECT object_model, covered_from::text, covered_until::text FROM facts.coverage "
            "WHERE client_id = 'nyc-flights' AND object_model IN ('flight', 'weather') ORDER BY object_model"
        )
        delays = await connection.fetchrow(
            "SELECT sum(departure_delay), sum(arrival_delay), count(*) FILTER (WHERE cancelled) FROM facts.flight"
        )
    finally:
        await connection.close()
    assert counts == ROWS
    assert [tuple(row) for row in coverage] == [
        ("flight", "2013-01-01 05:00:00+00", "2014-01-01 05:00:00+00"),
        ("weather", "2013-01-01 05:00:00+00", "2013-12-31 00:00:00+00"),
    ]
    assert delays is not None
    assert tuple(delays) == (4_152_200, 2_257_174, 8_255)


async def test_a_load_waits_for_what_is_away_and_the_next_process_goes_on_with_it(
    settings_for: SettingsFor, database: TestDatabase
) -> None:
    """While services are away the load says so; asked again it is the same one; the next start takes it up."""
    settings = settings_for(Service.DEMO_CONFIG, business_metadata_url=NOWHERE, database_service_url=NOWHERE)
    async with asgi_client(demo_config_service.build(settings)) as client:
        load_id = (await client.post(LOAD, headers=asks())).json()["load_id"]
        await waits(client, load_id)
        assert (await client.post(LOAD, headers=asks())).json()["load_id"] == load_id
    assert await status_of(database, load_id) == "queued"
    async with asgi_client(demo_config_service.build(settings)) as client:
        await waits(client, load_id)


async def test_a_load_left_by_a_process_that_died_is_taken_up(
    settings_for: SettingsFor, database: TestDatabase
) -> None:
    """A running load whose lease ran out belongs to nobody: the next process works on it."""
    load_id = "00000000-0000-7000-8000-000000000001"
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(
            "INSERT INTO config.sample_loads (load_id, sample, client_id, status, requested_by, lease_until) "
            "VALUES ($1, 'nyc-flights', 'nyc-flights', 'running', 'somebody', now() - interval '1 second')",
            load_id,
        )
    finally:
        await connection.close()
    settings = settings_for(Service.DEMO_CONFIG, business_metadata_url=NOWHERE, database_service_url=NOWHERE)
    async with asgi_client(demo_config_service.build(settings)) as client:
        await waits(client, load_id)


async def waits(client: httpx.AsyncClient, load_id: str) -> None:
    """Return once the load says what it waits for."""

    async def waiting() -> bool:
        load = (await client.get(f"/demo/loads/{load_id}", headers=asks())).json()
        return bool(load["status"] == "running" and load["detail"].startswith("Waiting: business_metadata"))

    await eventually(waiting)


async def status_of(database: TestDatabase, load_id: str) -> str:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return str(await connection.fetchval("SELECT status FROM config.sample_loads WHERE load_id = $1", load_id))
    finally:
        await connection.close()


async def test_a_missing_package_is_a_clear_problem(settings_for: SettingsFor) -> None:
    """Without the package the sample is listed as not available, and loading says how to install it."""
    app = demo_config_service.build(
        settings_for(Service.DEMO_CONFIG, business_metadata_url=NOWHERE, database_service_url=NOWHERE)
    )
    app.state.sample_loads.data_directory = partial(data_directory, "not_installed_flights")
    remedy = "Install it beside Analytics Engine: pip install --no-deps not_installed_flights"
    async with asgi_client(app) as client:
        (sample,) = (await client.get("/demo/samples", headers=asks())).json()
        assert (sample["available"], sample["remedy"]) == (False, remedy)
        answer = await client.post(LOAD, headers=asks())
        assert (answer.status_code, answer.json()["remedy"]) == (503, remedy)


async def test_who_may_load_the_sample(demo: httpx.AsyncClient) -> None:
    """Viewers may not, consultants of another client may not; unknown samples and loads are told."""
    assert (await demo.post(LOAD, headers=asks(Role.VIEWER))).status_code == 403
    assert (await demo.post(LOAD, headers=asks(Role.CONSULTANT, "acme"))).status_code == 403
    unknown = await demo.post("/demo/samples/moon-flights/load", headers=asks())
    assert (unknown.status_code, unknown.json()["remedy"]) == (404, "There is: nyc-flights.")
    load = await demo.get("/demo/loads/00000000-0000-7000-8000-000000000000", headers=asks())
    assert load.status_code == 404
