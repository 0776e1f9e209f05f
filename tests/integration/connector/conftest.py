from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from analytics_engine.bootstrap import connector_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.services import asgi_client, internal_headers

SettingsFor = Callable[..., Settings]


def asks(role: Role = Role.CONSULTANT, client_id: str = "acme") -> dict[str, str]:
    """Return the headers of somebody of a role and a client."""
    return internal_headers(Service.CONNECTOR, client_id, role)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The folder of the client acme's files."""
    folder = tmp_path / "files" / "acme"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The folder of the client acme's secrets."""
    folder = tmp_path / "secrets" / "acme"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
async def connector(settings_for: SettingsFor, files: Path, secrets: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The running service, asked by a consultant of the client acme."""
    settings = settings_for(
        Service.CONNECTOR, ae_connector_files_dir=files.parent, ae_connector_secrets_dir=secrets.parent
    )
    async with asgi_client(connector_service.build(settings), headers=asks()) as client:
        yield client
