"""The statements that rebuild, compact and verify a rollup; values are parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.states.kept import BUCKET, MERGED, SCHEMA
from analytics_engine.services.database_service.rollups.grouping import Grouping
from analytics_engine.services.database_service.rollups.written import StateColumn
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.fact_table import CLIENT, SQL_TYPES

FLOAT_TOLERANCE = "1e-9"
"""How far a kept sum of floats may be from the rows', relatively: their order is not the same."""


@dataclass(frozen=True)
class RollupSql(Grouping):
    """Writes the statements of a rollup's maintenance."""

    def hull(self) -> str:
        """Return the query of the first and last moments of a client's rows and cells; parameter: the client."""
        rows = f"{fact_name(self.kept.model)} AS f{self.joins()}"
        sources = [f"SELECT {self.anchor} AS moment FROM {rows} WHERE f.{CLIENT} = $1"]
        sources += [
            f"SELECT {BUCKET} FROM {part.table(level)} WHERE {CLIENT} = $1"
            for part in self.parts
            for level in self.kept.levels
        ]
        firsts = ", ".join(f"(SELECT min(moment) FROM ({source}) AS s(moment))" for source in sources)
        lasts = ", ".join(f"(SELECT max(moment) FROM ({source}) AS s(moment))" for source in sources)
        return f"SELECT least({firsts}) AS first, greatest({lasts}) AS last"

    def rebuild(self) -> str:
        """Return the statement that computes a span of this part anew from the rows.

        Parameters: the client; the start and end of the rows; then of each level, the finest first.
        One statement is one snapshot: what it does not see, a trigger has added or is going to add.
        """
        span = self._within(self.anchor, 2)
        own = f" AND f.{CLIENT} = $1 AND {span}"
        parts = [f"groups AS MATERIALIZED ({self.groups(fact_name(self.kept.model), where=own)})"]
        for number, level in enumerate(self.kept.levels):
            here = self._within(BUCKET, 4 + 2 * number)
            parts.append(f"gone_{number} AS (DELETE FROM {self.table(level)} WHERE {CLIENT} = $1 AND {here})")
            if level is Level.MONTH:
                source, where = self._days_of_months(number), ""
            else:
                source, where = "groups", f" WHERE {self._within(level.value, 4 + 2 * number)}"
            parts.append(f"into_{number} AS ({self.into(level, source, merged=True, where=where)})")
        return f"WITH {', '.join(parts)} SELECT"

    def _days_of_months(self, number: int) -> str:
        """Return the days of the months that are rebuilt: those computed now, and the others as they are held."""
        day = number - 1
        held = ", ".join([CLIENT, f"{BUCKET} AS day", *self.dimensions, *(column.name for column in self.columns)])
        fresh = ", ".join([CLIENT, "day", *self.dimensions, *(column.name for column in self.columns)])
        zone = f", (SELECT zone FROM {SCHEMA}.zones WHERE {CLIENT} = $1) AS zone"
        zone = zone if self.by_zone else ""
        months, days = self._within(BUCKET, 4 + 2 * number), self._within(BUCKET, 4 + 2 * day)
        return (
            f"(SELECT {fresh}{zone} FROM groups WHERE {self._within('day', 4 + 2 * day)} UNION ALL "
            f"SELECT {held}{zone} FROM {self.table(Level.DAY)} "
            f"WHERE {CLIENT} = $1 AND {months} AND NOT ({days})) AS days"
        )

    def _within(self, moment: str, parameter: int) -> str:
        kind = SQL_TYPES[self.kept.anchor_type]
        return f"{moment} >= ${parameter}::{kind} AND {moment} < ${parameter + 1}::{kind}"

    def compact(self, level: Level) -> str:
        """Return the statement that makes one row of each cell in buckets that have new ones.

        Parameters: the client; how many buckets at most. It returns how many there were.
        """
        table = self.table(level)
        keys = [CLIENT, BUCKET, *self.dimensions]
        names = [*keys, *(column.name for column in self.columns)]
        states = [column.merged for column in self.columns]
        return (
            f"WITH buckets AS MATERIALIZED (SELECT DISTINCT {BUCKET} FROM {table} "
            f"WHERE {CLIENT} = $1 AND NOT {MERGED} LIMIT $2), "
            f"gone AS (DELETE FROM {table} AS r USING buckets WHERE r.{CLIENT} = $1 AND r.{BUCKET} = buckets.{BUCKET} "
            f"RETURNING r.*), "
            f"merged AS (INSERT INTO {table} ({', '.join(names)}, {MERGED}) "
            f"SELECT {', '.join([*keys, *states])}, true FROM gone "
            f"GROUP BY {', '.join(keys)} HAVING sum({self.columns[0].name}) <> 0) "
            f"SELECT count(*) FROM buckets"
        )

    def waiting(self, level: Level) -> str:
        """Return the query of the clients with cells that may have more than one row."""
        tally = "NULL" if self.tally is None else self.tally
        return (
            f"SELECT DISTINCT {self.kept.id} AS id, {tally}::integer AS tally, '{level.value}' AS level, "
            f"{CLIENT} AS client_id FROM {self.table(level)} WHERE NOT {MERGED}"
        )

    def verify(self, level: Level) -> str:
        """Return the query of the buckets of a level that are not what the rows are; parameters: client, start, end."""
        dimensions = self.dimensions
        span = f" AND f.{CLIENT} = $1 AND {self._within(self.anchor, 2)}"
        groups = self.groups(fact_name(self.kept.model), where=span)
        bucket = self.month_of("day") if level is Level.MONTH else level.value
        keys = [f"{bucket} AS bucket", *dimensions]
        group = ", ".join(str(n + 1) for n in range(len(keys)))
        fresh = ", ".join([*keys, *(f"{column.merged} AS {column.name}" for column in self.columns)])
        held = ", ".join([f"{BUCKET} AS bucket", *dimensions, *(f"{c.merged} AS {c.name}" for c in self.columns)])
        wrong = " OR ".join(_differs(column) for column in self.columns)
        sides = ", ".join(
            [
                "bucket",
                *(part for column in self.columns for part in _sides(column)),
            ]
        )
        by = ", ".join(["bucket", *dimensions])
        return (
            f"WITH groups AS MATERIALIZED ({groups}), "
            f"both_sides AS (SELECT true AS fresh, {fresh} FROM groups GROUP BY {_shifted(group)} UNION ALL "
            f"SELECT false, {held} FROM {self.table(level)} WHERE {CLIENT} = $1 AND {self._within(BUCKET, 2)} "
            f"GROUP BY {_shifted(group)}), "
            f"cells AS (SELECT {sides} FROM both_sides GROUP BY {by}) "
            f"SELECT bucket, count(*) AS cells FROM cells WHERE {wrong} GROUP BY bucket ORDER BY bucket"
        )


def _shifted(positions: str) -> str:
    """Return positions of columns behind one more."""
    return ", ".join(str(int(position) + 1) for position in positions.split(", "))


def _sides(column: StateColumn) -> Iterator[str]:
    """Yield a state of the rows, and as it is held; of sums no value is 0, as the count beside them tells it."""
    for side, name in (("fresh", f"fresh_{column.name}"), ("NOT fresh", f"held_{column.name}")):
        value = f"max({column.name}) FILTER (WHERE {side})"
        yield f"coalesce({value}, 0) AS {name}" if column.merge == "SUM" else f"{value} AS {name}"


def _differs(column: StateColumn) -> str:
    fresh, held = f"fresh_{column.name}", f"held_{column.name}"
    if column.is_float:
        return f"abs({fresh} - {held}) > {FLOAT_TOLERANCE} * greatest(abs({fresh}), abs({held}), 1e-300)"
    return f"{fresh} IS DISTINCT FROM {held}"
