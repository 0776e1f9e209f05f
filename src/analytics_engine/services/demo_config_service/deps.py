from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.services.demo_config_service.samples import SampleLoads
from analytics_engine.services.demo_config_service.service import ClientService


def client_service(request: Request) -> ClientService:
    service: ClientService = request.app.state.clients
    return service


def metadata_api(request: Request) -> MetadataApi:
    metadata: MetadataApi = request.app.state.metadata
    return metadata


def sample_loads(request: Request) -> SampleLoads:
    loads: SampleLoads = request.app.state.sample_loads
    return loads


Clients = Annotated[ClientService, Depends(client_service)]
Metadata = Annotated[MetadataApi, Depends(metadata_api)]
Loads = Annotated[SampleLoads, Depends(sample_loads)]
