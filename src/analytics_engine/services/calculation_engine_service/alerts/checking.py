"""Is an alert rule one that can be judged? Told before it is saved, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analytics_engine.contracts.calculation import RelativeRange
from analytics_engine.errors import FormulaError, InvalidInput, NotFound, QueryError
from analytics_engine.kpi.alerts.conditions import LatenessCondition, TargetCondition
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.services.calculation_engine_service.alerts.asking import comparisons_of, query_of
from analytics_engine.services.calculation_engine_service.alerts.schemas import AlertRule, RuleQuestion
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs, Definitions
from analytics_engine.services.calculation_engine_service.comparisons import meaning_of
from analytics_engine.services.calculation_engine_service.service import CalculationService


class RuleChecker:
    """Checks rules against a client's catalog."""

    def __init__(self, service: CalculationService, catalogs: Catalogs) -> None:
        self._service = service
        self._catalogs = catalogs

    async def check(self, client_id: str, rule: AlertRule) -> tuple[str, ...]:
        """Return the object models a rule's answer depends on.

        Raises:
            InvalidInput: it could never be judged; ``place`` says which part of it is the cause.
        """
        try:
            await self._catalogs.use(client_id, lambda known: _check_definition(rule, known))
        except FormulaError as error:
            raise InvalidInput(
                f"The formula of {rule.kpi} is wrong: {error.detail}", remedy=error.remedy, place="kpi"
            ) from error
        reads: tuple[str, ...] = ()
        for place, question in _ever_more(rule):
            query = query_of(question, RelativeRange(current=rule.grain), comparisons_of([rule]))
            try:
                reads = (await self._service.prepare(client_id, query)).reads
            except (NotFound, FormulaError, QueryError) as error:
                raise InvalidInput(error.detail, remedy=error.remedy, place=place) from error
        return reads


def _check_definition(rule: AlertRule, known: Definitions) -> None:
    catalog = known.catalog
    if not catalog.has_kpi(rule.kpi):
        near = did_you_mean(rule.kpi, [kpi.definition.code for kpi in catalog.kpis])
        raise InvalidInput(
            f"There is no KPI {rule.kpi!r}.", remedy=near or "List them at /kpis of business_metadata.", place="kpi"
        )
    definition = catalog.kpi(rule.kpi).definition
    if not isinstance(rule.condition, LatenessCondition) and not meaning_of(known.checker, rule.kpi).type.numeric:
        raise InvalidInput(
            f"{rule.kpi} is no number, so no value of it is too high or too low.",
            remedy="Alert on a KPI that counts or measures, or on the lateness of this one's data.",
            place="kpi",
        )
    if isinstance(rule.condition, TargetCondition) and definition.target.value is None:
        raise InvalidInput(
            f"{rule.kpi} has no target declared.",
            remedy="Declare target.value in the KPI's definition, or use a threshold condition.",
            place="condition",
        )


def _ever_more(rule: AlertRule) -> Iterator[tuple[str, RuleQuestion]]:
    """Yield questions with ever more of the rule's, each with the place of what is new in it."""
    asked: dict[str, Any] = {"kpi": rule.kpi, "grain": rule.grain, "parameters": rule.parameters}
    yield ("parameters" if rule.parameters else "grain"), RuleQuestion(**asked)
    if rule.time_zone is not None:
        asked["time_zone"] = rule.time_zone
        yield "time_zone", RuleQuestion(**asked)
    for name in ("dimensions", "filters", "segments"):
        for number, _ in enumerate(getattr(rule, name)):
            asked[name] = getattr(rule, name)[: number + 1]
            yield f"{name}.{number}", RuleQuestion(**asked)
    if rule.where:
        asked["where"] = rule.where
        yield "where", RuleQuestion(**asked)
