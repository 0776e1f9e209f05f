"""The values of a statement's parameters, from a question and the state of the data."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.conversion import convert
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.frames import Daily, Edge, Frame, FrameContext, days, spans
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.model.time import Calendar, Period
from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.parameters import (
    BaseSlot,
    BoundariesSlot,
    BoundSlot,
    ClientSlot,
    ConstantSlot,
    CountSlot,
    CoveredSlot,
    CurrencySlot,
    CutSlot,
    DaysSlot,
    GivenSlot,
    Grid,
    KeptSlot,
    LimitSlot,
    LookupSlot,
    OddSlot,
    OffsetSlot,
    OwnerSlot,
    ParameterSlot,
    RegularSlot,
    SegmentBoundSlot,
    SegmentsSlot,
    Slot,
    SplitSlot,
    StepSlot,
    UnitSlot,
    WindowSlot,
    ZoneSlot,
)
from analytics_engine.kpi.values.kept import NOTHING_KEPT, Between, Marks, Moment, spans_of
from analytics_engine.kpi.values.raster import Raster, raster_of

_MIDNIGHT = (0, 0, 0, 0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """A half-open span of instants that an object model's loaded data covers."""

    start: datetime
    end: datetime

    def holds(self, period: Period) -> bool:
        return self.start <= period.start and period.end <= self.end

    def reaches(self, instant: datetime) -> bool:
        """Return whether what holds just before an instant is known."""
        return self.start < instant <= self.end


@dataclass(frozen=True)
class Binding:
    """All that a run of a plan brings to it.

    Args:
        periods: the periods of the answer, ascending, next to each other.
        limit: how many rows at most, ``offset`` how many to pass over.
        grain: the question's; None for the whole range as one period.
        now: the time of asking.
        givens: the values of the question's filters, as they came over the wire.
        parameters: the values of the formulas' parameters, by name; one that is missing has its default.
        coverage: what is loaded of each object model; one that is missing has nothing loaded.
        reads: the object models whose coverage decides up to when the data is whole.
        marks: what is known of each rollup; of one that is missing nothing is read.
    """

    client_id: str
    calendar: Calendar
    periods: tuple[Period, ...]
    limit: int
    now: datetime
    grain: str | None = None
    offset: int = 0
    base_currency: str = "USD"
    givens: tuple[LiteralValue | float, ...] = ()
    parameters: Mapping[str, LiteralValue | float] = field(default_factory=dict)
    coverage: Mapping[str, Span] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    marks: Mapping[int, Marks] = field(default_factory=dict)

    @property
    def elapsed_until(self) -> datetime:
        """The instant up to which time is over and every object model loaded."""
        ends = [span.end for model, span in self.coverage.items() if not self.reads or model in self.reads]
        return min([self.now, *ends])

    @cached_property
    def _context(self) -> FrameContext:
        return FrameContext(self.calendar, self.grain, self.elapsed_until)

    @cached_property
    def _spines(self) -> dict[Frame, tuple[tuple[Period, ...], tuple[int, ...]]]:
        return {(): (self.periods, tuple(range(1, len(self.periods) + 1)))}

    @cached_property
    def _framed(self) -> dict[tuple[Frame, Frame], tuple[Period, ...]]:
        return {}

    def spine(self, frame: Frame) -> tuple[Period, ...]:
        """Return the entries of a spine: the periods, or the days in a span of each that have begun and are loaded."""
        return self._spine(frame)[0]

    def owners(self, frame: Frame) -> tuple[int, ...]:
        """Return for each entry of a spine the number of its period."""
        return self._spine(frame)[1]

    def _spine(self, frame: Frame) -> tuple[tuple[Period, ...], tuple[int, ...]]:
        if frame not in self._spines:
            entries: list[Period] = []
            owners: list[int] = []
            for number, period in enumerate(self.periods, 1):
                found = spans(frame, period, self._context)
                if frame and isinstance(frame[-1], Daily):
                    found = tuple(day for day in found if day.start < self.elapsed_until)
                entries += found
                owners += [number] * len(found)
            self._spines[frame] = (tuple(entries), tuple(owners))
        return self._spines[frame]

    def framed(self, spine: Frame, frame: Frame) -> tuple[Period, ...]:
        """Return the span that is read for each entry of a spine."""
        key = (spine, frame)
        if key not in self._framed:
            context = self._context if not spine else FrameContext(self.calendar, "day", self.elapsed_until)
            entries = self.spine(spine)
            self._framed[key] = entries if not frame else tuple(spans(frame, entry, context)[0] for entry in entries)
        return self._framed[key]

    def covered(self, model: str, cut: Cut) -> list[bool]:
        """Return for each entry whether what a cut reads was loaded."""
        span = self.coverage.get(model)
        found = self.framed(cut.spine, cut.frame)
        if span is None:
            return [False] * len(found)
        if cut.at is None:
            return [span.holds(period) for period in found]
        return [span.reaches(period.start if cut.at is Edge.START else period.end) for period in found]


