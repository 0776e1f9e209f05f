"""Laws of time: to-date, rolling and shifted spans, means over days, and where a range is cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import assume

from analytics_engine.kpi.model.time import Window, is_whole, moved, periods
from differential.bench import Bench
from differential.data import RETAIL_MONTH, SCENES, Scene
from laws.terms import DIMENSION, EVENT, INTERVAL, SNAPSHOT, Grow, Term, Without
from laws.world import Answers, Ask, Example, added, example, law, quotient, same
from support.reference.asking import Members

_RETAIL = [f"{start}" for start in RETAIL_MONTH.starts if start.year == 2026]
WHOLE = (
    Scene("UTC", "2026-01-01", "2026-03-01", "month"),
    Scene("America/New_York", "2026-03-01", "2026-04-01", "month"),
    Scene("America/New_York", "2026-10-26", "2026-11-09", "week"),
    Scene("America/New_York", "2026-03-02", "2026-03-16", "week"),
    Scene("Asia/Kolkata", "2024-02-01", "2024-03-01", "month"),
    Scene("Europe/Berlin", "2026-01-01", "2026-04-01", "quarter"),
    Scene("Europe/Berlin", _RETAIL[1], _RETAIL[3], "retail_month"),
)
"""Ranges of whole periods, longer than a day: without a change of clocks, and with one."""
DAILY = tuple(scene for scene in SCENES if scene.grain == "day" and scene.by_days)
ANY = (EVENT, EVENT, INTERVAL, DIMENSION, SNAPSHOT)
_ENCLOSING = {"day": "month", "week": "year", "month": "year", "quarter": "year", "retail_month": "retail_month"}


# --- windows ---------------------------------------------------------------------------------------------------------


def _to_date(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    formula = grow.windowed(rows)
    kpis = {"IT": formula, "SO_FAR": f"to_date({formula}, {grow.scene.grain})"}
    return example(grow, kpis, grow.dimensions(rows, Without.PERIODS))


@law(_to_date, scenes=WHOLE)
def test_to_date_on_the_last_day_is_the_whole_period(engine: Bench, tried_on: Example) -> None:
    """For sums and for what does not add up; of a whole period, to date is what the period is."""
    ask = Ask(engine, tried_on)
    whole, daily = ask(), ask(grain="day")
    for number, period in enumerate(whole.periods):
        last = max(n for n, day in enumerate(daily.periods) if day.end == period.end)
        so_far = _of(daily, last)
        for members, values in _of(whole, number).items():
            assert same(whole.kinds["IT"], values["IT"], so_far[members]["SO_FAR"])
            assert same(whole.kinds["IT"], values["IT"], values["SO_FAR"])


def _rolling(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    formula = grow.windowed(rows)
    kpis = {"IT": formula, "ROLLED": f"rolling({formula}, 1 {grow.scene.grain})"}
    return example(grow, kpis, grow.dimensions(rows, Without.PERIODS))


@law(_rolling, scenes=(*WHOLE, *DAILY))
def test_rolling_over_one_period_is_the_period(engine: Bench, tried_on: Example) -> None:
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        assert same(found.kinds["IT"], values["IT"], values["ROLLED"])


def _rolling_sum(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, DIMENSION)
    term = grow.additive(rows, Without.PERIODS)
    return example(grow, {"IT": term.text, "ROLLED": f"rolling({term.text}, 3 days)"})


@law(_rolling_sum, scenes=DAILY)
def test_a_rolling_sum_is_the_sum_of_its_days(engine: Bench, tried_on: Example) -> None:
    """From the third day on, when all of its days have been asked."""
    found = Ask(engine, tried_on)()
    for (number, _), values in found.cells.items():
        if number >= 2:
            days = [found.cells[day, ()]["IT"] for day in (number - 2, number - 1, number)]
            assert same(found.kinds["IT"], added(days), added([values["ROLLED"]]))


# --- other periods ---------------------------------------------------------------------------------------------------


def _shifted(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    steps = grow.choices.one_of((1, 2, 5))
    formula = grow.windowed(rows)
    kpis = {"IT": formula, "BEFORE": f"previous({formula}, {steps} {grow.scene.grain})"}
    return example(grow, kpis, grow.dimensions(rows, Without.PERIODS), more=steps)


@law(_shifted, scenes=(*WHOLE, *DAILY))
def test_an_offset_and_its_inverse_are_nothing(engine: Bench, tried_on: Example) -> None:
    """What was so many periods before, asked so many periods later, is what is.

    Each is asked alone: beside another KPI it would also have the cells of nothing where only that one has rows.
    """
    ask = Ask(engine, tried_on)
    scene = tried_on.scene
    later = Window(*(_later(scene, local, tried_on.more) for local in (scene.window.start, scene.window.end)))
    now = ask({"IT": tried_on.kpis["IT"]})
    then = ask({"BEFORE": tried_on.kpis["BEFORE"]}, window=later)
    assert len(now.periods) == len(then.periods)
    assert now.cells.keys() == then.cells.keys()
    for key, values in now.cells.items():
        assert same(now.kinds["IT"], values["IT"], then.cells[key]["BEFORE"])


def _later(scene: Scene, local: datetime, steps: int) -> datetime:
    assert scene.grain is not None
    return moved(local, scene.grain, steps, scene.calendar)


def _compared(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    formula = grow.windowed(rows)
    step = f"1 {grow.scene.grain}"
    kpis = {"IT": formula, "BEFORE": f"previous({formula}, {step})", "GROWTH": f"growth({formula}, {step})"}
    kpis["TWICE"] = f"previous(previous({formula}, {step}), 2 {grow.scene.grain})"
    kpis["THRICE"] = f"previous({formula}, 3 {grow.scene.grain})"
    return example(grow, kpis, grow.dimensions(rows, Without.PERIODS))


@law(_compared, scenes=(*WHOLE, *DAILY))
def test_growth_is_the_quotient_less_one(engine: Bench, tried_on: Example) -> None:
    """Null where there is nothing above 0 to grow from."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        before = values["BEFORE"]
        ratio = quotient(values["IT"], before) if before is not None and before > 0 else None
        assert same(found.kinds["GROWTH"], None if ratio is None else ratio - 1, values["GROWTH"])


