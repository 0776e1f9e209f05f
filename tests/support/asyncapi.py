"""The official JSON schema of AsyncAPI 3.0, for tests: fetched once from npm by ``asyncapi.sh`` and kept.

``python -m support.asyncapi`` fetches it, or says why not. Tests never fetch: they use what is there.
"""

from __future__ import annotations

from pathlib import Path

from support.builds import build, place_of_build

RECIPE = Path(__file__).with_suffix(".sh")
PACKAGES = Path(__file__).parent / "npm-asyncapi" / "package-lock.json"
NOT_HERE = "against AsyncAPI's own schema, which is not fetched here (`make asyncapi`, which needs npm)"


def schema() -> Path | None:
    """Return the file of the schema, or None where it is not fetched."""
    path = place_of_build(RECIPE, PACKAGES) / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
    return path if path.is_file() else None


if __name__ == "__main__":
    if schema() is None:
        print("Fetching the schema of AsyncAPI for the tests ...", flush=True)
    if reason := build(place_of_build(RECIPE, PACKAGES), RECIPE):
        print(f"NOT RUN: tests against AsyncAPI's own schema ({reason})")