def bind(slots: Sequence[Slot], binding: Binding) -> list[object]:
    """Return the values of a statement's parameters, in their order.

    Raises:
        ValueError: the statement is of a question of few periods, and there are more.
        QueryError: a filter's value does not fit its attribute, or a range of days does not start at midnight.
    """
    binder = _Binder(binding)
    return [binder.value(slot) for slot in slots]


class _Binder:
    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._boundaries: dict[Grid, list[Moment]] = {}
        self._rasters: dict[Grid, Raster] = {}
        self._spans: dict[tuple[Grid, int, bool, bool], dict[Level | None, list[Between]]] = {}

    def value(self, slot: Slot) -> object:  # noqa: C901, PLR0911, PLR0912 - a table: one line a slot
        binding = self._binding
        match slot:
            case ClientSlot():
                return binding.client_id
            case BoundariesSlot(grid):
                return self.boundaries(grid)
            case WindowSlot(grid, end=end):
                return self._edge(grid, end=end)
            case CutSlot(grid, cut, edge):
                return self._segments(grid, cut, edge)
            case StepSlot(grid, cut, edge):
                return self._steps(grid, cut, edge)
            case SegmentsSlot(grid):
                return list(range(len(self.boundaries(grid)) + 1))
            case SegmentBoundSlot(grid, edge):
                return self.boundaries(grid)[:-1] if edge is Edge.START else self.boundaries(grid)[1:]
            case SplitSlot(grid, cut, edge):
                return self._split(grid, cut, edge)
            case KeptSlot():
                return self._kept(slot)
            case CountSlot(grid):
                return len(self.boundaries(grid))
            case BaseSlot(grid):
                return self._raster(grid).base
            case UnitSlot(grid):
                return self._raster(grid).unit
            case OddSlot(grid, position):
                return self._raster(grid).odd(position)
            case RegularSlot(grid):
                return len(self._raster(grid).regular)
            case LookupSlot(grid):
                return self._raster(grid).lookup()
            case BoundSlot():
                return self._bounds(slot)
            case CoveredSlot(model=model, cut=cut):
                return binding.covered(model, cut)
            case DaysSlot(spine=spine, frame=frame):
                return [days(period) for period in binding.framed(spine, frame)]
            case OwnerSlot(spine=spine, most=most):
                owners = list(binding.owners(spine))
                if most is not None and len(owners) > most:
                    raise ValueError(f"a plan for {most} periods is asked {len(owners)}")
                return owners
            case ZoneSlot():
                return binding.calendar.zone
            case CurrencySlot():
                return binding.base_currency
            case GivenSlot(position=position, type=kind):
                return convert(binding.givens[position], kind)
            case ParameterSlot(name=name, type=kind, default=default):
                return convert(binding.parameters.get(name, default), kind)
            case ConstantSlot(value=value):
                return value
            case LimitSlot():
                return binding.limit
            case OffsetSlot():
                return binding.offset

    def boundaries(self, grid: Grid) -> list[Moment]:
        """Return the ascending boundaries of all cuts of a grid, each once."""
        if grid not in self._boundaries:
            moments: set[Moment] = set()
            for cut in grid.cuts:
                for edge in (Edge.START, Edge.END) if cut.at is None else (cut.at,):
                    moments.update(self._moments(cut, edge, grid.type))
            self._boundaries[grid] = sorted(moments)
        return self._boundaries[grid]

    def _moments(self, cut: Cut, edge: Edge, kind: DataType) -> list[Moment]:
        found = self._binding.framed(cut.spine, cut.frame)
        if kind is DataType.TIMESTAMP:
            return [period.start if edge is Edge.START else period.end for period in found]
        return [_day(period, edge, framed=bool(cut.frame or cut.spine)) for period in found]

    def _edge(self, grid: Grid, *, end: bool) -> Moment:
        boundaries = self.boundaries(grid)
        if not boundaries:
            return _EPOCH if grid.type is DataType.TIMESTAMP else _EPOCH.date()
        return boundaries[-1 if end else 0]

    def _segments(self, grid: Grid, cut: Cut, edge: Edge) -> list[int]:
        boundaries = self.boundaries(grid)
        numbers = {moment: number for number, moment in enumerate(boundaries, 1)}
        return [numbers[moment] for moment in self._moments(cut, edge, grid.type)]

    def _kept(self, slot: KeptSlot) -> Moment | list[Moment]:
        spans = self._spans_of(slot)[slot.level]
        place = 0 if slot.edge is Edge.START else 1
        if not slot.hull:
            return [span[place] for span in spans]
        return spans[0 if slot.edge is Edge.START else -1][place] if spans else self._edge(slot.grid, end=False)

    def _spans_of(self, slot: KeptSlot) -> dict[Level | None, list[Between]]:
        key = (slot.grid, slot.kept.id, slot.bounded, slot.subtracts)
        if key not in self._spans:
            marks = self._binding.marks.get(slot.kept.id, NOTHING_KEPT)
            boundaries = self.boundaries(slot.grid)
            self._spans[key] = spans_of(slot.kept, marks, boundaries, bounded=slot.bounded, subtracts=slot.subtracts)
        return self._spans[key]

    def _split(self, grid: Grid, cut: Cut, edge: Edge) -> Moment:
        firsts, lasts = (self._segments(grid, cut, side) for side in (Edge.START, Edge.END))
        split = [place for place, (first, last) in enumerate(zip(firsts, lasts, strict=True)) if last > first + 1]
        if not split:
            return self._edge(grid, end=False)
        return self._moments(cut, edge, grid.type)[split[0 if edge is Edge.START else -1]]

    def _steps(self, grid: Grid, cut: Cut, edge: Edge) -> list[int]:
        """Return for each segment the first or last entry whose span holds it: spans of a spine follow in order."""
        segments = range(len(self.boundaries(grid)) + 1)
        if edge is Edge.START:
            lasts = self._segments(grid, cut, cut.at or Edge.END)
            return [bisect_right(lasts, segment) + 1 for segment in segments]
        if cut.at is not None:
            return [len(self._binding.spine(cut.spine))] * len(segments)
        firsts = self._segments(grid, cut, Edge.START)
        return [bisect_right(firsts, segment) for segment in segments]

    def _bounds(self, slot: BoundSlot) -> list[Moment]:
        moments = self._moments(Cut(slot.spine, slot.frame), slot.edge, slot.type)
        if not slot.held:
            return moments
        known = self._binding.elapsed_until
        limit: Moment = known if slot.type is DataType.TIMESTAMP else self._binding.calendar.local(known).date()
        starts = self._moments(Cut(slot.spine, slot.frame), Edge.START, slot.type)
        return [max(start, min(end, limit)) for start, end in zip(starts, moments, strict=True)]

    def _raster(self, grid: Grid) -> Raster:
        if grid not in self._rasters:
            boundaries = [_units(moment) for moment in self.boundaries(grid)]
            most = 2 * len(grid.cuts) if grid.may_be_odd else 0
            self._rasters[grid] = raster_of(boundaries, most_odd=most)
        return self._rasters[grid]


def _units(moment: Moment) -> int:
    """Return microseconds since 1970 of an instant, days of a date."""
    if isinstance(moment, datetime):
        elapsed = moment - _EPOCH
        return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
    return moment.toordinal() - _EPOCH.date().toordinal()


def _day(period: Period, edge: Edge, *, framed: bool) -> date:
    """Return an edge of a span as a day; a span that is cut short within a day has that day whole."""
    moment = period.local_start if edge is Edge.START else period.local_end
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == _MIDNIGHT:
        return moment.date()
    if framed and edge is Edge.END:
        return moment.date() + timedelta(days=1)
    raise QueryError(
        f"The range is cut at {moment.isoformat()}, but rows here are dated by days.",
        remedy="Let the range start and end at midnight.",
    )
