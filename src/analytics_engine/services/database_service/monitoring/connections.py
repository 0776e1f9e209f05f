"""The connection budget: whether the server admits all that the services may open, and who has what now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics_engine.contracts.connections import ConnectionShare
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database, Row
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.database_service.monitoring.monitor import SQL, as_monitor
from analytics_engine.services.database_service.monitoring.schemas import (
    BudgetVerdict,
    ConnectionReport,
    LoginConnections,
)

log = get_logger(__name__)

_LOOK_AGAIN_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """What is to be said of the budget; there is a remedy only where it does not fit."""

    detail: str
    remedy: str = ""


class Connections:
    """Compares what the settings let the services open with what the server admits.

    Args:
        shares: what each service may open.
        others: connections kept for report writers, migrations, backups and people.
    """

    def __init__(self, database: Database, *, shares: Sequence[ConnectionShare], others: int) -> None:
        self._database = database
        self._shares = shares
        self._others = others

    async def report(self) -> ConnectionReport:
        """Return the budget with its verdict, and each login's connections."""
        async with as_monitor(self._database) as connection:
            server = await connection.fetch_one(SQL["connections_of_server"])
            rows = await connection.fetch(SQL["connections_by_login"], [share.login for share in self._shares])
        assert server is not None
        available = server["max_connections"] - server["reserved"]
        if server["database_limit"] is not None:
            available = min(available, server["database_limit"])
        budget = sum(share.connections for share in self._shares)
        judgement = self._judged(available, budget, {row["login"]: row["role_limit"] for row in rows})
        return ConnectionReport(
            **server,
            available=available,
            budget=budget,
            others=self._others,
            in_use=sum(row["used"] + row["idle"] for row in rows),
            verdict=BudgetVerdict.TOO_SMALL if judgement.remedy else BudgetVerdict.FITS,
            detail=judgement.detail,
            remedy=judgement.remedy,
            logins=tuple(self._login(row) for row in rows),
        )

    async def watch(self) -> None:
        """Warn at the start, and every hour, while the budget does not fit; nothing else comes of it."""
        while is_wanted():
            report = await self.report()
            if report.verdict is BudgetVerdict.TOO_SMALL:
                figures = report.model_dump(include={"max_connections", "reserved", "available", "budget", "others"})
                log.warning("connection_budget_does_not_fit", detail=report.detail, remedy=report.remedy, **figures)
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _login(self, row: Row) -> LoginConnections:
        share = next((share.connections for share in self._shares if share.login == row["login"]), None)
        return LoginConnections(
            login=row["login"],
            used=row["used"],
            idle=row["idle"],
            idle_in_transaction=row["idle_in_transaction"],
            limit=row["role_limit"] if row["role_limit"] is not None else share,
            share=share,
        )

    def _judged(self, available: int, budget: int, limits: Mapping[str, int | None]) -> _Judgement:
        wanted = budget + self._others
        figures = f"The services may open {budget} connections, {self._others} are kept for others, and the server has "
        if wanted > available:
            return _Judgement(
                detail=figures + f"only {available} for them.",
                remedy=f"Raise max_connections by {wanted - available} or more and restart PostgreSQL, or lower "
                "AE_DATABASE_POOL_SIZE or AE_REPLICAS; beyond that put a connection pooler in between.",
            )
        for share in self._shares:
            limit = limits.get(share.login)
            if limit is not None and limit < share.connections:
                return _Judgement(
                    detail=f"{share.service.value} may open {share.connections} connections, but its login "
                    f"{share.login} is limited to {limit}.",
                    remedy=f"ALTER ROLE {share.login} CONNECTION LIMIT {share.connections}, or lower its pool in "
                    "AE_DATABASE_POOL_SIZES.",
                )
        return _Judgement(detail=figures + f"{available} for them.")
