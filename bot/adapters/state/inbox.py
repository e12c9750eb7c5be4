"""What a platform handed to us: written down before it is acknowledged, struck out when it is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from bot.adapters.state.database import Database
from bot.adapters.state.rows import insert
from bot.adapters.state.schema import inbox
from bot.desk.ports import Waiting

MOST_AT_ONCE = 50
KEPT = timedelta(days=2)  # Slack retries for some five minutes; what is done has no body any more


class SqlInbox:
    """The table `inbox`; the primary key decides who handles a request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, platform: str, key: str, body: dict[str, Any], now: datetime, lease: timedelta) -> bool:
        """Write a request down and take it; False when another has it, or it is done."""
        values = {"received_at": now, "lease_until": now + lease, "body": body}
        async with self._database.write() as connection:
            new = insert(connection, inbox).values(platform=platform, key=key[:200], **values)
            made = await connection.execute(new.on_conflict_do_nothing(index_elements=["platform", "key"]))
            if made.rowcount == 1:
                return True
            lapsed = (
                update(inbox)
                .where(inbox.c.platform == platform, inbox.c.key == key[:200])
                .where(inbox.c.done_at.is_(None), inbox.c.lease_until < now)
                .values(lease_until=now + lease)
            )
            return (await connection.execute(lapsed)).rowcount == 1

    async def done(self, platform: str, key: str, now: datetime) -> None:
        """A request was handled; its body is not needed any more."""
        ours = (inbox.c.platform == platform) & (inbox.c.key == key[:200])
        async with self._database.write() as connection:
            await connection.execute(update(inbox).where(ours).values(done_at=now, body=None))

    async def take_over(self, platform: str, now: datetime, lease: timedelta) -> list[Waiting]:
        """Take what others took and did not finish within their lease; forget what was done days ago."""
        lapsed = (inbox.c.platform == platform) & inbox.c.done_at.is_(None) & (inbox.c.lease_until < now)
        async with self._database.write() as connection:
            await connection.execute(delete(inbox).where(inbox.c.received_at < now - KEPT))
            query = select(inbox.c.key, inbox.c.body, inbox.c.received_at).where(lapsed).order_by(inbox.c.received_at)
            rows = (await connection.execute(query.limit(MOST_AT_ONCE).with_for_update(skip_locked=True))).all()
            keys = [row.key for row in rows]
            mine = (inbox.c.platform == platform) & inbox.c.key.in_(keys)
            await connection.execute(update(inbox).where(mine).values(lease_until=now + lease))
        return [Waiting(row.key, row.body or {}, row.received_at) for row in rows]
