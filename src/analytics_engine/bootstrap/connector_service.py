from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from analytics_engine.adapters.network.guard import CONNECTORS, HostGuard, networks
from analytics_engine.adapters.secrets import ReferencedSecrets
from analytics_engine.adapters.sources.file import FileSource
from analytics_engine.adapters.sources.postgres import PostgresSource
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.ports.sources import OpenSource, Source
from analytics_engine.services.connector_service.endpoints import ROUTERS
from analytics_engine.services.connector_service.exploring import SourceExplorer
from analytics_engine.services.connector_service.kinds import SourceKind
from analytics_engine.services.connector_service.service import ProfileService


def build(settings: Settings) -> FastAPI:
    platform = Platform(Service.CONNECTOR, settings)
    secrets = ReferencedSecrets(
        environment=os.environ,
        folder=settings.ae_connector_secrets_dir or settings.ae_home / "connector-secrets",
    )
    return platform.app(
        description="Where a client's data comes from: connector profiles, their test, tables and first rows.",
        routers=ROUTERS,
        checks=[platform.needs_database()],
        resources=[platform.database],
        profiles=ProfileService(database=platform.database, secrets=secrets),
        explorer=SourceExplorer(sources=_sources(settings), secrets=secrets),
    )


def _sources(settings: Settings) -> Mapping[SourceKind, OpenSource]:
    files = settings.ae_connector_files_dir or settings.ae_home / "imports"
    guard = HostGuard(CONNECTORS, allowed=networks(settings.ae_connector_allowed_networks, setting=CONNECTORS.setting))

    def file(client_id: str, options: Mapping[str, Any], _: Mapping[str, str]) -> Source:
        return FileSource(folder=files / client_id, path=options["path"], file_format=options["format"])

    def postgres(_: str, options: Mapping[str, Any], secrets: Mapping[str, str]) -> Source:
        return PostgresSource(guard=guard, password=secrets["password"], **options)

    return {SourceKind.FILE: file, SourceKind.POSTGRES: postgres}
