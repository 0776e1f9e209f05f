"""Rules on Redis."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from analytics_engine.adapters.redis.looking import RedisLook, RedisRefusal
from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.seen import Seen

_NEARLY_FULL = 0.9
_CRASHES = 2
_CLIENTS = ("services.unwell", "services.unready", "events.outbox", "events.unread")

SUSPENDED = Check(
    name="redis.suspended",
    severity=Severity.ERROR,
    what="Redis (process {pid}) is suspended.",
    why="No event goes out, and answers are not kept.",
    fix="kill -CONT {pid}",
    explains=("redis.*", "services.*", "events.*"),
)
CRASHES = Check(
    name="redis.crashes",
    severity=Severity.ERROR,
    what="Redis does not stay up ({end}, {times} times in a row). It says: {words}",
    why="No event goes out, and answers are not kept.",
    fix="Mend what it says; the supervisor starts it again by itself. Its log: {log}",
    explains=("redis.*", *_CLIENTS),
)
UNKNOWN_HOST = Check(
    name="redis.unknown-host",
    severity=Severity.ERROR,
    what="REDIS_URL names the host {host}, which this machine does not know.",
    why="No event goes out, and answers are not kept.",
    fix="Correct the host in REDIS_URL, or its entry in DNS or /etc/hosts.",
    explains=_CLIENTS,
)
REFUSED = Check(
    name="redis.refused",
    severity=Severity.ERROR,
    what="Nothing listens at {address}, where Redis should be.",
    why="No event goes out, and answers are not kept.",
    fix="Start Redis there, or correct REDIS_URL.",
    explains=_CLIENTS,
)
SILENT = Check(
    name="redis.silent",
    severity=Severity.ERROR,
    what="Redis at {address} takes connections and does not answer.",
    why="No event goes out, and answers are not kept.",
    fix="See what holds it up (redis-cli --latency, SLOWLOG GET 10), whether a firewall drops the packets, and "
    "whether {address} is Redis at all.",
    explains=_CLIENTS,
)
PASSWORD = Check(
    name="redis.password",
    severity=Severity.ERROR,
    what="Redis at {address} refuses the password of {source}.",
    why="No event goes out, and answers are not kept.",
    fix="Correct the password in {source}, or give the server that one: CONFIG SET requirepass ...",
    explains=_CLIENTS,
)
NOT_REDIS = Check(
    name="redis.not-redis",
    severity=Severity.ERROR,
    what="What listens at {address} is not Redis.",
    why="No event goes out, and answers are not kept.",
    fix="Correct the port in REDIS_URL, or stop the program that has it: ss -ltnp 'sport = :{port}'",
    explains=_CLIENTS,
)
LOADING = Check(
    name="redis.loading",
    severity=Severity.WARNING,
    what="Redis at {address} is still loading its data.",
    why="It answers when it is through.",
    fix="Wait; INFO persistence tells how far it is (loading_eta_seconds).",
    explains=_CLIENTS,
)
UNUSABLE = Check(
    name="redis.unusable",
    severity=Severity.ERROR,
    what="Redis at {address} cannot be used: {detail}",
    why="No event goes out, and answers are not kept.",
    fix="Mend what it says, or correct REDIS_URL.",
    explains=_CLIENTS,
)
FULL = Check(
    name="redis.full",
    severity=Severity.ERROR,
    what="Redis uses {used_mib} MiB of the {limit_mib} MiB it may (maxmemory).",
    why="It refuses every event when it is full; they wait in the outbox.",
    fix="CONFIG SET maxmemory {better_mib}mb, and the same in its configuration file",
    explains=_CLIENTS,
)
EVICTS = Check(
    name="redis.evicts",
    severity=Severity.ERROR,
    what="Redis throws away data when its memory is full: maxmemory-policy is {policy}.",
    why="It may throw away events that nobody has read yet.",
    fix="CONFIG SET maxmemory-policy noeviction, and the same in its configuration file",
)
NOT_DURABLE = Check(
    name="redis.not-durable",
    severity=Severity.ERROR,
    what="Redis does not write down what it has: appendonly is {value}.",
    why="Events on their way are lost when it ends; they have to be sent again from the outbox.",
    fix="CONFIG SET appendonly yes, and the same in its configuration file",
)
WRITE_FAILS = Check(
    name="redis.write-fails",
    severity=Severity.ERROR,
    what="Redis could not write its append-only file.",
    why="It refuses every event until it can.",
    fix="Free space on its disk, and see its log; it goes on by itself.",
    explains=_CLIENTS,
)
REPLICA = Check(
    name="redis.replica",
    severity=Severity.ERROR,
    what="Redis at {address} is a replica of {master}, and takes no changes.",
    why="No event goes out.",
    fix="Point REDIS_URL to {master}; or, if {address} is to be the one: REPLICAOF NO ONE",
    explains=_CLIENTS,
)

CHECKS = (
    SUSPENDED,
    CRASHES,
    UNKNOWN_HOST,
    NOT_REDIS,
    REFUSED,
    PASSWORD,
    LOADING,
    SILENT,
    UNUSABLE,
    WRITE_FAILS,
    REPLICA,
    FULL,
    EVICTS,
    NOT_DURABLE,
)
_REFUSALS = {
    RedisRefusal.UNKNOWN_HOST: UNKNOWN_HOST,
    RedisRefusal.REFUSED: REFUSED,
    RedisRefusal.SILENT: SILENT,
    RedisRefusal.PASSWORD: PASSWORD,
    RedisRefusal.LOADING: LOADING,
    RedisRefusal.NOT_REDIS: NOT_REDIS,
}
_MIB = 2**20


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with Redis."""
    if seen.embedded_redis:
        yield from _of_process(seen)
    if seen.settings is None or seen.settings.redis_url is None or seen.redis is None:
        return
    parts = urlsplit(seen.settings.redis_url.get_secret_value())
    address = f"{parts.hostname}:{parts.port or 6379}"
    if seen.redis.refusal is not None:
        source = f"{seen.settings.ae_home}/secrets/valkey.password" if seen.embedded_redis else "REDIS_URL"
        yield _REFUSALS.get(seen.redis.refusal, UNUSABLE).found(
            address=address, host=parts.hostname, port=parts.port, detail=seen.redis.detail, source=source
        )
        return
    yield from _of_server(seen.redis, address)


