"""Boundaries as whole numbers: which segment holds a time, by a division and a lookup.

Engines without a search in arrays count so. Nearly all boundaries lie on some unit of time; the few that do not, as
where a range is cut or a span ends with the loaded data, are told apart one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd

from analytics_engine.errors import QueryError

NEVER = 2**62
"""A time that no row reaches, in microseconds since 1970."""
_SECOND = 1_000_000
_UNITS = (86_400 * _SECOND, 3_600 * _SECOND, 900 * _SECOND, 60 * _SECOND, _SECOND)
_LONGEST_LOOKUP = 2_000_000


@dataclass(frozen=True)
class Raster:
    """Boundaries on a unit of time, and the odd ones between.

    Unit: of all: that of the boundaries, microseconds or days.
    """

    base: int
    unit: int
    regular: tuple[int, ...]
    odds: tuple[int, ...]

    def odd(self, position: int) -> int:
        """Return one of the odd boundaries, or a time that is never reached."""
        return self.odds[position] if position < len(self.odds) else NEVER

    def lookup(self) -> list[int]:
        """Return for each unit from the base to the last regular boundary how many of these are not after it.

        Raises:
            QueryError: there are too many.
        """
        if len(self.regular) < 2:  # noqa: PLR2004 - nothing lies between two of them
            return [len(self.regular)]
        count = (self.regular[-1] - self.base) // self.unit
        if count > _LONGEST_LOOKUP:
            raise QueryError(
                "The range is too long for periods this fine.", remedy="Ask a coarser grain or a shorter range."
            )
        return [bisect_right(self.regular, self.base + position * self.unit) for position in range(count)]


def raster_of(boundaries: Sequence[int], *, most_odd: int) -> Raster:
    """Return ascending boundaries on the coarsest unit of which at most so many lie beside."""
    for unit in _UNITS if most_odd else ():
        residue = Counter(boundary % unit for boundary in boundaries).most_common(1)
        odds = tuple(boundary for boundary in boundaries if boundary % unit != residue[0][0]) if residue else ()
        if len(odds) <= most_odd:
            return _raster(tuple(boundary for boundary in boundaries if boundary not in odds), odds)
    return _raster(tuple(boundaries), ())


def _raster(regular: tuple[int, ...], odds: tuple[int, ...]) -> Raster:
    unit = gcd(*(later - earlier for earlier, later in pairwise(regular))) or 1
    return Raster(regular[0] if regular else 0, unit, regular, odds)
