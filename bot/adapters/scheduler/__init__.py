"""The clockwork."""
