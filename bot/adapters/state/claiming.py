"""Claiming: lease what is due, compose it, and record what it shows, all in one transaction."""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, literal, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.database import Database
from bot.adapters.state.record import read_journal
from bot.adapters.state.rows import card_of, head, keep_card, or_ignore, person_of, place_of, subscription_of
from bot.adapters.state.schema import (
    STILL_OPEN,
    cards,
    correction_facts,
    deliveries,
    editions,
    gates,
    places,
    sightings,
    subscriptions,
)
from bot.briefing.card import Card
from bot.digest.journal import Journal
from bot.digest.ledger import (
    Composed,
    Composing,
    Contact,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Material,
    Parcel,
    Sighted,
)
from bot.digest.places import Place
from bot.digest.subscriptions import Outcome, Subscription

log = logging.getLogger(__name__)

MOST_JOURNALS = 64
MISSED = (Outcome.SKIPPED.value, Outcome.FAILED.value)


class Claiming:
    """The claim of `bot.digest.ledger.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._journals: OrderedDict[tuple[int, int], Journal] = OrderedDict()

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
            work = _Work(connection, now, until, self._journals)
            token = secrets.token_hex(8)
            deliveries_claimed = [_delivery(row, token, now) for row in rows]
            await work.read(rows)
            parcels = []
            for row, delivery in zip(rows, deliveries_claimed, strict=True):
                parcels += await work.lease(row, delivery, now + lease, compose)
            return parcels

    async def waiting(
        self, place: Place, now: datetime, lease: timedelta, compose: Composing, recording: int
    ) -> list[Contact]:
        """What waited for a person's next contact, leased while it is being shown."""
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
        async with self._database.read() as connection:
            if not (await connection.execute(rows_of.limit(1))).first():
                return []
        async with self._database.write() as connection:
            await self._database.lock_record(connection, shared=True)
            until = await head(connection)
            if until > recording:
                return []
            rows = (await connection.execute(rows_of.with_for_update(of=deliveries))).mappings().all()
            work = _Work(connection, now, until, self._journals)
            await work.read(rows)
            token = secrets.token_hex(8)
            found = [await work.offer(row, _delivery(row, token, now), now + lease, compose) for row in rows]
            return [contact for contact in found if contact is not None]

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


