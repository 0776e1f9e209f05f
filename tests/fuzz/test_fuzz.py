"""No text, however hostile, reaches SQL: each gives an answer's statement or a clear error, in bounded time.

``AE_FUZZ_INPUTS`` says how many texts are tried (``make fuzz``: 100,000); they are the same ones on every run.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kpi.sql.dialects import POSTGRES, Dialect
from fuzz.attempts import Attempt, Attempts
from fuzz.catalog import catalog_names, fuzz_catalog
from fuzz.running import DIALECTS, Outcome, run
from fuzz.statements import foreign

INPUTS = int(os.environ.get("AE_FUZZ_INPUTS", "20000"))
PARTS = 4
SEED = 20_261_126
EVERY_DIALECT = 8
"""One attempt in so many is written for every engine, the others for PostgreSQL."""
LONGEST_S = 1.0
"""For one engine, of the thread's own time: up to 0.2 s are usual for what is very large, and 2 ms for the rest."""
TRIES = 3
"""An attempt takes too long if it does each time: a slow moment of the machine is not the compiler's."""
SHOWN = 20


def outcomes(part: int) -> Iterator[Outcome]:
    for attempt in Attempts(SEED + part).draw(INPUTS // PARTS):
        yield run(attempt, dialects_of(attempt))


def dialects_of(attempt: Attempt) -> tuple[Dialect, ...]:
    return DIALECTS if attempt.number % EVERY_DIALECT == 0 else (POSTGRES,)


def mistakes_of(outcome: Outcome) -> Iterator[str]:
    """Yield what must not come of an attempt."""
    if outcome.failure is not None:
        yield f"{type(outcome.failure).__name__}: {outcome.failure}"
    if outcome.refusal is not None:
        yield from mistakes_of_refusal(outcome.refusal)
    if is_slow(outcome) and all(is_slow(run(outcome.attempt, dialects_of(outcome.attempt))) for _ in range(TRIES - 1)):
        yield f"it took {outcome.seconds:.1f} s"
    for written in outcome.statements:
        for found in foreign(written.statement.sql, written.dialect.name, catalog_names(fuzz_catalog())):
            yield f"in the statement for {written.dialect.name} stands the {found}"


def is_slow(outcome: Outcome) -> bool:
    return outcome.seconds > LONGEST_S * max(1, len({written.dialect.name for written in outcome.statements}))


def mistakes_of_refusal(refusal: AnalyticsEngineError) -> Iterator[str]:
    if not refusal.detail.strip():
        yield "an error that says nothing"
    try:
        json.dumps([refusal.detail, refusal.remedy, refusal.facts], ensure_ascii=False).encode()
    except (TypeError, UnicodeEncodeError) as error:
        yield f"an error that cannot be sent: {error}"


@pytest.mark.timeout(300 + INPUTS // 20)
@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.xdist_group(f"fuzz {part}")) for part in range(PARTS)]
)
def test_a_hostile_text_gives_a_statement_or_a_clear_error(part: int) -> None:
    """No crash, no hang, no text of the input in SQL: only quoted names of the catalog and the compiler's own words."""
    tried: Counter[str] = Counter()
    wrong: list[str] = []
    for outcome in outcomes(part):
        tried["answered" if outcome.statements else "refused"] += 1
        wrong += [f"{mistake}\n    {outcome.attempt}" for mistake in mistakes_of(outcome)]
    assert not wrong, f"{len(wrong)} of {tried.total()}:\n" + "\n".join(wrong[:SHOWN])
    assert tried["answered"] > tried.total() // 10, "most of what is tried has no meaning, so little is tested"
    assert tried["refused"] > tried.total() // 3


@pytest.mark.parametrize(
    "leak",
    [
        "1; SELECT 1",
        "1 -- all",
        "1 /* all */",
        "'x'",
        "E'x'",
        "$$x$$",
        '"usename"',
        "pg_sleep(10)",
        "pg_catalog.pg_shadow",
        "current_user",
        "1e999",
        "@x",
        "#1",
    ],
)
def test_what_does_not_belong_into_a_statement_is_found(leak: str) -> None:
    """The check that the fuzz rests on sees what a leak would look like, and has nothing against a good statement."""
    names = catalog_names(fuzz_catalog())
    good = (
        'WITH s AS (SELECT CAST($1 AS BIGINT) AS s0 FROM "facts"."order" AS f WHERE f."weight" > 1.5) SELECT s0 FROM s'
    )
    assert foreign(good, "postgres", names) == []
    assert foreign(good.replace("1.5", leak), "postgres", names) != []
