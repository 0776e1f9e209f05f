"""TimescaleDB on this machine, for tests: Debian's, built once by ``timescaledb.sh`` and kept for the next time.

``python -m support.timescaledb`` builds it, or says why not. Tests never build: they use what is there.
"""

from __future__ import annotations

from pathlib import Path

from support.builds import build, place_of_build

RECIPE = Path(__file__).with_suffix(".sh")
NOT_HERE = "on TimescaleDB, which is not built here (`make timescaledb`, on Debian)"


def programs() -> Path | None:
    """Return the folder of ``postgres``, ``psql`` and the like that has TimescaleDB, or None where it is not built."""
    folder = place_of_build(RECIPE) / "bin"
    return folder.resolve() if folder.is_dir() else None


if __name__ == "__main__":
    if programs() is None:
        print("Building TimescaleDB for the tests ...", flush=True)
    if reason := build(place_of_build(RECIPE), RECIPE):
        print(f"NOT RUN: tests on TimescaleDB ({reason})")
