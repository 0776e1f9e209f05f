"""Every setting, from the environment (and ``.env``), under the names of the operations guide."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from analytics_engine.adapters.blobs.s3_account import S3Account
from analytics_engine.contracts.services import PORTS, UI_PORT, Service
from analytics_engine.errors import InvalidSetting

_WEAK_SECRETS = frozenset({"", "change-me", "changeme", "secret", "dev-secret-key", "development-only-secret-key"})
_SHORTEST_SECRET = 32


def _per_service(given: object) -> object:
    """Return ``service=number`` pairs with commas between as a mapping; what is given as one stays one."""
    if not isinstance(given, str):
        return given
    pairs = [pair.partition("=") for pair in given.split(",") if pair.strip()]
    return {name.strip(): number.strip() for name, _, number in pairs}


PerService = Annotated[dict[Service, Annotated[int, Field(ge=1, le=200)]], NoDecode, BeforeValidator(_per_service)]
"""A number for some services, written ``calculation_engine_service=3,api_gateway=2``."""


def _pauses(given: object) -> object:
    """Return seconds with commas between as a list; what is given as one stays one."""
    return [pause.strip() for pause in given.split(",") if pause.strip()] if isinstance(given, str) else given


Pauses = Annotated[
    tuple[Annotated[float, Field(gt=0, le=604_800)], ...], NoDecode, BeforeValidator(_pauses), Field(max_length=50)
]
"""Seconds between attempts, written ``5,120,600``: there is one attempt more than pauses."""


def _passwords(secret: str) -> list[str]:
    """Return the passwords within a URL, as they are and decoded, or the key of a connection string."""
    try:
        password = urlsplit(secret).password
    except ValueError:
        password = None
    keys = re.findall(r"(?:AccountKey|SharedAccessSignature)=([^;]+)", secret)
    return [*keys, *([password, unquote(password)] if password else [])]


class Environment(StrEnum):
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """What the operator decides. Unset values take the embedded, one-machine default."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", case_sensitive=False)

    environment: Environment = Environment.DEVELOPMENT
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")] = "INFO"
    service_name: str = "analytics_engine"
    database_url: SecretStr | None = Field(default=None, description="postgresql:// URL of the login to use")
    redis_url: SecretStr | None = Field(default=None, description="redis:// URL")
    ae_events_url: SecretStr | None = Field(
        default=None, description="nats://user:password@host:4222, where NATS JetStream carries the events; else Redis"
    )
    secret_key: SecretStr | None = Field(default=None, description="at least 32 random characters")
    api_key: SecretStr | None = Field(default=None, description="a first API key for programs (role operator)")
    azure_storage_connection_string: SecretStr | None = Field(
        default=None, description="the account of Azure's blob storage, for an archive at azure://"
    )
    ae_home: Path = Field(default=Path("~/.analytics-engine"), description="where the embedded stack keeps data")
    ae_server_user: str = Field(default="nobody", description="who runs the embedded servers when root starts them")
    ae_bind_host: str = "127.0.0.1"
    ae_port_offset: int = Field(default=0, ge=0, le=50_000, description="added to every port of the guide")
    ae_catalog_dir: Path | None = Field(default=None, description="definitions to load; default: the shipped ones")
    ae_ui_dir: Path | None = Field(default=None, description="the built web application")
    ae_secrets_dir: Path | None = Field(
        default=None, description="settings in files, each with the name of its setting, such as secret_key"
    )
    ae_role_secrets_dir: Path | None = Field(default=None, description="where migrate keeps the service passwords")
    ae_default_client: str = Field(default="nyc-flights", description="the client the first administrator opens on")
    ae_admin_email: str = "admin@example.com"
    ae_admin_password: SecretStr | None = Field(default=None, description="of the first administrator")
    ae_connector_files_dir: Path | None = Field(
        default=None, description="files that connectors may read, a folder a client; default: imports in AE_HOME"
    )
    ae_connector_secrets_dir: Path | None = Field(
        default=None, description="secrets of connectors, a folder a client; default: connector-secrets in AE_HOME"
    )
    ae_connector_allowed_networks: str = Field(
        default="", description="link-local or metadata addresses that connectors may use after all"
    )
    ae_channel_secrets_dir: Path | None = Field(
        default=None,
        description="secrets of notification channels, a folder a client; default: channel-secrets in AE_HOME",
    )
    ae_message_allowed_networks: str = Field(
        default="", description="private or loopback addresses that notifications and webhooks may go to after all"
    )
    ae_notification_window_s: float = Field(
        default=30.0, ge=0, le=3600, description="how long alerts of one group are gathered into one message"
    )
    ae_notification_pauses_s: Pauses = Field(
        default=(5, 15, 60, 300, 900, 1800, 3600), description="seconds between the attempts to send a notification"
    )
    ae_webhook_pauses_s: Pauses = Field(
        default=(5, 120, 600, 3600, 10_800, 28_800, 43_200), description="seconds between the attempts of a webhook"
    )
    ae_webhook_disabled_after_s: float = Field(
        default=432_000, ge=0, description="how long a webhook may fail until its subscription is switched off"
    )
    ae_webhook_secret_grace_s: float = Field(
        default=86_400, ge=0, description="how long a webhook's former secret is used beside the new one"
    )
    ae_delivery_lease_s: float = Field(
        default=60.0, ge=1, description="after how long a message that a killed process was sending is sent by another"
    )
    ae_database_pool_size: int = Field(default=8, ge=1, le=200, description="connections of each process's pool")
    ae_database_pool_sizes: PerService = Field(
        default={}, description="other pool sizes for some services, such as calculation_engine_service=16"
    )
    ae_replicas: PerService = Field(
        default={}, description="how many processes of a service run, where not one: calculation_engine_service=3"
    )
    ae_database_other_connections: int = Field(
        default=10, ge=0, description="connections kept for report writers, migrations, backups and people"
    )
    ae_max_body_bytes: int = Field(default=16 * 2**20, ge=1024, description="the largest request the gateway takes")
    ae_live_sessions: int = Field(
        default=1_000, ge=1, description="how many sessions of a client may follow live answers at a gateway"
    )
    ae_canary_every_s: float = Field(
        default=60.0, ge=0, description="how often the canary loads a row and asks for it; 0 is never"
    )
    ae_max_upload_bytes: int = Field(default=4 * 2**30, ge=1024, description="the largest data file it takes")
    ae_max_decompressed_bytes: int = Field(
        default=16 * 2**30, ge=1024, description="the most that a compressed data file may hold"
    )
    ae_max_loads: int = Field(
        default=6, ge=1, description="loads that one database_service works on at once; fewer than its connections"
    )
    ae_max_loads_per_client: int = Field(default=4, ge=1, description="those of them that may be of one client")
    ae_engine_url: SecretStr | None = None
    ae_archive_url: str = Field(
        default="", description="where old rows are archived: file:///folder or azure://container/prefix; none without"
    )
    ae_archive_max_rows: int = Field(
        default=20_000_000, ge=1, description="the most archived rows that one answer brings back"
    )
    ae_exports_url: str = Field(
        default="", description="where files that jobs make are kept, as AE_ARCHIVE_URL; default: exports in AE_HOME"
    )
    ae_jobs_at_once: int = Field(
        default=2, ge=1, description="jobs that one calculation_engine_service runs at once; two connections each"
    )
    ae_jobs_waiting_per_client: int = Field(default=100, ge=1, description="jobs of a client that may wait")
    ae_schedules_per_client: int = Field(default=100, ge=1, description="schedules that a client may have")
    ae_job_silent_s: float = Field(
        default=15.0, ge=2, description="a process that runs jobs and is not heard of for so long is taken for dead"
    )
    ae_patience_s: float = Field(
        default=10.0, ge=0, le=60, description="how long another service that takes no connection is waited for"
    )
    ae_closing_s: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description="how long a service told to stop still takes connections, not ready at /ready",
    )
    ae_backup_url: str = Field(
        default="", description="where backups are: file:///folder, azure://container/prefix or s3://bucket/prefix"
    )
    ae_backup_key_file: Path | None = Field(
        default=None, description="the key of backups, made at first use; default: backup.key in AE_HOME/secrets"
    )
    ae_backup_database_url: SecretStr | None = Field(
        default=None, description="the login that makes backups (role ae_backup); default: DATABASE_URL"
    )
    ae_backup_work_dir: Path | None = Field(
        default=None, description="room for backups on their way, and received changes; default: backup-work in AE_HOME"
    )
    ae_backup_programs_dir: Path | None = Field(
        default=None, description="PostgreSQL's programs of the server's version; default: those of the wheel (18)"
    )
    ae_backup_daily: str = Field(default="0 2 * * *", description="when dumps are made, as a cron expression in UTC")
    ae_backup_weekly: str = Field(default="0 3 * * 0", description="when the server's files are backed up")
    ae_backup_monthly: str = Field(default="0 4 1 * *", description="when dumps for the long term are made")
    ae_backup_drill: str = Field(default="0 5 * * 0", description="when a backup is tried by restoring it")
    ae_backup_keep_daily: int = Field(default=7, ge=1, description="how many daily backups are kept")
    ae_backup_keep_weekly: int = Field(default=5, ge=1, description="how many weekly ones, and the changes since")
    ae_backup_keep_monthly: int = Field(default=12, ge=1, description="how many monthly ones")
    ae_backup_wal_s: float = Field(
        default=60.0,
        ge=0,
        description="seconds between copies of the latest changes to AE_BACKUP_URL; 0: none are kept",
    )
    ae_backup_port: int = Field(default=8030, ge=0, le=65_535, description="of the metrics of `backup serve`")
    aws_access_key_id: SecretStr | None = Field(default=None, description="of the storage at s3://")
    aws_secret_access_key: SecretStr | None = None
    aws_region: str = "us-east-1"
    aws_endpoint_url: str = Field(default="", description="of S3 storage that is not Amazon's")
    ae_statement_timeout_s: float = Field(default=30.0, gt=0, description="how long a statement may take")
    ae_load_timeout_s: float = Field(default=600.0, gt=0, description="how long a statement of a load may take")
    ae_lock_timeout_s: float = Field(default=10.0, gt=0, description="how long a statement waits for a lock")
    ae_idle_in_transaction_timeout_s: float = Field(
        default=120.0, gt=0, description="how long a transaction may do nothing before the database ends it"
    )
    otel_exporter_otlp_endpoint: str = Field(
        default="",
        description="where traces are sent by OTLP over HTTP, such as http://collector:4318",
    )
    database_service_url: str | None = None
    messaging_service_url: str | None = None
    business_metadata_url: str | None = None
    calculation_engine_service_url: str | None = None
    demo_config_service_url: str | None = None
    connector_service_url: str | None = None
    api_gateway_url: str | None = None

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    @field_validator("ae_home", mode="after")
    @classmethod
    def _expanded(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.environment is Environment.PRODUCTION:
            secret = self.secret_key.get_secret_value() if self.secret_key else ""
            if secret.lower() in _WEAK_SECRETS or len(secret) < _SHORTEST_SECRET:
                raise ValueError(
                    "SECRET_KEY is missing, a default, or shorter than 32 characters; production needs one of its "
                    "own, such as the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
                )
        return self

    def s3_account(self) -> S3Account:
        return S3Account(
            key_id=self.aws_access_key_id.get_secret_value() if self.aws_access_key_id else "",
            secret=self.aws_secret_access_key.get_secret_value() if self.aws_secret_access_key else "",
            region=self.aws_region,
            endpoint=self.aws_endpoint_url,
        )

    def pool_size(self, service: Service) -> int:
        """Return how many connections to the database the pool of each process of a service has."""
        return self.ae_database_pool_sizes.get(service, self.ae_database_pool_size)

    def port(self, service: Service) -> int:
        return PORTS[service] + self.ae_port_offset

    @property
    def ui_port(self) -> int:
        return UI_PORT + self.ae_port_offset

    def url(self, service: Service) -> str:
        """Return where a service is reached: its ``<SERVICE>_URL``, else its port on this machine."""
        configured: str | None = getattr(self, f"{service.value}_url")
        return (configured or f"http://127.0.0.1:{self.port(service)}").rstrip("/")

    def need_secret_key(self) -> str:
        return self._need("SECRET_KEY", self.secret_key)

    def need_database_url(self) -> str:
        return self._need("DATABASE_URL", self.database_url)

    def need_redis_url(self) -> str:
        return self._need("REDIS_URL", self.redis_url)

    def secrets(self) -> list[str]:
        """Return every secret among the settings, and the passwords in those that are URLs or connection strings."""
        given = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        return [part for secret in given for part in (secret, *_passwords(secret)) if part]

    @staticmethod
    def _need(name: str, value: SecretStr | None) -> str:
        if value is None or not value.get_secret_value():
            raise InvalidSetting(
                f"{name} is not set.",
                remedy=f"Set {name} in the environment or in .env (.env.example describes it), "
                "or run `analytics-engine up`, which sets up everything on this machine.",
                setting=name,
            )
        return value.get_secret_value()


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment.

    Raises:
        InvalidSetting: a value is wrong; the detail names the variable.
    """
    try:
        return Settings(_secrets_dir=_secrets_dir(), **overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        mistake = error.errors()[0]
        name = str(mistake["loc"][0]).upper() if mistake["loc"] else ""
        reason = mistake["msg"].removeprefix("Value error, ")
        raise InvalidSetting(
            f"{name}: {reason}" if name else reason,
            remedy="Correct it in the environment or in .env; `.env.example` describes every setting.",
            setting=name,
        ) from error


def _secrets_dir() -> str | None:
    """Return AE_SECRETS_DIR, which only the environment can name: it is where settings come from."""
    folder = os.environ.get("AE_SECRETS_DIR")
    if folder and not Path(folder).is_dir():
        raise InvalidSetting(
            f"AE_SECRETS_DIR: there is no folder {folder}.",
            remedy="Mount the secrets there, or unset AE_SECRETS_DIR.",
            setting="AE_SECRETS_DIR",
        )
    return folder or None
