"""A network of the test's own: a link to a server that can be cut, and swallow what is sent over it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from analytics_engine.embedded.ports import LOOPBACK, any_free_port

_CHUNK = 65536


class Link:
    """A TCP proxy in this process's event loop: to its ``port`` whoever is to notice the cuts connects."""

    def __init__(self, target_port: int) -> None:
        self.port = any_free_port()
        self._target_port = target_port
        self._passes = asyncio.Event()
        self._passes.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    async def stop(self) -> None:
        await self.cut()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def cut(self) -> None:
        """Drop all connections and refuse new ones, until ``mend``."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def swallow(self) -> None:
        """Accept connections and pass nothing on, in neither direction, until ``mend``."""
        self._passes.clear()

    async def mend(self) -> None:
        self._passes.set()
        if self._server is None or not self._server.is_serving():
            await self.start()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        pump = asyncio.current_task()
        assert pump is not None
        self._pumps.add(pump)
        try:
            await self._passes.wait()
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
            finally:
                self._writers.discard(far_writer)
                far_writer.close()
        except OSError:
            pass  # there is no server behind the link, or one side has gone
        finally:
            self._writers.discard(writer)
            self._pumps.discard(pump)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_CHUNK):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
        finally:
            with suppress(OSError, RuntimeError):
                writer.close()
