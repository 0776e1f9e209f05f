"""The columns of a table that a statement compares, where its text alone says so for certain."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)


def compared_columns(statement: str, *, schema: str, table: str) -> frozenset[str]:
    """Return the columns of ``schema.table`` that stand in a comparison of a WHERE or ON.

    A column counts where it names its table, or where its query reads no other. Nothing is returned of a table
    without its schema, nor of a statement that cannot be read.

    >>> sorted(compared_columns("select 1 from facts.f where b = $1 and c > $2", schema="facts", table="f"))
    ['b', 'c']
    """
    if table not in statement:
        return frozenset()
    try:
        tree = sqlglot.parse_one(statement, dialect="postgres")
        scopes = traverse_scope(tree)
    except (SqlglotError, RecursionError):
        return frozenset()
    return frozenset(name for scope in scopes for name in _compared(scope, schema, table))


def _compared(scope: Scope, schema: str, table: str) -> Iterator[str]:
    wanted = {
        alias
        for alias, source in scope.sources.items()
        if isinstance(source, exp.Table) and (source.db, source.name) == (schema, table)
    }
    if not wanted:
        return
    alone = len(scope.sources) == 1
    for column in scope.columns:
        if _is_compared(column) and (column.table in wanted or (alone and not column.table)):
            yield column.name


def _is_compared(column: exp.Column) -> bool:
    return isinstance(column.parent, _COMPARISONS) and column.find_ancestor(exp.Where, exp.Join) is not None
