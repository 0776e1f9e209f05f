"""The canary of the whole product: it finds right numbers right, wrong ones wrong, and disturbs nobody."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.system]
