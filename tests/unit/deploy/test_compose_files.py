"""What the compose files say of the product is what the product says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics_engine.bootstrap.connection_budget import connection_shares
from analytics_engine.bootstrap.settings import load_settings
from analytics_engine.contracts.services import PORTS, UI_PORT, Service

_ROOT = Path(__file__).parents[3]
_UI = "demo_config_ui"


def compose(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((_ROOT / name).read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    return compose("docker-compose.yml")


@pytest.mark.parametrize("service", Service)
def test_each_service_is_asked_at_its_port_whether_it_is_ready(production: dict[str, Any], service: Service) -> None:
    settings = production["services"][service]["environment"]
    assert settings["READY_URL"].endswith(f":{PORTS[service]}/ready")
    assert settings[f"{service.upper()}_URL"] == f"http://{service}:{PORTS[service]}"


def test_production_publishes_the_gateway_and_the_web_application(production: dict[str, Any]) -> None:
    services = {name: service for name, service in production["services"].items() if "profiles" not in service}
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {
        "api_gateway": ["${AE_PUBLISH_ADDRESS:-127.0.0.1}:8090:8090"],
        _UI: [f"${{AE_PUBLISH_ADDRESS:-127.0.0.1}}:{UI_PORT}:{UI_PORT}"],
    }


def test_what_monitors_is_published_to_this_machine_only(production: dict[str, Any]) -> None:
    ports = [service.get("ports", []) for service in production["services"].values() if "profiles" in service]
    assert all(port.startswith("127.0.0.1:") for several in ports for port in several)


def test_development_publishes_every_port_to_this_machine_only(production: dict[str, Any]) -> None:
    development = compose("docker-compose.override.yml")["services"]
    ports = {name: service["ports"] for name, service in development.items() if "ports" in service}
    behind = {service: [f"127.0.0.1:{PORTS[service]}:{PORTS[service]}"] for service in set(Service) - {Service.GATEWAY}}
    assert {name: ports[name] for name in behind} == behind
    assert all(port.startswith("127.0.0.1:") for several in ports.values() for port in several)


def test_the_database_takes_the_connections_of_all_processes(
    production: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the replicas the file names: three that calculate, and the web application's gateway."""
    settings = production["services"]["database_service"]["environment"]
    replicas = settings["AE_REPLICAS"].replace("${CALCULATION_REPLICAS:-3}", "3")
    monkeypatch.setenv("AE_REPLICAS", replicas)
    loaded = load_settings()
    needed = sum(share.connections for share in connection_shares(loaded)) + loaded.ae_database_other_connections
    (limit,) = [flag for flag in production["services"]["timescaledb"]["command"] if "max_connections" in flag]
    assert needed <= int(limit.rpartition(":-")[2].rstrip("}")) - 3  # three are kept for the superuser


def test_every_image_is_of_a_version(production: dict[str, Any]) -> None:
    for name, service in production["services"].items():
        _, _, tag = service["image"].rpartition(":")
        assert tag.rstrip("}") not in {"", "latest"}, name
