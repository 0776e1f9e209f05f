"""Random questions about random rows: catalog, data, formulas as texts, and how they are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from hypothesis import strategies as st

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.typed import Expression, Term, terms_of
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Calendar, periods
from differential.agreement import agree, kind_of
from differential.catalogs import Recipe, catalog_of, checker_of, reached_from, recipes
from differential.cell_formulas import CellFormulas, Kpis
from differential.data import SCENES, Row, Scene, moments_of, rows_of
from differential.growing import Choices, Ground, literal
from support.reference import Answer, Question, Reference

__all__ = ["Case", "Loaded", "agree", "cases", "kind_of"]

_PARAMETERS: tuple[dict[str, int | str], ...] = ({}, {}, {"least": 0}, {"chosen": "b", "least": 3})
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_LATER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Loaded:
    """A half-open span of instants for which rows are loaded."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Case:
    """One question about one set of rows. The KPIs are in the catalog, under the codes of ``kpis``.

    Args:
        coverage: what is loaded of each object model; one that is missing has nothing loaded.
        dimensions: row expressions that every term of every KPI can see.
        where: conditions that every term can see.
        parameters: values of the KPIs' parameters; those that are missing have their defaults.
        few: the statement may count on few periods, where they are.
    """

    recipe: Recipe
    scene: Scene
    rows: dict[str, list[Row]]
    coverage: dict[str, Loaded]
    now: datetime
    kpis: Kpis
    dimensions: tuple[str, ...]
    where: tuple[str, ...]
    parameters: dict[str, int | str]
    few: bool

    @property
    def catalog(self) -> Catalog:
        return catalog_of(self.recipe, self.kpis)

    @property
    def checker(self) -> KpiChecker:
        return checker_of(self.recipe, self.kpis)

    @property
    def calendar(self) -> Calendar:
        return self.scene.calendar

    @property
    def measures(self) -> tuple[tuple[str, Expression], ...]:
        return tuple((code, self.checker.kpi(code).expression) for code, _, _ in self.kpis)

    def expected(self) -> Answer:
        """Return what the reference answers."""
        reference = Reference(self.catalog, self.rows, calendar=self.calendar, coverage=self.coverage, now=self.now)
        return reference.answer(
            Question(
                measures=self.measures,
                window=self.scene.window,
                grain=self.scene.grain,
                dimensions=self.dimensions,
                filters=self.where,
                parameters=self.parameters,
            )
        )

    def __repr__(self) -> str:
        """Tell all of it in lines that can be read."""
        lines = [f"{self.recipe}", f"{self.scene}"]
        lines += [f"{code}: {formula}" + (f"  where {where}" if where else "") for code, formula, where in self.kpis]
        lines += [f"by {self.dimensions} where {self.where} with {self.parameters} now {self.now.isoformat()}"]
        for code in (version.definition.code for version in self.catalog.object_models):
            found, span = self.rows[code], self.coverage.get(code)
            lines.append(f"{code}: {f'{span.start} to {span.end}' if span else 'nothing loaded'}")
            lines += [f"    {_row(row)}" for row in found]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Printer, _: bool) -> None:
        """Let Hypothesis show a failing case the same way."""
        printer.text(repr(self))


class Printer(Protocol):
    def text(self, text: str, /) -> None: ...


def _row(row: Row) -> str:
    written = ((name, str(value) if isinstance(value, datetime) else repr(value)) for name, value in row.items())
    return ", ".join(f"{name}={value}" for name, value in written)


@st.composite
def cases(draw: st.DrawFn, *, most_kpis: int = 3) -> Case:
    """Draw a question about random rows; all of it is well-formed, so that every refusal is a mistake."""
    scene = draw(st.sampled_from(SCENES))
    recipe = draw(recipes(dates=scene.by_days))
    choices = Choices(draw)
    ground = Ground(recipe, scene, choices, _aggregated(recipe, choices))
    kpis = _kpis(ground, most_kpis)
    terms = _terms(checker_of(recipe, kpis), kpis)
    seen = _Seen(recipe, kpis, terms)
    return Case(
        recipe=recipe,
        scene=scene,
        rows=draw(rows_of(recipe, scene)),
        coverage=_coverage(ground, catalog_of(recipe)),
        now=choices.one_of(moments_of(scene)) if choices.now_and_then(4) else _LATER,
        kpis=kpis,
        dimensions=_dimensions(choices, seen),
        where=_where(choices, seen),
        parameters=choices.one_of(_PARAMETERS),
        few=choices.now_and_then(2),
    )


