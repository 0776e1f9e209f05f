"""Golden cases: what is asked, the SQL it becomes on each engine, and the rows a real one answers.

A case's ``rows`` are worked out by hand from ``data.yaml``; every engine has to answer the same. The SQL of
``cases/`` is kept beside it, so that a change of the compiler is seen; ``UPDATE_GOLDEN=1 pytest tests/golden`` writes
the SQL anew, and never the rows. ``traps/`` are questions with a wrong answer that is easy to give: they are answered
right, or refused with the remedy.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.errors import AnalyticsEngineError
from golden.cases import answer, case_of, check, read
from golden.shop import FOLDER
from support.engines import UNDER_TEST, EngineUnderTest

CASES = sorted((FOLDER / "cases").glob("*.yaml"))
TRAPS = sorted((FOLDER / "traps").glob("*.yaml"))
LEAST_TRAPS = 60


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_question_becomes_this_sql_and_these_rows(shop: EngineUnderTest, path: Path) -> None:
    stated = read(path)
    if "refused" in stated:
        await _is_refused(shop, stated)
        return
    answered = await answer(shop, case_of(stated))
    kept = path.with_suffix(f".{shop.name}.sql")
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(answered.sql + "\n", encoding="utf-8")
    check(answered, stated)
    assert answered.sql + "\n" == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
async def test_a_trap_is_answered_right_or_refused_with_the_remedy(shop: EngineUnderTest, path: Path) -> None:
    stated = read(path)
    if "refused" in stated:
        await _is_refused(shop, stated)
    else:
        check(await answer(shop, case_of(stated)), stated)


async def _is_refused(shop: EngineUnderTest, stated: Mapping[str, Any]) -> None:
    with pytest.raises(AnalyticsEngineError) as refusal:
        await answer(shop, case_of(stated))
    assert {"detail": refusal.value.detail, "remedy": refusal.value.remedy} == stated["refused"]


def test_every_kept_statement_belongs_to_a_case() -> None:
    """A case that is renamed or removed leaves no SQL behind."""
    answered = [path.stem for path in CASES if "refused" not in read(path)]
    expected = {f"{stem}.{engine}.sql" for stem in answered for engine in UNDER_TEST}
    assert {path.name for path in (FOLDER / "cases").glob("*.sql")} == expected


def test_there_are_traps_enough_and_each_says_what_it_shows() -> None:
    """Every trap says what it is about, and either what is answered or how it is refused."""
    traps = [read(path) for path in TRAPS]
    assert len(traps) >= LEAST_TRAPS
    assert all(trap["about"] and ("rows" in trap) != ("refused" in trap) for trap in traps)
