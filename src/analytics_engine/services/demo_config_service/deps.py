from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.paging import PageRequest, page_request
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


def expected_version(
    if_match: Annotated[str | None, Header(description="the ETag of the version that was read")] = None,
) -> int | None:
    if if_match is None or if_match == "*":
        return None
    number = if_match.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit():
        raise InvalidInput(
            f"If-Match is {if_match!r}, which is no version.", remedy='Send the ETag you read, such as "3".'
        )
    return int(number)


Clients = Annotated[ClientService, Depends(client_service)]
Metadata = Annotated[MetadataApi, Depends(metadata_api)]
Loads = Annotated[SampleLoads, Depends(sample_loads)]
ExpectedVersion = Annotated[int | None, Depends(expected_version)]
PageHere = Annotated[PageRequest, Depends(page_request)]
