"""Keys of the rows of one input: which come twice, and how they are written for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analytics_engine.contracts.data import RowError
from analytics_engine.services.database_service.ingest.rejection import row_error


@dataclass(frozen=True)
class Repeated:
    """Rows whose key an earlier row has: some by name, all by number."""

    errors: list[RowError]
    total: int


def repeated_keys(keys: pa.Table, *, room: int, line: Callable[[int], int]) -> Repeated:
    """Return the rows whose key was there already; rows without a whole key are told of elsewhere."""
    names = keys.column_names
    distinct = keys.group_by(names, use_threads=False).aggregate([]).num_rows
    if distinct == keys.num_rows:
        return Repeated([], 0)
    first_row: dict[tuple[Any, ...], int] = {}
    errors: list[RowError] = []
    total = 0
    for row, key in enumerate(zip(*(keys[name].to_pylist() for name in names), strict=True)):
        if None in key:
            continue
        earlier = first_row.setdefault(key, row)
        if earlier != row:
            total += 1
            if len(errors) < room:
                reason = f"repeats the key of line {line(earlier)}"
                errors.append(row_error(line(row), ", ".join(names), shown(key), reason))
    return Repeated(errors, total)


def shown(key: tuple[Any, ...]) -> str:
    return ", ".join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in key)
