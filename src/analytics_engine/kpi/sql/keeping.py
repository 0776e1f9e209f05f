"""What a rollup is to keep, and how each of its columns is computed from rows: for who makes and fills its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

from analytics_engine.errors import InvalidDefinition
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.paths import Step
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import (
    Child,
    Column,
    Expression,
    Rate,
    Term,
    depends_on_period,
    terms_of,
    walk,
)
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.model.rollup import Level, Rollup
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.plan.plan import Shape
from analytics_engine.kpi.plan.share import shape_of
from analytics_engine.kpi.sql.bins import bin_of
from analytics_engine.kpi.sql.children import ChildrenOfRows
from analytics_engine.kpi.sql.dialects.postgres import POSTGRES, TYPES
from analytics_engine.kpi.sql.nodes import identifier
from analytics_engine.kpi.sql.parameters import ConstantSlot
from analytics_engine.kpi.sql.sources import ROWS, RowSource
from analytics_engine.kpi.sql.states import StateWriter
from analytics_engine.kpi.sql.writing import Writing
from analytics_engine.kpi.states.catalogue import EVERY_ROW, State, StateKind, present_of, rows_of, states_of
from analytics_engine.kpi.states.kept import (
    Kept,
    Read,
    Tally,
    digest_of,
    is_kept,
    occurrences_of,
    retracts,
    tallied_of,
    with_companions,
)
from analytics_engine.kpi.states.skipped import known_of

_DEFAULT_LEVELS = (Level.HOUR, Level.DAY, Level.MONTH)
_OF_DAYS = frozenset({Level.DAY, Level.MONTH})
_ORDER = tuple(Level)


@dataclass(frozen=True)
class KeptColumn:
    """A column of a rollup's tables.

    Args:
        add: the aggregate over rows under the alias ``f``.
        merge: ``SUM``, ``MIN`` or ``MAX``: how the column's values become one.
        retracts: rows can be taken out of it again.
    """

    name: str
    state: State
    sql_type: str
    add: str
    merge: str
    retracts: bool


@dataclass(frozen=True)
class KeptTally:
    """A table of how often each value occurs: what the values are over rows under the alias ``f``, their counts.

    Rows without a value are not in it. The first column counts all that have one.
    """

    state: State
    value: str
    type: DataType
    columns: tuple[KeptColumn, ...]


@dataclass(frozen=True)
class Joined:
    """A row that is read beside the rollup's own: under an alias, found from the row before it.

    ``attributes`` are those that are read of it, what it is found by included.
    """

    read: Read
    alias: str
    before: str
    attributes: tuple[str, ...]


@dataclass(frozen=True)
class Keeping:
    """A rollup that can be kept: what of it is, and how; and which terms of its KPIs are not, and why.

    Args:
        kept: the rollup, with the number 0.
        columns: its columns, the count of all rows first.
        tallies: the values that are counted beside them.
        anchor: what puts a row into a bucket, as SQL.
        joined: what is joined to the rows ``f``, in this order.
        left_out: the label of each term that is not kept, and why.
    """

    kept: Kept
    columns: tuple[KeptColumn, ...]
    tallies: tuple[KeptTally, ...]
    anchor: str
    joined: tuple[Joined, ...]
    left_out: tuple[tuple[str, str], ...]


class _NotKept(Exception):
    """Why a term's states cannot be kept."""


def keeping_of(rollup: Rollup, checker: KpiChecker) -> Keeping:
    """Return what a rollup keeps.

    Raises:
        KpiNotFound, ObjectModelNotFound, FormulaError: it names what there is not.
        InvalidDefinition: an attribute or level does not fit, or nothing of its KPIs can be kept.
    """
    model = checker.paths.model(rollup.object_model)
    _check_rows(rollup, model)
    anchor = _anchor(rollup, model, checker)
    states: dict[State, None] = {}
    left_out: dict[str, str] = {}
    for code in rollup.kpis:
        for term in terms_of(checker.kpi(code).expression):
            try:
                states |= dict.fromkeys(_states(term, model, anchor, checker, tallies=rollup.tallies))
            except _NotKept as reason:
                left_out[term.label] = str(reason)
    if not states:
        reasons = "; ".join(f"{label}: {reason}" for label, reason in left_out.items())
        raise InvalidDefinition(
            f"Nothing of these KPIs can be kept over {model.code} by {anchor}: {reasons}.",
            remedy="Name KPIs of its rows whose aggregates merge, such as sums, counts, averages, minima and maxima; "
            "distinct counts and approximate percentiles with tallies: true.",
            place="kpis",
        )
    writer = _Writer(model, checker)
    merging = with_companions(state for state in states if tallied_of(state) is None)
    read = [anchor, *(part for state in (*merging, *states) for part in _parts(state))]
    joined = tuple(writer.joined(route, read) for route in _routes(read))
    columns = writer.columns(merging)
    tallies = tuple(writer.tally(tallied, counts) for tallied, counts in _tallied(states).items())
    assert anchor.type is not None
    kept = Kept(
        id=0,
        code=rollup.code,
        model=model.code,
        anchor=str(anchor),
        anchor_type=anchor.type,
        dimensions=rollup.dimensions,
        levels=_levels(rollup, anchor.type),
        columns=_by_digest(columns),
        reads=tuple(one.read for one in joined),
        tallies=tuple(Tally(digest_of(tally.state), _by_digest(tally.columns)) for tally in tallies),
    )
    return Keeping(kept, columns, tallies, writer.column(anchor), joined, tuple(left_out.items()))


