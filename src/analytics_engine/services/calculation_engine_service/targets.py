"""How values stand against a KPI's target, by the direction that is better."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from analytics_engine.contracts.calculation import TargetStatus
from analytics_engine.kpi.model.kpi import Direction, Target


def statuses(values: Sequence[Any], target: Target, direction: Direction) -> tuple[TargetStatus | None, ...]:
    """Return the status of each value, null for none; nothing where the target says nothing.

    A value that is worse than ``critical`` is critical, one worse than ``warning`` a warning; where no warning is
    given, what misses the target is one. Near a target is better: thresholds are then as far off on its other side.
    """
    warning = target.warning if target.warning is not None else target.value
    if warning is None and target.critical is None:
        return ()
    return tuple(None if not _is_number(value) else _status(value, target, direction) for value in values)


def _status(value: Any, target: Target, direction: Direction) -> TargetStatus:
    warning = target.warning if target.warning is not None else target.value
    if target.critical is not None and _is_worse(value, target.critical, target, direction):
        return TargetStatus.CRITICAL
    if warning is not None and _is_worse(value, warning, target, direction):
        return TargetStatus.WARNING
    return TargetStatus.ON_TARGET


def _is_worse(value: Any, threshold: Decimal, target: Target, direction: Direction) -> bool:
    exact = Decimal(str(value))
    match direction:
        case Direction.HIGHER:
            return exact < threshold
        case Direction.LOWER:
            return exact > threshold
        case Direction.TARGET:
            aim = target.value
            return aim is not None and abs(exact - aim) > abs(threshold - aim)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
