"""Aggregates to terms: whose rows they are over, what puts a row into a period, and what they may not be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.applying import check_operands, constant, constant_of, signature_of
from analytics_engine.kpi.formula.cell_operations import over_aggregates
from analytics_engine.kpi.formula.currency import in_base_currency
from analytics_engine.kpi.formula.functions import AGGREGATES, CHILD_FUNCTIONS, Aggregate
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.paths import Paths, Route
from analytics_engine.kpi.formula.row_resolver import RowResolver, is_child_function
from analytics_engine.kpi.formula.syntax import Call, Collection, Modified, Node, Path, children
from analytics_engine.kpi.formula.tokens import formula_error
from analytics_engine.kpi.formula.typed import Child, Column, Expression, Term, conjunction
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.frames import Duration
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

_SETS = frozenset({"lost", "kept", "gained"})
_PICKS = frozenset({"first", "last"})
_OF_SERIES = _PICKS | {"time_weighted_avg"}
_FIXED_UNITS = ("second", "minute", "hour", "day", "week")
"""Lengths that are the same everywhere, which a window between two rows needs."""


class TermResolver:
    """Gives aggregates their meaning, over the object models of one catalog."""

    def __init__(self, catalog: Catalog, paths: Paths, rows: RowResolver) -> None:
        self._catalog = catalog
        self._paths = paths
        self._rows = rows

    def term(self, call: Call, node: Modified) -> Term:
        """Return an aggregate with its postfixes as a term.

        Raises:
            FormulaError: it is not clear or not right; the error names the place and the remedy.
        """
        self._aggregate(call)
        if call.name == "converted":
            return self._converted(call, node)
        model = self._model_of(call, node)
        if call.name in _SETS:
            return self._set(call, node, model)
        picked = self._picked(call)
        term = self._over_rows(picked or call, call, node, model)
        if picked is not None:
            term = replace(term, pick=picked.name, per=self._per(picked, model, node.via))
        self._check_time(term, call, node, model)
        return term

    def _over_rows(self, source: Call, call: Call, node: Modified, model: ObjectModel) -> Term:
        aggregate = self._aggregate(call)
        anchor = self._anchor(model, node)
        argument = self._argument(source, model, node.via)
        if argument is not None:
            argument = in_base_currency(self._paths, argument, model, anchor=anchor, span=source.span)
        second = None
        if aggregate.rows > 1:
            second = self._rows.row(call.arguments[1], model, node.via)
            second = in_base_currency(self._paths, second, model, anchor=anchor, span=call.arguments[1].span)
        parameters = [constant_of(operand) for operand in call.arguments[aggregate.rows :]]
        operands: list[Expression] = [argument or constant(1), *([second] if second else []), *parameters]
        signature = signature_of(aggregate, operands, call)
        if signature.type is None:
            raise formula_error("null has no value to aggregate.", call.span)
        return Term(
            function=aggregate.name,
            model=model.code,
            argument=argument,
            parameters=tuple(parameter.value for parameter in parameters),
            anchor=anchor,
            where=self._where(node, model, anchor),
            via=node.via,
            type=signature.type,
            unit=_unit_of(aggregate, model, argument, signature.unit),
            label=write(node),
            second=second,
            at=node.at,
            per=self._per(call, model, node.via),
            having=self._having(call, node, model),
        )

    def _where(self, node: Modified, model: ObjectModel, anchor: Column) -> Expression | None:
        if node.where is None:
            return None
        condition = self._rows.condition(node.where, model, node.via)
        return in_base_currency(self._paths, condition, model, anchor=anchor, span=node.where.span)

    def _aggregate(self, call: Call) -> Aggregate:
        if call.distinct and call.name != "count":
            raise formula_error(f"distinct belongs to count, not to {call.name}.", call.span)
        if call.having is not None and not call.distinct:
            raise formula_error("having belongs to count(distinct ...).", call.span)
        if call.per and call.name not in _OF_SERIES:
            raise formula_error(f"per belongs to first, last and time_weighted_avg, not to {call.name}.", call.span)
        if call.per and call.name in _PICKS:
            raise formula_error(
                f"{call.name}(... per ...) gives a value for each series; a KPI needs one for all of them.",
                call.span,
                remedy=f"Aggregate them: sum({write(call)}), or avg, min, max, count.",
            )
        aggregate = AGGREGATES["count_distinct" if call.distinct else call.name]
        check_operands(call, *aggregate.operands)
        return aggregate

    def _picked(self, call: Call) -> Call | None:
        """Return the pick inside of an aggregate over series: ``sum(last(x per k))``."""
        inner = call.arguments[0] if call.arguments else None
        if not (isinstance(inner, Call) and inner.name in _PICKS and inner.per):
            return None
        if call.name not in {"sum", "avg", "min", "max", "count"} or call.distinct:
            raise formula_error(f"{call.name} does not take one row of each series.", call.span)
        check_operands(inner, 1, 1)
        return inner

    def _per(self, call: Call, model: ObjectModel, via: Route) -> tuple[Column, ...]:
        return tuple(self._paths.column(model, path.parts, path.span, via=via) for path in call.per)

    def _having(self, call: Call, node: Modified, model: ObjectModel) -> Expression | None:
        if call.having is None:
            return None
        return _HavingResolver(self, self._rows, model, node).condition(call.having)

    # --- whose rows --------------------------------------------------------------------------------------------

    def _model_of(self, call: Call, node: Modified) -> ObjectModel:
        """Return the object model whose rows an aggregate is over: the one from which all it aggregates is reached.

        What only its conditions or its anchor name does not make it another's: rows would be counted once for each.
        """
        counted = call.arguments[0]
        if isinstance(counted, Path) and len(counted.parts) == 1 and self._paths.has_model(counted.parts[0]):
            return self._paths.model(counted.parts[0])
        inside = [path for place in (*call.arguments, *call.per) for path in _paths_in(place)]
        beside = [path for place in (node.by, node.where) if place is not None for path in _paths_in(place)]
        heads = self._models_among(inside) or self._models_among(beside)
        if not heads:
            raise self._without_model(call, [*inside, *beside])
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

    def _models_among(self, named: list[Path]) -> list[str]:
        return list(dict.fromkeys(path.parts[0] for path in named if self._paths.has_model(path.parts[0])))

    def _without_model(self, call: Call, named: list[Path]) -> FormulaError:
        if named and self._catalog.has_kpi(named[0].parts[0]):
            code = named[0].parts[0]
            return formula_error(
                f"{call.name}({code}) would aggregate values that are aggregates already.",
                named[0].span,
                remedy=f"A mean of a KPI over days is time_avg({code}), over a window rolling({code}, 28 days); for "
                "several periods at once ask a coarser grain.",
            )
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
        return self._paths.step(model, other) is not None or bool(self._paths.routes(model, other))

    @staticmethod
    def _in_argument(call: Call, head: str) -> bool:
        return any(path.parts[0] == head for argument in call.arguments for path in _paths_in(argument))

    def _argument(self, call: Call, model: ObjectModel, via: Route) -> Expression | None:
        node = call.arguments[0]
        if call.name == "count" and not call.distinct and isinstance(node, Path) and node.parts == (model.code,):
            return None
        return self._rows.row(node, model, via)

    # --- when --------------------------------------------------------------------------------------------------

    def _anchor(self, model: ObjectModel, node: Modified) -> Column:
        if node.by is not None:
            anchor = self._paths.column(model, node.by.parts, node.by.span, via=node.via)
            if not anchor.type.temporal:
                raise formula_error(
                    f"by needs a date or a timestamp; {write(node.by)} is {anchor.type.value}.", node.by.span
                )
            return anchor
        if model.nature is Nature.INTERVAL and model.valid_from is not None:
            return self._paths.column(model, (model.valid_from,), node.span)
        if model.time_attribute is None:
            raise formula_error(
                f"Rows of {model.code} have no time, so they belong to no period.",
                node.span,
                remedy="Name the time that puts a row into a period: by <attribute>.",
            )
        return self._paths.column(model, (model.time_attribute,), node.span)

    def _check_time(self, term: Term, call: Call, node: Modified, model: ObjectModel) -> None:
        """Refuse what would add a balance up over time, or leave open which moment counts."""
        if call.name == "prorate":
            self._check_nature(call, model, Nature.INTERVAL)
            self._check_no_moment(call, node)
            return
        if call.name == "time_weighted_avg":
            self._check_no_moment(call, node, but_by=True)
            return
        if term.at is not None and term.having is not None:
            raise formula_error(
                f"{write(call)} is asked over a period, not at an instant.",
                node.span,
                remedy="Leave out the instant, or having.",
            )
        stock = model.nature is Nature.SNAPSHOT and call.name == "sum" and not term.pick
        if stock and term.at is None:
            raise formula_error(
                f"Adding up {model.code} over time counts the same stock again at every snapshot.",
                node.span,
                remedy=f"Ask it at an instant, {write(node)} at end, or as a mean over time, time_avg({write(node)} "
                "at end).",
            )
        if model.nature is Nature.INTERVAL and node.by is None and node.at is None:
            raise formula_error(
                f"A row of {model.code} holds from {model.valid_from} to {model.valid_to}; it is not said which rows "
                "belong to a period.",
                node.span,
                remedy=f"Those that hold at its end: {write(node)} at end. Those that began in it: by "
                f"{model.valid_from}.",
            )

    @staticmethod
    def _check_nature(call: Call, model: ObjectModel, *natures: Nature) -> None:
        if model.nature not in natures:
            wanted = " or ".join(nature.value for nature in natures)
            raise formula_error(
                f"{call.name} is for object models of nature {wanted}; {model.code} is of nature {model.nature}.",
                call.span,
                remedy=f"Count what happened, such as count({model.code}), or declare in {model.code} from when to "
                "when a row holds: valid_from and valid_to.",
            )

    @staticmethod
    def _check_no_moment(call: Call, node: Modified, *, but_by: bool = False) -> None:
        if node.at is not None or (node.by is not None and not but_by):
            raise formula_error(f"{call.name} looks at the whole period: by and at do not belong to it.", node.span)

    # --- sets and conversions ------------------------------------------------------------------------------------

    def _set(self, call: Call, node: Modified, model: ObjectModel) -> Term:
        self._check_nature(call, model, Nature.INTERVAL, Nature.SNAPSHOT)
        self._check_no_moment(call, node)
        named = call.arguments[0]
        if not isinstance(named, Path) or named.parts != (model.code,):
            raise formula_error(f"{call.name} takes an object model, such as {call.name}({model.code}).", named.span)
        return Term(
            function=call.name,
            model=model.code,
            argument=None,
            parameters=(),
            anchor=self._anchor(model, node),
            where=self._where(node, model, self._anchor(model, node)),
            via=node.via,
            type=DataType.INTEGER,
            unit=Unit(((model.code, 1),)),
            label=write(node),
            per=tuple(self._paths.column(model, (name,), node.span) for name in model.series),
        )

    def _converted(self, call: Call, node: Modified) -> Term:
        """A conversion is a count of rows with a condition: that the next step followed in time."""
        base = call.arguments[0]
        if not isinstance(base, Path) or len(base.parts) != 1 or not self._paths.has_model(base.parts[0]):
            raise formula_error("converted takes an object model first, such as visit.", base.span)
        if node.at is not None:
            raise formula_error("A conversion is counted over a period, not at an instant.", node.span)
        model = self._paths.model(base.parts[0])
        if self._anchor(model, node).relations:
            raise formula_error("A conversion starts at a moment of the row itself.", node.span)
        followed = self._followed(model, call.arguments[1:], self._anchor(model, node))
        where = self._where(node, model, self._anchor(model, node))
        return Term(
            function="count",
            model=model.code,
            argument=None,
            parameters=(),
            anchor=self._anchor(model, node),
            where=followed if where is None else conjunction(where, followed),
            via=node.via,
            type=DataType.INTEGER,
            unit=Unit(((model.code, 1),)),
            label=write(node),
        )

    def _followed(self, model: ObjectModel, steps: tuple[Node, ...], since: Column) -> Child:
        step = steps[0]
        if not isinstance(step, Collection) or not step.on or step.within is None:
            raise formula_error(
                "Each step of a conversion names its key and its time.",
                step.span,
                remedy="Write it as: purchase on customer_id within 7 days.",
            )
        if step.at is not None:
            raise formula_error("A step of a conversion is asked over its time, not at an instant.", step.span)
        self._check_window(step, step.within)
        gathered = self._rows.matched(step, model)
        anchor = self._rows.moment_of(gathered.model, step.span)
        if anchor.type is not since.type:
            raise formula_error(
                f"{model.code} is dated by {since.type.value}, {gathered.model.code} by {anchor.type.value}.",
                step.span,
                remedy="A step and the next need times of one kind, so that it is known which came first.",
            )
        return Child(
            function="any",
            relations=(),
            model=gathered.model.code,
            keys=gathered.pairs,
            argument=None,
            where=self._followed(gathered.model, steps[1:], anchor) if steps[1:] else None,
            type=DataType.BOOLEAN,
            anchor=anchor,
            since=since,
            within=step.within,
        )

    @staticmethod
    def _check_window(step: Collection, within: Duration) -> None:
        if within.unit not in _FIXED_UNITS:
            raise formula_error(
                f"{within} has no fixed length.", step.span, remedy=f"Use one of {', '.join(_FIXED_UNITS)}."
            )


class _HavingResolver:
    """A condition on each different value, over aggregates of the rows that have it."""

    def __init__(self, terms: TermResolver, rows: RowResolver, model: ObjectModel, node: Modified) -> None:
        self._terms = terms
        self._rows = rows
        self._model = model
        self._node = node

    def condition(self, node: Node) -> Expression:
        condition = over_aggregates(node, self._inner, self._rows)
        if condition.type is not DataType.BOOLEAN:
            raise formula_error("having needs a condition, such as count(order) >= 2.", node.span)
        return condition

    def _inner(self, call: Call, node: Modified) -> Term:
        if node.by is not None or node.at is not None or node.via:
            raise formula_error("Inside having, aggregates are over the rows counted: only filter fits.", node.span)
        if call.name in CHILD_FUNCTIONS.keys() - {"every", "any"}:
            whole = replace(self._node, where=node.where)
            term = self._terms.term(call, replace(whole, base=call))
            if term.model == self._model.code and term.pick is None and term.having is None:
                return term
        raise formula_error(
            f"Inside having, {write(call)} is no count, sum, avg, min or max over rows of {self._model.code}.",
            node.span,
        )


def _unit_of(aggregate: Aggregate, model: ObjectModel, argument: Expression | None, unit: Unit) -> Unit:
    """Return an aggregate's unit: a count is measured in what it counts."""
    match aggregate.name:
        case "count":
            return Unit(((model.code, 1),))
        case "count_distinct" | "approx_count_distinct":
            return Unit(((argument.attribute if isinstance(argument, Column) else model.code, 1),))
        case _:
            return unit


def _paths_in(node: Node) -> Iterator[Path]:
    """Yield the paths that name rows of the aggregate itself; what stands inside aggregates of children comes last."""
    inner: list[Node] = []
    yield from _outer_paths(node, inner)
    if not isinstance(node, Path):
        for call in inner:
            first = children(call)[0] if children(call) else None
            if first is not None:
                yield from _owner_paths(first)


def _outer_paths(node: Node, inner: list[Node]) -> Iterator[Path]:
    if isinstance(node, Modified) and is_child_function(node.base):
        node = node.base  # its filter is on the children
    if isinstance(node, Path):
        yield node
    elif isinstance(node, Call) and is_child_function(node) and node.name not in _PICKS:
        inner.append(node)
    else:
        for part in children(node):
            yield from _outer_paths(part, inner)


def _owner_paths(node: Node) -> Iterator[Path]:
    """Yield the paths in the first operand of an aggregate of children that lead from the row to them."""
    if isinstance(node, Path) and len(node.parts) > 1:
        yield Path(node.parts[:1], span=node.span)
    elif isinstance(node, Collection):
        if not node.on:
            yield from _owner_paths(node.path)
    else:
        for part in children(node):
            yield from _owner_paths(part)
