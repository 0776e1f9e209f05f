"""Every deliberate error of the system: one family, facts as fields, no HTTP.

The HTTP edge (``kernel/http/problems.py``) renders them as RFC 9457 problem documents; the CLI renders them as
one line that names the cause and one that names the remedy.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class ErrorKind(StrEnum):
    """What sort of failure an error is; edges map it to a status or an exit code."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    STORAGE = "storage"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


class AnalyticsEngineError(Exception):
    """A failure we foresaw: what happened, the facts, and the remedy.

    Args:
        detail: one sentence that names the cause.
        remedy: one sentence that names what to do; empty where nothing can be done by the caller.
        facts: JSON-serialisable facts, rendered as extension members of the problem document.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something failed"
    kind: ClassVar[ErrorKind] = ErrorKind.INTERNAL

    def __init__(self, detail: str, *, remedy: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy
        self.facts = facts


# --- general -----------------------------------------------------------------------------------------------


class InvalidInput(AnalyticsEngineError):
    code = "invalid-input"
    title = "The input is not valid"
    kind = ErrorKind.INVALID


class NotFound(AnalyticsEngineError):
    code = "not-found"
    title = "There is no such thing"
    kind = ErrorKind.NOT_FOUND


class Conflict(AnalyticsEngineError):
    code = "conflict"
    title = "The change conflicts with the present state"
    kind = ErrorKind.CONFLICT


class Locked(AnalyticsEngineError):
    """It waited for another transaction as long as it may. Unlike a ``Conflict`` it passes by itself."""

    code = "locked"
    title = "Another transaction holds what this one needs"
    kind = ErrorKind.CONFLICT


class OutOfTurn(Locked):
    """An event came to be handled before another of its subject that was sent earlier. It passes by itself."""

    code = "out-of-turn"
    title = "An earlier event of the same subject is not handled yet"


class TooLarge(AnalyticsEngineError):
    code = "too-large"
    title = "The request is larger than allowed"
    kind = ErrorKind.TOO_LARGE


class DependencyUnavailable(AnalyticsEngineError):
    code = "dependency-unavailable"
    title = "A service this one depends on cannot be reached"
    kind = ErrorKind.UNAVAILABLE


class DependencyTimeout(AnalyticsEngineError):
    code = "dependency-timeout"
    title = "A service this one depends on did not answer in time"
    kind = ErrorKind.TIMEOUT


class InsufficientStorage(AnalyticsEngineError):
    code = "insufficient-storage"
    title = "There is no room left to store this"
    kind = ErrorKind.STORAGE


class TooBusy(AnalyticsEngineError):
    code = "too-busy"
    title = "The service has as much to do as it takes on at once"
    kind = ErrorKind.UNAVAILABLE


class SchemaTooOld(AnalyticsEngineError):
    """The database's schema is that of an older release; it passes once it is migrated."""

    code = "schema-too-old"
    title = "The database is not migrated to this release yet"
    kind = ErrorKind.UNAVAILABLE


class SchemaLocked(Locked):
    """A migration waited for others' transactions for as long as it may; what it did before is kept."""

    code = "schema-locked"
    title = "Others hold what a migration has to change"


class InvalidSetting(AnalyticsEngineError):
    code = "invalid-setting"
    title = "A setting is missing or wrong"
    kind = ErrorKind.INVALID


class PortTaken(AnalyticsEngineError):
    code = "port-taken"
    title = "A port the system needs is in use"
    kind = ErrorKind.CONFLICT


class AlreadyRunning(Conflict):
    code = "already-running"
    title = "The system already runs from this AE_HOME"


class NotRunning(NotFound):
    code = "not-running"
    title = "Nothing runs from this AE_HOME"


class ProgramFailed(AnalyticsEngineError):
    code = "program-failed"
    title = "A program of the one-machine stack did not start or stop"


# --- security ----------------------------------------------------------------------------------------------


