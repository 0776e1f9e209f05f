"""Share: as few passes over the rows as the terms allow, however many KPIs were asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics_engine.kpi.formula.typed import Column, Expression, Term, depends_on_period
from analytics_engine.kpi.model.frames import Frame, keeps_bounds
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.plan.places import Places, place_of
from analytics_engine.kpi.plan.plan import Cut, Scan, Shape, Way, cut_of, is_held
from analytics_engine.kpi.plan.views import View, Views
from analytics_engine.kpi.states.catalogue import EVERY_ROW, Merge, State, present_of, rows_of, states_of
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.kpi.states.skipped import known_of

_CHANGES = frozenset({"lost", "kept", "gained"})
_WITHIN = {
    "second": Level.QUARTER_HOUR,
    "minute": Level.QUARTER_HOUR,
    "hour": Level.HOUR,
    "day": Level.DAY,
    "week": Level.DAY,
}


@dataclass(frozen=True, slots=True)
class _Group:
    """What terms must have in common to be computed in one pass.

    Args:
        kept: the rollup that is read instead of the rows.
        cut: the one cut of a pass that serves no other; None where a pass serves several.
        own: what else keeps a pass to itself: a series, a picked value, a condition.
    """

    shape: Shape
    way: Way
    model: str
    anchor: Column
    view: View
    total: bool
    kept: Kept | None = None
    cut: Cut | None = None
    own: object = None


@dataclass(frozen=True)
class _Sharing:
    """What the terms of one stage are shared in: its spine, the question as they see it, the rollups there are."""

    spine: Frame
    views: Views
    places: Places


def share(
    terms: Sequence[Term], spine: Frame, views: Views, places: Places, *, total: bool = False
) -> tuple[Scan, ...]:
    """Return the scans of the terms of one stage, those of single cells before those of totals.

    Args:
        terms: what is to be computed.
        spine: what the cells are of.
        views: the question as each term sees it.
        places: the rollups there are.
        total: every term is over all members, whatever it says of itself.
    """
    sharing = _Sharing(spine, views, places)
    groups: dict[_Group, list[Term]] = {}
    for term in terms:
        groups.setdefault(_group(term, sharing, total=total), []).append(term)
    folded = _folded(groups, spine, views.grain)
    beside = _counted_beside(folded)
    scans = [
        _scan(group, members, sharing, counted=beside.get(group, ()), elsewhere=_finer(group, folded) is not None)
        for group, members in folded.items()
    ]
    return tuple(sorted(scans, key=lambda scan: scan.total))


def _group(term: Term, sharing: _Sharing, *, total: bool) -> _Group:
    spine, views = sharing.spine, sharing.views
    model = views.checker.paths.model(term.model)
    view = views.of(term)
    over_all = total or term.total
    if over_all:
        view = View((), view.condition)
    shape = shape_of(term, model)
    cut = cut_of(term, spine)
    way = _way(term, view, shape, cut)
    if shape is Shape.ROWS:
        kept = sharing.places.of(term, view, _states(term, shape, spine), _longest(cut, views.grain))
        if kept is not None:
            return _Group(shape, Way.SEGMENTS, term.model, term.anchor, view, over_all, kept)
    alone = way is not Way.SEGMENTS
    own = _own(term, shape, way)
    return _Group(shape, way, term.model, term.anchor, view, over_all, None, cut if alone else None, own)


def _longest(cut: Cut, grain: str | None) -> Level:
    """Return the longest buckets of which the spans of a cut can be made, but for their ends."""
    if not cut.plain:
        return Level.DAY
    return _WITHIN.get(grain or "", Level.MONTH)


def shape_of(term: Term, model: ObjectModel) -> Shape:
    """Return how a term's rows come to belong to periods."""
    if term.function in _CHANGES:
        return Shape.CHANGE
    if term.function == "prorate":
        return Shape.OVERLAP
    if term.function == "time_weighted_avg":
        return Shape.HOLDING
    if term.having is not None:
        return Shape.HAVING
    if term.pick is not None or term.function in {"first", "last"}:
        return Shape.PICK
    return Shape.VALIDITY if is_held(term, model) else Shape.ROWS


def _way(term: Term, view: View, shape: Shape, cut: Cut) -> Way:
    if shape not in {Shape.ROWS, Shape.VALIDITY}:
        return Way.SPREAD
    parts: tuple[Expression | None, ...] = (term.argument, term.second, term.where, view.condition)
    if any(map(depends_on_period, parts)):
        return Way.SPREAD
    if shape is Shape.ROWS and cut.plain:
        return Way.DIRECT
    if shape is Shape.ROWS and term.function == "count_distinct" and not cut.spine:
        return Way.STEPS
    return Way.SPREAD if any(state.merge is Merge.ONCE for state in states_of(term)) else Way.SEGMENTS


