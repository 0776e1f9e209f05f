from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from analytics_engine.errors import Forbidden, Locked, NotFound
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.database_service.monitoring.deps import (
    ActivityHere,
    ConnectionsHere,
    StatementsHere,
    StorageHere,
)
from analytics_engine.services.database_service.monitoring.schemas import (
    BlockingSession,
    ConnectionReport,
    IndexReport,
    Session,
    SignalledSession,
    SlowQuery,
    StatementOrder,
    TableReport,
)

Pid = Annotated[int, Path(ge=1, le=2**31 - 1, description="the session's process id, as /activity shows it")]


def only_operators(principal: CurrentPrincipal) -> None:
    require_role(principal, Role.OPERATOR)


router = APIRouter(tags=["database"], dependencies=[Depends(only_operators)])


@router.get("/connections")
async def read_connections(service: ConnectionsHere) -> ConnectionReport:
    """Return whether the server admits all connections the services may open, and who has which now."""
    return await service.report()


@router.get("/activity")
async def read_activity(service: ActivityHere) -> list[Session]:
    """Return who is connected to the database and what each is doing, the longest transaction first."""
    return await service.sessions()


@router.get("/activity/blocking")
async def read_blocking(service: ActivityHere) -> list[BlockingSession]:
    """Return who blocks whom and for how long, as trees: at the root who waits for nobody."""
    return await service.blocking()


@router.post("/activity/{pid}/cancel", status_code=202, responses=problems(NotFound, Forbidden))
async def cancel_statement(pid: Pid, principal: CurrentPrincipal, service: ActivityHere) -> SignalledSession:
    """Tell a session of a service or a report writer to stop its statement; its connection stays."""
    return await service.cancel(principal, pid)


@router.post("/activity/{pid}/terminate", status_code=202, responses=problems(NotFound, Forbidden))
async def terminate_session(pid: Pid, principal: CurrentPrincipal, service: ActivityHere) -> SignalledSession:
    """End a session of a service or a report writer; what it did not commit is undone, and a service reconnects."""
    return await service.terminate(principal, pid)


@router.get("/slow-queries", responses=problems(NotFound))
async def read_slow_queries(
    service: StatementsHere,
    order: Annotated[StatementOrder, Query(description="what they have the most of")] = StatementOrder.MEAN,
    limit: Annotated[int, Query(ge=1, le=500, description="how many statements at most")] = 20,
    offset: Annotated[int, Query(ge=0, description="how many statements to pass over")] = 0,
) -> Page[SlowQuery]:
    """Return the statements with the longest mean time (or another order) since the server counts them."""
    return await service.slowest(order, PageRequest(limit=limit, offset=offset))


@router.post("/slow-queries/reset", status_code=204, responses=problems(NotFound, Forbidden))
async def reset_slow_queries(principal: CurrentPrincipal, service: StatementsHere) -> None:
    """Begin counting statements anew, those of this database only."""
    await service.reset(principal)


@router.get("/tables", responses=problems(Locked))
async def read_tables(
    service: StorageHere,
    measure: Annotated[
        bool, Query(description="read the tables to measure their bloat, where pgstattuple is installed")
    ] = False,
) -> TableReport:
    """Return what each table takes, its partitions or chunks summed up, and how well vacuum keeps up with it."""
    return await service.tables(measure=measure)


@router.get("/indexes", responses=problems(Locked))
async def read_indexes(service: StorageHere) -> IndexReport:
    """Return what each index takes and whether anybody reads by it, and the tables that may lack one."""
    return await service.indexes()
