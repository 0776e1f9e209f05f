from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.calculation_engine_service.schedules.service import ScheduleService

Schedules = Annotated[ScheduleService, built("schedules")]
