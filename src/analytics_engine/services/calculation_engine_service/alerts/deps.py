from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.calculation_engine_service.alerts.service import Alerts
from analytics_engine.services.calculation_engine_service.alerts.silences import Silences

AlertsHere = Annotated[Alerts, built("alerts")]
SilencesHere = Annotated[Silences, built("silences")]
