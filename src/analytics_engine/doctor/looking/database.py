"""The database, as its owner and as each service's login sees it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from analytics_engine.adapters.postgres.database import address_of
from analytics_engine.adapters.postgres.looking import Look, NotAdmitted, Refusal, look
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import with_login
from analytics_engine.kernel.ports.database import Row
from analytics_engine.kernel.queries import load_queries

_SQL = load_queries(__package__, "database.sql")
_WITHIN_S = 5.0
_ROWS_S = 4.0
_BLOCKED_S, _IDLE_S, _LONG_S = 2.0, 60.0, 1800.0
_LATE_S, _MARKED_S, _BUILDING_S = 300.0, 300.0, 1800.0
_LOGINS = [f"ae_{service.value}" for service in Service]
_PLAIN = (
    "collation", "replication_slots", "archiver", "invalid_indexes", "stale_statistics", "checksum_failures",
)  # fmt: skip
_OF_SCHEMA = (
    "canary", "outbox", "dead_letters", "deliveries", "disabled_subscriptions", "rollup_triggers", "workers",
    "missing_partitions", "object_tables", "held_up", "archived", "clients", "people", "audit_chain",
)  # fmt: skip
_REVISION = re.compile(r'^revision = "(?P<revision>[^"]+)"', re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class DatabaseFacts:
    """What the owner saw.

    Args:
        refusal: why nothing was seen.
        rows: what each query gave; one that could not be asked is not there.
        refused_logins: why a service's login was refused.
        clock_ahead_s: how far the server's clock is before ours.
        complete: whether all queries were asked in time.
        revision: the schema's, empty where there is none; ``revisions`` are those this version knows, oldest first.
    """

    address: str
    refusal: Refusal | None = None
    detail: str = ""
    server: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    refused_logins: Mapping[str, NotAdmitted] = field(default_factory=dict)
    clock_ahead_s: float = 0.0
    revision: str = ""
    revisions: tuple[str, ...] = ()
    complete: bool = True


def expected_grants() -> Iterator[tuple[str, str, str]]:
    """Yield who may do what on which table, as the migrations grant it: login, relation, privilege."""
    text = resources.files(__package__).joinpath("grants.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        login, relation, *privileges = line.split()
        yield from ((login, relation, privilege) for privilege in privileges)


def known_revisions(folder: Path) -> tuple[str, ...]:
    """Return the revisions of a folder of migrations, oldest first."""
    texts = (file.read_text(encoding="utf-8") for file in sorted((folder / "versions").glob("*.py")))
    return tuple(match["revision"] for text in texts if (match := _REVISION.search(text)))


async def look_at_database(settings: Settings, roles: Path, migrations: Path) -> DatabaseFacts:
    """Return what is to be seen with the owner's URL, and whether each service's login is let in."""
    url = settings.need_database_url()
    address = address_of(url)
    revisions = known_revisions(migrations)
    try:
        async with look(url, within_s=_WITHIN_S) as seen:
            began = time.time()
            (server,) = await seen.rows(_SQL["server"])
            ahead = float(server["clock_s"]) - (began + time.time()) / 2
            revision = str(await seen.value(_SQL["revision"]) or "") if server["migrated"] else ""
            present = revision == revisions[-1]
            refused: dict[str, NotAdmitted] = {}
            rows: dict[str, Sequence[Row]] = {}
            complete = True
            try:
                async with asyncio.timeout(_ROWS_S):
                    await asyncio.gather(_refused_logins(url, roles, refused), _rows(seen, rows, of_schema=present))
            except TimeoutError:
                complete = False
    except NotAdmitted as error:
        return DatabaseFacts(address=address, refusal=error.refusal, detail=error.detail, revisions=revisions)
    return DatabaseFacts(
        address=address,
        server=server,
        rows=rows,
        refused_logins=refused,
        clock_ahead_s=ahead,
        revision=revision,
        revisions=revisions,
        complete=complete,
    )


async def _rows(seen: Look, found: dict[str, Sequence[Row]], *, of_schema: bool) -> None:
    """Fill in the rows of one query after the other, as far as time allows."""
    grants = list(expected_grants())
    asked: dict[str, tuple[Any, ...]] = dict.fromkeys(_PLAIN, ())
    asked |= {"logins": (_LOGINS,), "blockers": (_BLOCKED_S,), "long_transactions": (_IDLE_S, _LONG_S)}
    if of_schema:
        asked |= dict.fromkeys(_OF_SCHEMA, ())
        asked |= {"relay_holders": ("messaging.relay",), "rollup_marks": (_MARKED_S,)}
        asked |= dict.fromkeys(("jobs", "schedules", "alert_checks"), (_LATE_S,))
        asked |= {"rollups_building": (_BUILDING_S,), "missing_grants": tuple(map(list, zip(*grants, strict=True)))}
    for name, args in asked.items():
        try:
            found[name] = await seen.rows(_SQL[name], *args)
        except NotAdmitted as error:
            if error.refusal is Refusal.SILENT:
                return


async def _refused_logins(url: str, roles: Path, found: dict[str, NotAdmitted]) -> None:
    async def refused(service: Service) -> NotAdmitted | None:
        try:
            password = (roles / f"{service.value}.password").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        if not password:
            return None
        try:
            async with look(with_login(url, user=f"ae_{service.value}", password=password), within_s=_WITHIN_S):
                return None
        except NotAdmitted as error:
            return error

    answers = await asyncio.gather(*map(refused, Service))
    found |= {f"ae_{service.value}": error for service, error in zip(Service, answers, strict=True) if error}
