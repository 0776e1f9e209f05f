"""The golden cases' shop: its catalog, its rows, and what of them is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.values.binding import Span

FOLDER = Path(__file__).parent
CLIENT = "shop"
STRANGER = "other"
"""A client with the same rows, which must never be seen."""
NOW = datetime(2026, 11, 2, tzinfo=UTC)
"""The time of asking, where a case names no other."""

_END = datetime(2027, 1, 1, tzinfo=UTC)
LOADED = Span(datetime(2026, 1, 1, tzinfo=UTC), _END)
"""What the rows cover, of most object models; the DATE-anchored ones too."""
_LOADED_LONGER = dict.fromkeys(
    ("customer_version", "movement", "price", "stock", "subscription"), Span(datetime(2025, 1, 1, tzinfo=UTC), _END)
) | {"sale": Span(datetime(2023, 1, 1, tzinfo=UTC), _END)}

Columns = Mapping[str, Any]


def shop_catalog(more: Mapping[str, Any] | None = None) -> Catalog:
    """Return the shop's catalog, and with it further KPIs: by code a formula, or a definition without its code."""
    text = (FOLDER / "catalog.yaml").read_text(encoding="utf-8").replace("on: {", '"on": {')
    raw = yaml.safe_load(text)
    kpis = [*raw["kpis"], *(_definition(code, given) for code, given in (more or {}).items())]
    return Catalog(
        version="golden",
        object_models=tuple(ObjectModelVersion(definition=ObjectModel(**model)) for model in raw["object_models"]),
        kpis=tuple(KpiVersion(version=3, definition=Kpi(**kpi)) for kpi in kpis),
    )


def _definition(code: str, given: str | Mapping[str, Any]) -> dict[str, Any]:
    stated = {"formula": given} if isinstance(given, str) else dict(given)
    return {"code": code, "name": code, "module": "SHOP", "direction": "target", **stated}


def shop_coverage(stated: Mapping[str, Any] | None = None) -> dict[str, Span]:
    """Return what is loaded of each object model; a case may state otherwise: ``order: [2026-01-01, 2026-10-20]``."""
    codes = (version.definition.code for version in shop_catalog().object_models)
    known = {code: _LOADED_LONGER.get(code, LOADED) for code in codes}
    for code, span in (stated or {}).items():
        del known[code]
        if span is not None:
            known[code] = Span(*(datetime.fromisoformat(str(edge)).replace(tzinfo=UTC) for edge in span))
    return known


def shop_rows() -> dict[str, list[Columns]]:
    """Return the rows of each object model, typed, each by the names of its attributes."""
    raw = yaml.safe_load((FOLDER / "data.yaml").read_text(encoding="utf-8"))
    return {
        version.definition.code: [
            dict(zip(_names(version.definition), _typed(version.definition, row), strict=True))
            for row in raw[version.definition.code]
        ]
        for version in shop_catalog().object_models
    }


def _names(model: ObjectModel) -> list[str]:
    return [attribute.name for attribute in model.attributes]


_READERS: dict[DataType, Callable[[Any], Any]] = {
    DataType.TIMESTAMP: datetime.fromisoformat,
    DataType.DATE: date.fromisoformat,
    DataType.DECIMAL: Decimal,
    DataType.FLOAT: float,
}


def _typed(model: ObjectModel, row: list[Any]) -> list[Any]:
    return [
        None if value is None else _READERS.get(attribute.type, lambda same: same)(value)
        for attribute, value in zip(model.attributes, row, strict=True)
    ]
