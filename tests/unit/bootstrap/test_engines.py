"""A URL names the engine that holds the rows; a wrong one is told of when the service starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap.engines import engine_at
from analytics_engine.errors import InvalidSetting

DATABASE = PostgresDatabase(
    "postgresql://nobody@127.0.0.1:1/none", pool_size=1, statement_timeout_s=1, application_name="test"
)


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        (None, "postgres"),
        ("", "postgres"),
        ("duckdb:///data/facts.duckdb", "duckdb"),
        ("clickhouse://reader:secret@warehouse:8123", "clickhouse"),
        ("sc://cluster:15002", "spark"),
    ],
)
def test_a_url_names_the_engine(url: str | None, dialect: str) -> None:
    """Nothing is opened yet: an engine is connected to when the first question is asked."""
    assert engine_at(url, DATABASE, timeout_s=1).dialect.name == dialect


def test_an_engine_there_is_none_of_is_told_of_with_the_setting() -> None:
    with pytest.raises(InvalidSetting, match="oracle") as refusal:
        engine_at("oracle://warehouse", DATABASE, timeout_s=1)
    assert refusal.value.facts["setting"] == "AE_ENGINE_URL"
    assert "duckdb:///" in refusal.value.remedy


async def test_a_file_that_is_not_there_is_an_answer_and_no_crash(tmp_path: Path) -> None:
    """The service stays up; a question is told that the engine is away."""
    from analytics_engine.errors import DependencyUnavailable

    engine = engine_at(f"duckdb://{tmp_path}/missing.duckdb", DATABASE, timeout_s=1)
    with pytest.raises(DependencyUnavailable):
        async with engine.snapshot(client_id="acme") as snapshot:
            await snapshot.state(["order"])
