"""Where a version of the product is installed, and which of them runs from an AE_HOME."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from analytics_engine.errors import InvalidInput

_ASK = (
    "from importlib import metadata, util; "
    "assert util.find_spec('analytics_engine.kernel.activation'), 'it cannot take over the sockets of another'; "
    "print(metadata.version('analytics-engine'))"
)
_PATIENCE_S = 60


@dataclass(frozen=True)
class Installation:
    """One version, by the Python it is installed for."""

    python: str
    version: str

    @classmethod
    def own(cls) -> Self:
        return cls(sys.executable, version("analytics-engine"))

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the installation in a virtual environment, or beside a program of it.

        Raises:
            InvalidInput: there is none that could run beside this one.
        """
        python = _python_of(path.expanduser().absolute())
        try:
            told = subprocess.run(  # noqa: S603 - the installation that the operator names
                [str(python), "-P", "-c", _ASK],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_PATIENCE_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _no_installation(path, str(error)) from error
        if told.returncode:
            raise _no_installation(path, (told.stderr.strip().splitlines() or ["it ends at once"])[-1])
        return cls(str(python), told.stdout.strip())

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of it; -P: the folder it is started from holds no modules of ours."""
        return [self.python, "-P", "-m", "analytics_engine.cli", *arguments]

    def __str__(self) -> str:
        return f"{self.version} ({Path(self.python).parent.parent})"


@dataclass(frozen=True)
class Installations:
    """What runs from an AE_HOME.

    Args:
        current: what was started, or upgraded to.
        former: what a rollback goes back to.
        services: what each service runs; they differ while an upgrade is under way.
    """

    current: Installation
    former: Installation | None = None
    services: Mapping[str, Installation] = field(default_factory=dict)

    @classmethod
    def remembered(cls, file: Path) -> Self | None:
        """Return what the file remembers; None where there is none, or it is not whole."""
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            former = kept["former"]
            return cls(
                current=Installation(**kept["current"]),
                former=Installation(**former) if former else None,
                services={name: Installation(**one) for name, one in kept["services"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, file: Path) -> None:
        unfinished = file.with_name(f".{file.name}.{os.getpid()}")
        unfinished.write_text(json.dumps(self.document(), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(file)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def _python_of(path: Path) -> Path:
    if path.is_dir():
        return path / "bin" / "python"
    return path if path.name.startswith("python") else path.with_name("python")


def _no_installation(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(
        f"There is no installation at {path} that could take over: {reason}",
        remedy="Give the folder of a virtual environment with the package analytics-engine in it, or its "
        "bin/analytics-engine.",
    )
