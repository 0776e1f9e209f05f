"""The top members of a dimension: which they are, and a question about them and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics_engine.contracts.calculation import KpiQuery, Top
from analytics_engine.kpi.plan.question import Order, Question, TopMembers
from analytics_engine.services.calculation_engine_service.parts import check_dimension


@dataclass(frozen=True)
class Chosen:
    """The members that are shown: their values in the order of their rank, and whether the missing one is shown too."""

    values: tuple[Any, ...]
    null: bool


def ranking_of(query: KpiQuery, top: Top, cells: Question) -> Question:
    """Return the question whose first rows are the top members: the KPI over the whole range, by the dimension.

    Raises:
        QueryError: the query does not have the dimension.
    """
    check_dimension(query, top.dimension, "top")
    by = top.by or query.kpis[0]
    return Question(
        kpis=(by,),
        dimensions=(top.dimension,),
        filters=cells.filters,
        where=cells.where,
        order=(Order(by, descending=not top.ascending),),
    )


def chosen_of(rows: Sequence[Mapping[str, Any]]) -> Chosen:
    """Return the members that a ranking's rows are of."""
    members = [row["d0"] for row in rows]
    return Chosen(tuple(member for member in members if member is not None), None in members)


def as_many(top: Top) -> Chosen:
    """Return what stands for the members while they are not known: as many as are asked for."""
    return Chosen((None,) * top.n, null=False)


def with_top(question: Question, top: Top, chosen: Chosen) -> Question:
    """Return a question about the chosen members and the rest; one that does not have their dimension stays."""
    if top.dimension not in question.dimensions:
        return question
    shape = TopMembers(top.dimension, len(chosen.values), chosen.null, top.rest)
    return replace(question, top=(shape,))
