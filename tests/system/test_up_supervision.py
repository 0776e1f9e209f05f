"""What ``analytics-engine up`` promises: it keeps everything running, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import httpx
import pytest

from analytics_engine.contracts.services import PORTS, Service
from support.system import SystemUnderTest
from support.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("supervision")]

POSTGRES = r"bin/postgres -D"
VALKEY = r"valkey-server"


@pytest.fixture(scope="module")
def system() -> Iterator[SystemUnderTest]:
    """A system without sample data, running; a test that stops it starts it again."""
    running = SystemUnderTest()
    running.start()
    yield running
    running.clean_up()


@pytest.fixture
def idle() -> Iterator[SystemUnderTest]:
    """A system that was never started."""
    one = SystemUnderTest()
    yield one
    one.clean_up()


def sign_in(system: SystemUnderTest) -> str:
    answer = httpx.post(
        f"{system.url(Service.GATEWAY)}/api/v1/auth/login",
        json={"email": "admin@example.com", "password": system.admin_password},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def test_a_taken_port_is_named_with_its_holder_and_the_remedy(idle: SystemUnderTest) -> None:
    """Exit code 2 and two lines: which port, who has it, and an offset at which all ports are free."""
    port = PORTS[Service.GATEWAY] + idle.offset
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        refused = idle.run("up")
    assert refused.returncode == 2
    error, remedy = refused.stderr.strip().splitlines()
    assert error.startswith(f"error: Port {port} (api_gateway) is taken by ")
    assert f"(process {os.getpid()})" in error
    assert remedy == (
        f"remedy: Stop what has it, or move all ports: analytics-engine up --port-offset {idle.offset + 100}"
    )
    assert idle.processes() == []


def test_a_database_that_cannot_be_reached_is_named(idle: SystemUnderTest) -> None:
    """With a DATABASE_URL that leads nowhere, `up` names the place and the remedy in two lines, and ends."""
    idle.settings["DATABASE_URL"] = "postgresql://owner:secret@127.0.0.1:1/nothing"
    refused = idle.run("up")
    assert refused.returncode == 2
    error, remedy = refused.stderr.strip().splitlines()
    assert error.startswith("error: The database could not be brought up to date: ")
    assert "127.0.0.1:1/nothing" in error
    assert "secret" not in refused.stderr
    assert remedy.startswith("remedy: See whether PostgreSQL runs there")
    assert idle.processes() == []


def test_a_wrong_setting_is_named_before_anything_starts(idle: SystemUnderTest) -> None:
    """A setting that is no such thing is one error with its name; nothing was started."""
    idle.settings["AE_DATABASE_POOL_SIZE"] = "many"
    refused = idle.run("up")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: AE_DATABASE_POOL_SIZE: ")
    assert not idle.home.exists()


def test_a_broken_secret_is_named_with_its_file(idle: SystemUnderTest) -> None:
    """A secret file that cannot be read is one error with the path; a new secret is not made in its place."""
    broken = idle.home / "secrets" / "postgres.password"
    broken.mkdir(parents=True)
    refused = idle.run("up")
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"error: The secret in {broken} cannot be read or made: ")
    assert "remedy: " in refused.stderr


def test_the_first_start_says_what_to_open_and_how_to_sign_in(system: SystemUnderTest) -> None:
    """The addresses, the e-mail address and the generated password are printed, and the password works."""
    said = system.said()
    assert f"http://localhost:{3000 + system.offset}" in said
    assert f"http://localhost:{8090 + system.offset}" in said
    assert "admin@example.com" in said
    assert system.admin_password in said
    assert sign_in(system)


def test_health_is_zero_only_when_all_seven_are_healthy(system: SystemUnderTest) -> None:
    """`analytics-engine health` lists seven services and says healthy of each."""
    wait_until(system.all_healthy, within_s=120)
    told = system.run("health")
    assert told.returncode == 0, told.stdout
    lines = told.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[service.value, "healthy"] for service in Service]


def test_secrets_are_for_their_owner_only(system: SystemUnderTest) -> None:
    """Every file under secrets has mode 0600, and each service has a login of its own, as who makes backups."""
    files = [path for path in (system.home / "secrets").rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    roles = {path.stem for path in (system.home / "secrets" / "roles").iterdir()}
    assert roles == {service.value for service in Service} | {"backup"}


def test_a_second_up_on_the_same_home_is_refused(system: SystemUnderTest) -> None:
    """One clear error that names the process that runs; the running system is left alone."""
    refused = system.run("up")
    assert refused.returncode == 2
    assert f"error: Analytics Engine already runs from {system.home} (process {system.up.pid})." in refused.stderr
    assert system.up.poll() is None


@pytest.mark.parametrize("service", [Service.METADATA, Service.GATEWAY])
def test_a_killed_service_is_started_again(system: SystemUnderTest, service: Service) -> None:
    """After kill -9 of a service another process of it answers, and the death is in the log."""
    wait_until(system.all_healthy, within_s=120)
    killed = system.process(f"serve {service.value}$")
    killed.kill()
    wait_until(lambda: service.value in system.run("logs", "supervisor").stdout, within_s=120)
    wait_until(system.all_healthy, within_s=120)
    assert system.process(f"serve {service.value}$").pid != killed.pid
    assert f"{service.value} was killed by signal 9; it is started again" in system.said()


@pytest.mark.parametrize("pattern", [POSTGRES, VALKEY], ids=["postgresql", "valkey"])
def test_a_killed_server_is_started_again(system: SystemUnderTest, pattern: str) -> None:
    """After kill -9 of PostgreSQL or Valkey it comes back at its address, and all services get healthy again."""
    wait_until(system.all_healthy, within_s=120)
    killed = system.process(pattern)
    killed.kill()
    wait_until(lambda: [one for one in system.find(pattern) if one.pid != killed.pid], within_s=120)
    wait_until(system.all_healthy, within_s=120)


def test_services_say_so_when_valkey_does_not_answer_and_recover(system: SystemUnderTest) -> None:
    """Those that need Valkey are degraded or unhealthy, `health` exits 1; when it is back, all recover."""
    wait_until(system.all_healthy, within_s=120)
    valkey = system.process(VALKEY)
    valkey.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: system.health(Service.MESSAGING).get("status") == "unhealthy", within_s=120)
        wait_until(lambda: system.health(Service.CALCULATION).get("status") == "degraded", within_s=120)
        assert system.run("health").returncode == 1
    finally:
        valkey.send_signal(signal.SIGCONT)
    wait_until(system.all_healthy, within_s=120)


def test_a_killed_supervisor_leaves_nothing_behind_and_no_row_is_lost(system: SystemUnderTest) -> None:
    """After kill -9 of the supervisor every process ends by itself; the next start has the ports and the data."""
    headers = {"Authorization": f"Bearer {sign_in(system)}"}
    made = httpx.post(
        f"{system.url(Service.GATEWAY)}/api/v1/admin/users",
        headers=headers,
        json={
            "email": "kept@example.com",
            "name": "Kept",
            "password": "a long enough password 17",
            "role": "viewer",
            "client_id": "nyc-flights",
        },
        timeout=60,
    )
    assert made.status_code == 201, made.text
    system.up.kill()
    system.up.wait(60)
    wait_until(lambda: not system.processes(), within_s=120)
    system.start()
    listed = httpx.get(
        f"{system.url(Service.GATEWAY)}/api/v1/admin/users",
        headers={"Authorization": f"Bearer {sign_in(system)}"},
        timeout=60,
    )
    assert "kept@example.com" in listed.text
    assert system.admin_password not in system.said()


def test_up_right_after_a_kill_waits_for_what_is_still_ending(system: SystemUnderTest) -> None:
    """Started in the very moment after kill -9, the next up finds no port taken."""
    system.up.kill()
    system.up.wait(60)
    system.start()
    wait_until(system.all_healthy, within_s=120)


def test_stop_ends_everything_cleanly(system: SystemUnderTest) -> None:
    """`analytics-engine stop` returns when all is gone; the supervisor's exit code is 0; logs stay readable."""
    stopped = system.run("stop")
    assert stopped.returncode == 0, stopped.stderr
    assert system.up.wait(60) == 0
    assert system.processes() == []
    assert "stopped" in system.run("logs", "supervisor", "-n", "1").stdout
    assert system.run("stop").returncode == 2
    system.start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_everything_cleanly(system: SystemUnderTest, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C: exit code 0, no process left, and nobody was killed for it."""
    system.up.send_signal(number)
    assert system.up.wait(120) == 0
    assert system.processes() == []
    assert "database system is shut down" in (system.home / "logs" / "postgres.log").read_text()
    system.start()


def test_reset_asks_first(system: SystemUnderTest) -> None:
    """`up --reset` without an answer deletes nothing; `--yes` starts with new secrets."""
    assert system.stop() == 0
    before = system.admin_password
    refused = system.run("up", "--reset")
    assert refused.returncode != 0
    assert system.admin_password == before
    system.start("--reset", "--yes")
    assert system.admin_password != before
    assert system.admin_password in system.said()
