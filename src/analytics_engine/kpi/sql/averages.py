"""Means over days as SQL: the stage of the days, then one row for each period and member."""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Average
from analytics_engine.kpi.sql.nodes import alias, column, select, table
from analytics_engine.kpi.sql.stages import OWNER, Piece, StageWriter, rows_of_average
from analytics_engine.kpi.sql.writing import PERIOD, Part, Writing


class AverageWriter:
    """Writes one mean over days, from the scans of its stage on."""

    def __init__(self, writing: Writing, average: Average, stage: StageWriter, position: int) -> None:
        self._writing = writing
        self._average = average
        self._name = f"m{position}"
        self._prefix = f"a{position}_"
        self.leaf = average.leaf
        self.total = average.leaf.total
        self.stage = stage
        self.parts: list[Part] = []

    @property
    def piece(self) -> Piece:
        """The relation of the means, and of the rows behind them."""
        columns = ((self._name, self.leaf.type), (rows_of_average(self._name), DataType.INTEGER))
        return Piece(f"{self._prefix}mean", columns)

    def finish(self, members: str | None, *, everywhere: bool) -> None:
        """Write the values of the days, of every member that is anywhere in a period, and their mean.

        Args:
            members: the table of those members; none for totals.
            everywhere: each of them is in every period.
        """
        self.stage.finish(members=members, everywhere=everywhere)
        names = self.stage.keys[1:]
        dialect = self._writing.dialect
        value = self._writing.expressions.write(self.leaf.operand, self.stage.leaf)
        daily = select(
            [column(OWNER), *map(column, names), alias(value, "value"), alias(self._present(), "present")],
            table(self.stage.terms),
        )
        known = exp.Count(this=column("value"))
        whole = exp.EQ(this=exp.Count(this=exp.Star()), expression=known)
        mean = dialect.divide(dialect.total(column("value")), known.copy(), self.leaf.type)
        rows = dialect.cast(exp.Sum(this=column("present")), DataType.INTEGER)
        averaged = select(
            [
                alias(column(OWNER), PERIOD),
                *map(column, names),
                alias(exp.Case(ifs=[exp.If(this=whole, true=mean)]), self._name),
                alias(rows, rows_of_average(self._name)),
            ],
            table(f"{self._prefix}days"),
            group_by=[column(OWNER), *map(column, names)],
        )
        self.parts = [*self.stage.parts, (f"{self._prefix}days", daily), (f"{self._prefix}mean", averaged)]

    def _present(self) -> exp.Expr:
        """Return how many rows let a cell of a day exist."""
        terms = [term for term in self._average.stage.terms if self.total or not term.total]
        present: exp.Expr = column(self.stage.present(terms[0]))
        for term in terms[1:]:
            present = exp.Add(this=present, expression=column(self.stage.present(term)))
        return present
