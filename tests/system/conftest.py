from __future__ import annotations

from collections.abc import Iterator

import pytest

from system.product import Product

_FIRST_START_S = 180.0


@pytest.fixture(scope="session")
def running_product() -> Iterator[Product]:
    """The product with its sample data, started as a person starts it; it stops cleanly at the end."""
    product = Product()
    try:
        product.system.start(within_s=_FIRST_START_S)
        yield product
        assert product.system.stop() == 0, product.system.said()
    finally:
        product.system.clean_up()
