"""Which rows a term reads: those that make its value up, and those that make its cell exist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analytics_engine.kpi.formula.typed import Expression, Term
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.model.time import Period
from support.reference.asking import Members, Value
from support.reference.moments import ends, moment
from support.reference.rows import Row, RowReader

SETS = frozenset({"lost", "kept", "gained"})
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class View:
    """The question's dimensions and filters, as seen from the rows of a term."""

    dimensions: tuple[Expression, ...]
    filters: tuple[Expression, ...]


@dataclass(frozen=True)
class Held:
    """A row, and how much of the period it covers."""

    row: Row
    overlap: timedelta


class Counting:
    """Decides which rows of one term count in a cell.

    A cell is a period and the members of the dimensions; members None stands for all of them together.
    ``elapsed_until`` is the instant up to which time is over and everything asked for is loaded.
    """

    def __init__(self, term: Term, view: View, reader: RowReader, *, elapsed_until: datetime) -> None:
        self.term = term
        self.model: ObjectModel = reader.model(term.model)
        self._view = view
        self._reader = reader
        self._elapsed_until = elapsed_until

    def of(self, term: Term) -> Counting:
        """Return the same for another term over the same rows."""
        return Counting(term, self._view, self._reader, elapsed_until=self._elapsed_until)

    # --- which rows -------------------------------------------------------------------------------------------------

    def rows(self, period: Period, members: Members | None) -> list[Row]:
        """Return the rows that make the term's value up."""
        return [row for row in self._of_period(period) if self._in_cell(row, period, members)]

    def unknown(self, period: Period, members: Members | None) -> bool:
        """Return whether a stock has no snapshot that still counts, so that not even its being 0 is known."""
        begins = self.model.time_attribute
        if self.term.at is None or self.model.nature is not Nature.SNAPSHOT or str(self.term.anchor) != begins:
            return False
        own = replace(self.term, where=None)
        return not self.of(own).rows(period, members)

    def present(self, period: Period) -> list[Row]:
        """Return the rows of any member that make a cell exist.

        Of a stock these are all rows up to its instant, whether they are still there or not, so that a thing that has
        gone shows as 0 and does not vanish.
        """
        rows = self._of_period(period)
        if self.term.function in SETS:
            rows = self._reader.rows_before(self.model, self.term.anchor, period, Edge.END)
        elif self.term.at is not None:
            rows = self._reader.rows_before(self.model, self.term.anchor, period, self.term.at)
        return [row for row in rows if self._in_cell(row, period, None)]

    def members(self, row: Row, period: Period) -> Members:
        return tuple(self._reader.value(part, self.model, row, period) for part in self._view.dimensions)

    def _in_cell(self, row: Row, period: Period, members: Members | None) -> bool:
        conditions = (*self._view.filters, self.term.where)
        return all(self._reader.holds(condition, self.model, row, period) for condition in conditions) and (
            members is None or self.members(row, period) == members
        )

    def _of_period(self, period: Period) -> list[Row]:
        """Return the rows that belong to the period, before any condition on them."""
        if self.term.function in SETS:
            return [*self._there(period, Edge.START), *self._there(period, Edge.END)]
        if self.term.function == "prorate":
            return [held.row for held in self.prorated(period)]
        if self.term.function == "time_weighted_avg":
            return [held.row for held in self.holding(period)]
        if self.term.at is not None:
            return self._there(period, self.term.at)
        return [row for row in self._reader.rows(self.model) if self._anchored(row, period)]

    def _anchored(self, row: Row, period: Period) -> bool:
        """Return whether a row's anchor lies in a period; without an anchor it belongs to none."""
        start, end = ends(period, self.term.anchor.type)
        when = self._reader.value(self.term.anchor, self.model, row, period)
        return when is not None and start <= moment(when) < end

    def _there(self, period: Period, edge: Edge) -> list[Row]:
        return self._reader.rows_at(self.model, self.term.anchor, period, edge)

    # --- things that are there at an instant ------------------------------------------------------------------------

    def things(self, period: Period, edge: Edge, members: Members | None) -> set[Value]:
        """Return the identities of the things that are there at an end of the period, within the cell."""
        rows = [row for row in self._there(period, edge) if self._in_cell(row, period, members)]
        return {tuple(row[name] for name in self.model.series) for row in rows}

    # --- rows that cover a part of the period -----------------------------------------------------------------------

    def prorated(self, period: Period) -> list[Held]:
        """Return the rows whose interval shares time with the period; one without an end has no length to share."""
        start, end = ends(period, self.term.anchor.type)
        found = []
        for row in self._reader.rows(self.model):
            begins, ceases = self.validity(row)
            overlap = min(end, ceases or end) - max(start, begins)
            if overlap > _NOTHING:
                found.append(Held(row, overlap))
        return found

    def validity(self, row: Row) -> tuple[Value, Value]:
        """Return the moments from which and until which an interval's row holds."""
        assert self.model.valid_from is not None
        assert self.model.valid_to is not None
        until = row[self.model.valid_to]
        return moment(row[self.model.valid_from]), None if until is None else moment(until)

    def holding(self, period: Period) -> list[Held]:
        """Return the rows whose value holds during some of the period: from its moment to the next of its series.

        Of a period that is not over, only what has elapsed counts: nobody knows how long the last value will hold.
        """
        start, end = ends(period, self.term.anchor.type)
        end = min(end, self._elapsed())
        found = []
        ordered = self._reader.in_order(self.model, self.term.anchor, self._reader.rows(self.model), period)
        for place, row in enumerate(ordered):
            series = self.series(row, period)
            later = [other for other in ordered[place + 1 :] if self.series(other, period) == series]
            until = self._when(later[0], period) if later else end
            overlap = min(end, until) - max(start, self._when(row, period))
            if overlap > _NOTHING:
                found.append(Held(row, overlap))
        return found

    def _elapsed(self) -> datetime:
        """Return up to when time is over and loaded, on the clock of the anchor: of days, the last whole one's end."""
        if self.term.anchor.type is DataType.TIMESTAMP:
            return self._elapsed_until
        return moment(self._reader.day(self._elapsed_until))

    def series(self, row: Row, period: Period) -> tuple[Value, ...]:
        """Return what tells a row's series from others: what the term names, or else what the object model does.

        The rows of an event are one series, if the term names none; nulls are one value.
        """
        if self.term.per:
            return tuple(self._reader.value(column, self.model, row, period) for column in self.term.per)
        if self.model.nature in {Nature.INTERVAL, Nature.SNAPSHOT}:
            return tuple(row[name] for name in self.model.series)
        return ()

    def _when(self, row: Row, period: Period) -> Value:
        return moment(self._reader.value(self.term.anchor, self.model, row, period))
