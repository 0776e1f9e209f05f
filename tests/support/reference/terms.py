"""A term's value in a cell: its rows are found, read and aggregated; of no rows it is 0 or null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from analytics_engine.kpi.formula.typed import Expression, Operation, Term
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.time import Period
from support.reference.aggregates import aggregate, aggregate_of_two
from support.reference.asking import Covered, Members, Value
from support.reference.counting import SETS, Counting
from support.reference.moments import microseconds
from support.reference.rows import Row, RowReader, typed

_ZERO_OF_NO_ROWS = SETS | {"count", "sum", "count_distinct", "approx_count_distinct", "prorate"}
_OF_TWO = frozenset({"weighted_avg", "covariance", "correlation"})


class TermReader:
    """Gives the value of one term in any cell."""

    def __init__(self, counting: Counting, reader: RowReader, coverage: Mapping[str, Covered]) -> None:
        self.counting = counting
        self._reader = reader
        self._term = counting.term
        self._model = counting.model
        self._covered = coverage.get(counting.term.model)

    def value(self, period: Period, members: Members | None) -> Value:
        rows = self.counting.rows(period, members)
        if not rows:
            zero = self._term.function in _ZERO_OF_NO_ROWS and self._loaded(period)
            zero = zero and not self.counting.unknown(period, members)
            return typed(0, self._term.type) if zero else None
        return self._met(typed(self._of_rows(rows, period, members), self._term.type))

    def row_count(self, period: Period, members: Members | None) -> int:
        """Return how many rows make the value up; of sets, how many things."""
        if self._term.function in SETS:
            start, end = (self.counting.things(period, edge, members) for edge in (Edge.START, Edge.END))
            return len(start | end)
        return len(self.counting.rows(period, members))

    def _loaded(self, period: Period) -> bool:
        """Return whether what is loaded holds all that is asked, so that no rows means none."""
        if self._covered is None:
            return False
        if self._term.at is not None:
            instant = period.start if self._term.at is Edge.START else period.end
            return self._covered.start < instant <= self._covered.end
        return self._covered.start <= period.start and period.end <= self._covered.end

    def _met(self, value: Value) -> Value:
        return self._reader.magnitude.meet(value)

    # --- of rows ----------------------------------------------------------------------------------------------------

    def _of_rows(self, rows: list[Row], period: Period, members: Members | None) -> Value:
        function = self._term.function
        if function in SETS:
            return self._set(period, members)
        if function == "prorate":
            return self._prorated(rows, period)
        if function == "time_weighted_avg":
            return self._weighted_by_time(rows, period)
        if self._term.pick is not None:
            rows = self._picked(rows, period)
        if function in {"first", "last"}:
            rows = self._reader.in_order(self._model, self._term.anchor, rows, period)
        if self._term.having is not None:
            return self._having(rows, period)
        if self._term.argument is None:
            return len(rows)
        values = self._values(self._term.argument, rows, period)
        if function in _OF_TWO:
            assert self._term.second is not None
            return aggregate_of_two(function, list(zip(values, self._seconds(rows, period), strict=True)))
        return aggregate(function, values, self._term.parameters)

    def _values(self, expression: Expression, rows: Sequence[Row], period: Period) -> list[Value]:
        return [self._reader.value(expression, self._model, row, period) for row in rows]

    def _seconds(self, rows: Sequence[Row], period: Period) -> list[Value]:
        assert self._term.second is not None
        return self._values(self._term.second, rows, period)

    def _argument(self, row: Row, period: Period) -> Value:
        assert self._term.argument is not None
        return self._reader.value(self._term.argument, self._model, row, period)

    def _set(self, period: Period, members: Members | None) -> int:
        before = self.counting.things(period, Edge.START, members)
        after = self.counting.things(period, Edge.END, members)
        return len({"lost": before - after, "kept": before & after, "gained": after - before}[self._term.function])

    def _prorated(self, rows: list[Row], period: Period) -> Value:
        """Each amount by the part of its interval that lies in the period; what has no end has no such part."""
        whole = None
        for held in self.counting.prorated(period):
            begins, ceases = self.counting.validity(held.row)
            amount = self._argument(held.row, period)
            if held.row not in rows or ceases is None or amount is None:
                continue
            part = Decimal(amount) * microseconds(held.overlap) / microseconds(ceases - begins)
            whole = part if whole is None else whole + part
        return whole

    def _weighted_by_time(self, rows: list[Row], period: Period) -> Value:
        total, length = Decimal(0), timedelta(0)
        for held in self.counting.holding(period):
            value = self._argument(held.row, period)
            if held.row in rows and value is not None:
                total += Decimal(value) * microseconds(held.overlap)
                length += held.overlap
        return total / microseconds(length) if length else None

    def _picked(self, rows: list[Row], period: Period) -> list[Row]:
        """Return the first or last row of each series that has a value."""
        picked: dict[tuple[Value, ...], Row] = {}
        for row in self._reader.in_order(self._model, self._term.anchor, rows, period):
            series = self.counting.series(row, period)
            if self._argument(row, period) is None or (self._term.pick == "first" and series in picked):
                continue
            picked[series] = row
        return list(picked.values())

    # --- having -----------------------------------------------------------------------------------------------------

    def _having(self, rows: list[Row], period: Period) -> int:
        """Return how many different values meet the condition on the rows that have them."""
        assert self._term.having is not None
        different = {self._argument(row, period) for row in rows} - {None}
        groups = [[row for row in rows if self._argument(row, period) == value] for value in different]
        return sum(self._of_group(self._term.having, group, period) is True for group in groups)

    def _of_group(self, expression: Expression, rows: list[Row], period: Period) -> Value:
        """Return what an expression over aggregates gives for some rows; of none of them, counts and sums are 0."""
        match expression:
            case Operation(operands=operands):
                return self._reader.scalar(expression, [self._of_group(part, rows, period) for part in operands])
            case Term(where=where):
                inner = TermReader(self.counting.of(expression), self._reader, {})
                met = [row for row in rows if self._reader.holds(where, self._model, row, period)]
                if not met:
                    return typed(0, expression.type) if expression.function in _ZERO_OF_NO_ROWS else None
                return typed(inner._of_rows(met, period, None), expression.type)
            case _:
                return self._reader.constant(expression)
