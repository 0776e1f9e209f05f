from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.functions import AGGREGATES, SCALARS
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.reference import with_reference
from golden.shop import shop_catalog

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "kpi-language.md"


def test_the_reference_page_shows_the_function_catalogue_as_it_is() -> None:
    """After a change of the catalogue, `make docs` writes the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_reference(page) == page


@pytest.mark.parametrize("example", [entry.example for entry in (*AGGREGATES.values(), *SCALARS.values())])
def test_every_example_of_the_catalogue_can_be_read(example: str) -> None:
    parse(example)


def test_the_aggregates_examples_that_fit_the_shop_have_a_meaning() -> None:
    checker = KpiChecker(shop_catalog())
    examples = [entry.example for entry in AGGREGATES.values() if "order_line.quantity" not in entry.example]
    assert all(checker.formula(example).terms for example in [*examples, "sum(order_line.quantity)"])


def test_every_setting_is_described_in_the_example_file() -> None:
    """.env.example names each setting, and no other."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = {
        line.lstrip("#").partition("=")[0].lower()
        for line in text.splitlines()
        if "=" in line and " " not in line.partition("=")[0]
    }
    assert named == set(Settings.model_fields)
