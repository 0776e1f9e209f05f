"""Object models: the entities KPIs are computed from. One definition feeds DDL, ingest, diagrams and mapping."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from analytics_engine.kpi.model.base import Code, Definition, Name

_SECONDS = {"hour": 3_600, "day": 86_400, "week": 604_800}


class DataType(StrEnum):
    """The type of an attribute. ``timestamp`` is an instant (UTC), ``date`` has no zone."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"

    @property
    def numeric(self) -> bool:
        return self in {DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT}

    @property
    def temporal(self) -> bool:
        return self in {DataType.DATE, DataType.TIMESTAMP}


class Nature(StrEnum):
    """What a row stands for: something that happened, a state at an instant, a span, or a thing."""

    EVENT = "event"
    SNAPSHOT = "snapshot"
    INTERVAL = "interval"
    DIMENSION = "dimension"


class Cardinality(StrEnum):
    MANY_TO_ONE = "many_to_one"
    ONE_TO_ONE = "one_to_one"


class Attribute(Definition):
    """A property of an object model.

    ``unit`` is written as a product of powers, such as ``USD``, ``min`` or ``kg/km``; empty for no unit.
    ``values`` lists the allowed members of a small value list; empty allows any. ``renamed_from`` is the name it had
    in an earlier version: its values are kept under the new one. Without it a new name is a new attribute.
    """

    name: Name
    type: DataType
    description: str = ""
    unit: str = ""
    nullable: bool = True
    values: tuple[str, ...] = ()
    currency: Name | None = Field(default=None, description="the attribute that names the currency of this amount")
    renamed_from: Name | None = Field(default=None, description="the name it had before; its values go along")


class Segment(Definition):
    """A named condition on the rows of an object model, used like an attribute that is true or false."""

    name: Name
    condition: str = Field(min_length=1, max_length=20_000)
    description: str = ""


class Relation(Definition):
    """A path from one object model to another: every row here belongs to at most one row there.

    ``on`` gives, for each key attribute of the target, the attribute here that holds it. With ``as_of`` the target
    is an interval object model, ``on`` names its series, and the moment in ``as_of`` chooses the version that was
    valid then. ``inverse`` names, on the target, the collection of the rows here that point to it.
    """

    name: Name
    target: Name
    cardinality: Cardinality = Cardinality.MANY_TO_ONE
    on: dict[Name, Name] = Field(min_length=1, description="attribute here: key attribute of the target")
    as_of: Name | None = Field(default=None, description="the date or timestamp here that chooses the version there")
    inverse: Name | None = Field(default=None, description="the collection's name there; by default the code here")
    description: str = ""


class Binding(Definition):
    """Where the rows are held. By default ``facts.<code>``, made and kept by database_service."""

    engine: str = "postgres"
    schema_name: Name = "facts"
    table: Name
    client_column: Name = "client_id"


