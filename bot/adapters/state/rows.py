"""Between rows and the values of the inner rooms; small statements that several tables need."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import time
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, RowMapping, Select, Table, and_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.schema import cards, places, recordings
from bot.briefing.card import Card, as_json, from_json
from bot.digest.places import Person, Place
from bot.digest.schedule import Cadence, Schedule, Slot
from bot.digest.subscriptions import Standing, Subscription, Wish

Values = Mapping[str, Any]


def insert(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT of this database, which knows ON CONFLICT."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def or_ignore(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that leaves a row alone that is there already."""
    statement: Insert = insert(connection, table).on_conflict_do_nothing()
    return statement


async def place_id(connection: AsyncConnection, place: Place, **known: Any) -> int:
    """The number of a place, which is added when it is new; what is `known` of it is kept."""
    key = {
        "platform": place.platform,
        "workspace": place.workspace,
        "channel": place.channel,
        "thread": place.thread,
    }
    if place.address:
        known["address"] = place.address
    where = and_(*(places.c[name] == value for name, value in key.items()))
    query = select(places.c.id, *(places.c[name] for name in known)).where(where)
    found = (await connection.execute(query)).mappings().first()
    if found is None:
        await connection.execute(or_ignore(connection, places).values(**key, direct=place.direct, **known))
        return int((await connection.execute(select(places.c.id).where(where))).scalar_one())
    if any(found[name] != value for name, value in known.items()):
        await connection.execute(places.update().where(places.c.id == found["id"]).values(**known))
    return int(found["id"])


def own_places(person: Person) -> Select[tuple[int]]:
    """The numbers of a person's own place and of the threads in it."""
    own = person.own_place
    return select(places.c.id).where(
        places.c.platform == own.platform, places.c.workspace == own.workspace, places.c.channel == own.channel
    )


def place_of(row: RowMapping, prefix: str = "") -> Place:
    """The place in a row."""
    return Place(
        row[f"{prefix}platform"],
        row[f"{prefix}workspace"],
        row[f"{prefix}channel"],
        row[f"{prefix}thread"],
        row[f"{prefix}direct"],
        row[f"{prefix}address"],
    )


def person_of(place: Place) -> Person:
    """Whose own place it is."""
    return Person(place.platform, place.workspace, place.channel.removeprefix("@"))


def subscription_of(row: RowMapping, place: Place, owner: Person) -> Subscription:
    """The subscription in a row of its table."""
    hour, minute = row["at"].split(":")
    schedule = Schedule(Cadence(row["cadence"]), time(int(hour), int(minute)), row["zone"], row["weekday"])
    last = Slot(row["last_day"], row["last_due"]) if row["last_day"] is not None else None
    return Subscription(
        row["id"],
        place,
        owner,
        Wish(schedule, row["language"], tuple(row["stories"]), row["full"], row["quiet_line"]),
        Standing(row["standing"]),
        row["covered"],
        row["created"],
        Slot(row["next_day"], row["next_due"]),
        last,
        row["reason"],
    )


def subscription_values(subscription: Subscription) -> dict[str, Any]:
    """What the table holds of a subscription, less its places."""
    wish, schedule = subscription.wish, subscription.wish.schedule
    return {
        "cadence": schedule.cadence.value,
        "at": schedule.at.strftime("%H:%M"),
        "zone": schedule.zone,
        "weekday": schedule.weekday,
        "language": wish.language,
        "stories": list(wish.stories),
        "full": wish.full,
        "quiet_line": wish.quiet_line,
        "standing": subscription.standing.value,
        "reason": subscription.reason,
        "covered": subscription.covered,
        "created": subscription.created,
        "next_day": subscription.next.day,
        "next_due": subscription.next.due,
        "last_day": subscription.last.day if subscription.last else None,
        "last_due": subscription.last.due if subscription.last else None,
    }


@lru_cache(maxsize=64)
def card_row(card: Card) -> dict[str, str]:
    """The row that keeps a card once, however many get it: its id is the hash of its content."""
    body = json.dumps(as_json(card), ensure_ascii=False, sort_keys=True)
    return {"id": hashlib.blake2b(body.encode(), digest_size=16).hexdigest(), "body": body}


async def place_ids(connection: AsyncConnection, known: Mapping[Place, Mapping[str, Any]]) -> dict[Place, int]:
    """The numbers of places, as `place_id` gives one; those that are as they were cost one question for all."""
    key = tuple_(places.c.platform, places.c.workspace, places.c.channel, places.c.thread)
    query = select(places).where(key.in_([_key(place) for place in known]))
    rows = {
        (row["platform"], row["workspace"], row["channel"], row["thread"]): row
        for row in (await connection.execute(query)).mappings()
    }
    found = {}
    for place, more in known.items():
        row = rows.get(_key(place))
        wanted = {**more, "address": place.address} if place.address else more
        if row is not None and all(row[name] == value for name, value in wanted.items()):
            found[place] = int(row["id"])
        else:
            found[place] = await place_id(connection, place, **more)
    return found


def _key(place: Place) -> tuple[str, str, str, str]:
    return (place.platform, place.workspace, place.channel, place.thread)


async def keep_cards(connection: AsyncConnection, kept: Sequence[Card]) -> list[str]:
    """Keep cards; returns their ids, in order."""
    rows = [card_row(card) for card in kept]
    if rows:
        await connection.execute(or_ignore(connection, cards), list({row["id"]: row for row in rows}.values()))
    return [row["id"] for row in rows]


async def keep_card(connection: AsyncConnection, card: Card) -> str:
    """Keep a card; returns its id."""
    row = card_row(card)
    await connection.execute(or_ignore(connection, cards).values(row))
    return row["id"]


def card_of(body: str) -> Card:
    """The card in a kept body. Raises KeyError, TypeError or ValueError when it is of another version."""
    return from_json(json.loads(body))


async def head(connection: AsyncConnection) -> int:
    """The number of the newest recording; 0 before the first."""
    newest = select(recordings.c.id).order_by(recordings.c.id.desc()).limit(1)
    return int((await connection.execute(newest)).scalar() or 0)


async def pairs(connection: AsyncConnection, query: Select[Any]) -> dict[Any, Any]:
    """The rows of a query of two columns, the second by the first."""
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}
