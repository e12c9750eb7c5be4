from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.adapters.http.metrics import CONTENT_TYPE, Metrics
from bot.adapters.http.server import serving
from bot.digest.ledger import DeliveryState
from bot.digest.reports import Pulse
from bot.digest.subscriptions import Outcome
from bot.errors import BriefbotError

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@dataclass
class Report:
    alive: bool = True
    ready: bool = True
    parts: dict[str, str] = field(default_factory=dict)


async def got(port: int, path: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, response.headers["Content-Type"], await response.text()


async def test_the_endpoints_say_how_it_is_doing() -> None:
    report = Report(parts={"digest": "", "slack": ""})
    async with serving("127.0.0.1", 0, lambda: report, lambda: b"some 1\n", CONTENT_TYPE) as port:
        assert await got(port, "/healthz") == (200, "application/json; charset=utf-8", '{"alive": true}')
        assert (await got(port, "/readyz"))[::2] == (200, '{"ready": true, "parts": {"digest": "ok", "slack": "ok"}}')
        assert await got(port, "/metrics") == (200, CONTENT_TYPE, "some 1\n")
        assert (await got(port, "/other"))[0] == 404
        report.ready, report.parts["slack"] = False, "not connected"
        assert (await got(port, "/readyz"))[::2] == (
            503,
            '{"ready": false, "parts": {"digest": "ok", "slack": "not connected"}}',
        )
        assert (await got(port, "/healthz"))[0] == 200
        report.alive = False
        assert (await got(port, "/healthz"))[0] == 503


async def test_a_port_that_is_taken_is_explained() -> None:
    async with serving("127.0.0.1", 0, Report, lambda: b"", CONTENT_TYPE) as port:
        with pytest.raises(BriefbotError, match="BRIEFBOT_HTTP_PORT"):
            async with serving("127.0.0.1", port, Report, lambda: b"", CONTENT_TYPE):
                pass


def test_what_happens_is_counted() -> None:
    metrics = Metrics()
    metrics.answered("slack", "answered", 0.002)
    metrics.answered("slack", "answered", 0.2)
    metrics.shown("private")
    metrics.delivered("discord", "sent")
    metrics.reloaded("refused", 333)
    metrics.rate_limited("slack")
    metrics.turned_away("person")
    metrics.failed("discord")
    metrics.connection("discord", up=True)
    metrics.ticked(0.3, NOW, 4)
    pulse = Pulse(
        5, 2, 1, ((DeliveryState.SENT, 7), (DeliveryState.PENDING, 3)), NOW - timedelta(minutes=2), 1, NOW, 9, (),
        ((Outcome.SENT, 6), (Outcome.SKIPPED, 1)), 2,
    )  # fmt: skip
    metrics.pulse(pulse, NOW)
    lines = set(metrics.text().decode().splitlines())
    assert lines >= {
        'briefbot_questions_total{outcome="answered",platform="slack"} 2.0',
        'briefbot_answer_seconds_bucket{le="0.002"} 1.0',
        "briefbot_answer_seconds_count 2.0",
        'briefbot_sightings_total{visibility="private"} 1.0',
        'briefbot_delivery_attempts_total{outcome="sent",platform="discord"} 1.0',
        'briefbot_reloads_total{result="refused"} 1.0',
        "briefbot_facts 333.0",
        'briefbot_rate_limited_total{platform="slack"} 1.0',
        'briefbot_flood_refusals_total{scope="person"} 1.0',
        'briefbot_failures_total{where="discord"} 1.0',
        'briefbot_connected{adapter="discord"} 1.0',
        "briefbot_spool_entries 4.0",
        'briefbot_deliveries{state="sent"} 7.0',
        'briefbot_deliveries{state="pending"} 3.0',
        'briefbot_deliveries{state="dead"} 0.0',
        "briefbot_oldest_delivery_age_seconds 120.0",
        'briefbot_subscriptions{standing="active"} 5.0',
        "briefbot_overdue_subscriptions 1.0",
        'briefbot_editions_last_day{outcome="sent"} 6.0',
        'briefbot_editions_last_day{outcome="skipped"} 1.0',
        "briefbot_late_editions_last_day 2.0",
    }
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
