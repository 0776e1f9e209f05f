"""What is tried: questions with something hostile in one place or in all, drawn from a seed, always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.plan.question import FilterShape, Order, Question, TopMembers, ValueFilter
from fuzz.catalog import PARAMETERS, SQL_NAMED, code_with, fuzz_catalog
from fuzz.corpus import INJECTIONS, NUMBERS, SQL_WORDS, TIMES, TOKENS, UNICODE
from fuzz.formulas import Grammar
from fuzz.mutations import broken_bytes, broken_words, large, poisoned, soup
from fuzz.queries import query_of

Value = bool | int | float | str
PLAIN_GRAINS = ("day", "week", "month", "month", "month", "quarter", "year", None)
_OPERATORS = (
    "equal",
    "not_equal",
    "less",
    "less_or_equal",
    "greater",
    "greater_or_equal",
    "in",
    "is_null",
    "is_not_null",
)
_TESTS = ("is_null", "is_not_null")


@dataclass(frozen=True)
class Attempt:
    """One hostile question.

    Args:
        condition: the filter of a KPI that the first formula is checked with.
        segment: the condition of a segment that the catalog then has.
        wire: a query as it comes over the wire, instead of the question.
    """

    number: int
    kind: str
    question: Question
    givens: tuple[Value, ...] = ()
    parameters: Mapping[str, Value] = field(default_factory=dict)
    condition: str = ""
    segment: str | None = None
    wire: Mapping[str, Any] | None = None


class Attempts:
    """Draws attempts from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._grammar = Grammar(fuzz_catalog(), self._random)
        self._known = [version.definition.formula for version in fuzz_catalog().kpis]
        self._models = [version.definition for version in fuzz_catalog().object_models]
        self._kinds: Sequence[tuple[str, int, Callable[[], Attempt]]] = (
            ("formula by the grammar", 22, lambda: self._of_formula(self._grammar.formula(self._random.randint(0, 3)))),
            ("formula, a word broken", 16, lambda: self._of_formula(broken_words(self._formula(), self._random))),
            ("formula, a byte broken", 14, lambda: self._of_formula(broken_bytes(self._formula(), self._random))),
            ("formula, poisoned", 12, lambda: self._of_formula(poisoned(self._formula(), self._random))),
            ("tokens in no order", 8, lambda: self._of_formula(soup(self._random))),
            ("condition", 4, self._condition),
            ("dimensions and filters", 9, self._cut),
            ("names", 5, self._names),
            ("values and parameters", 5, self._values),
            ("query from the wire", 8, lambda: replace(_attempt(Question(())), wire=query_of(self._random))),
            ("segment", 1, self._segment),
            ("very large", 1, lambda: self._of_formula(large(self._random))),
        )

    def draw(self, count: int) -> Iterator[Attempt]:
        """Go through so many attempts."""
        weights = [weight for _, weight, _ in self._kinds]
        for number in range(count):
            ((kind, _, make),) = self._random.choices(self._kinds, weights)
            yield replace(make(), number=number, kind=kind)

    # --- formulas --------------------------------------------------------------------------------------------------

    def _formula(self) -> str:
        return self._random.choice(self._known) if self._random.random() < 0.4 else self._grammar.formula(2)

    def _of_formula(self, formula: str) -> Attempt:
        others = ("ORDERS",) if self._random.random() < 0.1 else ()
        return _attempt(Question(kpis=(formula, *others), grain=self._random.choice(PLAIN_GRAINS)))

    def _condition(self) -> Attempt:
        model = self._random.choice(self._models)
        text = self._hostile(self._grammar.condition(model, 2))
        where = (text,) if self._random.random() < 0.6 else ()
        formula = self._random.choice(("ORDERS", f"count({model.code})", "REVENUE / ORDERS"))
        return replace(_attempt(Question(kpis=(formula,), grain="month", where=where)), condition=text)

    def _segment(self) -> Attempt:
        text = self._hostile(self._grammar.condition(SQL_NAMED, 2))
        text = self._random.choice((text, "trick", 'not trick or "true"', text))
        return replace(_attempt(Question(kpis=('count("select") filter (where trick)',), grain="month")), segment=text)

    # --- cuts ------------------------------------------------------------------------------------------------------

    def _cut(self) -> Attempt:
        random = self._random
        model = random.choice(self._models)
        others = ("ORDERS", "REVENUE", "STOCKED", "BALANCE")
        kpis = (f'count("{model.code}")', *((random.choice(others),) if random.random() < 0.3 else ()))
        dimensions = tuple(self._hostile(self._row(model)) for _ in range(random.choice((0, 1, 1, 2, 3))))
        filters = tuple(self._filter(self._hostile(self._row(model))) for _ in range(random.choice((0, 0, 1, 2))))
        top = TopMembers(random.choice(dimensions), random.randint(0, 3), random.random() < 0.3) if dimensions else None
        question = Question(
            kpis=kpis,
            grain=random.choice(PLAIN_GRAINS),
            dimensions=dimensions,
            filters=filters,
            value_filters=(_value_filter(random, kpis[0]),) if random.random() < 0.3 else (),
            top=(top,) if top is not None and random.random() < 0.3 else (),
            every_member=random.random() < 0.2,
            order=tuple(Order(name, random.random() < 0.5) for name in (*dimensions, kpis[0], "period")[:2]),
        )
        return replace(_attempt(question), givens=self._fitting(question))

    def _row(self, model: ObjectModel) -> str:
        """Return an expression over a row, whatever its type."""
        kinds = tuple(dict.fromkeys(attribute.type for attribute in model.attributes))
        return self._random.choice(
            (self._grammar.named(model, kinds), self._grammar.number(model, 1), "customer.segment")
        )

    def _filter(self, attribute: str) -> FilterShape:
        operator = self._random.choice(_OPERATORS)
        count = 0 if operator in _TESTS else self._random.choice((1, 2, 50)) if operator == "in" else 1
        return FilterShape(attribute, operator, count, self._random.random() < 0.2)

    def _names(self) -> Attempt:
        """Names of what the question asks for that are no such names."""
        random = self._random
        name = self._harm()
        kpis: tuple[str, ...] = random.choice((("ORDERS",), (name,), ("ORDERS", name)))
        question = Question(
            kpis=kpis,
            grain="month",
            dimensions=random.choice(
                ((), (name,), ("customer.segment", name), ("customer.segment", "customer.segment"))
            ),
            order=random.choice(((), (Order(name),), (Order("ORDERS"), Order("ORDERS")))),
            value_filters=random.choice(((), (ValueFilter(name, "greater", 1),))),
            where=random.choice(((), (name,), ("order.cancelled", name))),
        )
        return replace(_attempt(question), givens=(1,))

    # --- values ----------------------------------------------------------------------------------------------------

    def _values(self) -> Attempt:
        random = self._random
        parameter = random.choice(PARAMETERS)
        model = random.choice(self._models)
        attribute = random.choice(model.attributes)
        shape = self._filter(f'"{model.code}"."{attribute.name}"')
        question = Question(
            kpis=(code_with(parameter),) if random.random() < 0.5 else (f'count("{model.code}")',),
            grain="month",
            filters=(shape,) if random.random() < 0.7 else (),
            value_filters=(_value_filter(random, "ORDERS"),) if random.random() < 0.2 else (),
        )
        asked = replace(_attempt(question), givens=self._fitting(question))
        given = {random.choice((parameter, parameter, self._harm())): self._value()}
        return replace(asked, parameters=given if random.random() < 0.8 else {})

    def _fitting(self, question: Question) -> tuple[Value, ...]:
        """Return as many values as a question asks for."""
        count = sum(shape.values for shape in question.filters)
        count += sum(shape.values for shape in question.value_filters) + sum(top.values for top in question.top)
        return tuple(self._value() for _ in range(count))

    def _value(self) -> Value:
        numbers = (0, 1, -1, 2**63, -(2**63) - 1, 10**30, 0.1, 1e308, float("inf"), float("nan"), True, False)
        kinds: Sequence[Sequence[Value]] = (
            numbers,
            NUMBERS,
            TIMES,
            INJECTIONS,
            UNICODE,
            ("EU", "c1", "trade", "x" * 50_000),
        )
        return self._random.choice(self._random.choice(kinds))

    def _harm(self) -> str:
        return self._random.choice(
            self._random.choice((INJECTIONS, UNICODE, SQL_WORDS, NUMBERS, TOKENS, ("x" * 20_000, "", " ")))
        )

    def _hostile(self, text: str) -> str:
        """Return a text as it is, broken, poisoned, or another one."""
        match self._random.randrange(6):
            case 0:
                return broken_words(text, self._random)
            case 1:
                return poisoned(text, self._random)
            case 2:
                return self._harm()
            case _:
                return text


def _attempt(question: Question) -> Attempt:
    return Attempt(0, "", question)


def _value_filter(random: Random, kpi: str) -> ValueFilter:
    operator = random.choice(_OPERATORS)
    return ValueFilter(kpi, operator, 0 if operator in _TESTS else 1, random.random() < 0.2)
