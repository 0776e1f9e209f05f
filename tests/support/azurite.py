"""Azurite, the emulator of Azure's storage, for tests: installed once from npm by ``azurite.sh`` and kept.

``python -m support.azurite`` installs it, or says why not. Tests never install: they use what is there.
"""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import LOOPBACK, any_free_port
from support.builds import build, place_of_build
from support.waiting import wait_until

RECIPE = Path(__file__).with_suffix(".sh")
PACKAGES = Path(__file__).parent / "npm" / "package-lock.json"
NOT_HERE = "on Azurite, which is not installed here (`make azurite`, which needs npm)"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def program() -> Path | None:
    """Return Azurite's program for blobs, which node runs, or None where it or node is not here."""
    path = place_of_build(RECIPE, PACKAGES) / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    return path if path.is_file() and shutil.which("node") else None


class Azurite:
    """Blob storage on the loopback that ends with this process, and forgets everything then."""

    def __init__(self, home: Home) -> None:
        node, azurite = shutil.which("node"), program()
        assert node is not None
        assert azurite is not None
        self.port = any_free_port()
        self._child = Child(
            Program(
                name="azurite",
                command=[
                    *(node, str(azurite), "--blobHost", LOOPBACK, "--blobPort", str(self.port)),
                    *("--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"),
                ],
                environment={"PATH": os.defpath},
                home=home,
                directory=home.server("azurite"),
                account=home.account,
            )
        )

    def connection_string(self, *, key: str = KEY) -> str:
        endpoint = f"http://{LOOPBACK}:{self.port}/{ACCOUNT}"
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};BlobEndpoint={endpoint};"

    def start(self) -> None:
        self._child.start()
        wait_until(self._listens, within_s=60)

    def stop(self) -> None:
        self._child.stop()

    def _listens(self) -> bool:
        assert self._child.running, self._child.last_words()
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0


if __name__ == "__main__":
    if program() is None:
        print("Installing Azurite for the tests ...", flush=True)
    if reason := build(place_of_build(RECIPE, PACKAGES), RECIPE):
        print(f"NOT RUN: tests on Azurite ({reason})")
