"""Subscriptions in SQL, with the audit log of who changed them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.rows import (
    head,
    own_places,
    person_of,
    place_id,
    place_of,
    subscription_of,
    subscription_values,
)
from bot.adapters.state.schema import audit, deliveries, meta, places, subscriptions
from bot.digest.ledger import DeliveryState
from bot.digest.places import Person, Place
from bot.digest.schedule import ZONE_DATA_VERSION, Slot, due_at
from bot.digest.subscriptions import Standing, Subscription, Wish

_PLACE = ("platform", "workspace", "channel", "thread", "direct", "address")


class Subscriptions:
    """Who takes the digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, place: Place, owner: Person, wish: Wish, now: datetime, *, label: str = "") -> Subscription:
        """Subscribe a place; the first edition covers what is recorded from now on."""
        first = wish.schedule.first(now)
        async with self._database.write() as connection:
            known = {"language": wish.language, "zone": wish.schedule.zone, "label": label[:120]}
            place_number = await place_id(connection, place, **known, **({"opted": True} if place.direct else {}))
            owner_number = await place_id(connection, owner.own_place)
            if place.direct:
                await _open_direct(connection, place_number)
            made = Subscription(0, place, owner, wish, Standing.ACTIVE, await head(connection), now, first)
            values = {**subscription_values(made), "place_id": place_number, "owner_id": owner_number}
            added = await connection.execute(subscriptions.insert().values(values).returning(subscriptions.c.id))
            number = int(added.scalar_one())
            await record_action(connection, owner_number, "subscribe", str(number), now, _told(values))
        return (await self._one(subscriptions.c.id == number))[0]

    async def of_place(self, place: Place) -> list[Subscription]:
        """The subscriptions of a place that have not ended, oldest first."""
        where = (
            (places.c.platform == place.platform)
            & (places.c.workspace == place.workspace)
            & (places.c.channel == place.channel)
            & (places.c.thread == place.thread)
            & (subscriptions.c.standing != Standing.ENDED.value)
        )
        return await self._one(where)

    async def places(self, platform: str) -> list[Place]:
        """Where digests go on a platform, as long as their subscriptions have not ended."""
        found = await self._one((places.c.platform == platform) & (subscriptions.c.standing != Standing.ENDED.value))
        return list(dict.fromkeys(one.place for one in found))

    async def of_owner(self, owner: Person) -> list[Subscription]:
        """The subscriptions that a person made, anywhere, that have not ended."""
        mine = subscriptions.c.owner_id.in_(own_places(owner))
        return await self._one(mine & (subscriptions.c.standing != Standing.ENDED.value))

    async def get(self, number: int) -> Subscription | None:
        """One subscription, also an ended one."""
        found = await self._one(subscriptions.c.id == number)
        return found[0] if found else None

    async def last_ended(self, place: Place) -> Subscription | None:
        """The subscription of a place that ended last, for undo."""
        where = (
            (places.c.platform == place.platform)
            & (places.c.workspace == place.workspace)
            & (places.c.channel == place.channel)
            & (places.c.thread == place.thread)
            & (subscriptions.c.standing == Standing.ENDED.value)
        )
        ended = await self._one(where, newest_end=True)
        return ended[0] if ended else None

    async def save(self, changed: Subscription, action: str, actor: Person, now: datetime) -> None:
        """Write a changed subscription and who changed it. What is on its way of a paused or ended one is stopped."""
        values = subscription_values(changed)
        del values["covered"], values["created"]
        async with self._database.write() as connection:
            actor_number = await place_id(connection, actor.own_place)
            ended = now if changed.standing is Standing.ENDED else None
            await connection.execute(
                subscriptions.update().where(subscriptions.c.id == changed.id).values(**values, ended_at=ended)
            )
            known = {"language": changed.wish.language, "zone": changed.wish.schedule.zone}
            number = await place_id(connection, changed.place, **known)
            if changed.standing is Standing.ACTIVE:
                await connection.execute(
                    places.update().where(places.c.id == number).values(suspended_at=None, reason="", failures=0)
                )
            else:
                await connection.execute(
                    deliveries.update()
                    .where(
                        deliveries.c.subscription_id == changed.id,
                        deliveries.c.state == DeliveryState.PENDING.value,
                    )
                    .values(state=DeliveryState.SUPERSEDED.value, reason=changed.standing.value)
                )
            await record_action(connection, actor_number, action, str(changed.id), now, _told(values))

    async def take_direct(self, person: Person, *, take: bool, now: datetime, address: str = "") -> None:
        """Whether corrections of what a person was shown privately may come as a direct message."""
        async with self._database.write() as connection:
            number = await place_id(
                connection, person.own_place, opted=take, **({"address": address} if address else {})
            )
            if take:
                await _open_direct(connection, number)
            await record_action(connection, number, "direct", "on" if take else "off", now, {})

    async def follow_zone_data(self) -> int:
        """Compute every coming slot anew when the zone data changed; returns how many moved."""
        async with self._database.write() as connection:
            version = (await connection.execute(select(meta.c.value).where(meta.c.key == "tzdata"))).scalar()
            if version == ZONE_DATA_VERSION:
                return 0
            await connection.execute(meta.delete().where(meta.c.key == "tzdata"))
            await connection.execute(meta.insert().values(key="tzdata", value=ZONE_DATA_VERSION))
            if version is None:
                return 0
            moved = 0
            for row in (await connection.execute(select(subscriptions))).mappings().all():
                held = subscription_of(row, _NOWHERE, person_of(_NOWHERE))
                due = due_at(held.next.day, held.wish.schedule.at, held.wish.schedule.zone)
                slot = Slot(held.next.day, due) if due else held.wish.schedule.after(held.next)
                if slot != held.next:
                    moved += 1
                    await connection.execute(
                        subscriptions.update()
                        .where(subscriptions.c.id == held.id)
                        .values(next_day=slot.day, next_due=slot.due)
                    )
            return moved

    async def _one(self, where: Any, *, newest_end: bool = False) -> list[Subscription]:
        order = subscriptions.c.ended_at.desc() if newest_end else subscriptions.c.id
        async with self._database.read() as connection:
            rows = (await connection.execute(_joined().where(where).order_by(order))).mappings().all()
        return [subscription_of(row, place_of(row, "place_"), person_of(place_of(row, "owner_"))) for row in rows]


_NOWHERE = Place("", "", "@")


def _joined() -> Select[Any]:
    owners = places.alias("owners")
    return (
        select(
            subscriptions,
            *(places.c[name].label(f"place_{name}") for name in _PLACE),
            *(owners.c[name].label(f"owner_{name}") for name in _PLACE),
        )
        .join(places, places.c.id == subscriptions.c.place_id)
        .join(owners, owners.c.id == subscriptions.c.owner_id)
    )


async def _open_direct(connection: AsyncConnection, place: int) -> None:
    """What waited for this person's next contact may now be sent."""
    await connection.execute(
        deliveries.update()
        .where(deliveries.c.place_id == place, deliveries.c.state == DeliveryState.WAITING.value)
        .values(state=DeliveryState.PENDING.value)
    )


async def record_action(
    connection: AsyncConnection, actor: int, action: str, subject: str, now: datetime, detail: dict[str, Any]
) -> None:
    """One line of the audit log."""
    await connection.execute(
        audit.insert().values(at=now, actor_id=actor, action=action, subject=subject, detail=detail)
    )


def _told(values: dict[str, Any]) -> dict[str, Any]:
    told: Sequence[str] = ("cadence", "at", "zone", "weekday", "language", "stories", "full", "quiet_line", "standing")
    return {name: values[name] for name in told}
