"""A rollup's tables, and the triggers by which every writer keeps it in the transaction of the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.states.kept import BUCKET, MERGED, SCHEMA
from analytics_engine.kpi.values.kept import EARLIEST, LATEST
from analytics_engine.services.database_service.rollups.grouping import EPOCH, Grouping, text
from analytics_engine.services.database_service.rollups.written import JoinedRow
from analytics_engine.services.database_service.tables.ddl import fact_name, quoted
from analytics_engine.services.database_service.tables.fact_table import CLIENT, SQL_TYPES

_READERS = "ae_calculation_engine_service, ae_database_service"
_EVER = f"timestamptz '{EARLIEST.isoformat()}', timestamptz '{LATEST.isoformat()}'"
MANY = 1_000
"""A statement of fewer rows is always appended: there is little to be spared."""
_AS_MANY = 8
"""A statement is not appended where its days held up to so many times its rows: building them reads that much."""
_PER_CELL = 20
"""Where cells are of more rows, on average, there are so few that a statement is appended."""
_LOOKED_AT = 200
"""So many cells tell how many rows they are of."""
_ROWS_A_LOOK = 4
"""Its days are looked through up to one cell for so many rows; where they have more, it is appended."""


@dataclass(frozen=True)
class Function:
    """A trigger's function."""

    name: str
    body: str

    @property
    def statement(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {SCHEMA}.{self.name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $function${self.body}$function$"
        )


@dataclass(frozen=True)
class Triggers(Grouping):
    """Writes the statements that make a rollup and take it away."""

    def create(self) -> Iterator[str]:
        """Yield the statements that make the tables, and the function that keeps them."""
        for part in self.parts:
            yield from part.tables()
        yield from (function.statement for function in self.functions())

    def tables(self) -> Iterator[str]:
        """Yield the statements that make the tables of this part."""
        bucket = SQL_TYPES[self.kept.anchor_type]
        dimensions = [f"{name} {SQL_TYPES[kind]}" for name, kind in zip(self.dimensions, self.types, strict=True)]
        states = [f"{column.name} {column.sql_type}" for column in self.columns]
        for level in self.kept.levels:
            table = self.table(level)
            columns = [f"{CLIENT} text NOT NULL", f"{BUCKET} {bucket} NOT NULL", *dimensions, *states]
            yield f"CREATE TABLE {table} ({', '.join(columns)}, {MERGED} boolean NOT NULL DEFAULT false)"
            yield f"CREATE INDEX ON {table} ({CLIENT}, {BUCKET})"
            yield f"CREATE INDEX ON {table} ({CLIENT}, {BUCKET}) WHERE NOT {MERGED}"
            yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
            yield (
                f"CREATE POLICY own_client ON {table} FOR SELECT TO {_READERS} "
                f"USING ({CLIENT} = current_setting('app.client_id', true))"
            )
            yield f"GRANT SELECT ON {table} TO {_READERS}"

    def functions(self) -> Iterator[Function]:
        """Yield the functions that keep the rollup; they may be replaced while writers call them."""
        yield self._function()
        for number in range(len(self._models_beside)):
            yield self._marker(number)

    def attach(self) -> Iterator[str]:
        """Yield the statements that have the fact table's writers keep the rollup from their next statement on."""
        yield from self._triggers(self.kept.model, f"keep_{self.kept.id}")
        for number, model in enumerate(self._models_beside):
            yield from self._triggers(model, f"mark_{self.kept.id}_{number}")

    def indexes(self, primary_keys: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Yield the statements that make the indexes by which rows find those they read, and those that read them.

        What a primary key begins with, in whatever order, needs none.
        """
        models = {"f": self.kept.model} | {one.alias: one.model for one in self.written.joined}
        for one in self.written.joined:
            here, there = zip(*one.pairs, strict=True)
            for model, names in ((models[one.before], here), (one.model, there)):
                columns = [CLIENT, *names]
                if set(primary_keys[model][: len(columns)]) != set(columns):
                    digest = hashlib.sha256(" ".join([model, *columns]).encode()).hexdigest()[:16]
                    listed = ", ".join(map(quoted, columns))
                    yield f"CREATE INDEX IF NOT EXISTS ae_reads_{digest} ON {fact_name(model)} ({listed})"

    def _triggers(self, model: str, function: str) -> Iterator[str]:
        for event, tables in (
            ("INSERT", " REFERENCING NEW TABLE AS ae_new"),
            ("UPDATE", " REFERENCING OLD TABLE AS ae_old NEW TABLE AS ae_new"),
            ("DELETE", " REFERENCING OLD TABLE AS ae_old"),
            ("TRUNCATE", ""),
        ):
            yield (
                f"CREATE TRIGGER ae_rollup_{function}_{event.lower()} AFTER {event} ON {fact_name(model)}{tables} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.{function}()"
            )

    def drop(self) -> Iterator[str]:
        """Yield the statements that take the rollup away, its triggers first."""
        yield from self.detach()
        for part in self.parts:
            yield from (f"DROP TABLE IF EXISTS {part.table(level)}" for level in self.kept.levels)

    def detach(self) -> Iterator[str]:
        """Yield the statements after which no writer keeps the rollup any more; its cells are there still."""
        yield f"DROP FUNCTION IF EXISTS {SCHEMA}.keep_{self.kept.id}() CASCADE"
        for number in range(len(self._models_beside)):
            yield f"DROP FUNCTION IF EXISTS {SCHEMA}.mark_{self.kept.id}_{number}() CASCADE"

    @property
    def _models_beside(self) -> list[str]:
        """The object models whose rows are read beside the rollup's own, but for its own one."""
        return list(dict.fromkeys(one.model for one in self.written.joined))

    def _function(self) -> Function:
        """Return the function that adds what a statement did to the rows to every level, or has it built from them."""
        marks = self._marks_of_removed()
        return _trigger_function(
            f"keep_{self.kept.id}",
            {
                "INSERT": [
                    *self._locks("ae_new", shared=True),
                    *self._unless_many("ae_new", self._appends(added="ae_new")),
                ],
                "UPDATE": [
                    *self._locks("ae_old", shared=True),
                    *self._locks("ae_new", shared=True),
                    *self._appends(added="ae_new", taken="ae_old"),
                    *marks,
                ],
                "DELETE": [*self._locks("ae_old", shared=True), *self._appends(taken="ae_old"), *marks],
                "TRUNCATE": [self._mark_everything()],
            },
        )

    def _appends(self, *, added: str | None = None, taken: str | None = None) -> list[str]:
        """Return the statements that add rows to every level, and take others out again."""
        statements = []
        for part in self.parts:
            groups = [part.groups(added)] if added is not None else []
            groups += [part.groups(taken, negative=True)] if taken is not None else []
            statements.append(part.append(" UNION ALL ".join(groups)))
        return statements

    def _unless_many(self, rows: str, appends: Sequence[str]) -> list[str]:
        """Return what appends rows, or marks their time where they are many beside those their days held.

        Such rows would make nearly as many cells as they are themselves, and building the days from the rows takes
        little more. Either way is right at any moment, whatever others write, so that this may be an estimate.
        """
        few = " OR ".join(f"({part.are_cells_of_few(rows)})" for part in self.parts)
        many = f"EXISTS (SELECT FROM {rows} OFFSET {MANY - 1}) AND ({few})"
        return [
            f"IF {many} THEN {self._mark_many(rows)}; many := FOUND; END IF",
            f"IF NOT many THEN {'; '.join(appends)}; END IF",
        ]

    def are_cells_of_few(self, rows: str) -> str:
        """Return the query whether the finest cells up to one of the rows are of few rows, or there are none."""
        count = self.columns[0].name
        return (
            f"SELECT coalesce(sum({count}) <= {_PER_CELL} * count(*), true) FROM "
            f"(SELECT * FROM {rows} LIMIT 1) AS f{self.joins()} "
            f"CROSS JOIN LATERAL (SELECT r.{count} FROM {self.table(self.kept.levels[0])} AS r "
            f"WHERE r.{CLIENT} = f.{CLIENT} AND r.{BUCKET} <= {self.anchor} "
            f"ORDER BY r.{BUCKET} DESC LIMIT {_LOOKED_AT}) AS cells"
        )

    def _mark_many(self, rows: str) -> str:
        """Return the statement that marks what rows reach over in each day, or nothing where days held many more."""
        if self.kept.anchor_type is DataType.DATE:
            day, next_day = self.anchor, "days.day + 1"
        else:
            day, next_day = f"date_bin('1 day', {self.anchor}, {EPOCH})", "days.day + interval '1 day'"
        (start, _), (_, end) = self._span(f"min({self.anchor})"), self._span(f"max({self.anchor})")
        daily = Level.DAY if Level.DAY in self.kept.levels else self.kept.levels[0]
        count = self.columns[0].name
        look = "LIMIT (SELECT look FROM added)"
        return (
            f"WITH days AS MATERIALIZED (SELECT f.{CLIENT}, {day} AS day, {start} AS starts, {end} AS ends, "
            f"count(*) AS rows FROM {rows} AS f{self.joins()} WHERE {self.counts} AND isfinite({self.anchor}) "
            f"GROUP BY 1, 2), "
            f"added AS MATERIALIZED (SELECT sum(rows) AS rows, sum(rows)::bigint / {_ROWS_A_LOOK} AS look FROM days), "
            f"held AS MATERIALIZED (SELECT count(*) AS cells, coalesce(sum({count}), 0) AS rows "
            f"FROM (SELECT c.{count} FROM days CROSS JOIN LATERAL (SELECT r.{count} FROM {self.table(daily)} AS r "
            f"WHERE r.{CLIENT} = days.{CLIENT} AND r.{BUCKET} >= days.day AND r.{BUCKET} < {next_day} {look}) AS c "
            f"{look}) AS cells) "
            f"INSERT INTO {SCHEMA}.marks (rollup_id, client_id, starts, ends, every_state, reason) "
            f"SELECT {self.kept.id}, days.{CLIENT}, starts, ends, true, 'building' FROM days, added, held "
            f"WHERE held.rows <= {_AS_MANY} * added.rows AND held.cells < added.look"
        )

    def _marker(self, number: int) -> Function:
        """Return the function that marks the buckets of rows that read what a statement changed.

        The rows of a statement that reads, and those of one that changes what is read, do not see each other. Each
        therefore takes a lock of the client first, and then looks: whoever is second sees what the first one did.
        """
        model = self._models_beside[number]
        places = [place for place, one in enumerate(self.written.joined) if one.model == model]

        def marks(changed: Callable[[JoinedRow], str]) -> list[str]:
            return [self._marks_of_readers(place, changed(self.written.joined[place])) for place in places]

        return _trigger_function(
            f"mark_{self.kept.id}_{number}",
            {
                "INSERT": [*self._locks("ae_new"), *marks(lambda _: "ae_new")],
                "UPDATE": [*self._locks("ae_old"), *self._locks("ae_new"), *marks(_changed)],
                "DELETE": [*self._locks("ae_old"), *marks(lambda _: "ae_old")],
                "TRUNCATE": [self._mark_everything()],
            },
        )

    def _locks(self, rows: str, *, shared: bool = False) -> list[str]:
        """Return the statements that wait for those who change what others read, and have them wait."""
        if not self.written.joined:
            return []
        shared &= self.kept.model not in self._models_beside
        function = f"pg_advisory_xact_lock{'_shared' if shared else ''}"
        key = f"hashtextextended('rollup rows {self.kept.id} ' || client_id, 0)"
        return [
            f"""IF current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'the rollup {self.kept.code} reads other rows, of which one snapshot tells too little'
                USING ERRCODE = 'feature_not_supported', HINT = 'Write these rows in READ COMMITTED.';
        END IF""",
            f"PERFORM {function}({key}) FROM (SELECT DISTINCT {CLIENT} FROM {rows} ORDER BY 1) AS clients",
        ]

    def _mark_everything(self) -> str:
        return (
            f"INSERT INTO {SCHEMA}.marks (rollup_id, client_id, starts, ends, every_state, reason) "
            f"VALUES ({self.kept.id}, {text(self.client_id)}, {_EVER}, true, 'truncated')"
        )

    def _marks_of_removed(self) -> list[str]:
        """Return the statement that marks the buckets of rows that were taken away, where a state cannot do without."""
        if all(column.retracts for column in self.columns):
            return []
        return [self._mark(f"ae_old AS f{self.joins()}", every_state=False, reason="removed")]

    def _marks_of_readers(self, place: int, changed: str) -> str:
        """Return the statement that marks the buckets of rows that read what changed, as it was and as it is now."""
        joins = [
            one.join(changed if number == place else fact_name(one.model), inner=number == place)
            for number, one in enumerate(self.written.joined)
        ]
        rows = f"{fact_name(self.kept.model)} AS f{''.join(joins)}"
        return self._mark(rows, every_state=True, reason="changed")

    def _mark(self, rows: str, *, every_state: bool, reason: str) -> str:
        """Return the statement that marks the buckets of rows."""
        start, end = self._span(self.anchor)
        return (
            f"INSERT INTO {SCHEMA}.marks (rollup_id, client_id, starts, ends, every_state, reason) "
            f"SELECT DISTINCT {self.kept.id}, f.{CLIENT}, {start}, {end}, "
            f"{str(every_state).lower()}, {text(reason)} FROM {rows} WHERE {self.counts}"
        )

    def _span(self, moment: str) -> tuple[str, str]:
        """Return what is marked for a moment: a quarter of an hour, which is in one bucket of each level, or a day."""
        if self.kept.anchor_type is DataType.DATE:
            start, length = f"{moment}::timestamp AT TIME ZONE 'UTC'", "1 day"
        else:
            start, length = f"date_bin('15 minutes', {moment}, {EPOCH})", "15 minutes"
        return start, f"{start} + interval '{length}'"


def _changed(one: JoinedRow) -> str:
    """Return the rows that were changed in what is read of them, as they were and as they are."""
    columns = ", ".join([CLIENT, *map(quoted, one.attributes)])
    old, new = (f"SELECT {columns} FROM {rows}" for rows in ("ae_old", "ae_new"))
    return f"(({old} EXCEPT ALL {new}) UNION ALL ({new} EXCEPT ALL {old}))"


def _trigger_function(name: str, by_event: Mapping[str, Sequence[str]]) -> Function:
    """Return a function that does as the event says; it sees what is committed when each of its statements begins."""
    branches = [
        f"{'IF' if number == 0 else 'ELSIF'} TG_OP = '{event}' THEN " + "".join(f"{one}; " for one in statements)
        for number, (event, statements) in enumerate(by_event.items())
    ]
    body = f"""
DECLARE
    many boolean := false;
BEGIN
    {"".join(branches)} END IF;
    RETURN NULL;
END
"""
    return Function(name, body)
