"""A container engine of the tests' own, and the tests of the compose deployment in its network.

``python -m support.container_engine [arguments of pytest]`` starts it, or says why not, runs them, and ends it. What it
downloads and builds once is kept for the next time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RECIPE = Path(__file__).with_suffix(".sh")
FOLDER = Path("/var/cache/analytics-engine/containers")
RUNNING = "AE_CONTAINER_ENGINE"
"""Set for what runs in the engine's network."""


def main(arguments: list[str]) -> int:
    """Return the exit code of the tests; 0 where the machine has no engine and gets none."""
    print("Starting a container engine for the tests; the first time takes some minutes ...", flush=True)
    try:
        started = _engine("up", stderr=subprocess.PIPE)
        if started.returncode:
            reason = (started.stderr.strip().splitlines() or [f"{RECIPE.name} ended with {started.returncode}"])[-1]
            print(f"NOT RUN: tests of the compose deployment ({reason})")
            return 0
        tests = [sys.executable, "-m", "pytest", "tests/containers", "--timeout", "1200", *arguments]
        return _engine("run", *tests).returncode
    finally:
        _engine("down", stderr=subprocess.DEVNULL)


def _engine(order: str, *command: str, stderr: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(RECIPE), order, str(FOLDER), *command],
        env={**os.environ, RUNNING: "1"},
        stdin=subprocess.DEVNULL,
        stderr=stderr,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
