"""Time as whole numbers: for engines that count in integers faster than they search in an array of boundaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.building import subtracted, tight, when
from analytics_engine.kpi.sql.dialects.dialect import GridOfBoundaries
from analytics_engine.kpi.sql.nodes import number


@dataclass(frozen=True, slots=True)
class Counting:
    """How an engine numbers units of time, and finds the segment of a number.

    The unit that begins with the first boundary has number 1; 0 is all time before it. Odd boundaries lie inside of
    units: where a grid has places for k of them, a unit is cut into k + 1 cells, by how many odd ones have passed.

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
        """Return the number of the cell that holds a time; null for none."""
        units = self.units(time, grid.type)
        odds = grid.odds()
        number_ = self._number(units, grid)
        if grid.inside and not odds:
            return number_
        before = exp.LT(this=units.copy(), expression=grid.base())
        unit = when((before, number(0)), otherwise=number_)
        if not odds:
            return unit
        cell = exp.Mul(this=unit, expression=number(len(odds) + 1))
        return exp.Add(this=cell, expression=_passed(units, odds))

    def of_cell(self, cell: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        """Return the segment that a numbered cell lies in."""
        odds = grid.odds()
        if not odds:
            return self.element(grid.lookup(), cell) if grid.inside else self._segment(cell, grid)
        parts = number(len(odds) + 1)
        regular = self._segment(self.whole(cell, parts), grid)
        return exp.Add(this=regular, expression=exp.Mod(this=cell.copy(), expression=parts.copy()))

    def bucket(self, time: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        """Return the segment that holds a time; null for none."""
        units = self.units(time, grid.type)
        odds = grid.odds()
        if grid.inside and not odds:
            return self.element(grid.lookup(), self._number(units, grid))
        before = exp.LT(this=units.copy(), expression=grid.base())
        segment = self._segment(self._number(units, grid), grid, before)
        return exp.Add(this=segment, expression=_passed(units, odds)) if odds else segment

    def _number(self, units: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
        position = self.whole(subtracted(units.copy(), grid.base()), grid.unit())
        return exp.Add(this=tight(position), expression=number(1))

    def _segment(self, unit: exp.Expr, grid: GridOfBoundaries, before: exp.Expr | None = None) -> exp.Expr:
        """Return how many of the regular boundaries have passed in a numbered unit."""
        before = before or exp.LT(this=tight(unit.copy()), expression=number(1))
        behind = exp.GT(this=tight(unit), expression=self.length(grid.lookup()))
        found = self.element(grid.lookup(), unit.copy())
        return when((before, number(0)), (behind, grid.count()), otherwise=found)


def _passed(units: exp.Expr, odds: Sequence[exp.Expr]) -> exp.Expr:
    """Return how many of the odd boundaries, which ascend, are not after a time: for most times none."""
    counted = [when((exp.GTE(this=units.copy(), expression=odd), number(1)), otherwise=number(0)) for odd in odds]
    whole, *rest = counted
    for one in rest:
        whole = exp.Add(this=whole, expression=one)
    return when((exp.LT(this=units.copy(), expression=odds[0].copy()), number(0)), otherwise=whole)
