"""What a law is tried on: random rows and formulas, asked of a real engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_engine.kpi.model.time import Calendar, Period, Window, periods
from analytics_engine.kpi.plan.question import Question
from differential.agreement import Kind, agree, kind_of
from differential.bench import ALL_TIME, Asked, Bench
from differential.catalogs import Recipe, catalog_of, checker_of, recipes
from differential.data import SCENES, Row, Scene, rows_of
from differential.strategies import Printer
from laws.terms import Grow
from support.reference.asking import CellKey

Rows = Mapping[str, Sequence[Row]]
Formula = str | tuple[str, str]
"""A KPI's formula, or formula and filter."""

_GREATEST = 1e6
"""What rounding errors of floats are measured against."""
_EXAMPLES = 40


@dataclass(frozen=True)
class Example:
    """What a law is tried on.

    Args:
        kpis: formulas by name.
        more: what else the law needs to be told.
    """

    recipe: Recipe
    scene: Scene
    kpis: dict[str, Formula]
    by: tuple[str, ...] = ()
    more: Any = None
    rows: Rows = field(default_factory=dict)

    def __repr__(self) -> str:
        """Tell all of it in lines that can be read."""
        lines = [f"{self.recipe}", f"{self.scene}", *(f"{name}: {formula}" for name, formula in self.kpis.items())]
        lines += [f"by {self.by} more {self.more!r}"]
        for code, rows in self.rows.items():
            lines += [code, *(f"    {dict(row)}" for row in rows)]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Printer, _: bool) -> None:
        """Let Hypothesis show a failing example the same way."""
        printer.text(repr(self))


Build = Callable[[Grow], Example]


def example(grow: Grow, kpis: Mapping[str, Formula], by: tuple[str, ...] = (), *, more: Any = None) -> Example:
    """Return an example that has no rows yet."""
    return Example(grow.recipe, grow.scene, dict(kpis), by, more)


def law(
    build: Build, *, models: Collection[str] = (), scenes: Sequence[Scene] = SCENES, examples: int = _EXAMPLES
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that tries a law on the same random examples each time.

    Args:
        models: the object models that every catalog has to have.
    """

    @st.composite
    def built(draw: st.DrawFn) -> Example:
        scene = draw(st.sampled_from(scenes))
        recipe = draw(recipes(dates=scene.by_days))
        recipe = replace(recipe, models=tuple(sorted({*recipe.models, *models})))
        made = build(Grow(draw, recipe, scene))
        return replace(made, rows=draw(rows_of(recipe, scene)))

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        tried = given(tried_on=built())(test)
        return settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )(tried)

    return decorate


@dataclass(frozen=True)
class Answers:
    """The values of every cell, how exactly they are known, and the periods by their numbers."""

    cells: dict[CellKey, dict[str, Any]]
    kinds: dict[str, Kind]
    periods: tuple[Period, ...]

    def column(self, name: str) -> dict[CellKey, Any]:
        return {key: values[name] for key, values in self.cells.items()}


class Ask:
    """Loads the rows of an example, and asks about them."""

    def __init__(self, bench: Bench, tried_on: Example, rows: Rows | None = None) -> None:
        self._bench = bench
        self._example = tried_on
        self.client = bench.load(tried_on.recipe, tried_on.rows if rows is None else rows)

    def __call__(
        self,
        kpis: Mapping[str, Formula] | None = None,
        *,
        by: tuple[str, ...] | None = None,
        where: tuple[str, ...] = (),
        grain: str | None = "",
        window: Window | None = None,
        zone: str = "",
    ) -> Answers:
        """Return what the engine answers; what is not said is as in the example."""
        tried = self._example
        formulas = tried.kpis if kpis is None else kpis
        codes = tuple((name, *([it, ""] if isinstance(it, str) else it)) for name, it in formulas.items())
        checker = checker_of(tried.recipe, codes)
        calendar = replace(tried.scene.calendar, zone=zone) if zone else tried.scene.calendar
        question = Question(
            kpis=tuple(formulas),
            grain=tried.scene.grain if grain == "" else grain,
            dimensions=tried.by if by is None else by,
            where=where,
        )
        coverage = dict.fromkeys(
            (version.definition.code for version in catalog_of(tried.recipe).object_models), ALL_TIME
        )
        asked = Asked(checker, question, window or tried.scene.window, calendar, coverage)
        told = self._bench.ask(self.client, asked)
        cells = {
            key: {name: column.values[place] for name, column in zip(formulas, told.answer.measures, strict=True)}
            for place, key in enumerate(told.keys)
        }
        kinds = {name: kind_of(checker.kpi(name).expression) for name in formulas}
        return Answers(cells, kinds, periods(asked.window, question.grain, calendar))


# --- numbers ---------------------------------------------------------------------------------------------------------


def same(kind: Kind, one: Any, other: Any) -> bool:
    """Return whether two values are equal, as exactly as they are known."""
    return agree(one, other, kind, _GREATEST)


def added(values: Iterable[Any]) -> Any:
    """Return the sum of what is not null; of nothing 0."""
    return sum((value for value in values if value is not None), start=0)


def quotient(dividend: Any, divisor: Any) -> Any:
    """Return a ratio; null where there is none."""
    if dividend is None or not divisor:
        return None
    if isinstance(dividend, float) or isinstance(divisor, float):
        return float(dividend) / float(divisor)
    return Decimal(dividend) / Decimal(divisor)


def local_window(window: Window, calendar: Calendar, zone: str) -> Window | None:
    """Return the same span of instants as a window of another zone, unless its clocks are changed there."""
    there = replace(calendar, zone=zone)
    instants = [calendar.instant(local) for local in (window.start, window.end)]
    moved = [there.local(instant).replace(tzinfo=None, fold=0) for instant in instants]
    unchanged = [there.instant(local) for local in moved] == instants
    return Window(*moved) if unchanged else None
