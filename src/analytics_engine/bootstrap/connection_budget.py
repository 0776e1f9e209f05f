"""The connection budget: what all processes of all services may open, from the settings they are started with."""

from __future__ import annotations

from analytics_engine.adapters.postgres.database import OWN_CONNECTIONS
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.connections import ConnectionShare
from analytics_engine.contracts.services import Service


def connection_shares(settings: Settings) -> tuple[ConnectionShare, ...]:
    """Return each service's share: its replicas, each with its pool and the connection that health is asked on."""
    return tuple(
        ConnectionShare(
            service=service,
            login=f"ae_{service.value}",
            replicas=settings.ae_replicas.get(service, 1),
            pool_size=settings.pool_size(service),
            beside_pool=OWN_CONNECTIONS,
        )
        for service in Service
    )
