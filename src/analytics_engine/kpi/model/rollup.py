"""Rollups: which states of an object model's rows are kept beside them, by time and dimensions."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from analytics_engine.kpi.model.base import Code, Definition, Name


class Level(StrEnum):
    """How long a bucket is. Days and months are those of the client's zone, shorter ones those of UTC."""

    QUARTER_HOUR = "quarter_hour"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


SECONDS: dict[Level, int] = {Level.QUARTER_HOUR: 900, Level.HOUR: 3600}
"""The length of the buckets that have the same length everywhere."""


class Rollup(Definition):
    """The states of some KPIs over the rows of one object model, kept so that answers need not read the rows.

    ``dimensions`` are attributes of the object model; what they lead to, such as a customer's region, is joined when
    it is asked for. Rows whose ``anchor`` is missing are in no bucket.
    """

    code: Code
    name: str = Field(min_length=1)
    description: str = ""
    object_model: Name
    anchor: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62}){0,6}$",
        description="the date or timestamp of the rows, perhaps of what they lead to; by default their own",
    )
    dimensions: tuple[Name, ...] = Field(default=(), max_length=20)
    levels: tuple[Level, ...] = Field(default=(), description="by default hours, days and months; of dates no hours")
    kpis: tuple[Code, ...] = Field(min_length=1, max_length=500)
    tallies: bool = Field(
        default=False,
        description="also keep how often each value occurs, for distinct counts and approximate percentiles; it takes "
        "a row for each value of a cell, and pays where values repeat",
    )
    enabled: bool = Field(default=True, description="false takes it away; the rows are read again")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for place, names in (("dimensions", self.dimensions), ("levels", self.levels), ("kpis", self.kpis)):
            twice = sorted({str(name) for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{place} has more than once: {', '.join(twice)}")
        if Level.MONTH in self.levels and Level.DAY not in self.levels:
            raise ValueError("levels has month without day; months are made of days")
        return self
