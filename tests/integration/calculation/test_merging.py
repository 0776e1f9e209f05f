"""Queries that are read together are answered as if each had been asked alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.services.calculation_engine_service.merging import Together
from golden.shop import CLIENT, shop_catalog
from integration.calculation.serving import MORE, Shop

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}
SHAPES: dict[str, dict[str, Any]] = {
    "a year": {"range": YEAR},
    "months": {"range": YEAR, "grain": "month"},
    "two ranges by week, compared": {
        "ranges": [{"from": "2026-10-01", "to": "2026-10-20"}, {"current": "month"}],
        "grain": "week",
        "comparisons": ["previous_period", "target"],
    },
    "a page of days, of some rows": {
        "range": YEAR,
        "grain": "day",
        "limit": 5,
        "where": "order.order_id != 'o2'",
        "time_zone": "America/New_York",
    },
}


async def groups(shop: Shop, queries: Sequence[dict[str, Any]]) -> list[Together]:
    wanted = [KpiQuery.model_validate(query) for query in queries]
    ready, maker = await shop.service.prepare_each(CLIENT, wanted)
    return list(maker.together(ready).groups)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_every_kpi_is_answered_together_with_others_as_it_is_alone(shop: Shop, shape: dict[str, Any]) -> None:
    codes = [version.definition.code for version in shop_catalog(MORE).kpis if version.definition.code != "PER"]
    Random(7).shuffle(codes)
    if "where" in shape:
        codes = [code for code in codes if await can_be_asked(shop, code, shape)]
    queries = [{"kpis": codes[n : n + 1 + n % 2], **shape} for n in range(0, len(codes), 2)]
    dashboards = [queries[n : n + 25] for n in range(0, len(queries), 25)]
    read = [group for part in dashboards for group in await groups(shop, part)]
    assert len(read) < len(queries) / 2
    for part in dashboards:
        result = await shop.dashboard(*part)
        for query, item in zip(part, result.items, strict=True):
            assert item.result is not None, (query, item.problem)
            alone = await shop.ask(**query)
            assert item.result == alone, query


async def can_be_asked(shop: Shop, code: str, shape: dict[str, Any]) -> bool:
    ready, _ = await shop.service.prepare_each(CLIENT, [KpiQuery.model_validate({"kpis": [code], **shape})])
    return not isinstance(ready[0], Exception)


async def test_what_reads_other_rows_or_has_rows_of_its_own_is_read_alone(shop: Shop) -> None:
    apart = [
        {"kpis": ["ORDERS"], "range": YEAR},
        {"kpis": ["SALES"], "range": YEAR},
        {"kpis": ["ORDERS"], "range": YEAR, "grain": "month"},
        {"kpis": ["ORDERS"], "range": YEAR, "dimensions": ["customer.segment"]},
        {"kpis": ["GOAL"], "range": YEAR, "dimensions": ["customer.segment"]},
    ]
    found = await groups(shop, [*apart, {"kpis": ["GOAL"], "range": YEAR}])
    assert [len(group.queries) for group in found] == [2, 1, 1, 1, 1]
    assert [group.whole is None for group in found] == [False, True, True, True, True]


async def test_one_that_cannot_be_computed_spoils_no_other_that_is_read_with_it(shop: Shop) -> None:
    overflow = {"kpis": ["sum(order_line.quantity * 9000000000000000000)"], "range": YEAR}
    well = {"kpis": ["sum(order_line.quantity)"], "range": YEAR}
    assert [len(group.queries) for group in await groups(shop, [overflow, well])] == [2]
    result = await shop.dashboard(overflow, well)
    assert [item.problem is None for item in result.items] == [False, True]
    assert result.items[1].result == await shop.ask(**well)
