"""Queries as they come over the wire, with something hostile in any of their fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import Any

from pydantic import ValidationError

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import prepare
from fuzz.catalog import CLIENT, PARAMETERS, code_with, fuzz_catalog, fuzz_checker
from fuzz.corpus import GRAINS, INJECTIONS, NUMBERS, SQL_WORDS, TIMES, UNICODE, ZONES

Fields = dict[str, Any]
_KPIS = (
    "ORDERS",
    "REVENUE",
    "REVENUE / ORDERS",
    "growth(ORDERS, 1 month)",
    "BALANCE",
    "time_avg(STOCKED)",
    "rank(ORDERS)",
)
_DIMENSIONS = (
    "customer.segment",
    "order.customer.region.name",
    "order.heavy",
    "weekday(order.ordered_at)",
    "segment",
    "product.category",
)
_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null", "like", "")
_DAYS = (
    "2026-01-01",
    "2026-02-01",
    "2026-03-08T02:30:00",
    "2026-04-01T00:00:00+05:30",
    "0001-01-01",
    "9999-12-31",
    "1900-01-01",
)
_SPANS = ("28 days", "1 month", "3 quarters", "90 minutes", "0 days", "-1 day", "999999999 years", "1 moon", "1", "")


def query_of(random: Random) -> Fields:
    """Return the fields of a query, most of them plain, some hostile."""

    def some(plain: Sequence[Any]) -> Any:
        return random.choice(plain) if random.random() < 0.95 else harm(random)

    def several(plain: Sequence[Any], most: int) -> list[Any]:
        return [some(plain) for _ in range(random.randint(0, most))]

    def filters(name: str, plain: Sequence[Any]) -> list[Fields]:
        return [
            {
                name: some(plain),
                "operator": random.choice(_OPERATORS),
                "values": several(("EU", 1, True, *NUMBERS, *TIMES), 2),
            }
            for _ in range(random.choice((0, 0, 1, 2)))
        ]

    kpis = [some((*_KPIS, code_with(random.choice(PARAMETERS)))) for _ in range(random.randint(1, 3))]
    dimensions = several(_DIMENSIONS, 2)
    optional: dict[str, Callable[[], Any]] = {
        "grains": lambda: [some((*GRAINS[:8], None)) for _ in range(2)],
        "filters": lambda: filters("attribute", _DIMENSIONS),
        "where": lambda: some(("order.cancelled", "not order.heavy", "")),
        "segments": lambda: several(("order.heavy", "heavy", "select.true"), 2),
        "parameters": lambda: {some(PARAMETERS): some((1, "x", True, 0.5))},
        "time_zone": lambda: random.choice(ZONES),
        "totals": lambda: True,
        "subtotals": lambda: [several((*dimensions, "customer.segment"), 2)],
        "comparisons": lambda: several(("previous_period", "same_period_last_year", "target"), 2),
        "top": lambda: {
            "dimension": some((*dimensions, "customer.segment")),
            "n": random.choice((1, 3, 0, 10**30)),
            "by": some(kpis),
        },
        "value_filters": lambda: filters("kpi", kpis),
        "cells": lambda: random.choice(("existing", "spine", "all")),
        "pivot": lambda: {"dimension": some((*dimensions, "customer.segment"))},
        "order": lambda: [{"by": some((*kpis, *dimensions, "period")), "descending": True}],
        "limit": lambda: random.choice((1, 100, 0, -1, 2**63)),
        "offset": lambda: random.choice((0, 10, -1, 2**63)),
    }
    chosen = {name: make() for name, make in optional.items() if random.random() < 0.1}
    return {
        "kpis": kpis,
        "dimensions": dimensions,
        "grain": some((*GRAINS[:8], None)),
        "range": _range(random),
        **chosen,
    }


def _range(random: Random) -> Fields:
    roll = random.random()
    if roll < 0.5:
        return {"from": "2026-01-01", "to": "2026-04-01"}
    if roll < 0.7:
        return {"from": random.choice((*_DAYS, *TIMES)), "to": random.choice((*_DAYS, *TIMES))}
    name = random.choice(("last", "current", "previous", "to_date"))
    return {name: random.choice(_SPANS if name == "last" else GRAINS)}


def harm(random: Random) -> str:
    return random.choice(random.choice((INJECTIONS, UNICODE, SQL_WORDS, NUMBERS, ("x" * 20_000, "", " "))))


def compiled(fields: Fields, dialect: Dialect, now: datetime) -> list[Statement]:
    """Return the statements of a query from the wire, as the service makes them.

    Raises:
        AnalyticsEngineError: the query is refused; what its form refuses is told as the edge tells it.
    """
    try:
        query = KpiQuery.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput("; ".join(each["msg"] for each in error.errors(include_url=False))) from error
    definitions = Definitions(fuzz_catalog(), fuzz_checker(), ClientProfile(client_id=CLIENT, name="Shop"))
    prepared = prepare(query, definitions, now=now, plans=PlanCache(most=1), dialect=dialect)
    return [each.statement for each in prepared.statements]
