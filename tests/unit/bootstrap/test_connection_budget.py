"""What the services may open, from the settings alone."""

from __future__ import annotations

from typing import Any

import pytest

from analytics_engine.bootstrap.connection_budget import connection_shares
from analytics_engine.contracts.services import Service
from support.services import make_settings


def budget(**settings: Any) -> int:
    shares = connection_shares(make_settings(database_url="postgresql://h/d", redis_url="redis://h", **settings))
    assert [share.service for share in shares] == list(Service)
    return sum(share.connections for share in shares)


@pytest.mark.parametrize(
    ("settings", "connections"),
    [
        ({"ae_database_pool_size": 8}, 7 * 9),
        ({"ae_database_pool_size": 8, "ae_database_pool_sizes": {"api_gateway": 20}}, 6 * 9 + 21),
        ({"ae_database_pool_size": 8, "ae_replicas": {"api_gateway": 3}}, 9 * 9),
        (
            {
                "ae_database_pool_size": 8,
                "ae_database_pool_sizes": {"api_gateway": 20},
                "ae_replicas": {"api_gateway": 3},
            },
            6 * 9 + 3 * 21,
        ),
    ],
)
def test_every_process_has_its_pool_and_one_connection_beside_it(settings: dict[str, Any], connections: int) -> None:
    assert budget(**settings) == connections
