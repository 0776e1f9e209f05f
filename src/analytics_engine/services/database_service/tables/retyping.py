"""The statements by which a column comes to be of another type while its table is in use.

A column of the new type is made beside it and kept in step by a trigger; what is there already is filled in, some pages
at a time. Then the two swap names. The one before is kept, and in step, so that the change can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables import ddl
from analytics_engine.services.database_service.tables.conversions import Conversion, conversion
from analytics_engine.services.database_service.tables.ddl import fact_name, quoted
from analytics_engine.services.database_service.tables.fact_table import CLIENT, FactTable
from analytics_engine.services.database_service.tables.table_changes import TableChange


def begin(table: FactTable, change: TableChange) -> Iterator[str]:
    """Yield the statements that make the new column; whoever writes the old one writes it too from then on."""
    assert change.to_type is not None
    yield ddl.add_reserved_column(table, change.fresh_column, change.to_type)
    yield _forward_keeper(change)
    yield (
        f"CREATE TRIGGER {quoted(change.keeper)} BEFORE INSERT OR UPDATE ON {fact_name(table.code)} "
        f"FOR EACH ROW EXECUTE FUNCTION {_function(change)}()"
    )


def fill(change: TableChange, part: str) -> str:
    """Return the statement that fills some pages of a part; parameters: the first page, and the first one not any more.

    A part is named by itself, so that triggers of statements do not run: nobody reads the column yet.
    """
    column, fresh = quoted(change.column), quoted(change.fresh_column)
    value = forwards(change).of(column)
    return (
        f"UPDATE {part} SET {fresh} = {value} WHERE ctid >= format('(%s,0)', $1::bigint)::tid "
        f"AND ctid < format('(%s,0)', $2::bigint)::tid AND {fresh} IS DISTINCT FROM ({value})"
    )


def out_of_step(table: FactTable, change: TableChange) -> str:
    """Return a query for how many rows the new column is not what it should be in."""
    value = forwards(change).of(quoted(change.column))
    return (
        f"SELECT count(*) FROM {fact_name(table.code)} WHERE {quoted(change.fresh_column)} IS DISTINCT FROM ({value})"
    )


def lost(table: FactTable, column: str, how: Conversion) -> str:
    """Return a query for how many values do not convert; parameter: the client whose first ones are shown.

    Values of other clients are counted, and not shown to this one.
    """
    name = quoted(column)
    lacking = f"{name} IS NOT NULL AND ({how.of(name)}) IS NULL"
    return (
        f"SELECT (SELECT count(*) FROM {fact_name(table.code)} WHERE {lacking}) AS count, "
        f"ARRAY(SELECT DISTINCT {name}::text FROM {fact_name(table.code)} WHERE {CLIENT} = $1 AND {lacking} "
        "ORDER BY 1 LIMIT 5) AS examples"
    )


def missing(table: FactTable, column: str) -> str:
    """Return a query for how many rows have nothing in a column."""
    return f"SELECT count(*) FROM {fact_name(table.code)} WHERE {quoted(column)} IS NULL"


def rows_of_others(code: str) -> str:
    """Return a query for whether a client other than the given one has rows."""
    first = f"SELECT FROM {fact_name(code)} WHERE {CLIENT}"
    return f"SELECT EXISTS ({first} < $1) OR EXISTS ({first} > $1)"


def swap(table: FactTable, change: TableChange) -> Iterator[str]:
    """Yield the statements by which the new column takes the name, and the old one is kept in step."""
    yield ddl.rename_column(table, change.column, change.kept_column)
    yield ddl.rename_column(table, change.fresh_column, change.column)
    if table.columns[change.column].required:
        yield ddl.make_optional(table, change.kept_column)
    yield _backward_keeper(change)


def renamed(change: TableChange) -> Iterator[str]:
    """Yield the statement that keeps the two in step though the column is called otherwise now."""
    if change.status.is_open:
        yield _forward_keeper(change)
    else:
        yield _backward_keeper(change)


def give_up(table: FactTable, change: TableChange) -> Iterator[str]:
    """Yield the statements that take away what was made for a change that has not swapped."""
    yield _drop_keeper(change)
    yield ddl.drop_column(table, change.fresh_column)


def not_kept(table: FactTable, change: TableChange) -> str:
    """Return a query for how many rows the column before cannot hold what is in the new one."""
    new, old = quoted(change.column), quoted(change.kept_column)
    return f"SELECT count(*) FROM {fact_name(table.code)} WHERE {new} IS DISTINCT FROM ({forwards(change).of(old)})"


def swap_back(table: FactTable, change: TableChange) -> Iterator[str]:
    yield _drop_keeper(change)
    yield ddl.drop_column(table, change.column)
    yield ddl.rename_column(table, change.kept_column, change.column)


def forget(table: FactTable, change: TableChange) -> Iterator[str]:
    """Yield the statements that drop what was kept of a column."""
    yield _drop_keeper(change)
    yield ddl.drop_column(table, change.kept_column)


def put_away(table: FactTable, change: TableChange) -> Iterator[str]:
    """Yield the statements that take a column out of sight, with all that is in it."""
    yield ddl.rename_column(table, change.column, change.kept_column)
    if table.columns[change.column].required:
        yield ddl.make_optional(table, change.kept_column)


def forwards(change: TableChange) -> Conversion:
    return _conversion(change.from_type, change.to_type)


def backwards(change: TableChange) -> Conversion:
    return _conversion(change.to_type, change.from_type)


def _conversion(present: DataType | None, wanted: DataType | None) -> Conversion:
    assert present is not None
    assert wanted is not None
    found = conversion(present, wanted)
    assert found is not None
    return found


def _function(change: TableChange) -> str:
    return f"facts.{quoted(change.keeper)}"


def _forward_keeper(change: TableChange) -> str:
    old, new = f"NEW.{quoted(change.column)}", f"NEW.{quoted(change.fresh_column)}"
    return _keeper(change, f"{new} := {forwards(change).of(old)};")


def _backward_keeper(change: TableChange) -> str:
    """Return the function that leaves what was there as it is, as long as it comes to the same."""
    old, new = f"NEW.{quoted(change.kept_column)}", f"NEW.{quoted(change.column)}"
    differs = f"{new} IS DISTINCT FROM ({forwards(change).of(old)})"
    return _keeper(change, f"IF {differs} THEN {old} := {backwards(change).of(new)}; END IF;")


def _keeper(change: TableChange, body: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {_function(change)}() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS $function$
BEGIN
    {body}
    RETURN NEW;
END
$function$"""


def _drop_keeper(change: TableChange) -> str:
    return f"DROP FUNCTION IF EXISTS {_function(change)}() CASCADE"
