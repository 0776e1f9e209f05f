from __future__ import annotations

from dataclasses import dataclass

from analytics_engine.kpi.values.answer import Answer, MeasureColumn
from analytics_engine.kpi.values.binding import Binding
from analytics_engine.services.calculation_engine_service.parts import Part
from analytics_engine.services.calculation_engine_service.plans import Compiled


@dataclass(frozen=True)
class PartAnswer:
    """The answer of one part: what it was bound to, and its columns."""

    part: Part
    compiled: Compiled
    binding: Binding
    answer: Answer

    @property
    def size(self) -> int:
        return len(self.answer.periods)

    def measure(self, name: str) -> MeasureColumn:
        """Return the column of a KPI, or of an expression that it is compared by."""
        return next(column for column in self.answer.measures if column.measure.name == name)
