"""How large a formula may become once all it refers to is written in: enough for people, bearable for engines."""

from __future__ import annotations

from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Expression, depth_of, size_of

MOST_LEVELS = 200
MOST_PARTS = 5_000
MOST_STEPS = 8
"""How many functions over time may stand inside each other."""


def check_extent(expression: Expression, span: Span) -> None:
    """Accept an expression that is not too deep and not too large.

    Raises:
        FormulaError: it is.
    """
    if depth_of(expression) > MOST_LEVELS:
        raise formula_error(
            f"With the KPIs and segments it refers to, the formula has more than {MOST_LEVELS} levels.",
            span,
            remedy="Let fewer KPIs refer to each other in a row.",
        )
    if size_of(expression) > MOST_PARTS:
        raise formula_error(
            f"With the KPIs and segments it refers to, the formula has more than {MOST_PARTS:,} parts.",
            span,
            remedy="Refer to fewer KPIs at once; a function that looks at its operand twice doubles what is inside.",
        )
