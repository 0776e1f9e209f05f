"""Secrets of the one-machine stack: generated once, each in a file of its own that only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from analytics_engine.errors import InvalidSetting

_ENTROPY_BYTES = 32


def secret(path: Path, *, entropy_bytes: int = _ENTROPY_BYTES) -> str:
    """Return the secret in the file, made (URL-safe, mode 0600) when there is none yet.

    Raises:
        InvalidSetting: the file cannot be read or written, or is empty.
    """
    try:
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(entropy_bytes))
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidSetting(
            f"The secret in {path} cannot be read or made: {error.strerror}.",
            remedy="Run as the user who owns AE_HOME, or set AE_HOME to a folder of your own.",
            setting="AE_HOME",
        ) from error
    if not value:
        raise InvalidSetting(
            f"The secret in {path} is empty.",
            remedy="Restore the file from a backup; or `analytics-engine up --reset` starts anew, without the data.",
            setting="AE_HOME",
        )
    return value


def _write_private(path: Path, value: str) -> None:
    """Write the whole file or nothing: a half-written secret would lock the owner out."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
