"""Commands are sent to Discord only when they changed: it allows 200 new ones a day and takes its time."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol

from discord import app_commands

from bot.adapters.discord.whereabouts import Client


class Memory(Protocol):
    """Where small values outlive the process."""

    async def get(self, key: str) -> str | None:
        """A value, or None."""

    async def put(self, key: str, value: str) -> None:
        """Keep a value."""


async def payload(tree: app_commands.CommandTree[Client]) -> list[dict[str, Any]]:
    """What would be sent: every command with its translations."""
    commands = tree.get_commands()
    if tree.translator is None:
        return [dict(command.to_dict(tree)) for command in commands]
    return [dict(await command.get_translated_payload(tree, tree.translator)) for command in commands]


async def synchronise(
    tree: app_commands.CommandTree[Client], application: int, memory: Memory | None, *, force: bool = False
) -> bool:
    """Send the commands if they are not those that were sent last; returns whether they were sent."""
    body = json.dumps(await payload(tree), sort_keys=True, ensure_ascii=False)
    print_ = hashlib.blake2b(body.encode(), digest_size=16).hexdigest()
    key = f"discord:{application}"
    if memory is not None and not force and await memory.get(key) == print_:
        return False
    await tree.sync()
    if memory is not None:
        await memory.put(key, print_)
    return True
