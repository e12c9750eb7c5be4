"""The terminal: the same desk as everywhere, printed."""
