"""What settings leave out, taken from the stack that ``up`` keeps in AE_HOME."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.ports import LOOPBACK
from analytics_engine.embedded.postgres import DATABASE, OWNER, with_login


def as_service(settings: Settings, service: Service) -> Settings:
    """Return the settings of one service: what they leave out is that of AE_HOME, if it is there."""
    found = _secret_key(settings)
    password = _text(settings.ae_home / "secrets" / "roles" / f"{service}.password")
    if settings.database_url is None and password and (place := _database(settings)):
        found["database_url"] = SecretStr(with_login(place, user=f"ae_{service}", password=password))
    return settings.model_copy(update=found)


def as_owner(settings: Settings) -> Settings:
    """Return the settings of the database's owner: what they leave out is that of AE_HOME, if it is there."""
    found = _secret_key(settings)
    password = _text(settings.ae_home / "secrets" / "postgres.password")
    if settings.database_url is None and password and (place := _database(settings)):
        found["database_url"] = SecretStr(with_login(place, user=OWNER, password=password))
    password, port = _text(settings.ae_home / "secrets" / "valkey.password"), _port(settings, "valkey")
    if settings.redis_url is None and password and port:
        found["redis_url"] = SecretStr(f"redis://:{quote(password, safe='')}@{LOOPBACK}:{port}/0")
    return settings.model_copy(update=found)


def _secret_key(settings: Settings) -> dict[str, SecretStr]:
    key = _text(settings.ae_home / "secrets" / "secret_key")
    return {"secret_key": SecretStr(key)} if settings.secret_key is None and key else {}


def _database(settings: Settings) -> str:
    port = _port(settings, "postgres")
    return f"postgresql://{LOOPBACK}:{port}/{DATABASE}" if port else ""


def _port(settings: Settings, server: str) -> str:
    port = _text(settings.ae_home / "run" / f"{server}.port")
    return port if port.isdecimal() else ""


def _text(file: Path) -> str:
    """Return what a file holds; nothing where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
