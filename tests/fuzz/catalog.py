"""What the fuzz asks about: the golden shop, and beside it names that are words of SQL or of the compiler's own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Direction, Kpi, KpiParameter
from analytics_engine.kpi.model.object_model import Attribute, DataType, Nature, ObjectModel, Relation, Segment
from golden.shop import CLIENT, STRANGER, shop_catalog, shop_rows
from support.engines import EngineUnderTest

_ATTRIBUTES = {
    "table": DataType.TEXT,
    "timestamp": DataType.TIMESTAMP,
    "from": DataType.INTEGER,
    "where": DataType.TEXT,
    "group": DataType.DECIMAL,
    "user": DataType.BOOLEAN,
    "end": DataType.DATE,
    "null": DataType.FLOAT,
    "value": DataType.FLOAT,
    "period": DataType.INTEGER,
    "segment": DataType.TEXT,
    "place": DataType.INTEGER,
    "owner": DataType.TEXT,
    "d0": DataType.TEXT,
    "s0": DataType.INTEGER,
    "f": DataType.INTEGER,
    "at": DataType.TIMESTAMP,
    "limit": DataType.DECIMAL,
}
SQL_NAMED = ObjectModel(
    code="select",
    name="What SQL would take for its own words",
    nature=Nature.EVENT,
    key=("table",),
    time_attribute="timestamp",
    attributes=tuple(
        Attribute(name=name, type=kind, nullable=name not in {"table", "timestamp"})
        for name, kind in _ATTRIBUTES.items()
    ),
    relations=(Relation(name="order", target="order", on={"d0": "order_id"}, inverse="union"),),
    segments=(Segment(name="true", condition='"from" > 1 or "user"'),),
)
_ROWS: tuple[dict[str, Any], ...] = (
    {
        "table": "t1", "timestamp": datetime(2026, 1, 5, tzinfo=UTC), "from": 1, "where": "x'; --",
        "group": Decimal("1.5"), "user": True, "end": date(2026, 1, 6), "null": 0.5, "value": 1.0, "period": 1,
        "segment": "s", "place": 2, "owner": "o", "d0": "o1", "s0": 7, "f": 1, "limit": Decimal("2.5"),
    },
    {"table": "t2", "timestamp": datetime(2026, 2, 5, tzinfo=UTC), "at": datetime(2026, 2, 6, tzinfo=UTC)},
)  # fmt: skip

_PARAMETERS: dict[str, tuple[DataType, bool | int | str, str]] = {
    "text": (DataType.TEXT, "o1", "count(order) filter (where order.order_id = :{})"),
    "whole": (DataType.INTEGER, 3, "count(order_line) filter (where order_line.quantity > :{})"),
    "exact": (DataType.DECIMAL, 3, "sum(order_line.unit_price * :{})"),
    "real": (DataType.FLOAT, 3, "sum(order.weight) * :{}"),
    "yes": (DataType.BOOLEAN, True, "count(order) filter (where order.cancelled = :{})"),
    "day": (DataType.DATE, "2026-01-05", "count(order) filter (where order.promised_on > :{})"),
    "moment": (DataType.TIMESTAMP, "2026-01-05T00:00:00+00:00", "count(order) filter (where order.delivered_at > :{})"),
}
PARAMETERS = tuple(_PARAMETERS)
"""Each is the parameter of a KPI whose code is the name in capitals, behind ``WITH_``."""


@cache
def fuzz_catalog() -> Catalog:
    """Return the golden shop with more to trip over."""
    shop = shop_catalog()
    more = tuple(KpiVersion(definition=_with_parameter(name)) for name in PARAMETERS)
    sql_named = ObjectModelVersion(definition=SQL_NAMED)
    return shop.model_copy(
        update={"object_models": (*shop.object_models, sql_named), "kpis": (*shop.kpis, *more), "version": "fuzz"}
    )


@cache
def fuzz_checker() -> KpiChecker:
    return KpiChecker(fuzz_catalog())


def code_with(parameter: str) -> str:
    return f"WITH_{parameter.upper()}"


def _with_parameter(name: str) -> Kpi:
    kind, default, formula = _PARAMETERS[name]
    return Kpi(
        code=code_with(name),
        name=name,
        module="SHOP",
        direction=Direction.TARGET,
        formula=formula.format(name),
        parameters=(KpiParameter(name=name, type=kind, default=default),),
    )


def catalog_names(catalog: Catalog) -> frozenset[str]:
    """Return every name of the catalog that may stand, quoted, in a statement."""
    names: set[str] = set()
    for version in catalog.object_models:
        model = version.definition
        names |= {model.bound_to.table, model.bound_to.schema_name, model.bound_to.client_column}
        names |= {attribute.name for attribute in model.attributes}
    return frozenset(names)


async def load_fuzz(engine: EngineUnderTest) -> None:
    """Give an engine the tables of the catalog, with the shop's rows and a few more, of two clients."""
    rows: dict[str, Any] = {**shop_rows(), SQL_NAMED.code: _ROWS}
    for version in fuzz_catalog().object_models:
        await engine.create(version.definition)
        for client in (CLIENT, STRANGER):
            await engine.load(version.definition, rows[version.definition.code], client_id=client)
