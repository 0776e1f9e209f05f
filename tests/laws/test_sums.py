"""Laws of what adds up: over conditions, members and periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from hypothesis import assume

from analytics_engine.kpi.model.time import Period
from differential.agreement import Kind
from differential.bench import Bench
from differential.data import SCENES
from differential.row_formulas import RowFormulas
from laws.terms import DIMENSION, EVENT, INTERVAL, SNAPSHOT, Grow, Term, Without
from laws.world import Answers, Ask, Example, added, example, law, local_window, quotient, same
from support.reference.asking import CellKey, Members

ADDITIVE = (EVENT, EVENT, INTERVAL, DIMENSION)
_COARSER: dict[str | None, tuple[str | None, ...]] = {
    "hour": ("day", None),
    "day": ("week", "month", "year", None),
    "week": (None,),
    "month": ("quarter", "year", None),
    "quarter": ("year", None),
    "year": (None,),
    "fiscal_quarter": ("fiscal_year", None),
    "retail_month": (None,),
}
"""Grains whose periods are whole numbers of a grain's."""
CUT = tuple(scene for scene in SCENES if scene.grain is not None)


# --- conditions ------------------------------------------------------------------------------------------------------


def _parted(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, DIMENSION, SNAPSHOT)
    term, condition = grow.additive(rows), grow.condition(rows)
    if rows.model.nature in {INTERVAL, SNAPSHOT} and grow.choices.now_and_then(2):
        term = Term(rows, term.call, "", term.where, at=" at end")
    kpis = {name: term.filtered(part) for name, part in _parts(condition).items()}
    return example(grow, {"WHOLE": term.text, **kpis}, grow.dimensions(rows))


def _parts(condition: str) -> dict[str, str]:
    """Return what of three things is so of every row: a condition holds, does not hold, or is unknown."""
    return {"MET": condition, "UNMET": f"not ({condition})", "UNKNOWN": f"({condition}) is null"}


