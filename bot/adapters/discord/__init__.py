"""Discord: receive, call the desk, lay the card out, deliver. It writes no sentence of its own."""

from bot.adapters.discord.bot import BriefBot, create_bot
from bot.adapters.discord.service import DiscordService

__all__ = ["BriefBot", "DiscordService", "create_bot"]
