from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import build
from bot.app.doctor import examine
from bot.briefing import cross_encoder
from bot.digest.subscriptions import Wish
from bot.observing import Finding, Level
from bot.settings import Settings
from tests.newsroom import NOW, newsroom
from tests.world import AT_NINE, CHANNEL, EDITOR


def settings(tmp_path: Path, **changes: object) -> Settings:
    return Settings(seeds_dir=newsroom(tmp_path / "seeds").write(), http_port=1, **changes)  # type: ignore[arg-type]


async def found(checked: Settings, now: datetime = NOW) -> dict[str, Finding]:
    return {finding.subject: finding for finding in await examine(checked, now)}


def levels(findings: dict[str, Finding]) -> dict[str, Level]:
    return {name: finding.level for name, finding in findings.items()}


async def test_on_a_fresh_machine_only_tokens_and_the_running_bot_are_missing(database: str, tmp_path: Path) -> None:
    seen = await found(settings(tmp_path, database_url=SecretStr(database)))
    assert {name for name, level in levels(seen).items() if level is not Level.FINE} == {"tokens", "running"}
    assert "DISCORD_TOKEN" in seen["tokens"].remedy
    assert all(finding.remedy for finding in seen.values() if finding.level is not Level.FINE)


async def test_every_finding_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIEFBOT_ZONES", "Europe/Paris")
    url = "postgresql://bot:hunter2@127.0.0.1:1/briefbot"
    checked = settings(tmp_path, database_url=SecretStr(url))
    seen = await found(checked)
    assert seen["settings"].text == "BRIEFBOT_ZONES is no setting of briefbot. Did you mean BRIEFBOT_ZONE?"
    assert seen["database"].level is Level.FAILURE
    assert "hunter2" not in str(seen)
    seeds = newsroom(tmp_path / "seeds")
    seeds.facts[0]["topic"] = "nowhere"
    seeds.write()
    seen = await found(checked)
    assert seen["facts"].level is Level.FAILURE
    assert "facts check" in seen["facts"].remedy
    assert "because the facts cannot be used" in seen["database"].text


async def test_a_cross_encoder_that_cannot_be_loaded_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Path(cross_encoder.__file__).parent / "data"
    cut = tmp_path / "cut.onnx"
    cut.write_bytes((data / "cross_encoder.onnx").read_bytes()[:100_000])
    damaged = partial(cross_encoder.CrossEncoder, str(cut), str(data / "pieces.model"))
    monkeypatch.setattr(cross_encoder, "load_cross_encoder", damaged)
    seen = await found(settings(tmp_path))
    assert seen["reading"].level is Level.FAILURE
    assert "BRIEFBOT_CROSS_ENCODER=false" in seen["reading"].remedy
    by_words = await found(settings(tmp_path, cross_encoder=False))
    assert by_words["reading"].level is Level.FINE


async def test_a_digest_that_nobody_sends_is_found(database: str, tmp_path: Path) -> None:
    checked = settings(tmp_path, database_url=SecretStr(database))
    async with build(checked, lambda: NOW) as app:
        await app.state.subscriptions.add(CHANNEL, EDITOR, Wish(AT_NINE), NOW)
    seen = await found(checked, NOW + timedelta(days=2))
    assert seen["digest"].level is Level.FAILURE
    assert "1 are overdue" in seen["digest"].text


async def test_old_zone_data_is_found(tmp_path: Path) -> None:
    seen = await found(settings(tmp_path, data_dir=tmp_path), datetime(2036, 1, 1, tzinfo=UTC))
    assert "pip install --upgrade tzdata" in seen["time zones"].remedy
