"""Pages, ranges, grains and cells of answers; each value is worked out by hand from tests/golden/data.yaml."""

from __future__ import annotations

from typing import Any

from analytics_engine.contracts.calculation import KpiResult
from integration.calculation.serving import Shop, cells

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}
QUARTER = {"from": "2026-01-01", "to": "2026-04-01"}


async def test_pages_put_together_are_the_whole_answer(shop: Shop) -> None:
    """Pages of cells go through the statements of two ranges and two grains; totals come with the first."""
    query = {
        "kpis": ["SALES"],
        "ranges": [QUARTER, {"from": "2025-01-01", "to": "2025-04-01"}],
        "grains": ["month", "quarter"],
        "dimensions": ["sale.store"],
        "totals": True,
    }

    def rows(result: KpiResult) -> list[Any]:
        return list(zip(cells(result), result.period.grain, result.period.range, result.level, strict=True))

    whole = rows(await shop.ask(**query))
    found: list[Any] = []
    sizes: list[int] = []
    offset: int | None = 0
    while offset is not None:
        page = await shop.ask(**query, limit=4, offset=offset)
        assert page.page.offset == offset
        found += rows(page)
        sizes.append(page.row_count)
        offset = page.page.next
    assert sizes == [4 + 8, 4, 3]
    by_level = {level: [row for row in whole if row[-1] == level] for level in (0, 1)}
    assert {level: [row for row in found if row[-1] == level] for level in (0, 1)} == by_level
    assert len(found) == len(whole) == 19


async def test_a_page_of_one_statement(shop: Shop) -> None:
    query = {"kpis": ["SALES"], "range": YEAR, "grain": "month", "order": [{"by": "SALES", "descending": True}]}
    first = await shop.ask(**query, limit=2)
    assert cells(first) == [("2026-01-01", "58"), ("2026-10-01", "43")]
    assert (first.truncated, first.page.next) == (True, 2)
    last = await shop.ask(**query, limit=10, offset=10)
    assert (last.row_count, last.truncated, last.page.next) == (2, False, None)


async def test_ranges_and_grains_are_answered_in_the_order_they_are_given(shop: Shop) -> None:
    result = await shop.ask(
        kpis=["SALES"],
        ranges=[{"from": "2026-10-01", "to": "2026-12-01"}, {"from": "2024-01-01", "to": "2025-01-01"}],
        grains=["year", "month"],
        value_filters=[{"kpi": "SALES", "operator": "is not null"}, {"kpi": "SALES", "operator": ">", "values": [0]}],
    )
    assert list(zip(cells(result), result.period.range, result.period.grain, strict=True)) == [
        (("2026-10-01", "66"), 0, "year"),
        (("2026-10-01", "43"), 0, "month"),
        (("2026-11-01", "23"), 0, "month"),
        (("2024-01-01", "110"), 1, "year"),
        (("2024-02-01", "90"), 1, "month"),
        (("2024-03-01", "20"), 1, "month"),
    ]
    assert result.period.complete == (False, True, False, True, True, True)
    assert [each.start for each in result.ranges] == ["2026-10-01T00:00:00+00:00", "2024-01-01T00:00:00+00:00"]


async def test_the_whole_spine_shows_members_where_they_have_no_rows(shop: Shop) -> None:
    query = {
        "kpis": ["SALES"],
        "range": {"from": "2026-01-01", "to": "2026-07-01"},
        "grain": "quarter",
        "dimensions": ["sale.store"],
    }
    existing = [("2026-01-01", "north", "38"), ("2026-01-01", "south", "14"), ("2026-04-01", "north", "8")]
    assert cells(await shop.ask(**query)) == existing
    assert cells(await shop.ask(**query, cells="spine")) == [*existing, ("2026-04-01", "south", "0")]


async def test_the_finest_grain_and_a_range_of_the_present(shop: Shop) -> None:
    """The time of asking is the beginning of 2 November 2026."""
    seconds = {"from": "2026-03-08T06:29:59", "to": "2026-03-08T06:30:02"}
    assert (await shop.ask(kpis=["ORDERS"], range=seconds, grain="second")).kpis[0].values == (0, 1, 0)
    last = await shop.ask(kpis=["SALES"], range={"last": "2 months"}, grain="month")
    assert cells(last) == [("2026-09-01", "0"), ("2026-10-01", "43")]
    to_date = await shop.ask(kpis=["SALES"], range={"to_date": "year"})
    assert cells(to_date) == [("2026-01-01", "126")]
    assert to_date.period.end == ("2026-11-03T00:00:00+00:00",)
