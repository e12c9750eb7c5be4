"""How the bot is doing, part by part, each problem in one line that says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from bot.app.adapters import Running
from bot.app.building import App
from bot.digest.reports import Pulse

SLOWEST_TICK = timedelta(minutes=5)  # a look that has not ended by then is stuck
LONGEST_SPOOLED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Report:
    """What `/healthz` and `/readyz` say."""

    alive: bool
    parts: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether everything works."""
        return self.alive and not any(self.parts.values())


@dataclass
class Health:
    """Gathers what is wrong. Times are of the monotonic clock, which nobody sets."""

    app: App
    running: Sequence[Running]
    every: timedelta
    pulse: Pulse | None = None
    ticked: float = field(default_factory=monotonic)
    _spooled_since: float | None = None

    def tick_ended(self) -> None:
        """A look at what is due has ended."""
        self.ticked = monotonic()

    def report(self) -> Report:
        """What holds now."""
        silent = timedelta(seconds=monotonic() - self.ticked)
        parts = {
            "facts and database": self.app.problem.splitlines()[0] if self.app.problem else "",
            "digest": self._digest(silent),
            "sightings": self._spool(),
        }
        parts |= {one.adapter.name: one.problem for one in self.running}
        return Report(silent < SLOWEST_TICK + self.every, parts)

    def _digest(self, silent: timedelta) -> str:
        if silent > 3 * self.every + timedelta(seconds=30):
            return f"nothing was looked at for {silent.total_seconds():.0f} seconds"
        if self.pulse is None:
            return ""
        if self.pulse.overdue:
            return f"{self.pulse.overdue} subscriptions are due and not planned"
        if self.pulse.closed_scopes:
            return f"no message can be sent to {', '.join(self.pulse.closed_scopes)}; check its token"
        return ""

    def _spool(self) -> str:
        if not self.app.state.spool.pending:
            self._spooled_since = None
            return ""
        self._spooled_since = self._spooled_since or monotonic()
        waited = timedelta(seconds=monotonic() - self._spooled_since)
        return f"{self.app.state.spool.pending} are only in memory" if waited > LONGEST_SPOOLED else ""
