from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import FastAPI

from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.business_metadata.endpoints import ROUTERS
from analytics_engine.services.business_metadata.importer import CatalogImporter
from analytics_engine.services.business_metadata.service import DefinitionService


def build(settings: Settings) -> FastAPI:
    platform = Platform(Service.METADATA, settings)
    service = DefinitionService(database=platform.database, outbox=platform.outbox, clock=platform.clock)
    importer = CatalogImporter(service, settings.ae_catalog_dir or shipped_catalog())
    return platform.app(
        description="Value chains, modules, object models and KPIs: their definitions, versions and checks.",
        routers=ROUTERS,
        checks=[
            platform.needs_database(),
            Check("shipped_catalog", importer, without_it=Status.DEGRADED),
        ],
        resources=[platform.database, BackgroundTask("catalog-import", importer.run)],
        definitions=service,
    )


def shipped_catalog() -> Path:
    """Return where the shipped definitions are: inside the installed package, or in the checkout it runs from."""
    package = Path(str(resources.files("analytics_engine")))
    installed = package / "_data" / "catalog"
    return installed if installed.is_dir() else package.parents[1] / "catalog"
