"""The ledger in SQL: planning and marking. Claiming is in `claiming`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.batch import Batch, GroupCommit
from bot.adapters.state.claiming import Claiming
from bot.adapters.state.database import Database
from bot.adapters.state.rows import insert, or_ignore, person_of, subscription_of
from bot.adapters.state.schema import (
    deliveries,
    editions,
    gates,
    places,
    sightings,
    subscriptions,
)
from bot.digest.ledger import (
    Composing,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Parcel,
    digest_slot,
)
from bot.digest.places import Place
from bot.digest.subscriptions import Outcome, Standing, planned

PLACE_PACE = timedelta(seconds=1)  # Slack's, and what readers of any platform can bear
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class _Sent:
    """A delivery that the platform took, its id there, and when."""

    delivery: Delivery
    remote: str
    now: datetime


class SqlLedger:
    """`bot.digest.ledger.Ledger` in a database; safe with any number of processes on PostgreSQL."""

    def __init__(self, database: Database, place_pace: timedelta = PLACE_PACE) -> None:
        """`place_pace` is the least time between two messages to one place."""
        self._database, self._pace = database, place_pace
        self._claiming = Claiming(database)
        self._sent: GroupCommit[_Sent, bool] = GroupCommit(self._mark_sent)

    async def plan(self, now: datetime, window: timedelta, limit: int) -> int:
        """Give up to `limit` due subscriptions their edition and delivery; returns how many had a turn."""
        due = (
            select(subscriptions)
            .where(subscriptions.c.standing == Standing.ACTIVE.value, subscriptions.c.next_due <= now)
            .order_by(subscriptions.c.next_due, subscriptions.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.write() as connection:
            rows = (await connection.execute(due)).mappings().all()
            if not rows:
                return 0
            new_editions, new_deliveries, turns = [], [], []
            for row in rows:
                edition, after = planned(subscription_of(row, NOWHERE, person_of(NOWHERE)), now, window)
                slot = edition.slot
                new_editions.append(
                    {
                        "subscription_id": row["id"],
                        "day": slot.day,
                        "due": slot.due,
                        "outcome": edition.outcome.value,
                        "late": edition.late,
                        "reason": edition.reason,
                    }
                )
                if edition.outcome is Outcome.PLANNED:
                    new_deliveries.append(
                        {
                            "place_id": row["place_id"],
                            "kind": DeliveryKind.DIGEST.value,
                            "slot": digest_slot(row["id"], slot.day),
                            "part": 0,
                            "subscription_id": row["id"],
                            "day": slot.day,
                            "late": edition.late,
                            "rank": 1,
                            "due": slot.due,
                            "expires": slot.due + window,
                            "next_at": now,
                            "state": DeliveryState.PENDING.value,
                        }
                    )
                turns.append(
                    {
                        "turned": row["id"],
                        "new_next_day": after.next.day,
                        "new_next_due": after.next.due,
                        "new_last_day": slot.day,
                        "new_last_due": slot.due,
                    }
                )
            await connection.execute(or_ignore(connection, editions), new_editions)
            if new_deliveries:
                await connection.execute(or_ignore(connection, deliveries), new_deliveries)
            await connection.execute(_TURN, turns)
        return len(rows)

    async def claim(
        self, now: datetime, platforms: list[str], limit: int, lease: timedelta, compose: Composing, recording: int
    ) -> list[Parcel]:
        """Lease what is due and compose it; see the protocol."""
        return await self._claiming.claim(now, platforms, limit, lease, compose, recording)

    async def sent(self, delivery: Delivery, remote: str, now: datetime) -> bool:
        """Mark as delivered; with its last part an edition is out and the subscription has come that far."""
        return await self._sent.put(_Sent(delivery, remote, now))

    async def _mark_sent(self, done: Sequence[_Sent]) -> Sequence[bool]:
        async with self._database.write() as connection:
            ids = [one.delivery.id for one in done]
            query = (
                select(*deliveries.c["id", "lease", "place_id", "card_id"])
                .where(deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.SENDING.value)
                .with_for_update()
            )
            rows = {row["id"]: row for row in (await connection.execute(query)).mappings()}
            held = [
                one for one in done if one.delivery.id in rows and rows[one.delivery.id]["lease"] == one.delivery.lease
            ]
            batch = Batch()
            for one in held:
                row = rows[one.delivery.id]
                values = {"state": DeliveryState.SENT.value, "remote": one.remote, "sent_at": one.now}
                batch.update(deliveries, {"id": row["id"]}, {**values, "reason": "", "lease": "", "lease_until": None})
                batch.update(places, {"id": row["place_id"]}, {"not_before": one.now + self._pace, "failures": 0})
                if one.remote and one.delivery.kind is not DeliveryKind.EDIT:
                    shown = {"message": one.remote, "card_id": row["card_id"]}
                    batch.update(sightings, {"delivery_id": row["id"]}, shown)
            await batch.write(connection)
            await _editions_out(connection, held)
        marked = {one.delivery.id for one in held}
        return [one.delivery.id in marked for one in done]

    async def unsure(self, delivery: Delivery, reason: str, retry_at: datetime) -> bool:
        """The fate of the request is not known."""
        async with self._database.write() as connection:
            return await _mark(
                connection,
                delivery,
                {"state": DeliveryState.UNKNOWN.value, "next_at": retry_at, "reason": reason[:REASON_LENGTH]},
            )

    async def passing(self, delivery: Delivery, reason: str, retry_at: datetime, *, whole_scope: bool) -> bool:
        """Surely not delivered: composed anew at the next attempt, nothing else in the place (or scope) before."""
        async with self._database.write() as connection:
            values = {"state": DeliveryState.PENDING.value, "next_at": retry_at, "reason": reason[:REASON_LENGTH]}
            if not await _mark(connection, delivery, {**values, **_uncomposed(delivery)}):
                return False
            await _forget_composed(connection, delivery)
            if whole_scope:
                gate = insert(connection, gates).values(scope=delivery.place.scope, not_before=retry_at, reason=reason)
                await connection.execute(
                    gate.on_conflict_do_update(
                        index_elements=["scope"], set_={"not_before": retry_at, "reason": reason[:REASON_LENGTH]}
                    )
                )
        return True

    async def suspend(self, delivery: Delivery, reason: str, now: datetime, *, whole_scope: bool) -> bool:
        """The place cannot be reached: what goes there pauses, and its owners are told once.

        When it is the whole workspace that refuses us, nothing is claimed for it until `reopen`.
        """
        reason = reason[:REASON_LENGTH]
        async with self._database.write() as connection:
            if whole_scope:
                values = {"state": DeliveryState.PENDING.value, "reason": reason, **_uncomposed(delivery)}
                if not await _mark(connection, delivery, values):
                    return False
                await _forget_composed(connection, delivery)
                gate = insert(connection, gates).values(scope=delivery.place.scope, suspended=True, reason=reason)
                await connection.execute(
                    gate.on_conflict_do_update(index_elements=["scope"], set_={"suspended": True, "reason": reason})
                )
                return True
            if not await _mark(connection, delivery, {"state": DeliveryState.SUSPENDED.value, "reason": reason}):
                return False
            await _unshown(connection, delivery, Outcome.FAILED, reason)
            place = (
                await connection.execute(select(deliveries.c.place_id).where(deliveries.c.id == delivery.id))
            ).scalar_one()
            await suspend_place(connection, place, delivery.label or delivery.place.channel, reason, now)
        return True

    async def close(self, delivery: Delivery, state: DeliveryState, reason: str) -> bool:
        """End a delivery that will not be sent; a digest's edition has failed, and the next one covers the gap."""
        async with self._database.write() as connection:
            values = {"state": state.value, "reason": reason[:REASON_LENGTH]}
            if not await _mark(connection, delivery, values):
                return False
            if state is DeliveryState.HELD:  # it may have been seen: its sightings stay
                await _outcome(connection, delivery, Outcome.FAILED, reason)
            else:
                await _unshown(connection, delivery, Outcome.FAILED, reason)
        return True

    async def release(self, delivery: Delivery) -> bool:
        """Give a claimed row back, untried."""
        state = DeliveryState.UNKNOWN if delivery.doubts else DeliveryState.PENDING
        async with self._database.write() as connection:
            values = {"state": state.value, "attempts": delivery.attempts - 1, "doubts": max(delivery.doubts - 1, 0)}
            return await _mark(connection, delivery, values)

    async def reopen(self, scope: str) -> None:
        """A workspace takes messages again."""
        async with self._database.write() as connection:
            await connection.execute(gates.delete().where(gates.c.scope == scope))

    async def settle_expired(self, now: datetime) -> int:
        """Close what became too late to be of use while its place or workspace could not be reached."""
        late = and_(deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.expires < now)
        async with self._database.write() as connection:
            rows = (
                await connection.execute(
                    deliveries.update()
                    .where(late)
                    .values(state=DeliveryState.EXPIRED.value)
                    .returning(*deliveries.c["subscription_id", "day", "reason"])
                )
            ).all()
            for subscription, day, reason in rows:
                await connection.execute(
                    editions.update()
                    .where(editions.c.subscription_id == subscription, editions.c.day == day)
                    .values(outcome=Outcome.FAILED.value, reason=reason or "too late to be of use")
                )
        return len(rows)


