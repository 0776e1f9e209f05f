"""Time as whole numbers: for engines that count in integers faster than they search in an array of boundaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.building import number, subtracted, tight, when
from analytics_engine.kpi.sql.dialects.dialect import GridOfBoundaries


@dataclass(frozen=True, slots=True)
class Counting:
    """How an engine numbers units of time, and finds the segment of a number.

    The unit that begins with the first boundary has number 1; 0 is all time before it.

    Args:
        units: a moment as microseconds since 1970, a date as days.
        whole: division of whole numbers that are not negative.
        length: how many elements an array has.
        element: the element of an array at a position counted from 1.
    """

    units: Callable[[exp.Expr, DataType], exp.Expr]
    whole: Callable[[exp.Expr, exp.Expr], exp.Expr]
    length: Callable[[exp.Expr], exp.Expr]
    element: Callable[[exp.Expr, exp.Expr], exp.Expr]

    def cell(self, time: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        """Return the number of the unit that holds a time; null for none."""
        units = self.units(time, grid.type)
        before = exp.LT(this=units.copy(), expression=grid.base())
        return when((before, number(0)), otherwise=self._number(units, grid))

    def of_cell(self, cell: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        """Return the segment that a numbered unit lies in."""
        before = exp.LTE(this=cell, expression=number(0))
        behind = exp.GT(this=cell.copy(), expression=self.length(grid.lookup()))
        found = self.element(grid.lookup(), cell.copy())
        return when((before, number(0)), (behind, grid.count()), otherwise=found)

    def bucket(self, time: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        """Return the segment that holds a time; null for none."""
        units = self.units(time, grid.type)
        before = exp.LT(this=units.copy(), expression=grid.base())
        behind = exp.GT(this=self._number(units.copy(), grid), expression=self.length(grid.lookup()))
        found = self.element(grid.lookup(), self._number(units, grid))
        return when((before, number(0)), (behind, grid.count()), otherwise=found)

    def _number(self, units: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        position = self.whole(subtracted(units, grid.base()), grid.unit())
        return exp.Add(this=tight(position), expression=number(1))
