"""Who does what on the database server now, who waits for whom, and how to stop one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics_engine.errors import Forbidden, NotFound
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.services.database_service.monitoring.monitor import SQL, as_monitor
from analytics_engine.services.database_service.monitoring.schemas import BlockingSession, Session, SignalledSession

log = get_logger(__name__)


class Activity:
    """The sessions of the database server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sessions(self) -> list[Session]:
        """Return the sessions in this database, the longest transaction first."""
        async with as_monitor(self._database) as connection:
            rows = await connection.fetch(SQL["activity"])
        return [Session.model_validate(dict(row)) for row in rows]

    async def blocking(self) -> list[BlockingSession]:
        """Return the sessions that others wait for and that wait for nobody, each with those that wait for it."""
        async with as_monitor(self._database) as connection:
            rows = await connection.fetch(SQL["blocking"])
        return blocking_trees([Session.model_validate(dict(row)) for row in rows])

    async def cancel(self, principal: Principal, pid: int) -> SignalledSession:
        """Stop what a session does now; the session and its connection stay.

        Raises:
            NotFound: there is no such session in this database.
            Forbidden: it is none of the product's, or the database does not let us.
        """
        return await self._signal(principal, pid, terminate=False)

    async def terminate(self, principal: Principal, pid: int) -> SignalledSession:
        """End a session, whatever it does; a service opens a new one. Raises as ``cancel`` does."""
        return await self._signal(principal, pid, terminate=True)

    async def _signal(self, principal: Principal, pid: int, *, terminate: bool) -> SignalledSession:
        async with self._database.transaction() as connection:
            row = await connection.fetch_one(SQL["signal_session"], pid, terminate)
        assert row is not None
        if row["outcome"] != "signalled":
            raise _refusal(row["outcome"], pid, row["login"])
        signalled = SignalledSession(
            pid=pid,
            login=row["login"],
            application=row["application"] or "",
            action="terminate" if terminate else "cancel",
        )
        log.warning("session_signalled", by=principal.subject, client_id=principal.client_id, **signalled.model_dump())
        return signalled


def blocking_trees(sessions: Sequence[Session]) -> list[BlockingSession]:
    """Return the sessions that wait for nobody as roots, with whoever waits for them below, the longest wait first.

    A session that waits for several stands below each. Of sessions that wait for each other, until the server breaks
    the deadlock, the one that waits longest is the root. A prepared transaction is a root of its own, with pid 0.
    """
    known = {session.pid: session for session in sessions}
    for pid in {pid for session in sessions for pid in session.blocked_by} - known.keys():
        known[pid] = _unseen(pid)
    roots = [session for session in known.values() if not session.blocked_by]
    trees = [_tree(root, known, above=frozenset()) for root in roots]
    placed = {pid for tree in trees for pid in _pids(tree)}
    for session in sorted(known.values(), key=_waited_longest):
        if session.pid not in placed:
            tree = _tree(session, known, above=frozenset())
            trees.append(tree)
            placed |= _pids(tree)
    return trees


def _tree(session: Session, known: Mapping[int, Session], *, above: frozenset[int]) -> BlockingSession:
    path = above | {session.pid}
    waiting = [other for other in known.values() if session.pid in other.blocked_by and other.pid not in path]
    below = [_tree(other, known, above=path) for other in sorted(waiting, key=_waited_longest)]
    return BlockingSession(**session.model_dump(), blocks=below)


def _waited_longest(session: Session) -> tuple[float, int]:
    return (-(session.waiting_s or 0.0), session.pid)


def _pids(tree: BlockingSession) -> set[int]:
    return {tree.pid}.union(*(_pids(below) for below in tree.blocks))


def _unseen(pid: int) -> Session:
    """Return a session that is no session: a prepared transaction, or one that ended in this moment."""
    return Session(
        pid=pid,
        login="",
        application="a prepared transaction" if pid == 0 else "",
        state=None,
        wait_event_type=None,
        wait_event=None,
        transaction_s=None,
        statement_s=None,
        waiting_s=None,
        blocked_by=[],
        statement="",
    )


def _refusal(outcome: str, pid: int, login: str | None) -> NotFound | Forbidden:
    match outcome:
        case "foreign":
            return Forbidden(
                f"The session {pid} is none of the product's: its login is {login or 'not known'}.",
                remedy="Ask the server's administrator; only sessions of the services and of report writers in this "
                "database are ended here.",
                pid=pid,
            )
        case "not_allowed":
            return Forbidden(
                f"The owner of the database may not signal the session {pid}.",
                remedy="Have a superuser GRANT pg_signal_backend to the owner, the login that runs migrations.",
                pid=pid,
            )
        case _:
            return NotFound(
                f"There is no session {pid} in this database.",
                remedy="List those there are: /activity. It may have ended by itself.",
                pid=pid,
            )
