"""Expressions over one row: names, types and units settled, children along one-to-many relations included."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.applying import (
    ParameterLookup,
    apply_scalar,
    check_operands,
    check_period,
    check_plain,
    check_scalar,
    constant,
    constant_of,
    signature_of,
    written,
)
from analytics_engine.kpi.formula.currency import in_base_currency
from analytics_engine.kpi.formula.functions import AGGREGATES, CALLABLE_AGGREGATES, CHILD_FUNCTIONS
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.paths import Gathered, Paths, Route, column_of
from analytics_engine.kpi.formula.syntax import (
    Call,
    Collection,
    DurationLiteral,
    Literal,
    Modified,
    Node,
    Operation,
    Path,
    PeriodEdge,
    children,
)
from analytics_engine.kpi.formula.syntax import Parameter as ParameterName
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Child, Column, Expression, Parameter, PeriodBound, rerooted
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel, Segment
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

_TESTS = frozenset({"every", "any"})
_MOST_SEGMENTS = 8
"""How many segments may name each other in a row."""


def is_child_function(node: Node) -> bool:
    """Return whether a call, in a row expression, aggregates the rows of another object model."""
    return isinstance(node, Call) and (node.name in CHILD_FUNCTIONS or node.name in CALLABLE_AGGREGATES)


class RowResolver:
    """Gives row expressions their meaning.

    Args:
        parameter: the parameters that may be named.
    """

    def __init__(self, paths: Paths, parameter: ParameterLookup) -> None:
        self._paths = paths
        self._parameter = parameter
        self._open_segments: list[str] = []
        self._segments: dict[str, Expression] = {}

    def row(self, node: Node, model: ObjectModel, via: Route = ()) -> Expression:
        """Return the meaning of an expression over one row of an object model.

        Raises:
            FormulaError: a name, type or unit is wrong; the error names the place and the remedy.
        """
        match node:
            case Literal() | DurationLiteral():
                return written(node)
            case ParameterName():
                return self.parameter(node)
            case Path():
                return self._name(node, model, via)
            case Modified(base=Call() as call) if is_child_function(call):
                return self._child(call, node, model)
            case Call() if is_child_function(node):
                return self._child(node, Modified(node, span=node.span), model)
            case Call():
                return self._call(node, model, via)
            case Operation(operator, operands):
                return apply_scalar(operator, [self.row(part, model, via) for part in operands], operands)
            case _:
                raise self._misplaced(node)

    def condition(self, node: Node, model: ObjectModel, via: Route = ()) -> Expression:
        """Return the meaning of a condition on one row of an object model.

        Raises:
            FormulaError: as ``row``, or it is no condition.
        """
        condition = self.row(node, model, via)
        if condition.type not in {DataType.BOOLEAN, None}:
            raise formula_error(
                f"{write(node)} is {condition.type.value}, not a condition.",
                node.span,
                remedy="Compare it with something, such as = or >.",
            )
        return condition

    def parameter(self, node: ParameterName) -> Parameter:
        found = self._parameter(node.name)
        if found is None:
            raise formula_error(
                f"There is no parameter {node.name!r}.",
                node.span,
                remedy="Declare it among the KPI's parameters, with its type and default.",
            )
        return found

    @staticmethod
    def _misplaced(node: Node) -> FormulaError:
        match node:
            case PeriodEdge(edge, grain):
                return formula_error(
                    f"{edge} of {grain} has no place here.", node.span, remedy=f"{edge}_of(period) is the period's."
                )
            case Collection():
                return formula_error("These are many rows, not one.", node.span, remedy="Aggregate them: any(...).")
            case _:
                return formula_error("by, filter, at and via belong to aggregates.", node.span)

    def _name(self, node: Path, model: ObjectModel, via: Route) -> Expression:
        found = self._paths.find(model, node.parts, node.span, via=via)
        if isinstance(found.member, Segment):
            return rerooted(self._segment(found.model, found.member, node.span), found.route)
        return column_of(found.route, found.member)

    def _segment(self, model: ObjectModel, segment: Segment, span: Span) -> Expression:
        """Return the condition a segment stands for, each worked out once."""
        name = f"{model.code}.{segment.name}"
        if name in self._open_segments:
            circle = " > ".join([*self._open_segments[self._open_segments.index(name) :], name])
            raise formula_error(f"The segment names itself: {circle}.", span, remedy="Take one of these names out.")
        if len(self._open_segments) == _MOST_SEGMENTS:
            raise formula_error(
                f"More than {_MOST_SEGMENTS} segments name each other in a row.",
                span,
                remedy="Write some of their conditions out.",
            )
        if name not in self._segments:
            self._open_segments.append(name)
            try:
                self._segments[name] = self.condition(parse(segment.condition), model)
            except FormulaError as error:
                raise formula_error(
                    f"The segment {name} is wrong: {error.detail}", span, remedy=error.remedy
                ) from error
            finally:
                self._open_segments.pop()
        return self._segments[name]

    def _call(self, call: Call, model: ObjectModel, via: Route) -> Expression:
        if call.name in {"start_of", "end_of"}:
            check_period(call)
            return PeriodBound(Edge(call.name.removesuffix("_of")), DataType.TIMESTAMP)
        check_scalar(call)
        if call.name == "truncated" and isinstance(call.arguments[1], Path):
            grain = constant(".".join(call.arguments[1].parts))
            return apply_scalar(call.name, [self.row(call.arguments[0], model, via), grain], call.arguments)
        return apply_scalar(call.name, [self.row(part, model, via) for part in call.arguments], call.arguments)

    # --- children ---------------------------------------------------------------------------------------------

    def _child(self, call: Call, node: Modified, model: ObjectModel) -> Expression:
        """Return an aggregate over the rows of another object model that belong to this row."""
        check_plain(call)
        if call.name not in CHILD_FUNCTIONS:
            raise formula_error(
                f"{call.name}(...) stands inside another aggregate or a condition on rows.",
                call.span,
                remedy=f"There, the children of a row can be aggregated by {', '.join(CHILD_FUNCTIONS)}.",
            )
        if node.by is not None or node.via:
            raise formula_error("by and via do not belong to an aggregate of children.", node.span)
        gathered, collection = self._gathered(call, model)
        if collection is not None:
            _check_collection(call, collection, node)
        child = gathered.model
        argument = self._argument(call, gathered)
        if argument is not None:
            argument = in_base_currency(self._paths, argument, child, anchor=self._moment(child), span=call.span)
        kind, unit = self._type(call, argument, child)
        at = node.at or (collection.at if collection else None)
        return Child(
            function=call.name,
            relations=gathered.route,
            model=child.code,
            keys=gathered.pairs,
            argument=argument,
            where=self._child_condition(node.where, child) if node.where else None,
            type=kind,
            unit=unit,
            at=at,
            anchor=self.moment_of(child, call.span) if at else None,
        )

    def _child_condition(self, where: Node, child: ObjectModel) -> Expression:
        condition = self.condition(where, child)
        return in_base_currency(self._paths, condition, child, anchor=self._moment(child), span=where.span)

    def _gathered(self, call: Call, model: ObjectModel) -> tuple[Gathered, Collection | None]:
        if not call.arguments:
            raise formula_error(f"{call.name} takes a collection, such as order.lines.", call.span)
        first = call.arguments[0]
        if isinstance(first, Modified) and isinstance(first.base, Path):
            first = _moved_to(first)
        if isinstance(first, Collection) and first.on:
            return self.matched(first, model), first
        path = first.path if isinstance(first, Collection) else first if isinstance(first, Path) else None
        for candidate in [path] if path else list(_outer_paths(first)):
            gathered = self._paths.gathered(model, candidate.parts, candidate.span)
            if gathered is not None:
                return gathered, first if isinstance(first, Collection) else None
        raise self._not_gathered(call, model)

    def _not_gathered(self, call: Call, model: ObjectModel) -> FormulaError:
        known = self._paths.collections(model)
        if call.name in _TESTS or known:
            listed = ", ".join(f"{model.code}.{name}" for name in known) or "none"
            return formula_error(
                f"{call.name}(...) stands inside another aggregate or a condition on rows, and names no collection "
                f"of {model.code}.",
                call.span,
                remedy=f"Collections of {model.code}: {listed}; or match by value: "
                f"any(subscription on customer_id, ...).",
            )
        return formula_error(
            f"{call.name}(...) stands inside another aggregate or a condition on rows.",
            call.span,
            remedy="Aggregates combine only outside of each other.",
        )

    def matched(self, collection: Collection, model: ObjectModel) -> Gathered:
        """Return the rows of another object model that have the same values as a row here.

        Raises:
            FormulaError: an object model or attribute is unknown, or the types do not fit.
        """
        name = ".".join(collection.path.parts)
        if len(collection.path.parts) != 1 or not self._paths.has_model(name):
            raise formula_error(
                f"There is no object model {name!r} to match.",
                collection.span,
                remedy=did_you_mean(name, self._paths.models()) or "Write it as purchase on customer_id.",
            )
        child = self._paths.model(name)
        pairs = (*collection.on, *collection.matching)
        for here, there in pairs:
            if pairs.count((here, there)) > 1:
                raise formula_error(f"{here} is matched twice.", collection.span, remedy="Name it once.")
            own = self._paths.column(model, (here,), collection.span)
            other = self._paths.column(child, (there,), collection.span)
            if own.type is not other.type or own.relations or other.relations:
                raise formula_error(
                    f"{model.code}.{here} ({own.type.value}) and {child.code}.{there} ({other.type.value}) cannot be "
                    "matched.",
                    collection.span,
                    remedy="Match attributes of one type, of the two object models themselves.",
                )
        return Gathered((), child, pairs, ())

    def _argument(self, call: Call, gathered: Gathered) -> Expression | None:
        child = gathered.model
        first = call.arguments[0]
        second = call.arguments[1] if len(call.arguments) > 1 else None
        check_operands(call, 1, 2)
        if call.name in _TESTS:
            if gathered.rest:
                raise formula_error(f"{call.name} takes a collection, then a condition.", call.span)
            if second is None and call.name == "every":
                raise formula_error("every takes a collection and a condition.", call.span)
            return self.condition(second, child) if second else None
        if second is not None:
            return self.row(second, child)
        if gathered.rest:
            if not isinstance(first, Path):
                raise formula_error(
                    f"Name the collection first: {call.name}({child.code} ..., {write(first)}).", first.span
                )
            return self.row(Path(gathered.rest, span=first.span), child)
        if call.name != "count":
            raise formula_error(
                f"{call.name} needs a value of each {child.code}.",
                call.span,
                remedy=f"Such as {call.name}({write(first)}.{child.attributes[0].name}).",
            )
        return None

    @staticmethod
    def _type(call: Call, argument: Expression | None, child: ObjectModel) -> tuple[DataType, Unit]:
        if call.name in _TESTS:
            return DataType.BOOLEAN, Unit()
        if call.name == "count":
            return DataType.INTEGER, Unit(((child.code, 1),))
        assert argument is not None
        signature = signature_of(AGGREGATES[call.name], [argument], call)
        assert signature.type is not None
        return signature.type, signature.unit

    def _moment(self, model: ObjectModel) -> Column | None:
        """Return the default moment of an object model's rows, where it has one."""
        name = model.valid_from if model.nature is Nature.INTERVAL else model.time_attribute
        attribute = model.attribute(name) if name is not None else None
        return column_of((), attribute) if attribute is not None else None

    def moment_of(self, model: ObjectModel, span: Span) -> Column:
        """Return the default moment of an object model's rows.

        Raises:
            FormulaError: it has none.
        """
        moment = self._moment(model)
        if moment is None:
            raise formula_error(f"Rows of {model.code} have no time, so there is no start or end to ask at.", span)
        return moment

    def constants(self, nodes: tuple[Node, ...]) -> list[Expression]:
        """Return operands that must be written out."""
        return [constant_of(node) for node in nodes]


