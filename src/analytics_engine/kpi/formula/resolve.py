"""The syntax tree to the typed tree: names, types and units are settled here, or refused with their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula import functions
from analytics_engine.kpi.formula.functions import AGGREGATES, SCALARS, Aggregate
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.paths import Paths, Route
from analytics_engine.kpi.formula.syntax import Call, Literal, LiteralValue, Modified, Node, Operation, Path
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import (
    Column,
    Constant,
    Expression,
    Term,
    map_terms,
    terms_of,
)
from analytics_engine.kpi.formula.typed import Operation as TypedOperation
from analytics_engine.kpi.formula.typing import Signature, TypeMistake
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

KpiLookup = Callable[[str, Span], Expression]
"""Gives the typed expression of another KPI by its code."""

_TYPE_OF_LITERAL: tuple[tuple[type, DataType], ...] = (
    (bool, DataType.BOOLEAN),
    (int, DataType.INTEGER),
    (str, DataType.TEXT),
)


class Resolver:
    """Gives formulas their meaning, over the object models of one catalog."""

    def __init__(self, catalog: Catalog, kpi_lookup: KpiLookup) -> None:
        self._catalog = catalog
        self._paths = Paths(catalog)
        self._kpi_lookup = kpi_lookup

    # --- cells: what is computed from aggregates ------------------------------------------------------------

    def cell(self, node: Node) -> Expression:
        """Return a formula's meaning: arithmetic over terms and other KPIs.

        Raises:
            FormulaError: a name, type or unit is wrong; the error names the place and the remedy.
        """
        match node:
            case Literal(value):
                return constant(value)
            case Path(parts):
                return self._reference(parts, node.span)
            case Modified(base=Call() as call) if self._is_aggregate(call):
                return self._term(call, node)
            case Modified():
                return self._modified_reference(node)
            case Call() if self._is_aggregate(node):
                return self._term(node, Modified(node, span=node.span))
            case Call(name, arguments):
                self._check_scalar(node)
                return self._apply(name, [self.cell(argument) for argument in arguments], arguments)
            case Operation(operator, operands):
                return self._apply(operator, [self.cell(operand) for operand in operands], operands)
            case _:
                raise TypeError(f"not a syntax node: {node!r}")

    def _reference(self, parts: tuple[str, ...], span: Span) -> Expression:
        if len(parts) == 1 and self._catalog.has_kpi(parts[0]):
            return self._kpi_lookup(parts[0], span)
        if self._paths.has_model(parts[0]):
            name = ".".join(parts)
            example = f"count({name})" if len(parts) == 1 else f"sum({name}) or avg({name})"
            raise formula_error(
                f"{name} has a value in every row; a KPI needs one value for all of them.",
                span,
                remedy=f"Aggregate it, such as {example}.",
            )
        known = [kpi.definition.code for kpi in self._catalog.kpis]
        models = [model.definition.code for model in self._catalog.object_models]
        raise formula_error(
            f"There is no KPI or object model {parts[0]!r}.",
            span,
            remedy=did_you_mean(parts[0], [*known, *models]) or "Name a KPI by its code, or aggregate an attribute.",
        )

    def _modified_reference(self, node: Modified) -> Expression:
        if node.by is not None or node.via:
            raise formula_error(
                "by and via belong to an aggregate, not to a KPI or a larger expression.",
                node.span,
                remedy="Put them behind the aggregate inside.",
            )
        assert node.where is not None
        return self.filtered(self.cell(node.base), node.where)

    def filtered(self, expression: Expression, where: Node) -> Expression:
        """Return an expression whose every term only counts rows that meet a condition.

        Raises:
            FormulaError: the condition reads what some term cannot reach: no filter is dropped in silence.
        """
        text = write(where)
        changed: dict[Term, Term] = {}
        for term in terms_of(expression):
            model = self._paths.model(term.model)
            try:
                condition = self._condition(where, model, term.via)
            except FormulaError as error:
                error.facts["term"] = term.label
                raise
            changed[term] = term.filtered(condition, text)
        return map_terms(expression, changed)

    # --- terms ----------------------------------------------------------------------------------------------

    def _is_aggregate(self, call: Call) -> bool:
        return call.name in functions.CALLABLE_AGGREGATES

    def _term(self, call: Call, node: Modified) -> Term:
        aggregate = self._aggregate(call)
        model = self._model_of(call, node)
        argument = self._argument(call, model, node.via)
        parameters = [self._parameter(operand) for operand in call.arguments[1:]]
        signature = self._signature(aggregate, [argument or constant(1), *parameters], call)
        assert signature.type is not None
        return Term(
            function=aggregate.name,
            model=model.code,
            argument=argument,
            parameters=tuple(parameter.value for parameter in parameters),
            anchor=self._anchor(model, node),
            where=self._condition(node.where, model, node.via) if node.where else None,
            via=node.via,
            type=signature.type,
            unit=_unit_of(aggregate, model, argument, signature.unit),
            label=write(node),
        )

    def _aggregate(self, call: Call) -> Aggregate:
        if call.distinct and call.name != "count":
            raise formula_error(f"distinct belongs to count, not to {call.name}.", call.span)
        aggregate = AGGREGATES["count_distinct" if call.distinct else call.name]
        _check_operands(call, *aggregate.operands)
        return aggregate

    def _model_of(self, call: Call, node: Modified) -> ObjectModel:
        """Return the object model whose rows an aggregate is over: the one from which all it names is reached."""
        places = [*call.arguments, *([node.by] if node.by else []), *([node.where] if node.where else [])]
        named = [path for place in places for path in _paths_in(place)]
        heads = list(dict.fromkeys(path.parts[0] for path in named if self._paths.has_model(path.parts[0])))
        if not heads:
            raise self._without_model(call, named)
        models = [self._paths.model(head) for head in heads]
        roots = [model for model in models if all(other is model or self._sees(model, other.code) for other in models)]
        if len(roots) == 1:
            return roots[0]
        if models and self._in_argument(call, heads[0]) and not roots:
            return models[0]
        raise formula_error(
            f"{call.name}(...) names {' and '.join(heads)}, and it is not clear whose rows it is over.",
            call.span,
            remedy="Aggregate each object model on its own and combine the results.",
        )

    def _without_model(self, call: Call, named: list[Path]) -> FormulaError:
        known = [model.definition.code for model in self._catalog.object_models]
        near = did_you_mean(named[0].parts[0], known) if named else ""
        detail = f"{call.name}(...) names no object model whose rows it is over"
        detail += f"; there is none called {named[0].parts[0]!r}." if named else "."
        return formula_error(
            detail,
            named[0].span if named else call.span,
            remedy=near or "Write the object model in front of the attribute, such as order.amount.",
        )

    def _sees(self, model: ObjectModel, other: str) -> bool:
        return model.relation(other) is not None or bool(self._paths.routes(model, other))

    @staticmethod
    def _in_argument(call: Call, head: str) -> bool:
        return any(path.parts[0] == head for argument in call.arguments for path in _paths_in(argument))

    def _argument(self, call: Call, model: ObjectModel, via: Route) -> Expression | None:
        node = call.arguments[0]
        if call.name == "count" and not call.distinct and isinstance(node, Path) and node.parts == (model.code,):
            return None
        return self.row(node, model, via)

    def _parameter(self, node: Node) -> Constant:
        if not isinstance(node, Literal):
            raise formula_error("This operand is a constant written out, such as 0.95.", node.span)
        return constant(node.value)

    def _anchor(self, model: ObjectModel, node: Modified) -> Column:
        if node.by is not None:
            anchor = self._paths.column(model, node.by.parts, node.by.span, via=node.via)
            if not anchor.type.temporal:
                raise formula_error(
                    f"by needs a date or a timestamp; {write(node.by)} is {anchor.type.value}.", node.by.span
                )
            return anchor
        if model.time_attribute is None:
            raise formula_error(
                f"Rows of {model.code} have no time, so they belong to no period.",
                node.span,
                remedy="Name the time that puts a row into a period: by <attribute>.",
            )
        return self._paths.column(model, (model.time_attribute,), node.span)

    # --- rows: what is computed from the attributes of one row -------------------------------------------------

    def row(self, node: Node, model: ObjectModel, via: Route = ()) -> Expression:
        """Return the meaning of an expression over one row of an object model.

        Raises:
            FormulaError: as ``cell``.
        """
        match node:
            case Literal(value):
                return constant(value)
            case Path(parts):
                return self._paths.column(model, parts, node.span, via=via)
            case Call() if self._is_aggregate(node):
                raise formula_error(
                    f"{node.name}(...) stands inside another aggregate or a condition on rows.",
                    node.span,
                    remedy="Aggregates combine only outside of each other.",
                )
            case Call(name, arguments):
                self._check_scalar(node)
                return self._apply(name, [self.row(part, model, via) for part in arguments], arguments)
            case Operation(operator, operands):
                return self._apply(operator, [self.row(part, model, via) for part in operands], operands)
            case Modified():
                raise formula_error("by, filter and via belong to aggregates.", node.span)
            case _:
                raise TypeError(f"not a syntax node: {node!r}")

    def _condition(self, node: Node, model: ObjectModel, via: Route) -> Expression:
        condition = self.row(node, model, via)
        if condition.type not in {DataType.BOOLEAN, None}:
            raise formula_error(
                f"{write(node)} is {condition.type.value}, not a condition.",
                node.span,
                remedy="Compare it with something, such as = or >.",
            )
        return condition

    def condition(self, node: Node, model_code: str, *, via: Route = ()) -> Expression:
        """Return the meaning of a condition on the rows of an object model."""
        return self._condition(node, self._paths.model(model_code), via)

    # --- functions ------------------------------------------------------------------------------------------

    def _check_scalar(self, call: Call) -> None:
        if call.distinct:
            raise formula_error(f"distinct belongs to count, not to {call.name}.", call.span)
        if call.name not in functions.CALLABLE_SCALARS:
            known = functions.CALLABLE_SCALARS | functions.CALLABLE_AGGREGATES
            raise formula_error(
                f"There is no function {call.name!r}.",
                call.span,
                remedy=did_you_mean(call.name, known) or f"There are: {', '.join(sorted(known))}.",
            )
        _check_operands(call, *SCALARS[call.name].operands)

    def _apply(self, name: str, operands: list[Expression], places: tuple[Node, ...]) -> Expression:
        try:
            signature = SCALARS[name].rule(operands)
        except TypeMistake as mistake:
            raise formula_error(mistake.detail, places[mistake.operand].span, remedy=mistake.remedy) from mistake
        return TypedOperation(name, tuple(operands), signature.type, signature.unit)

    def _signature(self, aggregate: Aggregate, operands: list[Expression], call: Call) -> Signature:
        try:
            return aggregate.rule(operands)
        except TypeMistake as mistake:
            place = call.arguments[mistake.operand].span
            raise formula_error(mistake.detail, place, remedy=mistake.remedy) from mistake


def constant(value: LiteralValue) -> Constant:
    """Return a value of the formula with its type."""
    if value is None:
        return Constant(None, None)
    for kind, data_type in _TYPE_OF_LITERAL:
        if isinstance(value, kind):
            return Constant(value, data_type)
    if hasattr(value, "tzinfo"):
        return Constant(value, DataType.TIMESTAMP)
    return Constant(value, DataType.DATE if hasattr(value, "year") else DataType.DECIMAL)


def _unit_of(aggregate: Aggregate, model: ObjectModel, argument: Expression | None, unit: Unit) -> Unit:
    """Return an aggregate's unit: a count is measured in what it counts."""
    match aggregate.name:
        case "count":
            return Unit(((model.code, 1),))
        case "count_distinct":
            return Unit(((argument.attribute if isinstance(argument, Column) else model.code, 1),))
        case _:
            return unit


def _check_operands(call: Call, least: int, most: int) -> None:
    if not least <= len(call.arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}" if most < functions.MANY else f"{least} or more"
        raise formula_error(
            f"{call.name} takes {wanted} operand{'s' if wanted != '1' else ''}, not {len(call.arguments)}.", call.span
        )


def _paths_in(node: Node) -> Iterator[Path]:
    match node:
        case Path():
            yield node
        case Operation(operands=parts) | Call(arguments=parts):
            for part in parts:
                yield from _paths_in(part)
        case _:
            return
