"""The plan: what is read, once each, and what is computed from it. Immutable, and the same for one shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_engine.kpi.formula.typed import Column, Expression, Given, Term, walk
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Grain
from analytics_engine.kpi.model.units import Unit
from analytics_engine.kpi.plan.question import Order
from analytics_engine.kpi.states.catalogue import State


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI as asked: its definition and version, and its meaning over the plan's terms."""

    definition: Kpi
    version: int
    expression: Expression
    type: DataType
    unit: Unit
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """What the answer is cut by: the name it was asked by, and its type."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scan's states are read, and why there."""

    name: str
    schema: str
    table: str
    client_column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over the rows of one object model, for every term that shares its anchor, cut and conditions.

    Args:
        dimensions: the plan's dimensions, as seen from this object model.
        condition: the question's filters, as seen from this object model.
        states: what is computed of each cell, each once.
    """

    model: str
    anchor: Column
    dimensions: tuple[Expression, ...]
    condition: Expression | None
    terms: tuple[Term, ...]
    states: tuple[State, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is answered: scans, merged by cell, finished to terms, combined to measures.

    Args:
        givens: the values the question brings, in order: their types, and what they are compared with.
        reads: every object model whose rows the answer depends on, those joined for attributes included.
    """

    measures: tuple[Measure, ...]
    grain: Grain | None
    dimensions: tuple[Dimension, ...]
    scans: tuple[Scan, ...]
    order: tuple[Order, ...]
    givens: tuple[Given, ...]
    reads: tuple[str, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term once, scan by scan."""
        return tuple(term for scan in self.scans for term in scan.terms)

    @property
    def object_models(self) -> tuple[str, ...]:
        """The object models whose rows are aggregated; coverage is asked of these."""
        return tuple(dict.fromkeys(scan.model for scan in self.scans))


def columns_of(scan: Scan) -> Iterator[Column]:
    """Yield every attribute a scan reads, with the relations that lead to it."""
    expressions: list[Expression] = [scan.anchor, *scan.dimensions, *scan.terms]
    if scan.condition is not None:
        expressions.append(scan.condition)
    for expression in expressions:
        yield from (part for part in walk(expression) if isinstance(part, Column))
