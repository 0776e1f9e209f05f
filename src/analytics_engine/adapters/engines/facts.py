"""What DuckDB, ClickHouse and Spark share: who asks is checked, what is loaded is read from a table beside the rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from sqlglot import exp

from analytics_engine.contracts.engine import DataState, Rows
from analytics_engine.errors import Forbidden, QueryError
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.dialects.exactness import precision
from analytics_engine.kpi.sql.nodes import column, select, table
from analytics_engine.kpi.values.binding import Span
from analytics_engine.kpi.values.reach import Reach

FACTS = "facts"
"""The schema of the rows, as bindings name it by default, and of the table ``coverage`` beside them."""
COVERAGE = "coverage"
NO_WATERMARK = 0
"""These engines number no transactions: of no change can be said that it is in the rows."""


class NoArchive:
    """The rows of these engines are all where they are read."""

    async def bring_back(self, reach: Reach) -> None:
        """Nothing is archived."""


def needs(driver: str) -> None:
    """Do nothing where a driver is installed; it is loaded where it is used.

    Raises:
        ModuleNotFoundError: it is not.
    """
    if find_spec(driver) is None:
        raise ModuleNotFoundError(f"No module named {driver!r}", name=driver)


def coverage_query(dialect: Dialect) -> str:
    """Return the statement of what is loaded for a client: ``object_model``, ``covered_from``, ``covered_until``."""
    client = dialect.parameter(1, DataType.TEXT, False)  # noqa: FBT003 - one value, no array
    query = select(
        [column("object_model"), column("covered_from"), column("covered_until")],
        table(COVERAGE, schema=FACTS),
        where=[exp.EQ(this=column("client_id"), expression=client)],
    )
    return query.sql(dialect=dialect.name)


def state_of(rows: Rows, models: Sequence[str]) -> DataState:
    """Return the state of the data that rows of the table of coverage tell of."""
    spans = {row["object_model"]: Span(row["covered_from"], row["covered_until"]) for row in rows}
    return DataState(NO_WATERMARK, {model: spans[model] for model in models if model in spans})


def check_client(client_id: str, parameters: Sequence[object]) -> None:
    """Refuse a statement that is not limited to the client: these engines have no row-level security behind it.

    Raises:
        Forbidden: the client is not among the parameters.
    """
    if client_id not in parameters:
        raise Forbidden("A statement that is not limited to one client was not run.")


def check(client_id: str, parameters: Sequence[object]) -> None:
    """Refuse what the engine would answer wrongly, or to the wrong client."""
    check_client(client_id, parameters)
    check_digits(parameters)


_MOST_DIGITS = 38


def check_digits(parameters: Sequence[object]) -> None:
    """Refuse decimals that these engines could only take rounded.

    Raises:
        QueryError: a decimal has more than 38 digits before and behind the point.
    """
    for value in parameters:
        if isinstance(value, Decimal) and max(precision(value)) > _MOST_DIGITS:
            raise QueryError(f"The number {value} has more than {_MOST_DIGITS} digits.", remedy="Give it fewer digits.")


def plain(value: Any) -> Any:
    """Return a value as a driver gives it in the one form all engines give: instants in UTC, only finite numbers.

    Raises:
        QueryError: the engine computed infinity, or no number at all.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, float) and not math.isfinite(value):
        raise QueryError(
            f"A result is no finite number: {value}.",
            remedy="A value in the rows or a power in the formula is too large for a float.",
        )
    return value


def plain_rows(rows: Sequence[Mapping[str, Any]]) -> Rows:
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def cannot_compute(engine: str, error: Exception) -> QueryError:
    return QueryError(
        f"{engine} cannot compute with these values: {first_line(error)}",
        remedy="A product or sum has more digits than the engine keeps: store the attribute with fewer decimals, "
        "or as a float.",
    )


def first_line(error: Exception) -> str:
    """Return what an error says, without its traceback or hints."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
