"""Compose as it runs in production: what is published, what each container may, and what becomes of it when it dies."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from containers.deployment import INFRASTRUCTURE, SERVICES, UI, Deployment
from containers.sales import QUERY, REVENUES, define_and_load, revenues
from support.pages import ROOT, pages_of, run_page
from support.waiting import wait_until

_BUILD_S = 1500.0
_REPLICAS = 3
_EVERYTHING = len(INFRASTRUCTURE) + len(SERVICES) + 1 + _REPLICAS - 1
_HEALTHY_WITHIN_S = 60
_PUBLISHED = {3000, 8090}
_INSIDE = [3000, 5432, 6379, 8000, 8001, 8020, 8021, 8022, 8023, 8090, 10000]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The stack from nothing, published on all addresses of the engine's network."""
    deployment = Deployment(tmp_path_factory.mktemp("production"), form="production")
    deployment.run("docker compose build database_service", within_s=_BUILD_S)
    try:
        begun = time.monotonic()
        deployment.run(f"docker compose up -d --wait --wait-timeout {_HEALTHY_WITHIN_S}")
        print(f"healthy after {time.monotonic() - begun:.1f} s")
        define_and_load(deployment)
        yield deployment
    finally:
        deployment.down("--volumes")


def test_it_is_healthy_within_a_minute_and_answers_a_kpi(production: Deployment) -> None:
    """The stack was not there before, nor its database."""
    production.wait_until_healthy(count=_EVERYTHING)
    assert revenues(production) == REVENUES
    wait_until(lambda: production.send("GET", "/health", token="").document["status"] == "healthy", within_s=60)


def test_the_web_application_and_its_interface_are_served_at_port_3000(production: Deployment) -> None:
    page = production.run("curl -sf http://localhost:3000/")
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    assert script
    production.run(f"curl -sf http://localhost:3000{script[1]}")
    answer = production.run(
        f"curl -sf -X POST http://localhost:3000/api/v1/calculate -H 'Content-Type: application/json'"
        f" -H 'Authorization: Bearer {production.token}' -d '{json.dumps(QUERY)}'"
    )
    assert json.loads(answer)["kpis"][0]["values"] == REVENUES


def test_three_replicas_share_the_calculations(production: Deployment) -> None:
    replicas = production.containers("calculation_engine_service")
    assert len({replica["Config"]["Hostname"] for replica in replicas}) == _REPLICAS
    before = _calculations(production)
    asked = 60
    with ThreadPoolExecutor(12) as people:
        assert list(people.map(lambda _: revenues(production), range(asked))) == [REVENUES] * asked
    done = [after - earlier for after, earlier in zip(_calculations(production), before, strict=True)]
    assert min(done) > 0
    assert sum(done) == asked


def _calculations(production: Deployment) -> list[int]:
    """Return how many questions each replica has answered."""
    code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8021/metrics').read().decode())"
    counts = []
    for index in range(1, _REPLICAS + 1):
        lines = production.python("calculation_engine_service", code, index=index).splitlines()
        asked = [line for line in lines if 'http_route="/calculate"' in line and "duration_seconds_count{" in line]
        counts.append(sum(int(float(line.rpartition(" ")[2])) for line in asked))
    return counts


def test_limits_are_those_of_the_file_and_hold(production: Deployment) -> None:
    """The kernel has them, and ends what takes more memory, without the service beside it."""
    for container in production.containers():
        assert container["HostConfig"]["Memory"] > 0
        assert container["HostConfig"]["NanoCpus"] > 0
    (engine,) = production.containers("calculation_engine_service")[:1]
    within = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max"
    limit = production.run(f"docker exec {engine['Id']} sh -c '{within}'")
    assert int(limit) == engine["HostConfig"]["Memory"] == 1 << 30
    hog = "held = [bytearray(b'x' * (1 << 26)) for _ in range(64)]"
    ended = production.attempt(f'docker exec {engine["Id"]} python -c "{hog}"')
    assert ended.returncode == 128 + signal.SIGKILL
    (after,) = json.loads(production.run(f"docker inspect {engine['Id']}"))
    assert (after["State"]["Running"], after["RestartCount"]) == (True, engine["RestartCount"])
    assert revenues(production) == REVENUES