def _moved_to(node: Modified) -> Collection:
    """Return a collection at an instant: ``order.lines at end``."""
    assert isinstance(node.base, Path)
    if node.by is not None or node.via or node.where is not None:
        raise formula_error(
            "Behind a collection stands only at; a filter stands behind the aggregate.",
            node.span,
            remedy="Write it as any(order.lines at end, ...) or any(order.lines) filter (where ...).",
        )
    return Collection(node.base, at=node.at, span=node.span)


def _check_collection(call: Call, collection: Collection, node: Modified) -> None:
    """Refuse what means nothing in an aggregate of children: nothing is left out in silence."""
    if collection.within is not None:
        raise formula_error(
            f"within belongs to the steps of converted, not to {call.name}.",
            collection.span,
            remedy=f"Compare the times in a condition: {call.name}(...) filter (where ...).",
        )
    if collection.matching and not collection.on:
        raise formula_error(
            "matching stands behind on.",
            collection.span,
            remedy="Write it as purchase on customer_id matching campaign.",
        )
    if collection.at is not None and node.at is not None:
        raise formula_error("at stands here twice.", node.span, remedy="Ask the children at one instant.")


def _outer_paths(node: Node) -> Iterator[Path]:
    """Yield the paths of an expression, those inside of aggregates of children left out."""
    if isinstance(node, Path):
        yield node
    elif not (is_child_function(node) or (isinstance(node, Modified) and is_child_function(node.base))):
        for part in children(node):
            yield from _outer_paths(part)
