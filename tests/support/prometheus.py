"""Prometheus and Alertmanager on this machine, for tests: Debian's, unpacked once by ``prometheus.sh`` and kept.

``python -m support.prometheus`` fetches them, or says why not. Tests never fetch: they use what is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import LOOPBACK, any_free_port
from support.builds import build, place_of_build
from support.waiting import wait_until

RECIPE = Path(__file__).with_suffix(".sh")
NOT_HERE = "on Prometheus and Alertmanager, which are not fetched here (`make prometheus`, on Debian)"


def program(name: str) -> Path:
    """Return where one of ``prometheus``, ``promtool``, ``prometheus-alertmanager``, ``amtool`` is."""
    return place_of_build(RECIPE) / name


def is_here() -> bool:
    """Whether they were fetched."""
    return program("prometheus").is_file()


def run_tool(name: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``promtool`` or ``amtool`` to its end."""
    return subprocess.run(
        [str(program(name)), *arguments], capture_output=True, text=True, check=False, timeout=240, cwd=cwd
    )


class _Server:
    """One of both, at a free port, with its files in a folder of its own; it ends with this process."""

    def __init__(self, home: Home, name: str, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self.port = any_free_port()
        self.folder = home.server(name)
        self.child = Child(
            Program(
                name=name,
                command=[
                    str(program(name)),
                    f"--web.listen-address={LOOPBACK}:{self.port}",
                    f"--storage.{'tsdb.' if name == 'prometheus' else ''}path={self.folder / 'data'}",
                    *options,
                ],
                environment={"PATH": os.defpath, **(environment or {})},
                home=home,
                directory=self.folder,
                account=home.account,
            )
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self.child.start()
        try:
            wait_until(self._is_ready, within_s=90)
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        self.child.stop()

    def get(self, path: str, **params: str) -> Any:
        """Return what its API answers; an answer that is no success fails the test."""
        answer = httpx.get(f"{self.url}{path}", params=params, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _is_ready(self) -> bool:
        assert self.child.running, self.child.last_words()
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


class Prometheus(_Server):
    """A Prometheus with this configuration file, which is there when it starts."""

    def __init__(self, home: Home, configuration: Path, *, environment: str = "test") -> None:
        self.configuration = configuration
        super().__init__(
            home,
            "prometheus",
            f"--config.file={configuration}",
            "--enable-feature=expand-external-labels",
            environment={"ENVIRONMENT": environment},
        )

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series that an expression has now."""
        answer = self.get("/api/v1/query", query=expression)
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found


class Alertmanager(_Server):
    """An Alertmanager with this configuration file, alone."""

    def __init__(self, home: Home, configuration: Path) -> None:
        super().__init__(
            home,
            "prometheus-alertmanager",
            f"--config.file={configuration}",
            "--cluster.listen-address=",
            environment={"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"},
        )
        shutil.copytree(place_of_build(RECIPE) / "templates", self.folder, dirs_exist_ok=True)


if __name__ == "__main__":
    if not is_here():
        print("Fetching Prometheus and Alertmanager for the tests ...", flush=True)
    if reason := build(place_of_build(RECIPE), RECIPE):
        print(f"NOT RUN: tests on Prometheus and Alertmanager ({reason})")
