from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from analytics_engine.services.calculation_engine_service.explaining import Explainer
from analytics_engine.services.calculation_engine_service.service import CalculationService


def _service(request: Request) -> CalculationService:
    service: CalculationService = request.app.state.calculation
    return service


def _explainer(request: Request) -> Explainer:
    explainer: Explainer = request.app.state.explainer
    return explainer


Calculation = Annotated[CalculationService, Depends(_service)]
Explaining = Annotated[Explainer, Depends(_explainer)]
