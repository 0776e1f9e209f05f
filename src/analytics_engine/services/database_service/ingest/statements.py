"""The statements that look up and remove rows by key, built as trees for the table they are for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from analytics_engine.services.database_service.tables import ddl
from analytics_engine.services.database_service.tables.fact_table import CLIENT, SQL_TYPES, Column, FactTable

_ROW, _KEY, _WANTED = "row", "known", "wanted"
_CLIENT_PARAMETER = 1


STAGED, TAKEN = "staged_keys", "taken_keys"
ROW, LINE, EARLIER, _PLACE = "row#", "line#", "earlier#", "place#"
"""Names that no attribute can have."""


def create_staged(table: FactTable) -> list[str]:
    """Return the statements that make tables of the session: a load's keys, and which of its rows have taken ones."""
    keys = "".join(f", {ddl.column(name, Column(table.columns[name].type, required=True))}" for name in table.key)
    rows = f"{ddl.quoted(ROW)} bigint PRIMARY KEY, {ddl.quoted(LINE)} bigint NOT NULL"
    taken = f"{ddl.quoted(ROW)} bigint PRIMARY KEY, {ddl.quoted(EARLIER)} bigint"
    return [
        f"CREATE TEMPORARY TABLE {STAGED} ({rows}{keys}) ON COMMIT DROP",
        f"CREATE TEMPORARY TABLE {TAKEN} ({taken}) ON COMMIT DROP",
    ]


def find_taken(table: FactTable) -> str:
    """Return a statement that finds the rows whose key is taken; parameter: the client.

    A key is taken by the first row that has it, whose line is kept, and that row's by a row that is there.
    """
    by_key = [_column(STAGED, name) for name in table.key]
    window = {"partition_by": by_key, "order": exp.Order(expressions=[_column(STAGED, ROW)])}
    numbered = (
        exp.select(
            *(_column(STAGED, name) for name in (ROW, *table.key)),
            exp.alias_(exp.Window(this=exp.RowNumber(), **window), _PLACE, quoted=True),
            exp.alias_(exp.Window(this=exp.FirstValue(this=_column(STAGED, LINE)), **window), LINE, quoted=True),
        )
        .from_(exp.table_(STAGED))
        .subquery(_WANTED)
    )
    known = exp.select("1").from_(_keys(table)).where(_of_client(_KEY), *(_same(_KEY, _WANTED, n) for n in table.key))
    repeats = exp.GT(this=_column(_WANTED, _PLACE), expression=exp.Literal.number(1))
    earlier = exp.Case(ifs=[exp.If(this=repeats, true=_column(_WANTED, LINE))])
    found = (
        exp.select(_column(_WANTED, ROW), earlier)
        .from_(numbered)
        .where(exp.or_(repeats.copy(), exp.Exists(this=known)))
    )
    return _sql(exp.insert(found, exp.table_(TAKEN)))


def count_taken() -> str:
    return _sql(exp.select(exp.Count(this=exp.Star())).from_(exp.table_(TAKEN)))


def taken_between() -> str:
    """Return a query for the rows with taken keys from one number on up to before another: place and earlier line."""
    row, first, after = _column(TAKEN, ROW), *(exp.Parameter(this=exp.Literal.number(n)) for n in (1, 2))
    return _sql(
        exp.select(
            exp.alias_(exp.Sub(this=row, expression=first), "place"),
            exp.alias_(_column(TAKEN, EARLIER), "earlier_line"),
        )
        .from_(exp.table_(TAKEN))
        .where(exp.GTE(this=row, expression=first), exp.LT(this=row, expression=after))
        .order_by(row)
    )


def delete_rows(table: FactTable) -> str:
    """Return a statement that deletes the rows of the wanted keys, and the keys, wherever in time they are.

    Keys are deleted first, and say where their rows are. Were it one join, the planner would take key and time to be
    two conditions where they are one, so that all keys and all rows met in a single row, and then look through the
    wanted ones for each of them.
    Parameters: the client, then one array for each key attribute.
    """
    if not table.has_key_table:
        return _sql(
            _delete(_facts(table, _ROW), _wanted(table), [_same(_ROW, _WANTED, name) for name in table.key], _ROW)
        )
    keys = _delete(_keys(table), _wanted(table), [_same(_KEY, _WANTED, name) for name in table.key], _KEY)
    keys.set("returning", exp.Returning(expressions=[_column(_KEY, name) for name in table.identity]))
    rows = _delete(_facts(table, _ROW), exp.table_(_KEY), [_same(_ROW, _KEY, name) for name in table.identity], _ROW)
    rows.set("with_", exp.With(expressions=[exp.CTE(this=keys, alias=exp.TableAlias(this=exp.to_identifier(_KEY)))]))
    return _sql(rows)


def sample(table: FactTable, names: Iterable[str]) -> str:
    """Return a query for the newest rows of a client, or the first by key; parameters: the client, how many."""
    order = [table.time_attribute] if table.time_attribute else []
    query = (
        exp.select(*(_column(_ROW, name) for name in names))
        .from_(_facts(table, _ROW))
        .where(_of_client(_ROW))
        .order_by(
            *(exp.Ordered(this=_column(_ROW, name), desc=True, nulls_first=True) for name in order),
            *(exp.Ordered(this=_column(_ROW, name), nulls_first=False) for name in table.key if name not in order),
        )
        .limit(exp.Parameter(this=exp.Literal.number(2)))
    )
    return _sql(query)


def _delete(target: exp.Table, using: exp.Expression, conditions: list[exp.Expression], alias: str) -> exp.Delete:
    return exp.Delete(this=target, using=[using], where=exp.Where(this=exp.and_(_of_client(alias), *conditions)))


def _wanted(table: FactTable) -> exp.Unnest:
    arrays = [
        exp.Cast(
            this=exp.Parameter(this=exp.Literal.number(place)),
            to=exp.DataType.build(f"{SQL_TYPES[table.columns[name].type]}[]", dialect="postgres"),
        )
        for place, name in enumerate(table.key, _CLIENT_PARAMETER + 1)
    ]
    columns = [exp.to_identifier(name, quoted=True) for name in table.key]
    alias = exp.TableAlias(this=exp.to_identifier(_WANTED, quoted=True), columns=columns)
    return exp.Unnest(expressions=arrays, alias=alias)


def _facts(table: FactTable, alias: str) -> exp.Table:
    return exp.table_(table.code, db="facts", quoted=True, alias=alias)


def _keys(table: FactTable) -> exp.Table:
    schema = "fact_keys" if table.has_key_table else "facts"
    return exp.table_(table.code, db=schema, quoted=True, alias=_KEY)


def _of_client(alias: str) -> exp.Expression:
    return exp.EQ(this=_column(alias, CLIENT), expression=exp.Parameter(this=exp.Literal.number(_CLIENT_PARAMETER)))


def _same(left: str, right: str, name: str) -> exp.Expression:
    return exp.EQ(this=_column(left, name), expression=_column(right, name))


def _column(alias: str, name: str) -> exp.Column:
    return exp.column(name, table=alias, quoted=True)


def _sql(tree: exp.Expression) -> str:
    return tree.sql("postgres")