class _Work:
    """One claim's reading and writing, on its connection."""

    def __init__(
        self,
        connection: AsyncConnection,
        now: datetime,
        until: int,
        journals: OrderedDict[tuple[int, int], Journal],
    ) -> None:
        self._connection, self._now, self._until, self._journals = connection, now, until, journals
        self._subscriptions: dict[int, Subscription] = {}
        self._missed: dict[int, tuple[date, ...]] = {}
        self._seen: Mapping[int, list[tuple[Sighted, datetime]]] = {}
        self._cards: dict[str, str] = {}

    async def read(self, rows: Sequence[RowMapping]) -> None:
        """Everything that composing these rows needs, in a few statements."""
        wanted = {row["subscription_id"]: row for row in rows if row["subscription_id"] is not None}
        query = select(subscriptions).where(subscriptions.c.id.in_(list(wanted)))
        for row in (await self._connection.execute(query)).mappings():
            place = place_of(wanted[row["id"]], "place_")
            self._subscriptions[row["id"]] = subscription_of(row, place, person_of(place))
        await self._read_missed(list(wanted))
        seen: defaultdict[int, list[tuple[Sighted, datetime]]] = defaultdict(list)
        notices = [row["id"] for row in rows if row["kind"] in {DeliveryKind.CORRECTION.value, DeliveryKind.EDIT.value}]
        about = select(correction_facts).where(correction_facts.c.delivery_id.in_(notices))
        for row in (await self._connection.execute(about.order_by(correction_facts.c.fact))).mappings():
            seen[row["delivery_id"]].append((Sighted(row["fact"], row["seen"]), row["shown_at"]))
        self._seen = seen
        kept = select(cards).where(cards.c.id.in_([row["card_id"] for row in rows if row["card_id"]]))
        self._cards = {row["id"]: row["body"] for row in (await self._connection.execute(kept)).mappings()}

    async def _read_missed(self, ids: Sequence[int]) -> None:
        """The local dates since each subscription's last edition whose digests did not go out."""
        query = (
            select(*editions.c["subscription_id", "day", "outcome"])
            .where(editions.c.subscription_id.in_(ids), editions.c.outcome != Outcome.PLANNED.value)
            .where(editions.c.due > self._now - timedelta(days=31))
            .order_by(editions.c.subscription_id, editions.c.day)
        )
        missed: defaultdict[int, list[date]] = defaultdict(list)
        for subscription, day, outcome in (await self._connection.execute(query)).all():
            if outcome in MISSED:
                missed[subscription].append(day)
            else:
                missed[subscription].clear()
        self._missed = {subscription: tuple(days) for subscription, days in missed.items()}

    async def lease(self, row: RowMapping, delivery: Delivery, until: datetime, compose: Composing) -> list[Parcel]:
        """Lease one row; composes it unless an attempt of unknown fate went before."""
        if row["subscription_id"] is not None:
            delivery = replace(delivery, subscription=self._subscriptions.get(row["subscription_id"]))
        leased = {
            "state": DeliveryState.SENDING.value,
            "lease": delivery.lease,
            "lease_until": until,
            "attempts": delivery.attempts,
            "doubts": delivery.doubts,
            "first_try": delivery.first_try,
        }
        try:
            kept = self._kept(row)
        except (KeyError, TypeError, ValueError):  # written by another version, or damaged
            log.exception("the message of delivery %s cannot be read", delivery.id)
            reason = "the message that was kept cannot be read"
            await self._end(delivery, Composed((), ends=DeliveryState.DEAD, reason=reason))
            return []
        if kept is not None and delivery.kind is not DeliveryKind.EDIT:
            await self._update(delivery, leased)
            return [Parcel(replace(delivery, card=kept), kept)]
        composed = compose(delivery, await self._material(row, delivery, kept))
        if composed.ends is not None or not composed.pages:
            await self._end(delivery, composed)
            return []
        if delivery.kind is not DeliveryKind.EDIT:
            leased["card_id"] = await keep_card(self._connection, composed.pages[0])
        await self._update(delivery, leased)
        await self._record(row, delivery, composed)
        return [Parcel(delivery, composed.pages[0])]

    def _kept(self, row: RowMapping) -> Card | None:
        body = self._cards.get(row["card_id"] or "")
        return card_of(body) if body is not None else None

    async def offer(self, row: RowMapping, delivery: Delivery, until: datetime, compose: Composing) -> Contact | None:
        """Compose one waiting row for a person who is here now."""
        composed = compose(delivery, await self._material(row, delivery, None))
        if composed.ends is not None or not composed.pages:
            await self._end(delivery, composed)
            return None
        await self._update(delivery, {"lease": delivery.lease, "lease_until": until})
        return Contact(delivery, composed.pages[0], composed.sighted)

    async def _material(self, row: RowMapping, delivery: Delivery, original: Card | None) -> Material:
        seen = tuple(self._seen.get(row["id"], ()))
        if delivery.subscription is None:
            return Material(seen=seen, original=original)
        journal = await self._journal(delivery.subscription.covered)
        return Material(journal, seen, self._missed.get(delivery.subscription.id, ()))

    async def _journal(self, since: int) -> Journal:
        key = (since, self._until)
        if key not in self._journals:
            self._journals[key] = await read_journal(self._connection, *key)
            while len(self._journals) > MOST_JOURNALS:
                self._journals.popitem(last=False)
        return self._journals[key]

    async def _record(self, row: RowMapping, delivery: Delivery, composed: Composed) -> None:
        """What the message shows, before it is sent; the pages after the first; how far an edition reaches."""
        connection = self._connection
        if composed.sighted:
            shown = [
                {
                    "reader_id": row["place_id"],
                    "place_id": row["place_id"],
                    "fact": sighted.fact,
                    "revision": sighted.revision,
                    "shown_at": self._now,
                    "delivery_id": delivery.id,
                }
                for sighted in composed.sighted
            ]
            await connection.execute(sightings.insert(), shown)
        for part, page in enumerate(composed.pages[1:], 1):
            values = {name: row[name] for name in _SHARED}
            card_id = await keep_card(connection, page)
            await connection.execute(
                or_ignore(connection, deliveries).values(
                    **values, part=part, card_id=card_id, next_at=self._now, state=DeliveryState.PENDING.value
                )
            )
        if composed.covers is not None and delivery.subscription is not None:
            await self._edition(delivery, covers_from=delivery.subscription.covered, covers_to=composed.covers)

    async def _end(self, delivery: Delivery, composed: Composed) -> None:
        state = composed.ends or DeliveryState.DEAD
        values = {"state": state.value, "reason": composed.reason, "lease": "", "lease_until": None}
        await self._update(delivery, values)
        if delivery.subscription is None:
            return
        if state is DeliveryState.QUIET:
            covered = delivery.subscription.covered
            await self._edition(delivery, outcome=Outcome.QUIET.value, covers_from=covered, covers_to=composed.covers)
            await self._connection.execute(
                subscriptions.update()
                .where(subscriptions.c.id == delivery.subscription.id)
                .values(covered=composed.covers)
            )
        else:
            await self._edition(delivery, outcome=Outcome.FAILED.value, reason=composed.reason)

    async def _update(self, delivery: Delivery, values: Mapping[str, Any]) -> None:
        await self._connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(**values))

    async def _edition(self, delivery: Delivery, **values: Any) -> None:
        if delivery.subscription is None:
            return
        await self._connection.execute(
            editions.update()
            .where(editions.c.subscription_id == delivery.subscription.id, editions.c.day == delivery.day)
            .values(**values)
        )


_SHARED = ("place_id", "kind", "slot", "subscription_id", "day", "late", "rank", "recording", "due", "expires")
