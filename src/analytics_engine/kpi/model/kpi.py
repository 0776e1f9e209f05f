"""KPIs and the hierarchy they hang in: value chain > module > KPI."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from analytics_engine.kpi.model.base import Code, Definition, Name
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Grain


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    TARGET = "target"


class KpiStatus(StrEnum):
    DRAFT = "draft"
    CERTIFIED = "certified"
    DEPRECATED = "deprecated"


class Scale(StrEnum):
    """How a bare ratio is shown; the formula returns the ratio itself."""

    ONE = "one"
    PERCENT = "percent"
    PPM = "ppm"
    PER_200K = "per_200k"


SCALE_FACTORS: dict[Scale, int] = {
    Scale.ONE: 1,
    Scale.PERCENT: 100,
    Scale.PPM: 1_000_000,
    Scale.PER_200K: 200_000,
}


class EmptyPeriod(StrEnum):
    """What a display shows for a period without rows; ``as_computed`` leaves it as the formula gives it."""

    AS_COMPUTED = "as_computed"
    NULL = "null"
    ZERO = "zero"
    PREVIOUS = "previous"


class Display(Definition):
    """How a value is shown to a person."""

    scale: Scale = Scale.ONE
    decimals: int = Field(default=2, ge=0, le=12)
    unit: str = Field(default="", max_length=40, description="what people call it; empty: as the formula gives it")


class Target(Definition):
    """The aim and the thresholds of red, amber and green, in the formula's own unit."""

    value: Decimal | None = None
    warning: Decimal | None = None
    critical: Decimal | None = None


class KpiParameter(Definition):
    """A value of a formula that a question may set: ``:threshold``."""

    name: Name
    type: DataType
    default: bool | int | Decimal | str
    unit: str = ""
    description: str = ""


class Kpi(Definition):
    """A measure of the business, defined once by a formula over object models and other KPIs."""

    code: Code
    name: str = Field(min_length=1)
    description: str = ""
    module: Code
    formula: str = Field(min_length=1, max_length=20_000)
    direction: Direction
    display: Display = Display()
    target: Target = Target()
    default_grain: Grain = Grain.MONTH
    allowed_grains: tuple[str, ...] = Field(default=(), description="the grains it may be asked by; empty: every one")
    parameters: tuple[KpiParameter, ...] = ()
    filter: str = Field(default="", max_length=20_000, description="a condition that always applies")
    empty_period: EmptyPeriod = EmptyPeriod.AS_COMPUTED
    owner: str = ""
    tags: tuple[str, ...] = ()
    standard: str = Field(default="", description="a reference such as a SCOR code")
    status: KpiStatus = KpiStatus.DRAFT
    replaced_by: Code | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.replaced_by is not None and self.status is not KpiStatus.DEPRECATED:
            raise ValueError("replaced_by is for a KPI whose status is deprecated")
        return self


class ValueChain(Definition):
    code: Code
    name: str = Field(min_length=1)
    description: str = ""


class Module(Definition):
    """A group of KPIs within one or more value chains."""

    code: Code
    name: str = Field(min_length=1)
    description: str = ""
    value_chains: tuple[Code, ...] = Field(min_length=1)
