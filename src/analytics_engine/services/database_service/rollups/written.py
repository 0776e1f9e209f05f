"""How a rollup is computed from rows, as it is noted when the rollup is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.keeping import Keeping, KeptColumn
from analytics_engine.services.database_service.tables.ddl import quoted
from analytics_engine.services.database_service.tables.fact_table import CLIENT


@dataclass(frozen=True)
class StateColumn:
    """A column of states; see ``kpi.sql.keeping.KeptColumn``."""

    name: str
    sql_type: str
    add: str
    merge: str
    retracts: bool

    @property
    def merged(self) -> str:
        return f"CAST({self.merge}({self.name}) AS {self.sql_type})"

    @property
    def is_float(self) -> bool:
        return self.merge == "SUM" and not self.retracts


@dataclass(frozen=True)
class TallyColumns:
    """A tally: its values, and how each of them is counted; see ``kpi.sql.keeping.KeptTally``."""

    value: str
    type: DataType
    columns: tuple[StateColumn, ...]


@dataclass(frozen=True)
class JoinedRow:
    """A row joined to a rollup's own; see ``kpi.sql.keeping.Joined``."""

    model: str
    alias: str
    before: str
    pairs: tuple[tuple[str, str], ...]
    attributes: tuple[str, ...]

    def join(self, rows: str, *, inner: bool = False) -> str:
        on = [f"{self.alias}.{CLIENT} = f.{CLIENT}"]
        on += [f"{self.alias}.{quoted(there)} = {self.before}.{quoted(here)}" for here, there in self.pairs]
        return f" {'INNER' if inner else 'LEFT'} JOIN {rows} AS {self.alias} ON {' AND '.join(on)}"


@dataclass(frozen=True)
class Written:
    """How a rollup is computed from rows.

    Args:
        types: the type of each dimension.
        anchor: what puts a row into a bucket.
        columns: its states, the count of rows first.
        joined: the rows that are read beside its own.
        tallies: the values that are counted in its cells.
    """

    types: tuple[DataType, ...]
    anchor: str
    columns: tuple[StateColumn, ...]
    joined: tuple[JoinedRow, ...] = ()
    tallies: tuple[TallyColumns, ...] = ()

    @classmethod
    def of(cls, keeping: Keeping, types: Iterable[DataType]) -> Self:
        return cls(
            types=tuple(types),
            anchor=keeping.anchor,
            columns=_columns(keeping.columns),
            joined=tuple(
                JoinedRow(one.read.model, one.alias, one.before, one.read.pairs, one.attributes)
                for one in keeping.joined
            ),
            tallies=tuple(TallyColumns(tally.value, tally.type, _columns(tally.columns)) for tally in keeping.tallies),
        )

    def as_json(self) -> dict[str, Any]:
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @classmethod
    def of_json(cls, written: Mapping[str, Any]) -> Self:
        return cls(
            types=tuple(map(DataType, written["types"])),
            anchor=written["anchor"],
            columns=tuple(StateColumn(**column) for column in written["columns"]),
            joined=tuple(
                JoinedRow(
                    model=one["model"],
                    alias=one["alias"],
                    before=one["before"],
                    pairs=tuple((here, there) for here, there in one["pairs"]),
                    attributes=tuple(one["attributes"]),
                )
                for one in written["joined"]
            ),
            tallies=tuple(
                TallyColumns(
                    value=tally["value"],
                    type=DataType(tally["type"]),
                    columns=tuple(StateColumn(**column) for column in tally["columns"]),
                )
                for tally in written.get("tallies", ())
            ),
        )


def _columns(columns: Iterable[KeptColumn]) -> tuple[StateColumn, ...]:
    return tuple(
        StateColumn(column.name, column.sql_type, column.add, column.merge, column.retracts) for column in columns
    )
