"""Compose as developers use it: the commands of the operations guide, run as they are written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_engine.contracts.services import PORTS, Service
from containers.deployment import INFRASTRUCTURE, SERVICES, UI, Deployment
from containers.sales import REVENUES, define_and_load, revenues
from support.pages import ROOT, pages_of, run_page
from support.waiting import wait_until

_BUILD_S = 1500.0
_NO_TERMINAL = """
docker() {
  if [ "$1 $2" = "compose exec" ]; then shift 2; set -- compose exec -T "$@"; fi
  command docker "$@"
}
"""
_EVERYTHING = len(INFRASTRUCTURE) + len(SERVICES) + 1


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The stack, started in the order and with the commands of the guide."""
    deployment = Deployment(tmp_path_factory.mktemp("development"), form="development")
    deployment.run("docker compose build database_service", within_s=_BUILD_S)
    try:
        deployment.run("docker-compose up -d timescaledb redis azurite")
        deployment.wait_until_healthy(*INFRASTRUCTURE, count=3)
        deployment.run("docker-compose run --rm database_service alembic upgrade head", within_s=_BUILD_S)
        deployment.migrated_first = deployment.sql("select version_num from alembic_version")
        deployment.run("docker-compose up -d database_service messaging_service", within_s=_BUILD_S)
        deployment.run(
            "docker-compose up -d business_metadata calculation_engine_service demo_config_service connector_service",
            within_s=_BUILD_S,
        )
        deployment.run("docker-compose up -d api_gateway", within_s=_BUILD_S)
        deployment.run("docker compose up -d", within_s=_BUILD_S)
        deployment.wait_until_healthy(count=_EVERYTHING)
        define_and_load(deployment)
        yield deployment
    finally:
        deployment.down("--volumes")


def test_every_service_is_healthy_at_the_port_of_the_guide(development: Deployment) -> None:
    """What depends on others says how they are a second later, so that it may take a moment."""
    for service in Service:
        address = f"http://localhost:{PORTS[service]}/health"
        wait_until(
            lambda address=address: json.loads(development.run(f"curl -s {address}"))["status"] == "healthy",
            within_s=60,
        )
    assert "<div id=" in development.run("curl -sf http://localhost:3000/")


@pytest.mark.parametrize("compose", ["docker-compose", "docker compose"])
def test_what_runs_is_listed(development: Deployment, compose: str) -> None:
    lines = development.run(f"{compose} ps").splitlines()
    assert sum("(healthy)" in line for line in lines) == _EVERYTHING


def test_the_database_is_reached_in_its_container(development: Deployment) -> None:
    said = development.run(
        'docker-compose exec -T timescaledb psql -U multiservice_user -d multiservice_db -c "SELECT 1;"'
    )
    assert "(1 row)" in said
    assert (
        development.sql("select count(*) from pg_extension where extname in ('timescaledb', 'pg_stat_statements')")
        == "2"
    )


def test_statements_are_counted_from_the_first_day(development: Deployment) -> None:
    """The columns that the guide names are called otherwise since PostgreSQL 13."""
    slow = "select query, calls, total_exec_time, mean_exec_time from pg_stat_statements order by 4 desc limit 10"
    assert len(development.sql(slow).splitlines()) >= 10


@pytest.mark.parametrize("command", ["run --rm", "exec -T"])
def test_alembic_runs_in_the_database_service(development: Deployment, command: str) -> None:
    development.run(f"docker-compose {command} database_service alembic upgrade head")
    current = development.run(f"docker-compose {command} database_service alembic current")
    assert "(head)" in current


def test_the_command_of_the_guide_migrates_an_empty_database(development: Deployment) -> None:
    """`migrate` comes first wherever a service is started, and it alone has the owner's login."""
    assert development.migrated_first == development.sql("select version_num from alembic_version")


def test_logs_are_read_and_kept_small(development: Deployment) -> None:
    assert "calculation_engine_service" in development.run("docker-compose logs --tail=100 calculation_engine_service")
    development.run("docker-compose logs --since 2025-12-21T10:00:00 database_service")
    for container in development.containers():
        assert container["HostConfig"]["LogConfig"] == {
            "Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"},
        }  # fmt: skip


def test_a_shell_and_the_names_of_the_guide(development: Deployment) -> None:
    assert development.run("docker-compose exec -T business_metadata bash -c 'id -u'").strip() == "10001"
    (inspected,) = json.loads(development.run("docker inspect analyticsengine-business_metadata-1"))
    assert inspected["State"]["Running"]
    assert "analyticsengine-business_metadata-1" in development.run(
        "docker stats --no-stream analyticsengine-business_metadata-1"
    )
    assert "analyticsengine_timescaledb_data" in development.run("docker volume ls --quiet").split()


def test_no_secret_is_in_what_compose_or_the_engine_tells(development: Deployment) -> None:
    told = development.run("docker-compose config") + json.dumps(development.containers(running=False))
    for file in (development.folder / "secrets").iterdir():
        if file.is_file():
            assert file.read_text(encoding="utf-8").strip() not in told, file.name


def test_images_are_pulled_where_they_are_not_here(development: Deployment) -> None:
    """The versions are pinned, and our own image is built: nothing is fetched where all is here."""
    development.run("docker-compose pull")


def test_each_service_is_updated_by_itself(development: Deployment) -> None:
    """Step 4 of the guide's deployment; the KPI is answered right after each."""
    for service in (*SERVICES, UI):
        development.run(f"docker-compose up -d --no-deps --build {service}", within_s=_BUILD_S)
        development.wait_until_healthy(service, count=1)
        wait_until(lambda: revenues(development) == REVENUES, within_s=60)


def test_setup_changes_nothing_that_is_there(development: Deployment) -> None:
    files = [path for path in (development.folder / "secrets").iterdir() if path.is_file()]
    before = {path.name: path.read_text(encoding="utf-8") for path in files}
    development.run("deploy/compose/setup development")
    assert {path.name: path.read_text(encoding="utf-8") for path in files} == before
    assert (development.folder / "secrets").stat().st_mode & 0o777 == 0o700
    assert development.attempt("deploy/compose/setup production").returncode == 2


@pytest.mark.parametrize("page", pages_of("compose"), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_says(development: Deployment, page: Path) -> None:
    """The KPI is answered afterwards, also from a database that was restored."""
    run_page(
        page,
        "compose",
        environment=os.environ,
        folder=development.folder,
        prelude=_NO_TERMINAL,
        within_s=_BUILD_S,
    )
    wait_until(lambda: revenues(development) == REVENUES, within_s=120)
