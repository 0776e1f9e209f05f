"""One attempt through the compiler: from text to a statement with its values, or to an error that says why not."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from time import thread_time
from types import FrameType

from analytics_engine.errors import AnalyticsEngineError, FormulaError, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import Segment
from analytics_engine.kpi.model.time import Calendar, Period, Window, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.sql.dialects import CLICKHOUSE, DUCKDB, POSTGRES, SPARK, Dialect
from analytics_engine.kpi.sql.emit import Statement, emit
from analytics_engine.kpi.values.binding import Binding, bind
from fuzz.attempts import Attempt
from fuzz.catalog import fuzz_catalog, fuzz_checker
from fuzz.queries import compiled
from golden.shop import CLIENT, LOADED, NOW

DIALECTS: tuple[Dialect, ...] = (POSTGRES, DUCKDB, CLICKHOUSE, SPARK)
HANGS_S = 20.0
"""Of its own time, after which an attempt is stopped."""
_CALENDAR = Calendar("UTC")


@dataclass(frozen=True)
class Written:
    """A statement of one engine, and the values of its parameters, where they fit and are given."""

    dialect: Dialect
    statement: Statement
    values: Sequence[object] | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: statements, or an error; or else a failure of ours.

    Args:
        seconds: of the thread's own time, so that a busy machine does not count.
    """

    attempt: Attempt
    seconds: float
    statements: tuple[Written, ...] = ()
    refusal: AnalyticsEngineError | None = None
    failure: BaseException | None = None


class TooSlow(Exception):
    """An attempt took so long that it was stopped."""


class LayoutChanges(Exception):
    """A formula means something else once it is laid out."""


def run(attempt: Attempt, dialects: Sequence[Dialect] = DIALECTS) -> Outcome:
    """Return what becomes of an attempt, whatever that is."""
    begun = thread_time()
    try:
        with _stopped_after(HANGS_S):
            statements = tuple(_statements(attempt, dialects))
    except AnalyticsEngineError as refusal:
        return Outcome(attempt, thread_time() - begun, refusal=refusal)
    except KeyboardInterrupt:
        raise
    except BaseException as failure:  # noqa: BLE001 - this is what the fuzz looks for
        return Outcome(attempt, thread_time() - begun, failure=failure)
    return Outcome(attempt, thread_time() - begun, statements)


def _statements(attempt: Attempt, dialects: Sequence[Dialect]) -> Iterator[Written]:
    if attempt.wire is not None:
        yield from (Written(POSTGRES, statement) for statement in compiled(attempt.wire, POSTGRES, NOW))
        return
    question = attempt.question
    checker = fuzz_checker() if attempt.segment is None else KpiChecker(_with_segment(attempt.segment))
    for text in (*question.kpis, *question.dimensions, *question.where):
        _check_layout(text)
    if attempt.condition:
        checker.formula(question.kpis[0], condition=attempt.condition)
    plan = build_plan(checker, question)
    binding = Binding(
        client_id=CLIENT,
        calendar=_CALENDAR,
        periods=_periods(question.grain),
        limit=1_000,
        now=NOW,
        grain=question.grain,
        givens=attempt.givens,
        parameters=attempt.parameters,
        coverage=dict.fromkeys(plan.object_models, LOADED),
        reads=plan.reads,
    )
    for dialect in dialects:
        try:
            statement = emit(plan, checker, dialect)
        except QueryError:
            if dialect is POSTGRES:
                raise
            continue  # what this engine cannot compute exactly
        yield Written(dialect, statement, _bound(statement, binding))


def _bound(statement: Statement, binding: Binding) -> Sequence[object] | None:
    try:
        return bind(statement.slots, binding)
    except QueryError:
        return None


def _check_layout(text: str) -> None:
    try:
        tree = parse(text)
    except FormulaError:
        return
    if parse(write(tree)) != tree:
        raise LayoutChanges(write(tree))


@cache
def _periods(grain: str | None) -> tuple[Period, ...]:
    return tuple(periods(Window(datetime(2026, 1, 1), datetime(2026, 4, 1)), grain, _CALENDAR))


def _with_segment(condition: str) -> Catalog:
    catalog = fuzz_catalog()
    *others, last = catalog.object_models
    segment = Segment.model_construct(name="trick", condition=condition, description="")
    definition = last.definition.model_copy(update={"segments": (*last.definition.segments, segment)})
    return catalog.model_copy(update={"object_models": (*others, last.model_copy(update={"definition": definition}))})


@contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Stop what runs inside once it has taken so long of the process's time."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooSlow(f"stopped after {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
