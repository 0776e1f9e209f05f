"""How many connections to the database each service may open: what the settings say, before any is open."""

from __future__ import annotations

from analytics_engine.contracts.services import Service
from analytics_engine.contracts.wire import WireModel


class ConnectionShare(WireModel):
    """The most connections of one service's login: each of its processes has a pool, and some beside it."""

    service: Service
    login: str
    replicas: int
    pool_size: int
    beside_pool: int

    @property
    def connections(self) -> int:
        """Return how many that are in all."""
        return self.replicas * (self.pool_size + self.beside_pool)
