"""Users, keys and the API's document from the command line, as real processes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from analytics_engine.contracts.services import Service
from support.services import SECRET_KEY


@pytest.fixture
def run(database, tmp_path):
    def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "analytics_engine.cli", *arguments],
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AE_HOME": str(tmp_path / "home"), **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return command


@pytest.fixture
def connected(database):
    return {"DATABASE_URL": database.service_url(Service.GATEWAY), "SECRET_KEY": SECRET_KEY}


def test_an_administrator_is_made_and_listed(run, connected):
    """The password comes from the environment or is asked for, never from the list of processes."""
    made = run("users", "create-admin", "--email", "boss@x.org", AE_ADMIN_PASSWORD="a-good-password", **connected)
    assert (made.returncode, made.stdout) == (0, "boss@x.org may sign in as admin of nyc-flights.\n"), made.stderr
    listed = run("users", "list", "--json", **connected)
    assert [user["email"] for user in json.loads(listed.stdout)["items"]] == ["boss@x.org"]


def test_a_key_is_printed_alone_and_revoked_by_its_prefix(run, connected):
    """Standard output is the key and nothing else, so that a script can keep it."""
    made = run("keys", "create", "nightly", "--role", "operator", "--scope", "data", **connected)
    key = made.stdout.strip()
    assert key.startswith("ae_")
    assert " " not in key
    prefix = key.split("_")[1]
    assert run("keys", "revoke", prefix, **connected).stdout == f"{prefix} (nightly) is revoked.\n"
    assert "revoked" in run("keys", "list", **connected).stdout


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["users", "create", "a@b.c", "--role", "root"], "role: Input should be"),
        (["users", "create", "no-address"], "email: String should match"),
        (["users", "disable", "nobody@x.org"], "Nobody has the email address nobody@x.org."),
        (["keys", "create", "x", "--scope", "everything"], "scopes.0: String should match"),
        (["keys", "revoke", "nothing"], "There is no API key nothing."),
    ],
)
def test_a_mistake_is_one_line_of_cause_and_one_of_remedy(run, connected, arguments, cause):
    """And exit code 2, without a trace."""
    failed = run(*arguments, AE_ADMIN_PASSWORD="a-good-password", **connected)
    lines = failed.stderr.strip().splitlines()
    assert failed.returncode == 2
    assert lines[0].startswith(f"error: {cause}")
    assert lines[1].startswith("remedy: ")
    assert len(lines) == 2


def test_without_a_system_the_command_says_what_is_missing(run):
    """No DATABASE_URL, and nothing in AE_HOME."""
    failed = run("users", "list")
    assert failed.returncode == 2
    assert failed.stderr.startswith("error: DATABASE_URL is not set.")


def test_the_apis_document_needs_no_running_system(run, tmp_path):
    """No setting, no server: the clients of the API are generated from it."""
    assert run("openapi", "--out", "api.json").returncode == 0
    document = json.loads((tmp_path / "api.json").read_text())
    assert {"/api/v1/auth/login", "/api/v1/metadata/kpis", "/api/v1/calculate"} <= document["paths"].keys()
