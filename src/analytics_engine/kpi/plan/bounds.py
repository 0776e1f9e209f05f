"""What one question may ask for at most: engines bound the columns of a step and the length of a statement."""

from __future__ import annotations

from collections.abc import Sequence

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.typed import size_of
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.plan.plan import Measure, Scan, Stage
from analytics_engine.kpi.plan.question import Question

_MOST_CONDITIONS = 100
_MOST_VALUES = 10_000
_MOST_COLUMNS = 1_600
"""PostgreSQL has 1,664 at most."""
_MOST_PARTS = 60_000
"""Of all expressions in the statement together."""


def check_question(question: Question) -> None:
    """Accept a question of not too many conditions and values, and of each dimension once.

    Raises:
        QueryError: it has more.
    """
    twice = next((name for name in question.dimensions if question.dimensions.count(name) > 1), None)
    if twice is not None:
        raise QueryError(f"The dimension {twice} is asked for twice.", remedy="Name it once.")
    for top in question.top:
        if top.dimension not in question.dimensions:
            raise QueryError(
                f"The top names {top.dimension!r}, which is no dimension of the question.",
                remedy=did_you_mean(top.dimension, question.dimensions) or "Ask for that dimension too.",
            )
    conditions = len(question.filters) + len(question.where) + len(question.value_filters)
    if conditions > _MOST_CONDITIONS:
        raise QueryError(
            f"The question has {conditions:,} filters; {_MOST_CONDITIONS} are the most.",
            remedy="Join several values of one attribute with in.",
        )
    values = sum(shape.values for shape in question.filters)
    values += sum(shape.values for shape in question.value_filters)
    values += sum(shape.values for shape in question.top)
    if values > _MOST_VALUES:
        raise QueryError(
            f"The question brings {values:,} values; {_MOST_VALUES:,} are the most.",
            remedy="Filter by an attribute that groups them.",
        )


def check_measures(measures: Sequence[Measure]) -> None:
    """Accept measures that fit into one answer: each is a column, and three more are of each of their leaves.

    Raises:
        QueryError: they are too many, or too long.
    """
    leaves = {leaf for measure in measures for leaf in measure.leaves}
    _check_columns(len(measures) + 3 * len(leaves))
    _check_parts(sum(size_of(measure.expression) for measure in measures))


def check_stages(stages: Sequence[Stage]) -> None:
    """Accept what a question needs of an engine, if an engine can do it in one statement.

    Raises:
        QueryError: it has too many terms, or their expressions are too long.
    """
    _check_columns(max(map(_states, stages)))
    _check_parts(sum(_parts(scan) for stage in stages for scan in stage.scans))


def _check_columns(columns: int) -> None:
    if columns > _MOST_COLUMNS:
        raise QueryError(
            f"The question needs {columns:,} columns in one step of its statement; {_MOST_COLUMNS:,} are the most.",
            remedy="Ask fewer KPIs at once.",
        )


def _check_parts(parts: int) -> None:
    if parts > _MOST_PARTS:
        raise QueryError(
            f"The statement of the question would have {parts:,} parts; {_MOST_PARTS:,} are the most.",
            remedy="Ask fewer KPIs at once, or with shorter conditions.",
        )


def _states(stage: Stage) -> int:
    return sum(len(scan.states) * len(scan.cuts) for scan in stage.scans)


def _parts(scan: Scan) -> int:
    """How many parts the expressions of a scan have; its dimensions may be written twice, to group by them."""
    conditions = [scan.condition] if scan.condition is not None else []
    inside = (part for state in scan.states for part in (state.argument, state.second, state.where, state.condition))
    written = (*scan.dimensions, *scan.dimensions, *conditions, *inside)
    return sum(size_of(part) for part in written if part is not None)
