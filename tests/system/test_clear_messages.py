"""Whatever a person gets wrong, one message names the cause and the remedy, and nothing is half done."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from support.system import SystemUnderTest
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


@pytest.fixture
def idle() -> Iterator[SystemUnderTest]:
    """A system that is not running, with settings of its own."""
    system = SystemUnderTest()
    yield system
    system.clean_up()


def run(system: SystemUnderTest, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    system.settings = settings
    return system.run(*arguments)


def test_a_missing_setting_is_named(idle: SystemUnderTest) -> None:
    done = run(idle, "serve", "calculation_engine_service")
    assert done.returncode == 2
    assert "error: SECRET_KEY is not set." in done.stderr
    assert "remedy: Set SECRET_KEY in the environment or in .env" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "cause"),
    [
        ("AE_PORT_OFFSET", "many", "AE_PORT_OFFSET: Input should be a valid integer"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: String should match pattern"),
        ("ENVIRONMENT", "prod", "ENVIRONMENT: Input should be 'development', 'staging' or 'production'"),
    ],
)
def test_a_broken_setting_is_named(idle: SystemUnderTest, setting: str, value: str, cause: str) -> None:
    done = run(idle, "config", "show", **{setting: value})
    assert done.returncode == 2
    assert cause in done.stderr
    assert "remedy: Correct it in the environment or in .env" in done.stderr


def test_production_refuses_a_weak_secret(idle: SystemUnderTest) -> None:
    done = run(idle, "config", "show", ENVIRONMENT="production", SECRET_KEY="changeme")
    assert done.returncode == 2
    assert "SECRET_KEY is missing, a default, or shorter than 32 characters" in done.stderr
    assert "changeme" not in done.stderr


def test_settings_are_shown_without_secrets(idle: SystemUnderTest) -> None:
    secret = "a-secret-that-nobody-may-see-in-any-output"
    done = run(idle, "config", "show", SECRET_KEY=secret, DATABASE_URL="postgresql://u:hidden@h/d")
    assert done.returncode == 0
    assert secret not in done.stdout
    assert "hidden" not in done.stdout


def query(*kpis: str, **more: Any) -> dict[str, Any]:
    return {"kpis": list(kpis), "range": {"from": "2013-01-01", "to": "2014-01-01"}} | more


def test_an_unknown_kpi_gets_the_nearest_one(running_product: Product) -> None:
    reply = running_product.send("POST", "/api/v1/calculate", query("FL_FLIHGTS"))
    assert reply.status == 404
    assert reply.document["detail"] == "There is no KPI 'FL_FLIHGTS'."
    assert reply.document["remedy"].startswith("Did you mean FL_FLIGHTS")
    assert reply.document["request_id"]


def test_a_formula_with_a_typing_error_is_not_saved(running_product: Product) -> None:
    kpi = {
        "code": "FL_TYPO", "name": "Typo", "module": "TRAFFIC", "direction": "higher",
        "formula": "sum(flight.distanse) / count(flight)",
    }  # fmt: skip
    reply = running_product.send("POST", "/api/v1/metadata/kpis", kpi)
    assert reply.status == 422
    assert (reply.document["line"], reply.document["column"]) == (1, 5)
    assert reply.document["detail"] == "flight has no attribute or relation 'distanse'."
    assert reply.document["remedy"] == "Did you mean distance?"
    assert running_product.send("GET", "/api/v1/metadata/kpis/FL_TYPO").status == 404


@pytest.mark.parametrize("token", ["", "not-a-token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
def test_a_wrong_token_is_refused(running_product: Product, token: str) -> None:
    reply = running_product.send("POST", "/api/v1/calculate", query("FL_FLIGHTS"), token=token)
    assert reply.status == 401
    assert reply.document["type"] == "urn:analytics-engine:problem:unauthenticated"
    assert reply.document["remedy"]


def test_a_bad_row_is_named_and_nothing_is_loaded(running_product: Product) -> None:
    rows = b"code,name\nZZ,Zed Air\nYY,\xc3\x9cber Air\nZZ,Zed again\n"
    headers = {"Content-Type": "text/csv"}
    reply = running_product.send("POST", "/api/v1/data/airline", rows, headers=headers)
    assert reply.status == 422
    assert reply.document["type"] == "urn:analytics-engine:problem:rows-rejected"
    (error,) = reply.document["errors"]
    assert error["line"] == 4
    assert "ZZ" in error["reason"] or error["value"] == "ZZ"
    names = running_product.post(
        "/api/v1/calculate", query("FL_FLIGHTS", dimensions=["flight.airline.name"], limit=100)
    )["dimensions"][0]["values"]
    assert "Zed Air" not in names


def test_an_unreadable_file_is_named(running_product: Product) -> None:
    """A connector profile of a file that is not there says so when it is tested."""
    profile = {"name": "nothing there", "kind": "file", "options": {"path": "nothing/there.csv", "format": "csv"}}
    created = running_product.send("POST", "/api/v1/connector/profiles", profile)
    assert created.status == 201, created
    reply = running_product.send("POST", f"/api/v1/connector/profiles/{created.document['id']}/test", {})
    said = str(reply.document)
    assert "nothing/there.csv" in said
    assert "remedy" in said
