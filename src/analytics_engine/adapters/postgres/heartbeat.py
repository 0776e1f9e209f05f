"""Whether the server answers, asked on a connection of its own: a pool that is all in use is not an outage."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from analytics_engine.adapters.postgres.failures import CONNECTION_ENDED, reported, unreachable

_ANSWER_S = 0.9


class Heartbeat:
    """Keeps one connection and asks on it."""

    def __init__(self, url: str, *, address: str, application_name: str) -> None:
        self._url = url
        self._address = address
        self._application_name = application_name
        self._driver: asyncpg.Connection[Any] | None = None
        self._asking = asyncio.Lock()

    async def beat(self) -> None:
        """Return when the server answered.

        Raises:
            DependencyUnavailable: it cannot be reached, or refuses the login.
            DependencyTimeout: it does not answer.
        """
        async with self._asking:
            if self._driver is not None and self._driver.is_closed():
                self._drop()
            answered = False
            try:
                with reported(self._address, connecting=self._driver is None):
                    await self._ask()
                answered = True
            finally:
                if not answered:
                    self._drop()

    async def stop(self) -> None:
        self._drop()

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                await (await self._connected()).fetchval("select 1")
        except (*CONNECTION_ENDED, asyncpg.InterfaceError) as error:
            raise unreachable(self._address) from error

    async def _connected(self) -> asyncpg.Connection[Any]:
        if self._driver is None:
            self._driver = await asyncpg.connect(
                self._url, server_settings={"application_name": f"{self._application_name} heartbeat"}
            )
        return self._driver

    def _drop(self) -> None:
        if self._driver is not None:
            driver, self._driver = self._driver, None
            driver.terminate()
