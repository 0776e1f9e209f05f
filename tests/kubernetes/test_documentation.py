"""The commands that the documentation has for Kubernetes, as far as they can be run without a cluster."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from support import kubectl
from support.pages import ROOT, pages_of, run_page

_PRELUDE = """
set +o pipefail  # a pager that is closed early
docker() { echo "docker $*" >> "$NOT_RUN"; }
kubectl() {
  case "$1 $2" in
    "kustomize "*) "$KUBECTL" "$@" ;;
    "apply -k") "$KUBECTL" kustomize "$3" > applied.yaml ;;
    *) echo "kubectl $*" >> "$NOT_RUN" ;;
  esac
}
"""


@pytest.mark.parametrize("page", pages_of("kubernetes"), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_applies_is_rendered(page: Path, tree: Path, tmp_path: Path) -> None:
    """Secrets are made and manifests rendered as written; what asks a cluster is counted as not run."""
    shutil.copytree(tree, tmp_path / "deploy" / "kubernetes")
    not_run = tmp_path / "not-run"

    run_page(
        page,
        "kubernetes",
        environment={**os.environ, "KUBECTL": str(kubectl.program()), "NOT_RUN": str(not_run)},
        folder=tmp_path,
        prelude=_PRELUDE,
    )

    assert "kind: Deployment" in (tmp_path / "applied.yaml").read_text(encoding="utf-8")
    pytest.skip(f"{len(not_run.read_text().splitlines())} commands of {page.name} that ask a cluster; the rest passed")
