"""Jobs: work that is kept in the database until it is done, whichever process does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.security.principal import Principal

P = TypeVar("P", bound=BaseModel)
P_co = TypeVar("P_co", bound=BaseModel, covariant=True)


class JobState(StrEnum):
    """How far a job is; the last three are its ends."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunningJob(Protocol[P_co]):
    """One attempt at a job, as its kind sees it.

    Another process may take the job over where this one is not heard of for a while, so what a job does must be
    harmless to do twice, or be done in ``transaction``.
    """

    @property
    def id(self) -> str: ...

    @property
    def principal(self) -> Principal:
        """Who started the job, or made its schedule: it runs as this client and role."""
        ...

    @property
    def client_id(self) -> str: ...

    @property
    def params(self) -> P_co: ...

    @property
    def as_of(self) -> datetime:
        """The time the job is about: its tick, or when it was started. All attempts have the same."""
        ...

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether to stop: somebody cancelled the job, or it is another's now.

        Within a second the job is also cancelled at its next ``await``, so that only long computing needs to ask.
        """
        ...

    async def progress(self, done: int, total: int) -> None:
        """Tell how much is done of how much; written a few times a second at most."""
        ...

    async def fail(self, what: str, problem: AnalyticsEngineError) -> None:
        """Note that one part, such as a KPI, failed; the job goes on, and ends as completed with failures."""
        ...

    async def parts_done(self) -> frozenset[str]:
        """Return the parts that were noted as done, by this attempt and by those before it."""
        ...

    async def keep_result(self, result: Mapping[str, Any]) -> None:
        """Keep what came of the job, of which a person is told; JSON-serialisable and small."""
        ...

    def transaction(self, *, parts: Sequence[str] = ()) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction of the job's client that is committed only while the job is still this attempt's.

        It notes that these parts of the job are done: what is written in it is written once, however often the job
        is tried. Keep it short: whoever cancels the job waits for its end.

        Raises:
            JobTakenOver: it is not this attempt's, or a part is done already.
        """
        ...


class JobKind(Protocol[P]):
    """What jobs of one name do.

    ``run`` returns when the job is completed. A ``DependencyUnavailable``, ``DependencyTimeout``, ``Locked`` or
    ``TooBusy`` is tried again later, a few times; whatever else it raises ends the job as failed.
    """

    @property
    def name(self) -> str:
        """What the kind is asked by: lower-case words with hyphens, such as ``check-alerts``."""
        ...

    @property
    def description(self) -> str:
        """One sentence that says what a job of this kind does."""
        ...

    @property
    def params(self) -> type[P]:
        """The model that a job's parameters are of."""
        ...

    async def run(self, job: RunningJob[P]) -> None: ...


@dataclass(frozen=True)
class NewJob:
    """A job to be enqueued.

    Args:
        lane: jobs of one lane run one after another, in the order of ``as_of``.
        schedule_id: whose tick it is for, or which schedule was run by hand.
        tick: the tick; None for one that was started by hand.
    """

    id: str
    kind: str
    params: Mapping[str, Any]
    principal: Principal
    as_of: datetime
    lane: str | None = None
    schedule_id: str | None = None
    tick: datetime | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class ClaimedJob:
    """A job that a worker was given.

    Args:
        claim: which claim of the job this is; whoever writes for an older one changes nothing.
        attempt: how often it was tried since it was enqueued, this time included.
        request_id: of the request that started it; empty where none did.
    """

    id: str
    kind: str
    params: Mapping[str, Any]
    principal: Principal
    as_of: datetime
    claim: int
    attempt: int
    request_id: str = ""


@dataclass(frozen=True)
class Held:
    """A job that a worker still has, and whether it is to be cancelled."""

    id: str
    claim: int
    cancel: bool


@dataclass(frozen=True)
class JobCounts:
    """How many jobs of each kind wait and run, and for how long the oldest has been ready to run."""

    waiting: Mapping[str, int]
    running: Mapping[str, int]
    oldest_waiting_s: float


Forget = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]


class JobQueue(Protocol):
    """The jobs in the database, as those see them who run them. Nothing here is of one client only.

    Raises (all methods):
        DependencyUnavailable, DependencyTimeout: the database does not answer.
    """

    async def add(self, connection: Connection, job: NewJob) -> bool:
        """Enqueue a job in the caller's transaction, which is the job's client's; False where its tick has one."""
        ...

    async def claim(self, worker: str, kinds: Sequence[str], *, service: str) -> ClaimedJob | None:
        """Give the next job of these kinds to a worker: of clients with fewest running ones, the oldest.

        It counts as a sign of life: nobody has a job who was never heard of.
        """
        ...

    async def beat(self, worker: str, service: str) -> Sequence[Held]:
        """Note that a worker lives, and return what it has."""
        ...

    async def rescue(self, *, silent_for: timedelta, attempts: int) -> tuple[int, int]:
        """Take jobs from workers that were not heard of for so long.

        Returns: how many wait again, and how many have failed as they had as many attempts as they may.
        """
        ...

    async def give_back(self, worker: str, job_ids: Sequence[str], *, attempts: int) -> None:
        """Take jobs from a worker that has them and does not run them, as ``rescue`` would."""
        ...

    async def progress(self, job: ClaimedJob, *, done: int, total: int) -> None: ...

    async def fail_part(self, job: ClaimedJob, *, what: str, problem: Mapping[str, Any]) -> None: ...

    async def keep_result(self, job: ClaimedJob, result: Mapping[str, Any]) -> None: ...

    async def end(self, job: ClaimedJob, state: JobState, *, problem: Mapping[str, Any] | None = None) -> bool:
        """Write how a job ended; False where it is not this claim's any more."""
        ...

    async def again(self, job: ClaimedJob, *, after: timedelta, problem: Mapping[str, Any]) -> bool:
        """Have a job tried once more, not before so long."""
        ...

    async def let_go(self, job: ClaimedJob) -> bool:
        """Have another worker run a job at once; this attempt does not count."""
        ...

    async def sign_off(self, worker: str) -> None:
        """Forget a worker that has let go of all it had."""
        ...

    async def counts(self) -> JobCounts: ...

    async def parts_done(self, job: ClaimedJob) -> frozenset[str]: ...

    async def forget_ended(self, *, older_than: timedelta, limit: int, before: Forget) -> int:
        """Delete jobs that ended longer ago than this, and return how many; ``before`` is given their results."""
        ...

    def transaction(self, job: ClaimedJob, *, parts: Sequence[str] = ()) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction of the job's client that commits only while the job is this claim's.

        Raises:
            JobTakenOver: it is not, or one of these parts is done already.
        """
        ...
