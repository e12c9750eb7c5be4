"""Prometheus metrics. Names and labels are a contract with the dashboard and the alerts in `deploy/`."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.digest.ledger import DeliveryState
from bot.digest.reports import Pulse
from bot.digest.subscriptions import Outcome
from bot.observing import Observer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus' text format
ANSWER_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3)  # seconds; Slack waits for 3
TICK_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)  # seconds


class Metrics(Observer):
    """Counts what happens, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"briefbot_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"briefbot_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"briefbot_{name}", text, registry=registry, buckets=buckets)

        self._questions = counter("questions_total", "Lines answered, by outcome", "platform", "outcome")
        self._seconds = histogram("answer_seconds", "From the line to the card, its sighting recorded", ANSWER_BUCKETS)
        self._sightings = counter("sightings_total", "Answers recorded as shown", "visibility")
        self._attempts = counter(
            "delivery_attempts_total", "Attempts to deliver, by what came of them", "platform", "outcome"
        )
        self._reloads = counter("reloads_total", "Edited facts: taken, refused or outdated", "result")
        self._limited = counter("rate_limited_total", "Times a platform asked us to slow down", "platform")
        self._floods = counter("flood_refusals_total", "Lines refused for coming too fast", "scope")
        self._failures = counter("failures_total", "Failures told with a reference", "where")
        self._ticks = histogram("tick_seconds", "One look at what is due", TICK_BUCKETS)
        self._facts = gauge("facts", "Facts in service")
        self._last_tick = gauge("last_tick_timestamp_seconds", "When the last look at what is due ended")
        self._spool = gauge("spool_entries", "Sightings and questions that are only in memory")
        self._connected = gauge("connected", "Whether an adapter is connected", "adapter")
        self._deliveries = gauge("deliveries", "Rows of the ledger by state", "state")
        self._oldest = gauge("oldest_delivery_age_seconds", "Since when the oldest open delivery is due")
        self._subscriptions = gauge("subscriptions", "Subscriptions by standing", "standing")
        self._overdue = gauge("overdue_subscriptions", "Subscriptions due for 15 minutes and not planned")
        self._last_sent = gauge("last_delivery_timestamp_seconds", "When something was delivered last")
        self._editions = gauge("editions_last_day", "Editions due in the last 24 hours by outcome", "outcome")
        self._late = gauge("late_editions_last_day", "Editions of the last 24 hours that went out late")

    def answered(self, platform: str, outcome: str, seconds: float) -> None:
        """Count a line and its time."""
        self._questions.labels(platform, outcome).inc()
        self._seconds.observe(seconds)

    def shown(self, visibility: str) -> None:
        """Count a sighting."""
        self._sightings.labels(visibility).inc()

    def delivered(self, platform: str, outcome: str) -> None:
        """Count an attempt."""
        self._attempts.labels(platform, outcome).inc()

    def reloaded(self, result: str, facts: int) -> None:
        """Count a reload; how many facts are in service."""
        self._reloads.labels(result).inc()
        self._facts.set(facts)

    def rate_limited(self, platform: str) -> None:
        """Count a platform's refusal."""
        self._limited.labels(platform).inc()

    def turned_away(self, scope: str) -> None:
        """Count a flood refusal."""
        self._floods.labels(scope).inc()

    def failed(self, where: str) -> None:
        """Count a failure."""
        self._failures.labels(where).inc()

    def ticked(self, seconds: float, at: datetime, spooled: int) -> None:
        """A look at what is due has ended."""
        self._ticks.observe(seconds)
        self._last_tick.set(at.timestamp())
        self._spool.set(spooled)

    def connection(self, adapter: str, *, up: bool) -> None:
        """An adapter is connected, or not."""
        self._connected.labels(adapter).set(up)

    def pulse(self, pulse: Pulse, now: datetime) -> None:
        """How delivery is doing, as the ledger has it."""
        by_state = dict(pulse.by_state)
        for state in DeliveryState:
            self._deliveries.labels(state.value).set(by_state.get(state, 0))
        editions = dict(pulse.last_day)
        for outcome in Outcome:
            self._editions.labels(outcome.value).set(editions.get(outcome, 0))
        for standing in ("active", "paused", "suspended"):
            self._subscriptions.labels(standing).set(getattr(pulse, standing))
        self._late.set(pulse.late)
        self._overdue.set(pulse.overdue)
        self._oldest.set(max(0.0, (now - pulse.oldest_open).total_seconds()) if pulse.oldest_open else 0)
        self._last_sent.set(pulse.last_sent.timestamp() if pulse.last_sent else 0)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)
