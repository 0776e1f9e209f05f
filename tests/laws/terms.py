"""The pieces that laws are about: terms of an aggregate, a value and conditions, grown over random catalogs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from hypothesis import strategies as st

from analytics_engine.kpi.model.object_model import DataType, Nature
from differential.catalogs import Recipe, checker_of
from differential.data import Scene
from differential.growing import Choices, Ground
from differential.row_formulas import NUMERIC, RowFormulas

EVENT, INTERVAL, SNAPSHOT, DIMENSION = Nature.EVENT, Nature.INTERVAL, Nature.SNAPSHOT, Nature.DIMENSION


class Without(Enum):
    """What expressions over rows may not have, for a law to be one."""

    NOTHING = re.compile(r"(?!)")
    PERIODS = re.compile(r"\(period\)| at (start|end)")
    """what differs with the period a row is counted in"""
    ZONES = re.compile(rf"{PERIODS.pattern}|\b(year|quarter|month|week|day|weekday|hour|minute|second|truncated)\(")
    """nor what differs with the zone"""
    PARAMETERS = re.compile(r":(least|chosen)\b")
    """what only KPIs have"""


@dataclass(frozen=True)
class Term:
    """An aggregate over the rows of one object model, in parts."""

    rows: RowFormulas
    call: str
    by: str = ""
    where: tuple[str, ...] = ()
    at: str = ""

    @property
    def text(self) -> str:
        conditions = " and ".join(f"({condition})" for condition in self.where)
        own = f" filter (where {conditions})" if conditions else ""
        return f"{self.call}{self.by}{own}{self.at}"

    def filtered(self, condition: str) -> str:
        """Return it with one more condition of its own."""
        return replace(self, where=(*self.where, condition)).text

    def calling(self, call: str) -> str:
        """Return another aggregate over the same rows."""
        return replace(self, call=call).text

    def asked(self, at: str) -> str:
        """Return it asked at an instant."""
        return replace(self, at=at).text


class Grow:
    """Grows terms over one catalog, for questions of one scene."""

    def __init__(self, draw: st.DrawFn, recipe: Recipe, scene: Scene) -> None:
        self.choices = Choices(draw)
        self.recipe = recipe
        self.scene = scene

    def rows(self, code: str) -> RowFormulas:
        return RowFormulas(Ground(self.recipe, self.scene, self.choices, (code,)), code)

    def rows_of(self, *natures: Nature) -> RowFormulas:
        """Return the rows of one of the object models of these natures."""
        models = (checker_of(self.recipe).paths.model(code) for code in ("order", *self.recipe.models))
        return self.rows(self.choices.one_of([model.code for model in models if model.nature in natures]))

    # --- over one row -------------------------------------------------------------------------------------------------

    def number(self, rows: RowFormulas, without: Without = Without.NOTHING) -> str:
        """Return a number whose sums are the same in any order."""

        def grown() -> str:
            piece = rows.number(1)
            return piece.text if piece.exact else self.plain(rows)

        return self._one(grown, without, otherwise=lambda: self.plain(rows))

    def plain(self, rows: RowFormulas) -> str:
        """Return an attribute that is a number."""
        return self.choices.one_of(rows.reached(NUMERIC)).text

    def condition(self, rows: RowFormulas, without: Without = Without.NOTHING) -> str:
        return self._one(rows.condition, without, otherwise=lambda: f"{self.plain(rows)} > 1")

    def member(self, rows: RowFormulas, without: Without = Without.NOTHING) -> str:
        """Return an expression of few values, such as a dimension."""
        kinds = {DataType.TEXT, DataType.BOOLEAN, DataType.INTEGER}
        plain = rows.reached(kinds)
        return self._one(lambda: rows.discrete().text, without, otherwise=lambda: self.choices.one_of(plain).text)

    def dimensions(self, rows: RowFormulas, without: Without = Without.NOTHING) -> tuple[str, ...]:
        """Return no dimension or one."""
        return (self.member(rows, without),) if self.choices.now_and_then(2) else ()

    def _one(self, grow: Callable[[], str], without: Without, *, otherwise: Callable[[], str]) -> str:
        for _ in range(4):
            text = grow()
            if not without.value.search(text):
                return text
        return otherwise()

    # --- over many ----------------------------------------------------------------------------------------------------

    def anchor(self, rows: RowFormulas, *, needed: bool, dates: bool = True) -> str:
        """Return by which moment rows are put into periods, where that has to be said, and now and then elsewhere."""
        if not needed and not self.choices.now_and_then(4):
            return ""
        kinds = (DataType.TIMESTAMP, DataType.DATE) if dates else (DataType.TIMESTAMP,)
        return f" by {rows.barely(self.choices.one_of(rows.moments(kinds)).text)}"

    def term(self, rows: RowFormulas, call: str, without: Without = Without.NOTHING) -> Term:
        """Return an aggregate over the rows of a period, perhaps with a condition."""
        by = self.anchor(rows, needed=rows.model.nature in {INTERVAL, DIMENSION})
        own = (self.condition(rows, without),) if self.choices.now_and_then(3) else ()
        return Term(rows, call, by, own)

    def additive(self, rows: RowFormulas, without: Without = Without.NOTHING) -> Term:
        """Return a count or a sum."""
        forms = ["count({rows})", "count({value})"]
        forms += [] if rows.model.nature is SNAPSHOT else ["sum({value})", "sum({value})"]
        call = self.choices.one_of(forms).format(rows=rows.code, value=self.number(rows, without))
        return self.term(rows, call, without)

    def windowed(self, rows: RowFormulas, without: Without = Without.PERIODS) -> str:
        """Return a formula of any span of time: its values of the parts of a span do not give the whole's."""
        value, other = self.number(rows, without), self.number(rows, without)
        term = self.term(rows, f"count({rows.code})", without)
        form = self.choices.one_of(
            ("avg({0})", "count(distinct {2})", "median({0})", "max({0})", "weighted_avg({0}, {1})", "last({0})",
             "count({0})", "stddev({0})", "first({0})", "count(distinct {2} having count({3}) >= 2)")
        )  # fmt: skip
        formula = term.calling(form.format(value, other, self.member(rows, without), rows.code))
        return f"{formula} / {term.text}" if self.choices.now_and_then(3) else formula
