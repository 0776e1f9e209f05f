"""Names to attributes: along many-to-one relations only, so that no row is ever repeated."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.errors import FormulaError, ObjectModelNotFound
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Column
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

LONGEST_ROUTE = 6
"""How many relations a path may follow."""

Route = tuple[str, ...]


class Paths:
    """Resolves dotted names against the object models of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def has_model(self, name: str) -> bool:
        return self._catalog.has_object_model(name)

    def model(self, code: str) -> ObjectModel:
        return self._catalog.object_model(code).definition

    def column(self, model: ObjectModel, parts: tuple[str, ...], span: Span, *, via: Route = ()) -> Column:
        """Return the attribute a dotted name means, seen from the rows of an object model.

        The name starts with the object model itself, one of its attributes or relations, or another object
        model that many-to-one relations lead to.

        Raises:
            FormulaError: a part is unknown, several routes lead there, or none does.
        """
        route, rest = self._start(model, parts, span, via)
        here = self.end_of(model, route)
        while len(rest) > 1:
            relation = here.relation(rest[0])
            if relation is None:
                raise self._unknown(here, rest[0], span)
            route = (*route, rest[0])
            here = self._target(here, rest[0], span)
            rest = rest[1:]
        if not rest:
            raise formula_error(
                f"{'.'.join(parts)} is an object model, not a value.",
                span,
                remedy=f"Name an attribute, such as {'.'.join(parts)}.{here.attributes[0].name}, or count its rows.",
            )
        return self._attribute(here, route, rest[0], span)

    def end_of(self, model: ObjectModel, route: Route) -> ObjectModel:
        """Return the object model at the end of a route."""
        here = model
        for name in route:
            relation = here.relation(name)
            assert relation is not None
            here = self.model(relation.target)
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
        if model.attribute(head) or model.relation(head):
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
            raise formula_error(
                f"{target} cannot be reached from {model.code}: no many-to-one relation leads there.",
                span,
                remedy=f"Leave it out, or declare a relation from {model.code} to {target}.",
            )
        written = "; ".join(".".join((model.code, *route)) for route in chosen or routes)
        remedy = f"Write one of the paths out, or choose with via {routes[0][0]}."
        if not chosen:
            raise formula_error(f"No path from {model.code} to {target} takes {'.'.join(via)}: {written}.", span,
                                remedy=remedy)  # fmt: skip
        raise formula_error(f"Several paths lead from {model.code} to {target}: {written}.", span, remedy=remedy)

    def _target(self, here: ObjectModel, name: str, span: Span) -> ObjectModel:
        relation = here.relation(name)
        assert relation is not None
        try:
            return self.model(relation.target)
        except ObjectModelNotFound as error:
            raise formula_error(
                f"The relation {here.code}.{name} leads to {relation.target!r}, which does not exist.",
                span,
                remedy=error.remedy,
            ) from error

    def _attribute(self, here: ObjectModel, route: Route, name: str, span: Span) -> Column:
        attribute = here.attribute(name)
        if attribute is None and here.relation(name) is not None:
            target = self._target(here, name, span)
            raise formula_error(
                f"{name} is a relation, not a value.",
                span,
                remedy=f"Name an attribute of {target.code}, such as {name}.{target.attributes[0].name}.",
            )
        if attribute is None:
            raise self._unknown(here, name, span)
        return Column(
            relations=route,
            attribute=name,
            type=attribute.type,
            unit=Unit.parse(attribute.unit),
            nullable=attribute.nullable or bool(route),
        )

    def _unknown(self, here: ObjectModel, name: str, span: Span) -> FormulaError:
        known = [
            *(attribute.name for attribute in here.attributes),
            *(relation.name for relation in here.relations),
        ]
        listed = did_you_mean(name, known) or f"It has: {', '.join(known)}."
        return formula_error(f"{here.code} has no attribute or relation {name!r}.", span, remedy=listed)


def _takes(route: Route, via: Route) -> bool:
    """Return whether a route follows these relations, in this order, perhaps with others between."""
    remaining = iter(route)
    return all(name in remaining for name in via)
