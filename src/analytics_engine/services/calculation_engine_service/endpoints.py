from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from analytics_engine.contracts.calculation import (
    BatchRequest,
    BatchResult,
    DashboardRequest,
    DashboardResult,
    DimensionChoices,
    DimensionValues,
    DimensionValuesQuery,
    Explanation,
    KpiQuery,
    KpiResult,
    RowsQuery,
    RowsResult,
    ValidateRequest,
    Validation,
)
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, FormulaError, KpiNotFound, QueryError
from analytics_engine.kernel.http.authentication import CurrentPrincipal
from analytics_engine.kernel.http.problems import problems
from analytics_engine.services.calculation_engine_service.deps import Calculation, Explaining

router = APIRouter(tags=["calculation"])

_WRONG = (KpiNotFound, FormulaError, QueryError)
_AWAY = (DependencyUnavailable, DependencyTimeout)


@router.post("/calculate", response_model=KpiResult, responses=problems(*_WRONG, *_AWAY))
async def calculate(query: KpiQuery, principal: CurrentPrincipal, service: Calculation) -> Response:
    """Return the values of KPIs over a range of time, cut by grain and dimensions; every null has a reason."""
    return Response(await service.calculate(principal.client_id, query), media_type="application/json")


@router.post("/calculate/batch", responses=problems(*_AWAY))
async def calculate_batch(request: BatchRequest, principal: CurrentPrincipal, service: Calculation) -> BatchResult:
    """Return the answers of several queries; one that cannot be answered has its problem in its place."""
    return await service.batch(principal.client_id, request.queries)


@router.post("/calculate/dashboard", response_model=DashboardResult, responses=problems(QueryError, *_AWAY))
async def calculate_dashboard(request: DashboardRequest, principal: CurrentPrincipal, service: Calculation) -> Response:
    """Return the answers of several queries, all of them read from one and the same state of the data."""
    return Response(await service.dashboard(principal.client_id, request.queries), media_type="application/json")


@router.post("/calculate/rows", responses=problems(*_WRONG, *_AWAY))
async def calculate_rows(query: RowsQuery, principal: CurrentPrincipal, service: Calculation) -> RowsResult:
    """Return the rows behind a value, those that were counted, page by page."""
    return await service.rows(principal.client_id, query)


@router.post("/explain", responses=problems(*_WRONG, *_AWAY))
async def explain(query: KpiQuery, principal: CurrentPrincipal, explainer: Explaining) -> Explanation:
    """Return how a query is answered: meanings, scans, places, the statement and its parameters."""
    return await explainer.explain(principal.client_id, query)


@router.post("/validate", responses=problems(*_AWAY))
async def validate(request: ValidateRequest, principal: CurrentPrincipal, service: Calculation) -> Validation:
    """Return what a formula is (type, unit, what it reads), or what is wrong with it and where."""
    return await service.validate(principal.client_id, request)


@router.get("/dimensions", responses=problems(KpiNotFound, FormulaError, *_AWAY))
async def list_dimensions(
    kpi: Annotated[list[str], Query(min_length=1, description="KPI codes; repeat for several")],
    principal: CurrentPrincipal,
    service: Calculation,
) -> DimensionChoices:
    """Return the attributes that all these KPIs can be cut and filtered by together."""
    return await service.dimensions(principal.client_id, kpi)


@router.post("/dimensions/values", responses=problems(*_WRONG, *_AWAY))
async def list_dimension_values(
    query: DimensionValuesQuery, principal: CurrentPrincipal, service: Calculation
) -> DimensionValues:
    """Return the members of a dimension, each with how many rows have it; of numbers and times the bounds too."""
    return await service.values(principal.client_id, query)
