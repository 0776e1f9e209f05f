"""The web application's API client is generated from what the services say of themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from analytics_engine.bootstrap.openapi import aggregated_document

UI = Path(__file__).parents[2] / "ui"


def test_the_openapi_document_of_the_client_is_the_services_own() -> None:
    """ui/openapi.json is what the services say; `analytics-engine openapi --out ui/openapi.json` renews it."""
    assert json.loads((UI / "openapi.json").read_text(encoding="utf-8")) == aggregated_document()


def test_the_clients_types_are_generated_from_that_document(tmp_path: Path) -> None:
    """`npm run generate` changes nothing: types and document belong together."""
    if shutil.which("npm") is None or not (UI / "node_modules").is_dir():
        pytest.skip("NOT RUN: npm or ui/node_modules is not here (make ui)")
    fresh = tmp_path / "schema.d.ts"
    command = ["npx", "--no", "openapi-typescript", "--", "openapi.json", "--output", str(fresh), "--alphabetize"]
    subprocess.run(command, cwd=UI, check=True, capture_output=True, timeout=120)
    kept = (UI / "src" / "api" / "schema.d.ts").read_text(encoding="utf-8")
    assert kept == fresh.read_text(encoding="utf-8")