NOWHERE = Place("", "", "@")  # planning needs no place

_TURN = (
    subscriptions.update()
    .where(subscriptions.c.id == bindparam("turned"))
    .values(
        next_day=bindparam("new_next_day"),
        next_due=bindparam("new_next_due"),
        last_day=bindparam("new_last_day"),
        last_due=bindparam("new_last_due"),
    )
)


async def _mark(connection: AsyncConnection, delivery: Delivery, values: dict[str, Any]) -> bool:
    """Change a row that is still leased to this attempt: the fence against a lease that was lost."""
    done = await connection.execute(
        deliveries.update()
        .where(
            deliveries.c.id == delivery.id,
            deliveries.c.lease == delivery.lease,
            deliveries.c.state == DeliveryState.SENDING.value,
        )
        .values(lease="", lease_until=None, **values)
    )
    return bool(done.rowcount)


def _uncomposed(delivery: Delivery) -> dict[str, Any]:
    """A first part is composed anew from the facts as they will be; a later part belongs to what went before it."""
    return {} if delivery.part or delivery.kind is DeliveryKind.EDIT else {"card_id": None, "doubts": 0}


async def _forget_composed(connection: AsyncConnection, delivery: Delivery) -> None:
    if delivery.part:
        return
    await connection.execute(sightings.delete().where(sightings.c.delivery_id == delivery.id))
    await connection.execute(deliveries.delete().where(_later_parts(delivery)))


