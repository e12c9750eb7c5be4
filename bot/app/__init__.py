"""The one place that constructs: settings in, everything that runs out, closed in order."""

from bot.app.building import App, build, build_desk, restored

__all__ = ["App", "build", "build_desk", "restored"]
