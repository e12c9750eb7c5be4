"""The commands in French, from the same catalogue as every other word."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.briefing.wording import wording


class Translator(app_commands.Translator):
    """Looks a name or description up; English is the catalogue's own."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The French of a text; None for every other language, which shows the English."""
        del context
        if locale is not discord.Locale.french:
            return None
        return wording("fr").of_catalogue(string.message)
