from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Settings, read_settings, seeds_folder, utc_now
from bot.settings import example as settings_example
from tests.conftest import ROOT


def test_without_any_setting_everything_has_its_default() -> None:
    settings = read_settings()
    assert settings == Settings()
    assert (settings.seeds_dir, settings.lang, settings.now) == (None, None, None)
    assert (seeds_folder(settings) / "documents.yaml").is_file()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIEFBOT_SEEDS_DIR", "/srv/facts")
    monkeypatch.setenv("BRIEFBOT_LANG", "fr")
    monkeypatch.setenv("BRIEFBOT_NOW", "2026-11-21T09:00:00+00:00")
    settings = read_settings()
    assert seeds_folder(settings) == Path("/srv/facts")
    assert settings.lang == "fr"
    assert utc_now(settings) == datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_settings_come_from_a_file_in_the_working_folder_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("BRIEFBOT_LANG=fr\nBRIEFBOT_SEEDS_DIR=facts\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("BRIEFBOT_SEEDS_DIR", "others")
    settings = read_settings()
    assert (settings.lang, settings.seeds_dir) == ("fr", Path("others"))


@pytest.mark.parametrize("name", ["BRIEFBOT_SEEDS_DIR", "BRIEFBOT_LANG", "BRIEFBOT_NOW"])
def test_an_empty_setting_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    found = read_settings()
    assert found == Settings.model_construct(data_dir=found.data_dir, cache_dir=found.cache_dir)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("BRIEFBOT_LANG", "de", "'en' or 'fr'"),
        ("BRIEFBOT_NOW", "yesterday", "such as 2026-11-21T09:00:00"),
        ("BRIEFBOT_NOW", "2026-11-21T09:00:00", "timezone"),
    ],
)
def test_a_wrong_value_is_explained_by_the_name_of_its_variable(
    name: str, value: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{name} has a value that cannot be used: ")
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BRIEFBOT_LANG=\xe9\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read: .*UTF-8"):
        read_settings()


def test_without_a_fixed_moment_the_clock_is_taken_with_its_zone() -> None:
    now = utc_now(read_settings())
    assert now.tzinfo is not None
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        read_settings().lang = "fr"  # type: ignore[misc]


def test_the_example_names_and_explains_exactly_the_settings_there_are() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert example == settings_example()
    named = re.findall(r"^# (.*)\n#?([A-Z_]+)=", example, re.MULTILINE)
    assert len(named) == len(Settings.model_fields)
    assert [text for text, _ in named] == [field.description for field in Settings.model_fields.values()]
    assert re.findall(r"^[^#\n]", example, re.MULTILINE) == []
