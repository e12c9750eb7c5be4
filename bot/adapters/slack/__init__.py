"""Slack: receive, call the desk, lay the card out, deliver. It writes no sentence of its own."""

from bot.adapters.slack.app import Slack, create_app, create_slack
from bot.adapters.slack.connection import Connection

__all__ = ["Connection", "Slack", "create_app", "create_slack"]
