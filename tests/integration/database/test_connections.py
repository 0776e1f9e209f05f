"""The connection budget: told before the server refuses anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog

from analytics_engine.bootstrap import database_service
from analytics_engine.bootstrap.settings import Settings, load_settings
from analytics_engine.contracts.services import Service
from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.security.principal import Role
from support.servers import TestDatabase, TestServers
from support.services import asgi_client, internal_headers
from support.waiting import eventually

SettingsFor = Callable[..., Settings]
NOWHERE = "http://127.0.0.1:1"
MOST, RESERVED = 200, 3


async def report(http: httpx.AsyncClient) -> dict[str, Any]:
    answer = await http.get("/connections", headers=internal_headers(Service.DATABASE, "any", Role.OPERATOR))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_budget_is_the_sum_over_services_and_each_logins_connections_are_told(
    settings_for: SettingsFor,
) -> None:
    """Each process has its pool and one connection beside it, on which health is asked."""
    settings = settings_for(
        Service.DATABASE,
        business_metadata_url=NOWHERE,
        ae_replicas={"calculation_engine_service": 3},
        ae_database_pool_sizes={"calculation_engine_service": 10},
    )
    async with asgi_client(database_service.build(settings)) as http:
        await http.get("/health")
        found = await report(http)
    assert found.items() >= {"max_connections": MOST, "reserved": RESERVED, "database_limit": None}.items()
    assert found["available"] == MOST - RESERVED
    assert found["budget"] == 6 * (4 + 1) + 3 * (10 + 1)
    assert (found["verdict"], found["remedy"], found["others"]) == ("fits", "", 10)
    logins = {login["login"]: login for login in found["logins"]}
    assert {f"ae_{service.value}" for service in Service} <= set(logins)
    calculation = logins["ae_calculation_engine_service"]
    assert (calculation["share"], calculation["limit"]) == (33, 33)
    own = logins["ae_database_service"]
    assert own["share"] == 5
    assert own["used"] + own["idle"] >= 1
    assert found["in_use"] == sum(login["used"] + login["idle"] for login in found["logins"])


async def test_a_budget_that_does_not_fit_is_warned_of_at_the_start_with_figures_and_remedy(
    settings_for: SettingsFor,
) -> None:
    """It starts all the same."""
    replicas = {"calculation_engine_service": 40}
    settings = settings_for(Service.DATABASE, business_metadata_url=NOWHERE, ae_replicas=replicas)
    with structlog.testing.capture_logs() as logged:
        async with asgi_client(database_service.build(settings)) as http:

            async def warned() -> list[Any]:
                return [entry for entry in logged if entry["event"] == "connection_budget_does_not_fit"]

            (entry,) = await eventually(warned)
            found = await report(http)
    budget = 6 * 5 + 40 * 5
    assert (
        entry.items()
        >= {
            "log_level": "warning",
            "budget": budget,
            "others": 10,
            "available": MOST - RESERVED,
            "max_connections": MOST,
            "reserved": RESERVED,
        }.items()
    )
    assert entry["detail"] == found["detail"]
    assert found["verdict"] == "too_small"
    assert f"Raise max_connections by {budget + 10 - (MOST - RESERVED)} or more" in entry["remedy"]
    assert "AE_DATABASE_POOL_SIZE" in found["remedy"]


async def test_the_limits_of_the_database_and_of_a_login_count_too(
    settings_for: SettingsFor, database: TestDatabase, servers: TestServers
) -> None:
    name = database.owner_url.rpartition("/")[2]
    settings = settings_for(Service.DATABASE, business_metadata_url=NOWHERE)
    async with asgi_client(database_service.build(settings)) as http:
        servers.postgres.sql(f"alter database {name} connection limit 40")
        limited = await report(http)
        servers.postgres.sql(f"alter database {name} connection limit -1")
        servers.postgres.sql("alter role ae_connector_service connection limit 2")
        login = await report(http)
        servers.postgres.sql("alter role ae_connector_service connection limit -1")
        free = await report(http)
    assert (limited["verdict"], limited["database_limit"], limited["available"]) == ("too_small", 40, 40)
    assert login["verdict"] == "too_small"
    assert "ALTER ROLE ae_connector_service CONNECTION LIMIT 5" in login["remedy"]
    assert {one["login"]: one["limit"] for one in login["logins"]}["ae_connector_service"] == 2
    assert free["verdict"] == "fits"


@pytest.mark.parametrize(
    "written", ["calculation_engine_service=3, api_gateway=2", " calculation_engine_service = 3,api_gateway=2,"]
)
def test_replicas_are_written_as_pairs(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("AE_REPLICAS", written)
    assert load_settings(_env_file=None).ae_replicas == {Service.CALCULATION: 3, Service.GATEWAY: 2}


@pytest.mark.parametrize("written", ["calculation=3", "api_gateway", "api_gateway=0", "api_gateway=many"])
def test_replicas_that_cannot_be_meant_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("AE_REPLICAS", written)
    with pytest.raises(InvalidSetting, match="AE_REPLICAS"):
        load_settings(_env_file=None)
