"""Laws of what makes no difference: the order of rows, how they were loaded, who else has rows, what else is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from differential.agreement import agree, kind_of
from differential.bench import ALL_TIME, Asked, Bench, Told
from differential.data import Row, rows_of
from differential.strategies import Case, cases
from differential.test_engines_agree import asked_of
from laws.terms import DIMENSION, EVENT, INTERVAL, SNAPSHOT, Grow
from laws.world import Ask, Example, Formula, added, example, law, same

ANY = (EVENT, INTERVAL, DIMENSION)
_EXAMPLES = 40
_GREATEST = 1e6
tried = settings(
    max_examples=_EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def _assert_same(case: Case, one: Told, other: Told) -> None:
    """The same cells have the same values, as exactly as they are known."""
    assert set(one.keys) == set(other.keys)
    kinds = [kind_of(expression) for _, expression in case.measures]
    for kind, first, second in zip(kinds, one.answer.measures, other.answer.measures, strict=True):
        theirs = dict(zip(other.keys, second.values, strict=True))
        for key, value in zip(one.keys, first.values, strict=True):
            assert agree(value, theirs[key], kind, _GREATEST), (first.measure.name, key, value, theirs[key])


@st.composite
def _shuffled(draw: st.DrawFn) -> tuple[Case, Mapping[str, Sequence[Row]]]:
    case = draw(cases())
    return case, {code: draw(st.permutations(rows)) for code, rows in case.rows.items()}


@given(drawn=_shuffled())
@tried
def test_row_order_does_not_matter(engine: Bench, drawn: tuple[Case, Mapping[str, Sequence[Row]]]) -> None:
    """Not even to the first and the last of rows of one moment."""
    case, shuffled = drawn
    asked = asked_of(case)
    answers = [engine.ask(engine.load(case.recipe, rows), asked) for rows in (case.rows, shuffled)]
    _assert_same(case, *answers)


@given(case=cases(), parts=st.integers(0, 2**16 - 1))
@tried
def test_rows_may_be_loaded_in_parts(engine: Bench, case: Case, parts: int) -> None:
    """One load of all rows, or two loads of disjoint parts."""
    asked = asked_of(case)
    split = [
        {
            code: [row for place, row in enumerate(rows) if parts >> place & 1 == part]
            for code, rows in case.rows.items()
        }
        for part in (0, 1)
    ]
    client = engine.load(case.recipe, split[0])
    engine.add(client, case.recipe, split[1])
    _assert_same(case, engine.ask(engine.load(case.recipe, case.rows), asked), engine.ask(client, asked))


@st.composite
def _with_a_stranger(draw: st.DrawFn) -> tuple[Case, Mapping[str, Sequence[Row]]]:
    case = draw(cases())
    return case, draw(rows_of(case.recipe, case.scene))


@given(drawn=_with_a_stranger())
@tried
def test_rows_of_another_client_change_nothing(engine: Bench, drawn: tuple[Case, Mapping[str, Sequence[Row]]]) -> None:
    case, rows = drawn
    asked = asked_of(case)
    client = engine.load(case.recipe, case.rows)
    before = engine.ask(client, asked)
    engine.add("a stranger", case.recipe, rows)
    _assert_same(case, before, engine.ask(client, asked))


@given(case=cases())
@tried
def test_a_kpi_is_the_same_alone_and_beside_others(engine: Bench, case: Case) -> None:
    """Terms share scans, and no KPI has another value for it."""
    asked = replace(asked_of(case), coverage=dict.fromkeys(case.rows, ALL_TIME), now=ALL_TIME.end)
    client = engine.load(case.recipe, case.rows)
    together = engine.ask(client, asked)
    for place, (code, expression) in enumerate(case.measures):
        alone = engine.ask(client, _only(asked, code))
        values = dict(zip(together.keys, together.answer.measures[place].values, strict=True))
        for key, value in zip(alone.keys, alone.answer.measures[0].values, strict=True):
            assert agree(value, values[key], kind_of(expression), _GREATEST), (code, key, value, values[key])


def _only(asked: Asked, code: str) -> Asked:
    return replace(asked, question=replace(asked.question, kpis=(code,)))


@given(case=cases())
@tried
def test_the_order_of_dimensions_does_not_matter(engine: Bench, case: Case) -> None:
    asked = asked_of(case)
    dimensions = case.dimensions[::-1]
    turned = replace(asked, question=replace(asked.question, dimensions=dimensions))
    client = engine.load(case.recipe, case.rows)
    there = engine.ask(client, turned)
    back = Told(there.answer, [(number, members[::-1]) for number, members in there.keys])
    _assert_same(case, engine.ask(client, asked), back)


# --- references ------------------------------------------------------------------------------------------------------


def _referred(grow: Grow) -> Example:
    rows = grow.rows_of(*ANY)
    top, bottom = grow.additive(rows), grow.term(rows, f"count({rows.code})")
    condition = grow.condition(rows)
    kpis: dict[str, Formula] = {
        "TOP": top.text,
        "BOTTOM": bottom.text,
        "RATIO": "TOP / BOTTOM",
        "WRITTEN_OUT": f"({top.text}) / ({bottom.text})",
        "FILTERED": f"RATIO filter (where {condition})",
        "EACH_FILTERED": f"{top.filtered(condition)} / {bottom.filtered(condition)}",
        "OF_KPI": ("TOP / BOTTOM", condition),
        "ROLLED": "rolling(RATIO, 7 days)",
        "EACH_ROLLED": f"rolling({top.text}, 7 days) / rolling({bottom.text}, 7 days)",
    }
    return example(grow, kpis, grow.dimensions(rows))


@law(_referred)
def test_a_reference_is_the_formula_it_names(engine: Bench, tried_on: Example) -> None:
    """It has the value that its formula has where it is written out."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        assert same(found.kinds["RATIO"], values["RATIO"], values["WRITTEN_OUT"])
        assert same(found.kinds["RATIO"], values["ROLLED"], values["EACH_ROLLED"])


@law(_referred)
def test_a_filter_on_a_reference_is_a_filter_on_each_term(engine: Bench, tried_on: Example) -> None:
    """And so is a KPI's own filter."""
    found = Ask(engine, tried_on)()
    for values in found.cells.values():
        assert same(found.kinds["RATIO"], values["EACH_FILTERED"], values["FILTERED"])
        assert same(found.kinds["RATIO"], values["EACH_FILTERED"], values["OF_KPI"])


def _neutral(grow: Grow) -> Example:
    rows = grow.rows_of(EVENT, INTERVAL, DIMENSION, SNAPSHOT)
    value = grow.plain(rows)
    return example(grow, {"IT": grow.windowed(rows)}, grow.dimensions(rows), more=value)


@law(_neutral)
def test_a_filter_that_keeps_all_changes_nothing(engine: Bench, tried_on: Example) -> None:
    """And one that keeps nothing leaves no rows."""
    ask = Ask(engine, tried_on)
    value = tried_on.more
    plain = ask()
    kept = ask(where=(f"{value} is null or {value} is not null",))
    assert plain.cells == kept.cells
    nothing = ask(where=(f"{value} is null and {value} is not null",)).column("IT")
    assert not added(nothing.values()) if not tried_on.by else nothing == {}
