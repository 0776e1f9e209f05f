"""Storage with the S3 protocol, for tests: moto's server, in a process of its own that ends with this one."""

from __future__ import annotations

import os
import socket
import sys

import aiohttp

from analytics_engine.adapters.blobs.s3_account import S3Account
from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import LOOPBACK, any_free_port
from support.waiting import wait_until


class S3:
    """S3 storage on the loopback that forgets everything when it ends."""

    def __init__(self, home: Home) -> None:
        self.port = any_free_port()
        self._child = Child(
            Program(
                name="s3",
                command=[sys.executable, "-P", "-m", "moto.server", "-H", LOOPBACK, "-p", str(self.port)],
                environment={"PATH": os.defpath, "HOME": str(home.path)},
                home=home,
                directory=home.path,
            )
        )

    @property
    def account(self) -> S3Account:
        return S3Account(
            key_id="tests", secret="of-the-tests", region="us-east-1", endpoint=f"http://{LOOPBACK}:{self.port}"
        )

    def start(self) -> None:
        self._child.start()
        wait_until(self._listens, within_s=120)

    def stop(self) -> None:
        self._child.stop()

    async def make_bucket(self, name: str) -> None:
        async with aiohttp.ClientSession() as session, session.put(f"{self.account.endpoint}/{name}") as answer:
            answer.raise_for_status()

    def _listens(self) -> bool:
        assert self._child.running, self._child.last_words()
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0
