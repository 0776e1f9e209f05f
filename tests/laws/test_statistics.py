"""Laws of the aggregates among each other: ranks, means, spreads, distinct values, and children of a row."""

from __future__ import annotations

from typing import Any

from differential.agreement import Kind
from differential.bench import Bench
from laws.terms import DIMENSION, EVENT, INTERVAL, SNAPSHOT, Grow, Term
from laws.world import Ask, Example, Formula, example, law, same

ANY = (EVENT, INTERVAL, SNAPSHOT, DIMENSION)


def _of_a_value(*calls: str) -> Any:
    """Return what grows the same few aggregates of one value, each named by its call."""

    def build(grow: Grow) -> Example:
        rows = grow.rows_of(*ANY)
        value = grow.number(rows)
        term = grow.term(rows, "")
        kpis: dict[str, Formula] = {_name(call): term.calling(call.format(x=value, rows=rows.code)) for call in calls}
        return example(grow, kpis, grow.dimensions(rows))

    return build


def _name(call: str) -> str:
    """Return a KPI's code for a call."""
    return "K_" + "".join(letter if letter.isalnum() else "_" for letter in call).upper()


def _read(values: dict[str, Any], *calls: str) -> list[Any]:
    return [values[_name(call)] for call in calls]


_RANKS = (
    "min({x})", "percentile({x}, 0)", "percentile({x}, 0, 'discrete')", "percentile({x}, 0.25)", "median({x})",
    "percentile({x}, 0.5)", "avg({x})", "percentile({x}, 0.75)", "percentile({x}, 1, 'discrete')", "percentile({x}, 1)",
    "max({x})",
)  # fmt: skip


@law(_of_a_value(*_RANKS))
def test_percentiles_lie_between_the_least_and_the_greatest(engine: Bench, tried_on: Example) -> None:
    """The 0th is the least, the 100th the greatest, the median the 50th, and they ascend."""
    for values in Ask(engine, tried_on)().cells.values():
        least, first, first_picked, quarter, median, half, mean, most, last_picked, last, greatest = _read(
            values, *_RANKS
        )
        if least is None:
            assert {first, first_picked, quarter, median, half, mean, most, last_picked, last, greatest} == {None}
            continue
        assert first_picked == least
        assert last_picked == greatest
        assert same(Kind.FLOAT, least, first)
        assert same(Kind.FLOAT, greatest, last)
        assert same(Kind.FLOAT, half, median)
        ordered = [float(value) for value in (first, quarter, median, most, last)]
        assert ordered == sorted(ordered)
        assert float(least) - 1e-6 <= float(mean) <= float(greatest) + 1e-6


_SPREADS = (
    "variance({x})", "stddev({x})", "covariance({x}, {x})", "correlation({x}, {x})", "variance(({x}) + 3)",
    "covariance({x}, -({x}))", "count({x})",
)  # fmt: skip


def _means(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, DIMENSION)
    value = grow.number(rows)
    term = grow.term(rows, "")
    kpis = {
        "AVG": term.calling(f"avg({value})"),
        "EQUAL": term.calling(f"weighted_avg({value}, 2)"),
        "NOTHING": term.calling(f"weighted_avg({value}, 0)"),
        "RATIO": f"{term.calling(f'sum({value})')} / {term.calling(f'count({value})')}",
    }
    return example(grow, kpis, grow.dimensions(rows))


