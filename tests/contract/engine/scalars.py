"""Every scalar of the catalogue as plain Python: what a formula is of one row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contract.engine.rows import ZONE

Row = Mapping[str, Any]
Meaning = Callable[[Row], Any]

_MICROSECOND = timedelta(microseconds=1)


def of(names: str, compute: Callable[..., Any]) -> Meaning:
    """Return what is computed from these attributes, null where one of them is."""

    def meaning(row: Row) -> Any:
        values = [row[name] for name in names.split()]
        return None if None in values else compute(*values)

    return meaning


def divided(one: Any, other: Any) -> Any:
    if other == 0:
        return None
    return one / other if isinstance(one, float) or isinstance(other, float) else Decimal(one) / Decimal(other)


def remainder(one: Any, other: Any) -> Any:
    """As decimals, with the dividend's sign; floats as they are written."""
    if other == 0:
        return None
    found = Decimal(str(one)) % Decimal(str(other))
    return float(found) if isinstance(one, float) else found


def rounded(value: Any, places: int = 0) -> Any:
    found = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return float(found) if isinstance(value, float) else found


def power(base: Any, exponent: Any) -> Any:
    base, exponent = float(base), float(exponent)
    if (base < 0 and exponent != int(exponent)) or (base == 0 and exponent < 0):
        return None
    return base**exponent


