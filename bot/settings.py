"""Settings: read once from the environment and `.env`, handed in, never read again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
    )

    seeds_dir: Path | None = Field(
        None, description="Folder with the facts. Without it, the facts that came with the package are used."
    )
    lang: Literal["en", "fr"] | None = Field(
        None, description="Language of answers (en or fr) when the question itself does not tell."
    )
    now: Annotated[AwareDatetime | None, NoDecode] = Field(
        None,
        description="A fixed moment for the command line in place of the clock, such as 2026-11-21T09:00:00+00:00.",
    )


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: names the variable and what would be right.
    """
    try:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file .env cannot be read: {error}. Mend it, or save it as UTF-8.") from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)[0]
        name = PREFIX + str(details["loc"][0]).upper()
        field = Settings.model_fields[str(details["loc"][0])]
        raise SettingsError(f"{name} has a value that cannot be used: {details['msg']}. {field.description}") from None


def seeds_folder(settings: Settings) -> Path:
    """The folder with the facts: the one that was set, the package's own, or the checkout's."""
    if settings.seeds_dir is not None:
        return settings.seeds_dir
    packaged = Path(__file__).parent / "seeds"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "seeds"


def utc_now(settings: Settings) -> datetime:
    """The moment that commands take as now."""
    return settings.now or datetime.now().astimezone()