@law(_means)
def test_a_mean_of_equal_weights_is_the_mean(engine: Bench, tried_on: Example) -> None:
    """It is the sum by the count, too; weights that add up to nothing have no mean."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        assert same(found.kinds["AVG"], values["AVG"], values["EQUAL"])
        assert same(found.kinds["AVG"], values["AVG"], values["RATIO"])
        assert values["NOTHING"] is None


def _spread(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    value = grow.plain(rows)
    term = grow.term(rows, "")
    kpis = {name: term.calling(call.format(x=value)) for name, call in zip("ABCDEFG", _SPREADS, strict=True)}
    return example(grow, kpis, grow.dimensions(rows))


@law(_spread)
def test_spreads_follow_from_each_other(engine: Bench, tried_on: Example) -> None:
    """A variance is the square of the standard deviation and the covariance with oneself; a shift changes nothing."""
    for values in Ask(engine, tried_on)().cells.values():
        variance, deviation, itself, correlation, shifted, against, count = (values[name] for name in "ABCDEFG")
        assert (variance is None) is ((count or 0) < 2)
        if variance is None:
            assert {deviation, itself, correlation, shifted, against} == {None}
            continue
        scale = max(abs(float(variance)), 1e-3)
        for other in (deviation * deviation, itself, shifted, -against):
            assert abs(float(other) - float(variance)) <= 1e-6 * scale
        assert correlation is None if variance == 0 else abs(float(correlation) - 1) <= 1e-6


_KEYS = {
    "order": "order_id",
    "line": "line_id",
    "customer": "customer_id",
    "visit": "visit_id",
    "receipt": "receipt_id",
}


def _keys(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, DIMENSION)
    key, member = f"{rows.code}.{_KEYS[rows.code]}", grow.member(rows)
    term = grow.term(rows, f"count({rows.code})")
    kpis = {
        "ROWS": term.text,
        "KEYS": term.calling(f"count(distinct {key})"),
        "ANY": term.calling(f"count(distinct {key} having count({rows.code}) >= 1)"),
        "MEMBERS": term.calling(f"count(distinct {member})"),
        "KNOWN": term.calling(f"count({member})"),
        "ONCE": term.calling(f"count(distinct {member} having count({rows.code}) = 1)"),
        "OFTEN": term.calling(f"count(distinct {member} having count({rows.code}) > 1)"),
        "LAST": term.calling(f"count(last({key} per {key}))"),
    }
    return example(grow, kpis, grow.dimensions(rows))


@law(_keys)
def test_the_distinct_keys_are_the_rows(engine: Bench, tried_on: Example) -> None:
    """Of each key there is one row; a value is there once or more often, and never more often than it is known."""
    for values in Ask(engine, tried_on)().cells.values():
        assert values["ROWS"] == values["KEYS"] == values["ANY"] == (values["LAST"] or 0)
        assert values["MEMBERS"] == values["ONCE"] + values["OFTEN"]
        assert values["MEMBERS"] <= values["KNOWN"] <= values["ROWS"]


def _ranked(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, DIMENSION)
    term = grow.additive(rows)
    return example(grow, {"IT": term.text, "RANK": f"rank({term.text})"}, (grow.member(rows),))


@law(_ranked)
def test_a_rank_counts_what_is_greater(engine: Bench, tried_on: Example) -> None:
    cells = Ask(engine, tried_on)().cells
    for (period, _), values in cells.items():
        others = [other["IT"] for (of, _), other in cells.items() if of == period and other["IT"] is not None]
        value = values["IT"]
        assert values["RANK"] == (None if value is None else 1 + sum(other > value for other in others))


# --- children --------------------------------------------------------------------------------------------------------


def _children(grow: Grow) -> Example:
    orders, lines = grow.rows("order"), grow.rows("line")
    condition, value = lines.condition(0), f"line.{grow.choices.one_of(('quantity', 'price'))}"
    whole = Term(orders, "count(order)")
    name = value.removeprefix("line.")
    kpis = {
        "ORDERS": whole.text,
        "EVERY": whole.filtered(f"every(order.lines, {condition})"),
        "ANY_NOT": whole.filtered(f"any(order.lines, not coalesce(({condition}), false))"),
        "SOME": whole.filtered("any(order.lines)"),
        "COUNTED": whole.filtered("count(order.lines) > 0"),
        "INSIDE": f"sum(sum(order.lines.{name}))",
        "OUTSIDE": f"sum({value}) by order.ordered_at",
        "ROWS_INSIDE": "sum(count(order.lines))",
        "ROWS_OUTSIDE": "count(line) by order.ordered_at",
    }
    return example(grow, kpis)


@law(_children, models=("line",))
def test_children_are_counted_once_with_their_parent(engine: Bench, tried_on: Example) -> None:
    """All are so where none is not; and a sum over parents of sums over children is the sum over the children."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        assert values["EVERY"] + values["ANY_NOT"] == values["ORDERS"]
        assert values["SOME"] == values["COUNTED"]
        assert same(found.kinds["INSIDE"], values["OUTSIDE"] or 0, values["INSIDE"] or 0)
        assert values["ROWS_INSIDE"] == values["ROWS_OUTSIDE"]


def _followed(grow: Grow) -> Example:
    rows = grow.rows("order")
    own = (grow.condition(rows),) if grow.choices.now_and_then(2) else ()
    term = Term(rows, "count(order)", where=own)
    kpis = {
        name: term.calling(f"converted(order, line on order_id within {within})")
        for name, within in (
            ("AN_HOUR", "1 hour"),
            ("A_DAY", "24 hours"),
            ("A_CALENDAR_DAY", "1 day"),
            ("EVER", "9000 days"),
        )
    }
    kpis["TWICE"] = term.calling("converted(order, line on order_id within 1 day, line on order_id within 1 day)")
    return example(grow, {"ORDERS": term.text, **kpis}, grow.dimensions(rows))


@law(_followed, models=("line",))
def test_a_longer_window_converts_no_less(engine: Bench, tried_on: Example) -> None:
    """Each row is converted once at most, and a further step leaves no more."""
    for values in Ask(engine, tried_on)().cells.values():
        assert (
            0 <= values["AN_HOUR"] <= values["A_DAY"] == values["A_CALENDAR_DAY"] <= values["EVER"] <= values["ORDERS"]
        )
        assert values["TWICE"] <= values["A_DAY"]