@law(_parted)
def test_additive_over_disjoint_filters(engine: Bench, tried_on: Example) -> None:
    """What meets a condition, what does not, and where it is unknown make the whole."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        _adds_up(found.kinds["WHOLE"], values["WHOLE"], [values[name] for name in ("MET", "UNMET", "UNKNOWN")])


def _asked_in_parts(grow: Grow) -> Example:
    rows = grow.rows_of(*ADDITIVE)
    condition = grow.condition(rows, Without.PARAMETERS)
    return example(grow, {"IT": grow.additive(rows).text}, grow.dimensions(rows), more=condition)


@law(_asked_in_parts)
def test_additive_over_disjoint_filters_of_the_question(engine: Bench, tried_on: Example) -> None:
    """The same of the filters of questions."""
    ask = Ask(engine, tried_on)
    whole = ask()
    parts = [ask(where=(part,)).column("IT") for part in _parts(tried_on.more).values()]
    assert {key for part in parts for key in part} <= set(whole.cells)
    for key, value in whole.column("IT").items():
        _adds_up(whole.kinds["IT"], value, [part.get(key) for part in parts])


def _adds_up(kind: Kind, whole: Any, parts: Iterable[Any]) -> None:
    """A sum is null where no part has a value; a part without a value adds nothing."""
    assert same(kind, added([whole]), added(parts))


_PLACES = ("the term's own", "the KPI's", "the reference's", "the question's")


def _filtered(grow: Grow) -> Example:
    rows = grow.rows_of(*ADDITIVE)
    place = grow.choices.one_of(_PLACES)
    conditions = {
        other: grow.condition(rows, Without.PARAMETERS)
        for other in _PLACES
        if other == place or grow.choices.now_and_then(3)
    }
    return example(grow, {}, grow.dimensions(rows), more=(grow.term(rows, f"count({rows.code})"), place, conditions))


def test_removing_any_filter_changes_some_answer(engine: Bench) -> None:
    """Without a filter there is more, by just what it kept out; and of each place a filter can have, it is not nothing.

    The places: behind an aggregate, of a KPI, behind a reference to a KPI, and of the question.
    """
    changed: set[str] = set()

    @law(_filtered, examples=150)
    def each(tried_on: Example) -> None:
        ask = Ask(engine, tried_on)
        term, place, conditions = tried_on.more
        turned = conditions | {place: f"not coalesce(({conditions[place]}), false)"}
        others = {other: condition for other, condition in conditions.items() if other != place}
        kept, kept_out, all_of_them = (_placed(ask, term, placed) for placed in (conditions, turned, others))
        for key in {*kept, *kept_out, *all_of_them}:
            assert all_of_them.get(key, 0) == kept.get(key, 0) + kept_out.get(key, 0)
        if any(kept_out.values()):
            changed.add(place)

    each()
    assert changed == set(_PLACES)


def _placed(ask: Ask, term: Term, conditions: Mapping[str, str]) -> dict[CellKey, Any]:
    """Return a count with conditions in some of the places."""
    own, of_kpi, of_reference, of_question = (conditions.get(place, "") for place in _PLACES)
    base = (term.filtered(own) if own else term.text, of_kpi)
    reference = f"BASE filter (where {of_reference})" if of_reference else "BASE"
    return ask({"BASE": base, "IT": reference}, where=(of_question,) if of_question else ()).column("IT")


# --- members ---------------------------------------------------------------------------------------------------------


def _dimensions(grow: Grow, rows: RowFormulas) -> tuple[str, ...]:
    """Return one dimension or two."""
    return tuple(dict.fromkeys((grow.member(rows), *grow.dimensions(rows))))


def _by_member(grow: Grow) -> Example:
    rows = grow.rows_of(*ADDITIVE)
    return example(grow, {"IT": grow.additive(rows).text}, _dimensions(grow, rows))


@law(_by_member)
def test_an_additive_kpi_is_the_sum_over_the_members_of_a_dimension(engine: Bench, tried_on: Example) -> None:
    ask = Ask(engine, tried_on)
    whole, by_member = ask(by=()), ask().column("IT")
    for (period, _), value in whole.column("IT").items():
        _adds_up(whole.kinds["IT"], value, [part for (of, _), part in by_member.items() if of == period])


def _shares(grow: Grow) -> Example:
    rows = grow.rows_of(*ADDITIVE)
    term = grow.additive(rows)
    kpis = {"SHARE": f"share_of_total({term.text})", "IT": term.text}
    return example(grow, kpis, _dimensions(grow, rows))


@law(_shares)
def test_shares_sum_to_one(engine: Bench, tried_on: Example) -> None:
    """In every period that has a total to share."""
    ask = Ask(engine, tried_on)
    total, shares = ask(by=()).column("IT"), ask().column("SHARE")
    for (period, _), value in total.items():
        found = [share for (of, _), share in shares.items() if of == period]
        if value:
            assert abs(added(found) - 1) < 1e-9
        else:
            assert set(found) <= {None}


# --- periods ---------------------------------------------------------------------------------------------------------


def _in_coarser(grow: Grow) -> Example:
    rows = grow.rows_of(*ADDITIVE)
    value = grow.number(rows, Without.PERIODS)
    term = grow.additive(rows, Without.PERIODS)
    ratio = f"{term.calling(f'sum({value})')} / {term.calling(f'count({rows.code})')}"
    names = ("min", "max", "first", "last", "sum", "count", "avg")
    kpis = {name.upper(): term.calling(f"{name}({value})") for name in names}
    coarse = grow.choices.one_of(_COARSER[grow.scene.grain])
    return example(grow, {"IT": term.text, "RATIO": ratio, "ALL": term.calling(f"count({rows.code})"), **kpis},
                   grow.dimensions(rows, Without.PERIODS), more=coarse)  # fmt: skip


@law(_in_coarser, scenes=CUT)
def test_the_total_is_the_coarser_cell(engine: Bench, tried_on: Example) -> None:
    """Sums and counts add up over time; a least or greatest, first or last value is one of the parts'."""
    ask = Ask(engine, tried_on)
    coarse = ask(grain=tried_on.more)
    parts = _parts_of(coarse, ask())
    assert set(parts) == set(coarse.cells) if tried_on.by else set(parts) <= set(coarse.cells)
    for key, values in coarse.cells.items():
        cells = parts.get(key, [])
        _adds_up(coarse.kinds["IT"], values["IT"], [cell["IT"] for cell in cells])
        for name, pick in _PICKED.items():
            known = [cell[name] for cell in cells if cell[name] is not None]
            assert values[name] == (pick(known) if known else None)


