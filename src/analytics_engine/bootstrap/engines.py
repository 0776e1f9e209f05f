"""Which engine holds the rows of object models and runs the statements: the database, or another one by its URL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from analytics_engine.adapters.engines.archive import Archive
from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.contracts.engine import Engine
from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.ports.database import Database

_CLICKHOUSE = frozenset({"clickhouse", "clickhouses", "http", "https", "chdb"})


def engine_at(url: str | None, database: Database, *, timeout_s: float, archive: Archive | None = None) -> Engine:
    """Return the engine a URL names; without one the rows are in the database.

    Raises:
        InvalidSetting: there is no engine for such a URL, or its driver is not installed.
    """
    if not url:
        return PostgresEngine(database, archive)
    scheme = urlsplit(url).scheme
    try:
        if scheme == "duckdb":
            from analytics_engine.adapters.engines.duckdb import DuckDbEngine

            return DuckDbEngine(Path(urlsplit(url).path), timeout_s=timeout_s)
        if scheme in _CLICKHOUSE:
            from analytics_engine.adapters.engines.clickhouse import ClickHouseEngine

            return ClickHouseEngine(url, timeout_s=timeout_s)
        if scheme == "sc":
            from analytics_engine.adapters.engines.spark import SparkEngine

            return SparkEngine(url, timeout_s=timeout_s)
    except ImportError as error:
        raise InvalidSetting(
            f"AE_ENGINE_URL names an engine whose driver is not installed: {error.name}.",
            remedy="Install the extra it needs: analytics-engine[duckdb], [clickhouse] or [spark].",
            setting="AE_ENGINE_URL",
        ) from error
    raise InvalidSetting(
        f"AE_ENGINE_URL: there is no engine for {scheme or url!r}.",
        remedy="Use duckdb:///path/to.duckdb, clickhouse://user:password@host:8123, or sc://host:15002; leave it out "
        "to answer from DATABASE_URL.",
        setting="AE_ENGINE_URL",
    )
