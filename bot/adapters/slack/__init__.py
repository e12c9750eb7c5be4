"""Slack: receive, call the desk, lay the card out, deliver. It writes no sentence of its own."""
