"""kubectl for tests, which render with its kustomize: Debian's, unpacked once by ``kubectl.sh`` and kept.

``python -m support.kubectl`` fetches it, or says why not. Tests never fetch: they use what is there.
"""

from __future__ import annotations

from pathlib import Path

from support.builds import build, place_of_build

RECIPE = Path(__file__).with_suffix(".sh")
NOT_HERE = "of the manifests for Kubernetes, as kubectl is not fetched here (`make kubectl`, on Debian)"


def program() -> Path | None:
    """Return kubectl, or None where it is not fetched."""
    path = place_of_build(RECIPE) / "kubectl"
    return path if path.is_file() else None


if __name__ == "__main__":
    if program() is None:
        print("Fetching kubectl for the tests ...", flush=True)
    if reason := build(place_of_build(RECIPE), RECIPE):
        print(f"NOT RUN: tests of the manifests for Kubernetes ({reason})")
