from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Path, Query
from pydantic import AwareDatetime

from analytics_engine.contracts.data import LoadMode, OnError
from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.http.built import built
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.zones import zone_names
from analytics_engine.services.database_service.browsing import Browsing
from analytics_engine.services.database_service.ingest.encodings import encoding_of
from analytics_engine.services.database_service.ingest.loads import Loads
from analytics_engine.services.database_service.ingest.reading import Reading, format_of
from analytics_engine.services.database_service.ingest.rejection import Tolerance
from analytics_engine.services.database_service.ingest.requests import LoadRequest
from analytics_engine.services.database_service.ingest.service import IngestService


async def reading(
    content_type: Annotated[str, Header(description="the format of the body")] = "",
    content_encoding: Annotated[str, Header(description="gzip or zstd, when the body is compressed")] = "",
    time_zone: Annotated[
        str | None, Query(description="the IANA zone of timestamps without an offset; without it they are refused")
    ] = None,
    null_token: Annotated[
        str, Query(max_length=20, description="what stands for null in CSV beside the empty field, such as NA")
    ] = "",
) -> Reading:
    """Return how the body is to be read.

    Raises:
        InvalidInput: the content type, the encoding or the zone is not known.
    """
    zone = None
    if time_zone is not None:
        if time_zone not in zone_names():
            raise InvalidInput(
                f"{time_zone!r} is not an IANA time zone.",
                remedy=did_you_mean(time_zone, zone_names()) or "Write one like America/New_York.",
            )
        zone = ZoneInfo(time_zone)
    return Reading(
        format=format_of(content_type),
        time_zone=zone,
        null_token=null_token,
        encoding=encoding_of(content_encoding),
    )


def tolerance(max_rejects: str | None) -> Tolerance | None:
    """Return how many rows, or which share of them, may be wrong."""
    if max_rejects is None:
        return None
    if max_rejects.endswith("%"):
        return Tolerance(percent=Decimal(max_rejects[:-1]))
    return Tolerance(rows=int(max_rejects))


async def load_request(
    *,
    object_model: Annotated[str, Path(description="the object model's code")],
    how: Annotated[Reading, Depends(reading)],
    mode: Annotated[
        LoadMode, Query(description="append refuses keys that are there; upsert replaces them")
    ] = LoadMode.APPEND,
    on_error: Annotated[
        OnError, Query(description="keep_good loads the right rows and keeps the wrong ones for review")
    ] = OnError.REJECT_ALL,
    max_rejects: Annotated[
        str | None,
        Query(
            pattern=r"^(?:[0-9]{1,12}|[0-9]{1,3}(?:\.[0-9]{1,6})?%)$",
            description="with keep_good: when more rows than this number, or this share such as 0.5%, are wrong, "
            "nothing is loaded",
        ),
    ] = None,
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
    x_load_id: Annotated[
        UUID | None, Header(description="the id the load is to have, so that its progress can be asked for")
    ] = None,
) -> LoadRequest:
    """Return what is asked beside the rows.

    Raises:
        InvalidInput: max_rejects is given, and wrong rows are not to be kept.
    """
    if max_rejects is not None and on_error is OnError.REJECT_ALL:
        raise InvalidInput(
            "max_rejects is given, and a single wrong row is enough to load nothing.",
            remedy="Add on_error=keep_good, or leave max_rejects out.",
        )
    return LoadRequest(
        object_model=object_model,
        mode=mode,
        reading=how,
        covers_from=covers_from and covers_from.astimezone(UTC),
        covers_until=covers_until and covers_until.astimezone(UTC),
        on_error=on_error,
        tolerance=tolerance(max_rejects),
        idempotency_key=idempotency_key,
        load_id=None if x_load_id is None else str(x_load_id),
    )


IngestHere = Annotated[IngestService, built("ingest")]
BrowsingHere = Annotated[Browsing, built("browsing")]
LoadsHere = Annotated[Loads, built("loads")]
LoadRequestHere = Annotated[LoadRequest, Depends(load_request)]
