"""Who blocks whom, as trees."""

from __future__ import annotations

from analytics_engine.services.database_service.monitoring.activity import blocking_trees
from analytics_engine.services.database_service.monitoring.schemas import BlockingSession, Session


def session(pid: int, *blocked_by: int, waiting_s: float | None = None) -> Session:
    return Session(
        pid=pid,
        login="l",
        application="a",
        state="active",
        wait_event_type="Lock" if blocked_by else None,
        wait_event=None,
        transaction_s=1.0,
        statement_s=1.0,
        waiting_s=waiting_s,
        blocked_by=list(blocked_by),
        statement="s",
    )


def shape(trees: list[BlockingSession]) -> list[object]:
    return [(tree.pid, shape(tree.blocks)) if tree.blocks else tree.pid for tree in trees]


def test_a_chain_hangs_below_who_waits_for_nobody() -> None:
    trees = blocking_trees([session(3, 2), session(2, 1), session(1)])
    assert shape(trees) == [(1, [(2, [3])])]


def test_the_longest_wait_comes_first() -> None:
    trees = blocking_trees([session(1), session(2, 1, waiting_s=1.0), session(3, 1, waiting_s=9.0)])
    assert shape(trees) == [(1, [3, 2])]


def test_who_waits_for_several_stands_below_each() -> None:
    assert shape(blocking_trees([session(1), session(2), session(3, 1, 2)])) == [(1, [3]), (2, [3])]


def test_a_deadlock_that_is_not_broken_yet_begins_at_the_longest_wait() -> None:
    trees = blocking_trees([session(1, 2, waiting_s=1.0), session(2, 1, waiting_s=5.0)])
    assert shape(trees) == [(2, [1])]


def test_a_prepared_transaction_is_a_root() -> None:
    (root,) = blocking_trees([session(5, 0)])
    assert (root.pid, root.application, shape(root.blocks)) == (0, "a prepared transaction", [5])
