"""Random formulas of KPIs: aggregates of every kind, arithmetic over them, other periods and other cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Expression, Leaf, TimeAverage, leaves_of
from analytics_engine.kpi.model.frames import EdgeOf
from analytics_engine.kpi.model.object_model import DataType, Nature
from differential.catalogs import Reached, checker_of, resolver_of
from differential.growing import NUMBERS, Ground, Piece, constant, literal, meant, of
from differential.row_formulas import NUMERIC, RowFormulas

_RANKS = ("0.5", "0", "0.25", "0.9", "1")
_SPREADS = (
    "median({0})",
    "percentile({0}, {1})",
    "stddev({0})",
    "variance({0})",
    "percentile({0}, {1}, 'discrete')",
    "percentile({0}, {1}, 'continuous')",
    "approx_percentile({0}, {1})",
)
_COMPARISONS = (">", "=", "<=", "<", ">=", "!=")
_STEPS = ("1 day", "1 month", "1 year", "1 week", "3 days", "1 quarter", "1 retail_month")
_FINE_STEPS = ("1 hour", "2 hours", "1 day", "90 minutes")
_WINDOWS = ("2 days", "1 month", "28 days", "1 week", "3 months", "2 retail_month")
_WITHIN = ("1 day", "2 days", "1 week")
_FINE_WITHIN = ("1 hour", "36 hours", "90 minutes")
_ENCLOSING = {
    "hour": ("day", "month", "hour"),
    "day": ("month", "week", "year", "day"),
    "week": ("year", "week"),
    "month": ("year", "quarter", "month"),
    "quarter": ("year", "quarter"),
    "fiscal_quarter": ("fiscal_year", "fiscal_quarter"),
    "year": ("year",),
    "retail_month": ("retail_month",),
}
"""The grains that a period of a grain lies in."""
_LONGEST_AVERAGE = 100
"""How many days a window may have for means over days to be asked in it."""

Kpis = tuple[tuple[str, str, str], ...]
"""Code, formula and filter of KPIs that formulas may name."""


class CellFormulas:
    """Grows formulas over a catalog, and over KPIs that it has already."""

    def __init__(self, ground: Ground, kpis: Kpis = ()) -> None:
        self._ground = ground
        self._choices = ground.choices
        self._kpis = kpis
        self._checker: KpiChecker = checker_of(ground.recipe, kpis)
        self._resolver = resolver_of(ground.recipe, kpis)
        self._models = [self._checker.paths.model(code) for code in ground.codes]

    def resolved(self, text: str) -> Expression:
        return meant(self._resolver.cell, text)

    def formula(self, depth: int = 2) -> Piece:
        """Return a formula: mostly a number; now and then a place among the cells, or a time."""
        if self._choices.now_and_then(12):
            inner = self._exactly(1)
            return self._made(f"rank({inner.text})", inner)
        if self._choices.now_and_then(15):
            return self._time() or self.number(depth)
        return self.number(depth)

    # --- over aggregates --------------------------------------------------------------------------------------------

    def number(self, depth: int) -> Piece:
        if depth == 0 or not self._choices.now_and_then(2):
            return self.term()
        return self._choices.one_of(self._NUMBERS)(self, depth - 1)

    def _sum(self, depth: int) -> Piece:
        first = self.number(depth)
        second = self.number(depth)
        if second.unit != first.unit:
            second = self._choices.number()
        return self._made(f"({first.text} {self._choices.one_of(('+', '-'))} {second.text})", first, second)

    def _product(self, depth: int) -> Piece:
        first = self.number(depth)
        second = self.number(depth) if self._choices.now_and_then(2) else constant(2)
        return self._made(f"({first.text} * {second.text})", first, second)

    def _quotient(self, depth: int) -> Piece:
        first, second = self.number(depth), self._exactly(depth)
        return self._made(f"({first.text} / {second.text})", first, second, exact=False)

    def _per_day(self, depth: int) -> Piece:
        first = self.number(depth)
        return self._made(f"({first.text} / days(period))", first, exact=False)

    def _function(self, depth: int) -> Piece:
        first = self._exactly(depth)
        name = self._choices.one_of(
            ("coalesce({}, 0)", "nullif({}, 0)", "abs({})", "(-{})", "round({}, 1)", "({} % 2)")
        )
        return self._made(name.format(first.text), first)

    def _extreme(self, depth: int) -> Piece:
        first = self.number(depth)
        second = self._choices.one_of(NUMBERS)
        return self._made(f"{self._choices.one_of(('greatest', 'least'))}({first.text}, {literal(second)})", first)

    def _case(self, depth: int) -> Piece:
        first, second = self.number(depth), self.number(depth)
        if first.unit != second.unit:
            second = constant(0)
        condition = self._condition(depth)
        text = f"case when {condition.text} then {first.text} else {second.text} end"
        return self._made(text, first, second, condition)

    def _condition(self, depth: int) -> Piece:
        first = self._exactly(depth)
        compared = f"{first.text} {self._choices.one_of(_COMPARISONS)} {self._choices.number().text}"
        forms = (compared, f"{first.text} is null", f"{first.text} between 0 and 5", f"{first.text} in (1, 2)")
        return self._made(self._choices.one_of(forms), first)

    def _kpi(self, depth: int) -> Piece:
        if not self._kpis:
            return self.number(depth)
        code = self._choices.one_of(self._kpis)[0]
        return self._known(code)

    def _known(self, code: str) -> Piece:
        """Return a KPI by its code; what is not known of it is taken to be so."""
        expression = self.resolved(code)
        if expression.type not in NUMERIC:
            return self.term()
        return Piece(code, expression.type, expression.unit, exact=False, stock=True, compared=True)

    def _filtered(self, depth: int) -> Piece:
        """A condition behind a larger expression applies to each of its terms, here of one object model."""
        code = self._choices.one_of(self._models).code
        first, second = self._term_of(code), self._term_of(code)
        divisor = second if second.exact else self._count(code)
        condition = RowFormulas(self._ground, code).condition(min(depth, 1))
        text = f"({first.text} / {divisor.text}) filter (where {condition})"
        return self._made(text, first, divisor, exact=False)

    def condition(self) -> str:
        """Return a condition that all terms can see, where they are all over one object model."""
        if len(self._models) > 1 or not self._choices.now_and_then(6):
            return ""
        return RowFormulas(self._ground, self._models[0].code).condition()

    def _exactly(self, depth: int) -> Piece:
        grown = self.number(depth)
        return grown if grown.exact else self._count(self._choices.one_of(self._models).code)

    def _made(self, text: str, *parts: Piece, exact: bool = True) -> Piece:
        return of(self.resolved(text), text, *parts, exact=exact)

    # --- other periods, other cells -----------------------------------------------------------------------------------

    def _previous(self, depth: int) -> Piece:
        first = self.number(depth)
        return self._made(f"previous({first.text}, {self._step()})", first)

    def _growth(self, depth: int) -> Piece:
        first = self._exactly(depth)
        made = self._made(f"growth({first.text}, {self._step()})", first, exact=False)
        return _with(made, compared=True)

    def _rolling(self, depth: int) -> Piece:
        first = self._windowed(depth)
        hours = not self._ground.scene.by_days and self._choices.now_and_then(2)
        window = self._choices.one_of(_FINE_STEPS if hours else _WINDOWS)
        return self._made(f"rolling({first.text}, {window})", first)

    def _to_date(self, depth: int) -> Piece:
        first = self._windowed(depth)
        grain = self._choices.one_of(("year", "month", "quarter", "week", "fiscal_year", "retail_month"))
        return self._made(f"to_date({first.text}, {grain})", first)

    def _windowed(self, depth: int) -> Piece:
        """Return a number of which a window can be taken."""
        grown = self.number(depth)
        if grown.stock or grown.compared:
            code = self._choices.one_of(self._models).code
            return self._anchored(RowFormulas(self._ground, code), f"count({code})", exact=True, at=False)
        return grown

    def _at_period(self, depth: int) -> Piece:
        grain = self._ground.scene.grain
        first = self.number(depth)
        if grain is None:
            return first
        within = self._choices.one_of(_ENCLOSING[grain])
        edge = self._choices.one_of(("end", "start"))
        return self._made(f"at_period({first.text}, {edge} of {within})", first)

    def _time_average(self, depth: int) -> Piece:
        first = self.number(depth)
        leaves = leaves_of(self.resolved(first.text))
        averaged = any(isinstance(leaf, TimeAverage) or _within_a_day(leaf) for leaf in leaves)
        if self._ground.scene.days > _LONGEST_AVERAGE or first.compared or averaged:
            return first
        made = self._made(f"time_avg({first.text})", first, exact=False)
        return _with(made, stock=True)

    def _share(self, depth: int) -> Piece:
        first = self._exactly(depth)
        return _with(self._made(f"share_of_total({first.text})", first, exact=False), compared=True)

    _NUMBERS: tuple[Callable[[CellFormulas, int], Piece], ...] = (
        _sum, _quotient, _previous, _rolling, _to_date, _growth, _time_average, _time_average, _share, _at_period,
        _product, _function, _case, _extreme, _per_day, _kpi, _filtered,
    )  # fmt: skip

    def _step(self) -> str:
        return self._choices.one_of(_STEPS if self._ground.scene.by_days else (*_FINE_STEPS, *_STEPS))

    def _time(self) -> Piece | None:
        rows = RowFormulas(self._ground, self._choices.one_of(self._models).code)
        found = rows.reached({DataType.TIMESTAMP, DataType.DATE})
        if not found:
            return None
        name = self._choices.one_of(("max", "min", "first", "last"))
        moment = self._choices.one_of(found)
        return self._anchored(rows, f"{name}({moment.text})", exact=True)

    # --- terms --------------------------------------------------------------------------------------------------------

    def term(self) -> Piece:
        """Return an aggregate with its postfixes, over any of the object models."""
        return self._term_of(self._choices.one_of(self._models).code)

    def _term_of(self, code: str) -> Piece:
        rows = RowFormulas(self._ground, code)
        if self._choices.now_and_then(3):
            special = self._special(rows)
            if special is not None:
                return special
        return self._choices.one_of(self._TERMS)(self, rows)

    def _count(self, code: str) -> Piece:
        return self._count_rows(RowFormulas(self._ground, code))

    def _count_rows(self, rows: RowFormulas) -> Piece:
        return self._anchored(rows, f"count({rows.code})", exact=True)

    def _of_number(self, rows: RowFormulas) -> Piece:
        value = rows.number()
        name = self._choices.one_of(("sum", "avg", "min", "max", "count", "first", "last"))
        return self._anchored(rows, f"{name}({value.text})", exact=value.exact and name != "avg", sums=name == "sum")

    def _of_spread(self, rows: RowFormulas) -> Piece:
        value = rows.number(1)
        rank = self._choices.one_of(_RANKS)
        form = self._choices.one_of(_SPREADS)
        return self._anchored(rows, form.format(value.text, rank), exact=False)

    def _of_different(self, rows: RowFormulas) -> Piece:
        value = rows.discrete()
        name = self._choices.one_of(("count(distinct {0})", "count({0})", "approx_count_distinct({0})"))
        return self._anchored(rows, name.format(value.text), exact=not name.startswith("approx"))

    def _of_two(self, rows: RowFormulas) -> Piece:
        first, second = rows.number(1), rows.number(1)
        name = self._choices.one_of(("weighted_avg", "covariance", "correlation"))
        if not second.exact:
            second = rows.number(0)
        return self._anchored(rows, f"{name}({first.text}, {second.text})", exact=False)

    _TERMS: tuple[Callable[[CellFormulas, RowFormulas], Piece], ...] = (
        _count_rows, _of_number, _of_number, _of_number, _of_different, _of_spread, _of_two,
    )  # fmt: skip

    # --- postfixes ----------------------------------------------------------------------------------------------------

    def _anchored(self, rows: RowFormulas, call: str, *, exact: bool, sums: bool = False, at: bool = True) -> Piece:
        """Return an aggregate with what it needs to have a period, and perhaps more."""
        nature = rows.model.nature
        stock = at and (
            (nature is Nature.SNAPSHOT and sums)
            or self._choices.now_and_then(6)
            or (nature is Nature.INTERVAL and self._choices.now_and_then(2))
        )
        needs_by = nature is Nature.DIMENSION or (nature is Nature.INTERVAL and not stock)
        # of a snapshot, another anchor at an instant is left alone: a state has but one moment
        may_have_by = nature is not Nature.SNAPSHOT or not stock
        by = self._by(rows) if needs_by or (may_have_by and self._choices.now_and_then(5)) else ""
        edge = f" at {self._choices.one_of(('end', 'start'))}" if stock else ""
        text = f"{call}{by}{self._where(rows)}{edge}{self._via(rows)}"
        return _with(self._made(text, exact=exact), stock=stock)

    def _by(self, rows: RowFormulas) -> str:
        anchor: Reached = self._choices.one_of(rows.moments((DataType.TIMESTAMP, DataType.DATE)))
        return f" by {rows.barely(anchor.text)}"

    def _where(self, rows: RowFormulas) -> str:
        if not self._choices.now_and_then(3):
            return ""
        condition = rows.condition()
        written = rows.barely(condition) if self._choices.now_and_then(2) else condition
        return f" filter (where {written})"

    def _via(self, rows: RowFormulas) -> str:
        """Where orders lead to customers in two ways, a term may choose one."""
        if not self._ground.recipe.two_ways or "customer" not in self._ground.recipe.models:
            return ""
        if rows.code not in {"order", "line", "receipt"}:
            return ""
        return self._choices.one_of(("", " via payer", " via customer"))

    # --- aggregates with rules of their own ---------------------------------------------------------------------------

    def _special(self, rows: RowFormulas) -> Piece | None:
        return self._choices.one_of(self._SPECIAL[rows.model.nature])(self, rows)

    def _set(self, rows: RowFormulas) -> Piece:
        name = self._choices.one_of(("lost", "kept", "gained"))
        text = f"{name}({rows.code}){self._where(rows)}"
        return _with(self._made(text), stock=True)

    def _prorated(self, rows: RowFormulas) -> Piece:
        return self._made(f"prorate({rows.number(1).text}){self._where(rows)}", exact=False)

    def _held(self, rows: RowFormulas) -> Piece:
        per = self._per(rows) if self._choices.now_and_then(2) else ""
        by = self._by(rows) if self._choices.now_and_then(4) else ""
        return self._made(f"time_weighted_avg({rows.number(1).text}{per}){by}{self._where(rows)}", exact=False)

    def _picked(self, rows: RowFormulas) -> Piece:
        value = rows.number(1)
        name = self._choices.one_of(("sum", "count", "avg", "min", "max"))
        pick = self._choices.one_of(("last", "first"))
        call = f"{name}({pick}({value.text}{self._per(rows)}))"
        return self._anchored(rows, call, exact=value.exact and name != "avg", at=False)

    def _per(self, rows: RowFormulas) -> str:
        kinds = {DataType.TEXT, DataType.BOOLEAN, DataType.INTEGER}
        several = [self._choices.one_of(rows.reached(kinds)).text for _ in range(self._choices.one_of((1, 2)))]
        return f" per {', '.join(several)}"

    def _having(self, rows: RowFormulas) -> Piece:
        value = rows.discrete()
        inner = rows.number(1)
        aggregates = [f"count({rows.code})"]
        if inner.exact:
            aggregates += [f"max({inner.text})", f"count({inner.text})", f"min({inner.text})"]
            aggregates += [] if rows.model.nature is Nature.SNAPSHOT else [f"sum({inner.text})"]
        aggregate = self._choices.one_of(aggregates) + self._where(rows)
        operator = self._choices.one_of((">=", "=", "<"))
        condition = f"{aggregate} {operator} {self._choices.one_of((2, 1, 0))}"
        return self._anchored(rows, f"count(distinct {value.text} having {condition})", exact=True, at=False)

    def _converted(self, rows: RowFormulas) -> Piece | None:
        """Rows of an event that are followed by another's, or one of its own, with the same key."""
        moment = rows.model.attribute(str(rows.model.time_attribute))
        own = {a.name: a.type for a in rows.model.attributes if a.name.endswith("_id")}
        steps = []
        for other in self._models:
            dated = other.attribute(str(other.valid_from or other.time_attribute))
            if moment is None or dated is None or dated.type is not moment.type:
                continue
            steps += [(other.code, a.name) for a in other.attributes if own.get(a.name) is a.type]
        if not steps:
            return None
        code, key = self._choices.one_of(steps)
        fine = moment is not None and moment.type is DataType.TIMESTAMP
        within = self._choices.one_of((*_WITHIN, *_FINE_WITHIN) if fine else _WITHIN)
        step = f"{code} on {key} within {within}{self._matching(rows, code, key)}"
        again = f", {code} on {code}_id within 1 day" if code != "contract" and self._choices.now_and_then(4) else ""
        return self._made(f"converted({rows.code}, {step}{again}){self._where(rows)}")

    def _matching(self, rows: RowFormulas, code: str, key: str) -> str:
        """Return a further pair of attributes of one type that must be equal."""
        if not self._choices.now_and_then(4):
            return ""
        other = self._checker.paths.model(code)
        own, others = ([a for a in model.attributes if a.name != key] for model in (rows.model, other))
        pairs = [(here.name, there.name) for here in own for there in others if here.type is there.type]
        here, there = self._choices.one_of(pairs)
        return f" matching {here} = {there}"

    _SPECIAL: Mapping[Nature, tuple[Callable[[CellFormulas, RowFormulas], Piece | None], ...]] = {
        Nature.EVENT: (_picked, _having, _held, _converted),
        Nature.INTERVAL: (_set, _prorated, _set, _prorated, _held, _picked, _having),
        Nature.SNAPSHOT: (_held, _picked, _set, _having),
        Nature.DIMENSION: (_picked, _having),
    }


def _with(piece: Piece, *, stock: bool = False, compared: bool = False) -> Piece:
    return replace(piece, stock=piece.stock or stock, compared=piece.compared or compared)


def _within_a_day(leaf: Leaf) -> bool:
    return any(isinstance(step, EdgeOf) and step.grain in {"second", "minute", "hour"} for step in leaf.frame)
