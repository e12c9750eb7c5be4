from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.adapters.scheduler.ticker import ticking

OFTEN, NEVER = timedelta(milliseconds=20), timedelta(days=1)
PATIENCE = timedelta(seconds=300)  # a test that waits as long has failed


class Job:
    """Counts its runs, and tells when a number of them is reached."""

    def __init__(self, enough: int = 1, problem: Exception | None = None) -> None:
        self.runs, self.enough, self.problem = 0, enough, problem
        self.done = asyncio.Event()

    async def __call__(self) -> None:
        self.runs += 1
        if self.runs >= self.enough:
            self.done.set()
        if self.problem:
            raise self.problem

    async def finished(self) -> None:
        """When it has run often enough."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await self.done.wait()


async def test_every_job_runs_at_once_and_again_at_its_interval() -> None:
    rare, often = Job(), Job(enough=4)
    async with ticking({"rare": (rare, NEVER), "often": (often, OFTEN)}, PATIENCE):
        await rare.finished()
        await often.finished()
    assert rare.runs == 1


async def test_a_job_that_fails_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    failing, other = Job(enough=3, problem=ValueError("broken")), Job(enough=3)
    with caplog.at_level(logging.ERROR):
        async with ticking({"failing": (failing, OFTEN), "other": (other, OFTEN)}, PATIENCE):
            await failing.finished()
            await other.finished()
    assert "failing failed; it is tried again at its next turn" in caplog.text
    assert "ValueError: broken" in caplog.text
    assert "other failed" not in caplog.text


async def test_a_slow_job_never_runs_beside_itself_and_keeps_no_other_up() -> None:
    inside, most = 0, 0
    go_on = asyncio.Event()

    async def slow() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await go_on.wait()
        inside -= 1

    other = Job(enough=10)
    async with ticking({"slow": (slow, OFTEN), "other": (other, OFTEN)}, PATIENCE):
        await other.finished()
        assert (inside, most) == (1, 1)
        go_on.set()


async def test_nothing_runs_once_the_block_is_left() -> None:
    job = Job()
    async with ticking({"job": (job, OFTEN)}, PATIENCE):
        await job.finished()
    runs = job.runs
    later = Job(enough=5)
    async with ticking({"later": (later, OFTEN)}, PATIENCE):
        await later.finished()
    assert job.runs == runs


async def test_it_also_stops_when_the_block_fails() -> None:
    job = Job()

    async def failing() -> None:
        async with ticking({"job": (job, OFTEN)}, PATIENCE):
            await job.finished()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await failing()
    runs = job.runs
    later = Job(enough=5)
    async with ticking({"later": (later, OFTEN)}, PATIENCE):
        await later.finished()
    assert job.runs == runs


async def test_what_runs_when_the_block_is_left_ends_by_itself() -> None:
    begun, ended = asyncio.Event(), []

    async def slow() -> None:
        begun.set()
        await asyncio.sleep(0.2)
        ended.append("slow")

    async with ticking({"slow": (slow, NEVER)}, PATIENCE):
        await begun.wait()
    assert ended == ["slow"]


async def test_what_does_not_end_in_time_is_cancelled_and_has_ended_then(caplog: pytest.LogCaptureFixture) -> None:
    begun, ended = asyncio.Event(), []

    async def stuck() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)  # such as a transaction that is rolled back
            ended.append("stuck")

    async with ticking({"stuck": (stuck, NEVER)}, timedelta(seconds=0.1)):
        await begun.wait()
    assert ended == ["stuck"]
    assert "stopped in the middle of stuck" in caplog.text


async def test_what_has_just_become_due_when_the_block_is_left_ends_too() -> None:
    ran = []

    async def job() -> None:
        ran.append("begun")
        await asyncio.sleep(0.1)
        ran.append("ended")

    for _ in range(5):
        async with ticking({"job": (job, NEVER)}, PATIENCE):
            await asyncio.sleep(0)
    assert ran.count("begun") == ran.count("ended")
