"""Which object models the rows of an answer come from, those joined and those looked up for each row included."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.kpi.formula.currency import RATES
from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.typed import Child, Column, Expression, Rate, walk
from analytics_engine.kpi.plan.plan import Scan


def read_by(paths: Paths, scan: Scan) -> Iterator[str]:
    """Yield the code of every object model whose rows a scan depends on."""
    yield scan.model
    yield from joined_by(paths, scan)


def joined_by(paths: Paths, scan: Scan) -> Iterator[str]:
    """Yield the code of every object model whose rows are joined to those of a scan; it may be the same one again."""
    expressions: list[Expression] = [scan.anchor, *scan.dimensions, *scan.terms]
    if scan.condition is not None:
        expressions.append(scan.condition)
    for expression in expressions:
        yield from joined_in(paths, scan.model, expression)


def joined_in(paths: Paths, code: str, expression: Expression) -> Iterator[str]:
    """Yield the code of every object model that an expression over the rows of one reads beside them."""
    model = paths.model(code)
    for part in walk(expression):
        match part:
            case Column(relations=route):
                for length in range(1, len(route) + 1):
                    yield paths.end_of(model, route[:length]).code
            case Rate():
                yield RATES
            case Child(relations=route):
                for length in range(1, len(route) + 1):
                    yield paths.end_of(model, route[:length]).code
                yield part.model
                for inner in (part.argument, part.where):
                    if inner is not None:
                        yield from joined_in(paths, part.model, inner)
            case _:
                pass
