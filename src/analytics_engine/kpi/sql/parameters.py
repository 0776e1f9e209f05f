"""The parameters of a statement: what each stands for, so that one compiled plan serves every run of its shape."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.frames import Edge, Frame
from analytics_engine.kpi.model.hashed import Hashed, hashed_once
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.states.kept import Kept


@dataclass(frozen=True, slots=True)
class ClientSlot:
    """The client whose rows are read."""


@hashed_once
@dataclass(frozen=True, slots=True)
class Grid(Hashed):
    """The ascending boundaries that several cuts need, as instants or as days: they divide time into segments.

    Segment 0 lies before the first boundary, segment n from the nth to the next.
    """

    cuts: tuple[Cut, ...]
    type: DataType

    @property
    def may_be_odd(self) -> bool:
        """Whether some boundaries may lie on no common unit of time: those of the asked periods alone do."""
        return self.type is DataType.TIMESTAMP and not all(cut.plain for cut in self.cuts)


@dataclass(frozen=True, slots=True)
class BoundariesSlot:
    """The boundaries of a grid."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class WindowSlot:
    """The first or the last boundary of a grid."""

    grid: Grid
    end: bool


@dataclass(frozen=True, slots=True)
class LookupSlot:
    """For each unit of time from the base on, the segment that holds it: a grid for engines that count in integers."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class BaseSlot:
    """The first boundary of a grid: microseconds since 1970 for instants, days for dates."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class UnitSlot:
    """The greatest length that divides the distances of a grid's boundaries, in the unit of its base."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class OddSlot:
    """One of the few boundaries that lie between units, as where a range is cut; a time never reached for none.

    In the unit of the base. The lookup leaves these boundaries out.
    """

    grid: Grid
    position: int


@dataclass(frozen=True, slots=True)
class RegularSlot:
    """How many boundaries a grid has that do not lie between units."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class CountSlot:
    """How many boundaries a grid has."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class SegmentBoundSlot:
    """For each segment of a grid from 1 on, but for the last, its start or its end."""

    grid: Grid
    edge: Edge


@dataclass(frozen=True, slots=True)
class KeptSlot:
    """The starts or the ends of the spans of a grid's window that are read at a level of a rollup, or in the rows.

    Args:
        level: the level; None for the rows.
        bounded: the window begins with the first boundary; else with all time.
        subtracts: only states are read that rows can be taken out of again.
        hull: only the start of the first span, or the end of the last; two equal moments where there is none.
    """

    grid: Grid
    kept: Kept
    level: Level | None
    edge: Edge
    bounded: bool
    subtracts: bool
    hull: bool = False


@dataclass(frozen=True, slots=True)
class SplitSlot:
    """The start of the first, or the end of the last entry of a cut whose span is more than one segment of a grid.

    Where there is none, both are the first boundary.
    """

    grid: Grid
    cut: Cut
    edge: Edge


@dataclass(frozen=True, slots=True)
class SegmentsSlot:
    """The numbers of a grid's segments, from 0 on."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class CutSlot:
    """For each entry of a cut's spine, the segment at which its span starts or ends.

    A row is in the span when its segment is at least the start's and less than the end's; it is from before the
    instant at one of them when its segment is less than that.
    """

    grid: Grid
    cut: Cut
    edge: Edge


@dataclass(frozen=True, slots=True)
class StepSlot:
    """For each segment of a grid, the first or the last entry whose span holds it; where none does, first > last."""

    grid: Grid
    cut: Cut
    edge: Edge


@dataclass(frozen=True, slots=True)
class BoundSlot:
    """For each entry of a spine, the start or end of the span that is read for it, as instants or days.

    ``held`` ends a span that is not over where the loaded data ends.
    """

    spine: Frame
    frame: Frame
    edge: Edge
    type: DataType
    held: bool = False


@dataclass(frozen=True, slots=True)
class CoveredSlot:
    """For each entry of a cut's spine, whether an object model's loaded coverage holds what is read for it."""

    model: str
    cut: Cut


