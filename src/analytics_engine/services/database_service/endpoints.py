from __future__ import annotations

from typing import Annotated
from uuid import UUID

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
    RateLimited,
    RowsRejected,
    TooBusy,
    TooLarge,
)
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.presence import while_connected
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.database_service.changing import endpoints as changing
from analytics_engine.services.database_service.deps import (
    BrowsingHere,
    IngestHere,
    LoadRequestHere,
    LoadsHere,
)
from analytics_engine.services.database_service.ingest.loads import Wanted
from analytics_engine.services.database_service.ingest.reading import Format
from analytics_engine.services.database_service.ingest.uploads import Body
from analytics_engine.services.database_service.lifecycle import endpoints as lifecycle
from analytics_engine.services.database_service.monitoring import endpoints as monitoring
from analytics_engine.services.database_service.rollups import endpoints as rollups
from analytics_engine.services.database_service.schemas import CoverageState, Load, Reject, Sample, TableState

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
        RateLimited,
        TooBusy,
    ),
    openapi_extra=_ROWS,
)
async def load_rows(
    request: Request, principal: CurrentPrincipal, asked: LoadRequestHere, service: IngestHere
) -> IngestReceipt:
    """Load rows into an object model: all of them are committed when this answers, or none is.

    CSV (with a header line), a JSON array of objects, NDJSON, Parquet, or an Arrow IPC stream or file; the columns are
    the object model's attributes. Wrong rows are listed with their line, column, value and reason, up to 100 of them.
    With `on_error=keep_good` the right rows are loaded nevertheless, and the wrong ones, up to 10,000, are kept for
    review under `/data/loads/{ingest_id}/rejects`. When the connection is closed before the rows are being committed,
    nothing is loaded.
    """
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    declared = request.headers.get("content-length", "")
    declared_bytes = int(declared) if declared.isdigit() else None
    return await while_connected(request, lambda body: service.load(principal, asked, Body(body, declared_bytes)))


@data.get("/data/loads")
async def list_loads(
    *,
    principal: CurrentPrincipal,
    service: LoadsHere,
    page: PageHere,
    object_model: Annotated[str | None, Query(description="only loads into this object model")] = None,
    idempotency_key: Annotated[str | None, Query(description="only the load under this Idempotency-Key")] = None,
) -> Page[Load]:
    """Return loads, the newest first: those under way, those that failed within a day, and every receipt."""
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    return await service.page(principal.client_id, Wanted(object_model, idempotency_key), page)


@data.get("/data/loads/{ingest_id:uuid}", responses=problems(NotFound))
async def read_load(ingest_id: UUID, principal: CurrentPrincipal, service: LoadsHere) -> Load:
    """Return a load: how far it is while it runs, and its receipt when it is committed.

    A load that is not committed is known from its first second on, and up to a day after it failed.
    """
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    return await service.one(principal.client_id, ingest_id)


@data.get("/data/loads/{ingest_id:uuid}/rejects", responses=problems(NotFound))
async def list_rejects(
    ingest_id: UUID, principal: CurrentPrincipal, service: LoadsHere, page: PageHere
) -> Page[Reject]:
    """Return the rows of a load that were wrong, in the order of the input; the first 10,000 are kept."""
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    return await service.rejects(principal.client_id, ingest_id, page)


@data.delete("/data/loads/{ingest_id:uuid}/rejects", status_code=204, responses=problems(NotFound))
async def delete_rejects(ingest_id: UUID, principal: CurrentPrincipal, service: LoadsHere) -> None:
    """Keep the wrong rows of a load no longer; its receipt still tells how many there were."""
    require_role(principal, Role.OPERATOR, Role.CONSULTANT)
    await service.delete_rejects(principal.client_id, ingest_id)


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


ROUTERS = (data, operations, changing.router, lifecycle.router, monitoring.router, rollups.router)
