"""Amounts in the client's base currency: an amount that names its currency is converted at a term's anchor."""

from __future__ import annotations

from analytics_engine.kpi.formula.paths import Paths, column_of
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Column, Expression, Operation, Rate, map_columns
from analytics_engine.kpi.model.object_model import DataType, ObjectModel

RATES = "fx_rate"
"""The object model that holds exchange rates, by this code and these attributes."""
RATE_ATTRIBUTES = ("from_currency", "to_currency", "quoted_on", "rate")


def in_base_currency(
    paths: Paths, expression: Expression, model: ObjectModel, *, anchor: Column | None, span: Span
) -> Expression:
    """Return an expression over rows with every amount that names a currency in the client's base currency.

    Raises:
        FormulaError: there are no exchange rates, or no moment to take them at.
    """

    def converted(column: Column) -> Expression:
        end = paths.end_of(model, column.relations)
        attribute = end.attribute(column.attribute)
        if attribute is None or attribute.currency is None:
            return column
        named = end.attribute(attribute.currency)
        assert named is not None
        if anchor is None or not paths.has_model(RATES):
            raise formula_error(
                f"{end.code}.{attribute.name} is in the currency that {end.code}.{named.name} names, and there are no "
                "exchange rates to convert it with.",
                span,
                remedy=f"Define the object model {RATES} with {', '.join(RATE_ATTRIBUTES)}, or aggregate each currency "
                "on its own attribute.",
            )
        kind = DataType.FLOAT if column.type is DataType.FLOAT else DataType.DECIMAL
        rate = Rate(column_of(column.relations, named), anchor)
        return Operation("multiply", (column, rate), kind, column.unit)

    return map_columns(expression, converted)
