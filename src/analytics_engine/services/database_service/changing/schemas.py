"""Plans and changes on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.base import Name
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.services.database_service.tables.table_changes import ChangeKind, ChangeStatus, TableChange


class PlanRequest(WireModel):
    """What a table is to become: by default what the present definition says."""

    definition: ObjectModel | None = Field(default=None, description="a version that is not saved yet")
    drop: tuple[Name, ...] = Field(
        default=(), max_length=100, description="columns without an attribute, to be dropped"
    )


class ApplyRequest(PlanRequest):
    """``confirm``: conversions that not every value may have are wanted."""

    confirm: bool = False


class StepKind(StrEnum):
    ADD = "add"
    RENAME = "rename"
    RETYPE = "retype"
    DROP = "drop"
    MAKE_OPTIONAL = "make_optional"
    MAKE_REQUIRED = "make_required"


class Unconverted(WireModel):
    """Values that have no equal of the new type; ``examples`` are of the asking client's rows only."""

    values: int
    examples: tuple[str, ...]


class PlannedStep(WireModel):
    """One thing to be done to a table.

    ``estimated_rows`` is of all clients. ``locks`` says who waits, and for how long. ``refused`` says why the step
    cannot be done; empty where it can. ``automatic`` steps are done once the definition is saved.
    """

    kind: StepKind
    columns: tuple[str, ...]
    from_type: DataType | None = None
    to_type: DataType | None = None
    estimated_rows: int
    automatic: bool
    locks: str
    undo: str
    rollups: tuple[str, ...] = Field(default=(), description="rollups that read the column: retired, and made anew")
    kpis: tuple[str, ...] = Field(default=(), description="KPIs that read it by this name")
    views: tuple[str, ...] = Field(default=(), description="views that read it, which are not the product's")
    unconverted: Unconverted | None = None
    needs_confirmation: bool = False
    warnings: tuple[str, ...] = ()
    refused: str = ""


class TablePlan(WireModel):
    """The steps from a table as it is to what is wanted; none where it is that already."""

    object_model: str
    model_version: int | None = Field(description="the definition's version; null for one that is not saved")
    steps: tuple[PlannedStep, ...]


class ChangeState(WireModel):
    """A change of a column, how far it is, and whether it can be undone."""

    id: int
    kind: ChangeKind
    column: str
    new_name: str | None
    from_type: DataType | None
    to_type: DataType | None
    status: ChangeStatus
    detail: str
    progress: float = Field(ge=0, le=1)
    can_be_undone: bool
    asked_by: str
    asked_at: AwareDatetime
    changed_at: AwareDatetime
    done_at: AwareDatetime | None
    kept_until: AwareDatetime | None

    @classmethod
    def of(cls, change: TableChange) -> Self:
        return cls(
            id=change.id,
            kind=change.kind,
            column=change.column,
            new_name=change.new_name,
            from_type=change.from_type,
            to_type=change.to_type,
            status=change.status,
            detail=change.detail,
            progress=_progress(change),
            can_be_undone=change.status.is_open or change.status is ChangeStatus.DONE,
            asked_by=change.asked_by,
            asked_at=change.asked_at,
            changed_at=change.changed_at,
            done_at=change.done_at,
            kept_until=change.kept_until,
        )


def _progress(change: TableChange) -> float:
    if change.status is not ChangeStatus.FILLING:
        return 1.0
    return min(change.blocks_done / change.blocks, 1.0) if change.blocks else 0.0
