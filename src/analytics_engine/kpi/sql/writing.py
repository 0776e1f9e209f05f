"""What all parts of one statement share: its parameters, how expressions are written, and its small helper tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlglot import exp

from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.typed import Child
from analytics_engine.kpi.model.frames import Edge, Frame
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.nodes import alias, column, select, table
from analytics_engine.kpi.sql.parameters import BoundSlot, CutSlot, Grid, Parameters, SegmentsSlot
from analytics_engine.kpi.sql.rows import ExpressionWriter

FIRST, LAST, SEGMENT, PERIOD = "first_segment", "last_segment", "segment", "period"
Part = tuple[str, exp.Expr]
"""A named part of a statement."""


class ChildWriter(Protocol):
    """Writes aggregates of the rows that belong to one row: ``sql/children.py``, which stands above the sources."""

    def join(self, parent: Any, child: Child, *, joined: str, owner: str) -> exp.Join: ...
    def value(self, writing: Writing, child: Child, joined: str) -> exp.Expr: ...


@dataclass
class Writing:
    """One statement being written.

    Args:
        few: no more than ``MOST_FEW`` periods are asked.
        joined: names the object models whose rows must have different keys.
    """

    dialect: Dialect
    paths: Paths
    children: ChildWriter
    few: bool = False
    parameters: Parameters = field(init=False)
    joined: dict[str, None] = field(init=False, default_factory=dict)
    expressions: ExpressionWriter = field(init=False)
    helpers: Helpers = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = Parameters(self.dialect)
        self.expressions = ExpressionWriter(self.dialect, self.parameters)
        self.helpers = Helpers(self.dialect, self.parameters)


class Helpers:
    """Tables made of the arrays that come with the question: which segments, and which spans, belong to each entry."""

    def __init__(self, dialect: Dialect, parameters: Parameters) -> None:
        self._dialect = dialect
        self._parameters = parameters
        self._cuts: dict[tuple[Grid, Cut], str] = {}
        self._pairs: dict[tuple[Grid, Cut], str] = {}
        self._spans: dict[tuple[Frame, Frame], tuple[str, dict[str, BoundSlot]]] = {}

    def cut(self, grid: Grid, cut: Cut) -> str:
        """Return the table of the first and last segment of each entry, or of its instant in the last."""
        return self._cuts.setdefault((grid, cut), f"cut_{len(self._cuts)}")

    def pairs(self, grid: Grid, cut: Cut) -> str:
        """Return the table of each entry with each segment that lies in its span."""
        self.cut(grid, cut)
        return self._pairs.setdefault((grid, cut), f"pairs_{len(self._pairs)}")

    def spans(self, spine: Frame, frame: Frame) -> str:
        """Return the table of the bounds of each entry's span."""
        return self._spans.setdefault((spine, frame), (f"spans_{len(self._spans)}", {}))[0]

    def bound(self, spine: Frame, frame: Frame, edge: Edge, kind: DataType, *, held: bool = False) -> str:
        """Return the name of a column of the table of spans, which then has it."""
        self.spans(spine, frame)
        name = f"{edge.value}s_{'on' if kind is DataType.DATE else 'at'}" + ("_held" if held else "")
        self._spans[spine, frame][1][name] = BoundSlot(spine, frame, edge, kind, held)
        return name

    def parts(self) -> list[Part]:
        """Return the definitions of the tables that were asked for."""
        return [
            *((name, self._cut_table(*key)) for key, name in self._cuts.items()),
            *((name, self._pairs_table(*key)) for key, name in self._pairs.items()),
            *((name, self._spans_table(columns)) for name, columns in self._spans.values()),
        ]

    def _cut_table(self, grid: Grid, cut: Cut) -> exp.Expr:
        edges = [(LAST, cut.at)] if cut.at is not None else [(FIRST, Edge.START), (LAST, Edge.END)]
        arrays = [
            (name, self._parameters(CutSlot(grid, cut, edge), DataType.INTEGER, array=True)) for name, edge in edges
        ]
        return self._table(arrays)

    def _pairs_table(self, grid: Grid, cut: Cut) -> exp.Expr:
        segments = self._parameters(SegmentsSlot(grid), DataType.INTEGER, array=True)
        source = self._dialect.rows_of_arrays("s", [(SEGMENT, segments)], "position")
        inside: exp.Expr = exp.LT(this=column(SEGMENT, "s"), expression=column(LAST, "c"))
        if cut.at is None:
            begun = exp.GTE(this=column(SEGMENT, "s"), expression=column(FIRST, "c"))
            inside = exp.And(this=begun, expression=inside)
        join = exp.Join(this=table(self.cut(grid, cut), alias="c"), on=inside)
        return select([column(PERIOD, "c"), column(SEGMENT, "s")], source, joins=[join])

    def _spans_table(self, columns: dict[str, BoundSlot]) -> exp.Expr:
        return self._table([(name, self._parameters(slot, slot.type, array=True)) for name, slot in columns.items()])

    def _table(self, arrays: list[tuple[str, exp.Expr]]) -> exp.Expr:
        source = self._dialect.rows_of_arrays("r", arrays, PERIOD)
        return select([column(name, "r") for name in (PERIOD, *(name for name, _ in arrays))], source)


def renamed(name: str, other: str, source: str) -> exp.Expr:
    """Return a column of a source under another name."""
    return alias(column(name, source), other)
