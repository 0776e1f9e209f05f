"""Rows with values that engines are known to get wrong, and a question per formula over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import Attribute, DataType, ObjectModel
from analytics_engine.kpi.model.time import Calendar, Window, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.binding import Binding, Span, bind
from support.engines import CLIENT, EngineUnderTest

ZONE = "America/New_York"
_ATTRIBUTES = {
    "id": DataType.TEXT, "kind": DataType.TEXT, "at": DataType.TIMESTAMP,
    "a": DataType.INTEGER, "b": DataType.INTEGER, "m": DataType.DECIMAL, "n": DataType.DECIMAL,
    "f": DataType.FLOAT, "g": DataType.FLOAT, "s": DataType.TEXT, "p": DataType.BOOLEAN, "q": DataType.BOOLEAN,
    "u": DataType.TIMESTAMP, "v": DataType.TIMESTAMP, "d": DataType.DATE, "e": DataType.DATE,
    "hours": DataType.DECIMAL, "seconds": DataType.INTEGER,
}  # fmt: skip
_UNITS = {"hours": "h", "seconds": "s"}

MODEL = ObjectModel(
    code="thing",
    name="Thing",
    nature="event",
    key=("id",),
    time_attribute="at",
    attributes=tuple(
        Attribute(name=name, type=kind, unit=_UNITS.get(name, ""), nullable=name not in {"id", "at"})
        for name, kind in _ATTRIBUTES.items()
    ),
)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


_START = _instant("2026-01-01T00:00:00")


def _row(name: str, kind: str, minute: int, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(_ATTRIBUTES) | {"id": name, "kind": kind, "at": _START.replace(minute=minute)} | values


ROWS = [
    _row(
        "spring", "odd", 1, a=7, b=3, m=Decimal("12.5"), n=Decimal(4), f=2.5, g=0.1, s="apple", p=True, q=None,
        u=_instant("2026-03-08T06:30:00"), v=_instant("2026-03-08T07:30:00"), d=date(2026, 1, 31), e=date(2026, 3, 1),
        hours=Decimal("1.5"), seconds=5,
    ),
    _row(
        "autumn", "odd", 2, a=-7, b=3, m=Decimal("-2.345"), n=Decimal(2), f=-2.5, g=0.3, s="Zoë", p=False, q=None,
        u=_instant("2026-11-01T05:30:00"), v=_instant("2026-11-01T06:30:00"), d=date(2026, 11, 1), e=date(2026, 11, 1),
        hours=Decimal("-0.25"), seconds=86_400,
    ),
    _row("nothing", "odd", 3),
    _row(
        "zero", "odd", 4, a=3_000_000_000, b=0, m=Decimal("99999999999.99"), n=Decimal(0), f=0.3, g=0.0, s="", p=True,
        q=False, u=_instant("2026-06-30T23:59:59.999999"), v=_instant("2026-06-30T00:00:00"), d=date(2026, 6, 30),
        e=date(2025, 6, 30), hours=Decimal(0), seconds=0,
    ),
    _row(
        "epoch", "even", 5, a=0, b=-3, m=Decimal("0.1"), n=Decimal("0.2"), f=0.5, g=-0.5, s="it's", p=False, q=True,
        u=_instant("1969-12-31T23:59:59.999999"), v=_instant("1970-01-01T00:00:00.000001"), d=date(1969, 12, 31),
        e=date(1970, 1, 1), hours=Decimal(24), seconds=1,
    ),
    _row(
        "leap", "even", 6, a=-1, b=-2, m=Decimal("2.675"), n=Decimal("-0.03"), f=2.675, g=-1.0, s="b\\c", p=None,
        q=True,
        u=_instant("2024-02-29T04:59:59"), v=_instant("2025-12-29T05:00:00"), d=date(2024, 2, 29), e=date(2025, 12, 29),
        hours=Decimal("0.0001"), seconds=3_661,
    ),
    _row("half", "even", 7, a=2, b=2, m=Decimal("0.125"), n=Decimal("0.125"), f=0.125, g=2.0, s="b", p=True, q=True),
]  # fmt: skip
"""``id`` tells rows apart, ``kind`` makes groups, and the minute of ``at`` their order."""


@dataclass(frozen=True)
class Formulas:
    """Formulas as KPIs of one catalog, asked in one question."""

    formulas: Sequence[str]
    dimension: str = "thing.id"
    client: str = CLIENT

    def plan(self) -> Plan:
        """Return the plan of the question."""
        return self._asked()[1]

    async def answer(self, engine: EngineUnderTest) -> dict[str, dict[str, Any]]:
        """Return each formula's values by the dimension's members."""
        checker, plan = self._asked()
        statement = emit(plan, checker, engine.dialect)
        rows = await engine.run(statement.sql, bind(statement.slots, binding(self.client)), client_id=self.client)
        return {formula: {row["d0"]: row[f"k{number}"] for row in rows} for number, formula in enumerate(self.formulas)}

    def _asked(self) -> tuple[KpiChecker, Plan]:
        checker = KpiChecker(self._catalog())
        kpis = tuple(f"F{number}" for number in range(len(self.formulas)))
        return checker, build_plan(checker, Question(kpis=kpis, dimensions=(self.dimension,)))

    def _catalog(self) -> Catalog:
        kpis = [
            Kpi(code=f"F{number}", name=formula[:40], module="TEST", formula=formula, direction="higher")
            for number, formula in enumerate(self.formulas)
        ]
        return Catalog(
            version="facts",
            object_models=(ObjectModelVersion(definition=MODEL),),
            kpis=tuple(KpiVersion(version=1, definition=kpi) for kpi in kpis),
        )


def binding(client: str) -> Binding:
    """Return one hour that holds every row, asked for in New York."""
    calendar = Calendar(ZONE)
    window = Window(datetime(2025, 12, 31, 19), datetime(2025, 12, 31, 20))
    return Binding(
        client_id=client,
        calendar=calendar,
        periods=periods(window, None, calendar),
        limit=1_000,
        now=datetime(2027, 1, 1, tzinfo=UTC),
        coverage={MODEL.code: Span(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))},
    )


def by_id() -> Mapping[str, Mapping[str, Any]]:
    return {row["id"]: row for row in ROWS}


def by_kind() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return {kind: [row for row in ROWS if row["kind"] == kind] for kind in ("odd", "even")}