def _later_parts(delivery: Delivery) -> Any:
    place = select(deliveries.c.place_id).where(deliveries.c.id == delivery.id).scalar_subquery()
    return and_(
        deliveries.c.place_id == place,
        deliveries.c.kind == delivery.kind.value,
        deliveries.c.slot == delivery.slot,
        deliveries.c.part > delivery.part,
    )


async def _unshown(connection: AsyncConnection, delivery: Delivery, outcome: Outcome, reason: str) -> None:
    """Nobody saw it: no sightings, no later parts, and the edition has failed."""
    await _forget_composed(connection, delivery)
    await connection.execute(
        deliveries.update()
        .where(_later_parts(delivery))
        .values(state=DeliveryState.SUPERSEDED.value, reason="an earlier part was not delivered")
    )
    await _outcome(connection, delivery, outcome, reason)


async def _outcome(connection: AsyncConnection, delivery: Delivery, outcome: Outcome, reason: str) -> None:
    if delivery.subscription is not None and delivery.day is not None:
        await connection.execute(
            editions.update()
            .where(editions.c.subscription_id == delivery.subscription.id, editions.c.day == delivery.day)
            .values(outcome=outcome.value, reason=reason[:REASON_LENGTH])
        )


async def _editions_out(connection: AsyncConnection, done: Sequence[_Sent]) -> None:
    """With the last part of an edition, its subscription has come as far as the edition covers."""
    out = {
        (one.delivery.subscription.id, one.delivery.day): one.now
        for one in done
        if one.delivery.subscription is not None and one.delivery.day is not None
    }
    if not out:
        return
    unfinished = select(*deliveries.c["subscription_id", "day"]).where(
        deliveries.c.subscription_id.in_([number for number, _ in out]),
        deliveries.c.day.in_({day for _, day in out}),
        deliveries.c.part > 0,
        deliveries.c.state != DeliveryState.SENT.value,
    )
    for row in (await connection.execute(unfinished)).all():
        out.pop((row[0], row[1]), None)
    batch = Batch()
    reached = select(*editions.c["subscription_id", "day", "covers_to"]).where(
        editions.c.subscription_id.in_([number for number, _ in out]), editions.c.day.in_({day for _, day in out})
    )
    for number, day, covers in (await connection.execute(reached)).all():
        if (number, day) in out:
            values = {"outcome": Outcome.SENT.value, "sent_at": out[number, day], "reason": ""}
            batch.update(editions, {"subscription_id": number, "day": day}, values)
            if covers is not None:
                batch.update(subscriptions, {"id": number}, {"covered": covers})
    await batch.write(connection)


async def suspend_place(connection: AsyncConnection, place: int, label: str, reason: str, now: datetime) -> None:
    """Pause everything that goes to a place, keep it, and tell each owner once."""
    await connection.execute(places.update().where(places.c.id == place).values(suspended_at=now, reason=reason))
    stopped = (
        await connection.execute(
            subscriptions.update()
            .where(subscriptions.c.place_id == place, subscriptions.c.standing == Standing.ACTIVE.value)
            .values(standing=Standing.SUSPENDED.value, reason=reason)
            .returning(subscriptions.c.owner_id)
        )
    ).scalars()
    for owner in sorted(set(stopped)):
        opted = (await connection.execute(select(places.c.opted).where(places.c.id == owner))).scalar()
        reachable = bool(opted) and owner != place
        await connection.execute(
            or_ignore(connection, deliveries).values(
                place_id=owner,
                kind=DeliveryKind.STOPPED.value,
                slot=f"{place}:{now.isoformat()}",
                rank=0,
                due=now,
                next_at=now,
                reason=f"{label.replace('|', ' ')}|{reason}"[:REASON_LENGTH],
                state=(DeliveryState.PENDING if reachable else DeliveryState.WAITING).value,
            )
        )