def _by_digest(columns: Iterable[KeptColumn]) -> tuple[tuple[str, str], ...]:
    return tuple((digest_of(column.state), column.name) for column in columns)


def _tallied(states: Iterable[State]) -> dict[State, tuple[State, ...]]:
    """Return the tallies that states are found in, with what each counts: all its rows, and some of them."""
    found: dict[State, dict[State, None]] = {}
    for state in states:
        tallied = tallied_of(state)
        if tallied is not None:
            found.setdefault(tallied, {EVERY_ROW: None})[occurrences_of(state)] = None
    return {tallied: tuple(counts) for tallied, counts in found.items()}


def _check_rows(rollup: Rollup, model: ObjectModel) -> None:
    """Refuse rows that are held elsewhere, and dimensions they have not."""
    if model.binding is not None:
        raise InvalidDefinition(
            f"The rows of {model.code} are held elsewhere ({model.binding.engine}), where no rollup can be kept.",
            place="object_model",
        )
    known = [attribute.name for attribute in model.attributes]
    for name in rollup.dimensions:
        if name not in known:
            near = did_you_mean(name, known) or f"It has: {', '.join(known)}."
            raise InvalidDefinition(
                f"dimensions names {name!r}, which {model.code} has not.", remedy=near, place="dimensions"
            )


def _anchor(rollup: Rollup, model: ObjectModel, checker: KpiChecker) -> Column:
    placed_by = rollup.anchor or model.time_attribute
    if placed_by is None:
        raise InvalidDefinition(
            f"{model.code} has no time attribute, so its rows are in no bucket of time.",
            remedy="Name an anchor, or roll up an object model that has one.",
            place="anchor",
        )
    anchor = checker.resolver.row(parse(f"{model.code}.{placed_by}"), model, ())
    if not isinstance(anchor, Column) or not anchor.type.temporal:
        raise InvalidDefinition(f"anchor {placed_by!r} must be a date or a timestamp.", place="anchor")
    return anchor


def _levels(rollup: Rollup, kind: DataType) -> tuple[Level, ...]:
    levels = rollup.levels or (_DEFAULT_LEVELS if kind is DataType.TIMESTAMP else _DEFAULT_LEVELS[1:])
    if kind is DataType.DATE and not _OF_DAYS.issuperset(levels):
        raise InvalidDefinition(
            "The rows are dated by days, so there are no buckets shorter than a day.",
            remedy="Take the levels day and month.",
            place="levels",
        )
    return tuple(sorted(levels, key=_ORDER.index))


def _states(term: Term, model: ObjectModel, anchor: Column, checker: KpiChecker, *, tallies: bool) -> Iterator[State]:
    """Yield the states a term needs.

    Raises:
        _NotKept: some of them cannot be kept.
    """
    if term.model != model.code:
        raise _NotKept(f"it is over {term.model}")
    if str(term.anchor) != str(anchor):
        raise _NotKept(f"its rows are placed by {term.anchor}")
    if shape_of(term, model) is not Shape.ROWS:
        raise _NotKept("its rows are not counted one by one")
    known = known_of(term)
    states = [*states_of(term), rows_of(term), present_of(term), *([known] if known is not None else [])]
    once = [state.kind.value for state in states if not is_kept(state)]
    if once:
        raise _NotKept(f"{', '.join(once)} does not merge")
    if not tallies and any(map(tallied_of, states)):
        raise _NotKept("its values are counted where a rollup has tallies: true")
    for state in states:
        for part in _parts(state):
            _check_part(part, model, checker)
        writer = _Writer(model, checker)
        tallied = tallied_of(state)
        writer.column_of(state, "") if tallied is None else writer.tally(tallied, [occurrences_of(state)])
    yield from states


def _parts(state: State) -> Iterator[Expression]:
    yield from (part for part in (state.argument, state.second, state.where) if part is not None)


