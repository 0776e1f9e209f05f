"""Keys that are not unique in the data, looked for by the statement itself where the engine does not keep them so.

A join on such a key would repeat rows, and count them again: the answer is then refused, not given.
"""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.sql.nodes import alias, column, number, select, table
from analytics_engine.kpi.sql.sources import ROWS, attribute, is_clients, table_of
from analytics_engine.kpi.sql.writing import Part, Writing

REPEATED = "repeated_"
"""What the names of the parts and columns start with, in front of the object model's code."""
_TIMES = "times"


def guards(writing: Writing) -> list[Part]:
    """Return a part for each joined object model: the keys that several of its rows have."""
    if writing.dialect.keys_enforced:
        return []
    return [(f"{REPEATED}{code}", _repeated(writing, writing.paths.model(code))) for code in writing.joined]


def guard_columns(parts: list[Part]) -> list[exp.Expr]:
    """Return the columns that count the repeated keys of each object model, under the names of the parts."""
    return [alias(exp.Subquery(this=select([exp.Count(this=exp.Star())], table(name))), name) for name, _ in parts]


def _repeated(writing: Writing, model: ObjectModel) -> exp.Select:
    keys = [attribute(ROWS, name) for name in model.key]
    grouped = select(
        [alias(exp.Count(this=exp.Star()), _TIMES)],
        table_of(model, ROWS),
        where=[is_clients(writing, model, ROWS)],
        group_by=keys,
    )
    counted = exp.Subquery(this=grouped, alias=exp.TableAlias(this=exp.to_identifier("k")))
    return select([column(_TIMES, "k")], counted, where=[exp.GT(this=column(_TIMES, "k"), expression=number(1))])
