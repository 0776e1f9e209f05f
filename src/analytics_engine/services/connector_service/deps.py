from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.connector_service.exploring import SourceExplorer
from analytics_engine.services.connector_service.service import ProfileService

Profiles = Annotated[ProfileService, built("profiles")]
Explorer = Annotated[SourceExplorer, built("explorer")]
