from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.calculation_engine_service.explaining import Explainer
from analytics_engine.services.calculation_engine_service.service import CalculationService

Calculation = Annotated[CalculationService, built("calculation")]
Explaining = Annotated[Explainer, built("explainer")]