def test_containers_may_do_no_more_than_they_must(production: Deployment) -> None:
    for container in production.containers(*SERVICES, UI):
        name, host = container["Name"], container["HostConfig"]
        assert container["Config"]["User"] == "analytics", name
        assert host["ReadonlyRootfs"], name
        assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], None), name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
    for container in production.containers(*INFRASTRUCTURE):
        host = container["HostConfig"]
        assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"]), container["Name"]


def test_each_service_has_its_own_secrets_and_no_other(production: Deployment) -> None:
    mounted = {
        container["Config"]["Labels"]["com.docker.compose.service"]: {
            mount["Source"].rpartition("/")[2] for mount in container["Mounts"] if mount["Type"] == "bind"
        }
        for container in production.containers()
    }
    for service in SERVICES:
        urls = {name for name in mounted[service] if name.endswith("database_url")}
        assert urls == {f"{service}.database_url"}
        login = production.secret(f"{service}.database_url").partition("://")[2].partition(":")[0]
        assert login == f"ae_{service}"
    assert not any("owner_database_url" in names for names in mounted.values())


@pytest.fixture
def nothing_beyond(production: Deployment) -> Iterator[None]:
    """Addresses of the inner network lead nowhere else: what is beyond the machine may answer for any address."""
    subnet = production.run(
        "docker network inspect -f '{{(index .IPAM.Config 0).Subnet}}' analyticsengine_backend"
    ).strip()
    rules = [f"{chain} -o eth0 -d {subnet} -j REJECT" for chain in ("OUTPUT", "FORWARD")]
    for rule in rules:
        production.run(f"iptables -I {rule}")
    yield
    for rule in rules:
        production.run(f"iptables -D {rule}")


@pytest.mark.usefixtures("nothing_beyond")
def test_from_the_machine_only_the_gateway_and_the_web_application_are_reached(production: Deployment) -> None:
    """Neither at any of its own ports, nor at the address of any container."""
    own = production.run("hostname -I").split()[0]
    assert {port for port in range(1, 65536) if _connects(own, port)} == _PUBLISHED
    reached = set()
    for container in production.containers():
        for network in container["NetworkSettings"]["Networks"].values():
            for port in _INSIDE:
                if _connects(network["IPAddress"], port):
                    reached.add((container["Config"]["Labels"]["com.docker.compose.service"], port))
    assert reached == {("api_gateway", 8090), ("api_gateway", 3000), (UI, 3000)}


