"""The function catalogue as a page of the reference; a test holds the page in docs/ equal to this."""

from __future__ import annotations

from collections.abc import Iterable

from analytics_engine.kpi.formula.functions import (
    AGGREGATES,
    CELL_FUNCTIONS,
    CHILD_FUNCTIONS,
    MANY,
    PERIOD_FUNCTIONS,
    SCALARS,
    Aggregate,
    CellFunction,
    ChildFunction,
    PeriodFunction,
    Scalar,
)
from analytics_engine.kpi.formula.typing import TypingRule

BEGIN = "<!-- functions: written by `make docs` -->"
END = "<!-- end of functions -->"

_STATES = (
    "*State* says what a rollup can hold of it: *retractable* states can be merged and taken back (those of "
    "distinct counts and approximate percentiles where the rollup has `tallies`), *min-like* ones "
    "merged; *raw-only* ones are computed from rows."
)


def function_reference() -> str:
    """Return the tables of everything that can be written, in Markdown."""
    operators = [scalar for scalar in SCALARS.values() if scalar.symbol]
    functions = [scalar for scalar in SCALARS.values() if not (scalar.symbol or scalar.internal)]
    types = "types and units"
    return "\n\n".join(
        [
            "### Aggregates",
            _table(
                ["aggregate", "meaning", types, "of no rows", "state", "example"], map(_aggregate, AGGREGATES.values())
            ),
            _STATES,
            "### Over time",
            _table(["function", "meaning", types, "nulls", "example"], map(_cell, CELL_FUNCTIONS.values())),
            "### Rows that belong to a row",
            _table(["function", "meaning", types, "of none", "example"], map(_child, CHILD_FUNCTIONS.values())),
            "### The period",
            _table(["function", "meaning", types, "example"], map(_period, PERIOD_FUNCTIONS.values())),
            "### Operators",
            _table(["operator", "meaning", types, "nulls", "example"], map(_operator, operators)),
            "### Functions",
            _table(["function", "meaning", "operands", types, "nulls", "example"], map(_function, functions)),
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


def types_of(rule: TypingRule) -> str:
    """Return what a typing rule takes and gives: the first line of its docstring."""
    return (rule.__doc__ or "").partition("\n")[0]


def _aggregate(aggregate: Aggregate) -> list[str]:
    empty = "null" if aggregate.empty is None else str(aggregate.empty)
    name = "count(distinct ...)" if aggregate.name == "count_distinct" else aggregate.name
    types = types_of(aggregate.rule)
    return [f"`{name}`", aggregate.meaning, types, empty, aggregate.state.value, f"`{aggregate.example}`"]


def _cell(function: CellFunction) -> list[str]:
    return [f"`{function.name}`", function.meaning, function.gives, function.nulls, f"`{function.example}`"]


def _child(function: ChildFunction) -> list[str]:
    return [f"`{function.name}`", function.meaning, function.gives, function.empty, f"`{function.example}`"]


def _period(function: PeriodFunction) -> list[str]:
    return [f"`{function.name}(period)`", function.meaning, function.gives, f"`{function.example}`"]


def _operator(scalar: Scalar) -> list[str]:
    return [f"`{scalar.symbol}`", scalar.meaning, types_of(scalar.rule), scalar.nulls, f"`{scalar.example}`"]


def _function(scalar: Scalar) -> list[str]:
    least, most = scalar.operands
    count = str(least) if least == most else f"{least} or more" if most == MANY else f"{least} to {most}"
    types = types_of(scalar.rule)
    return [f"`{scalar.name}`", scalar.meaning, count, types, scalar.nulls, f"`{scalar.example}`"]


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
