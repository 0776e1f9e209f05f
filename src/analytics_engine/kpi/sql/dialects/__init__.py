"""The engines' dialects of SQL."""

from __future__ import annotations

from analytics_engine.kpi.sql.dialects.clickhouse import CLICKHOUSE
from analytics_engine.kpi.sql.dialects.dialect import Dialect
from analytics_engine.kpi.sql.dialects.duckdb import DUCKDB
from analytics_engine.kpi.sql.dialects.postgres import POSTGRES
from analytics_engine.kpi.sql.dialects.spark import SPARK

__all__ = ["CLICKHOUSE", "DUCKDB", "POSTGRES", "SPARK", "Dialect"]