def _check_part(expression: Expression, model: ObjectModel, checker: KpiChecker) -> None:
    """Refuse what has another value when something else changes than the row and the rows it leads to."""
    if depends_on_period(expression):
        raise _NotKept("it depends on the period")
    for part in walk(expression):
        if isinstance(part, Child):
            raise _NotKept(f"it reads all rows of {part.model} that belong to one")
        if isinstance(part, Rate):
            raise _NotKept("it reads exchange rates")
    for route in _routes([expression]):
        step = checker.paths.step(checker.paths.end_of(model, route[:-1]), route[-1])
        if step is None or step.as_of is not None:
            raise _NotKept(f"{'.'.join(route)} leads to the version that was valid then")
        if checker.paths.model(step.target).binding is not None:
            raise _NotKept(f"the rows of {step.target} are held elsewhere")


def _routes(expressions: Iterable[Expression]) -> list[tuple[str, ...]]:
    """Return the routes to all rows that expressions read beside their own, those that lead to others first."""
    routes: dict[tuple[str, ...], None] = {}
    for expression in expressions:
        for part in walk(expression):
            if isinstance(part, Column):
                routes |= {part.relations[:length]: None for length in range(1, len(part.relations) + 1)}
    return list(routes)


class _Writer:
    """Writes states over rows with every value written out, as a trigger has no parameters."""

    def __init__(self, model: ObjectModel, checker: KpiChecker) -> None:
        self._model = model
        self._paths = checker.paths
        self._writing = Writing(POSTGRES, checker.paths, ChildrenOfRows())
        self._source = RowSource(self._writing, model, source=exp.Table(this=identifier(ROWS)))

    def joined(self, route: tuple[str, ...], expressions: Iterable[Expression]) -> Joined:
        """Return how the row that a route leads to is joined, and what expressions read of it."""
        step = self._step(route)
        attributes = {there for _, there in step.pairs}
        attributes |= {
            part.attribute
            for expression in expressions
            for part in walk(expression)
            if isinstance(part, Column) and part.relations == route
        }
        onward = [longer for longer in _routes(expressions) if longer[:-1] == route]
        attributes |= {here for longer in onward for here, _ in self._step(longer).pairs}
        read = Read(route, step.target, step.pairs)
        return Joined(read, self._source.route(route), self._source.route(route[:-1]), tuple(sorted(attributes)))

    def _step(self, route: tuple[str, ...]) -> Step:
        step = self._paths.step(self._paths.end_of(self._model, route[:-1]), route[-1])
        assert step is not None
        return step

    def column(self, column: Column) -> str:
        """Return an attribute as SQL."""
        return self._source.column(column).sql(dialect=POSTGRES.name)

    def columns(self, states: Iterable[State]) -> tuple[KeptColumn, ...]:
        return tuple(self.column_of(state, f"ae_s{position}") for position, state in enumerate(states))

    def column_of(self, state: State, name: str) -> KeptColumn:
        """Return the column of a state, under a name.

        Raises:
            _NotKept: it depends on more than rows.
        """
        tree = StateWriter(self._source, shared=None).write(state)
        return KeptColumn(
            name=name,
            state=state,
            sql_type=TYPES[state.type].lower(),
            add=self._text(POSTGRES.cast(tree, state.type)),
            merge=state.merge.value.upper(),
            retracts=retracts(state),
        )

    def tally(self, tallied: State, counts: Iterable[State]) -> KeptTally:
        """Return the tally of a state's values.

        Raises:
            _NotKept: they depend on more than rows.
        """
        argument = tallied.argument
        assert argument is not None
        assert argument.type is not None
        value, kind = self._source.write(argument), argument.type
        if tallied.kind is StateKind.APPROXIMATE_QUANTILE:
            value, kind = bin_of(POSTGRES, value), DataType.INTEGER
        return KeptTally(tallied, self._text(POSTGRES.cast(value, kind)), kind, self.columns(counts))

    def _text(self, tree: exp.Expr) -> str:
        """Return SQL with every value written out."""
        values: list[LiteralValue] = []
        for slot in self._writing.parameters.slots:
            if not isinstance(slot, ConstantSlot):
                raise _NotKept("it depends on the question: on its zone, its currency, or a value that comes with it")
            values.append(slot.value)
        return tree.transform(lambda node: _written_out(node, values)).sql(dialect=POSTGRES.name)


def _written_out(node: exp.Expr, values: list[LiteralValue]) -> exp.Expr:
    if not isinstance(node, exp.Parameter):
        return node
    value = values[int(node.this.name) - 1]
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Literal.string("true" if value else "false")
    return exp.Literal.string(value.isoformat() if isinstance(value, datetime | date) else str(value))
