"""Names to attributes: along many-to-one relations only, so that no row is ever repeated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from analytics_engine.errors import FormulaError, ObjectModelNotFound
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Column
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import Attribute, Cardinality, ObjectModel, Relation, Segment
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

LONGEST_ROUTE = 6
"""How many relations a path may follow."""

Route = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route: to at most one row of another object model.

    Args:
        pairs: an attribute here, and the attribute there that equals it.
        as_of: the attribute here whose moment chooses the version there.
    """

    target: str
    pairs: tuple[tuple[str, str], ...]
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a dotted name leads to: an attribute or a segment of the object model at the end of a route."""

    route: Route
    model: ObjectModel
    member: Attribute | Segment


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of another object model that belong to the one row a route leads to; ``rest`` goes on from there."""

    route: Route
    model: ObjectModel
    pairs: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]


class Paths:
    """Resolves dotted names against the object models of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def has_model(self, name: str) -> bool:
        return self._catalog.has_object_model(name)

    def models(self) -> list[str]:
        """Return the codes of all object models."""
        return [version.definition.code for version in self._catalog.object_models]

    def model(self, code: str) -> ObjectModel:
        return self._catalog.object_model(code).definition

    @cached_property
    def _inverses(self) -> dict[str, dict[str, tuple[ObjectModel, Relation]]]:
        """For each object model, the relations that lead to it, under the names they have there.

        A name by default is the code of the object model they come from; where two come from there, neither has it.
        """
        found: dict[str, dict[str, tuple[ObjectModel, Relation]]] = {}
        for version in self._catalog.object_models:
            child = version.definition
            targets = [relation.target for relation in child.relations if relation.inverse is None]
            for relation in child.relations:
                if relation.inverse is not None or targets.count(relation.target) == 1:
                    found.setdefault(relation.target, {})[relation.inverse or child.code] = (child, relation)
        return found

    def step(self, here: ObjectModel, name: str) -> Step | None:
        """Return where a name leads from a row, when it leads to at most one row."""
        relation = here.relation(name)
        if relation is not None:
            return Step(relation.target, tuple(relation.on.items()), relation.as_of)
        child, back = self._inverses.get(here.code, {}).get(name, (None, None))
        if child is None or back is None or back.cardinality is not Cardinality.ONE_TO_ONE:
            return None
        return Step(child.code, tuple((there, source) for source, there in back.on.items()))

    def find(self, model: ObjectModel, parts: tuple[str, ...], span: Span, *, via: Route = ()) -> Found:
        """Return the attribute or segment a dotted name means, seen from the rows of an object model.

        The name starts with the object model itself, one of its attributes or relations, or another object
        model that many-to-one relations lead to.

        Raises:
            FormulaError: a part is unknown, several routes lead there, or none does.
        """
        route, rest = self._start(model, parts, span, via)
        here = self.end_of(model, route)
        while len(rest) > 1:
            if self.step(here, rest[0]) is None:
                raise self._no_step(here, rest[0], span)
            route = (*route, rest[0])
            here = self._target(here, rest[0], span)
            rest = rest[1:]
        if not rest:
            raise formula_error(
                f"{'.'.join(parts)} is an object model, not a value.",
                span,
                remedy=f"Name an attribute, such as {'.'.join(parts)}.{here.attributes[0].name}, or count its rows.",
            )
        return Found(route, here, self._member(here, rest[0], span))

    def column(self, model: ObjectModel, parts: tuple[str, ...], span: Span, *, via: Route = ()) -> Column:
        """Return the attribute a dotted name means.

        Raises:
            FormulaError: as ``find``, or the name is a segment's.
        """
        found = self.find(model, parts, span, via=via)
        if isinstance(found.member, Segment):
            raise formula_error(f"{'.'.join(parts)} is a condition, not a value.", span)
        return column_of(found.route, found.member)

    def gathered(self, model: ObjectModel, parts: tuple[str, ...], span: Span) -> Gathered | None:
        """Return the first collection a dotted name crosses, or nothing when it crosses none."""
        rest = parts[1:] if parts[0] == model.code and model.attribute(parts[0]) is None else parts
        route: Route = ()
        here = model
        while rest:
            if self.step(here, rest[0]) is not None:
                route = (*route, rest[0])
                here = self._target(here, rest[0], span)
                rest = rest[1:]
                continue
            child, back = self._inverses.get(here.code, {}).get(rest[0], (None, None))
            if child is None or back is None:
                return None
            if back.as_of is not None:
                raise formula_error(
                    f"{rest[0]} belongs to one version of {here.code} each, by {child.code}.{back.as_of}.",
                    span,
                    remedy=f"Match by value: {child.code} on {next(iter(back.on))}.",
                )
            return Gathered(route, child, tuple((there, source) for source, there in back.on.items()), rest[1:])
        return None

    def collections(self, model: ObjectModel) -> list[str]:
        """Return the names of the collections of an object model."""
        return sorted(name for name in self._inverses.get(model.code, {}) if self.step(model, name) is None)

    def end_of(self, model: ObjectModel, route: Route) -> ObjectModel:
        """Return the object model at the end of a route."""
        here = model
        for name in route:
            step = self.step(here, name)
            assert step is not None
            here = self.model(step.target)
        return here

    def routes(self, model: ObjectModel, target: str) -> list[Route]:
        """Return every route of many-to-one relations from one object model to another, the shortest first."""
        return sorted(self._search(model, target, (), frozenset({model.code})), key=lambda route: (len(route), route))

    def _search(self, here: ObjectModel, target: str, route: Route, seen: frozenset[str]) -> Iterator[Route]:
        if len(route) == LONGEST_ROUTE:
            return
        for relation in here.relations:
            longer = (*route, relation.name)
            if relation.target == target:
                yield longer
            elif relation.target not in seen and self._catalog.has_object_model(relation.target):
                yield from self._search(self.model(relation.target), target, longer, seen | {relation.target})

    def _start(
        self, model: ObjectModel, parts: tuple[str, ...], span: Span, via: Route
    ) -> tuple[Route, tuple[str, ...]]:
        head = parts[0]
        if head == model.code:
            return (), parts[1:]
        if model.attribute(head) or model.segment(head) or self.step(model, head):
            return (), parts
        if self._catalog.has_object_model(head):
            return self._route(model, head, span, via), parts[1:]
        raise self._unknown(model, head, span)

    def _route(self, model: ObjectModel, target: str, span: Span, via: Route) -> Route:
        routes = self.routes(model, target)
        chosen = [route for route in routes if _takes(route, via)] if via else routes
        if len(chosen) == 1:
            return chosen[0]
        if not routes:
            raise self._unreachable(model, target, span)
        written = "; ".join(".".join((model.code, *route)) for route in chosen or routes)
        remedy = f"Write one of the paths out, or choose with via {routes[0][0]}."
        if not chosen:
            raise formula_error(f"No path from {model.code} to {target} takes {'.'.join(via)}: {written}.", span,
                                remedy=remedy)  # fmt: skip
        raise formula_error(f"Several paths lead from {model.code} to {target}: {written}.", span, remedy=remedy)

    def _unreachable(self, model: ObjectModel, target: str, span: Span) -> FormulaError:
        back = [name for name, (child, _) in self._inverses.get(model.code, {}).items() if child.code == target]
        if back:
            return self._no_step(model, back[0], span)
        return formula_error(
            f"{target} cannot be reached from {model.code}: no many-to-one relation leads there.",
            span,
            remedy=f"Leave it out, or declare a relation from {model.code} to {target}.",
        )

    def _target(self, here: ObjectModel, name: str, span: Span) -> ObjectModel:
        step = self.step(here, name)
        assert step is not None
        try:
            return self.model(step.target)
        except ObjectModelNotFound as error:
            raise formula_error(
                f"The relation {here.code}.{name} leads to {step.target!r}, which does not exist.",
                span,
                remedy=error.remedy,
            ) from error

    def _member(self, here: ObjectModel, name: str, span: Span) -> Attribute | Segment:
        member = here.attribute(name) or here.segment(name)
        if member is not None:
            return member
        if self.step(here, name) is not None:
            target = self._target(here, name, span)
            raise formula_error(
                f"{name} is a relation, not a value.",
                span,
                remedy=f"Name an attribute of {target.code}, such as {name}.{target.attributes[0].name}.",
            )
        raise self._no_step(here, name, span)

    def _no_step(self, here: ObjectModel, name: str, span: Span) -> FormulaError:
        if name in self._inverses.get(here.code, {}):
            child = self._inverses[here.code][name][0].code
            return formula_error(
                f"{here.code}.{name} are many rows, not one: joined, each {here.code} would be counted once for "
                f"each of its {name}.",
                span,
                remedy=f"Aggregate them for each {here.code}, such as every({here.code}.{name}, ...) or "
                f"count({here.code}.{name}), or aggregate the rows of {child} themselves.",
            )
        if here.attribute(name) is not None or here.segment(name) is not None:
            return formula_error(
                f"{here.code}.{name} is a value, so no name stands behind it.", span, remedy="Leave out what follows."
            )
        return self._unknown(here, name, span)

    def _unknown(self, here: ObjectModel, name: str, span: Span) -> FormulaError:
        known = [
            *(attribute.name for attribute in here.attributes),
            *(relation.name for relation in here.relations),
            *(segment.name for segment in here.segments),
        ]
        listed = did_you_mean(name, known) or f"It has: {', '.join(known)}."
        return formula_error(f"{here.code} has no attribute or relation {name!r}.", span, remedy=listed)


def column_of(route: Route, attribute: Attribute) -> Column:
    """Return an attribute at the end of a route."""
    return Column(
        relations=route,
        attribute=attribute.name,
        type=attribute.type,
        unit=Unit.parse(attribute.unit),
        nullable=attribute.nullable or bool(route),
    )


def _takes(route: Route, via: Route) -> bool:
    """Return whether a route follows these relations, in this order, perhaps with others between."""
    remaining = iter(route)
    return all(name in remaining for name in via)