def _connects(address: str, port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((address, port)) == 0 and probe.getsockname() != probe.getpeername()


@pytest.mark.usefixtures("nothing_beyond")
def test_from_the_outside_network_the_inside_is_not_reached(production: Deployment) -> None:
    """A container beside the gateway reaches the gateway, and neither by name nor by address what is behind it."""
    targets = [("api_gateway", 8090)]
    for container in production.containers():
        inside = container["NetworkSettings"]["Networks"].get("analyticsengine_backend", {}).get("IPAddress")
        targets += [(inside, port) for port in _INSIDE]
    targets += [("timescaledb", 5432), ("redis", 6379), ("database_service", 8000)]
    code = (
        "import json, socket, sys\n"
        "def reached(target):\n"
        "    try: socket.create_connection(target, 0.2).close()\n"
        "    except OSError: return False\n"
        "    return True\n"
        "print(json.dumps([target for target in json.load(sys.stdin) if reached(tuple(target))]))\n"
    )
    (production.folder / "probe.py").write_text(code, encoding="utf-8")
    said = production.run(
        "docker run --rm -i --network analyticsengine_published -v ./probe.py:/probe.py:ro"
        " --entrypoint python analytics-engine:local /probe.py",
        text=json.dumps(targets),
    )
    assert json.loads(said) == [["api_gateway", 8090]]


def test_only_those_that_must_reach_the_outside(production: Deployment) -> None:
    """A way out is a route: messages and connectors have one, and who only computes has none."""
    routes = "print([line.split()[1] for line in open('/proc/net/route')].count('00000000'))"
    ways_out = {service: production.python(service, routes).strip() for service in SERVICES}
    outside = {"messaging_service", "connector_service", "api_gateway"}
    assert ways_out == {service: "1" if service in outside else "0" for service in SERVICES}


@pytest.mark.parametrize("services", [(*SERVICES, UI), INFRASTRUCTURE], ids=["services", "infrastructure"])
def test_whatever_is_killed_comes_back(production: Deployment, services: tuple[str, ...]) -> None:
    """The first process of each container, all at once, by the kernel's hardest signal."""
    before = production.containers(*services)
    for container in before:
        os.kill(container["State"]["Pid"], signal.SIGKILL)
    restarts = {container["Id"]: container["RestartCount"] + 1 for container in before}
    wait_until(lambda: _restarts(production, services) == restarts, within_s=120, every_s=0.5)
    production.wait_until_healthy(count=_EVERYTHING, within_s=180)
    wait_until(lambda: revenues(production) == REVENUES, within_s=60)


def _restarts(production: Deployment, services: tuple[str, ...]) -> dict[str, int]:
    return {container["Id"]: container["RestartCount"] for container in production.containers(*services)}


def test_old_rows_are_archived_in_azurite(production: Deployment) -> None:
    """What the services keep as blobs is in the account whose key setup has made."""
    said: dict[str, Any] = json.loads(
        production.run("docker compose exec -T database_service analytics-engine config show --json")
    )
    assert (said["AE_ARCHIVE_URL"], said["AZURE_STORAGE_CONNECTION_STRING"]) == ("azure://archive", "[set, redacted]")
    code = (
        "import asyncio; from pathlib import Path\n"
        "from analytics_engine.bootstrap.blobs import blob_store_at\n"
        "from analytics_engine.bootstrap.settings import load_settings\n"
        "settings = load_settings()\n"
        "given = settings.azure_storage_connection_string.get_secret_value()\n"
        "store = blob_store_at(settings.ae_archive_url, azure_connection_string=given)\n"
        "path = Path('/tmp/probe'); path.write_bytes(b'kept')\n"
        "print(asyncio.run(store.put('probe', path)))\n"
    )
    production.python("database_service", code)


def test_the_data_outlives_the_containers(production: Deployment) -> None:
    production.down()
    production.run("docker compose up -d --wait", within_s=300)
    wait_until(lambda: revenues(production) == REVENUES, within_s=60)


def test_a_dump_is_restored_into_a_new_volume(production: Deployment) -> None:
    """The guide's backup and recovery, with what its restore lacks: TimescaleDB is told before and after."""
    production.run("docker-compose exec -T timescaledb pg_dump -U multiservice_user multiservice_db > backup.sql")
    production.run("gzip backup.sql")
    production.run("docker-compose down")
    production.run("docker volume rm analyticsengine_timescaledb_data")
    production.run("docker volume create analyticsengine_timescaledb_data")
    production.run("docker-compose up -d timescaledb")
    production.wait_until_healthy("timescaledb", count=1)
    production.run("deploy/compose/restore backup.sql.gz")
    assert "alembic_version" in production.sql(r"\dt")
    production.run("docker-compose up -d --wait", within_s=300)
    wait_until(lambda: revenues(production) == REVENUES, within_s=60)


def test_a_dump_is_not_restored_over_what_is_there(production: Deployment) -> None:
    """psql would load it a second time beside what is there, and end well."""
    refused = production.attempt("deploy/compose/restore backup.sql.gz")
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr


def test_a_volume_is_backed_up_while_it_rests(production: Deployment) -> None:
    production.run("docker-compose stop")
    production.run(
        'docker run --rm -v analyticsengine_timescaledb_data:/data -v "${PWD}":/backup alpine'
        " tar czf /backup/volume_backup.tar.gz /data"
    )
    production.run("docker-compose start")
    production.wait_until_healthy(count=_EVERYTHING, within_s=180)
    assert "data/PG_VERSION" in production.run("tar tzf volume_backup.tar.gz | grep PG_VERSION")
    wait_until(lambda: revenues(production) == REVENUES, within_s=60)


@pytest.mark.parametrize("page", pages_of("compose-production"), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_says(production: Deployment, page: Path) -> None:
    run_page(page, "compose-production", environment=os.environ, folder=production.folder, within_s=_BUILD_S)
    wait_until(lambda: revenues(production) == REVENUES, within_s=120)
