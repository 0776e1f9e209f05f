"""The plan: what is read, once each, and what is computed from it. Immutable, and the same for one shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analytics_engine.kpi.formula.typed import Column, Expression, Given, Leaf, PeriodDays, Term, TimeAverage
from analytics_engine.kpi.model.frames import Edge, Frame
from analytics_engine.kpi.model.hashed import Hashed, hashed_once
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.model.units import Unit
from analytics_engine.kpi.plan.question import Order, ValueFilter
from analytics_engine.kpi.states.catalogue import State
from analytics_engine.kpi.states.kept import Kept


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI as asked: its definition and version, and its meaning over the plan's leaves.

    ``name`` is the KPI's code, or the expression that was asked for.
    """

    name: str
    definition: Kpi
    version: int
    expression: Expression
    type: DataType
    unit: Unit
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """What the answer is cut by: the name it was asked by, and its type."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scan's states are read, and why there; ``kept`` is the rollup, where it is one."""

    name: str
    schema: str
    table: str
    client_column: str
    reason: str
    kept: Kept | None = None


class Shape(StrEnum):
    """How rows come to belong to periods, and what becomes of them there."""

    ROWS = "rows"
    """a row belongs to the spans that hold its anchor"""
    VALIDITY = "validity"
    """a row belongs to the instants between its beginning and its end"""
    CHANGE = "change"
    """things are compared between the two ends of a period"""
    OVERLAP = "overlap"
    """a row belongs to the spans it overlaps, with a part of its amount"""
    HOLDING = "holding"
    """a row belongs to the spans in which it held, until the next of its series"""
    PICK = "pick"
    """one row of each series belongs to a span"""
    HAVING = "having"
    """rows are grouped by a value, and the values that meet a condition are counted"""


class Way(StrEnum):
    """How a scan gets from rows to cells."""

    DIRECT = "direct"
    """rows are grouped by the period that holds them"""
    SEGMENTS = "segments"
    """rows are grouped by the finest spans any cut needs, and those few cells merged to each cut"""
    SPREAD = "spread"
    """rows are repeated for each span they belong to: for states that do not merge"""
    STEPS = "steps"
    """values are counted as they enter and leave the spans: for different values in spans that overlap"""


@hashed_once
@dataclass(frozen=True, slots=True)
class Cut(Hashed):
    """Which span, or which instant, is read for each entry of a spine.

    Args:
        spine: what the cells are of: the asked periods, or the days of a span of each.
        frame: the span that is read for an entry.
        at: only the instant at this end of the span; all that came before it is meant.
    """

    spine: Frame = ()
    frame: Frame = ()
    at: Edge | None = None

    @property
    def plain(self) -> bool:
        return not (self.spine or self.frame or self.at)


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over the rows of one object model, for every term that shares its anchor, cut and conditions.

    Args:
        dimensions: the plan's dimensions, as seen from this object model; none for totals.
        condition: the question's filters, as seen from this object model.
        states: what is computed of each cell, each once.
        wanted: for each cut, which of them its cells need.
    """

    shape: Shape
    way: Way
    model: str
    anchor: Column
    dimensions: tuple[Expression, ...]
    condition: Expression | None
    total: bool
    cuts: tuple[Cut, ...]
    terms: tuple[Term, ...]
    states: tuple[State, ...]
    wanted: tuple[tuple[State, ...], ...]
    place: Place

    @property
    def cut(self) -> Cut:
        """The cut of a scan that has just one."""
        (cut,) = self.cuts
        return cut


@dataclass(frozen=True, slots=True)
class Stage:
    """What is computed for the entries of one spine: scans, merged by cell, finished to terms."""

    spine: Frame
    scans: tuple[Scan, ...]
    terms: tuple[Term, ...]
    days: tuple[PeriodDays, ...]


@dataclass(frozen=True, slots=True)
class Average:
    """A mean over the days of each period: the stage of those days, and what is averaged."""

    leaf: TimeAverage
    stage: Stage


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is answered: scans, merged by cell, finished to terms, combined to measures.

    Args:
        grain: the grain asked for; None for the whole range as one period.
        every_member: show each member in every period, not only where it has rows.
        few: no more than ``MOST_FEW`` periods are asked.
        without_rest: the numbers of the dimensions that say what the rest is, where it is not shown.
        first_value_given: the position of the first value that comes with a filter on values.
        givens: the values the question brings, in order: their types, and what they are compared with.
        reads: every object model whose rows the answer depends on, those joined for attributes included.
    """

    measures: tuple[Measure, ...]
    grain: str | None
    dimensions: tuple[Dimension, ...]
    main: Stage
    averages: tuple[Average, ...]
    every_member: bool
    few: bool
    without_rest: tuple[int, ...]
    value_filters: tuple[ValueFilter, ...]
    first_value_given: int
    order: tuple[Order, ...]
    givens: tuple[Given, ...]
    reads: tuple[str, ...]

    @property
    def leaves(self) -> tuple[Term | TimeAverage, ...]:
        """Everything that has a value of its own in a cell, in the order of the statement's columns."""
        return (*self.main.terms, *(average.leaf for average in self.averages))

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (self.main, *(average.stage for average in self.averages))

    @property
    def scans(self) -> tuple[Scan, ...]:
        return tuple(scan for stage in self.stages for scan in stage.scans)

    @property
    def rollups(self) -> tuple[int, ...]:
        """The numbers of the rollups that are read."""
        return tuple({scan.place.kept.id: None for scan in self.scans if scan.place.kept is not None})

    @property
    def object_models(self) -> tuple[str, ...]:
        """The object models whose rows are aggregated; coverage is asked of these."""
        return tuple(dict.fromkeys(scan.model for scan in self.scans))


def cut_of(term: Term, spine: Frame) -> Cut:
    """Return the cut a term reads in the cells of a spine."""
    return Cut(spine, term.frame, term.at)


def is_held(term: Term, model: ObjectModel) -> bool:
    """Return whether a term is asked at an instant over rows that cease to hold: intervals and snapshots."""
    begins = {Nature.INTERVAL: model.valid_from, Nature.SNAPSHOT: model.time_attribute}.get(model.nature)
    return term.at is not None and not term.anchor.relations and term.anchor.attribute == begins


def conditions_of(scan: Scan) -> Iterator[Expression]:
    """Yield the question's condition, and the one that all terms of a scan have, which then is the scan's own."""
    if scan.condition is not None:
        yield scan.condition
    shared = shared_where(scan)
    if shared is not None:
        yield shared


def shared_where(scan: Scan) -> Expression | None:
    """Return the condition that all terms of a scan have; of rows that hold, those it leaves out still matter."""
    if scan.shape is Shape.VALIDITY:
        return None
    conditions = {term.where for term in scan.terms}
    return conditions.pop() if len(conditions) == 1 else None
