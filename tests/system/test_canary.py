"""The canary of the whole product: it finds right numbers right, wrong ones wrong, and disturbs nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from analytics_engine.contracts.clients import CANARY
from analytics_engine.contracts.services import Service
from support.metrics import Metrics
from support.waiting import wait_until
from system.product import Product

pytestmark = [pytest.mark.system]
