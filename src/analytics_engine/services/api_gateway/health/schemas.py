from __future__ import annotations

from pydantic import BaseModel, Field

from analytics_engine.kernel.health import DependencyReport, Status


class ServiceHealth(BaseModel):
    """How one service is; ``detail`` says why nothing more is known of it."""

    status: Status
    version: str = ""
    detail: str = ""
    dependencies: dict[str, DependencyReport] = Field(default_factory=dict)


class SystemReport(BaseModel):
    """How all seven services are, and the worst of it."""

    status: Status
    services: dict[str, ServiceHealth]
