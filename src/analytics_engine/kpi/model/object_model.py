"""Object models: the entities KPIs are computed from. One definition feeds DDL, ingest, diagrams and mapping."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from analytics_engine.kpi.model.base import Code, Definition, Name


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
    ``values`` lists the allowed members of a small value list; empty allows any.
    """

    name: Name
    type: DataType
    description: str = ""
    unit: str = ""
    nullable: bool = True
    values: tuple[str, ...] = ()


class Relation(Definition):
    """A path from one object model to another: every row here belongs to at most one row there.

    ``on`` gives, for each key attribute of the target, the attribute here that holds it.
    """

    name: Name
    target: Name
    cardinality: Cardinality = Cardinality.MANY_TO_ONE
    on: dict[Name, Name] = Field(min_length=1, description="attribute here: key attribute of the target")
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
    relations: tuple[Relation, ...] = ()
    binding: Binding | None = None

    def attribute(self, name: str) -> Attribute | None:
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def relation(self, name: str) -> Relation | None:
        return next((relation for relation in self.relations if relation.name == name), None)

    @property
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
        clashes = sorted(set(names) & set(relation_names))
        if clashes:
            raise ValueError(f"names of both an attribute and a relation: {', '.join(clashes)}")
        self._check_named("key", self.key)
        for relation in self.relations:
            self._check_named(f"relation {relation.name}", tuple(relation.on))
        self._check_time()
        return self

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
        self._check_named("time_attribute", (self.time_attribute,))
        attribute = self.attribute(self.time_attribute)
        assert attribute is not None
        if not attribute.type.temporal:
            raise ValueError(f"time_attribute {attribute.name!r} must be a date or a timestamp")
        if attribute.nullable:
            raise ValueError(f"time_attribute {attribute.name!r} must not be nullable")
