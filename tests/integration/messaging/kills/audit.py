"""Whether each committed event had its effect, once and in its turn, or is a dead letter, and nothing else happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import asyncpg

from integration.messaging.kills.consumer import GROUP, REASON
from integration.messaging.kills.writer import Key

Committed = Mapping[str, tuple[Key, int, bool]]


@dataclass
class Found:
    """What an audit saw; all but ``effects`` and ``dead_letters`` must be nothing."""

    effects: int = 0
    dead_letters: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unheard_of: list[str] = field(default_factory=list)
    poison_with_effect: list[str] = field(default_factory=list)
    wrong_dead_letters: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        return {what: of[:5] for what, of in vars(self).items() if isinstance(of, list) and of}


async def audit(connection: asyncpg.Connection, committed: Committed) -> Found:
    effects = await connection.fetch("SELECT event_id, type, client_id, subject, n FROM public.effects ORDER BY id")
    letters = await connection.fetch(
        "SELECT event_id, reason FROM messaging.dead_letters WHERE consumer_group = $1", GROUP
    )
    poison = {identity for identity, (_, _, poisoned) in committed.items() if poisoned}
    times = Counter(row["event_id"] for row in effects)
    found = Found(effects=len(effects), dead_letters=len(letters))
    found.lost = sorted(committed.keys() - poison - times.keys())
    found.doubled = sorted(identity for identity, count in times.items() if count > 1)
    found.unheard_of = sorted(times.keys() - committed.keys())
    found.poison_with_effect = sorted(times.keys() & poison)
    told = Counter((row["event_id"], row["reason"]) for row in letters)
    wanted = Counter((identity, REASON) for identity in poison)
    found.wrong_dead_letters = [f"{identity}: {reason}" for identity, reason in (told - wanted) + (wanted - told)]
    newest: dict[Key, int] = defaultdict(int)
    for row in effects:
        key = (row["type"], row["client_id"], row["subject"])
        if row["n"] < newest[key]:
            found.out_of_order.append(f"{key}: {row['n']} after {newest[key]}")
        newest[key] = max(newest[key], row["n"])
    return found


TAMPERING = {
    "lost": "DELETE FROM public.effects WHERE id = (SELECT max(id) FROM public.effects)",
    "doubled": (
        "INSERT INTO public.effects (type, client_id, subject, event_id, n) "
        "SELECT type, client_id, subject, event_id, n FROM public.effects ORDER BY id DESC LIMIT 1"
    ),
    "out_of_order": (
        "UPDATE public.effects SET n = n + 1000000 WHERE id = (SELECT min(id) FROM public.effects WHERE "
        "(type, client_id, subject) = (SELECT type, client_id, subject FROM public.effects ORDER BY id DESC LIMIT 1))"
    ),
    "unheard_of": "INSERT INTO public.effects (type, client_id, subject, event_id, n) VALUES ('t', 'c', 's', 'x', 1)",
    "poison_with_effect": (
        "INSERT INTO public.effects (type, client_id, subject, event_id, n) "
        "SELECT type, client_id, 'another', event_id, 1 FROM messaging.dead_letters LIMIT 1"
    ),
    "wrong_dead_letters": (
        "DELETE FROM messaging.dead_letters WHERE event_id = (SELECT min(event_id) FROM messaging.dead_letters)"
    ),
}
"""What an audit has to see, and by which name."""


async def unseen(connection: asyncpg.Connection, committed: Committed) -> AsyncIterator[str]:
    """Yield what was tampered with and not seen; each is undone."""
    for what, statement in TAMPERING.items():
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(statement)
            if what not in (await audit(connection, committed)).wrong:
                yield what
        finally:
            await transaction.rollback()
