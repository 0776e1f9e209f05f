"""The commands for a checkout: that there is a target of that name; running them all would run these tests again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.pages import ROOT, pages_of, run_page


@pytest.mark.parametrize("page", pages_of("checkout"), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_targets_of_a_page_are_there(page: Path) -> None:
    make = 'make() { command make --dry-run "$@" >/dev/null; }'
    run_page(page, "checkout", environment=dict(os.environ), folder=ROOT, prelude=make)
