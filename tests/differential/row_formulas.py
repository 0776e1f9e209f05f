"""Random expressions over one row, well-typed because each is grown from what its object model has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from analytics_engine.kpi.formula.typed import Expression
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.model.units import Unit
from differential.catalogs import Reached, checker_of, reached_from, resolver_of
from differential.data import days_of, moments_of
from differential.growing import CHOSEN, NUMBERS, Ground, Piece, constant, literal, meant, of

NUMERIC = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT})
_COMPARISONS = ("=", "<", ">=", ">", "<=", "!=")
_TEXTS = ("a", "b", "o'k", "")
_PARTS_OF_DAYS = ("month", "year", "day", "weekday", "quarter", "week")
_PARTS = (*_PARTS_OF_DAYS, "hour", "minute", "second")
_COARSE = ("month", "day", "week", "quarter", "year")
_FINE = ("hour", "minute", "second")


class RowFormulas:
    """Grows expressions over the rows of one object model.

    Args:
        children: how many levels of children may still be aggregated.
    """

    def __init__(self, ground: Ground, code: str, *, children: int = 1) -> None:
        self._ground = ground
        self._choices = ground.choices
        self._checker = checker_of(ground.recipe)
        self._resolver = resolver_of(ground.recipe)
        self._children_left = children
        self.code = code
        self.model: ObjectModel = self._checker.paths.model(code)

    # --- attributes --------------------------------------------------------------------------------------------------

    def reached(self, kinds: Iterable[DataType], *, own: bool = False) -> list[Reached]:
        """Return the attributes of these types; those of the object model itself come first."""
        wanted = frozenset(kinds)
        return [
            found
            for found in reached_from(self._ground.recipe, self.code)
            if found.attribute.type in wanted and (not own or found.text.count(".") == 1)
        ]

    def attribute(self, kinds: Iterable[DataType]) -> Piece | None:
        found = self.reached(kinds)
        return self._of_attribute(self._choices.one_of(found)) if found else None

    def _of_attribute(self, found: Reached) -> Piece:
        attribute = found.attribute
        return Piece(found.text, attribute.type, Unit.parse(attribute.unit))

    def moments(self, kinds: Iterable[DataType] = (DataType.TIMESTAMP,)) -> list[Reached]:
        """Return what may put a row into a period: dates only where all periods begin at midnight."""
        wanted = [kind for kind in kinds if kind is DataType.TIMESTAMP or self._ground.scene.by_days]
        return self.reached(wanted)

    # --- numbers -----------------------------------------------------------------------------------------------------

    def number(self, depth: int = 2) -> Piece:
        """Return a number that names an attribute of the rows."""
        grown = self._number(depth)
        return grown if grown.named else self._plain_number()

    def _plain_number(self) -> Piece:
        found = self.attribute(NUMERIC)
        assert found is not None, f"{self.code} has no numbers"
        return found

    def _number(self, depth: int) -> Piece:
        if depth == 0 or not self._choices.now_and_then(2):
            return self._plain_number()
        return self._choices.one_of(self._NUMBERS)(self, depth - 1)

    def _sum(self, depth: int) -> Piece:
        first = self._number(depth)
        return self._joined(first, self._choices.one_of(("+", "-")), self._like(first, depth))

    def _product(self, depth: int) -> Piece:
        first = self._number(depth)
        second = constant(2) if self._choices.now_and_then(2) else self._number(depth)
        return self._joined(first, "*", second)

    def _quotient(self, depth: int) -> Piece:
        divisor = self._number(depth)
        divisor = divisor if divisor.exact else self._plain_number()
        return self._made(f"({self._number(depth).text} / {divisor.text})", divisor, exact=False)

    def _remainder(self, depth: int) -> Piece:
        first = self._exactly(depth)
        return self._joined(first, "%", constant(self._choices.one_of(NUMBERS[:4])))

    def _function(self, depth: int) -> Piece:
        first = self._number(depth)
        name = self._choices.one_of(("abs({})", "(-{})", "coalesce({}, 0)", "nullif({}, 1)", "round({})"))
        if name in {"nullif({}, 1)", "round({})"} and not first.exact:
            first = self._plain_number()
        return self._made(name.format(first.text), first)

    def _rounded(self, depth: int) -> Piece:
        first = self._exactly(depth)
        return self._made(f"round({first.text}, {self._choices.one_of((1, 0, 2))})", first)

    def _extreme(self, depth: int) -> Piece:
        first = self._number(depth)
        second = self._like(first, depth)
        name = self._choices.one_of(("greatest", "least", "coalesce"))
        return self._made(f"{name}({first.text}, {second.text})", first, second)

    def _case(self, depth: int) -> Piece:
        first = self._number(depth)
        second = self._like(first, depth)
        otherwise = f" else {second.text}" if self._choices.now_and_then(2) else ""
        return self._made(f"case when {self.condition(depth)} then {first.text}{otherwise} end", first, second)

    def _date_part(self, depth: int) -> Piece:
        found = self.reached({DataType.TIMESTAMP, DataType.DATE})
        if not found:
            return self._number(depth)
        chosen = self._choices.one_of(found)
        has_clock = chosen.attribute.type is DataType.TIMESTAMP
        part = self._choices.one_of(_PARTS if has_clock else [part for part in _PARTS if part not in _FINE])
        return self._made(f"{part}({chosen.text})", exact=True, named=True)

    def _elapsed(self, depth: int) -> Piece:
        found = self.reached({DataType.TIMESTAMP})
        if not found:
            return self._number(depth)
        first, second = self._choices.one_of(found).text, self._choices.one_of(found).text
        name = self._choices.one_of(("hours_between", "days_between", "minutes_between"))
        call = f"{name}({first}, {second})"
        if self._choices.now_and_then(3):
            call = f"in_minutes({call})"
        return self._made(call, exact=False, named=True)

    def _real(self, depth: int) -> Piece:
        """A function of a bare number; what it is not defined for gives null."""
        bare = [found for found in self.reached(NUMERIC) if not found.attribute.unit]
        if not bare:
            return self._number(depth)
        inner = self._of_attribute(self._choices.one_of(bare))
        name = self._choices.one_of(
            ("sqrt({})", "ln({})", "power({}, 2)", "exp(least({}, 5))", "power(2, least({}, 9))")
        )
        return self._made(name.format(inner.text), inner, exact=False)

    def _of_children(self, depth: int) -> Piece:
        grown = self._child(self._choices.one_of(("sum", "count", "max", "min", "avg")), depth)
        return grown or self._number(depth)

    _NUMBERS = (
        _sum, _product, _quotient, _remainder, _function, _rounded, _extreme, _case, _date_part, _elapsed, _real,
        _of_children, _of_children, _of_children, _of_children, _of_children, _of_children,
    )  # fmt: skip

    def _exactly(self, depth: int) -> Piece:
        grown = self._number(depth)
        return grown if grown.exact else self._plain_number()

    def _like(self, first: Piece, depth: int) -> Piece:
        """Return a number of the same unit, or a constant, which takes the other's."""
        second = self._number(depth) if self._choices.now_and_then(2) else None
        if second is not None and second.unit == first.unit:
            return second
        same = [found for found in self.reached(NUMERIC) if Unit.parse(found.attribute.unit) == first.unit]
        if same and self._choices.now_and_then(2):
            return self._of_attribute(self._choices.one_of(same))
        return self._choices.number()

    def _joined(self, first: Piece, operator: str, second: Piece) -> Piece:
        return self._made(f"({first.text} {operator} {second.text})", first, second)

    def _made(self, text: str, *parts: Piece, exact: bool = True, named: bool | None = None) -> Piece:
        expression = self.resolved(text)
        made = of(expression, text, *parts, exact=exact)
        return made if named is None else replace(made, named=named)

    def resolved(self, text: str) -> Expression:
        return meant(lambda node: self._resolver.row(node, self.model), text)

    # --- texts and times ---------------------------------------------------------------------------------------------

    def discrete(self) -> Piece:
        """Return something of few different values, such as a breakdown has."""
        found = self.attribute({DataType.TEXT, DataType.BOOLEAN, DataType.INTEGER, DataType.DATE})
        assert found is not None
        moments = self.reached({DataType.TIMESTAMP, DataType.DATE})
        if moments and self._choices.now_and_then(3):
            moment = self._choices.one_of(moments)
            part = self._choices.one_of((f"month({moment.text})", f"weekday({moment.text})", self._truncated(moment)))
            return self._made(part, exact=True, named=True)
        return found

    def _truncated(self, moment: Reached) -> str:
        fine = moment.attribute.type is DataType.TIMESTAMP and self._ground.scene.zone != "Australia/Lord_Howe"
        grain = self._choices.one_of((*_COARSE, *_FINE) if fine else _COARSE)
        return f"truncated({moment.text}, {grain})"

    # --- conditions --------------------------------------------------------------------------------------------------

    def condition(self, depth: int = 1) -> str:
        """Return a condition that the engines agree on to the last digit; its own attributes may be written bare."""
        if depth > 0 and self._choices.now_and_then(3):
            first, second = self.condition(depth - 1), self.condition(depth - 1)
            return self._choices.one_of((f"({first} and {second})", f"({first} or {second})", f"not ({first})"))
        return self._choices.one_of(self._CONDITIONS)(self, max(depth - 1, 0))

    def _of_numbers(self, depth: int) -> str:
        first = self._exactly(depth)
        second = self._like(first, depth)
        second = second if second.exact else constant(1)
        return f"{first.text} {self._choices.one_of(_COMPARISONS)} {second.text}"

    def _between(self, depth: int) -> str:
        first = self._exactly(depth)
        negated = "not " if self._choices.now_and_then(3) else ""
        return f"{first.text} {negated}between {literal(self._choices.one_of(NUMBERS))} and 5"

    def _of_texts(self, depth: int) -> str:
        found = self.attribute({DataType.TEXT})
        if found is None:
            return self._of_numbers(depth)
        form = self._choices.one_of(("{} = {}", "{} != {}", "{} in ({}, 'c')", "{} not in ({}, 'c')", "{} >= {}"))
        return form.format(found.text, self._choices.one_of((*map(literal, _TEXTS), CHOSEN.text)))

    def _of_flags(self, depth: int) -> str:
        found = [*(flag.text for flag in self.reached({DataType.BOOLEAN})), *self._segments()]
        if not found:
            return self._of_numbers(depth)
        text = self._choices.one_of(found)
        return self._choices.one_of((text, f"not {text}", f"coalesce({text}, false)", f"{text} = true"))

    def _segments(self) -> list[str]:
        return [f"{self.code}.{segment.name}" for segment in self.model.segments]

    def _of_nulls(self, _: int) -> str:
        found = self.attribute(DataType)
        assert found is not None
        return f"{found.text} is {self._choices.one_of(('', 'not '))}null"

    def _of_times(self, depth: int) -> str:
        found = self.moments((DataType.TIMESTAMP, DataType.DATE))
        if not found:
            return self._of_numbers(depth)
        moment = self._choices.one_of(found)
        same = [other.text for other in found if other.attribute.type is moment.attribute.type]
        written = (days_of if moment.attribute.type is DataType.DATE else moments_of)(self._ground.scene)
        others = ("end_of(period)", "start_of(period)", literal(self._choices.one_of(written)), *same)
        operator = self._choices.one_of(("<", ">=", "<=", ">"))
        return f"{moment.text} {operator} {self._choices.one_of(others)}"

    def _of_child(self, depth: int) -> str:
        grown = self._child(self._choices.one_of(("any", "every")), depth)
        return grown.text if grown else self._of_numbers(depth)

    _CONDITIONS = (_of_numbers, _of_texts, _of_flags, _of_nulls, _of_times, _between, _of_child, _of_child)

    def barely(self, text: str) -> str:
        """Return an expression with the object model left out in front of its own attributes."""
        names = "|".join(attribute.name for attribute in self.model.attributes)
        return re.sub(rf"(?<![\w.]){self.code}\.({names})(?![\w.])", r"\1", text)

    # --- children ----------------------------------------------------------------------------------------------------

    def _child(self, function: str, depth: int) -> Piece | None:
        """Return an aggregate over the children of a row, if there are any."""
        collections = [*self._collections(), *self._matches()]
        if not collections or self._children_left == 0:
            return None
        written, code, named = self._choices.one_of(collections)
        child = RowFormulas(self._ground, code, children=self._children_left - 1)
        at = self._at(child)
        exact = True
        match function:
            case "every":
                call = f"every({written}{at}, {child.condition(depth)})"
            case "any":
                condition = f", {child.condition(depth)}" if self._choices.now_and_then(2) else ""
                call = f"any({written}{at}{condition})"
            case "count" if self._choices.now_and_then(2):
                call = f"count({written}{at})"
            case "count":
                call = f"count({written}{at}, {child.discrete().text})"
            case _ if named and not at and self._choices.now_and_then(2):
                call = f"{function}({written}.{self._own_number(child)})"
                exact = function != "avg"
            case _:
                value = child.number(depth)
                exact = value.exact and function != "avg"
                call = f"{function}({written}{at}, {value.text})"
        if function not in {"every", "any"} and self._choices.now_and_then(2):
            call += f" filter (where {child.condition(depth)})"
        return self._made(call, exact=exact, named=named)

    def _own_number(self, child: RowFormulas) -> str:
        return self._choices.one_of(child.reached(NUMERIC, own=True)).attribute.name

    def _collections(self) -> list[tuple[str, str, bool]]:
        """Return the collections a path leads to: how they are written, and the object model of their rows."""
        found = []
        for prefix, model in [(self.code, self.model), *self._one_step()]:
            for name in self._checker.paths.collections(model):
                gathered = self._gathered(f"{prefix}.{name}")
                if gathered is not None:
                    found.append((f"{prefix}.{name}", gathered, True))
        return found

    def _one_step(self) -> list[tuple[str, ObjectModel]]:
        targets = [(f"{self.code}.{relation.name}", relation.target) for relation in self.model.relations]
        return [(written, self._checker.paths.model(target)) for written, target in targets]

    def _gathered(self, written: str) -> str | None:
        """Return whose rows a collection is of; those of one version each have no name."""
        owner, name = written.rsplit(".", 1)
        here = self.model
        for step in owner.split(".")[1:]:
            relation = here.relation(step)
            assert relation is not None
            here = self._checker.paths.model(relation.target)
        for version in self._checker.catalog.object_models:
            for relation in version.definition.relations:
                called = relation.inverse or version.definition.code
                if relation.target == here.code and called == name and relation.as_of is None:
                    return version.definition.code
        return None

    def _matches(self) -> list[tuple[str, str, bool]]:
        """Return rows of other object models that are matched by a key of equal name and type."""
        found = []
        own = {a.name: a.type for a in self.model.attributes if a.name.endswith("_id")}
        for other in (version.definition for version in self._checker.catalog.object_models):
            shared = [a.name for a in other.attributes if own.get(a.name) is a.type and other.code != self.code]
            found += [(f"{other.code} on {name}", other.code, False) for name in shared]
        return found

    def _at(self, child: RowFormulas) -> str:
        has_time = child.model.nature is not Nature.DIMENSION
        return self._choices.one_of(("", "", " at end", " at start")) if has_time else ""