def _own(term: Term, shape: Shape, way: Way) -> object:
    if way is Way.STEPS:
        return (term.argument, term.where)
    match shape:
        case Shape.CHANGE:
            return term.where
        case Shape.PICK:
            return (term.pick or term.function, term.per, term.argument, term.where)
        case Shape.HAVING:
            return (term.argument, term.having, term.where)
        case Shape.HOLDING:
            return term.per
        case _:
            return None


def _folded(groups: dict[_Group, list[Term]], spine: Frame, grain: str | None) -> dict[_Group, list[Term]]:
    """Move terms into a pass by segments over the same rows, where there is one, instead of a second pass.

    What does not merge is moved as well where segments are whole periods, but for those that are not over.
    """
    folded: dict[_Group, list[Term]] = {}
    for group, members in groups.items():
        other = _finer(group, groups)
        whole = other is not None and _are_periods(groups[other], spine, grain)
        for term in members:
            merges = all(state.merge is not Merge.ONCE for state in states_of(term))
            folded.setdefault(other if other is not None and (merges or whole) else group, []).append(term)
    return folded


def _are_periods(terms: Sequence[Term], spine: Frame, grain: str | None) -> bool:
    """Return whether the segments of these terms' spans are whole periods, as far as a question's shape can tell."""
    if spine or grain is None:
        return False
    cuts = [cut_of(term, spine) for term in terms]
    return all(cut.at is None and keeps_bounds(cut.frame, grain) for cut in cuts)


def _finer(group: _Group, groups: Mapping[_Group, object]) -> _Group | None:
    """Return the pass by segments over the same rows that a direct pass can leave to what merges."""
    if group.shape is not Shape.ROWS or group.way is not Way.DIRECT:
        return None
    same = (other for other in groups if other.shape is Shape.ROWS and other.way is Way.SEGMENTS)
    return next((other for other in same if _rows(other) == _rows(group)), None)


def _counted_beside(groups: Mapping[_Group, Sequence[Term]]) -> dict[_Group, list[Term]]:
    """Return for a pass by segments the terms of direct passes whose rows it counts, so that these need not."""
    beside: dict[_Group, list[Term]] = {}
    for group, members in groups.items():
        other = _finer(group, groups)
        if other is not None:
            beside.setdefault(other, []).extend(members)
    return beside


def _rows(group: _Group) -> object:
    return (group.model, group.anchor, group.view, group.total, group.kept)


def _states(term: Term, shape: Shape, spine: Frame) -> tuple[State, ...]:
    """Return all states of a term: those it is finished from, and those that count its rows."""
    return (*states_of(term), *_counts_of(term, shape, spine))


def _counts_of(term: Term, shape: Shape, spine: Frame) -> Iterator[State]:
    """Yield the states that count a term's rows: all of them, those that let a cell exist, those with a value."""
    yield rows_of(term)
    yield present_of(term)
    known = known_of(term) if not spine and shape in {Shape.ROWS, Shape.VALIDITY} else None
    if known is not None:
        yield known


def _scan(group: _Group, terms: Sequence[Term], sharing: _Sharing, *, counted: Sequence[Term], elsewhere: bool) -> Scan:
    """Return a scan.

    Args:
        group: what its terms have in common.
        terms: what it computes.
        sharing: the stage it is of.
        counted: terms of another scan, whose rows are counted here.
        elsewhere: the rows of its own terms are counted by another scan.
    """
    spine = sharing.spine
    members = (*terms, *counted)
    wanted: dict[Cut, dict[State, None]] = {cut_of(term, spine): {} for term in members}
    for term in terms:
        own = (state for state in states_of(term) if not (elsewhere and state.merge is not Merge.ONCE))
        wanted[cut_of(term, spine)] |= dict.fromkeys(own)
    for term in members if not elsewhere else ():
        wanted[cut_of(term, spine)] |= dict.fromkeys(_counts_of(term, group.shape, spine))
    if group.shape is Shape.VALIDITY:
        for of_cut in wanted.values():
            of_cut[EVERY_ROW] = None
    model = sharing.views.checker.paths.model(group.model)
    longest = _longest(cut_of(terms[0], spine), sharing.views.grain)
    reason = sharing.places.why(terms[0], group.view, _states(terms[0], group.shape, spine), longest)
    return Scan(
        shape=group.shape,
        way=group.way,
        model=group.model,
        anchor=group.anchor,
        dimensions=group.view.dimensions,
        condition=group.view.condition,
        total=group.total,
        cuts=tuple(wanted),
        terms=members,
        states=tuple(dict.fromkeys(state for of_cut in wanted.values() for state in of_cut)),
        wanted=tuple(map(tuple, wanted.values())),
        place=place_of(group.kept, model, reason),
    )
