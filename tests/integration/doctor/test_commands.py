"""The operator's commands and scripts on a running product."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.contracts.services import Service
from integration.doctor.patient import MOST_S
from support.system import SystemUnderTest
from support.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("doctor")]

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "check_health.sh"


def script(system: SystemUnderTest, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = system.environment() | settings
    return subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=False, timeout=60)


def statuses(told: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {line.split()[0]: line.split()[1] for line in told.stdout.splitlines()}


def steps(told: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert told.returncode in {0, 1}, told.stderr
    return {step["step"]: step["state"] for step in json.loads(told.stdout)["steps"]}


def test_the_script_says_healthy_of_all_seven(system: SystemUnderTest) -> None:
    wait_until(system.all_healthy, within_s=60)
    told = script(system)
    assert statuses(told) == {service.value: "healthy" for service in Service}
    assert told.returncode == 0


def test_the_script_says_degraded_and_down_and_ends_with_one(system: SystemUnderTest) -> None:
    """A service elsewhere that nobody answers for is down; one without Redis is degraded."""
    valkey = int((system.home / "run" / "valkey.lock").read_text())
    os.kill(valkey, signal.SIGSTOP)
    try:
        wait_until(lambda: system.statuses()["database_service"] == "degraded", within_s=60)
        told = script(system, CONNECTOR_SERVICE_URL="http://127.0.0.1:1")
    finally:
        os.kill(valkey, signal.SIGCONT)
    assert told.returncode == 1
    assert statuses(told)["database_service"] == "degraded"
    assert statuses(told)["connector_service"] == "down"
    wait_until(system.all_healthy, within_s=60)


def test_the_script_says_down_of_another_program(system: SystemUnderTest) -> None:
    told = script(system, CONNECTOR_SERVICE_URL=system.url(Service.DATABASE))
    assert told.returncode == 1
    assert statuses(told)["connector_service"] == "down"


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="check_health.ps1 (PowerShell is not here)")
def test_the_script_for_powershell_says_the_same(system: SystemUnderTest) -> None:
    told = subprocess.run(
        ["pwsh", "-NoProfile", "-File", str(SCRIPT.with_suffix(".ps1"))],
        env=system.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert statuses(told) == {service.value: "healthy" for service in Service}
    assert told.returncode == 0


def test_health_waits_until_all_are_healthy(system: SystemUnderTest) -> None:
    assert system.run("health", "--wait", "60").returncode == 0


def test_the_doctor_is_silent_and_quick_on_the_command_line(system: SystemUnderTest) -> None:
    documents: list[dict[str, Any]] = []

    def is_silent() -> bool:
        documents.append(json.loads(system.run("doctor", "--json").stdout))
        return bool(documents[-1]["healthy"])

    wait_until(is_silent, within_s=120)
    assert documents[-1]["findings"] == []
    assert max(document["took_s"] for document in documents) < MOST_S
    assert system.run("doctor", "--only", "settings").stdout.startswith("No problem found (")


def test_an_area_that_is_not_known_is_an_error(system: SystemUnderTest) -> None:
    told = system.run("doctor", "--only", "weather")
    assert told.returncode == 2
    assert "remedy: There are: settings" in told.stderr


def test_preflight_lets_a_healthy_system_be_upgraded(system: SystemUnderTest) -> None:
    told = system.run("preflight", "--json")
    assert told.returncode == 0, told.stdout
    found = steps(told)
    assert found["Migration plan reviewed"] == "ok"
    assert found["Environment variables configured"] == "ok"
    assert found["Ports"] == "ok"


def test_preflight_refuses_settings_that_are_wrong(system: SystemUnderTest) -> None:
    system.settings["AE_DATABASE_POOL_SIZE"] = "60"
    try:
        told = system.run("preflight", "--json")
    finally:
        system.settings.clear()
    assert told.returncode == 1
    assert steps(told)["Database, its connections, rights and clock"] == "failed"


def test_daily_goes_through_the_guides_list_and_measures_disks(system: SystemUnderTest) -> None:
    found = steps(system.run("daily", "--json"))
    assert list(found) == [
        "Check service health",
        "Review error logs",
        "Monitor disk space",
        "Verify backups completed",
    ]
    assert found["Check service health"] == "ok"
    assert (system.home / "checkups" / "disks.jsonl").is_file()


def test_weekly_names_old_logs_and_deletes_them_only_when_told(system: SystemUnderTest) -> None:
    old = system.home / "logs" / "api_gateway.log.2"
    old.write_text("long ago\n")
    os.utime(old, (0, 0))
    told = system.run("weekly", "--json")
    assert list(steps(told)) == [
        "Review performance metrics",
        "Check for security updates",
        "Analyze slow queries",
        "Clean up old logs",
    ]
    assert "api_gateway.log.2" in told.stdout
    assert old.exists()
    system.run("weekly", "--yes")
    assert not old.exists()


def test_monthly_audits_the_security(system: SystemUnderTest) -> None:
    found = steps(system.run("monthly", "--json"))
    assert found["Security audit: the audit log is whole"] == "ok"
    assert found["Security audit: administrators"] == "ok"
    assert found["Security audit: settings, secrets and logins"] == "ok"
    assert {"Update dependencies", "Review capacity planning", "Test disaster recovery"} <= found.keys()


def test_a_support_bundle_has_what_helps_and_no_secret(system: SystemUnderTest) -> None:
    system.settings["API_KEY"] = "a-very-secret-key-of-a-program"
    try:
        told = system.run("support-bundle", "--out", "bundle.tar.gz")
    finally:
        system.settings.clear()
    assert told.returncode == 0, told.stderr
    path = system.folder / "bundle.tar.gz"
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as bundle:
        parts = {member.name: bundle.extractfile(member).read().decode() for member in bundle}  # type: ignore[union-attr]
    names = {name.partition("/")[2] for name in parts}
    assert {"doctor.json", "health.json", "settings.json", "versions.json", "machine.json"} <= names
    assert {"logs/api_gateway.log", "metrics/api_gateway.txt", "database/statements.json"} <= names
    files = [file for file in (system.home / "secrets").rglob("*") if file.is_file()]
    secrets = [text for file in files if (text := file.read_text().strip())]
    assert len(secrets) >= 10
    everything = "\n".join(parts.values())
    assert [secret for secret in [*secrets, "a-very-secret-key-of-a-program"] if secret in everything] == []
    assert "admin@example.com" not in everything


def test_all_logs_are_printed_in_one_order(system: SystemUnderTest) -> None:
    told = system.run("logs", "--all", "--since", "1h", "--json", "-n", "200")
    entries = [json.loads(line) for line in told.stdout.splitlines()]
    times = [entry["timestamp"] for entry in entries if entry["timestamp"]]
    assert times == sorted(times)
    assert len({entry["source"] for entry in entries}) > 1
    assert system.run("logs").returncode == 2