@law(_in_coarser, scenes=CUT)
def test_a_ratio_is_the_ratio_of_totals(engine: Bench, tried_on: Example) -> None:
    """Ratios and averages of a whole are those of its parts' sums, never averages of averages."""
    ask = Ask(engine, tried_on)
    coarse = ask(grain=tried_on.more)
    parts = _parts_of(coarse, ask())
    for key, values in coarse.cells.items():
        sums = {name: added(cell[name] for cell in parts.get(key, [])) for name in ("SUM", "COUNT", "ALL")}
        known = values["SUM"] is not None
        assert same(coarse.kinds["AVG"], quotient(sums["SUM"], sums["COUNT"]), values["AVG"])
        assert same(coarse.kinds["RATIO"], quotient(sums["SUM"] if known else None, sums["ALL"]), values["RATIO"])


_PICKED: dict[str, Callable[[list[Any]], Any]] = {
    "MIN": min,
    "MAX": max,
    "FIRST": lambda values: values[0],
    "LAST": lambda values: values[-1],
}
"""Which of the parts' values is the whole's."""


def _parts_of(coarse: Answers, fine: Answers) -> Mapping[CellKey, list[dict[str, Any]]]:
    """Return the cells of shorter periods that lie in each of the longer periods, in the order of time."""
    found: dict[tuple[int, Members], list[dict[str, Any]]] = defaultdict(list)
    for (number, members), values in sorted(fine.cells.items(), key=lambda cell: cell[0][0]):
        found[_holder(coarse.periods, fine.periods[number]), members].append(values)
    return found


def _holder(periods: tuple[Period, ...], part: Period) -> int:
    (number,) = [n for n, period in enumerate(periods) if period.start <= part.start and part.end <= period.end]
    return number


_ZONES = sorted(available_timezones() & {
    "UTC", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Marquesas",
})  # fmt: skip


def _anywhere(grow: Grow) -> Example:
    """Dates are no instants, and rates of exchange are those of local days."""
    grow.recipe = type(grow.recipe)(**vars(grow.recipe) | {"currencies": False})
    rows = grow.rows(grow.choices.one_of(("order", *({"line", "receipt"} & set(grow.recipe.models)))))
    by = grow.anchor(rows, needed=False, dates=False)
    term = Term(rows, grow.additive(rows, Without.ZONES).call, by, (grow.condition(rows, Without.ZONES),))
    grain = grow.choices.one_of(("day", "hour", "week", None))
    return example(
        grow, {"IT": term.text}, grow.dimensions(rows, Without.ZONES), more=(grow.choices.one_of(_ZONES), grain)
    )


@law(_anywhere)
def test_a_shift_of_the_zone_conserves_totals(engine: Bench, tried_on: Example) -> None:
    """Other zones cut the same span of time at other instants, and nothing is lost or counted twice."""
    zone, grain = tried_on.more
    window = local_window(tried_on.scene.window, tried_on.scene.calendar, zone)
    assume(window is not None)
    ask = Ask(engine, tried_on)
    here, there = ask(), ask(grain=grain, window=window, zone=zone)
    totals = [_by_members(answers) for answers in (here, there)]
    assert set(totals[0]) == set(totals[1])
    for members, values in totals[0].items():
        assert same(here.kinds["IT"], added(values), added(totals[1][members]))


def _by_members(answers: Answers) -> dict[Members, list[Any]]:
    found: dict[Members, list[Any]] = defaultdict(list)
    for (_, members), value in answers.column("IT").items():
        found[members].append(value)
    return found
