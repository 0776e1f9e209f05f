"""TimescaleDB on this machine, for tests: Debian's, built once by ``timescaledb.sh`` and kept for the next time.

``python tests/support/timescaledb.py`` builds it, or says why not. Tests never build: they use what is there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

RECIPE = Path(__file__).with_suffix(".sh")
NOT_HERE = "on TimescaleDB, which is not built here (`make timescaledb`, on Debian)"


def programs() -> Path | None:
    """Return the folder of ``postgres``, ``psql`` and the like that has TimescaleDB, or None where it is not built."""
    folder = place_of_build() / "bin"
    return folder.resolve() if folder.is_dir() else None


def build(place: Path, recipe: Path = RECIPE) -> str:
    """Build it in its place unless it is there: all of it, or nothing. Of two at once the second waits for the first.

    Returns:
        Why it could not be built; empty when it is there.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.parent.chmod(0o755)
        with place.with_suffix(".lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return "" if place.is_dir() else _build(place, recipe)
    except OSError as error:
        return f"{error.filename or place}: {error.strerror}"


def _build(place: Path, recipe: Path) -> str:
    unfinished = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    try:
        done = subprocess.run(
            ["bash", str(recipe), str(unfinished)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            return (done.stderr.strip().splitlines() or [f"{recipe.name} ended with {done.returncode}"])[-1]
        unfinished.replace(place)
        return ""
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def place_of_build() -> Path:
    """Return where this recipe's build is: another recipe builds anew. Root's is open to the account of its servers."""
    recipe = hashlib.sha256(RECIPE.read_bytes()).hexdigest()[:12]
    home = Path("/var/cache") if os.geteuid() == 0 else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "analytics-engine" / f"timescaledb-{recipe}"


if __name__ == "__main__":
    if programs() is None:
        print("Building TimescaleDB for the tests ...", flush=True)
    if reason := build(place_of_build()):
        print(f"NOT RUN: tests on TimescaleDB ({reason})")
