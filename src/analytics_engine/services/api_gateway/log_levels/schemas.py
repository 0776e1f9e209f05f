from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from analytics_engine.contracts.services import Service
from analytics_engine.contracts.wire import WireModel

LoggerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.]{0,200}$")]


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class NewLogLevel(WireModel):
    """A level for a while: of one service or all, of one logger and those below it or all."""

    level: LogLevel
    service: Service | None = Field(default=None, description="null is all services")
    logger: LoggerName = Field(
        default="", description="such as analytics_engine.kernel.consuming, or a name above it; empty is all"
    )
    minutes: int = Field(default=15, ge=1, le=1_440, description="after which LOG_LEVEL is in force again")


class SetLogLevel(WireModel):
    """A level that is in force."""

    level: LogLevel
    service: Service | None
    logger: str
    expires_at: AwareDatetime
    set_by: str
    set_at: AwareDatetime
