"""What is remembered of the changes of fact tables: which were asked for, how far they are, what can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.model.object_model import DataType

_SQL = load_queries(__package__)


class ChangeKind(StrEnum):
    RENAME = "rename"
    RETYPE = "retype"
    DROP = "drop"


class ChangeStatus(StrEnum):
    """``filling``: values are being converted. ``filled``: they are, and the definition is waited for.

    ``done`` can be undone; ``confirmed`` cannot any more.
    """

    FILLING = "filling"
    FILLED = "filled"
    DONE = "done"
    CONFIRMED = "confirmed"
    UNDONE = "undone"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        return self in {ChangeStatus.FILLING, ChangeStatus.FILLED}


@dataclass(frozen=True)
class TableChange:
    """One column's change; ``column`` is its name before. ``part`` and ``block`` are where a filling goes on."""

    id: int
    object_model: str
    kind: ChangeKind
    column: str
    new_name: str | None
    from_type: DataType | None
    to_type: DataType | None
    status: ChangeStatus
    detail: str
    part: int | None
    block: int
    blocks_done: int
    blocks: int
    client_id: str
    asked_by: str
    asked_at: datetime
    changed_at: datetime
    done_at: datetime | None
    kept_until: datetime | None

    @property
    def has_keeper(self) -> bool:
        """Whether a trigger keeps a column beside this one in step."""
        return self.kind is ChangeKind.RETYPE and (self.status.is_open or self.status is ChangeStatus.DONE)

    @property
    def fresh_column(self) -> str:
        """The column that is filled; no attribute can have its name."""
        return f"_ae_{self.id}_new"

    @property
    def kept_column(self) -> str:
        """The column as it was before, kept until the change is confirmed."""
        return f"_ae_{self.id}_old"

    @property
    def keeper(self) -> str:
        """The trigger, and its function, that keep the one column in step with the other."""
        return f"_ae_keep_{self.id}"


async def of_table(connection: Connection, code: str) -> list[TableChange]:
    """Return all changes of a table, oldest first."""
    return [_change(row) for row in await connection.fetch(_SQL["changes_of_table"], code)]


async def being_done(connection: Connection) -> list[TableChange]:
    """Return the changes of all tables that are not finished, and those whose time to be undone is over."""
    return [_change(row) for row in await connection.fetch(_SQL["changes_being_done"])]


async def find(connection: Connection, change_id: int) -> TableChange | None:
    row = await connection.fetch_one(_SQL["change"], change_id)
    return None if row is None else _change(row)


async def add(
    connection: Connection,
    code: str,
    kind: ChangeKind,
    column: str,
    *,
    status: ChangeStatus,
    new_name: str | None = None,
    types: tuple[DataType, DataType] | None = None,
    keep_s: float | None = None,
    asked_by: str = "",
    client_id: str = "",
) -> TableChange:
    """Note a change and return it with its number."""
    from_type, to_type = (types[0].value, types[1].value) if types else (None, None)
    row = await connection.fetch_one(
        _SQL["add_change"],
        code, kind.value, column, new_name, from_type, to_type, status.value, keep_s, asked_by, client_id,
    )  # fmt: skip
    assert row is not None
    return _change(row)


async def note(connection: Connection, change: TableChange, status: ChangeStatus, detail: str = "") -> None:
    await connection.execute(_SQL["note_change"], change.id, status.value, detail)


async def note_name(connection: Connection, change: TableChange, column: str) -> None:
    """Note what the column of a change is called now."""
    await connection.execute(_SQL["note_name"], change.id, column)


async def note_progress(
    connection: Connection, change: TableChange, *, part: int | None, block: int, blocks_done: int, blocks: int
) -> None:
    await connection.execute(_SQL["note_progress"], change.id, part, block, blocks_done, blocks)


def former_names(changes: Iterable[TableChange]) -> dict[str, str]:
    """Return the names that columns had before, and what each was called next; changes are given oldest first."""
    names: dict[str, str] = {}
    for change in changes:
        if change.kind is ChangeKind.RENAME and change.status is ChangeStatus.DONE and change.new_name is not None:
            names.pop(change.new_name, None)
            names[change.column] = change.new_name
    return names


def _change(row: Row) -> TableChange:
    return TableChange(
        id=row["id"],
        object_model=row["object_model"],
        kind=ChangeKind(row["kind"]),
        column=row["column_name"],
        new_name=row["new_name"],
        from_type=row["from_type"] and DataType(row["from_type"]),
        to_type=row["to_type"] and DataType(row["to_type"]),
        status=ChangeStatus(row["status"]),
        detail=row["detail"],
        part=row["part"],
        block=row["block"],
        blocks_done=row["blocks_done"],
        blocks=row["blocks"],
        client_id=row["client_id"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        changed_at=row["changed_at"],
        done_at=row["done_at"],
        kept_until=row["kept_until"],
    )
