"""The aggregates of the catalogue as plain Python: what a formula is of a group of rows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Meaning = Callable[[Rows], Any]


def known(name: str, rows: Rows) -> list[Any]:
    return [row[name] for row in rows if row[name] is not None]


def of(name: str, compute: Callable[[list[Any]], Any], empty: Any = None) -> Meaning:
    """Return what is computed from an attribute's values that are not null."""
    return lambda rows: compute(known(name, rows)) if known(name, rows) else empty


def spread(compute: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    return lambda values: compute([float(value) for value in values]) if len(values) > 1 else None


def interpolated(rank: float) -> Callable[[list[Any]], float]:
    def quantile(values: list[Any]) -> float:
        ordered = sorted(map(float, values))
        place = rank * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return quantile


def discrete(rank: float) -> Callable[[list[Any]], Any]:
    return lambda values: sorted(values)[max(math.ceil(rank * len(values)), 1) - 1]


def pairs(one: str, other: str, rows: Rows) -> list[tuple[float, float]]:
    return [(float(row[one]), float(row[other])) for row in rows if None not in {row[one], row[other]}]


def covariance(one: str, other: str) -> Meaning:
    def meaning(rows: Rows) -> float | None:
        found = pairs(one, other, rows)
        return statistics.covariance(*zip(*found, strict=True)) if len(found) > 1 else None

    return meaning


def correlation(one: str, other: str) -> Meaning:
    def meaning(rows: Rows) -> float | None:
        found = pairs(one, other, rows)
        if len(found) < 2 or any(len(set(values)) == 1 for values in zip(*found, strict=True)):
            return None
        return statistics.correlation(*zip(*found, strict=True))

    return meaning


def weighted(rows: Rows) -> Any:
    found = [(row["m"], row["a"]) for row in rows if None not in {row["m"], row["a"]}]
    weights = sum(weight for _, weight in found)
    return sum(value * weight for value, weight in found) / Decimal(weights) if weights else None


AGGREGATES: dict[str, Meaning] = {
    "count(thing)": len,
    "count(thing.a)": lambda rows: len(known("a", rows)),
    "count(thing) filter (where thing.p)": lambda rows: sum(row["p"] is True for row in rows),
    "count(distinct thing.b)": lambda rows: len(set(known("b", rows))),
    "count(distinct thing.s) filter (where thing.a > 0)":
        lambda rows: len({row["s"] for row in rows if (row["a"] or 0) > 0} - {None}),
    "approx_count_distinct(thing.id)": len,
    "sum(thing.a)": of("a", sum),
    "sum(thing.m)": of("m", sum),
    "sum(thing.f)": of("f", math.fsum),
    "sum(thing.a * thing.m)": lambda rows: sum(row["a"] * row["m"] for row in rows if None not in {row["a"], row["m"]}),
    "sum(thing.a) filter (where thing.b > 0)": lambda rows: sum(row["a"] for row in rows if (row["b"] or 0) > 0),
    "avg(thing.a)": of("a", lambda values: Decimal(sum(values)) / len(values)),
    "avg(thing.m)": of("m", lambda values: sum(values) / len(values)),
    "min(thing.m)": of("m", min), "max(thing.m)": of("m", max),
    "min(thing.d)": of("d", min), "max(thing.u)": of("u", max),
    "min(thing.f) filter (where thing.f > 100)": lambda _: None,
    "stddev(thing.f)": of("f", spread(statistics.stdev)),
    "variance(thing.m)": of("m", spread(statistics.variance)),
    "variance(thing.a) filter (where thing.a = 7)": lambda _: None,
    "median(thing.f)": of("f", interpolated(0.5)),
    "percentile(thing.m, 0.9)": of("m", interpolated(0.9)),
    "percentile(thing.f, 0.25) filter (where thing.f > 0)":
        lambda rows: interpolated(0.25)([row["f"] for row in rows if (row["f"] or 0) > 0]),
    "percentile(thing.m, 0.5, 'discrete')": of("m", discrete(0.5)),
    "percentile(thing.a, 0.25, 'discrete')": of("a", discrete(0.25)),
    "percentile(thing.f, 1, 'discrete')": of("f", discrete(1)),
    "approx_percentile(thing.f, 1)": of("f", lambda values: max(values)),
    "approx_percentile(thing.f, 0.25)": of("f", discrete(0.25)),
    "approx_percentile(thing.m, 0.5) filter (where thing.a > 0)":
        lambda rows: discrete(0.5)([row["m"] for row in rows if (row["a"] or 0) > 0 and row["m"] is not None]),
    "approx_percentile(thing.a, 0.9)": of("a", discrete(0.9)),
    "first(thing.a)": of("a", lambda values: values[0]),
    "last(thing.m)": of("m", lambda values: values[-1]),
    "weighted_avg(thing.m, thing.a)": weighted,
    "covariance(thing.f, thing.g)": covariance("f", "g"),
    "covariance(thing.a, thing.a) filter (where thing.a = 7)": lambda _: None,
    "correlation(thing.f, thing.g)": correlation("f", "g"),
    "correlation(thing.f, thing.f) filter (where thing.f = 0.5)": lambda _: None,
    "correlation(thing.f, thing.a - thing.a)": lambda _: None,
}  # fmt: skip
