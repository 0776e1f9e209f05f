"""Live answers: while rows are written and the calculation engine is killed, what was pushed last is what is so."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import ManualClock
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.api_gateway.sessions.tokens import ACCESS_LIFETIME, SessionTokens
from support.waiting import wait_until
from system.live import Follower, events, opened
from system.product import Product
from system.readings import (
    FIRST,
    QUERIES,
    contracts,
    define,
    delete,
    load,
    of_values,
    readings,
    set_up,
    until_alike,
)

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

_GRACE_S = 15
"""A gateway that waited for its requests would take 20 s."""
_SERVICE_RESTART, _EXPIRED = 1012, 4401


@pytest.fixture(scope="module")
def measured(running_product: Product) -> Product:
    set_up(running_product)
    return running_product


def test_what_was_pushed_last_is_what_is_so(measured: Product) -> None:
    """KPIs of every class, while rows come, change and go, and the calculation engine is killed three times."""
    random = Random(5)
    with Follower(measured, QUERIES) as follower:
        for step in range(30):
            assert load(measured, "reading", readings(random, 60)).status == 201
            if step % 5 == 0:
                assert load(measured, "contract", contracts(random)).status == 201
            if step % 7 == 6:
                delete(measured, random)
            if step % 10 == 5:
                wait_until(lambda: measured.system.find(r"serve calculation_engine_service"), within_s=30)[0].kill()
        until_alike(measured, follower, within_s=60)
        assert follower.updates > len(QUERIES)
        before = follower.updates
        assert load(measured, "reading", readings(random, 1)).status == 201
        wait_until(lambda: follower.updates > before)
        until_alike(measured, follower, within_s=30)
    rows = measured.post("/api/v1/calculate", QUERIES[-1])
    assert all(column["values"][0] for column in rows["kpis"])


def test_a_query_that_cannot_be_answered_has_its_problem_in_its_place(measured: Product) -> None:
    """And it is answered as soon as it can be: when the KPI is defined."""
    with Follower(measured, [QUERIES[0], {**QUERIES[0], "kpis": ["LV_LATER"]}]) as follower:
        wait_until(lambda: len(follower.newest) == 2)
        assert follower.newest[0]["result"]["kpis"][0]["code"] == "LV_AMOUNT"
        problem = follower.newest[1]["problem"]
        assert (problem["type"], problem["status"]) == ("urn:analytics-engine:problem:kpi-not-found", 404)
        define(measured, "kpis", {"code": "LV_LATER", "name": "Later", "module": "LV", "formula": "count(reading)",
                                  "direction": "higher"})  # fmt: skip
        wait_until(lambda: follower.newest[1].get("result"), within_s=15)


def test_a_stranger_is_refused_and_a_wrong_request_named(measured: Product) -> None:
    assert measured.send("POST", "/api/v1/live", {"queries": QUERIES[:1]}, token="").status == 401
    wrong = measured.send("POST", "/api/v1/live", {"queries": []})
    assert wrong.status == 422
    with opened(measured, QUERIES[:1]) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        stream = events(response)
        assert next(stream) == ("", {})
        assert next(stream)[0] == "update"
        for service in (Service.GATEWAY, Service.CALCULATION):  # others end with their next heartbeat
            address = f"{measured.system.url(service)}/metrics"
            wait_until(lambda address=address: "live_queries 1.0" in httpx.get(address, timeout=10).text, within_s=30)


# --- by WebSocket ---------------------------------------------------------------------------------------------------


def socket(product: Product, *, token: str = "", headers: dict[str, str] | None = None) -> ClientConnection:
    """Return a socket as a browser opens it, with a token among the protocols, or as a program does, with headers."""
    protocols = [Subprotocol(each) for each in ("analytics-engine.live", *([f"bearer.{token}"] if token else []))]
    url = f"{product.gateway_url.replace('http', 'ws', 1)}/api/v1/live"
    return connect(url, subprotocols=protocols, additional_headers=headers, open_timeout=30)


def told(connection: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(connection.recv(timeout=30))
    return message


def test_queries_come_and_go_while_a_socket_is_open(measured: Product) -> None:
    """The newest answer at once, each change after it, nothing of what was left, and nothing anew of what one has."""
    with socket(measured, token=measured.token) as connection:
        assert connection.subprotocol == "analytics-engine.live"
        connection.send(json.dumps({"type": "subscribe", "queries": {"a": QUERIES[0], "b": QUERIES[2]}}))
        first = {message["name"]: message for message in (told(connection), told(connection))}
        assert {name: message["type"] for name, message in first.items()} == {"a": "update", "b": "update"}
        answered = of_values(measured.post("/api/v1/calculate", QUERIES[0]))
        assert of_values(first["a"]["result"]) == answered
        connection.send(json.dumps({"type": "unsubscribe", "names": ["b"]}))
        rows = [
            {"reading_id": 9_000, "taken_at": FIRST.isoformat(), "sensor": "new", "amount": "12.5", "faulty": False}
        ]
        assert load(measured, "reading", rows).status == 201
        changed = told(connection)
        assert (changed["type"], changed["name"]) == ("update", "a")
        assert of_values(changed["result"]) == of_values(measured.post("/api/v1/calculate", QUERIES[0]))
        versions = {"again": changed["version"], "stale": first["a"]["version"]}
        again = {"type": "subscribe", "queries": dict.fromkeys(versions, QUERIES[0]), "versions": versions}
        connection.send(json.dumps(again))
        assert {(message["name"], message["type"]) for message in (told(connection), told(connection))} == {
            ("again", "unchanged"), ("stale", "update"),
        }  # fmt: skip


def test_what_a_socket_does_not_understand_is_said_and_it_goes_on(measured: Product) -> None:
    with socket(measured, headers={"Authorization": f"Bearer {measured.token}"}) as connection:
        for wrong, place in (("no JSON", "message"), ('{"type": "shout"}', "message"), (
            json.dumps({"type": "subscribe", "queries": {"a": {"kpis": []}}}), "subscribe.queries.a.kpis",
        )):  # fmt: skip
            connection.send(wrong)
            problem = told(connection)["problem"]
            assert problem["status"] == 422
            assert problem["detail"].startswith(f"{place}: "), problem
            assert "subscribe" in problem["remedy"]
        connection.send(json.dumps({"type": "subscribe", "queries": {"a": {**QUERIES[0], "kpis": ["NOWHERE"]}}}))
        assert told(connection)["problem"]["status"] == 404


def test_a_socket_ends_with_the_token_it_was_opened_with(measured: Product) -> None:
    """It says what to do, and closes with a code of its own."""
    secret_key = (measured.system.home / "secrets" / "secret_key").read_text(encoding="utf-8").strip()
    long_ago = ManualClock(datetime.now(UTC) - ACCESS_LIFETIME + timedelta(seconds=6))
    viewer = Principal(subject="user:soon-gone", client_id="nyc-flights", role=Role.VIEWER)
    token = SessionTokens(secret_key=secret_key, clock=long_ago).access(viewer, session_id="none")
    with socket(measured, token=token) as connection:
        connection.send(json.dumps({"type": "subscribe", "queries": {"a": QUERIES[0]}}))
        assert told(connection)["type"] == "update"
        last = told(connection)
        assert (last["type"], last["remedy"]) == ("expired", "Connect again with a new access token.")
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == _EXPIRED


def test_a_stranger_gets_no_socket(measured: Product) -> None:
    for token, headers in (("", None), ("not.a.token", None), ("", {"X-API-Key": "ae_wrong"})):
        with pytest.raises(InvalidStatus) as refused:
            socket(measured, token=token, headers=headers)
        response = refused.value.response
        assert response.status_code == 401
        assert response.headers["Content-Type"] == "application/problem+json"
        assert json.loads(response.body or b"")["remedy"]


def test_a_gateway_that_stops_does_not_wait_for_those_who_follow(measured: Product) -> None:
    """Streams end at once, and whoever followed is there again when the gateway is."""
    gateway = measured.system.process(r"serve api_gateway")
    with Follower(measured, QUERIES[:1]) as follower, socket(measured, token=measured.token) as connection:
        connection.send(json.dumps({"type": "subscribe", "queries": {"a": QUERIES[0]}}))
        assert told(connection)["type"] == "update"
        wait_until(lambda: follower.newest)
        began = time.monotonic()
        gateway.terminate()
        gateway.wait(15)
        assert time.monotonic() - began < _GRACE_S
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == _SERVICE_RESTART
        connected = follower.connections
        wait_until(lambda: follower.connections > connected, within_s=30)
