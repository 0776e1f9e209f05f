"""The statements that look up and remove rows by key, built as trees for the table they are for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from analytics_engine.services.database_service.tables.fact_table import CLIENT, SQL_TYPES, FactTable

_ROW, _KEY, _WANTED = "row", "known", "wanted"
_CLIENT_PARAMETER = 1


def known_keys(table: FactTable) -> str:
    """Return a query for which of the wanted keys are there: their places among them, from 1.

    Parameters: the client, then one array for each key attribute.
    """
    conditions = [_same(_KEY, _WANTED, name) for name in table.key]
    return _sql(
        exp.select(_column(_WANTED, "n"))
        .from_(_wanted(table, numbered=True))
        .join(_keys(table), on=exp.and_(_of_client(_KEY), *conditions))
        .order_by(_column(_WANTED, "n"))
    )


def delete_rows(table: FactTable) -> str:
    """Return a statement that deletes the rows of the wanted keys, wherever in time they are; parameters as above."""
    if not table.has_key_table:
        return _delete(_facts(table, _ROW), [_wanted(table)], [_same(_ROW, _WANTED, name) for name in table.key], _ROW)
    return _delete(
        _facts(table, _ROW),
        [_wanted(table), _keys(table)],
        [
            _of_client(_KEY),
            *(_same(_KEY, _WANTED, name) for name in table.key),
            *(_same(_ROW, _KEY, name) for name in table.identity),
        ],
        _ROW,
    )


def delete_keys(table: FactTable) -> str:
    """Return a statement that deletes the wanted keys from the key table; parameters as above."""
    return _delete(_keys(table), [_wanted(table)], [_same(_KEY, _WANTED, name) for name in table.key], _KEY)


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


def analyze(table: FactTable) -> str:
    """Return a statement that tells the planner what the table holds now."""
    return _sql(exp.Analyze(this=exp.table_(table.code, db="facts", quoted=True)))


def _delete(target: exp.Table, using: list[exp.Expression], conditions: list[exp.Expression], alias: str) -> str:
    return _sql(exp.Delete(this=target, using=using, where=exp.Where(this=exp.and_(_of_client(alias), *conditions))))


def _wanted(table: FactTable, *, numbered: bool = False) -> exp.Unnest:
    arrays = [
        exp.Cast(
            this=exp.Parameter(this=exp.Literal.number(place)),
            to=exp.DataType.build(f"{SQL_TYPES[table.columns[name].type]}[]", dialect="postgres"),
        )
        for place, name in enumerate(table.key, _CLIENT_PARAMETER + 1)
    ]
    columns = [exp.to_identifier(name, quoted=True) for name in table.key]
    offset = exp.to_identifier("n", quoted=True) if numbered else False
    alias = exp.TableAlias(this=exp.to_identifier(_WANTED, quoted=True), columns=columns)
    return exp.Unnest(expressions=arrays, alias=alias, offset=offset)


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
