"""Who may do what: by default nobody."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from analytics_engine.bootstrap.openapi import aggregated_document
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.api_gateway.keys.schemas import Scope
from analytics_engine.services.api_gateway.proxy.policy import RULES, allows, rule_for
from analytics_engine.services.api_gateway.proxy.routes import API, ROUTES, destination, public_path_of

OPERATIONS = {"/health", "/live", "/ready", "/metrics"}
METHODS = {"get", "put", "post", "delete", "patch", "head"}


def test_every_route_of_every_service_is_decided_by_a_rule():
    """A route nobody thought of is refused, so each one that is documented has a rule."""
    for path, item in aggregated_document()["paths"].items():
        if path in OPERATIONS:
            continue
        assert path.startswith(API + "/"), path
        for method in METHODS & item.keys():
            assert rule_for(method.upper(), path) is not None, f"{method} {path}"


def test_every_rule_is_for_something():
    """A rule whose prefix no route has would be a hole waiting for one."""
    paths = list(aggregated_document()["paths"])
    for rule in RULES:
        routed = any(route.public.startswith(rule.prefix) for route in ROUTES)
        assert routed or any(path.startswith(rule.prefix) for path in paths), rule.prefix


def test_a_key_can_be_limited_to_each_area_that_a_rule_is_for():
    areas = {rule.prefix.removeprefix(API + "/").split("/")[0] for rule in RULES} - {"auth", "health"}
    for area in areas:
        assert TypeAdapter(Scope).validate_python(f"{area}:read")


@pytest.mark.parametrize(
    "request_line",
    ["GET /api/v1", "GET /api/v1/", "GET /api/v1/unknown", "TRACE /api/v1/metadata/kpis", "GET /api/v1/auth/login"],
)
def test_what_no_rule_names_is_refused(request_line):
    """Default deny, also for methods nobody uses."""
    method, path = request_line.split()
    assert rule_for(method, path) is None


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        (
            Role.VIEWER,
            [
                "GET /metadata/kpis",
                "GET /jobs/x/result",
                "GET /schedules",
                "POST /calculate",
                "POST /calculate/dashboard",
                "POST /calculate/dimensions/values",
            ],
            [
                "POST /metadata/kpis",
                "POST /jobs",
                "DELETE /schedules/x",
                "GET /data/x",
                "POST /calculate/rows",
                "GET /admin/users",
                "POST /alerts",
            ],
        ),
        (
            Role.ANALYST,
            [
                "POST /calculate/explain",
                "POST /calculate/rows",
                "POST /jobs",
                "PATCH /schedules/x",
                "GET /data/x",
                "POST /alerts/replay",
                "PUT /alerts/x",
            ],
            ["POST /data/flight", "PUT /config/clients/x"],
        ),
        (
            Role.CONSULTANT,
            ["POST /metadata/kpis", "POST /data/flight"],
            ["GET /messages/streams", "POST /admin/keys", "POST /admin/database/activity/12/cancel"],
        ),
        (
            Role.OPERATOR,
            [
                "GET /admin/database/x",
                "POST /alerts/silences",
                "POST /admin/database/activity/12/terminate",
                "POST /data/flight",
            ],
            ["POST /metadata/kpis", "GET /admin/audit"],
        ),
        (Role.ADMIN, ["GET /admin/audit", "POST /metadata/kpis", "DELETE /messages/x"], []),
    ],
)
def test_each_role_may_what_it_needs_and_no_more(role, allowed, refused):
    """The table read for each role."""

    def may(line: str) -> bool:
        method, path = line.split()
        rule = rule_for(method, API + path)
        return rule is not None and allows(rule, role)

    assert [line for line in allowed if not may(line)] == []
    assert [line for line in refused if may(line)] == []


def test_the_way_in_and_the_way_back_are_one():
    """A public path leads to a service's path that has this public path and no other."""
    for service, path in [
        (Service.METADATA, "/kpis/X"),
        (Service.CALCULATION, "/calculate"),
        (Service.CALCULATION, "/explain"),
        (Service.CALCULATION, "/calculate/rows"),
        (Service.CALCULATION, "/dimensions/values"),
        (Service.CALCULATION, "/jobs"),
        (Service.CALCULATION, "/jobs/x/cancel"),
        (Service.CALCULATION, "/schedules/preview"),
        (Service.DATABASE, "/data/flight"),
        (Service.DATABASE, "/activity"),
        (Service.DATABASE, "/activity/12/cancel"),
        (Service.DATABASE, "/connections"),
    ]:
        public = public_path_of(service, path)
        assert public is not None
        there = destination(public)
        assert there is not None
        assert (there.route.service, there.path) == (service, path)


async def test_a_viewer_who_wants_to_change_is_told_whom_to_ask(gateway, sign_in):
    """The problem names the role and the roles that may."""
    answer = await gateway.post("/api/v1/metadata/kpis", json={}, headers=await sign_in("viewer"))
    assert answer.status_code == 403
    assert "viewer" in answer.json()["detail"]
    assert "consultant" in answer.json()["remedy"]