def _aggregated(recipe: Recipe, choices: Choices) -> tuple[str, ...]:
    """Return the object models that are aggregated: one, two, or all, so that questions have dimensions in common."""
    codes = [version.definition.code for version in catalog_of(recipe).object_models]
    codes = [code for code in codes if code != "fx_rate"]
    count = choices.one_of((1, 1, 2, len(codes)))
    return tuple(codes) if count == len(codes) else tuple(dict.fromkeys(choices.one_of(codes) for _ in range(count)))


def _kpis(ground: Ground, most: int) -> Kpis:
    """Return KPIs, of which the later may refer to the earlier."""
    kpis: Kpis = ()
    while not kpis or (len(kpis) < most and ground.choices.now_and_then(2)):
        cells = CellFormulas(ground, kpis)
        kpis = (*kpis, (f"KPI_{len(kpis)}", cells.formula().text, cells.condition()))
    return kpis


def _terms(checker: KpiChecker, kpis: Kpis) -> tuple[Term, ...]:
    terms = [term for code, _, _ in kpis for term in terms_of(checker.kpi(code).expression)]
    return tuple(dict.fromkeys(terms))


def _coverage(ground: Ground, catalog: Catalog) -> dict[str, Loaded]:
    """Return what is loaded: mostly all there ever was, now and then a part, or nothing."""
    cut = periods(ground.scene.window, ground.scene.grain, ground.scene.calendar)
    middle = cut[0].start + (cut[-1].end - cut[0].start) / 2
    parts = (
        Loaded(cut[0].start, cut[-1].end),
        Loaded(_ALWAYS, middle.replace(microsecond=0)),
        Loaded(cut[0].start + timedelta(hours=1), _LATER),
        None,
    )
    coverage = {}
    for version in catalog.object_models:
        part = ground.choices.one_of(parts) if ground.choices.now_and_then(6) else Loaded(_ALWAYS, _LATER)
        if part is not None:
            coverage[version.definition.code] = part
    return coverage


class _Seen:
    """What every term of a question can see, written so that each sees it along its own paths."""

    def __init__(self, recipe: Recipe, kpis: Kpis, terms: tuple[Term, ...]) -> None:
        self._checker = checker_of(recipe, kpis)
        self._views = {(term.model, term.via) for term in terms}
        self._written = [
            (found.text, found.attribute.type)
            for version in self._checker.catalog.object_models
            for found in reached_from(recipe, version.definition.code)
        ]

    def attributes(self) -> list[tuple[str, DataType]]:
        return [(text, kind) for text, kind in self._written if self.fits(text)]

    def fits(self, text: str) -> bool:
        """Return whether every term sees the same there."""
        return all(self._fits(text, model, via) for model, via in self._views)

    def _fits(self, text: str, model: str, via: tuple[str, ...]) -> bool:
        try:
            self._checker.resolver.row(parse(text), self._checker.paths.model(model), via)
        except FormulaError:
            return False
        return True


_DISCRETE = frozenset({DataType.TEXT, DataType.BOOLEAN, DataType.INTEGER, DataType.DATE})


def _dimensions(choices: Choices, seen: _Seen) -> tuple[str, ...]:
    count = choices.one_of((0, 1, 1, 1, 2))
    if count == 0:
        return ()
    known = seen.attributes()
    options = [text for text, kind in known if kind in _DISCRETE]
    options += [f"month({text})" for text, kind in known if kind.temporal]
    options += [f"truncated({text}, week)" for text, kind in known if kind is DataType.TIMESTAMP]
    options += [f"({text} is null)" for text, kind in known if kind is DataType.DECIMAL]
    if not options:
        return ()
    return tuple(dict.fromkeys(choices.one_of(options) for _ in range(count)))


def _where(choices: Choices, seen: _Seen) -> tuple[str, ...]:
    if not choices.now_and_then(4):
        return ()
    known = [(text, kind) for text, kind in seen.attributes() if kind in _WRITTEN]
    if not known:
        return ()
    text, kind = choices.one_of(known)
    form = choices.one_of(("{} = {}", "{} != {}", "{} is not null", "not ({} = {})", "coalesce({0} = {1}, true)"))
    return (form.format(text, literal(choices.one_of(_WRITTEN[kind]))),)


_WRITTEN: dict[DataType, tuple[str | int | bool, ...]] = {
    DataType.TEXT: ("a", "b", "o'k"),
    DataType.INTEGER: (1, 2, 0),
    DataType.BOOLEAN: (True, False),
}