def _of_process(seen: Seen) -> Iterator[Finding]:
    program = seen.processes.programs.get("valkey")
    if program is None or seen.settings is None or seen.processes.supervisor is None:
        return
    if program.stopped:
        yield SUSPENDED.found(pid=program.pid)
    death = seen.processes.deaths.get("valkey")
    if program.pid is None and death and death.in_a_row >= _CRASHES:
        words = program.last_words.strip().splitlines()
        log = str(seen.settings.ae_home / "logs" / "valkey.log")
        yield CRASHES.found(end=death.end, times=death.in_a_row, words=words[-1] if words else "", log=log)


def _of_server(look: RedisLook, address: str) -> Iterator[Finding]:
    info, settings = look.info, look.settings
    if info.get("role") == "slave":
        yield REPLICA.found(address=address, master=f"{info.get('master_host')}:{info.get('master_port')}")
    if info.get("aof_last_write_status", "ok") != "ok":
        yield WRITE_FAILS.found()
    limit = int(info.get("maxmemory", 0))
    used = int(info.get("used_memory", 0))
    if limit and used > limit * _NEARLY_FULL:
        better = max(64, 2 * used // _MIB)
        yield FULL.found(used_mib=used // _MIB, limit_mib=limit // _MIB, better_mib=better)
    policy = settings.get("maxmemory-policy") or str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        yield EVICTS.found(policy=policy)
    if settings.get("appendonly", "yes") == "no" and info.get("role") != "slave":
        yield NOT_DURABLE.found(value="no")
