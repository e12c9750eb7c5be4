"""One in-memory tick, driven by APScheduler. It decides nothing: what is due is the ledger's business."""

from __future__ import annotations

import asyncio
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
async def ticking(jobs: dict[str, tuple[Job, timedelta]], patience: timedelta) -> AsyncIterator[None]:
    """Run each job now and then again at its interval, until the block is left.

    Jobs that run when it is left may end by themselves within `patience`; those that do not are
    cancelled. A job that raises is logged and runs again at its next turn: this is one of the few
    places that catch every error.
    """
    under_way: set[asyncio.Task[None]] = set()
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
    for name, (job, every) in jobs.items():
        scheduler.add_job(
            _guarded(name, job, under_way),
            "interval",
            seconds=every.total_seconds(),
            id=name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        yield
    finally:
        # The scheduler's own shutdown cancels what runs, and does not wait until that has ended.
        scheduler.pause()
        await asyncio.sleep(0)  # what it has just begun enters its name first
        await _ended(under_way, patience)
        scheduler.shutdown(wait=False)


async def _ended(under_way: set[asyncio.Task[None]], patience: timedelta) -> None:
    if not under_way:
        return
    _, late = await asyncio.wait(under_way, timeout=patience.total_seconds())
    for task in late:
        log.warning("stopped in the middle of %s; the next start goes on from there", task.get_name())
        task.cancel()
    if late:
        await asyncio.wait(late)


def _guarded(name: str, job: Job, under_way: set[asyncio.Task[None]]) -> Job:
    async def run() -> None:
        task = asyncio.current_task()
        if task is not None:
            task.set_name(name)
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        try:
            await job()
        except Exception:
            log.exception("%s failed; it is tried again at its next turn", name)

    return run
