"""SQL nodes made directly: sqlglot's own builders parse their arguments and copy their trees on every use."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from sqlglot import exp


def identifier(name: str, *, quoted: bool = False) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=quoted)


def column(name: str, table: str = "", *, quoted: bool = False) -> exp.Column:
    """Return a column; only the column's own name is quoted, aliases of ours need it never."""
    return exp.Column(this=identifier(name, quoted=quoted), table=identifier(table) if table else None)


def alias(value: exp.Expr, name: str) -> exp.Expr:
    """Return a value under a name; a column that has that name already stays as it is."""
    if isinstance(value, exp.Column) and value.name == name:
        return value
    return exp.Alias(this=value, alias=identifier(name))


def number(value: int | str) -> exp.Literal:
    return exp.Literal(this=str(value), is_string=False)


def rank_in_doubles(rank: object) -> exp.Literal:
    """Return a rank that is so little less that its product with a count, in doubles, is never above the exact one."""
    return number(format(Decimal(str(rank)) * (1 - Decimal("1e-15")), "f"))


def cast(value: exp.Expr, sql_type: str) -> exp.Expr:
    return exp.Cast(this=value, to=_data_type(sql_type))


def release(root: exp.Expr) -> None:
    """Take a tree apart, which then is gone at once.

    Nodes know their parents, so a tree is a cycle: hundreds of nodes a statement, which the garbage collector would
    look for all the time. Types are shared between trees and stay.
    """
    waiting: list[exp.Expr] = [root]
    while waiting:
        node = waiting.pop()
        node.parent = None
        if isinstance(node, exp.DataType):
            continue
        for part in node.args.values():
            if isinstance(part, exp.Expr):
                waiting.append(part)
            elif isinstance(part, list):
                waiting.extend(each for each in part if isinstance(each, exp.Expr))
        node.args.clear()


def not_zero(divisor: exp.Expr, written: exp.Expr) -> exp.Expr:
    """Return a divisor, as it is written, that is null where it would be 0; a number written out is known not to be."""
    if isinstance(divisor, exp.Literal) and divisor.this.strip("0") != "":
        return written
    return exp.Nullif(this=written, expression=number(0))


@cache
def _data_type(sql_type: str) -> exp.DataType:
    """Return a type, one node for all its uses: types have nothing inside that knows where it stands."""
    return exp.DataType.build(sql_type, dialect="postgres")


def table(name: str, *, schema: str = "", alias: str = "") -> exp.Table:
    """Return a table; a schema and its table are quoted, names of our own are not."""
    return exp.Table(
        this=identifier(name, quoted=bool(schema)),
        db=identifier(schema, quoted=True) if schema else None,
        alias=exp.TableAlias(this=identifier(alias)) if alias else None,
    )


def every(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Return the condition that all of these hold."""
    whole = _operand(conditions[0], exp.And)
    for condition in conditions[1:]:
        whole = exp.And(this=whole, expression=_operand(condition, exp.And))
    return whole


def some(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Return the condition that at least one of these holds."""
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = exp.Or(this=whole, expression=condition)
    return whole


def _operand(condition: exp.Expr, connective: type[exp.Connector]) -> exp.Expr:
    loose = isinstance(condition, exp.Connector) and not isinstance(condition, connective)
    return exp.Paren(this=condition) if loose else condition


def select(
    columns: Sequence[exp.Expr],
    source: exp.Expr,
    *,
    joins: Sequence[exp.Join] = (),
    where: Sequence[exp.Expr] = (),
    group_by: Sequence[exp.Expr] = (),
    having: exp.Expr | None = None,
) -> exp.Select:
    """Return a query; the conditions of ``where`` must all hold."""
    query = exp.Select(expressions=list(columns))
    query.set("from_", exp.From(this=source))
    if joins:
        query.set("joins", list(joins))
    if where:
        query.set("where", exp.Where(this=every(where)))
    if group_by:
        query.set("group", exp.Group(expressions=list(group_by)))
    if having is not None:
        query.set("having", exp.Having(this=having))
    return query


def with_parts(query: exp.Select, parts: Sequence[tuple[str, exp.Expr]]) -> exp.Select:
    """Return a query in front of which stand named parts."""
    ctes = [exp.CTE(this=part, alias=exp.TableAlias(this=identifier(name))) for name, part in parts]
    query.set("with_", exp.With(expressions=ctes))
    return query
