"""One in-memory tick, driven by APScheduler. It decides nothing: what is due is the ledger's business."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]

# A tick that comes late runs all the same, once, and never beside itself.
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


@asynccontextmanager
async def ticking(jobs: dict[str, tuple[Job, timedelta]]) -> AsyncIterator[None]:
    """Run each job now and then again at its interval, until the block is left.

    A job that raises is logged and runs again at its next turn: this is one of the few places
    that catch every error.
    """
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
    for name, (job, every) in jobs.items():
        scheduler.add_job(
            _guarded(name, job),
            "interval",
            seconds=every.total_seconds(),
            id=name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _guarded(name: str, job: Job) -> Job:
    async def run() -> None:
        try:
            await job()
        except Exception:
            log.exception("%s failed; it is tried again at its next turn", name)

    return run
