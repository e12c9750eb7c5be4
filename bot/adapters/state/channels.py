"""Channel settings, flags, what a message showed, and small values that the adapters remember."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bot.adapters.state.database import Database
from bot.adapters.state.rows import card_of, insert, place_id, place_of
from bot.adapters.state.schema import cards, channel_settings, flags, meta, places, sightings
from bot.adapters.state.sightings import Spool
from bot.adapters.state.subscriptions import record_action
from bot.digest.ledger import Sighted
from bot.digest.places import ChannelSettings, Person, Place
from bot.digest.sightings import Flag, Kept

_PLACE = ("platform", "workspace", "channel", "thread", "direct", "address")


class Channels:
    """What those who manage a channel chose for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, place: Place) -> ChannelSettings:
        """The settings of a place; those that nobody chose are the usual ones."""
        query = (
            select(channel_settings.c.story, channel_settings.c.public, channel_settings.c.in_channel)
            .join(places, places.c.id == channel_settings.c.place_id)
            .where(
                places.c.platform == place.platform,
                places.c.workspace == place.workspace,
                places.c.channel == place.channel,
                places.c.thread == place.thread,
            )
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).first()
        return ChannelSettings(*found) if found else ChannelSettings()

    async def save(self, place: Place, settings: ChannelSettings, actor: Person, now: datetime) -> None:
        """Write the settings of a place, and who changed them."""
        values = {"story": settings.story, "public": settings.public, "in_channel": settings.in_channel}
        async with self._database.write() as connection:
            number = await place_id(connection, place)
            statement = insert(connection, channel_settings).values(place_id=number, **values)
            await connection.execute(statement.on_conflict_do_update(index_elements=["place_id"], set_=values))
            actor_number = await place_id(connection, actor.own_place)
            await record_action(connection, actor_number, "channel", str(number), now, values)


class Flags:
    """What readers find amiss, in messages that are looked up among the sightings."""

    def __init__(self, database: Database, spool: Spool) -> None:
        self._database, self._spool = database, spool

    async def add(self, flag: Flag) -> None:
        """Keep a flag for the editors."""
        async with self._database.write() as connection:
            await connection.execute(
                flags.insert().values(
                    at=flag.at,
                    place_id=await place_id(connection, flag.place),
                    person_id=await place_id(connection, flag.person.own_place) if flag.person else None,
                    reason=flag.reason.value,
                    note=flag.note,
                    facts=list(flag.facts),
                    question=flag.question,
                )
            )

    async def kept(self, keys: Sequence[str]) -> Kept | None:
        """What a message showed, by the token of its showing or by the message's id."""
        await self._spool.flush()  # on a slow disk a button is pressed before the sighting is there
        known = [key for key in keys if key]
        query = (
            select(
                *sightings.c["fact", "revision", "reader_id", "card_id"],
                *(places.c[name].label(f"place_{name}") for name in _PLACE),
                cards.c.body,
            )
            .join(places, places.c.id == sightings.c.place_id)
            .outerjoin(cards, cards.c.id == sightings.c.card_id)
            .where(sightings.c.message.in_(known))
            .order_by(sightings.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                return None
            first = rows[0]
            readers = select(*(places.c[name] for name in _PLACE)).where(places.c.id == first["reader_id"])
            reader = (await connection.execute(readers)).mappings().one()
        try:
            card = card_of(first["body"]) if first["body"] else None
        except (KeyError, TypeError, ValueError):
            card = None  # of another version: it can be flagged still, not shared
        facts = tuple(dict.fromkeys(Sighted(row["fact"], row["revision"]) for row in rows))
        return Kept(place_of(first, "place_"), place_of(reader), facts, card)


class Memory:
    """Small values by name, in the table `meta`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """A value, or None."""
        async with self._database.read() as connection:
            value: str | None = (await connection.execute(select(meta.c.value).where(meta.c.key == key))).scalar()
        return value

    async def put(self, key: str, value: str) -> None:
        """Keep a value."""
        async with self._database.write() as connection:
            statement = insert(connection, meta).values(key=key, value=value)
            await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
