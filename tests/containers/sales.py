"""A company's own KPI in the deployment: defined, loaded and asked through the gateway."""

from __future__ import annotations

from typing import Any

from containers.deployment import CLIENT, Deployment
from support.waiting import wait_until

SALE = {
    "code": "sale",
    "name": "Sale",
    "nature": "event",
    "key": ["sale_id"],
    "time_attribute": "sold_at",
    "attributes": [
        {"name": "sale_id", "type": "integer", "nullable": False},
        {"name": "sold_at", "type": "timestamp", "nullable": False},
        {"name": "amount", "type": "decimal", "unit": "EUR"},
    ],
}
REVENUE = {
    "code": "SHOP_REVENUE",
    "name": "Revenue",
    "module": "SHOP",
    "direction": "higher",
    "formula": "sum(sale.amount)",
}
QUERY = {"kpis": ["SHOP_REVENUE"], "range": {"from": "2026-01-01", "to": "2026-03-01"}, "grain": "month",
         "time_zone": "UTC"}  # fmt: skip
ROWS = "sale_id,sold_at,amount\n1,2026-01-31T23:59:59Z,10.10\n2,2026-02-01T00:00:00Z,0.20\n"
REVENUES = ["10.1", "0.2"]
COVERED = "covers_from=2026-01-01T00:00:00Z&covers_until=2026-03-01T00:00:00Z"


def define_and_load(deployment: Deployment) -> None:
    """Make the client, define its KPI, load its rows, and return when the KPI is answered."""
    create(deployment, "/api/v1/config/clients", {"client_id": CLIENT, "name": "Shop"})
    create(deployment, "/api/v1/metadata/value-chains", {"code": "RETAIL", "name": "Retail"})
    create(deployment, "/api/v1/metadata/modules", {"code": "SHOP", "name": "Shop", "value_chains": ["RETAIL"]})
    create(deployment, "/api/v1/metadata/object-models", SALE)
    create(deployment, "/api/v1/metadata/kpis", REVENUE)
    headers = {"Content-Type": "text/csv"}
    reply = deployment.send("POST", f"/api/v1/data/sale?{COVERED}", ROWS.encode(), headers=headers)
    assert reply.status == 201, reply
    wait_until(lambda: revenues(deployment) == REVENUES, within_s=60)


def create(deployment: Deployment, path: str, body: dict[str, Any]) -> None:
    reply = deployment.send("POST", path, body)
    assert reply.status == 201, reply


def revenues(deployment: Deployment) -> list[Any] | None:
    """Return the values of both months; None while the answer is an error."""
    reply = deployment.send("POST", "/api/v1/calculate", QUERY)
    return list(reply.document["kpis"][0]["values"]) if reply.status == 200 else None
