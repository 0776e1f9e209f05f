from __future__ import annotations

import hashlib

import pytest

from integration.gateway.upstream import CHUNK

FORGED = {
    "X-User": "root",
    "X-Tenant": "acme",
    "X-Client-Id": "acme",
    "X-Role": "service",
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "10.0.0.1",
    "Forwarded": "for=10.0.0.1",
    "Cookie": "ae_refresh=stolen",
    "Proxy-Authorization": "Basic x",
    "X-HTTP-Method-Override": "DELETE",
}


async def test_what_a_caller_forges_does_not_get_through(gateway, sign_in):
    """The service behind sees the gateway's own token and harmless headers, nothing of what was forged."""
    mine = await sign_in("viewer")
    answer = await gateway.get("/api/v1/metadata/kpis", headers={**mine, **FORGED, "If-None-Match": '"v1"'})
    seen = answer.json()["headers"]
    assert {name.lower() for name in FORGED}.isdisjoint(seen)
    assert seen["authorization"] != mine["Authorization"]
    assert seen["if-none-match"] == '"v1"'


async def test_the_tenant_comes_from_the_token(gateway, sign_in):
    """Whatever the query or the body says, the service gets the client the user belongs to."""
    mine = await sign_in("consultant", client_id="acme")
    answer = await gateway.post(
        "/api/v1/metadata/kpis?client_id=nyc-flights", json={"client_id": "nyc-flights"}, headers=mine
    )
    assert answer.json()["principal"]["client_id"] == "acme"
    assert answer.json()["principal"]["audience"] == "business_metadata"
    assert answer.json()["query"] == "client_id=nyc-flights"


@pytest.mark.parametrize(
    ("public", "arrives"),
    [
        ("/api/v1/metadata/kpis/ON%20TIME", ("business_metadata", "/kpis/ON TIME")),
        ("/api/v1/calculate/dimensions", ("calculation_engine_service", "/dimensions")),
        ("/api/v1/config/dashboards", ("demo_config_service", "/dashboards")),
        ("/api/v1/data/flight", ("database_service", "/data/flight")),
        ("/api/v1/admin/database/activity", ("database_service", "/activity")),
        ("/api/v1/messages/streams", ("messaging_service", "/streams")),
    ],
)
async def test_each_public_path_leads_to_its_service(gateway, admin, public, arrives):
    """The path is translated, and the token is for that service only."""
    answer = await gateway.get(public, headers=admin)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["principal"]["audience"], answer.json()["path"]) == arrives


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/metadata/metrics",
        "/api/v1/metadata/docs",
        "/api/v1/metadata/openapi.json",
        "/api/v1/metadata/health",
        "/api/v1/metadata/%2e%2e/metrics",
        "/api/v1/metadata/a/..%2fmetrics",
        "/api/v1/metadata/",
        "/api/v1/admin/database/data/flight",
        "/api/v1/nowhere",
        "/api/v2/metadata/kpis",
    ],
)
async def test_what_is_not_public_is_not_there(gateway, admin, path):
    """Not even an administrator reaches a service's own operations, or a path by a second way."""
    answer = await gateway.get(path, headers=admin)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404


async def test_a_large_body_streams_through_whole(gateway, sign_in):
    """32 MB of data arrive byte for byte, without a length announced, and are held nowhere."""
    chunks = 512
    expected = hashlib.sha256(CHUNK * chunks)

    async def body():
        for _ in range(chunks):
            yield CHUNK

    answer = await gateway.post(
        "/api/v1/data/flight", content=body(), headers={**await sign_in("operator"), "Content-Type": "text/csv"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"size": chunks * len(CHUNK), "sha256": expected.hexdigest()}


async def test_a_large_answer_streams_through_whole(gateway, sign_in):
    """What comes back is what was sent, with its ETag and its type."""
    answer = await gateway.get("/api/v1/metadata/large/256", headers=await sign_in())
    assert answer.content == CHUNK * 256
    assert (answer.headers["etag"], answer.headers["content-type"]) == ('"v1"', "application/octet-stream")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_request_that_is_too_large_is_refused(gateway, sign_in, announced):
    """Whether its length is announced or found out, the answer is 413 and names the setting."""

    async def body():
        for _ in range(10):
            yield b"x" * 1000

    content = b"x" * 10_000 if announced else body()
    answer = await gateway.post("/api/v1/metadata/import", content=content, headers=await sign_in("consultant"))
    assert answer.status_code == 413, answer.text
    assert "AE_MAX_BODY_BYTES" in answer.json()["remedy"]


async def test_only_harmless_headers_come_back_and_a_location_can_be_followed(gateway, sign_in):
    """A service's cookies and internal headers stay inside; Location is the public path."""
    answer = await gateway.post("/api/v1/metadata/made", headers=await sign_in("consultant"))
    assert answer.status_code == 201
    assert answer.headers["location"] == "/api/v1/metadata/kpis/NEW?x=1"
    assert {"set-cookie", "x-internal"}.isdisjoint(answer.headers)


async def test_a_problem_of_a_service_comes_through_as_it_is(gateway, sign_in):
    """Status, type, detail and remedy are the service's own, with the caller's request id."""
    answer = await gateway.get("/api/v1/metadata/refused", headers={**await sign_in(), "X-Request-ID": "my-request-1"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["remedy"] == "Make one."
    assert answer.headers.get_list("x-request-id") == ["my-request-1"]


async def test_the_request_id_reaches_the_service(gateway, sign_in):
    """One id follows a request through every service."""
    answer = await gateway.get("/api/v1/metadata/kpis", headers={**await sign_in(), "X-Request-ID": "my-request-2"})
    assert answer.json()["headers"]["x-request-id"] == "my-request-2"


async def test_a_service_that_is_down_is_named(gateway, admin):
    """The answer is 503, names the service, says what to do and when to come back."""
    answer = await gateway.get("/api/v1/connector/profiles", headers=admin)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["service"] == "connector_service"
    assert "analytics-engine serve connector_service" in answer.json()["remedy"]


async def test_a_service_that_refuses_the_gateway_does_not_sign_the_caller_out(gateway, admin):
    """A wrong SECRET_KEY somewhere is the operator's problem, told as one."""
    answer = await gateway.get("/api/v1/metadata/refuses-the-gateway", headers=admin)
    assert answer.status_code == 503
    assert "SECRET_KEY" in answer.json()["remedy"]