@dataclass(frozen=True, slots=True)
class DaysSlot:
    """For each entry of a spine, how many calendar days the span has that is read for it."""

    spine: Frame
    frame: Frame


@dataclass(frozen=True, slots=True)
class OwnerSlot:
    """For each entry of a spine, the number of its asked period; ``most``: as many as the statement can take."""

    spine: Frame
    most: int | None = None


@dataclass(frozen=True, slots=True)
class ZoneSlot:
    """The question's time zone."""


@dataclass(frozen=True, slots=True)
class CurrencySlot:
    """The client's base currency."""


@dataclass(frozen=True, slots=True)
class GivenSlot:
    """A value that comes with the question."""

    position: int
    type: DataType


@dataclass(frozen=True, slots=True)
class ParameterSlot:
    """A value that comes with the question by its name, or the default."""

    name: str
    type: DataType
    default: LiteralValue


@dataclass(frozen=True, slots=True)
class ConstantSlot:
    """A value of a formula."""

    value: LiteralValue
    type: DataType


@dataclass(frozen=True, slots=True)
class LimitSlot:
    """How many rows to return at most."""


@dataclass(frozen=True, slots=True)
class OffsetSlot:
    """How many rows to pass over first."""


Slot = (
    ClientSlot | BoundariesSlot | WindowSlot | LookupSlot | BaseSlot | UnitSlot | OddSlot | RegularSlot | CountSlot
    | SegmentsSlot | SegmentBoundSlot | KeptSlot | SplitSlot
    | CutSlot | StepSlot | BoundSlot | CoveredSlot | DaysSlot | OwnerSlot
    | ZoneSlot | CurrencySlot | GivenSlot | ParameterSlot | ConstantSlot | LimitSlot | OffsetSlot
)  # fmt: skip


class Parameters:
    """Numbers slots in the order they are first used; equal slots share a number."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._numbers: dict[Slot, int] = {}

    def __call__(self, slot: Slot, kind: DataType, *, array: bool = False) -> exp.Expr:
        """Return the parameter of a slot, of the engine's type for values of a kind."""
        written = self._dialect.literal(slot.value) if isinstance(slot, ConstantSlot) else None
        if written is not None:
            return written
        number = self._numbers.setdefault(slot, len(self._numbers) + 1)
        if isinstance(slot, ConstantSlot):
            return self._dialect.constant(number, slot.value, kind)
        return self._dialect.parameter(number, kind, array)

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(self._numbers)

    def bucket(self, time: exp.Expr, grid: Grid, *, inside: bool = False) -> exp.Expr:
        """Return the number of the segment of a grid that holds a time; null for none.

        Args:
            time: a date or an instant, as the grid has them.
            grid: the boundaries.
            inside: only times from the first boundary to before the last are looked at.
        """
        return self._dialect.bucket(time, GridParameters(self, grid, inside))


@dataclass(frozen=True)
class GridParameters:
    """The parameters of a grid, made when an engine asks for them."""

    make: Parameters
    grid: Grid
    inside: bool = False

    @property
    def type(self) -> DataType:
        return self.grid.type

    def starts(self) -> exp.Expr:
        return self.make(BoundariesSlot(self.grid), self.grid.type, array=True)

    def lookup(self) -> exp.Expr:
        return self.make(LookupSlot(self.grid), DataType.INTEGER, array=True)

    def base(self) -> exp.Expr:
        return self.make(BaseSlot(self.grid), DataType.INTEGER)

    def unit(self) -> exp.Expr:
        return self.make(UnitSlot(self.grid), DataType.INTEGER)

    def odds(self) -> list[exp.Expr]:
        """Return the boundaries that may lie between units: where spans end with the loaded data; days have none."""
        if not self.grid.may_be_odd:
            return []
        return [
            self.make(OddSlot(self.grid, position), DataType.INTEGER) for position in range(2 * len(self.grid.cuts))
        ]

    def count(self) -> exp.Expr:
        """Return how many boundaries there are but for the odd ones."""
        return self.make(RegularSlot(self.grid), DataType.INTEGER)
