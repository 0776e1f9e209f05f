from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from analytics_engine.services.connector_service.exploring import SourceExplorer
from analytics_engine.services.connector_service.service import ProfileService


def profile_service(request: Request) -> ProfileService:
    service: ProfileService = request.app.state.profiles
    return service


def source_explorer(request: Request) -> SourceExplorer:
    explorer: SourceExplorer = request.app.state.explorer
    return explorer


Profiles = Annotated[ProfileService, Depends(profile_service)]
Explorer = Annotated[SourceExplorer, Depends(source_explorer)]
