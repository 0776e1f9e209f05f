from __future__ import annotations

from datetime import UTC
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Depends, Header, Path, Query, Request
from pydantic import AwareDatetime

from analytics_engine.contracts.data import LoadMode
from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.services.database_service.browsing import Browsing
from analytics_engine.services.database_service.ingest.reading import Reading, format_of
from analytics_engine.services.database_service.ingest.service import IngestService, LoadRequest


def ingest_service(request: Request) -> IngestService:
    service: IngestService = request.app.state.ingest
    return service


def browsing(request: Request) -> Browsing:
    service: Browsing = request.app.state.browsing
    return service


def reading(
    content_type: Annotated[str, Header(description="the format of the body")] = "",
    time_zone: Annotated[
        str | None, Query(description="the IANA zone of timestamps without an offset; without it they are refused")
    ] = None,
    null_token: Annotated[
        str, Query(max_length=20, description="what stands for null in CSV beside the empty field, such as NA")
    ] = "",
) -> Reading:
    """Return how the body is to be read.

    Raises:
        InvalidInput: the content type or the zone is not known.
    """
    zone = None
    if time_zone is not None:
        if time_zone not in available_timezones():
            raise InvalidInput(
                f"{time_zone!r} is not an IANA time zone.",
                remedy=did_you_mean(time_zone, available_timezones()) or "Write one like America/New_York.",
            )
        zone = ZoneInfo(time_zone)
    return Reading(format=format_of(content_type), time_zone=zone, null_token=null_token)


def load_request(
    *,
    object_model: Annotated[str, Path(description="the object model's code")],
    how: Annotated[Reading, Depends(reading)],
    mode: Annotated[
        LoadMode, Query(description="append refuses keys that are there; upsert replaces them")
    ] = LoadMode.APPEND,
    covers_from: Annotated[
        AwareDatetime | None, Query(description="the rows are complete from this instant on")
    ] = None,
    covers_until: Annotated[
        AwareDatetime | None, Query(description="the rows are complete up to before this instant")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=200, description="a repeat under the same key loads nothing again"),
    ] = None,
) -> LoadRequest:
    return LoadRequest(
        object_model=object_model,
        mode=mode,
        reading=how,
        covers_from=covers_from and covers_from.astimezone(UTC),
        covers_until=covers_until and covers_until.astimezone(UTC),
        idempotency_key=idempotency_key,
    )


IngestHere = Annotated[IngestService, Depends(ingest_service)]
BrowsingHere = Annotated[Browsing, Depends(browsing)]
LoadRequestHere = Annotated[LoadRequest, Depends(load_request)]
