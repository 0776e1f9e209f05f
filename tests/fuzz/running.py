"""One attempt through the compiler: from text to a statement with its values, or to an error that says why not."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import thread_time
from types import FrameType
from zoneinfo import available_timezones

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
from analytics_engine.kpi.values.binding import Binding, Span, bind
from fuzz.attempts import Attempt
from fuzz.catalog import fuzz_catalog, fuzz_checker
from golden.shop import CLIENT

DIALECTS: tuple[Dialect, ...] = (POSTGRES, DUCKDB, CLICKHOUSE, SPARK)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
LOADED = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
HANGS_S = 20.0
"""Of its own time, after which an attempt is stopped."""
_MOST_PERIODS = 2_000
_ZONES = available_timezones()
_PLAIN: dict[str, tuple[Period, ...]] = {}


@dataclass(frozen=True)
class Written:
    """A statement of one engine, and the values of its parameters, if they fit."""

    dialect: Dialect
    statement: Statement
    values: Sequence[object] | None
    refusal: AnalyticsEngineError | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: statements, or an error; or else a failure of ours.

    Args:
        seconds: of processor time, so that a busy machine does not count.
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
    except BaseException as failure:  # noqa: BLE001 - this is what the fuzz looks for
        if isinstance(failure, KeyboardInterrupt):
            raise
        return Outcome(attempt, thread_time() - begun, failure=failure)
    return Outcome(attempt, thread_time() - begun, statements)


def _statements(attempt: Attempt, dialects: Sequence[Dialect]) -> Iterator[Written]:
    checker = fuzz_checker() if attempt.segment is None else KpiChecker(_with_segment(attempt.segment))
    for text in (*attempt.question.kpis, *attempt.question.dimensions, *attempt.question.where):
        _check_layout(text)
    if attempt.condition:
        checker.formula(attempt.question.kpis[0], condition=attempt.condition)
    calendar, cut = _periods(attempt)
    plan = build_plan(checker, attempt.question)
    binding = Binding(
        client_id=CLIENT,
        calendar=calendar,
        periods=cut,
        limit=1_000,
        now=NOW,
        grain=attempt.question.grain,
        givens=attempt.givens,
        parameters=attempt.parameters,
        coverage=dict.fromkeys(plan.object_models, LOADED),
        reads=plan.reads,
    )
    for dialect in dialects:
        try:
            statement = emit(plan, checker, dialect)
        except QueryError as refusal:
            if dialect is POSTGRES:
                raise
            assert refusal.detail
            continue
        try:
            yield Written(dialect, statement, bind(statement.slots, binding))
        except QueryError as refusal:
            yield Written(dialect, statement, None, refusal)


def _check_layout(text: str) -> None:
    try:
        tree = parse(text)
    except FormulaError:
        return
    if parse(write(tree)) != tree:
        raise LayoutChanges(write(tree))


def _periods(attempt: Attempt) -> tuple[Calendar, tuple[Period, ...]]:
    """Return the periods asked for, as the service works them out from the wire."""
    if attempt.zone not in _ZONES:
        raise QueryError(f"There is no time zone {attempt.zone!r}.")
    try:
        start, end = map(datetime.fromisoformat, attempt.window)
    except ValueError as error:
        raise QueryError("no date") from error
    calendar = Calendar(attempt.zone)
    found: list[Period] = []
    for period in periods(Window(start.replace(tzinfo=None), end.replace(tzinfo=None)), attempt.question.grain, calendar):
        found.append(period)
    return calendar, tuple(found)


def _with_segment(condition: str) -> Catalog:
    catalog = fuzz_catalog()
    *others, last = catalog.object_models
    segment = Segment.model_construct(name="trick", condition=condition, description="")
    definition = last.definition.model_copy(update={"segments": (*last.definition.segments, segment)})
    return catalog.model_copy(update={"object_models": (*others, last.model_copy(update={"definition": definition}))})


@contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Stop what runs inside once it has taken so long of the processor's time."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooSlow(f"stopped after {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