@law(_compared, scenes=(*WHOLE, *DAILY))
def test_offsets_add_up(engine: Bench, tried_on: Example) -> None:
    """One period before, and two before that, is three before; and one before is what the cell before has."""
    found = Ask(engine, tried_on)()
    for (number, members), values in found.cells.items():
        assert same(found.kinds["IT"], values["TWICE"], values["THRICE"])
        if number > 0 and (number - 1, members) in found.cells:
            assert same(found.kinds["IT"], found.cells[number - 1, members]["IT"], values["BEFORE"])


def _edges(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    formula = grow.windowed(rows)
    if rows.model.nature in {INTERVAL, SNAPSHOT}:
        formula = f"count({rows.code}) at end"
    grain = _ENCLOSING[str(grow.scene.grain)]
    kpis = {"IT": formula} | {edge.upper(): f"at_period({formula}, {edge} of {grain})" for edge in ("start", "end")}
    return example(grow, kpis)


@law(_edges, scenes=WHOLE)
def test_the_edge_of_an_enclosing_period_is_its_first_or_last_cell(engine: Bench, tried_on: Example) -> None:
    ask = Ask(engine, tried_on)
    scene = tried_on.scene
    grain = _ENCLOSING[str(scene.grain)]
    found = ask()
    if grain == scene.grain:
        assert all(values["IT"] == values["START"] == values["END"] for values in found.cells.values())
        return
    assume(grain != "year" or scene.grain != "week")
    year = scene.window.start.year
    of_year = ask(window=Window(datetime(year, 1, 1), datetime(year + 1, 1, 1)))
    for values in found.cells.values():
        assert same(found.kinds["IT"], of_year.cells[0, ()]["IT"], values["START"])
        assert same(found.kinds["IT"], of_year.cells[len(of_year.periods) - 1, ()]["IT"], values["END"])


# --- means over days -------------------------------------------------------------------------------------------------


def _mean(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    if rows.model.nature in {INTERVAL, SNAPSHOT}:
        own = (grow.condition(rows),) if grow.choices.now_and_then(2) else ()
        formula = Term(rows, f"count({rows.code})", where=own, at=" at end").text
    else:
        formula = grow.additive(rows).text
    return example(grow, {"IT": formula, "MEAN": f"time_avg({formula})"})


@law(_mean, scenes=(*WHOLE[:5], *DAILY))
def test_a_mean_over_days_is_the_mean_of_the_days(engine: Bench, tried_on: Example) -> None:
    """Null where one day is; the days are those the calendar has, of 23 hours or 25."""
    ask = Ask(engine, tried_on)
    means, daily = ask(), ask(grain="day")
    for (number, _), values in means.cells.items():
        period = means.periods[number]
        days = [
            daily.cells[day, ()]["IT"]
            for day, span in enumerate(daily.periods)
            if period.start <= span.start and span.end <= period.end
        ]
        mean = None if None in days else quotient(added(days), len(days))
        assert same(means.kinds["MEAN"], mean, values["MEAN"])


def _constant(grow: Grow) -> Example:
    rows = grow.rows("contract")
    own = (grow.condition(rows, Without.PERIODS),) if grow.choices.now_and_then(2) else ()
    stock = Term(rows, f"count({rows.code})", where=own, at=" at end").text
    held = Term(rows, f"time_weighted_avg({grow.plain(rows)} per contract.contract_id)", where=own).text
    return example(grow, {"STOCK": stock, "MEAN": f"time_avg({stock})", "HELD": held, "AT_START": f"{stock[:-3]}start"})


@law(_constant, models=("contract",), scenes=WHOLE[:5])
def test_the_mean_of_a_constant_stock_is_the_stock(engine: Bench, tried_on: Example) -> None:
    """Where nothing begins or ends in the range, every day has what the first has."""
    begin = tried_on.scene.window.start.year - 1
    rows = [_ever_since(tried_on.recipe.by_days, begin, row) for row in tried_on.rows["contract"]]
    once = {row["contract_id"]: row for row in rows}
    found = Ask(engine, replace(tried_on, rows={**tried_on.rows, "contract": list(once.values())}))()
    for values in found.cells.values():
        assert values["STOCK"] == values["AT_START"]
        assert same(found.kinds["MEAN"], values["STOCK"], values["MEAN"])


def _ever_since(by_days: bool, year: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return a contract that began before the range and has no end."""
    start = row["start"].replace(year=year, month=1, day=2)
    assert by_days is not isinstance(start, datetime)
    return row | {"start": start, "finish": None}


# --- ranges ----------------------------------------------------------------------------------------------------------


def _any_formula(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    kpis = {"IT": grow.windowed(rows, Without.NOTHING)}
    if rows.model.nature in {INTERVAL, SNAPSHOT}:
        kpis["STOCK"] = f"count({rows.code}) at end"
    return example(grow, kpis, grow.dimensions(rows))


@law(_any_formula, scenes=(*WHOLE, *SCENES))
def test_a_range_is_asked_whole_or_in_two(engine: Bench, tried_on: Example) -> None:
    """Where a range is cut between two periods, no cell changes."""
    ask = Ask(engine, tried_on)
    whole = ask()
    assume(len(whole.periods) > 1)
    middle = len(whole.periods) // 2
    cut = whole.periods[middle].local_start
    assume(tried_on.scene.calendar.instant(cut.replace(fold=0)) == whole.periods[middle].start)
    window = tried_on.scene.window
    first = ask(window=Window(window.start, cut.replace(tzinfo=None, fold=0)))
    second = ask(window=Window(cut.replace(tzinfo=None, fold=0), window.end))
    parts = first.cells | {(number + middle, members): values for (number, members), values in second.cells.items()}
    assert whole.periods == (*first.periods, *second.periods)
    assert set(parts) == set(whole.cells)
    for key, values in whole.cells.items():
        assert all(same(whole.kinds[name], value, parts[key][name]) for name, value in values.items())


def _of(answers: Answers, period: int) -> dict[Members, dict[str, Any]]:
    return {members: values for (number, members), values in answers.cells.items() if number == period}


def test_the_whole_ranges_are_of_whole_periods() -> None:
    for scene in WHOLE:
        cut = periods(scene.window, scene.grain, scene.calendar)
        assert all(is_whole(period, scene.grain, scene.calendar) for period in cut)
