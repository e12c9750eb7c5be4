"""When each person last looked at what changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.adapters.state.database import Database
from bot.adapters.state.rows import head, insert, place_id
from bot.adapters.state.schema import looks
from bot.digest.places import Person
from bot.digest.reports import Look

ONE_LOOK = timedelta(minutes=30)  # who comes back within that sees the same news still


class Looks:
    """The table `looks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, person: Person, now: datetime) -> Look | None:
        """A person looks now: what they have not seen began at the look before. None on the first one."""
        async with self._database.write() as connection:
            number, newest = await place_id(connection, person.own_place), await head(connection)
            query = select(looks.c.since, looks.c.since_at, looks.c.seen, looks.c.seen_at)
            held = (await connection.execute(query.where(looks.c.person_id == number))).first()
            before = Look(newest, now)
            if held is not None:
                again = now - held.seen_at <= ONE_LOOK
                before = Look(held.since, held.since_at) if again else Look(held.seen, held.seen_at)
            values = {"since": before.recording, "since_at": before.at, "seen": newest, "seen_at": now}
            statement = insert(connection, looks).values(person_id=number, **values)
            await connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))
        return before if held is not None else None
