from __future__ import annotations

from typing import Annotated

from fastapi import Header

from analytics_engine.kernel.http.built import built
from analytics_engine.services.calculation_engine_service.jobs.service import JobService

Jobs = Annotated[JobService, built("jobs")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="a repeat under the same key starts nothing again",
    ),
]
