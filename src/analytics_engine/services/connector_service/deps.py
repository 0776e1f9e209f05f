from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.paging import PageRequest, page_request
from analytics_engine.services.connector_service.exploring import SourceExplorer
from analytics_engine.services.connector_service.service import ProfileService


def profile_service(request: Request) -> ProfileService:
    service: ProfileService = request.app.state.profiles
    return service


def source_explorer(request: Request) -> SourceExplorer:
    explorer: SourceExplorer = request.app.state.explorer
    return explorer


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


Profiles = Annotated[ProfileService, Depends(profile_service)]
Explorer = Annotated[SourceExplorer, Depends(source_explorer)]
ExpectedVersion = Annotated[int | None, Depends(expected_version)]
PageHere = Annotated[PageRequest, Depends(page_request)]