class Unauthenticated(AnalyticsEngineError):
    code = "unauthenticated"
    title = "Sign in first"
    kind = ErrorKind.UNAUTHENTICATED


class Forbidden(AnalyticsEngineError):
    code = "forbidden"
    title = "Your role does not allow this"
    kind = ErrorKind.FORBIDDEN


class ForbiddenAddress(Forbidden):
    """A host leads to where the system does not go for its users, such as its own machine and networks."""

    code = "forbidden-address"
    title = "This address is not for connections from here"


class RateLimited(AnalyticsEngineError):
    code = "rate-limited"
    title = "Too many requests"
    kind = ErrorKind.RATE_LIMITED


# --- definitions and formulas ------------------------------------------------------------------------------


class KpiNotFound(NotFound):
    code = "kpi-not-found"
    title = "There is no KPI of this code"


class ObjectModelNotFound(NotFound):
    code = "object-model-not-found"
    title = "There is no object model of this code"


class InvalidDefinition(InvalidInput):
    code = "invalid-definition"
    title = "A definition is not valid"


class FormulaError(InvalidInput):
    """A formula is wrong at a place: facts carry ``line``, ``column`` and, where known, ``did_you_mean``."""

    code = "formula-error"
    title = "The formula is not valid"


class QueryError(InvalidInput):
    """A query asks for what the definitions cannot answer rightly; the detail names the term and the path."""

    code = "query-error"
    title = "The query cannot be answered"


# --- jobs --------------------------------------------------------------------------------------------------


class JobTakenOver(AnalyticsEngineError):
    """Another worker has the job now: what this one was about to write is not written."""

    code = "job-taken-over"
    title = "The job belongs to another worker"
    kind = ErrorKind.CONFLICT


class JobLost(AnalyticsEngineError):
    """Every process that ran the job went silent: it may be the job that ends them."""

    code = "job-lost"
    title = "The job ended every process that ran it"


class LimitReached(Conflict):
    """A client has as many of something as it may; facts carry ``limit``."""

    code = "limit-reached"
    title = "There are as many as there may be"


# --- data --------------------------------------------------------------------------------------------------


class RowsRejected(InvalidInput):
    """Some rows of an ingest are wrong, so none was loaded: ``errors`` lists line, column and reason."""

    code = "rows-rejected"
    title = "Rows were rejected and nothing was loaded"


class IdempotencyConflict(Conflict):
    code = "idempotency-conflict"
    title = "The idempotency key was used for another request"


class NotTheSame(AnalyticsEngineError):
    """Rows read back from a file of the archive are not those that were written: nothing may rely on it."""

    code = "archive-not-the-same"
    title = "The archive would not hold the rows"


# --- backups -----------------------------------------------------------------------------------------------


class BackupFailed(AnalyticsEngineError):
    code = "backup-failed"
    title = "A backup was not made"


class BackupNotFound(NotFound):
    code = "backup-not-found"
    title = "There is no such backup"


class BackupDamaged(AnalyticsEngineError):
    """What is in the repository is not what was written there: nothing of it is restored."""

    code = "backup-damaged"
    title = "The backup is damaged"


class WrongBackupKey(AnalyticsEngineError):
    code = "wrong-backup-key"
    title = "The backup was made with another key"
    kind = ErrorKind.INVALID


class WalMissing(BackupDamaged):
    """Of the changes after a base backup some are not there: what comes after them cannot be restored."""

    code = "wal-missing"
    title = "Changes are missing between the backup and the moment asked for"


class OutsideWindow(InvalidInput):
    code = "outside-window"
    title = "The backups do not reach this moment"


class WrongVersion(AnalyticsEngineError):
    code = "wrong-version"
    title = "This version cannot restore the backup"
    kind = ErrorKind.INVALID


class TargetNotEmpty(Conflict):
    code = "target-not-empty"
    title = "There is data where the backup would be restored to"


class RestoreFailed(AnalyticsEngineError):
    code = "restore-failed"
    title = "The backup was not restored"
