from __future__ import annotations

from typing import Any

import asyncpg
import httpx

from analytics_engine.kernel.security.principal import Role
from support.servers import TestDatabase

from .conftest import asks

ACME: dict[str, Any] = {"client_id": "acme", "name": "Acme", "time_zone": "Europe/Berlin", "week_start": 6}


async def test_a_client_is_registered_and_read_by_its_people_and_by_services(demo: httpx.AsyncClient) -> None:
    """Every role of the client and every service reads its zone, week, fiscal year and currency."""
    answer = await demo.post("/clients", json=ACME, headers=asks())
    assert answer.status_code == 201
    for headers in (asks(Role.VIEWER, "acme"), asks(Role.SERVICE, "other"), asks(Role.ADMIN, "other")):
        read = await demo.get("/clients/acme", headers=headers)
        assert read.headers["etag"] == '"1"'
        assert read.json() == ACME | {
            "fiscal_year_start_month": 1,
            "base_currency": "USD",
            "calendars": [],
            "version": 1,
        }


async def test_another_client_looks_as_if_it_did_not_exist(demo: httpx.AsyncClient) -> None:
    """Somebody of another client is told nothing, in reads, writes and lists."""
    await demo.post("/clients", json=ACME, headers=asks())
    other = asks(Role.CONSULTANT, "globex")
    unknown = await demo.get("/clients/nobody", headers=other)
    for answer in (
        await demo.get("/clients/acme", headers=other),
        await demo.get("/clients/acme/versions", headers=other),
        await demo.put("/clients/acme", json=ACME, headers=other),
    ):
        assert answer.status_code == 404
        assert answer.json()["title"] == unknown.json()["title"]
    assert (await demo.get("/clients", headers=other)).json()["total"] == 0
    assert (await demo.get("/clients", headers=asks(Role.VIEWER, "acme"))).json()["total"] == 1


async def test_only_administrators_register_clients(demo: httpx.AsyncClient) -> None:
    """A consultant may not; the id that is taken is a conflict for an administrator."""
    assert (await demo.post("/clients", json=ACME, headers=asks(Role.CONSULTANT, "acme"))).status_code == 403
    assert (await demo.post("/clients", json=ACME, headers=asks())).status_code == 201
    taken = await demo.post("/clients", json=ACME, headers=asks())
    assert taken.status_code == 409
    assert "PUT /clients/acme" in taken.json()["remedy"]


async def test_a_change_is_a_version_and_an_event(demo: httpx.AsyncClient, database: TestDatabase) -> None:
    """A new zone is version 2 and tells the others; the same again tells nothing; an old ETag is a conflict."""
    await demo.post("/clients", json=ACME, headers=asks())
    moved = ACME | {"time_zone": "Asia/Kolkata"}
    consultant = asks(Role.CONSULTANT, "acme")
    for _ in range(2):
        answer = await demo.put("/clients/acme", json=moved, headers=consultant)
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
    late = await demo.put("/clients/acme", json=ACME, headers=consultant | {"If-Match": '"1"'})
    assert late.status_code == 409
    assert late.json()["present_version"] == 2
    history = (await demo.get("/clients/acme/versions", headers=consultant)).json()
    assert [(past["profile"]["version"], past["profile"]["time_zone"]) for past in history] == [
        (2, "Asia/Kolkata"),
        (1, "Europe/Berlin"),
    ]
    connection = await asyncpg.connect(database.owner_url)
    try:
        events = await connection.fetch("SELECT type, client_id FROM messaging.outbox")
    finally:
        await connection.close()
    assert [tuple(event) for event in events] == [("client.changed", "acme")] * 2


async def test_a_zone_that_does_not_exist_is_named(demo: httpx.AsyncClient) -> None:
    """A mistyped zone is refused with an example of a right one."""
    answer = await demo.post("/clients", json=ACME | {"time_zone": "Europe/Brelin"}, headers=asks())
    assert answer.status_code == 422
    assert "'Europe/Brelin' is not an IANA time zone, such as America/New_York" in answer.json()["detail"]


async def test_health_names_the_services_that_are_away(demo: httpx.AsyncClient) -> None:
    """Without metadata and ingest the service is degraded, not down: clients still answer."""
    health = await demo.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    statuses = {name: report["status"] for name, report in health.json()["dependencies"].items()}
    assert statuses == {
        "database": "healthy",
        "business_metadata": "degraded",
        "database_service": "degraded",
        "workers": "healthy",
    }
