"""Rules on the machine, its disks, and the files of AE_HOME."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.looking.files import DiskFacts
from analytics_engine.doctor.seen import Seen

_FULL_BYTES, _FULL_SHARE = 256 * 2**20, 0.02
_LOW_SHARE = 0.10
_LOW_INODES_SHARE = 0.02
_LITTLE_MEMORY_SHARE = 0.05
_FEW_FILES = 1024
_MIB = 2**20

DISK_FULL = Check(
    name="machine.disk-full",
    severity=Severity.ERROR,
    what="The disk of {what} ({folder}) is full: {free_mib} MiB of {total_mib} MiB are free.",
    why="The database refuses every change, and stops when it cannot write its log.",
    fix="Free space on the disk of {folder} or enlarge it; `analytics-engine weekly` shows logs that can go, "
    "/tables of database_service what takes how much.",
    explains=("database.*", "redis.*", "services.*", "events.*", "jobs.*", "rollups.*"),
)
DISK_LOW = Check(
    name="machine.disk-low",
    severity=Severity.WARNING,
    what="The disk of {what} ({folder}) has {free_mib} MiB of {total_mib} MiB free, less than a tenth.",
    why="When it is full the database refuses every change.",
    fix="Free space on the disk of {folder} or enlarge it; `analytics-engine monthly` forecasts how long it lasts.",
)
NO_INODES = Check(
    name="machine.no-inodes",
    severity=Severity.ERROR,
    what="The disk of {what} ({folder}) has {free} of {total} inodes free.",
    why="No file can be made there, however much room there is.",
    fix="Find the folder of many small files: du --inodes -x -d 3 {folder} | sort -n | tail; then delete what is "
    "not needed.",
    explains=("database.*", "redis.*", "services.*"),
)
LITTLE_MEMORY = Check(
    name="machine.little-memory",
    severity=Severity.WARNING,
    what="{free_mib} MiB of {total_mib} MiB of memory are available.",
    why="The kernel ends the largest process when there is none, which is mostly the database.",
    fix="See who has it: ps aux --sort=-rss | head; lower AE_DATABASE_POOL_SIZE or AE_JOBS_AT_ONCE, or give it more.",
)
FEW_FILES = Check(
    name="machine.few-files",
    severity=Severity.WARNING,
    what="A process may have {limit} files and sockets open; 1024 or more are needed.",
    why="The gateway refuses connections when it has as many.",
    fix="ulimit -n 65536 in what starts it (LimitNOFILE=65536 in a systemd unit), then restart.",
)
OPEN_SECRET = Check(
    name="files.open-secret",
    severity=Severity.ERROR,
    what="{path} can be read by others than its owner.",
    why="Whoever has an account on this machine has the secret.",
    fix="chmod {mode} {path}",
)
EMPTY_SECRET = Check(
    name="files.empty-secret",
    severity=Severity.ERROR,
    what="The secret {path} is empty.",
    why="The next start fails, and what it let in is locked out.",
    fix="Restore {path} from a backup of the configuration.",
    explains=("database.login-refused", "database.password", "redis.password", "services.*"),
)
MISSING_SECRET = Check(
    name="files.missing-secret",
    severity=Severity.ERROR,
    what="The secret {path} is missing, and there is data that was made with it.",
    why="The next start makes another one, which the data does not know.",
    fix="Restore {path} from a backup of the configuration before the next start.",
    explains=("database.*", "redis.*", "services.*", "instance.*"),
)
READ_ONLY = Check(
    name="files.read-only",
    severity=Severity.ERROR,
    what="{path} cannot be written to.",
    why="Programs end when they cannot write their log.",
    fix="Mount its disk writable (mount -o remount,rw), and let who runs the system own it: chown -R USER {path}",
    explains=("services.*", "instance.*"),
)
NO_ARCHIVE = Check(
    name="files.no-archive",
    severity=Severity.ERROR,
    what="The archive of old rows is to be at {folder}, and there is no such folder.",
    why="Questions on archived rows fail, and no further rows are archived.",
    fix="Mount the disk of {folder}, or make the folder: mkdir -p {folder}",
)
MISSING_PARTS = Check(
    name="files.missing-archived-rows",
    severity=Severity.ERROR,
    what="{missing} of the last {known} archived files are not in {folder}, such as {first}.",
    why="Their rows are nowhere else: questions on their time fail.",
    fix="Restore the files from a backup of {folder}.",
)

CHECKS = (
    DISK_FULL,
    NO_INODES,
    DISK_LOW,
    LITTLE_MEMORY,
    FEW_FILES,
    MISSING_SECRET,
    EMPTY_SECRET,
    OPEN_SECRET,
    READ_ONLY,
    NO_ARCHIVE,
    MISSING_PARTS,
)


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with the machine and the files."""
    yield from _of_machine(seen)
    files = seen.files
    if files is None:
        return
    for disk in files.disks:
        yield from _of_disk(disk)
    for path in files.missing_secrets:
        yield MISSING_SECRET.found(path=str(path))
    for path in files.empty_secrets:
        yield EMPTY_SECRET.found(path=str(path))
    for path in files.open_secrets:
        yield OPEN_SECRET.found(path=str(path), mode="700" if path.is_dir() else "600")
    for path in files.unwritable:
        yield READ_ONLY.found(path=str(path))
    if files.archive and not files.archive_there:
        yield NO_ARCHIVE.found(folder=str(files.archive))
    elif files.archive and seen.database:
        names = [row["name"] for row in seen.database.rows.get("archived", ())]
        missing = [name for name in names if not (files.archive / name).exists()]
        if missing:
            yield MISSING_PARTS.found(
                missing=len(missing), known=len(names), folder=str(files.archive), first=missing[0]
            )


def _of_machine(seen: Seen) -> Iterator[Finding]:
    machine = seen.machine
    if machine is None:
        return
    if machine.free_memory_bytes < machine.memory_bytes * _LITTLE_MEMORY_SHARE:
        yield LITTLE_MEMORY.found(free_mib=machine.free_memory_bytes // _MIB, total_mib=machine.memory_bytes // _MIB)
    if 0 <= machine.open_files_limit < _FEW_FILES:
        yield FEW_FILES.found(limit=machine.open_files_limit)


def _of_disk(disk: DiskFacts) -> Iterator[Finding]:
    facts = {"what": disk.what, "folder": str(disk.folder)}
    room = {"free_mib": disk.free_bytes // _MIB, "total_mib": disk.total_bytes // _MIB}
    if disk.free_bytes < min(_FULL_BYTES, disk.total_bytes * _FULL_SHARE):
        yield DISK_FULL.found(**facts, **room)
    elif disk.free_bytes < disk.total_bytes * _LOW_SHARE:
        yield DISK_LOW.found(**facts, **room)
    if disk.inodes and disk.free_inodes < disk.inodes * _LOW_INODES_SHARE:
        yield NO_INODES.found(**facts, free=disk.free_inodes, total=disk.inodes)
