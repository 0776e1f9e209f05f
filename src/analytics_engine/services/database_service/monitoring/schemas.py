from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from analytics_engine.contracts.wire import WireModel


class Session(BaseModel):
    """A connection to the database server, and what it is doing."""

    pid: int
    login: str
    application: str
    state: str | None
    wait_event_type: str | None
    wait_event: str | None
    transaction_s: float | None
    statement_s: float | None
    waiting_s: float | None = Field(description="how long it has been waiting for a lock")
    blocked_by: list[int] = Field(description="the sessions it waits for; 0 is a prepared transaction")
    statement: str


class BlockingSession(Session):
    """A session that others wait for, and those that do, each with those that wait for it in turn."""

    blocks: list[BlockingSession] = []


class SignalledSession(WireModel):
    """A session that was told to stop its statement, or to end."""

    pid: int
    login: str
    application: str
    action: Literal["cancel", "terminate"]


class StatementOrder(StrEnum):
    """What statements are ordered by, the most first."""

    MEAN = "mean"
    TOTAL = "total"
    MAX = "max"
    CALLS = "calls"
    ROWS = "rows"


class SlowQuery(BaseModel):
    """A statement, all of whose runs are summed up, in milliseconds."""

    query_id: str
    login: str
    calls: int
    total_exec_time_ms: float
    mean_exec_time_ms: float
    max_exec_time_ms: float
    rows: int
    shared_blks_hit: int
    shared_blks_read: int
    statement: str


class LoginConnections(WireModel):
    """One login's connections to the server, to whatever database."""

    login: str
    used: int = Field(description="connections that are doing something or are in a transaction")
    idle: int
    idle_in_transaction: int = Field(description="those of the used ones that wait for their own client")
    limit: int | None = Field(description="the most this login may open: by its role, or by its service's settings")
    share: int | None = Field(description="the most its service opens by the settings; null for other logins")


class BudgetVerdict(StrEnum):
    """Whether the server admits all connections that the services may open."""

    FITS = "fits"
    TOO_SMALL = "too_small"


class ConnectionReport(WireModel):
    """The connection budget, and the connections there are."""

    max_connections: int
    reserved: int = Field(description="connections that only administrators get")
    database_limit: int | None = Field(description="the limit of this database, where it has one")
    available: int = Field(description="connections there are for the services and all others")
    budget: int = Field(description="the most that all processes of all services open, by the settings")
    others: int = Field(description="connections kept for report writers, migrations, backups and people")
    in_use: int = Field(description="connections that are open now, idle or not")
    verdict: BudgetVerdict
    detail: str
    remedy: str
    logins: tuple[LoginConnections, ...]


class Bloat(WireModel):
    """Room in a table's files that its rows do not need; vacuum lets new rows use it, and gives little of it back."""

    bytes: int
    share: float = Field(description="of the pages looked at, from 0 to 1")
    covers_bytes: int = Field(
        description="the size of the pages that this was told of; parts without statistics are not"
    )
    method: Literal["estimated", "measured"] = Field(
        description="estimated from the planner's statistics of the rows' width, or measured by pgstattuple"
    )


class TableStorage(WireModel):
    """What a table takes, its partitions or chunks summed up. Rows are estimates, counters since statistics began."""

    schema_name: str
    name: str
    parts: int = Field(description="partitions or chunks")
    heap_bytes: int
    index_bytes: int
    toast_bytes: int = Field(description="long values kept apart from their rows")
    total_bytes: int
    estimated_rows: int
    dead_rows: int
    last_vacuum: AwareDatetime | None
    last_autovacuum: AwareDatetime | None
    last_analyze: AwareDatetime | None
    last_autoanalyze: AwareDatetime | None
    sequential_scans: int
    rows_read_sequentially: int
    index_scans: int
    bloat: Bloat | None = Field(description="null where nothing is known of the rows' width: a table never analyzed")


class TableReport(WireModel):
    """All tables of the database, the largest first."""

    statistics_since: AwareDatetime | None = Field(description="when counting began anew; null: never since the start")
    tables: tuple[TableStorage, ...]


class IndexStorage(WireModel):
    """An index, those of its table's partitions or chunks summed up."""

    schema_name: str
    table: str
    name: str
    columns: tuple[str, ...]
    included: tuple[str, ...]
    method: str
    predicate: str | None
    primary_key: bool
    enforces: bool = Field(description="it keeps rows unique or apart, so it is needed even if nothing is read by it")
    valid: bool = Field(description="false after a CREATE INDEX CONCURRENTLY that failed: it is written and not read")
    parts: int
    size_bytes: int
    scans: int
    last_used: AwareDatetime | None = Field(description="PostgreSQL 16 and newer know it")
    unused: bool = Field(description="nothing was read by it since statistics began, and it enforces nothing")
    duplicates: tuple[str, ...] = Field(description="other indexes of the same table on the same columns")
    covered_by: str | None = Field(description="an index that begins with the same columns, and so does its work too")


class PredicateColumn(WireModel):
    """A column that statements compare and no index leads to."""

    column: str
    calls: int


class IndexAdvice(WireModel):
    """A table that is read from end to end, often and at length."""

    schema_name: str
    table: str
    sequential_scans: int
    rows_per_scan: int
    index_scans: int
    columns: tuple[PredicateColumn, ...] = Field(
        description="what the server's statement statistics show for certain, by calls; empty where they show nothing"
    )
    advice: str


class IndexReport(WireModel):
    """All indexes, the largest first, and the tables that may lack one."""

    statistics_since: AwareDatetime | None = Field(description="when counting began anew; null: never since the start")
    indexes: tuple[IndexStorage, ...]
    missing: tuple[IndexAdvice, ...]
