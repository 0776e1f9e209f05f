"""Aggregates: what many values give. Numbers are exact until the caller brings them into the type of the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal

from analytics_engine.kpi.formula.syntax import LiteralValue
from support.reference.asking import Value

_MIDDLE = Decimal("0.5")
_LEAST_FOR_SPREAD = 2


def aggregate(function: str, values: Sequence[Value], parameters: Sequence[LiteralValue] = ()) -> Value:
    """Return an aggregate of values, in the order of their rows; nulls are skipped.

    Nulls: null of nothing but nulls, where it is no count.
    """
    there = [value for value in values if value is not None]
    match function:
        case "count":
            return len(there)
        case "count_distinct" | "approx_count_distinct":
            return len(set(there))
        case _ if not there:
            return None
        case "first":
            return there[0]
        case "last":
            return there[-1]
        case "min":
            return min(there)
        case "max":
            return max(there)
        case "median":
            return _interpolated(exact(there), _MIDDLE)
        case "percentile" | "approx_percentile":
            rank, *kind = parameters
            return _PERCENTILES[function, *kind](exact(there), Decimal(str(rank)))
        case _:
            return _OF_NUMBERS[function](exact(there))


def aggregate_of_two(function: str, pairs: Sequence[tuple[Value, Value]]) -> Value:
    """Return an aggregate of pairs of numbers; pairs with a null are skipped.

    Nulls: null where too few pairs are left, the weights add up to 0, or nothing varies.
    """
    there = [(one, other) for one, other in pairs if one is not None and other is not None]
    if not there:
        return None
    first = exact([one for one, _ in there])
    second = exact([other for _, other in there])
    match function:
        case "weighted_avg":
            weight = sum(second)
            return _dot(first, second) / weight if weight else None
        case "covariance":
            return _covariance(first, second)
        case "correlation":
            return _correlation(first, second)
        case _:
            raise LookupError(f"{function} is not of two operands")


def exact(values: Sequence[Value]) -> list[Decimal]:
    """Return numbers as decimals; a float as the very number it is."""
    return [Decimal(value) for value in values]


def mean(numbers: Sequence[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


def _variance(numbers: Sequence[Decimal]) -> Decimal | None:
    return _covariance(numbers, numbers)


def _stddev(numbers: Sequence[Decimal]) -> Decimal | None:
    variance = _variance(numbers)
    return None if variance is None else variance.sqrt()


def _covariance(first: Sequence[Decimal], second: Sequence[Decimal]) -> Decimal | None:
    """Of a sample: the mean product of the distances from the means, over one less than the number."""
    if len(first) < _LEAST_FOR_SPREAD:
        return None
    return _dot(_distances(first), _distances(second)) / (len(first) - 1)


def _correlation(first: Sequence[Decimal], second: Sequence[Decimal]) -> Decimal | None:
    if len(set(first)) < _LEAST_FOR_SPREAD or len(set(second)) < _LEAST_FOR_SPREAD:
        return None
    one, other = _distances(first), _distances(second)
    return _dot(one, other) / (_dot(one, one).sqrt() * _dot(other, other).sqrt())


def _distances(numbers: Sequence[Decimal]) -> list[Decimal]:
    middle = mean(numbers)
    return [number - middle for number in numbers]


def _dot(first: Sequence[Decimal], second: Sequence[Decimal]) -> Decimal:
    return sum((one * other for one, other in zip(first, second, strict=True)), Decimal(0))


def _interpolated(numbers: Sequence[Decimal], rank: Decimal) -> Decimal:
    """Linear between the two closest ranks, as SQL's percentile_cont."""
    ordered = sorted(numbers)
    place = rank * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _discrete(numbers: Sequence[Decimal], rank: Decimal) -> Decimal:
    """The least value that at least this part of the values does not exceed, as SQL's percentile_disc."""
    ordered = sorted(numbers)
    place = int((rank * len(ordered)).to_integral_value(ROUND_CEILING))
    return ordered[max(place, 1) - 1]


def _three_digits(number: Decimal) -> Decimal:
    """The nearest number of three significant digits; of two the one farther from 0."""
    place = Decimal(1).scaleb(number.adjusted() - 2)
    return number.quantize(place, ROUND_HALF_UP, Context(prec=400)) if number else number


_PERCENTILES: dict[tuple[LiteralValue, ...], Callable[[Sequence[Decimal], Decimal], Decimal]] = {
    ("percentile",): _interpolated,
    ("percentile", "continuous"): _interpolated,
    ("percentile", "discrete"): _discrete,
    ("approx_percentile",): lambda numbers, rank: _discrete(list(map(_three_digits, numbers)), rank),
}
_OF_NUMBERS: dict[str, Callable[[Sequence[Decimal]], Decimal | None]] = {
    "sum": lambda numbers: sum(numbers, Decimal(0)),
    "avg": mean,
    "variance": _variance,
    "stddev": _stddev,
}
