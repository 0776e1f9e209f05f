"""What an object model's new version means for its table: what is to be done, or a refusal that says what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analytics_engine.errors import Conflict
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.services.database_service.tables import ddl
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable


@dataclass(frozen=True)
class Retyped:
    """A column that is of another type than its attribute; ``column`` is its name in the table as it is."""

    column: str
    attribute: str
    present: DataType
    wanted: DataType


@dataclass(frozen=True)
class Extension:
    """What is to be done to a table so that it holds a version of its object model, in this order.

    Args:
        table: the table as it will be, with the types that it has.
        retyped: columns whose values have to be converted, which takes time.
        renames: columns that are called otherwise from now on: the present name, the new one.
        added, made_optional: columns that are new, and those that may be empty from now on.
    """

    table: FactTable
    retyped: tuple[Retyped, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()
    made_optional: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        return bool(self.retyped or self.renames or self.added or self.made_optional)

    @property
    def statements(self) -> Iterator[str]:
        """Yield the statements that rename, add and make optional."""
        for old, new in self.renames:
            yield ddl.rename_column(self.table, old, new)
        for name in self.added:
            yield ddl.add_column(self.table, name, self.table.columns[name])
        for name in self.made_optional:
            yield ddl.make_optional(self.table, name)


def extension(table: FactTable, model: ObjectModel, formerly: Mapping[str, str] | None = None) -> Extension:
    """Return what is to be done to a table so that it holds a version of its object model.

    A column is never dropped by that: an attribute that is gone leaves its column, empty in new rows.

    Args:
        table: the table as it is.
        model: the version.
        formerly: names that columns had before, and what these are called now.

    Raises:
        Conflict: the version cannot be held in this table; nothing was changed.
    """
    _refuse_new_identity(table, model)
    formerly = formerly or {}
    renames = dict(_renames(table, model, formerly))
    columns = {renames.get(name, name): what for name, what in table.columns.items()}
    before = {new: old for old, new in renames.items()}
    retyped: list[Retyped] = []
    added: list[str] = []
    for attribute in model.attributes:
        present = columns.get(attribute.name)
        if present is None:
            _refuse_former_name(model, table, attribute.name, formerly)
            columns[attribute.name] = Column(attribute.type, required=False)
            added.append(attribute.name)
        elif present.type is not attribute.type:
            column = before.get(attribute.name, attribute.name)
            retyped.append(Retyped(column, attribute.name, present.type, attribute.type))
    optional = [name for name, present in columns.items() if present.required and not _required(model, name)]
    columns |= {name: Column(columns[name].type, required=False) for name in optional}
    return Extension(
        replace(table, columns=columns), tuple(retyped), tuple(renames.items()), tuple(added), tuple(optional)
    )


def refuse_retyped(model: ObjectModel, retyped: Retyped) -> Conflict:
    """Return why a version whose column is of another type is not held yet."""
    return _conflict(
        model,
        f"the attribute {retyped.attribute} is {retyped.wanted.value} in the definition and "
        f"{retyped.present.value} in its table",
        f"Have the values converted by POST /object-models/{model.code}/table/apply (the plan beside it tells what "
        f"that takes), give the attribute a new name, or put its type back to {retyped.present.value}.",
    )


def _renames(table: FactTable, model: ObjectModel, formerly: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for attribute in model.attributes:
        old, new = attribute.renamed_from, attribute.name
        if old is None or old not in table.columns:
            continue
        if new not in table.columns:
            yield old, new
        elif old not in formerly:
            raise _conflict(
                model,
                f"{new} is renamed_from {old}, but both are columns of it: {new} was added before it was told that it "
                f"is {old}",
                f"Take {new} out of the definition, drop its column (POST /object-models/{model.code}/table/apply), "
                "and then define it with renamed_from.",
            )


def _refuse_former_name(model: ObjectModel, table: FactTable, name: str, formerly: Mapping[str, str]) -> None:
    """Return when a name is new, or meant for something else: who has the present name beside it knows of both."""
    present, seen = name, {name}
    while (following := formerly.get(present)) is not None and following not in seen:
        present = following
        seen.add(present)
    if present != name and present in table.columns and model.attribute(present) is None:
        raise _conflict(
            model,
            f"the column of {name} is called {present} now",
            f"Call the attribute {present} in this definition too; or undo the renaming "
            f"(GET /object-models/{model.code}/table/changes).",
        )


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
    for name in dict.fromkeys((*table.key, table.time_attribute)):
        attribute = None if name is None else model.attribute(name)
        if name is not None and attribute is not None and attribute.type is not table.columns[name].type:
            raise _conflict(
                model,
                f"{name} is {attribute.type.value} in the definition and {table.columns[name].type.value} in its "
                "table; rows are told apart and put into their place in time by it, so that it keeps its type",
                f"Give the object model a new code, or put the type back to {table.columns[name].type.value}.",
            )


def _conflict(model: ObjectModel, difference: str, remedy: str) -> Conflict:
    return Conflict(
        f"The object model {model.code} cannot be held in its table any more: {difference}.",
        remedy=remedy,
        object_model=model.code,
    )
