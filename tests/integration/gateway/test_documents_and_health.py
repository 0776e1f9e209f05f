from __future__ import annotations

from support.waiting import eventually


async def test_the_gateway_describes_the_whole_system(gateway):
    """One document has the routes of all services at their public paths, and names the service that is down."""

    async def asked_all() -> bool:
        return bool((await gateway.get("/openapi.json")).json()["x-unavailable"] == ["connector_service"])

    await eventually(asked_all)
    document = (await gateway.get("/openapi.json")).json()
    assert "/api/v1/auth/login" in document["paths"]
    ingest = document["paths"]["/api/v1/data/{object_model}"]["post"]
    assert ingest["x-service"] == "database_service"
    assert ingest["x-roles"] == ["admin", "consultant", "operator"]
    assert ingest["security"] == [{"accessToken": []}, {"apiKey": []}]
    assert "security" not in document["paths"]["/api/v1/auth/login"]["post"]
    identities = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    assert len(identities) == len(set(identities))


async def test_the_health_of_all_seven_is_in_one_report(gateway, admin):
    """The service that is down is named with its cause; the others are as they say."""
    report = (await gateway.get("/api/v1/health", headers=admin)).json()
    assert report["status"] == "unhealthy"
    assert len(report["services"]) == 7
    down = report["services"]["connector_service"]
    assert down["status"] == "unhealthy"
    assert "cannot be reached" in down["detail"]
    assert report["services"]["business_metadata"]["status"] == "healthy"
    assert report["services"]["api_gateway"]["dependencies"]["database"]["status"] == "healthy"


async def test_a_service_that_is_down_degrades_the_gateway_itself(gateway):
    """The gateway goes on, and its own health says what is missing."""
    answer = await gateway.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["dependencies"]["connector_service"]["status"] == "degraded"
    assert answer.json()["dependencies"]["administrator"]["status"] == "healthy"


async def test_the_system_report_is_for_those_who_signed_in(gateway):
    """It names machines and ports."""
    assert (await gateway.get("/api/v1/health")).status_code == 401
