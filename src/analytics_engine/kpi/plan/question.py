"""A question's shape: all of it that decides the plan, and none of what is only filled in (times, values)."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_engine.kpi.model.time import Grain


@dataclass(frozen=True, slots=True)
class FilterShape:
    """A condition on an attribute whose values come with the question.

    ``operator`` is the operator's name in the function catalogue; ``negated`` turns the condition round.
    """

    attribute: str
    operator: str
    values: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by ``period``, by a dimension, or by a KPI's code."""

    by: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Which KPIs, cut how. Questions of one shape share one plan."""

    kpis: tuple[str, ...]
    grain: Grain | None = None
    dimensions: tuple[str, ...] = ()
    filters: tuple[FilterShape, ...] = ()
    where: str = ""
    order: tuple[Order, ...] = ()
