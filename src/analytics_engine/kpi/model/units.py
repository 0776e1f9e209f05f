"""Units as products of powers: ``USD``, ``mile/h``, ``kg*km``. Equal units cancel to a bare number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_FACTOR = re.compile(r"^(?P<symbol>[^\s*/^0-9][^\s*/^]*)(?:\^(?P<power>-?\d+))?$")

SECONDS: dict[str, int] = {"s": 1, "min": 60, "h": 3_600, "day": 86_400}
"""Units of elapsed time that convert into each other, in seconds; a day is 24 h."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of named units, such as ``(("h", -1), ("mile", 1))``; empty for a bare number."""

    powers: tuple[tuple[str, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Unit:
        """Return the unit a text such as ``EUR/order`` or ``kg*km`` names; an empty text names none.

        Raises:
            ValueError: the text is not a product of powers.
        """
        powers: dict[str, int] = {}
        sign = 1
        for part in re.split(r"([*/])", text.replace(" ", "")) if text.strip() else []:
            if part in {"*", "/"}:
                sign = 1 if part == "*" else -1
                continue
            if part == "1":
                continue
            match = _FACTOR.match(part)
            if match is None:
                raise ValueError(f"{text!r} is not a unit; write units like EUR, mile/h or kg*km")
            powers[match["symbol"]] = powers.get(match["symbol"], 0) + sign * int(match["power"] or 1)
        return cls._of(powers)

    @classmethod
    def _of(cls, powers: dict[str, int]) -> Unit:
        return cls(tuple(sorted((symbol, power) for symbol, power in powers.items() if power)))

    @property
    def bare(self) -> bool:
        return not self.powers

    def times(self, other: Unit, *, sign: int = 1) -> Unit:
        powers = dict(self.powers)
        for symbol, power in other.powers:
            powers[symbol] = powers.get(symbol, 0) + sign * power
        return self._of(powers)

    def per(self, other: Unit) -> Unit:
        return self.times(other, sign=-1)

    def __str__(self) -> str:
        above = [_power(symbol, power) for symbol, power in self.powers if power > 0]
        below = [_power(symbol, -power) for symbol, power in self.powers if power < 0]
        return "/".join(["*".join(above) or "1", *below]) if below else "*".join(above)


def _power(symbol: str, power: int) -> str:
    return symbol if power == 1 else f"{symbol}^{power}"


BARE = Unit()


def time_factor(source: Unit, target: str) -> Fraction | None:
    """Return what a number in a unit of elapsed time is multiplied with to be in another; None if it is no time."""
    if len(source.powers) != 1 or source.powers[0][1] != 1 or source.powers[0][0] not in SECONDS:
        return None
    return Fraction(SECONDS[source.powers[0][0]], SECONDS[target])
