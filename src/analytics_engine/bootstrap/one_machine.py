"""The one-machine stack, wired: AE_HOME, its servers, and each service with an environment of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics_engine.bootstrap.connection_budget import connection_shares
from analytics_engine.bootstrap.server import DRAINED_WITHIN_S
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.child import Program
from analytics_engine.embedded.fleet import Addresses, ServiceChild
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.installation import Installation
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions, with_login
from analytics_engine.embedded.sample import SampleLoad
from analytics_engine.embedded.secrets import secret
from analytics_engine.embedded.supervisor import Plan
from analytics_engine.embedded.valkey import EmbeddedValkey
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.security.tokens import InternalTokens

_SPARE_CONNECTIONS = 20
_PASSWORD_ENTROPY_BYTES = 15
_GATEWAY_ONLY = ("AE_ADMIN_PASSWORD", "API_KEY")
_NEVER = ("AE_ROLE_SECRETS_DIR", "NOTIFY_SOCKET")
_HANDING_BACK_S = 14.0
SERVICE_GRACE_S = DRAINED_WITHIN_S + _HANDING_BACK_S
"""How long a service that is to stop may take before it is killed."""
_DATABASE_PATIENCE_S = 15


def home_of(settings: Settings) -> Home:
    return Home(settings.ae_home, account=server_account(settings.ae_server_user))


def plan(settings: Settings, home: Home, *, with_sample: bool) -> Plan:
    """Return what ``up`` runs: our own servers wherever DATABASE_URL or REDIS_URL names none."""
    shares = [share.connections for share in connection_shares(settings)]
    needed = sum(shares) + 2 * max(shares) + settings.ae_database_other_connections  # two more in a rolling upgrade
    postgres = (
        None
        if settings.database_url
        else EmbeddedPostgres(home, PostgresOptions(connections=needed + _SPARE_CONNECTIONS))
    )
    valkey = None if settings.redis_url else EmbeddedValkey(home)
    secrets = Secrets.of(settings, home)

    def addresses() -> Addresses:
        return Addresses(
            database_url=postgres.url() if postgres else settings.need_database_url(),
            redis_url=valkey.url() if valkey else settings.need_redis_url(),
        )

    def migration(found: Addresses, installation: Installation) -> Program:
        return _program(
            home,
            "migrate",
            installation.command("migrate", "--wait", str(_DATABASE_PATIENCE_S)),
            _environment(settings, found, secrets, service=None),
        )

    def service(found: Addresses, name: str, installation: Installation) -> ServiceChild:
        program = _program(
            home,
            name,
            installation.command("serve", name),
            _environment(settings, found, secrets, service=Service(name)),
        )
        url = f"http://127.0.0.1:{settings.port(Service(name))}/ready"
        return ServiceChild(program, installation=installation, ready_url=url)

    tokens = InternalTokens(secret_key=secrets.secret_key, clock=SystemClock())
    return Plan(
        home=home,
        host=settings.ae_bind_host,
        offset=settings.ae_port_offset,
        ports={**{service.value: settings.port(service) for service in Service}, "web application": settings.ui_port},
        postgres=postgres,
        valkey=valkey,
        addresses=addresses,
        own=Installation.own(),
        migration=migration,
        services={
            service.value: [settings.port(service), *([settings.ui_port] if service is Service.GATEWAY else [])]
            for service in Service
        },
        service=service,
        sample=SampleLoad(base_url=settings.url(Service.DEMO_CONFIG), tokens=tokens) if with_sample else None,
        welcome=lambda: welcome(settings, secrets),
    )


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What was generated at the first start, or given in the environment."""

    secret_key: str
    admin_password: str
    admin_password_file: Path | None
    shown: Path
    roles: Path

    @classmethod
    def of(cls, settings: Settings, home: Home) -> Secrets:
        admin_file = home.secrets / "admin.password"
        given = settings.ae_admin_password
        roles = settings.ae_role_secrets_dir or home.secrets / "roles"
        roles.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(
            secret_key=settings.need_secret_key() if settings.secret_key else secret(home.secrets / "secret_key"),
            admin_password=given.get_secret_value()
            if given
            else secret(admin_file, entropy_bytes=_PASSWORD_ENTROPY_BYTES),
            admin_password_file=None if given else admin_file,
            shown=home.secrets / "admin.password.shown",
            roles=roles,
        )


def welcome(settings: Settings, secrets: Secrets) -> list[str]:
    """Return what to open and how to sign in; the generated password is shown once."""
    lines = [
        "Analytics Engine is ready.",
        f"  Web application   http://localhost:{settings.ui_port}",
        f"  API gateway       http://localhost:{settings.port(Service.GATEWAY)}   (API documents at /docs)",
        f"  Sign in as        {settings.ae_admin_email}",
    ]
    if secrets.admin_password_file is None:
        lines.append("  Password          the one given in AE_ADMIN_PASSWORD at the first start")
    elif not secrets.shown.exists():
        secrets.shown.touch(mode=0o600)
        lines.append(f"  Password          {secrets.admin_password}")
        lines.append(f"                    shown this once, kept in {secrets.admin_password_file}")
    else:
        lines.append(f"  Password          in {secrets.admin_password_file}, unless you changed it since")
    return [*lines, "", "Ctrl-C stops everything; the data stays."]


def _program(home: Home, name: str, command: list[str], environment: Mapping[str, str]) -> Program:
    """Return one of our own commands as a child; what stops it is in a hurry, unlike what drains it."""
    return Program(
        name=name,
        command=command,
        environment=environment,
        home=home,
        directory=Path.cwd(),
        stop_signal=signal.SIGINT,
        grace_s=SERVICE_GRACE_S,
    )


def _environment(
    settings: Settings, addresses: Addresses, secrets: Secrets, *, service: Service | None
) -> dict[str, str]:
    """Return the environment of one service (or, for None, of the migration, which alone is the owner)."""
    dropped = {*_NEVER, *(() if service is Service.GATEWAY else _GATEWAY_ONLY)}
    environment = {name: value for name, value in os.environ.items() if name.upper() not in dropped}
    environment |= {
        "AE_HOME": str(settings.ae_home),
        "AE_PORT_OFFSET": str(settings.ae_port_offset),
        "REDIS_URL": addresses.redis_url,
        "SECRET_KEY": secrets.secret_key,
        "AE_ARCHIVE_URL": settings.ae_archive_url or (settings.ae_home / "archive").as_uri(),
    }
    if service is None:
        return environment | {"DATABASE_URL": addresses.database_url, "AE_ROLE_SECRETS_DIR": str(secrets.roles)}
    role = f"ae_{service.value}"
    password = secret(secrets.roles / f"{service.value}.password")
    environment["DATABASE_URL"] = with_login(addresses.database_url, user=role, password=password)
    if service is Service.GATEWAY:
        environment["AE_ADMIN_PASSWORD"] = secrets.admin_password
    return environment
