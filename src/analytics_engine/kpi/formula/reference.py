"""The function catalogue as a page of the reference; a test holds the page in docs/ equal to this."""

from __future__ import annotations

from collections.abc import Iterable

from analytics_engine.kpi.formula.functions import AGGREGATES, MANY, SCALARS, Aggregate, Scalar

BEGIN = "<!-- functions: written by `make docs` -->"
END = "<!-- end of functions -->"


def function_reference() -> str:
    """Return the tables of aggregates, operators and functions in Markdown."""
    operators = [scalar for scalar in SCALARS.values() if scalar.symbol]
    functions = [scalar for scalar in SCALARS.values() if not (scalar.symbol or scalar.internal)]
    return "\n\n".join(
        [
            "### Aggregates",
            _table(["aggregate", "meaning", "of no rows", "state", "example"], map(_aggregate, AGGREGATES.values())),
            "### Operators",
            _table(["operator", "meaning", "nulls", "example"], map(_operator, operators)),
            "### Functions",
            _table(["function", "meaning", "operands", "nulls", "example"], map(_function, functions)),
        ]
    )


def with_reference(page: str) -> str:
    """Return a page with what stands between the two marks written anew.

    Raises:
        ValueError: the page has no marks.
    """
    head, _, rest = page.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{head}{BEGIN}\n\n{function_reference()}\n\n{END}{tail}"


def _aggregate(aggregate: Aggregate) -> list[str]:
    empty = "null" if aggregate.empty is None else str(aggregate.empty)
    name = "count(distinct ...)" if aggregate.name == "count_distinct" else aggregate.name
    return [f"`{name}`", aggregate.meaning, empty, aggregate.state.value, f"`{aggregate.example}`"]


def _operator(scalar: Scalar) -> list[str]:
    return [f"`{scalar.symbol}`", scalar.meaning, scalar.nulls, f"`{scalar.example}`"]


def _function(scalar: Scalar) -> list[str]:
    least, most = scalar.operands
    count = str(least) if least == most else f"{least} or more" if most == MANY else f"{least} to {most}"
    return [f"`{scalar.name}`", scalar.meaning, count, scalar.nulls, f"`{scalar.example}`"]


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
