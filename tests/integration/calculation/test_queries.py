from __future__ import annotations

from integration.calculation.serving import Shop, cells

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}


async def test_try(shop: Shop) -> None:
    r = await shop.ask(kpis=["SALES", "BUYERS", "SALES / BUYERS"], range=YEAR, grain="quarter", dimensions=["sale.store"], totals=True)
    for k in range(3): print(cells(r, kpi=k))
    print(r.level, r.levels, r.page, r.kpis[0].skipped, r.kpis[0].rows)
    r = await shop.ask(kpis=["SALES"], range={"from":"2025-01-01","to":"2027-01-01"}, grain="year", dimensions=["sale.customer_id"], top={"dimension":"sale.customer_id","n":2}, totals=True, comparisons=["previous_period","same_period_last_year","target"])
    print(cells(r)); print(r.dimensions[0].rest); print(r.kpis[0].comparisons[0])
    r = await shop.ask(kpis=["SALES"], range={"from":"2025-01-01","to":"2027-01-01"}, grain="year", dimensions=["sale.customer_id", "sale.store"], pivot={"dimension":"sale.store"}, totals=True, subtotals=[["sale.store"],["sale.customer_id"]])
    print(r.model_dump_json(indent=1))
    print(await shop.values(dimension="sale.customer.region.name", search="ur"))
    print(await shop.rows(kpi="SALES", range={"from":"2026-01-01","to":"2026-04-01"}, grain="quarter", members={"sale.store":"north"}))
    e = await shop.explain(kpis=["SALES"], range={"from":"2025-01-01","to":"2027-01-01"}, grain="year", dimensions=["sale.customer_id"], top={"dimension":"sale.customer_id","n":2}, totals=True)
    print([ (s.purpose, [x.summary for x in s.steps]) for s in e.statements], e.statements[1].sql, e.statements[1].parameters)
    d = await shop.dashboard({"kpis":["ORDERS"],"range":YEAR}, {"kpis":["NOPE"],"range":YEAR})
    print(d.model_dump_json()[:300])
    assert 0
