"""The core: question in, answer out, card out. Pure: no clock, no platform, no files but its own data."""
