"""A question's shape: all of it that decides the plan, and none of what is only filled in (times, values)."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass

MOST_FEW = 62
"""So many periods are few: a whole number has a bit for each."""


def are_few(periods: Sized) -> bool:
    """Return whether a question of these periods is one of few."""
    return len(periods) <= MOST_FEW


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
class ValueFilter:
    """A condition on a KPI's value; the values come with the question, behind those of the filters on attributes."""

    measure: str
    operator: str
    values: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by ``period``, by a dimension, or by a KPI as it was asked for."""

    by: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class TopMembers:
    """The members of a dimension to show; their values come with the question, behind those of all filters.

    Args:
        null: the missing member is one of them.
        rest: all others together are shown too, as one.
    """

    dimension: str
    values: int
    null: bool = False
    rest: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """Which KPIs, cut how. Questions of one shape share one plan.

    Args:
        kpis: codes, or expressions over codes such as ``previous(ORDERS, 1 month)``.
        where: conditions in the language, all of which must hold.
        top: dimensions of which only some members are shown, and all others together as the rest.
        every_member: show each member in every period.
        few: no more than ``MOST_FEW`` periods are asked.
    """

    kpis: tuple[str, ...]
    grain: str | None = None
    dimensions: tuple[str, ...] = ()
    filters: tuple[FilterShape, ...] = ()
    where: tuple[str, ...] = ()
    value_filters: tuple[ValueFilter, ...] = ()
    order: tuple[Order, ...] = ()
    top: tuple[TopMembers, ...] = ()
    every_member: bool = False
    few: bool = False
