from __future__ import annotations

import math
from datetime import date, datetime, time
from typing import Any

_EXACT_IN_JSON = 2**53


def shown(value: Any) -> Any:
    """Return a value as JSON can hold it without loss; what it cannot hold is text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) < _EXACT_IN_JSON else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case list() | tuple():
            return [shown(item) for item in value]
        case dict():
            return {str(name): shown(item) for name, item in value.items()}
        case _:
            return str(value)
