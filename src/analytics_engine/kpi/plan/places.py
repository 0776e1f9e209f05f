"""Where a term's states are read: in a rollup that has them, or else in the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kpi.formula.paths import Paths, Step
from analytics_engine.kpi.formula.typed import Child, Column, Expression, PeriodBound, Rate, Term, walk
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.plan.plan import Place
from analytics_engine.kpi.plan.views import View
from analytics_engine.kpi.states.catalogue import State
from analytics_engine.kpi.states.kept import (
    SCHEMA,
    Kept,
    companion_of,
    is_kept,
    occurrences_of,
    source_of,
    tallied_of,
)

_NOT_OF_A_CELL = (Child, Rate, PeriodBound)


class Places:
    """Chooses among the rollups there are."""

    def __init__(self, kept: Sequence[Kept], paths: Paths) -> None:
        fitting = (one for one in kept if _leads_as_it_did(one, paths))
        self._kept = sorted(fitting, key=lambda one: (one.rows, one.id))
        self._paths = paths

    def of(self, term: Term, view: View, states: Sequence[State], longest: Level) -> Kept | None:
        """Return the smallest rollup that has all of a term's states, cut and filtered as the question wants it.

        Whether a tally is worth reading is told by its values in the longest buckets that the periods are made of.
        """
        if not all(map(is_kept, states)):
            return None
        fitting = (kept for kept in self._of_anchor(term) if not any(self._misses(kept, view, states, longest)))
        return next(fitting, None)

    def why(self, term: Term, view: View, states: Sequence[State], longest: Level) -> str:
        """Return why a term's rows are read although there may be rollups of them."""
        once = [state.kind.value for state in states if not is_kept(state)]
        if once:
            return f"{', '.join(dict.fromkeys(once))} does not merge, so it is computed from the rows"
        rollups = list(self._of_anchor(term))
        if not rollups:
            return f"{term.model} has no rollup by {term.anchor}, so its rows are read"
        missing = {kept.code: next(self._misses(kept, view, states, longest), None) for kept in rollups}
        if None in missing.values():
            return "its rows are not counted one by one, so they are read"
        return "; ".join(f"{code} has no {what}" for code, what in missing.items()) + ", so the rows are read"

    def _of_anchor(self, term: Term) -> Iterator[Kept]:
        return (kept for kept in self._kept if (kept.model, kept.anchor) == (term.model, str(term.anchor)))

    def _misses(self, kept: Kept, view: View, states: Sequence[State], longest: Level) -> Iterator[str]:
        model = self._paths.model(kept.model)
        for dimension in view.dimensions:
            if not tells(kept, dimension, model, self._paths):
                yield f"dimension {_named(dimension)}"
        if view.condition is not None and not tells(kept, view.condition, model, self._paths):
            yield f"dimension {_named(view.condition)}"
        for state in states:
            if not self._has(kept, state, model):
                yield state.kind.value
            elif (kept.tally(state), kept.level_within(longest)) in kept.sparse:
                yield f"fewer values by {kept.level_within(longest).value} than an eighth of the rows"

    def _has(self, kept: Kept, state: State, model: ObjectModel) -> bool:
        def told(expression: Expression) -> bool:
            return tells(kept, expression, model, self._paths)

        if tallied_of(state) is not None:
            tally = kept.tally(state)
            return tally is not None and source_of(kept.tallies[tally], occurrences_of(state), told) is not None
        source = source_of(kept, state, told)
        if source is None:
            return False
        beside = companion_of(source.state)
        return beside is None or kept.column(beside) is not None


def _leads_as_it_did(kept: Kept, paths: Paths) -> bool:
    """Return whether a rollup's rows are held where it says, and relations lead where they led when it was made."""
    if not paths.has_model(kept.model) or paths.model(kept.model).binding is not None:
        return False
    model = paths.model(kept.model)
    for read in kept.reads:
        try:
            step = paths.step(paths.end_of(model, read.route[:-1]), read.route[-1])
        except AnalyticsEngineError:
            return False
        if step != Step(read.model, read.pairs) or paths.model(read.model).binding is not None:
            return False
    return True


def tells(kept: Kept, expression: Expression, model: ObjectModel, paths: Paths) -> bool:
    """Return whether a rollup's cells tell an expression over a row: by their own attributes, or joined by them."""
    for part in walk(expression):
        if isinstance(part, _NOT_OF_A_CELL):
            return False
        if isinstance(part, Column) and not _has(kept, part, model, paths):
            return False
    return True


def _has(kept: Kept, read: Column, model: ObjectModel, paths: Paths) -> bool:
    if not read.relations:
        return read.attribute in kept.dimensions
    step = paths.step(model, read.relations[0])
    if step is None or step.as_of is not None:
        return False
    return all(source in kept.dimensions for source, _ in step.pairs)


def _named(expression: Expression) -> str:
    return ", ".join(str(part) for part in walk(expression) if isinstance(part, Column)) or "of this kind"


def place_of(kept: Kept | None, model: ObjectModel, reason: str) -> Place:
    """Return where a scan is read."""
    bound = model.bound_to
    if kept is None:
        return Place("raw", bound.schema_name, bound.table, bound.client_column, reason)
    levels = ", ".join(level.value.replace("_", " ") for level in kept.levels)
    reason = f"the rollup {kept.code} has its states by {levels}; buckets that are cut or marked are read from the rows"
    return Place(f"rollup {kept.code}", SCHEMA, kept.table(kept.levels[-1]), bound.client_column, reason, kept)
