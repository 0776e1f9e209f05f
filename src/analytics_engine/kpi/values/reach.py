"""How far in time a question reaches among the rows: those of then have to be where its statement reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.typed import Column, Expression
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.plan.plan import Plan, Scan, Shape
from analytics_engine.kpi.plan.reading import joined_by, joined_in
from analytics_engine.kpi.sql.parameters import KeptSlot, Slot
from analytics_engine.kpi.values.binding import Binding, Span, bind
from analytics_engine.kpi.values.kept import EARLIEST, LATEST, Moment

Reach = Mapping[str, Span]
"""For each object model the span that holds the times of all rows that are read; those of no time are in any."""

EVER = Span(EARLIEST, LATEST)
_ZONES = timedelta(days=1)
"""Days of some zone lie within so much of the same days in UTC."""


def reach_of(plan: Plan, slots: Iterable[Slot], paths: Paths, binding: Binding) -> dict[str, Span]:
    """Return how far a statement reaches, as it is bound."""
    found: dict[str, Span] = {}
    slots = tuple(slots)
    for scan in plan.scans:
        _widen(found, scan.model, _of_scan(scan, slots, paths, binding))
        for model in joined_by(paths, scan):
            _widen(found, model, EVER)
    return found


def reach_of_rows(scan: Scan, paths: Paths, binding: Binding) -> dict[str, Span]:
    """Return how far the rows behind a value of a scan reach."""
    found: dict[str, Span] = {}
    _widen(found, scan.model, _of_rows(scan, paths, binding))
    for model in joined_by(paths, scan):
        _widen(found, model, EVER)
    return found


def reach_of_members(
    model: str, read: Iterable[Expression], paths: Paths, binding: Binding, *, anchor: Column | None
) -> dict[str, Span]:
    """Return how far the members of a dimension reach: those of rows of the period, or of all where no time is told."""
    found: dict[str, Span] = {}
    own = anchor is not None and _is_own_time(anchor, model, paths)
    (period,) = binding.periods
    _widen(found, model, _around([period], anchor) if own and anchor is not None else EVER)
    for expression in (*read, *((anchor,) if anchor is not None else ())):
        for joined in joined_in(paths, model, expression):
            _widen(found, joined, EVER)
    return found


def _is_own_time(anchor: Column, model: str, paths: Paths) -> bool:
    """Return whether rows are anchored at the very time that tells where they are."""
    return not anchor.relations and anchor.attribute == paths.model(model).time_attribute


def _span_of(moments: Iterable[Moment]) -> Span | None:
    """Return the span from the first to the last of some bounds, days in any zone; None where there are none."""
    instants = [_instant(moment) for moment in moments]
    days = any(not isinstance(moment, datetime) for moment in moments)
    if not instants:
        return None
    margin = _ZONES if days else timedelta(0)
    return Span(max(EARLIEST, min(instants) - margin), min(LATEST, max(instants) + margin))


def _of_scan(scan: Scan, slots: tuple[Slot, ...], paths: Paths, binding: Binding) -> Span | None:
    if scan.place.kept is None:
        return _of_rows(scan, paths, binding)
    if not _is_own_time(scan.anchor, scan.model, paths):
        return EVER
    of_rows = [
        slot
        for slot in slots
        if isinstance(slot, KeptSlot) and slot.kept == scan.place.kept and slot.level is None and not slot.hull
    ]
    moments: list[Moment] = []
    for value in bind(of_rows, binding):
        assert isinstance(value, list)
        moments += value
    return _span_of(moments)


def _of_rows(scan: Scan, paths: Paths, binding: Binding) -> Span | None:
    """Return the span of the rows themselves; of rows that hold on, or are counted up to an instant, all time."""
    if scan.shape is not Shape.ROWS or not _is_own_time(scan.anchor, scan.model, paths):
        return EVER
    if any(cut.at is not None for cut in scan.cuts):
        return EVER
    spans = [span for cut in scan.cuts for span in binding.framed(cut.spine, cut.frame)]
    return _around(spans, scan.anchor) if spans else None


def _around(spans: Sequence[Period], anchor: Column) -> Span:
    margin = _ZONES if anchor.type is DataType.DATE else timedelta(0)
    return Span(min(span.start for span in spans) - margin, max(span.end for span in spans) + margin)


def _widen(found: dict[str, Span], model: str, span: Span | None) -> None:
    if span is None:
        return
    there = found.get(model)
    found[model] = span if there is None else Span(min(there.start, span.start), max(there.end, span.end))


def _instant(moment: Moment) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
