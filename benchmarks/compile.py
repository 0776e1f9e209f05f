"""How long it takes to get from a catalog and a question to SQL. ``--profile`` says where the time goes."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from asking import DASHBOARD, FIRST, LAST, read_catalog
from reporting import Report, machine
from timing import Times, of_each, repeated

from analytics_engine.errors import QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.time import Calendar, Window, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import DUCKDB, POSTGRES, Dialect
from analytics_engine.kpi.sql.emit import Statement, emit
from analytics_engine.kpi.values.binding import Binding, bind
from analytics_engine.services.business_metadata.bundle import read_bundle, read_directory
from analytics_engine.services.calculation_engine_service.plans import PlanCache

_STARTER = Path(__file__).parents[1] / "catalog"
_MANY = 500
_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_GRAINS = ("day", "week", "month", "quarter", "year")


def starter() -> Catalog:
    """Return the starter catalog."""
    entries = [entry.definition for entry in read_bundle(read_directory(_STARTER))]
    return Catalog(
        version="starter",
        object_models=tuple(
            ObjectModelVersion(definition=entry) for entry in entries if isinstance(entry, ObjectModel)
        ),
        kpis=tuple(KpiVersion(definition=entry) for entry in entries if isinstance(entry, Kpi)),
    )


def many(catalog: Catalog, count: int) -> Catalog:
    """Return the catalog with copies of its KPIs under further codes, their references turned to the copies."""
    codes = {version.definition.code for version in catalog.kpis}
    copies: list[KpiVersion] = []
    while len(copies) < count:
        number = len(copies) // len(codes)
        copies += (KpiVersion(definition=_copy(version.definition, codes, number)) for version in catalog.kpis)
    return catalog.model_copy(update={"version": f"many {count}", "kpis": tuple(copies[:count])})


def _copy(kpi: Kpi, codes: set[str], number: int) -> Kpi:
    def renamed(text: str) -> str:
        return _CODE.sub(lambda found: f"{found[0]}_{number}" if found[0] in codes else found[0], text)

    return kpi.model_copy(
        update={"code": f"{kpi.code}_{number}", "formula": renamed(kpi.formula), "filter": renamed(kpi.filter)}
    )


def fresh(catalog: Catalog) -> Catalog:
    """Return an equal catalog that has nothing worked out yet."""
    return Catalog(**{name: getattr(catalog, name) for name in Catalog.model_fields})


def compiled(checker: KpiChecker, question: Question, dialect: Dialect) -> Statement:
    return emit(build_plan(checker, question), checker, dialect)


def all_alone(catalog: Catalog, dialect: Dialect) -> int:
    """Compile every KPI of a catalog on its own, from nothing, and return how many there are."""
    checker = KpiChecker(fresh(catalog))
    for version in catalog.kpis:
        compiled(checker, Question(kpis=(version.definition.code,), grain=_grain_of(version.definition)), dialect)
    return len(catalog.kpis)


def all_checked(catalog: Catalog) -> KpiChecker:
    checker = KpiChecker(fresh(catalog))
    for version in catalog.kpis:
        checker.kpi(version.definition.code)
    return checker


def new_questions(checker: KpiChecker, dialect: Dialect) -> list[Callable[[], object]]:
    """Return the compiling of a question a KPI and grain, none of which was asked before."""
    return [
        lambda question=question: compiled(checker, question, dialect)
        for version in checker.catalog.kpis
        for question in _questions(version.definition)
        if _can_be_asked(checker, question, dialect)
    ]


def _can_be_asked(checker: KpiChecker, question: Question, dialect: Dialect) -> bool:
    try:
        compiled(checker, question, dialect)
    except QueryError:
        return False
    return True


def _questions(kpi: Kpi) -> Iterator[Question]:
    for grain in _GRAINS:
        if not kpi.allowed_grains or grain in kpi.allowed_grains:
            yield Question(kpis=(kpi.code,), grain=grain)


def _grain_of(kpi: Kpi) -> str:
    return kpi.allowed_grains[0] if kpi.allowed_grains else "month"


def _together(catalog: Catalog, count: int) -> Question:
    """Return a question of so many KPIs that may be asked by month."""
    codes = [version.definition.code for version in catalog.kpis if not version.definition.allowed_grains]
    return Question(kpis=tuple(codes[:count]), grain="month")


def _binding(first: datetime, last: datetime) -> Binding:
    calendar = Calendar("UTC")
    return Binding("shop", calendar, periods(Window(first, last), "month", calendar), 1000, _aware(last), grain="month")


def _aware(moment: datetime) -> datetime:
    return Calendar("UTC").instant(moment)


def measured(dialect: Dialect, rounds: int) -> dict[str, Times]:
    """Return the times of each piece of work."""
    catalog = starter()
    hundreds = many(catalog, _MANY)
    checker, shop = all_checked(catalog), KpiChecker(read_catalog())
    dashboard = Question(kpis=DASHBOARD, grain="month")
    cache = PlanCache()
    known = cache.compiled("shop", shop, dashboard, dialect=dialect)
    return {
        f"read the starter catalog from YAML ({len(catalog.kpis)} KPIs)": repeated(starter, rounds=rounds),
        f"check the starter catalog ({len(catalog.kpis)} KPIs), cold": repeated(
            lambda: all_checked(catalog), rounds=rounds
        ),
        f"check {_MANY} KPIs, cold": repeated(lambda: all_checked(hundreds), rounds=rounds),
        "compile the starter catalog, each KPI on its own, cold": repeated(
            lambda: all_alone(catalog, dialect), rounds=rounds
        ),
        f"compile {_MANY} KPIs, each on its own, cold": repeated(lambda: all_alone(hundreds, dialect), rounds=rounds),
        "one new question of one KPI, over all of the starter catalog": of_each(new_questions(checker, dialect)),
        "one new question of the dashboard's 12 KPIs": repeated(
            lambda: compiled(shop, dashboard, dialect), rounds=50 * rounds
        ),
        "one new question of 48 KPIs of the starter catalog": repeated(
            lambda: compiled(checker, _together(catalog, 48), dialect), rounds=5 * rounds
        ),
        "a shape asked before (12 KPIs)": repeated(
            lambda: cache.compiled("shop", shop, dashboard, dialect=dialect), rounds=1000 * rounds
        ),
        "its parameters, for 24 months": repeated(
            lambda: bind(known.statement.slots, _binding(FIRST, LAST)), rounds=50 * rounds
        ),
    }


def _milliseconds(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.4f}" if value < 0.1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def run(rounds: int) -> Report:
    about = (
        "From a catalog and a question to SQL, in milliseconds. Aims: 500 KPIs cold below 1,000, one new question "
        "below 2 (and 0.4 in time), a shape asked before below 0.1."
    )
    report = Report("compile", about, machine("sqlglot", "pydantic"))
    for dialect in (POSTGRES, DUCKDB):
        report.heading(f"For {dialect.name}")
        times = measured(dialect, rounds)
        rows = [
            [name, str(len(each.seconds)), *map(_milliseconds, (each.least, each.median, each.most))]
            for name, each in times.items()
        ]
        report.table(["work", "times", "least", "median", "most"], rows)
        for name, each in times.items():
            report.keep(
                dialect.name, name, figures={"least_s": each.least, "median_s": each.median, "most_s": each.most}
            )
    return report


def profiled(dialect: Dialect) -> None:
    """Print where the time of compiling goes: of many KPIs cold, and of one new question after another."""
    hundreds = many(starter(), _MANY)
    checker = all_checked(hundreds)
    for title, work in (
        (f"{_MANY} KPIs cold", lambda: all_alone(hundreds, dialect)),
        ("new questions of one KPI", lambda: [compiled() for compiled in new_questions(checker, dialect)]),
    ):
        print(f"\n=== {title}, for {dialect.name}")
        profile = cProfile.Profile()
        profile.runcall(work)
        stats = pstats.Stats(profile).strip_dirs()
        stats.sort_stats("cumulative").print_stats(45)
        stats.sort_stats("tottime").print_stats(35)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--record", action="store_true", help="write the figures to results/")
    arguments.add_argument("--profile", action="store_true", help="print where the time goes instead")
    given = arguments.parse_args()
    if given.profile:
        profiled(POSTGRES)
        return
    report = run(given.rounds)
    if given.record:
        report.record()


if __name__ == "__main__":
    main()
