from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_engine.embedded.home import Home
from support.waiting import wait_until
from system.product import Product, start_product

_FIRST_START_S = 180.0


@pytest.fixture(scope="session")
def running_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with its sample data, started as a person starts it; it stops cleanly at the end."""
    home = Path(tmp_path_factory.mktemp("product")) / "home"
    product = start_product(home, port_offset=20_000)
    try:
        wait_until(lambda: _welcomed(product), within_s=_FIRST_START_S)
        yield product
    finally:
        code = product.stop()
        Home(home).delete_data()
    assert code == 0, product.log.read_text(encoding="utf-8")


def _welcomed(product: Product) -> bool:
    text = product.log.read_text(encoding="utf-8")
    assert product.process.poll() is None, f"the product ended:\n{text}"
    return "Analytics Engine is ready." in text
