from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from analytics_engine.contracts.data import IngestReceipt
from analytics_engine.errors import (
    Conflict,
    IdempotencyConflict,
    InsufficientStorage,
    InvalidInput,
    Locked,
    NotFound,
    ObjectModelNotFound,
    RowsRejected,
    TooLarge,
)
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.database_service.changing import endpoints as changing
from analytics_engine.services.database_service.deps import (
    BrowsingHere,
    IngestHere,
    LoadRequestHere,
)
from analytics_engine.services.database_service.ingest.reading import Format
from analytics_engine.services.database_service.ingest.uploads import received
from analytics_engine.services.database_service.monitoring import endpoints as monitoring
from analytics_engine.services.database_service.rollups import endpoints as rollups
from analytics_engine.services.database_service.schemas import CoverageState, Sample, TableState

_ROWS = {
    "requestBody": {
        "required": True,
        "content": {format_.value: {"schema": {"type": "string", "format": "binary"}} for format_ in Format},
    }
}

data = APIRouter(tags=["data"])
operations = APIRouter(tags=["database"])


@data.post(
    "/data/{object_model}",  # noqa: FAST003 - LoadRequestHere takes it
    status_code=201,
    responses=problems(
        ObjectModelNotFound,
        InvalidInput,
        RowsRejected,
        TooLarge,
        Conflict,
        IdempotencyConflict,
        Locked,
        InsufficientStorage,
    ),
    openapi_extra=_ROWS,
)
async def load_rows(
    request: Request, principal: CurrentPrincipal, asked: LoadRequestHere, service: IngestHere
) -> IngestReceipt:
    """Load rows into an object model: all of them are committed when this answers, or none is.

    CSV (with a header line), a JSON array of objects, NDJSON, or Parquet; the columns are the object model's
    attributes. Wrong rows are listed with their line, column, value and reason, up to 100 of them.
    """
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    declared = request.headers.get("content-length", "")
    async with received(
        request.stream(),
        declared_bytes=int(declared) if declared.isdigit() else None,
        limit_bytes=request.app.state.upload_limit_bytes,
    ) as upload:
        return await service.load(principal, asked, upload)


@data.get("/data/{object_model}/sample", responses=problems(ObjectModelNotFound))
async def read_sample(
    object_model: str,
    principal: CurrentPrincipal,
    service: BrowsingHere,
    limit: Annotated[int, Query(ge=1, le=1000, description="how many rows at most")] = 20,
) -> Sample:
    """Return some rows: the newest by the object model's time attribute, or the first by key."""
    require_role(principal, Role.ANALYST, Role.OPERATOR, Role.CONSULTANT)
    return await service.sample(principal.client_id, object_model, limit=limit)


@operations.get("/object-models/{code}/table", responses=problems(NotFound))
async def read_table(code: str, principal: CurrentPrincipal, service: BrowsingHere) -> TableState:
    """Return the table of an object model as it is: columns, layout, size, and what of its time was loaded."""
    return await service.table(principal.client_id, code)


@operations.put("/object-models/{code}/table", responses=problems(ObjectModelNotFound, Conflict))
async def ensure_table(code: str, principal: CurrentPrincipal, service: BrowsingHere) -> TableState:
    """Make the table of an object model, or extend it by new attributes; done already, it changes nothing."""
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    return await service.ensure(principal.client_id, code)


@operations.get("/coverage")
async def read_coverage(principal: CurrentPrincipal, service: BrowsingHere) -> list[CoverageState]:
    """Return, for each object model of the client, the span of time its loaded rows cover."""
    return await service.coverage(principal.client_id)


ROUTERS = (data, operations, changing.router, monitoring.router, rollups.router)
