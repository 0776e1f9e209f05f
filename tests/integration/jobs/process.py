"""A calculation engine as a process of its own, to be killed: ``python -m integration.jobs.process '{...}'``.

Its clock may go faster than others: all such processes agree on it, as they know when it began.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from integration.jobs.engines import running
from support.databases import TestDatabase

MANY = {"ae_jobs_at_once": 4, "ae_jobs_waiting_per_client": 10_000}


@dataclass(frozen=True)
class FastClock:
    """A clock that showed ``start`` at the moment ``began_at``, and goes ``speed`` times as fast since.

    Args:
        began_at: seconds since 1970.
    """

    start: datetime
    began_at: float
    speed: float

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(time.time() - self.began_at) * self.speed)


async def main(owner_url: str, role_secrets: str, home: str, *, start: str, began_at: float, speed: float) -> None:
    """Run jobs and decide on ticks until killed."""
    database = TestDatabase(owner_url, Path(role_secrets), "")
    clock = FastClock(datetime.fromisoformat(start), began_at, speed)
    tasks = ("job-signs-of-life", "job-rescue", "schedules", "jobs")
    async with running(database, Path(home), clock=clock, tasks=tasks, ae_job_silent_s=2, **MANY):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
