"""What an object model's new version means for its table: columns to add, or a refusal that says what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics_engine.errors import Conflict
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.tables import ddl
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable


@dataclass(frozen=True)
class Extension:
    """The table as it will be, and the statements that make it so; none where it is so already."""

    table: FactTable
    statements: tuple[str, ...]


def extension(table: FactTable, model: ObjectModel) -> Extension:
    """Return how a table is extended so that it holds a new version of its object model.

    A column is never dropped or retyped: an attribute that is gone leaves its column, empty in new rows.

    Raises:
        Conflict: the version cannot be held in this table; nothing was changed.
    """
    _refuse_new_identity(table, model)
    columns = dict(table.columns)
    statements: list[str] = []
    for attribute in model.attributes:
        present = columns.get(attribute.name)
        if present is None:
            columns[attribute.name] = added = Column(attribute.type, required=False)
            statements.append(ddl.add_column(table, attribute.name, added))
        elif present.type is not attribute.type:
            raise _conflict(
                model,
                f"the attribute {attribute.name} is {attribute.type.value} in the definition and "
                f"{present.type.value} in its table",
                f"Give the attribute a new name, or put its type back to {present.type.value}.",
            )
    for name, present in table.columns.items():
        if present.required and not _required(model, name):
            columns[name] = Column(present.type, required=False)
            statements.append(ddl.make_optional(table, name))
    return Extension(replace(table, columns=columns), tuple(statements))


def _required(model: ObjectModel, name: str) -> bool:
    attribute = model.attribute(name)
    return attribute is not None and (not attribute.nullable or name in {*model.key, model.time_attribute})


def _refuse_new_identity(table: FactTable, model: ObjectModel) -> None:
    if model.key != table.key:
        raise _conflict(
            model,
            f"its key is ({', '.join(model.key)}) in the definition and ({', '.join(table.key)}) in its table",
            "Give the object model a new code, or put the key back.",
        )
    if model.time_attribute != table.time_attribute:
        raise _conflict(
            model,
            f"its time attribute is {model.time_attribute} in the definition and {table.time_attribute} in its table",
            "Give the object model a new code, or put the time attribute back.",
        )


def _conflict(model: ObjectModel, difference: str, remedy: str) -> Conflict:
    return Conflict(
        f"The object model {model.code} cannot be held in its table any more: {difference}.",
        remedy=remedy,
        object_model=model.code,
    )
