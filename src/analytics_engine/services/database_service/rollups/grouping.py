"""Rows in groups that are in one bucket of every level, and such groups as cells: what all statements are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.states.kept import BUCKET, MERGED, SCHEMA, TALLIED, Kept
from analytics_engine.services.database_service.rollups.written import StateColumn, TallyColumns, Written
from analytics_engine.services.database_service.tables.ddl import fact_name, quoted
from analytics_engine.services.database_service.tables.fact_table import CLIENT

EPOCH = "timestamptz '1970-01-01 00:00:00+00'"
_LENGTHS = {Level.QUARTER_HOUR: "15 minutes", Level.HOUR: "1 hour"}


@dataclass(frozen=True)
class Grouping:
    """Writes what the statements of a rollup share. They name what its definition names, quoted.

    Args:
        kept: the rollup.
        client_id: the client it is for; empty for all.
        written: how it is computed from rows.
        tally: the number of the tally whose tables are meant; None for those of the cells themselves.
    """

    kept: Kept
    client_id: str
    written: Written
    tally: int | None = None

    @property
    def parts(self) -> list[Self]:
        """The rollup's tally tables, and last the cells themselves, each to be written in the same way."""
        return [*(replace(self, tally=number) for number in range(len(self.written.tallies))), self]

    @property
    def _tally(self) -> TallyColumns | None:
        return self.written.tallies[self.tally] if self.tally is not None else None

    @property
    def columns(self) -> tuple[StateColumn, ...]:
        return self._tally.columns if self._tally is not None else self.written.columns

    def table(self, level: Level) -> str:
        return f"{SCHEMA}.{quoted(self.kept.table(level, self.tally))}"

    @property
    def anchor(self) -> str:
        return self.written.anchor

    def joins(self) -> str:
        return "".join(one.join(fact_name(one.model)) for one in self.written.joined)

    @property
    def counts(self) -> str:
        """The condition that a row is in a bucket of this rollup."""
        own = f" AND f.{CLIENT} = {text(self.client_id)}" if self.client_id else ""
        valued = f" AND ({self._tally.value}) IS NOT NULL" if self._tally is not None else ""
        return f"{self.anchor} IS NOT NULL{own}{valued}"

    @property
    def dimensions(self) -> list[str]:
        """The columns by which the cells of a bucket are told apart; in a tally their value is one of them."""
        return [*map(quoted, self.kept.dimensions), *([TALLIED] if self._tally is not None else [])]

    @property
    def types(self) -> list[DataType]:
        """The types of the dimensions."""
        return [*self.written.types, *([self._tally.type] if self._tally is not None else [])]

    @property
    def _dimensions_of_rows(self) -> list[str]:
        value = [f"{self._tally.value} AS {TALLIED}"] if self._tally is not None else []
        return [*(f"f.{quoted(name)}" for name in self.kept.dimensions), *value]

    @property
    def fine_levels(self) -> list[Level]:
        """The levels that are computed from rows: all but months, which are made of days."""
        return [level for level in self.kept.levels if level is not Level.MONTH]

    @property
    def by_zone(self) -> bool:
        return self.kept.anchor_type is DataType.TIMESTAMP and Level.DAY in self.kept.levels

    def _bucket(self, level: Level) -> str:
        """Return the bucket of a row; of most clients a day is that of UTC, which takes the least to compute."""
        if self.kept.anchor_type is DataType.DATE:
            return self.anchor
        if level in _LENGTHS:
            return f"date_bin('{_LENGTHS[level]}', {self.anchor}, {EPOCH})"
        utc = f"date_bin('1 day', {self.anchor}, {EPOCH})"
        return f"CASE WHEN z.zone IS NULL THEN {utc} ELSE date_trunc('day', {self.anchor}, z.zone) END"

    def month_of(self, day: str) -> str:
        if self.kept.anchor_type is DataType.DATE:
            return f"date_trunc('month', {day}::timestamp)::date"
        return f"date_trunc('month', {day}, coalesce(zone, 'UTC'))"

    def groups(self, rows: str, *, negative: bool = False, where: str = "") -> str:
        """Return rows in groups that are in one bucket of every level: client, buckets, zone, dimensions, states."""
        buckets = [f"{self._bucket(level)} AS {level.value}" for level in self.fine_levels]
        zone = ["z.zone"] if self.by_zone else []
        keys = [f"f.{CLIENT}", *buckets, *zone, *self._dimensions_of_rows]
        states = [f"{_taken(column) if negative else column.add} AS {column.name}" for column in self.columns]
        zones = f" LEFT JOIN {SCHEMA}.zones AS z ON z.{CLIENT} = f.{CLIENT}" if self.by_zone else ""
        group = ", ".join(str(position + 1) for position in range(len(keys)))
        return (
            f"SELECT {', '.join([*keys, *states])} FROM {rows} AS f{self.joins()}{zones} "
            f"WHERE {self.counts}{where} GROUP BY {group}"
        )

    def append(self, groups: str) -> str:
        """Return the statement that adds groups of rows to every level of this part."""
        *first, last = (self.into(level, "groups") for level in self.kept.levels)
        parts = [f"groups AS MATERIALIZED ({groups})", *(f"into_{n} AS ({part})" for n, part in enumerate(first))]
        return f"WITH {', '.join(parts)} {last}"

    def into(self, level: Level, source: str, *, merged: bool = False, where: str = "") -> str:
        bucket = self.month_of("day") if level is Level.MONTH else level.value
        columns = [CLIENT, BUCKET, *self.dimensions, *(column.name for column in self.columns)]
        keys = [CLIENT, bucket, *self.dimensions]
        as_they_are = level is self.kept.levels[0] and not merged
        states = [column.name if as_they_are else column.merged for column in self.columns]
        group = "" if as_they_are else f" GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))}"
        flags, flag = ([MERGED], ["true"]) if merged else ([], [])
        return (
            f"INSERT INTO {self.table(level)} ({', '.join([*columns, *flags])}) "
            f"SELECT {', '.join([*keys, *states, *flag])} FROM {source}{where}{group}"
        )


def _taken(column: StateColumn) -> str:
    return f"-({column.add})" if column.retracts else f"CAST(NULL AS {column.sql_type})"


def text(value: str) -> str:
    return exp.Literal.string(value).sql("postgres")
