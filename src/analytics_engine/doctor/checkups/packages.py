"""What is installed, beside what the lock file says."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from analytics_engine.doctor.checkups.steps import State, Step

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def drift(lock: Path) -> tuple[list[str], int]:
    """Return packages whose installed version is not the locked one, and how many were compared."""
    different: list[str] = []
    compared = 0
    for pin in _PIN.finditer(lock.read_text(encoding="utf-8")):
        try:
            installed = version(pin["name"])
        except PackageNotFoundError:
            continue  # of another platform
        compared += 1
        if installed != pin["version"]:
            different.append(f"{pin['name']}: installed {installed}, locked {pin['version']}")
    return different, compared


def packages_step(title: str, folder: Path) -> Step:
    """Return whether what is installed is what was locked; whether there is newer is not asked here."""
    unknown = "Whether newer versions mend vulnerabilities was not looked up: that needs the network."
    fix = "make lock && make setup && make test, then see what changed; pip-audit -r requirements.lock lists advisories"
    lock = folder / "requirements.lock"
    if not lock.is_file():
        own = f"analytics-engine {version('analytics-engine')}; there is no requirements.lock here to compare with."
        return Step(title, State.NOT_CHECKED, (own, unknown), fix)
    different, compared = drift(lock)
    if different:
        return Step(title, State.ATTENTION, (*different, unknown), fix)
    return Step(title, State.NOT_CHECKED, (f"All {compared} packages are of the locked versions.", unknown), fix)
