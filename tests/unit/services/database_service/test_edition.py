"""Which database it is, from what the server says."""

from __future__ import annotations

import pytest

from analytics_engine.services.database_service.tables.edition import DatabaseServer, Edition, edition_of
from analytics_engine.services.database_service.tables.fact_table import Layout
from analytics_engine.services.database_service.tables.partitions import partitioning_on


@pytest.mark.parametrize(
    ("timescaledb", "license_", "edition"),
    [
        (None, None, Edition.POSTGRESQL),
        (None, "timescale", Edition.POSTGRESQL),
        ("2.19.3", "apache", Edition.APACHE),
        ("2.28.0", "timescale", Edition.COMMUNITY),
        ("2.28.0", None, Edition.APACHE),
    ],
    ids=["plain", "extension-not-in-this-database", "apache", "community", "licence-unknown"],
)
def test_the_extension_and_its_licence_make_the_edition(
    timescaledb: str | None, license_: str | None, edition: Edition
) -> None:
    """What is not known to be licensed is not used."""
    assert edition_of(timescaledb=timescaledb, license_=license_) is edition


def test_rows_are_kept_in_partitions_or_in_hypertables() -> None:
    assert {edition: partitioning_on(edition).layout for edition in Edition} == {
        Edition.POSTGRESQL: Layout.PARTITIONS,
        Edition.APACHE: Layout.HYPERTABLE,
        Edition.COMMUNITY: Layout.HYPERTABLE,
    }


def test_health_names_the_extension_only_where_it_is() -> None:
    assert DatabaseServer("18.1", Edition.POSTGRESQL).about() == {
        "version": "PostgreSQL 18.1",
        "edition": "postgresql",
    }
    assert DatabaseServer("15.14", Edition.APACHE, "2.19.3").about() == {
        "version": "PostgreSQL 15.14",
        "edition": "timescaledb-apache",
        "timescaledb": "2.19.3",
    }
