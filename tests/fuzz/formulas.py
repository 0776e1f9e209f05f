"""Random formulas by the grammar: most have a meaning, all can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.layout import write_name
from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.tokens import Span
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel

_T = TypeVar("_T")
_NOWHERE = Span(1, 1)
_NUMERIC = (DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT)
_TEMPORAL = (DataType.DATE, DataType.TIMESTAMP)
_COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
_TEXTS = ("'x'", "''", "'it''s'", "'\"'", "'DROP TABLE x'", "'--'", "'$1'", "'trade'")
_CONSTANTS = ("0", "1", "2", "2.5", "0.001", "1e3", "100000", "-1")
_DURATIONS = (
    "1 month",
    "1 year",
    "7 days",
    "28 days",
    "1 quarter",
    "1 week",
    "36 hours",
    "90 minutes",
    "1 fiscal_year",
    "2 moons",
)
_GRAINS = ("year", "month", "quarter", "week", "fiscal_year", "day", "decade")


class Grammar:
    """Writes random formulas over one catalog."""

    def __init__(self, catalog: Catalog, random: Random) -> None:
        self._random = random
        self._models = [version.definition for version in catalog.object_models]
        self._codes = [version.definition.code for version in catalog.kpis]
        self._paths = Paths(catalog)
        self._reached: dict[tuple[str, tuple[DataType, ...]], list[str]] = {}

    # --- values of a cell ------------------------------------------------------------------------------------------

    def formula(self, depth: int = 3) -> str:
        """Return a formula as a KPI has it."""
        if depth == 0:
            return self._choose([self._aggregate, self._code, self._aggregate])
        return self._choose(
            [
                self._aggregate,
                self._code,
                lambda: f"{self.formula(depth - 1)} {self._of('+-*/%')} {self.formula(depth - 1)}",
                lambda: f"({self.formula(depth - 1)}) {self._of('+-*/%')} {self._of(_CONSTANTS)}",
                lambda: f"-{self.formula(depth - 1)}",
                lambda: f"{self._of(('abs', 'coalesce', 'round', 'sqrt', 'ln', 'exp'))}({self.formula(depth - 1)})",
                lambda: (
                    f"{self._of(('greatest', 'least', 'nullif', 'coalesce', 'power'))}({self.formula(depth - 1)}, "
                    f"{self._of((self._of(_CONSTANTS), self.formula(0)))})"
                ),
                lambda: (
                    f"case when {self.formula(depth - 1)} {self._of(_COMPARISONS)} {self._of(_CONSTANTS)} then "
                    f"{self.formula(0)} else {self._of(('null', '0', '1'))} end"
                ),
                lambda: self._over_time(depth - 1),
                lambda: self._over_time(depth - 1),
                lambda: f"{self._code()} filter (where {self.condition(self._of(self._models), 1)})",
                lambda: f"({self.formula(depth - 1)}) filter (where {self.condition(self._of(self._models), 1)})",
                lambda: f"{self.formula(depth - 1)} / days(period)",
            ]
        )

    def _over_time(self, depth: int) -> str:
        inner = self.formula(depth)
        return self._choose(
            [
                lambda: f"previous({inner}, {self._of(_DURATIONS)})",
                lambda: f"growth({inner}, {self._of(_DURATIONS)})",
                lambda: f"rolling({inner}, {self._of(_DURATIONS)})",
                lambda: f"to_date({inner}, {self._of(_GRAINS)})",
                lambda: f"at_period({inner}, {self._of(('start', 'end'))} of {self._of(_GRAINS)})",
                lambda: f"time_avg({inner})",
                lambda: f"share_of_total({inner})",
                lambda: f"rank({inner})",
            ]
        )

    def _code(self) -> str:
        return self._of(self._codes)

    def _aggregate(self) -> str:
        model = self._of(self._models)
        name = write_name(model.code)
        text = self._choose(
            [
                lambda: f"count({name})",
                lambda: f"count(distinct {self.named(model, tuple(DataType))})",
                lambda: self._having(model),
                lambda: (
                    f"{self._of(('sum', 'avg', 'min', 'max', 'stddev', 'variance', 'median'))}({self.number(model, 2)})"
                ),
                lambda: f"{self._of(('min', 'max', 'first', 'last'))}({self.named(model, _TEMPORAL)})",
                lambda: (
                    f"percentile({self.number(model, 1)}, {self._of(('0.9', '0', '1', '0.5', '95'))}"
                    f"{self._of(('', ', ' + repr('discrete')))})"
                ),
                lambda: (
                    f"{self._of(('approx_percentile', 'approx_count_distinct'))}({self.number(model, 0)}"
                    f"{self._of(('', ', 0.5'))})"
                ),
                lambda: f"{self._of(('first', 'last'))}({self.number(model, 1)})",
                lambda: (
                    f"{self._of(('sum', 'avg', 'max', 'count'))}({self._of(('first', 'last'))}({self.number(model, 1)}"
                    f" per {self.named(model, tuple(DataType))}))"
                ),
                lambda: (
                    f"{self._of(('weighted_avg', 'covariance', 'correlation'))}({self.number(model, 1)}, "
                    f"{self.number(model, 1)})"
                ),
                lambda: (
                    f"time_weighted_avg({self.number(model, 1)}"
                    f"{self._of(('', f' per {self.named(model, tuple(DataType))}'))})"
                ),
                lambda: f"{self._of(('lost', 'kept', 'gained'))}({name})",
                lambda: f"prorate({self.number(model, 1)})",
                self._conversion,
            ]
        )
        return text + self._postfixes(model)

    def _having(self, model: ObjectModel) -> str:
        return f"count(distinct {self.named(model, tuple(DataType))} having {self._of_value(model)})"

    def _of_value(self, model: ObjectModel) -> str:
        """Return a condition on the rows of one value."""
        inner = self._of(("count", "sum", "avg", "min", "max"))
        operand = write_name(model.code) if inner == "count" else self.number(model, 0)
        plain = f"{inner}({operand}){self._of(('', f' filter (where {self.condition(model, 0)})'))}"
        odd = self._choose(
            [
                lambda: f"count(distinct {self.named(model, tuple(DataType))})",
                lambda: f"sum(last({self.number(model, 0)} per {self.named(model, tuple(DataType))}))",
                lambda: f"last({self.number(model, 0)})",
                lambda: f"previous({plain}, 1 month)",
                lambda: f"rank({plain})",
                lambda: "days(period)",
                lambda: self._code(),
            ]
        )
        left = odd if self._random.random() < 0.3 else plain
        return f"{left} {self._of(_COMPARISONS)} {self._of((*_CONSTANTS, plain))}"

    def _conversion(self) -> str:
        steps = self._random.randint(1, 3)
        step = "{} on customer_id within {} days{}"
        followed = ", ".join(
            step.format(
                self._of(("purchase", "cart", "visit")),
                self._random.randint(1, 9),
                self._of(("", " matching campaign")),
            )
            for _ in range(steps)
        )
        return f"converted(visit, {followed})"

    def _postfixes(self, model: ObjectModel) -> str:
        roll = self._random.random
        text = f" by {self.named(model, _TEMPORAL)}" if roll() < 0.15 else ""
        text += f" filter (where {self.condition(model, 2)})" if roll() < 0.35 else ""
        stock = model.nature in {Nature.INTERVAL, Nature.SNAPSHOT}
        text += f" at {self._of(('start', 'end'))}" if roll() < (0.7 if stock else 0.1) else ""
        return text

    # --- values of a row -------------------------------------------------------------------------------------------

    def named(self, model: ObjectModel, kinds: tuple[DataType, ...]) -> str:
        """Return the name of an attribute of some type that a row of an object model leads to."""
        key = (model.code, kinds)
        if key not in self._reached:
            self._reached[key] = list(self._names(model, kinds, write_name(model.code), depth=2))
        return self._of(self._reached[key] or [f"{write_name(model.code)}.{write_name(model.attributes[0].name)}"])

    def _names(self, model: ObjectModel, kinds: tuple[DataType, ...], prefix: str, *, depth: int) -> Sequence[str]:
        names = [f"{prefix}.{write_name(a.name)}" for a in model.attributes if a.type in kinds]
        if depth:
            for relation in model.relations:
                there = self._paths.model(relation.target)
                names += self._names(there, kinds, f"{prefix}.{write_name(relation.name)}", depth=depth - 1)
        return names

    def number(self, model: ObjectModel, depth: int) -> str:
        if depth == 0:
            return self._of((self.named(model, _NUMERIC), self.named(model, _NUMERIC), self._of(_CONSTANTS)))
        return self._choose(
            [
                lambda: self.number(model, 0),
                lambda: f"{self.number(model, depth - 1)} {self._of('+-*/%')} {self.number(model, depth - 1)}",
                lambda: f"abs({self.number(model, depth - 1)})",
                lambda: f"round({self.number(model, depth - 1)}, {self._random.randint(0, 13)})",
                lambda: f"coalesce({self.number(model, depth - 1)}, {self._of(_CONSTANTS)})",
                lambda: f"{self._of(('ln', 'exp', 'sqrt'))}({self.number(model, depth - 1)})",
                lambda: f"case when {self.condition(model, depth - 1)} then {self.number(model, depth - 1)} end",
                lambda: f"{self._of(('hours', 'minutes', 'days'))}_between({self.moment(model)}, {self.moment(model)})",
                lambda: (
                    f"{self._of(('year', 'quarter', 'month', 'week', 'day', 'weekday', 'hour', 'minute', 'second'))}"
                    f"({self.moment(model)})"
                ),
                lambda: self._child(model, ("count", "sum", "avg", "min", "max")),
            ]
        )

    def moment(self, model: ObjectModel) -> str:
        named = self.named(model, _TEMPORAL)
        return self._choose(
            [
                lambda: named,
                lambda: named,
                lambda: f"truncated({named}, {self._of(('month', 'day', 'hour', 'week', 'decade'))})",
                lambda: f"{self._of(('start_of', 'end_of'))}(period)",
                lambda: "timestamp '2026-02-01T00:00:00+00:00'",
                lambda: "date '2026-02-01'",
            ]
        )

    def condition(self, model: ObjectModel, depth: int) -> str:
        if depth == 0:
            return self._choose(
                [
                    lambda: self.named(model, (DataType.BOOLEAN,)),
                    lambda: f"{self.named(model, (DataType.TEXT,))} {self._of(_COMPARISONS)} {self._of(_TEXTS)}",
                    lambda: f"{self.number(model, 0)} {self._of(_COMPARISONS)} {self._of(_CONSTANTS)}",
                    lambda: f"{self.moment(model)} {self._of(_COMPARISONS)} {self.moment(model)}",
                    lambda: f"{self.named(model, tuple(DataType))} is {self._of(('', 'not '))}null",
                    lambda: f"{self.named(model, (DataType.TEXT,))} in ({', '.join(self._random.sample(_TEXTS, 2))})",
                    lambda: f"{self.number(model, 0)} between {self._of(_CONSTANTS)} and {self._of(_CONSTANTS)}",
                ]
            )
        return self._choose(
            [
                lambda: self.condition(model, 0),
                lambda: (
                    f"{self.condition(model, depth - 1)} {self._of(('and', 'or'))} {self.condition(model, depth - 1)}"
                ),
                lambda: f"not ({self.condition(model, depth - 1)})",
                lambda: self._child(model, ("any", "every")),
                lambda: f"{self.number(model, depth)} {self._of(_COMPARISONS)} {self.number(model, depth)}",
            ]
        )

    def _child(self, model: ObjectModel, functions: Sequence[str]) -> str:
        """Return an aggregate over rows that belong to a row, backwards along a relation or by equal keys."""
        function = self._of(functions)
        names = self._paths.collections(model)
        if not names or self._random.random() < 0.2:
            other = self._of(("purchase", "visit", "subscription"))
            collection, child = f"{other} on customer_id", self._paths.model(other)
        else:
            name = self._of(names)
            collection = f"{write_name(model.code)}.{write_name(name)}"
            child = self._child_model(model, name)
        collection += self._of(("", "", "", " at start", " at end"))
        inner = self.condition(child, 0) if function in {"any", "every"} else self.number(child, 0)
        text = f"{function}({collection}, {inner})" if self._random.random() < 0.8 else f"{function}({collection})"
        return text + (f" filter (where {self.condition(child, 0)})" if self._random.random() < 0.2 else "")

    def _child_model(self, model: ObjectModel, name: str) -> ObjectModel:
        try:
            gathered = self._paths.gathered(model, (name,), _NOWHERE)
        except FormulaError:  # rows of one version of an interval
            return model
        return gathered.model if gathered is not None else model

    # --- chance ----------------------------------------------------------------------------------------------------

    def _of(self, options: Sequence[_T]) -> _T:
        return self._random.choice(options)

    def _choose(self, options: Sequence[Callable[[], str]]) -> str:
        return self._random.choice(options)()
