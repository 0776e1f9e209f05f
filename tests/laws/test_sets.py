"""Laws of what is there at an instant: stocks, what comes and goes, and parts of intervals."""

from __future__ import annotations

from typing import Any

from analytics_engine.kpi.model.time import periods
from differential.bench import Bench
from laws.terms import DIMENSION, EVENT, INTERVAL, SNAPSHOT, Grow, Term
from laws.test_times import DAILY, WHOLE
from laws.world import Ask, Example, added, example, law, same

STOCKS = ("contract", "stock")


def _things(grow: Grow) -> Example:
    rows = grow.rows_of(INTERVAL, SNAPSHOT)
    own = (grow.condition(rows),) if grow.choices.now_and_then(2) else ()
    stock = Term(rows, f"count({rows.code})", where=own)
    kpis = {"AT_START": stock.asked(" at start"), "AT_END": stock.asked(" at end")}
    kpis |= {name.upper(): Term(rows, f"{name}({rows.code})", where=own).text for name in ("lost", "kept", "gained")}
    return example(grow, kpis, grow.dimensions(rows))


@law(_things, models=STOCKS)
def test_a_stock_is_what_was_and_came_less_what_went(engine: Bench, tried_on: Example) -> None:
    """An unknown stock, whose last snapshot is absent or stale, has nothing that is there."""
    for values in Ask(engine, tried_on)().cells.values():
        before, after = values["AT_START"] or 0, values["AT_END"] or 0
        assert after == before + (values["GAINED"] or 0) - (values["LOST"] or 0)


@law(_things, models=STOCKS)
def test_what_is_kept_and_lost_is_what_was(engine: Bench, tried_on: Example) -> None:
    """And what is kept and gained is what is."""
    for values in Ask(engine, tried_on)().cells.values():
        lost, kept, gained = (values[name] or 0 for name in ("LOST", "KEPT", "GAINED"))
        assert lost + kept == (values["AT_START"] or 0)
        assert gained + kept == (values["AT_END"] or 0)


def _balance(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, DIMENSION)
    flow = grow.additive(rows)
    return example(grow, {"FLOW": flow.text, "AT_START": flow.asked(" at start"), "AT_END": flow.asked(" at end")})


@law(_balance)
def test_a_balance_is_what_it_was_and_what_flowed(engine: Bench, tried_on: Example) -> None:
    """Of events, at an instant, there is all that ever was before it; a condition on the period may see other rows."""
    found = Ask(engine, tried_on)()
    if "(period)" in str(tried_on.kpis):
        return
    for values in found.cells.values():
        total = added([values["AT_START"], values["FLOW"]])
        assert same(found.kinds["FLOW"], total, added([values["AT_END"]]))


def _chained(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, SNAPSHOT, DIMENSION)
    term = grow.additive(rows)
    if rows.model.nature in {INTERVAL, SNAPSHOT}:
        term = Term(rows, f"count({rows.code})")
    return example(grow, {"AT_START": term.asked(" at start"), "AT_END": term.asked(" at end")})


@law(_chained, scenes=(*WHOLE, *DAILY))
def test_a_period_starts_with_what_the_one_before_ended_with(engine: Bench, tried_on: Example) -> None:
    found = Ask(engine, tried_on)()
    if "(period)" in str(tried_on.kpis):
        return
    for (number, members), values in found.cells.items():
        if number > 0:
            assert same(found.kinds["AT_END"], found.cells[number - 1, members]["AT_END"], values["AT_START"])


def _prorated(grow: Grow) -> Example:
    rows = grow.rows("contract")
    return example(grow, {"IT": Term(rows, f"prorate({grow.plain(rows)})").text}, grow.dimensions(rows))


@law(_prorated, models=("contract",), scenes=(*WHOLE, *DAILY))
def test_prorated_amounts_add_up_over_time(engine: Bench, tried_on: Example) -> None:
    """What falls to the parts of a range falls to the range."""
    if "(period)" in str(tried_on.by):
        return
    ask = Ask(engine, tried_on)
    whole, parts = ask(grain=None).column("IT"), ask()
    for (_, members), value in whole.items():
        shares = [part for (_, of), part in parts.column("IT").items() if of == members]
        assert same(parts.kinds["IT"], added([value]), added(shares))


@law(_prorated, models=("contract",), scenes=WHOLE)
def test_a_whole_interval_has_its_whole_amount(engine: Bench, tried_on: Example) -> None:
    """Of intervals that lie in the range, all of each amount falls to it."""
    ask = Ask(engine, tried_on)
    inside = f"contract.start >= {_written(tried_on, 0)} and contract.finish <= {_written(tried_on, 1)}"
    term = tried_on.kpis["IT"]
    assert isinstance(term, str)
    total = term.replace("prorate", "sum")
    kpis = {"PART": f"{term} filter (where {inside})", "ALL": f"{total} by start filter (where {inside})"}
    found = ask(kpis, grain=None, by=())
    for values in found.cells.values():
        assert same(found.kinds["PART"], added([values["ALL"]]), added([values["PART"]]))


def _written(tried_on: Example, edge: int) -> str:
    (period,) = periods(tried_on.scene.window, None, tried_on.scene.calendar)
    if tried_on.recipe.by_days:
        return f"date '{(period.local_start, period.local_end)[edge].date()}'"
    return f"timestamp '{(period.start, period.end)[edge].isoformat()}'"


def _held(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, SNAPSHOT)
    value = grow.plain(rows)
    kpis = {"IT": f"time_weighted_avg({value})", "TWO": f"time_weighted_avg(({value}) * 2)"}
    kpis["CONSTANT"] = f"time_weighted_avg(coalesce({value} * 0, 0) + 2)"
    return example(grow, kpis)


@law(_held)
def test_the_mean_over_time_of_a_constant_is_the_constant(engine: Bench, tried_on: Example) -> None:
    """And of twice a value it is twice the mean."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        assert values["CONSTANT"] in {None, 2}
        twice: Any = None if values["IT"] is None else values["IT"] * 2
        assert same(found.kinds["TWO"], twice, values["TWO"])
