"""What an alert waits for, and what a value is by it: violated, clear, or between the two."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analytics_engine.kpi.model.base import Definition
from analytics_engine.kpi.model.kpi import Direction

_WHOLE = 100


class Verdict(StrEnum):
    """What a judged value is; ``between`` has passed the threshold back and not yet the value that clears."""

    VIOLATED = "violated"
    BETWEEN = "between"
    CLEAR = "clear"
    NO_VALUE = "no_value"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values that are allowed, and those that clear an alert again; a bound itself is allowed, and clears.

    ``clear_low`` is at or above ``low``, and ``clear_high`` at or below ``high``.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    clear_low: Decimal | None = None
    clear_high: Decimal | None = None

    def judge(self, value: Decimal | None) -> Verdict:
        """Return what a value is.

        Nulls: a value that there is not is neither violated nor clear.
        """
        if value is None:
            return Verdict.NO_VALUE
        if self._outside(value, self.low, self.high):
            return Verdict.VIOLATED
        return Verdict.BETWEEN if self._outside(value, self.clear_low, self.clear_high) else Verdict.CLEAR

    def nearest(self, value: Decimal | None) -> Decimal | None:
        """Return the bound a value is held against: the one it is beyond, else the nearer one."""
        present = [bound for bound in (self.low, self.high) if bound is not None]
        if value is None or len(present) < 2:  # noqa: PLR2004 - of two, one is nearer
            return present[0] if len(present) == 1 else None
        return min(present, key=lambda bound: abs(bound - value))

    @staticmethod
    def _outside(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
        return (low is not None and value < low) or (high is not None and value > high)


class _Limits(Definition):
    """A value may be neither above ``above`` nor below ``below``; both make a band.

    With hysteresis an alert that fires goes on until the value is back at ``above_clears_at`` or ``below_clears_at``.
    """

    above: Decimal | None = None
    below: Decimal | None = None
    above_clears_at: Decimal | None = Field(default=None, description="at or below above; null: at above itself")
    below_clears_at: Decimal | None = Field(default=None, description="at or above below; null: at below itself")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("give above, below, or both for a band")
        if self.above is not None and self.below is not None and self.below > self.above:
            raise ValueError("below is greater than above: no value would be within the band")
        _check_clears("above_clears_at", self.above, self.above_clears_at, lies_above=False)
        _check_clears("below_clears_at", self.below, self.below_clears_at, lies_above=True)
        bounds = self.bounds()
        if bounds.clear_low is not None and bounds.clear_high is not None and bounds.clear_low > bounds.clear_high:
            raise ValueError("below_clears_at is greater than above_clears_at: no value would clear the alert")
        return self

    def bounds(self) -> Bounds:
        """Return the values that are allowed, in the unit of what is judged."""
        low_clears = self.below if self.below_clears_at is None else self.below_clears_at
        high_clears = self.above if self.above_clears_at is None else self.above_clears_at
        return Bounds(self.below, self.above, low_clears, high_clears)


def _check_clears(name: str, bound: Decimal | None, clears: Decimal | None, *, lies_above: bool) -> None:
    if clears is None:
        return
    if bound is None:
        raise ValueError(f"{name} belongs to {name.removesuffix('_clears_at')}, which is not given")
    if (clears < bound) if lies_above else (clears > bound):
        raise ValueError(f"{name} is on the wrong side: what clears would still be a violation")


class ThresholdCondition(_Limits):
    """The value itself, in the formula's own unit: a share of 5 % is 0.05."""

    kind: Literal["threshold"]


class TargetCondition(Definition):
    """The value against the KPI's declared target: on the wrong side, by its direction, by more than so many percent.

    Near a target is better: then either side is wrong.
    """

    kind: Literal["target"]
    off_by_percent: Decimal = Field(default=Decimal(0), ge=0, le=10_000)
    clears_at_percent: Decimal | None = Field(default=None, ge=0, description="at most off_by_percent")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.clears_at_percent is not None and self.clears_at_percent > self.off_by_percent:
            raise ValueError("clears_at_percent is greater than off_by_percent: what clears would still be a violation")
        return self

    def bounds(self, target: Decimal, direction: Direction) -> Bounds:
        """Return the values that are allowed beside a target, in the formula's own unit; percents are of its size."""
        clears = self.off_by_percent if self.clears_at_percent is None else self.clears_at_percent
        off, clear = (abs(target) * percent / _WHOLE for percent in (self.off_by_percent, clears))
        low, high = direction is not Direction.LOWER, direction is not Direction.HIGHER
        return Bounds(
            low=target - off if low else None,
            high=target + off if high else None,
            clear_low=target - clear if low else None,
            clear_high=target + clear if high else None,
        )


class Against(StrEnum):
    """What a change is measured against."""

    PREVIOUS_PERIOD = "previous_period"
    SAME_PERIOD_LAST_YEAR = "same_period_last_year"


class ChangeCondition(_Limits):
    """The change of the value against another time: the difference, or percent of what it was."""

    kind: Literal["change"]
    against: Against = Against.PREVIOUS_PERIOD
    measured_in: Literal["percent", "absolute"] = "percent"


class NoDataCondition(Definition):
    """The period is over and has no value: no rows, not loaded, or another reason for null."""

    kind: Literal["no_data"]


class LatenessCondition(Definition):
    """What the KPI reads is loaded up to a moment that lies further back than so many seconds."""

    kind: Literal["lateness"]
    behind_s: int = Field(ge=1, le=366 * 86_400)


Condition = Annotated[
    ThresholdCondition | TargetCondition | ChangeCondition | NoDataCondition | LatenessCondition,
    Field(discriminator="kind"),
]
