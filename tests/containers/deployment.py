"""The compose deployment in a folder of its own, as whoever operates it meets it: by commands and by HTTP."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analytics_engine.contracts.services import PORTS, Service
from support.gateway import GatewayCaller
from support.waiting import wait_until

ROOT = Path(__file__).parents[2]
INFRASTRUCTURE = ("timescaledb", "redis", "azurite")
SERVICES = tuple(service.value for service in Service)
UI = "demo_config_ui"
CLIENT = "shop"
STAND_INS = {
    "python": ("python",),
    "node": ("node",),
    "debian": ("alpine",),
    "timescaledb": ("timescale/timescaledb",),
    "valkey": ("valkey/valkey",),
    "azurite": ("mcr.microsoft.com/azure-storage/azurite",),
}
"""What stands in for which images, whatever version of them the project's files name."""


class Deployment(GatewayCaller):
    """A checkout with its stack, in one form."""

    def __init__(self, folder: Path, *, form: str) -> None:
        self.folder = folder
        self.form = form
        self.migrated_first = ""
        _copy_checkout(folder)
        self.run(f"deploy/compose/setup {form}")
        with (folder / ".env").open("a", encoding="utf-8") as settings:
            settings.write(f"AE_DEFAULT_CLIENT={CLIENT}\nAE_PUBLISH_ADDRESS=0.0.0.0\n")
        super().__init__(email="admin@example.com", password=self.secret("ae_admin_password"))
        for image in self._images():
            _stand_in_for(image)

    @property
    def gateway_url(self) -> str:
        return f"http://localhost:{PORTS[Service.GATEWAY]}"

    def run(self, command: str, *, text: str | None = None, within_s: float = 300.0) -> str:
        """Run a command of the shell in the checkout and return what it prints; it must succeed."""
        done = self.attempt(command, text=text, within_s=within_s)
        assert done.returncode == 0, (
            f"{command}\nended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
        return done.stdout

    def attempt(
        self, command: str, *, text: str | None = None, within_s: float = 300.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and return how it ended."""
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            input=text or "",
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text(encoding="utf-8").strip()

    def containers(self, *services: str, running: bool = True) -> list[dict[str, Any]]:
        """Return what the engine knows of the containers of some services, or of all."""
        every = "" if running else "--all"
        ids = self.run(f"docker compose ps --quiet {every} {' '.join(services)}").split()
        found: list[dict[str, Any]] = json.loads(self.run(f"docker inspect {' '.join(ids)}")) if ids else []
        return found

    def wait_until_healthy(self, *services: str, count: int, within_s: float = 120.0) -> None:
        """Return when so many containers of some services, or of all, run and are healthy."""

        def all_healthy() -> bool:
            states = [container["State"] for container in self.containers(*services)]
            return len(states) == count and all(
                state["Running"] and state["Health"]["Status"] == "healthy" for state in states
            )

        wait_until(all_healthy, within_s=within_s, every_s=0.5)

    def python(self, service: str, code: str, *, index: int = 1) -> str:
        """Run Python in a service's container and return what it prints."""
        return self.run(f"docker compose exec -T --index {index} {service} python -c {shlex.quote(code)}")

    def sql(self, statement: str) -> str:
        command = "docker compose exec -T timescaledb psql -U multiservice_user -d multiservice_db -XAtqc"
        return self.run(f"{command} {shlex.quote(statement)}").strip()

    def down(self, *options: str) -> None:
        self.run(f"docker compose down --timeout 30 {' '.join(options)}")

    def _images(self) -> Sequence[str]:
        named = self.run("docker compose config --images").split()
        bases = re.findall(
            r"^ARG \w+_IMAGE=(\S+)$", (self.folder / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
        )
        return [*named, *bases, "alpine"]


def _stand_in_for(image: str) -> None:
    name = image.rpartition(":")[0] or image
    for stand_in, names in STAND_INS.items():
        if name in names:
            subprocess.run(["docker", "tag", f"standin/{stand_in}", image], check=True)


def _copy_checkout(folder: Path) -> None:
    """Copy what git has or would have: not the secrets and settings of whoever runs the tests."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
