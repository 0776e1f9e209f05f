from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from analytics_engine.contracts.services import Service
from analytics_engine.errors import Forbidden, InvalidInput, Unauthenticated
from analytics_engine.kernel.http.problems import problems
from analytics_engine.services.api_gateway.deps import CurrentCaller, LogLevelsDep, authorized
from analytics_engine.services.api_gateway.log_levels.schemas import LoggerName, NewLogLevel, SetLogLevel

router = APIRouter(
    prefix="/api/v1/admin/log-level",
    tags=["log levels"],
    dependencies=[Depends(authorized)],
    responses=problems(Unauthenticated, Forbidden),
)


@router.get("")
async def read_log_levels(levels: LogLevelsDep) -> list[SetLogLevel]:
    """Return the log levels that are other than configured now, and until when."""
    return await levels.present()


@router.put("", responses=problems(InvalidInput))
async def set_log_level(new: NewLogLevel, levels: LogLevelsDep, caller: CurrentCaller) -> SetLogLevel:
    """Give the loggers of one service, or of all, another level for a while; every replica has it in two seconds."""
    return await levels.set(new, actor=caller.name)


@router.delete("", status_code=204)
async def unset_log_levels(
    levels: LogLevelsDep,
    caller: CurrentCaller,
    service: Annotated[Service | None, Query(description="only what is set for this one service")] = None,
    logger: Annotated[LoggerName | None, Query(description="only what is set for this logger")] = None,
) -> None:
    """Have the configured log levels in force again, now."""
    await levels.unset(service=service, logger=logger, actor=caller.name)
