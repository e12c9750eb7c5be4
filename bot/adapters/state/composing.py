"""One claim's work: read what composing needs in a few statements, write what it changed in a few more."""

from __future__ import annotations

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.state.batch import Batch
from bot.adapters.state.record import read_journal
from bot.adapters.state.rows import card_of, card_row, person_of, place_of, subscription_of
from bot.adapters.state.schema import (
    cards,
    correction_facts,
    deliveries,
    editions,
    flags,
    questions,
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
    Settled,
    Sighted,
)
from bot.digest.subscriptions import Outcome, Subscription
from bot.facts.model import Language

log = logging.getLogger(__name__)

MOST_JOURNALS = 64
ABOUT_FACTS = (DeliveryKind.CORRECTION.value, DeliveryKind.EDIT.value, DeliveryKind.WATCH.value)
MISSED = (Outcome.SKIPPED.value, Outcome.FAILED.value)


class Work:
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
        self._rows: Sequence[RowMapping] = ()
        self._settled: dict[int, Settled] = {}
        self._cards: dict[str, str] = {}
        self._batch = Batch()

    async def read(self, rows: Sequence[RowMapping]) -> None:
        """Everything that composing these rows needs, in a few statements."""
        self._rows = rows
        wanted = {row["subscription_id"]: row for row in rows if row["subscription_id"] is not None}
        query = select(subscriptions).where(subscriptions.c.id.in_(list(wanted)))
        for row in (await self._connection.execute(query)).mappings():
            place = place_of(wanted[row["id"]], "place_")
            self._subscriptions[row["id"]] = subscription_of(row, place, person_of(place))
        await self._read_missed(list(wanted))
        seen: defaultdict[int, list[tuple[Sighted, datetime]]] = defaultdict(list)
        notices = [row["id"] for row in rows if row["kind"] in ABOUT_FACTS]
        about = select(correction_facts).where(correction_facts.c.delivery_id.in_(notices))
        for row in (await self._connection.execute(about.order_by(correction_facts.c.fact))).mappings():
            seen[row["delivery_id"]].append((Sighted(row["fact"], row["seen"]), row["shown_at"]))
        self._seen = seen
        await self._read_settled([row["id"] for row in rows if row["kind"] == DeliveryKind.ANSWER.value])
        kept = select(cards).where(cards.c.id.in_([row["card_id"] for row in rows if row["card_id"]]))
        self._cards = {row["id"]: row["body"] for row in (await self._connection.execute(kept)).mappings()}

    async def _read_settled(self, ids: Sequence[int]) -> None:
        """What the editors' answers among them are to."""
        if not ids:
            return
        asked = select(*questions.c["delivery_id", "text", "settled_by", "language"])
        asked = asked.where(questions.c.delivery_id.in_(ids)).order_by(questions.c.id)
        for delivery, text, fact, language in (await self._connection.execute(asked)).all():
            self._settled[delivery] = Settled(text, fact, "fr" if language == "fr" else "en")
        languages = {row["id"]: row["place_language"] for row in self._rows}
        flagged = select(*flags.c["delivery_id", "note", "question", "settled_by"])
        flagged = flagged.where(flags.c.delivery_id.in_(ids)).order_by(flags.c.id)
        for delivery, note, question, fact in (await self._connection.execute(flagged)).all():
            spoken: Language = "fr" if languages[delivery] == "fr" else "en"
            self._settled[delivery] = Settled(note or question, fact, spoken, flag=True)

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
            self._end(delivery, Composed((), ends=DeliveryState.DEAD, reason=reason))
            return []
        if kept is not None and delivery.kind is not DeliveryKind.EDIT:
            self._update(delivery, leased)
            return [Parcel(replace(delivery, card=kept), kept)]
        composed = compose(delivery, await self._material(row, delivery, kept))
        if composed.ends is not None or not composed.pages:
            self._end(delivery, composed)
            return []
        if delivery.kind is not DeliveryKind.EDIT:
            leased["card_id"] = self._keep(composed.pages[0])
        self._update(delivery, leased)
        self._record(row, delivery, composed)
        return [Parcel(delivery, composed.pages[0])]

    async def write(self) -> None:
        """Write what leasing has changed."""
        await self._batch.write(self._connection)

    def _kept(self, row: RowMapping) -> Card | None:
        body = self._cards.get(row["card_id"] or "")
        return card_of(body) if body is not None else None

    async def offer(self, row: RowMapping, delivery: Delivery, until: datetime, compose: Composing) -> Contact | None:
        """Compose one waiting row for a person who is here now."""
        composed = compose(delivery, await self._material(row, delivery, None))
        if composed.ends is not None or not composed.pages:
            self._end(delivery, composed)
            return None
        self._update(delivery, {"lease": delivery.lease, "lease_until": until})
        return Contact(delivery, composed.pages[0], composed.sighted)

    async def _material(self, row: RowMapping, delivery: Delivery, original: Card | None) -> Material:
        seen = tuple(self._seen.get(row["id"], ()))
        if delivery.subscription is None:
            return Material(seen=seen, original=original, settled=self._settled.get(row["id"]))
        journal = await self._journal(delivery.subscription.covered)
        return Material(journal, seen, self._missed.get(delivery.subscription.id, ()))

    async def _journal(self, since: int) -> Journal:
        key = (since, self._until)
        if key not in self._journals:
            self._journals[key] = await read_journal(self._connection, *key)
            while len(self._journals) > MOST_JOURNALS:
                self._journals.popitem(last=False)
        return self._journals[key]

    def _record(self, row: RowMapping, delivery: Delivery, composed: Composed) -> None:
        """What the message shows, before it is sent; the pages after the first; how far an edition reaches."""
        for sighted in composed.sighted:
            shown = {"fact": sighted.fact, "revision": sighted.revision, "shown_at": self._now}
            where = {"reader_id": row["place_id"], "place_id": row["place_id"], "delivery_id": delivery.id}
            self._batch.insert(sightings, {**where, **shown})
        for part, page in enumerate(composed.pages[1:], 1):
            values = {name: row[name] for name in _SHARED}
            values |= {"part": part, "card_id": self._keep(page), "next_at": self._now}
            key = (row["place_id"], row["kind"], row["slot"], part)
            self._batch.ensure(deliveries, key, {**values, "state": DeliveryState.PENDING.value})
        if composed.covers is not None and delivery.subscription is not None:
            self._edition(delivery, covers_from=delivery.subscription.covered, covers_to=composed.covers)

    def _keep(self, card: Card) -> str:
        row = card_row(card)
        self._batch.ensure(cards, row["id"], row)
        return row["id"]

    def _end(self, delivery: Delivery, composed: Composed) -> None:
        state = composed.ends or DeliveryState.DEAD
        self._update(delivery, {"state": state.value, "reason": composed.reason, "lease": "", "lease_until": None})
        if delivery.subscription is None:
            return
        if state is DeliveryState.QUIET:
            covered = delivery.subscription.covered
            self._edition(delivery, outcome=Outcome.QUIET.value, covers_from=covered, covers_to=composed.covers)
            self._batch.update(subscriptions, {"id": delivery.subscription.id}, {"covered": composed.covers})
        else:
            self._edition(delivery, outcome=Outcome.FAILED.value, reason=composed.reason)

    def _update(self, delivery: Delivery, values: Mapping[str, Any]) -> None:
        self._batch.update(deliveries, {"id": delivery.id}, values)

    def _edition(self, delivery: Delivery, **values: Any) -> None:
        if delivery.subscription is not None:
            key = {"subscription_id": delivery.subscription.id, "day": delivery.day}
            self._batch.update(editions, key, values)


_SHARED = ("place_id", "kind", "slot", "subscription_id", "day", "late", "rank", "recording", "due", "expires")
