"""What the containers are started with: commands and settings that there are, logins of their own, no more connections
than the database admits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from analytics_engine.adapters.postgres.database import OWN_CONNECTIONS
from analytics_engine.bootstrap.connection_budget import connection_shares
from analytics_engine.bootstrap.settings import Environment, Settings
from analytics_engine.cli.main import app
from analytics_engine.contracts.services import PORTS, Service
from kubernetes.manifests import Manifests, Object, Workload, kubernetes_name

_RESERVED = 3
"""Connections that PostgreSQL keeps for superusers."""

_PARTS_OF_URL = {
    "DATABASE_HOST",
    "DATABASE_PORT",
    "DATABASE_NAME",
    "DATABASE_OPTIONS",
    "DATABASE_USER",
    "DATABASE_PASSWORD",
}


def settings_of(manifests: Manifests, container: Object, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in manifests.environment(container).items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def of_services(manifests: Manifests) -> Iterator[tuple[Service, Workload]]:
    for workload in manifests.workloads:
        if workload.kind == "Deployment":
            yield Service(workload.name.replace("-", "_")), workload


def ours(manifests: Manifests) -> Iterator[tuple[Workload, Object]]:
    """Yield every container of our own image."""
    for workload in manifests.workloads:
        for container in workload.containers:
            if container["image"].partition(":")[0].endswith("analytics-engine"):
                yield workload, container


def test_every_variable_is_a_setting(manifests: Manifests) -> None:
    known = {name.upper() for name in Settings.model_fields} | _PARTS_OF_URL
    for workload, container in ours(manifests):
        assert set(manifests.environment(container)) <= known, workload


def test_every_command_is_one_of_the_command_line(manifests: Manifests) -> None:
    """With its options: asked for its help, so that it is parsed and not run."""
    for workload, container in ours(manifests):
        words = [*container["args"], "--help"]
        parsed = CliRunner().invoke(app, words)
        assert parsed.exit_code == 0, f"{workload}: {parsed.output}"


def test_an_option_that_is_not_there_is_seen() -> None:
    """The test above would see it."""
    assert CliRunner().invoke(app, ["migrate", "--chekc", "--help"]).exit_code == 2


def test_services_are_started_with_settings_they_accept(manifests: Manifests, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as its own login of the database, knowing where the others are; all with the same secret key."""
    keys = set()
    for service, workload in of_services(manifests):
        (container,) = workload.pod["containers"]
        settings = settings_of(manifests, container, monkeypatch)
        assert settings.environment is Environment(manifests.overlay)
        assert settings.ae_bind_host == "0.0.0.0"
        assert urlsplit(settings.need_database_url()).username == f"ae_{service.value}"
        assert urlsplit(settings.need_database_url()).port == 5432
        for other in Service:
            assert settings.url(other) == f"http://{kubernetes_name(other)}:{PORTS[other]}"
            manifests.one("Service", kubernetes_name(other))
        keys.add(settings.need_secret_key())
    assert len(keys) == 1


def test_each_gets_its_own_secrets_only(manifests: Manifests) -> None:
    """A service that is taken over gives away its login and not another's; who signs in first is the gateway's."""
    for service, workload in of_services(manifests):
        used = {
            (variable["valueFrom"]["secretKeyRef"]["name"], variable["valueFrom"]["secretKeyRef"]["key"])
            for container in workload.containers
            for variable in container["env"]
            if "valueFrom" in variable
        }
        names = {re.sub(r"-[a-z0-9]{10}$", "", name) for name, _ in used}
        logins = {key for name, key in used if name.startswith("database-logins")}
        assert logins == {f"{service.value}.password"}
        assert "database-owner" not in names
        assert ("first-access" in names) == (service is Service.GATEWAY)
        assert not any("secret" in volume for volume in workload.pod["volumes"])


def test_replicas_are_told_to_all_as_they_are(manifests: Manifests, monkeypatch: pytest.MonkeyPatch) -> None:
    """``AE_REPLICAS`` has the most that may run of each service, autoscaled or not."""
    for _, workload in of_services(manifests):
        (container,) = workload.pod["containers"]
        told = settings_of(manifests, container, monkeypatch).ae_replicas
        for service, other in of_services(manifests):
            assert told.get(service, 1) == manifests.replicas(other), other


def test_connections_fit_the_database_even_while_a_release_is_rolled_out(
    manifests: Manifests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollout has one more of each service for a while."""
    (gateway,) = [workload for service, workload in of_services(manifests) if service is Service.GATEWAY]
    settings = settings_of(manifests, gateway.pod["containers"][0], monkeypatch)
    budget = sum(share.connections for share in connection_shares(settings))
    surge = sum(settings.pool_size(service) + OWN_CONNECTIONS for service in Service)
    assert budget + surge + settings.ae_database_other_connections <= admitted(manifests) - _RESERVED


def admitted(manifests: Manifests) -> int:
    if manifests.overlay == "production":
        (settings,) = manifests.of_kind("ConfigMap")
        return int(settings["metadata"]["annotations"]["needs-max-connections"])
    (container,) = manifests.one("StatefulSet", "timescaledb")["spec"]["template"]["spec"]["containers"]
    (number,) = [
        match[1] for argument in container["args"] if (match := re.fullmatch(r"max_connections=(\d+)", argument))
    ]
    return int(number)


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_replicas_share_what_is_in_files(rendered: dict[str, Manifests], overlay: str) -> None:
    """Where several calculation engines run, exports and the archive are not in a folder of one of them."""
    (settings,) = rendered[overlay].of_kind("ConfigMap")
    for name in ("AE_EXPORTS_URL", "AE_ARCHIVE_URL"):
        assert settings["data"][name].startswith("azure://")
