"""The manifests as ``kubectl kustomize`` renders them, once for all tests; secrets are made as an operator would."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kubernetes.manifests import MANIFESTS, OVERLAYS, WITHOUT_SECRETS, Manifests, make_secrets, render
from support import kubectl


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the manifests, with secrets that no repository has."""
    if kubectl.program() is None:
        pytest.skip(kubectl.NOT_HERE)
    copy = tmp_path_factory.mktemp("manifests") / "kubernetes"
    shutil.copytree(MANIFESTS, copy, ignore=shutil.ignore_patterns("*.password", "*-key", "redis.conf"))
    for overlay in OVERLAYS - WITHOUT_SECRETS:
        make_secrets(copy / "overlays" / overlay)
    return copy


@pytest.fixture(scope="session")
def rendered(tree: Path) -> dict[str, Manifests]:
    return {overlay: Manifests(overlay, render(tree / "overlays" / overlay)) for overlay in sorted(OVERLAYS)}


@pytest.fixture(params=sorted(OVERLAYS))
def manifests(rendered: dict[str, Manifests], request: pytest.FixtureRequest) -> Manifests:
    """Those of one overlay; each test looks at all of them."""
    return rendered[request.param]
