"""Settings: read once from the environment and `.env`, handed in, never read again."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from platformdirs import user_cache_path, user_data_path
from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.digest.schedule import UnknownZoneError, zone
from bot.errors import SettingsError

PREFIX = "BRIEFBOT_"


class Settings(BaseSettings):
    """Every setting, each with what it does. `.env.example` shows them all."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    seeds_dir: Path | None = Field(
        None, description="Folder with the facts. Without it, the facts that came with the package are used."
    )
    lang: Literal["en", "fr"] | None = Field(
        None, description="Language of answers (en or fr) when the question itself does not tell."
    )
    now: Annotated[AwareDatetime | None, NoDecode] = Field(
        None,
        description="A moment for the command line in place of the clock, such as 2026-11-21T09:00:00+00:00; "
        "in `briefbot chat` the clock runs on from there.",
    )
    zone: str = Field(
        "UTC", description="IANA time zone of the newsroom, such as Europe/Paris, where a person's own is not known."
    )
    database_url: SecretStr | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="Where subscriptions and deliveries are kept: sqlite:///path/to/briefbot.db or "
        "postgresql://user:password@host/database. Without it, a SQLite file in BRIEFBOT_DATA_DIR.",
    )
    data_dir: Path | None = Field(
        None, description="Folder for the SQLite file. Without it, the user's data folder (~/.local/share/briefbot)."
    )
    discord_token: SecretStr | None = Field(
        None, validation_alias="DISCORD_TOKEN", description="The token of the Discord bot. Without it, no Discord."
    )
    discord_editors: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(),
        description="Who sees the editors' queue on Discord: ids of people and roles, with commas between them. "
        "Without any, nobody.",
    )
    discord_sharded: bool = Field(
        False,
        description="Connect to Discord as often as it asks for, which it demands from 2,500 servers on.",
    )
    cache_dir: Path | None = Field(
        None,
        description="Folder for what was read from the facts, so that the next start is quick; it may be deleted. "
        "Without it, the user's cache folder (~/.cache/briefbot).",
    )
    slack_bot_token: SecretStr | None = Field(
        None,
        validation_alias="SLACK_BOT_TOKEN",
        description="Slack: the bot token (xoxb-…) of the app made from deploy/slack-manifest.json.",
    )
    slack_app_token: SecretStr | None = Field(
        None,
        validation_alias="SLACK_APP_TOKEN",
        description="Slack: an app token (xapp-…) with the scope connections:write, for Socket Mode, which needs no "
        "public address.",
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="Slack: the signing secret, where Slack calls the bot over HTTP; without an app token.",
    )
    slack_api_url: str = Field(
        "https://slack.com/api/",
        validation_alias="SLACK_API_URL",
        description="Slack: the address of its Web API, such as https://slack-gov.com/api/ for GovSlack.",
    )
    slack_editors: str = Field(
        "", description="Slack: the id of the editors' user group, such as S0614TZR7. Without it nobody is an editor."
    )
    slack_host: str = Field(
        "127.0.0.1", description="Slack over HTTP: the address that takes its requests; 0.0.0.0 inside a container."
    )
    slack_port: int = Field(8088, ge=0, le=65_535, description="Slack over HTTP: the port that takes its requests.")
    tick_seconds: float = Field(
        15, ge=0.05, le=300, description="Seconds between two looks at what is due (0.05 to 300)."
    )
    catch_up_hours: float = Field(
        6, ge=0, le=23, description="How late a digest may still go out after an outage, in hours (0 to 23)."
    )
    corrections_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="For how many days after a fact was shown its correction is sent there (1 to 3650).",
    )
    cross_encoder: bool = Field(
        True,
        description="true: a question is read beside the facts that may answer it, which takes some 16 ms, and 75 MB. "
        "false: words alone decide, which is quicker and answers less.",
    )
    keep_questions: Literal["none", "unanswered", "all"] = Field(
        "unanswered", description="Which questions are kept for the editors: none, unanswered or all."
    )
    keep_questions_days: int = Field(90, ge=1, le=3650, description="For how many days questions and flags are kept.")
    keep_deliveries_days: int = Field(
        400, ge=1, le=3650, description="For how many days the ledger keeps what was delivered."
    )
    keep_audit_days: int = Field(730, ge=1, le=3650, description="For how many days the audit log is kept.")

    http_host: str = Field(
        "127.0.0.1", description="Address of /healthz, /readyz and /metrics; 0.0.0.0 inside a container."
    )
    http_port: int = Field(8087, ge=0, le=65535, description="Their port; 0 takes any that is free.")
    stop_seconds: float = Field(
        20, ge=0, le=300, description="How long a stop waits for what is being sent, in seconds (0 to 300)."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="auto writes text in a terminal and JSON otherwise; or text, or json."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    flood_person: int = Field(10, ge=1, le=1000, description="Lines a minute that are answered to one person.")
    flood_channel: int = Field(30, ge=1, le=10000, description="Lines a minute that are answered in one channel.")
    flood_workspace: int = Field(
        120, ge=1, le=100000, description="Lines a minute that are answered in one workspace or server."
    )

    @field_validator("discord_editors", mode="before")
    @classmethod
    def _ids(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        ids = [part.strip() for part in given.split(",") if part.strip()]
        if not all(part.isascii() and part.isdecimal() for part in ids):
            raise ValueError("an id is a number, such as 456226577798135808")
        return frozenset(int(part) for part in ids)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            zone(name)
        except UnknownZoneError as error:
            raise ValueError(str(error)) from None
        return name


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: names the variable and what would be right.
    """
    try:
        return Settings(_secrets_dir=[folder for folder in secret_folders() if folder.is_dir()])
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file .env cannot be read: {error}. Mend it, or save it as UTF-8.") from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)[0]
        place = str(details["loc"][0])
        field = Settings.model_fields.get(place)
        name = PREFIX + place.upper() if field else place
        description = field.description if field else ""
        raise SettingsError(
            f"{name} has a value that cannot be used: {details['msg']}. {description}".strip()
        ) from None


def secret_folders() -> list[Path]:
    """Where secrets may lie as files, each named like its variable: a container's, then systemd's."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    return [Path("/run/secrets"), *([Path(credentials)] if credentials else [])]


def unknown_names() -> list[str]:
    """What is set under our prefix and is no setting, each with what may have been meant."""
    known = [variable_of(name) for name in Settings.model_fields]
    in_file = dotenv_values(".env", encoding="utf-8") if Path(".env").is_file() else {}
    found = sorted({name for name in (*os.environ, *in_file) if name.upper().startswith(PREFIX)})
    told = []
    for name in found:
        if name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            told.append(f"{name} is no setting of briefbot." + (f" Did you mean {near[0]}?" if near else ""))
    return told


def variable_of(name: str) -> str:
    """The environment variable of a field."""
    return str(Settings.model_fields[name].validation_alias or PREFIX + name.upper())


def secrets_of(settings: Settings) -> list[str]:
    """Every secret that is set, so that no log shows one."""
    values = [getattr(settings, name) for name in Settings.model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def example() -> str:
    """What `.env.example` holds: every setting with what it does, none of them set."""
    lines = [
        "# Settings of briefbot, read from the environment or from a file `.env` in the working folder.",
        "# Every one is optional: without any, the facts that came with the package are used.",
    ]
    for name, field in Settings.model_fields.items():
        lines += ["", f"# {field.description}", f"#{variable_of(name)}="]
    return "\n".join(lines) + "\n"


def seeds_folder(settings: Settings) -> Path:
    """The folder with the facts: the one that was set, the package's own, or the checkout's."""
    if settings.seeds_dir is not None:
        return settings.seeds_dir
    packaged = Path(__file__).parent / "seeds"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "seeds"


def database_url(settings: Settings) -> str:
    """Where the state is kept."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    folder = settings.data_dir or user_data_path("briefbot", appauthor=False)
    return f"sqlite:///{folder.expanduser().resolve() / 'briefbot.db'}"


def cache_folder(settings: Settings) -> Path:
    """Where the cache is kept."""
    return (settings.cache_dir or user_cache_path("briefbot", appauthor=False)).expanduser()


def retention(settings: Settings) -> dict[str, timedelta]:
    """For how long each kind of record is kept."""
    questions = timedelta(days=settings.keep_questions_days)
    return {
        "sightings": timedelta(days=settings.corrections_days),
        "deliveries": timedelta(days=settings.keep_deliveries_days),
        "questions": questions,
        "flags": questions,
        "audit": timedelta(days=settings.keep_audit_days),
    }


def utc_now(settings: Settings) -> datetime:
    """The moment that commands take as now."""
    return settings.now or datetime.now().astimezone()
