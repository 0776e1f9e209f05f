"""The starter catalog's test data: hand-made rows and values, generated rows, and each KPI as plain SQL.

Nothing here looks at a KPI's formula: the values and the SQL are worked out from the KPI's definition in words.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import yaml

from analytics_engine.kpi.model.catalog import Catalog, ObjectModelVersion
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.services.business_metadata.bundle import read_bundle, read_directory
from catalog.generate import generate
from catalog.generator.world import OBJECT_MODELS

FOLDER = Path(__file__).parent
HAND = FOLDER / "hand"
SQL = FOLDER / "sql"
CATALOG_FOLDER = FOLDER.parents[1] / "catalog"
CLIENT = "hand"
STRANGER = "other"
STRANGERS_SEED = 1_000_003
ZONE = "America/New_York"
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
CODES = tuple(sorted(path.stem for path in SQL.glob("*.sql")))

Row = dict[str, Any]
Rows = dict[str, list[Row]]


class Loaded(NamedTuple):
    """The half-open span that the rows of an object model cover."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Expected:
    """One value: of a KPI in a period, or in one cell of it where a dimension is named; a null has a reason."""

    kpi: str
    period: str
    value: Fraction | None
    reason: str | None
    working: str
    dimension: str | None = None
    member: str | None = None

    def __str__(self) -> str:
        cell = f" {self.dimension}={self.member}" if self.dimension else ""
        return f"{self.kpi} {self.period}{cell}"


@cache
def object_models_catalog() -> Catalog:
    """The catalog's object models that the rows here are of, and no KPIs."""
    entries = read_bundle(read_directory(CATALOG_FOLDER / "object_models"))
    models = (entry.definition for entry in entries)
    return Catalog(
        version="object models",
        object_models=tuple(
            ObjectModelVersion(definition=model)
            for model in models
            if isinstance(model, ObjectModel) and model.code in OBJECT_MODELS
        ),
    )


def hand_rows() -> Rows:
    """Return the hand-made rows of every object model, typed."""
    return {
        version.definition.code: _read(version.definition, HAND / f"{version.definition.code}.csv")
        for version in object_models_catalog().object_models
    }


def generated_rows(seed: int, *, customers: int = 60, orders: int = 400) -> Rows:
    """Return random rows of every object model, the same for the same seed."""
    return generate(seed, customers=customers, orders=orders)


def hand_expected() -> list[Expected]:
    """Return the values without a dimension, in the order of the file."""
    values: dict[str, dict[str, Row]] = _expected_file()["values"]
    return [_expected(kpi=kpi, period=str(period), **row) for kpi, of in values.items() for period, row in of.items()]


def hand_cuts() -> list[Expected]:
    """Return the values of single cells of a dimension."""
    return [_expected(**row) for row in _expected_file()["cuts"]]


def hand_coverage() -> dict[str, Loaded]:
    """Return what is loaded of every object model."""
    raw = yaml.safe_load((HAND / "coverage.yaml").read_text(encoding="utf-8"))
    special = raw["object_models"]
    return {code: _span(special.get(code, raw["default"])) for code in OBJECT_MODELS}


def bounds_of(period: str) -> tuple[datetime, datetime]:
    """Return the start and the end of a local month (2026-03) or day (2026-03-08), as instants."""
    zone = ZoneInfo(ZONE)
    if len(period) == len("2026-03"):
        first = date.fromisoformat(f"{period}-01")
        following = (first + timedelta(days=31)).replace(day=1)
    else:
        first = date.fromisoformat(period)
        following = first + timedelta(days=1)
    midnights = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, following))
    start, end = midnights
    return start, end


def sql_of(code: str) -> str:
    """Return a KPI's query: one number, with the parameters ``:client``, ``:t0``, ``:t1`` and ``:zone``."""
    return (SQL / f"{code}.sql").read_text(encoding="utf-8")


async def sql_value(connection: asyncpg.Connection[Any], code: str, period: str, client: str = CLIENT) -> Any:
    """Return what a KPI's query answers for a period."""
    start, end = bounds_of(period)
    statement, values = _bound(sql_of(code), {"client": client, "t0": start, "t1": end, "zone": ZONE})
    return await connection.fetchval(statement, *values)


async def load_rows(connection: asyncpg.Connection[Any], catalog: Catalog, rows: Rows) -> None:
    """Create the object models' tables as plainly as can be, and fill them; a stranger has other rows of like keys."""
    strangers = generated_rows(STRANGERS_SEED, customers=10, orders=30)
    await connection.execute("CREATE SCHEMA facts")
    for version in catalog.object_models:
        model = version.definition
        if model.code not in rows:
            continue
        columns = ", ".join(f'"{a.name}" {_COLUMN_TYPES[a.type]}' for a in model.attributes)
        await connection.execute(f'CREATE TABLE facts."{model.code}" (client_id text, {columns})')
        names = [attribute.name for attribute in model.attributes]
        for client, owned in ((CLIENT, rows), (STRANGER, strangers)):
            records = [(client, *(row[name] for name in names)) for row in owned[model.code]]
            await connection.copy_records_to_table(model.code, schema_name="facts", records=records)


_TYPES = {"client": "text", "t0": "timestamptz", "t1": "timestamptz", "zone": "text"}
_PARAMETER = re.compile(r"(?<!:):(client|t0|t1|zone)\b")


def _bound(statement: str, values: Row) -> tuple[str, list[Any]]:
    """Return the statement with numbered, typed parameters, and the values of those it has."""
    used = sorted(set(_PARAMETER.findall(statement)))
    numbered = _PARAMETER.sub(lambda found: f"${used.index(found[1]) + 1}::{_TYPES[found[1]]}", statement)
    return numbered, [values[name] for name in used]


@cache
def _expected_file() -> Any:
    return yaml.safe_load((HAND / "expected.yaml").read_text(encoding="utf-8"))


def _expected(*, value: str | None = None, reason: str | None = None, **rest: Any) -> Expected:
    return Expected(value=None if value is None else Fraction(value), reason=reason, **rest)


def _span(raw: dict[str, str]) -> Loaded:
    return Loaded(datetime.fromisoformat(raw["from"]), datetime.fromisoformat(raw["until"]))


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


_COLUMN_TYPES = {
    DataType.INTEGER: "BIGINT",
    DataType.DECIMAL: "NUMERIC",
    DataType.FLOAT: "DOUBLE PRECISION",
    DataType.TEXT: "TEXT",
    DataType.BOOLEAN: "BOOLEAN",
    DataType.DATE: "DATE",
    DataType.TIMESTAMP: "TIMESTAMPTZ",
}
_READERS: dict[DataType, Callable[[str], Any]] = {
    DataType.INTEGER: int,
    DataType.DECIMAL: Decimal,
    DataType.FLOAT: float,
    DataType.TEXT: str,
    DataType.BOOLEAN: _boolean,
    DataType.DATE: date.fromisoformat,
    DataType.TIMESTAMP: datetime.fromisoformat,
}


def _read(model: ObjectModel, path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = {attribute.name for attribute in model.attributes}
        if set(reader.fieldnames or ()) != names:
            raise ValueError(
                f"{path.name} has other columns than its object model: {names ^ set(reader.fieldnames or ())}"
            )
        return [
            {
                attribute.name: _READERS[attribute.type](row[attribute.name]) if row[attribute.name] else None
                for attribute in model.attributes
            }
            for row in reader
        ]
