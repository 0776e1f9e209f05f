"""The engines' dialects of SQL."""

from __future__ import annotations

from analytics_engine.kpi.sql.dialects.dialect import Dialect
from analytics_engine.kpi.sql.dialects.postgres import POSTGRES

__all__ = ["POSTGRES", "Dialect"]
