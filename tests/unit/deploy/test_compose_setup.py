"""`deploy/compose/setup` makes the settings and secrets of a compose deployment, once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from analytics_engine.adapters.blobs.azure_account import AzureAccount
from analytics_engine.contracts.services import Service

_SETUP = Path(__file__).parents[3] / "deploy" / "compose" / "setup"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "deploy" / "compose").mkdir(parents=True)
    shutil.copy2(_SETUP, tmp_path / "deploy" / "compose" / "setup")
    return tmp_path


def set_up(checkout: Path, form: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "deploy/compose/setup", form], cwd=checkout, capture_output=True, text=True, check=False, timeout=60
    )


def secret(checkout: Path, name: str) -> str:
    return (checkout / "secrets" / name).read_text(encoding="utf-8").strip()


def test_only_its_owner_gets_into_the_folder_of_secrets(checkout: Path) -> None:
    assert set_up(checkout, "production").returncode == 0
    assert (checkout / "secrets").stat().st_mode & 0o777 == 0o700
    assert (checkout / ".env").stat().st_mode & 0o777 == 0o600


def test_each_service_has_a_login_of_its_own(checkout: Path) -> None:
    set_up(checkout, "production")
    passwords = set()
    for service in Service:
        url = urlsplit(secret(checkout, f"{service}.database_url"))
        assert (url.username, url.password) == (f"ae_{service}", secret(checkout, f"{service}.password"))
        assert (url.hostname, url.port, url.path) == ("timescaledb", 5432, "/multiservice_db")
        passwords.add(url.password)
    assert len(passwords) == len(Service)


def test_azurite_and_those_who_use_it_have_the_same_account(checkout: Path) -> None:
    set_up(checkout, "production")
    account = AzureAccount.named_by(secret(checkout, "azure_storage_connection_string"))
    assert secret(checkout, "azurite_accounts") == f"{account.name}:{account.key}"


def test_what_is_there_stays(checkout: Path) -> None:
    set_up(checkout, "development")
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    assert set_up(checkout, "development").returncode == 0
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_a_password_that_was_deleted_is_made_anew_and_what_follows_from_it(checkout: Path) -> None:
    set_up(checkout, "production")
    former = secret(checkout, "redis_password")
    (checkout / "secrets" / "redis_password").unlink()
    set_up(checkout, "production")
    assert secret(checkout, "redis_password") != former
    assert secret(checkout, "redis_url") == f"redis://:{secret(checkout, 'redis_password')}@redis:6379/0"


def test_what_env_names_is_taken(checkout: Path) -> None:
    (checkout / ".env").write_text(
        "ENVIRONMENT=production\nCOMPOSE_FILE=docker-compose.yml\nPOSTGRES_PASSWORD=of-our-own\nPOSTGRES_DB=kpis\n"
        "SECRET_KEY=0123456789abcdef0123456789abcdef0\n",
        encoding="utf-8",
    )
    assert set_up(checkout, "production").returncode == 0
    assert secret(checkout, "secret_key") == "0123456789abcdef0123456789abcdef0"
    assert secret(checkout, "owner_database_url") == "postgresql://multiservice_user:of-our-own@timescaledb:5432/kpis"


def test_a_password_that_an_address_cannot_hold_is_refused(checkout: Path) -> None:
    (checkout / ".env").write_text("ENVIRONMENT=development\nPOSTGRES_PASSWORD=a@b/c\n", encoding="utf-8")
    refused = set_up(checkout, "development")
    assert (refused.returncode, refused.stdout.count("a@b/c") + refused.stderr.count("a@b/c")) == (2, 0)
    assert "remedy:" in refused.stderr


def test_an_env_of_another_kind_is_not_taken_for_this(checkout: Path) -> None:
    set_up(checkout, "development")
    refused = set_up(checkout, "production")
    assert refused.returncode == 2
    assert "ENVIRONMENT=production" in refused.stderr