def elapsed(seconds: int) -> Callable[[datetime, datetime], Decimal]:
    return lambda one, other: Decimal((other - one) // _MICROSECOND) / (seconds * 1_000_000)


def local(moment: date | datetime) -> Any:
    return moment.astimezone(ZoneInfo(ZONE)) if isinstance(moment, datetime) else moment


def cut(grain: str) -> Callable[[date | datetime], Any]:
    def truncated(moment: date | datetime) -> Any:
        if grain in {"hour", "minute", "second"}:
            assert isinstance(moment, datetime)
            wall = local(moment)
            minutes = wall.minute if grain == "hour" else 0
            over = timedelta(minutes=minutes, seconds=0 if grain == "second" else wall.second)
            return (moment - over - timedelta(microseconds=wall.microsecond)).astimezone(UTC)
        day = local(moment)
        day = day.date() if isinstance(day, datetime) else day
        match grain:
            case "week":
                return day - timedelta(days=day.weekday())
            case "month":
                return day.replace(day=1)
            case "quarter":
                return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            case "year":
                return day.replace(month=1, day=1)
            case _:
                return day

    return truncated


def both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if None in {one, other} else True


def either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if None in {one, other} else False


def among(value: Any, *members: Any) -> bool | None:
    if value is None:
        return None
    if value in [member for member in members if member is not None]:
        return True
    return None if None in members else False


def at_least(one: Any, other: Any) -> bool | None:
    return None if None in {one, other} else one >= other


def first_of(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


NUMBERS: dict[str, Meaning] = {
    "thing.a + thing.b": of("a b", lambda a, b: a + b),
    "thing.a + thing.m": of("a m", lambda a, m: a + m),
    "thing.m + thing.n": of("m n", lambda m, n: m + n),
    "thing.f + thing.g": of("f g", lambda f, g: f + g),
    "thing.a + thing.f": of("a f", lambda a, f: a + f),
    "thing.m + thing.f": of("m f", lambda m, f: float(m) + f),
    "thing.a - thing.b": of("a b", lambda a, b: a - b),
    "1 - thing.n": of("n", lambda n: 1 - n),
    "thing.m - thing.n - thing.a": of("m n a", lambda m, n, a: m - n - a),
    "thing.a * thing.b": of("a b", lambda a, b: a * b),
    "thing.a * thing.a": of("a", lambda a: a * a),
    "thing.m * thing.n": of("m n", lambda m, n: m * n),
    "thing.a * thing.m * (1 - thing.n)": of("a m n", lambda a, m, n: a * m * (1 - n)),
    "thing.m * thing.f": of("m f", lambda m, f: float(m) * f),
    "thing.a / thing.b": of("a b", divided),
    "thing.m / thing.n": of("m n", divided),
    "thing.f / thing.g": of("f g", divided),
    "1 - thing.a / thing.m": of("a m", lambda a, m: 1 - Decimal(a) / m),
    "thing.a % thing.b": of("a b", remainder),
    "thing.m % thing.n": of("m n", remainder),
    "thing.f % thing.g": of("f g", remainder),
    "thing.a * thing.b % 5": of("a b", lambda a, b: remainder(a * b, 5)),
    "-thing.a": of("a", lambda a: -a),
    "-(thing.m - thing.n)": of("m n", lambda m, n: n - m),
    "abs(thing.a)": of("a", abs),
    "abs(thing.m)": of("m", abs),
    "abs(thing.f)": of("f", abs),
    "case when thing.a > 0 then thing.m when thing.a < 0 then thing.n else 0 end":
        lambda row: row["m"] if (row["a"] or 0) > 0 else row["n"] if (row["a"] or 0) < 0 else 0,
    "case when thing.p then thing.a end": lambda row: row["a"] if row["p"] else None,
    "case when thing.p then thing.f else thing.m end": lambda row: row["f"] if row["p"] else row["m"],
    "case when thing.p then thing.m / thing.n else thing.a end":
        lambda row: of("m n", divided)(row) if row["p"] else row["a"],
    "coalesce(thing.a, thing.b, 0)": lambda row: first_of(row["a"], row["b"], 0),
    "coalesce(thing.a * thing.b, thing.m)": lambda row: first_of(of("a b", lambda a, b: a * b)(row), row["m"]),
    "coalesce(thing.m / thing.n, 0)": lambda row: first_of(of("m n", divided)(row), 0),
    "coalesce(thing.f, thing.m, 1)": lambda row: first_of(row["f"], row["m"], 1),
    "nullif(thing.a, 7)": of("a", lambda a: None if a == 7 else a),
    "nullif(thing.m, thing.n)": lambda row: None if row["m"] == row["n"] else row["m"],
    "nullif(thing.a, thing.n)": lambda row: None if row["a"] == row["n"] else row["a"],
    "greatest(thing.a, thing.b)": of("a b", max),
    "greatest(thing.a, thing.m, thing.n)": of("a m n", max),
    "least(thing.f, thing.m)": of("f m", lambda f, m: min(f, float(m))),
    "ln(thing.f)": of("f", lambda f: math.log(f) if f > 0 else None),
    "ln(thing.a)": of("a", lambda a: math.log(a) if a > 0 else None),
    "exp(thing.g)": of("g", math.exp),
    "sqrt(thing.m)": of("m", lambda m: math.sqrt(m) if m >= 0 else None),
    "power(thing.f, 2)": of("f", lambda f: power(f, 2)),
    "power(thing.a, 0.5)": of("a", lambda a: power(a, 0.5)),
    "power(thing.b, -1)": of("b", lambda b: power(b, -1)),
    "power(thing.f, thing.g)": of("f g", power),
    "round(thing.m)": of("m", rounded),
    "round(thing.m, 2)": of("m", lambda m: rounded(m, 2)),
    "round(thing.f)": of("f", rounded),
    "round(thing.f, 2)": of("f", lambda f: rounded(f, 2)),
    "round(thing.a)": of("a", lambda a: a),
    "round(thing.m / thing.n, 3)":
        of("m n", lambda m, n: None if n == 0 else rounded(Decimal(m) / Decimal(n), 3)),
    "in_minutes(thing.hours)": of("hours", lambda hours: hours * 60),
    "in_hours(thing.seconds)": of("seconds", lambda seconds: Decimal(seconds) / 3_600),
    "in_days(thing.hours)": of("hours", lambda hours: hours / 24),
    "minutes_between(thing.u, thing.v)": of("u v", elapsed(60)),
    "hours_between(thing.u, thing.v)": of("u v", elapsed(3_600)),
    "days_between(thing.v, thing.u)": of("v u", elapsed(86_400)),
    "year(thing.u)": of("u", lambda u: local(u).year),
    "year(thing.d)": of("d", lambda d: d.year),
    "quarter(thing.u)": of("u", lambda u: (local(u).month + 2) // 3),
    "quarter(thing.d)": of("d", lambda d: (d.month + 2) // 3),
    "month(thing.u)": of("u", lambda u: local(u).month),
    "month(thing.d)": of("d", lambda d: d.month),
    "week(thing.v)": of("v", lambda v: local(v).isocalendar().week),
    "week(thing.e)": of("e", lambda e: e.isocalendar().week),
    "day(thing.u)": of("u", lambda u: local(u).day),
    "day(thing.d)": of("d", lambda d: d.day),
    "weekday(thing.u)": of("u", lambda u: local(u).isoweekday()),
    "weekday(thing.d)": of("d", lambda d: d.isoweekday()),
    "hour(thing.u)": of("u", lambda u: local(u).hour),
    "hour(thing.v)": of("v", lambda v: local(v).hour),
    "minute(thing.u)": of("u", lambda u: local(u).minute),
    "second(thing.u)": of("u", lambda u: local(u).second),
}  # fmt: skip
"""Formulas that give a number."""

OTHERS: dict[str, Meaning] = {
    "least(thing.d, thing.e)": of("d e", min),
    "greatest(thing.u, thing.v)": of("u v", max),
    "truncated(thing.u, second)": of("u", cut("second")),
    "truncated(thing.u, minute)": of("u", cut("minute")),
    "truncated(thing.u, hour)": of("u", cut("hour")),
    "truncated(thing.v, hour)": of("v", cut("hour")),
    "truncated(thing.u, day)": of("u", cut("day")),
    "truncated(thing.v, week)": of("v", cut("week")),
    "truncated(thing.u, month)": of("u", cut("month")),
    "truncated(thing.u, quarter)": of("u", cut("quarter")),
    "truncated(thing.u, year)": of("u", cut("year")),
    "truncated(thing.d, day)": of("d", cut("day")),
    "truncated(thing.d, week)": of("d", cut("week")),
    "truncated(thing.e, month)": of("e", cut("month")),
    "truncated(thing.d, quarter)": of("d", cut("quarter")),
    "truncated(thing.d, year)": of("d", cut("year")),
}
"""Formulas that give a date or a timestamp."""

CONDITIONS: dict[str, Meaning] = {
    "thing.a = thing.b": of("a b", lambda a, b: a == b),
    "thing.m = thing.n": of("m n", lambda m, n: m == n),
    "thing.a != thing.b": of("a b", lambda a, b: a != b),
    "thing.a < thing.m": of("a m", lambda a, m: a < m),
    "thing.m <= thing.f": of("m f", lambda m, f: float(m) <= f),
    "thing.a * thing.b > thing.m": of("a b m", lambda a, b, m: a * b > m),
    "thing.u >= thing.v": of("u v", lambda u, v: u >= v),
    "thing.d = thing.e": of("d e", lambda d, e: d == e),
    "thing.s = 'it''s'": of("s", lambda s: s == "it's"),
    "thing.s = 'b\\c'": of("s", lambda s: s == "b\\c"),
    "thing.s != 'Zoë'": of("s", lambda s: s != "Zoë"),
    "thing.a = null": lambda _: None,
    "thing.p and thing.q": lambda row: both(row["p"], row["q"]),
    "thing.p or thing.q": lambda row: either(row["p"], row["q"]),
    "not thing.q": of("q", lambda q: not q),
    "not (thing.p and thing.q)": lambda row: None if both(row["p"], row["q"]) is None else not both(row["p"], row["q"]),
    "thing.q is null": lambda row: row["q"] is None,
    "thing.a / thing.b is null": lambda row: of("a b", divided)(row) is None,
    "thing.m is not null": lambda row: row["m"] is not None,
    "thing.a in (7, 0)": lambda row: among(row["a"], 7, 0),
    "thing.a in (7, thing.b)": lambda row: among(row["a"], 7, row["b"]),
    "thing.a in (7, null)": lambda row: among(row["a"], 7, None),
    "thing.s in ('apple', 'Zoë')": lambda row: among(row["s"], "apple", "Zoë"),
    "thing.m in (12.5, thing.a)": lambda row: among(row["m"], Decimal("12.5"), row["a"]),
    "thing.a between thing.b and 10": lambda row: both(at_least(row["a"], row["b"]), at_least(10, row["a"])),
    "thing.m between 0 and thing.n": lambda row: both(at_least(row["m"], 0), at_least(row["n"], row["m"])),
    "thing.u between thing.u and thing.v": lambda row: both(at_least(row["u"], row["u"]), at_least(row["v"], row["u"])),
    "coalesce(thing.s, 'none') = 'none'": lambda row: row["s"] is None,
    "nullif(thing.s, '') is null": lambda row: not row["s"],
    "greatest(thing.s, 'b') = 'b'": of("s", lambda s: max(s, "b") == "b"),
    "nullif(thing.m, 12.5) is null": lambda row: row["m"] is None or row["m"] == Decimal("12.5"),
}
"""Formulas that give a condition."""