class ObjectModel(Definition):
    """An entity with attributes, a key, a default time attribute (none for dimensions) and relations."""

    code: Name
    name: str = Field(min_length=1)
    description: str = ""
    modules: tuple[Code, ...] = ()
    nature: Nature
    attributes: tuple[Attribute, ...] = Field(min_length=1)
    key: tuple[Name, ...] = Field(min_length=1)
    time_attribute: Name | None = None
    valid_from: Name | None = Field(default=None, description="of an interval: when a row begins to hold")
    valid_to: Name | None = Field(
        default=None, description="of an interval: when it ceases to hold; null: it still does"
    )
    staleness: str = Field(default="", description="of a snapshot: how old the last one may be, such as 7 days")
    relations: tuple[Relation, ...] = ()
    segments: tuple[Segment, ...] = ()
    binding: Binding | None = None

    def attribute(self, name: str) -> Attribute | None:
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def relation(self, name: str) -> Relation | None:
        return next((relation for relation in self.relations if relation.name == name), None)

    def segment(self, name: str) -> Segment | None:
        return next((segment for segment in self.segments if segment.name == name), None)

    @property
    def series(self) -> tuple[str, ...]:
        """What identifies a thing whose states the rows are: the key without the time of the state."""
        moment = self.valid_from if self.nature is Nature.INTERVAL else self.time_attribute
        if self.nature not in {Nature.INTERVAL, Nature.SNAPSHOT}:
            return self.key
        return tuple(name for name in self.key if name != moment) or self.key

    @property
    def staleness_s(self) -> int | None:
        """How old, in seconds, a snapshot may be and still count; None for any age."""
        if not self.staleness:
            return None
        count, _, unit = self.staleness.partition(" ")
        return int(count) * _SECONDS[unit.removesuffix("s")]

    @cached_property
    def bound_to(self) -> Binding:
        return self.binding or Binding(table=self.code)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        names = [attribute.name for attribute in self.attributes]
        if "client_id" in names:
            raise ValueError("client_id is kept by the system; leave it out of the attributes")
        duplicates = sorted({name for name in names if names.count(name) > 1})
        if duplicates:
            raise ValueError(f"attributes named twice: {', '.join(duplicates)}")
        relation_names = [relation.name for relation in self.relations]
        segment_names = [segment.name for segment in self.segments]
        every_name = [*names, *relation_names, *segment_names]
        clashes = sorted({name for name in every_name if every_name.count(name) > 1})
        if clashes:
            raise ValueError(f"names of more than one attribute, relation or segment: {', '.join(clashes)}")
        self._check_named("key", self.key)
        for relation in self.relations:
            self._check_named(f"relation {relation.name}", tuple(relation.on))
            if relation.as_of is not None:
                self._check_moment(f"as_of of relation {relation.name}", relation.as_of)
        for attribute in self.attributes:
            if attribute.currency is not None:
                self._check_named(f"currency of {attribute.name}", (attribute.currency,))
        self._check_renames(names)
        self._check_time()
        self._check_validity()
        self._check_staleness()
        return self

    def _check_renames(self, names: list[str]) -> None:
        before = [attribute.renamed_from for attribute in self.attributes if attribute.renamed_from is not None]
        for attribute in self.attributes:
            old = attribute.renamed_from
            if old is None:
                continue
            if old in {*names, "client_id"}:
                raise ValueError(f"{attribute.name} is renamed_from {old!r}, which is an attribute still")
            if before.count(old) > 1:
                raise ValueError(f"{old!r} is named by renamed_from of more than one attribute")

    def _check_named(self, place: str, names: tuple[str, ...]) -> None:
        for name in names:
            if self.attribute(name) is None:
                known = ", ".join(attribute.name for attribute in self.attributes)
                raise ValueError(f"{place} names {name!r}, which is not an attribute; there are: {known}")

    def _check_time(self) -> None:
        if self.time_attribute is None:
            if self.nature is not Nature.DIMENSION:
                raise ValueError(f"an object model of nature {self.nature} needs a time_attribute")
            return
        attribute = self._check_moment("time_attribute", self.time_attribute)
        if attribute.nullable:
            raise ValueError(f"time_attribute {attribute.name!r} must not be nullable")

    def _check_moment(self, place: str, name: str) -> Attribute:
        self._check_named(place, (name,))
        attribute = self.attribute(name)
        assert attribute is not None
        if not attribute.type.temporal:
            raise ValueError(f"{place} {name!r} must be a date or a timestamp")
        return attribute

    def _check_validity(self) -> None:
        if self.nature is not Nature.INTERVAL:
            if self.valid_from is not None or self.valid_to is not None:
                raise ValueError("valid_from and valid_to are for an object model of nature interval")
            return
        if self.valid_from is None or self.valid_to is None:
            raise ValueError("an object model of nature interval needs valid_from and valid_to")
        begins = self._check_moment("valid_from", self.valid_from)
        ends = self._check_moment("valid_to", self.valid_to)
        if begins.nullable:
            raise ValueError(f"valid_from {begins.name!r} must not be nullable")
        if begins.type is not ends.type:
            raise ValueError("valid_from and valid_to must both be dates or both be timestamps")

    def _check_staleness(self) -> None:
        if not self.staleness:
            return
        if self.nature is not Nature.SNAPSHOT:
            raise ValueError("staleness is for an object model of nature snapshot")
        if not re.fullmatch(r"[1-9]\d{0,5} (hour|day|week)s?", self.staleness):
            raise ValueError(f"staleness {self.staleness!r} is not a span of time such as 7 days or 36 hours")
