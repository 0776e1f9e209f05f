"""Sales: rows of ten columns whose key holds their time, and the same with a rollup by three of their attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from data import CATEGORIES, REGIONS

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.ingest.binary import HEADER, TRAILER, encoded

PLAIN, ROLLED = "sale", "rolled_sale"
DIMENSIONS = ("region", "category", "returned")
_TYPES = {
    "sale_id": "integer",
    "sold_at": "timestamp",
    "delivered_at": "timestamp",
    "customer_id": "integer",
    "region": "text",
    "category": "text",
    "quantity": "integer",
    "amount": "decimal",
    "discount": "decimal",
    "returned": "boolean",
}
_KPIS = {
    "SALES": "count({})",
    "REVENUE": "sum({}.amount)",
    "UNITS": "sum({}.quantity)",
    "AVERAGE_SALE": "avg({}.amount)",
    "LARGEST_SALE": "max({}.amount)",
    "NET_REVENUE": "sum({0}.amount - coalesce({0}.discount, 0))",
    "RETURN_RATE": "count({0}) filter (where {0}.returned) / count({0})",
}


def definitions() -> dict[str, list[Any]]:
    """Return the catalog of both: KPIs whose states merge, and the rollup that keeps them by hour, day and month."""
    return {
        "object_models": [
            {"code": code, "name": code, "nature": "event", "key": ["sale_id", "sold_at"], "time_attribute": "sold_at",
             "attributes": [_attribute(name, type_) for name, type_ in _TYPES.items()]}
            for code in (PLAIN, ROLLED)
        ],
        "value_chains": [{"code": "SHOPS", "name": "Shops"}],
        "modules": [{"code": "SHOP", "name": "Shop", "value_chains": ["SHOPS"]}],
        "kpis": [
            {"code": code, "name": code, "module": "SHOP", "direction": "higher", "formula": formula.format(ROLLED)}
            for code, formula in _KPIS.items()
        ],
        "rollups": [
            {"code": "SALES", "name": "Sales", "object_model": ROLLED, "dimensions": list(DIMENSIONS),
             "kpis": list(_KPIS)}
        ],
    }  # fmt: skip


def _attribute(name: str, type_: str) -> dict[str, Any]:
    unit = {"unit": "EUR"} if type_ == "decimal" else {}
    return {"name": name, "type": type_, "nullable": name not in ("sale_id", "sold_at"), **unit}


def sales(first: int, count: int, *, an_hour: int) -> pa.Table:
    """Return sales in the order of their time, so many an hour."""
    numbers = np.arange(first, first + count)
    drawn = numbers * 48_271 % 2_147_483_647
    at = np.datetime64("2025-01-01T00:00:00", "us") + (numbers * (3_600_000_000 // an_hour)).astype("timedelta64[us]")
    later = at + (drawn % 500_000 * 1_000_000).astype("timedelta64[us]")
    amounts = pa.array(drawn % 50_000 + 100, pa.int64()).cast(pa.decimal128(21, 2))
    discounts = pa.array(drawn % 5, pa.int64()).cast(pa.decimal128(21, 2))
    columns = {
        "sale_id": pa.array(numbers),
        "sold_at": _instants(at),
        "delivered_at": _instants(later),
        "customer_id": pa.array(drawn % 1_000_000),
        "region": pa.array(np.array(REGIONS)[drawn // 7 % len(REGIONS)]),
        "category": pa.array(np.array(CATEGORIES)[drawn // 61 % len(CATEGORIES)]),
        "quantity": pa.array(1 + drawn % 10),
        "amount": amounts,
        "discount": discounts,
        "returned": pa.array(drawn % 20 == 0),
    }
    return pa.table(columns)


def _instants(at: Any) -> pa.Array:
    return pa.array(at, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))


def as_binary(table: pa.Table, *, client_id: str) -> bytes:
    """Return rows as COPY ... (FORMAT binary) takes them."""
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        type_ = DataType(_TYPES[name])
        array = column.combine_chunks()
        columns.append((type_, array.cast(pa.string()) if type_ is DataType.DECIMAL else array))
    return HEADER + encoded(columns, client_id=client_id) + TRAILER
