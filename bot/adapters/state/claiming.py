"""Claiming: lease what is due, compose it, and record what it shows, all in one transaction."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, literal, literal_column, or_, select, tuple_

from bot.adapters.state.batch import GroupCommit
from bot.adapters.state.composing import Work
from bot.adapters.state.database import Database
from bot.adapters.state.rows import head, place_of
from bot.adapters.state.schema import (
    STILL_OPEN,
    deliveries,
    gates,
    places,
    sightings,
)
from bot.digest.journal import Journal
from bot.digest.ledger import (
    Composing,
    Contact,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Parcel,
)
from bot.digest.places import Place


class Claiming:
    """The claim of `bot.digest.ledger.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._journals: OrderedDict[tuple[int, int], Journal] = OrderedDict()
        self._waited_for = GroupCommit(self._those_waited_for)

    async def claim(
        self, now: datetime, platforms: list[str], limit: int, lease: timedelta, compose: Composing, recording: int
    ) -> list[Parcel]:
        """Lease deliveries that are due, compose and record what they show; see the protocol."""
        async with self._database.write() as connection:
            await self._database.lock_record(connection, shared=True)
            until = await head(connection)
            if until > recording:
                return []
            rows = (await connection.execute(_due(now, platforms, limit))).mappings().all()
            if not rows:
                return []
            work = Work(connection, now, until, self._journals)
            token = secrets.token_hex(8)
            deliveries_claimed = [_delivery(row, token, now) for row in rows]
            await work.read(rows)
            parcels = []
            for row, delivery in zip(rows, deliveries_claimed, strict=True):
                parcels += await work.lease(row, delivery, now + lease, compose)
            await work.write()
            return parcels

    async def waiting(
        self, place: Place, now: datetime, lease: timedelta, compose: Composing, recording: int
    ) -> list[Contact]:
        """What waited for a person's next contact, leased while it is being shown."""
        if not await self._waited_for.put(place):
            return []
        rows_of = (
            select(deliveries, *(places.c[name].label(f"place_{name}") for name in _PLACE))
            .join(places, places.c.id == deliveries.c.place_id)
            .where(
                places.c.platform == place.platform,
                places.c.workspace == place.workspace,
                places.c.channel == place.channel,
                deliveries.c.state == DeliveryState.WAITING.value,
                or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until < now),
            )
            .order_by(deliveries.c.due, deliveries.c.id)
        )
        async with self._database.write() as connection:
            await self._database.lock_record(connection, shared=True)
            until = await head(connection)
            if until > recording:
                return []
            rows = (await connection.execute(rows_of.with_for_update(of=deliveries))).mappings().all()
            work = Work(connection, now, until, self._journals)
            await work.read(rows)
            token = secrets.token_hex(8)
            found = [await work.offer(row, _delivery(row, token, now), now + lease, compose) for row in rows]
            await work.write()
            return [contact for contact in found if contact is not None]

    async def _those_waited_for(self, asked: Sequence[Place]) -> list[bool]:
        """For which of these places something waits: one question for all who ask at the same time."""
        key = tuple_(places.c.platform, places.c.workspace, places.c.channel)
        query = (
            select(places.c.platform, places.c.workspace, places.c.channel)
            .join(deliveries, deliveries.c.place_id == places.c.id)
            .where(
                deliveries.c.state == DeliveryState.WAITING.value,
                key.in_({(place.platform, place.workspace, place.channel) for place in asked}),
            )
            .distinct()
        )
        async with self._database.read() as connection:
            found = {tuple(row) for row in (await connection.execute(query)).all()}
        return [(place.platform, place.workspace, place.channel) in found for place in asked]

    async def acknowledge(self, contact: Contact, now: datetime) -> None:
        """A notice was shown to the person that it waited for."""
        delivery = contact.delivery
        async with self._database.write() as connection:
            done = await connection.execute(
                deliveries.update()
                .where(deliveries.c.id == delivery.id, deliveries.c.lease == delivery.lease)
                .values(state=DeliveryState.SENT.value, sent_at=now, lease="", lease_until=None)
            )
            if not done.rowcount:
                return
            place = select(deliveries.c.place_id).where(deliveries.c.id == delivery.id).scalar_subquery()
            for sighted in contact.sighted:
                values = {"fact": sighted.fact, "revision": sighted.revision, "shown_at": now}
                await connection.execute(
                    sightings.insert().values(reader_id=place, place_id=place, delivery_id=delivery.id, **values)
                )


def _due(now: datetime, platforms: Sequence[str], limit: int) -> Select[Any]:
    """Open rows whose time has come, the first of each place, of places and workspaces that take messages."""
    earlier = deliveries.alias("earlier")
    # The indices are partial: the database uses them for this very text only.
    is_open: ColumnElement[bool] = literal_column(f"deliveries.{STILL_OPEN}")
    earlier_open: ColumnElement[bool] = literal_column(f"earlier.{STILL_OPEN}")
    ready = or_(
        and_(
            deliveries.c.state.in_([DeliveryState.PENDING.value, DeliveryState.UNKNOWN.value]),
            deliveries.c.next_at <= now,
        ),
        and_(deliveries.c.state == DeliveryState.SENDING.value, deliveries.c.lease_until < now),
    )
    before = and_(
        earlier.c.place_id == deliveries.c.place_id,
        earlier_open,
        earlier.c.state != DeliveryState.WAITING.value,
        tuple_(earlier.c.due, earlier.c.id) < tuple_(deliveries.c.due, deliveries.c.id),
    )
    gated = select(literal(1)).where(
        or_(gates.c.scope == places.c.platform, gates.c.scope == places.c.platform + ":" + places.c.workspace),
        or_(gates.c.suspended, gates.c.not_before > now),
    )
    return (
        select(deliveries, *(places.c[name].label(f"place_{name}") for name in _PLACE))
        .join(places, places.c.id == deliveries.c.place_id)
        .where(
            is_open,
            ready,
            places.c.platform.in_(platforms),
            places.c.suspended_at.is_(None),
            or_(places.c.not_before.is_(None), places.c.not_before <= now),
            ~select(literal(1)).where(before).exists(),
            ~gated.exists(),
        )
        .order_by(deliveries.c.rank, deliveries.c.due, deliveries.c.id)
        .limit(limit)
        .with_for_update(of=deliveries, skip_locked=True)
    )


_PLACE = ("platform", "workspace", "channel", "thread", "direct", "address", "language", "zone", "label")


def _delivery(row: RowMapping, token: str, now: datetime) -> Delivery:
    in_doubt = row["state"] in {DeliveryState.UNKNOWN.value, DeliveryState.SENDING.value}
    return Delivery(
        id=row["id"],
        place=place_of(row, "place_"),
        kind=DeliveryKind(row["kind"]),
        slot=row["slot"],
        part=row["part"],
        due=row["due"],
        attempts=row["attempts"] + 1,
        doubts=row["doubts"] + in_doubt,
        first_try=row["first_try"] or now,
        lease=token,
        language=row["place_language"],
        zone=row["place_zone"],
        label=row["place_label"],
        expires=row["expires"],
        edits=row["edits"],
        day=row["day"],
        late=row["late"],
        reason=row["reason"],
    )
