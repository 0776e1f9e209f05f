"""The golden cases' shop: its catalog, and its rows in a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import yaml

from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.values.binding import Span

FOLDER = Path(__file__).parent
CLIENT = "shop"
LOADED = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
"""What the rows cover, of every object model; the DATE-anchored ones too."""


def shop_catalog() -> Catalog:
    text = (FOLDER / "catalog.yaml").read_text(encoding="utf-8").replace("on: {", '"on": {')
    raw = yaml.safe_load(text)
    return Catalog(
        version="golden",
        object_models=tuple(ObjectModelVersion(definition=ObjectModel(**model)) for model in raw["object_models"]),
        kpis=tuple(KpiVersion(version=3, definition=Kpi(**kpi)) for kpi in raw["kpis"]),
    )


async def load_shop(connection: asyncpg.Connection[Any], catalog: Catalog) -> None:
    """Create the object models' tables as plainly as can be, and fill them."""
    rows = yaml.safe_load((FOLDER / "data.yaml").read_text(encoding="utf-8"))
    await connection.execute("CREATE SCHEMA facts")
    for version in catalog.object_models:
        model = version.definition
        columns = ", ".join(f'"{a.name}" {POSTGRES.types[a.type]}' for a in model.attributes)
        await connection.execute(f'CREATE TABLE facts."{model.code}" (client_id text, {columns})')
        values = [(CLIENT, *_typed(model, row)) for row in rows[model.code]]
        await connection.copy_records_to_table(model.code, schema_name="facts", records=values)
        strangers = [("other", *value[1:]) for value in values]
        await connection.copy_records_to_table(model.code, schema_name="facts", records=strangers)


def _typed(model: ObjectModel, row: list[Any]) -> list[Any]:
    readers = {
        DataType.TIMESTAMP: datetime.fromisoformat,
        DataType.DATE: date.fromisoformat,
        DataType.DECIMAL: Decimal,
        DataType.FLOAT: float,
    }
    return [
        None if value is None else readers.get(attribute.type, lambda same: same)(value)
        for attribute, value in zip(model.attributes, row, strict=True)
    ]
