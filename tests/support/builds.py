"""What is built or installed once on a machine for tests, and kept for the next time: by a recipe, a shell script."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def build(place: Path, recipe: Path) -> str:
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


def place_of_build(recipe: Path, *parts: Path) -> Path:
    """Return where a recipe's build is: another recipe, or other parts, build anew.

    Root's is open to the account of its servers.
    """
    said = hashlib.sha256(b"".join(path.read_bytes() for path in (recipe, *parts))).hexdigest()[:12]
    home = Path("/var/cache") if os.geteuid() == 0 else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "analytics-engine" / f"{recipe.stem}-{said}"
