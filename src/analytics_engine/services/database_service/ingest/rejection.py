"""Rows that are wrong: the first hundred by name, all of them by number."""

from __future__ import annotations

from collections.abc import Sequence

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import RowsRejected

MOST_LISTED = 100
_SHOWN = 120


class Rejection:
    """Collects what is wrong with the rows of one input."""

    def __init__(self) -> None:
        self._listed: list[RowError] = []
        self.total = 0

    def add(self, errors: Sequence[RowError], *, total: int | None = None) -> None:
        """Take errors; ``total`` tells how many there were where only some are named."""
        self.total += len(errors) if total is None else total
        self._listed.extend(errors[: self.room])

    @property
    def room(self) -> int:
        """How many more errors are going to be named."""
        return MOST_LISTED - len(self._listed)

    def raise_if_any(self) -> None:
        """Return when nothing is wrong.

        Raises:
            RowsRejected: something is.
        """
        if not self.total:
            return
        errors = sorted(self._listed, key=lambda error: (error.line, error.column))
        first = errors[0]
        place = f"Line {first.line}" + (f", column {first.column}" if first.column else "")
        value = f"{first.value!r} " if first.value else ""
        others = f" Found {self.total} mistakes in all." if self.total > 1 else ""
        raise RowsRejected(
            f"{place}: {value}{first.reason}.{others}",
            remedy="Correct the rows listed under errors and send the whole input again; nothing of it was loaded.",
            errors=[error.model_dump() for error in errors],
            total=self.total,
        )


def row_error(line: int, column: str, value: object, reason: str) -> RowError:
    return RowError(line=line, column=column, value=str(value)[:_SHOWN], reason=reason)
