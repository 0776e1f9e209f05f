"""The whole product with its sample data, and callers of its gateway."""

from __future__ import annotations

from collections.abc import Mapping

from analytics_engine.contracts.services import Service
from support.gateway import GatewayCaller, Reply
from support.system import SystemUnderTest

__all__ = ["EMAIL", "PASSWORD", "Product", "Reply"]

EMAIL = "analyst@example.com"
PASSWORD = "correct horse battery staple"


class Product(GatewayCaller):
    """A running ``analytics-engine up``, as its first administrator meets it."""

    def __init__(self, *, sample: bool = True, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(email=EMAIL, password=PASSWORD)
        self.system = SystemUnderTest(sample=sample)
        self.system.settings = {"AE_ADMIN_EMAIL": EMAIL, "AE_ADMIN_PASSWORD": PASSWORD, **(settings or {})}

    @property
    def gateway_url(self) -> str:
        return self.system.url(Service.GATEWAY)

    @property
    def ui_url(self) -> str:
        return self.system.web_url
