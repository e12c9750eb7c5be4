"""Reports from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import and_, case, func, literal_column, select

from bot.adapters.state.database import Database
from bot.adapters.state.rows import head, or_ignore, pairs, place_id
from bot.adapters.state.schema import (
    correction_facts,
    deliveries,
    editions,
    gates,
    places,
    recordings,
    seen_marks,
    subscriptions,
)
from bot.digest.ledger import DeliveryKind, DeliveryState
from bot.digest.places import Person
from bot.digest.reports import CorrectionReport, Pulse, Turn
from bot.digest.subscriptions import Outcome, Standing

IN_GOOD_TIME = timedelta(minutes=15)
LAST_DAY = timedelta(days=1)
ENDED_BADLY = (DeliveryState.EXPIRED, DeliveryState.HELD, DeliveryState.DEAD)


# What is on its way to a place that cannot be reached waits until it can be.
_standing = case(
    (
        and_(
            places.c.suspended_at.is_not(None),
            deliveries.c.state.in_([DeliveryState.PENDING.value, DeliveryState.UNKNOWN.value]),
        ),
        literal_column(f"'{DeliveryState.SUSPENDED.value}'"),
    ),
    else_=deliveries.c.state,
).label("standing")


class Reports:
    """Reads the ledger for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turns(self, numbers: Sequence[int], day: date | None, most: int) -> list[Turn]:
        """The newest editions of these subscriptions, on one local date or all; the newest first."""
        first_part = and_(
            deliveries.c.subscription_id == editions.c.subscription_id,
            deliveries.c.day == editions.c.day,
            deliveries.c.part == 0,
        )
        query = (
            select(
                editions,
                *(deliveries.c[name].label(f"d_{name}") for name in ("attempts", "state", "next_at", "reason")),
            )
            .outerjoin(deliveries, first_part)
            .where(editions.c.subscription_id.in_(numbers))
            .order_by(editions.c.due.desc())
            .limit(most)
        )
        if day is not None:
            query = query.where(editions.c.day == day)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            Turn(
                row["subscription_id"],
                row["day"],
                row["due"],
                Outcome(row["outcome"]),
                row["late"],
                row["reason"] or row["d_reason"] or "",
                row["sent_at"],
                row["d_attempts"] or 0,
                DeliveryState(row["d_state"]) if row["d_state"] else None,
                row["d_next_at"],
            )
            for row in rows
        ]

    async def corrections(self, most: int = 50) -> list[CorrectionReport]:
        """How far the corrections have come, the newest first."""
        notices = deliveries.c.kind == DeliveryKind.CORRECTION.value
        counted = (
            select(deliveries.c.recording, _standing, func.count())
            .join(places, places.c.id == deliveries.c.place_id)
            .where(notices)
            .group_by(deliveries.c.recording, _standing)
        )
        about = (
            select(deliveries.c.recording, correction_facts.c.fact)
            .select_from(correction_facts)
            .join(deliveries, deliveries.c.id == correction_facts.c.delivery_id)
            .where(notices)
            .distinct()
            .order_by(correction_facts.c.fact)
        )
        marks = (
            select(deliveries.c.recording, func.count())
            .select_from(seen_marks)
            .join(deliveries, deliveries.c.id == seen_marks.c.delivery_id)
            .group_by(deliveries.c.recording)
        )
        async with self._database.read() as connection:
            states: defaultdict[int, dict[DeliveryState, int]] = defaultdict(dict)
            for recording, state, number in (await connection.execute(counted)).all():
                states[recording][DeliveryState(state)] = number
            facts: defaultdict[int, list[str]] = defaultdict(list)
            for recording, fact in (await connection.execute(about)).all():
                facts[recording].append(fact)
            seen = await pairs(connection, marks)
            when = await pairs(connection, select(recordings))
        newest = sorted(states, reverse=True)[:most]
        return [
            CorrectionReport(
                recording,
                when[recording],
                tuple(facts[recording]),
                reached=states[recording].get(DeliveryState.SENT, 0),
                open=sum(
                    states[recording].get(state, 0)
                    for state in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
                ),
                waiting=states[recording].get(DeliveryState.WAITING, 0),
                out=states[recording].get(DeliveryState.SUSPENDED, 0),
                failed=sum(states[recording].get(state, 0) for state in ENDED_BADLY),
                seen=seen.get(recording, 0),
            )
            for recording in newest
        ]

    async def mark_seen(self, delivery: int, person: Person, now: datetime) -> bool:
        """A person has seen a notice; counted once for each person. False when there is no such notice."""
        async with self._database.write() as connection:
            known = select(deliveries.c.id).where(
                deliveries.c.id == delivery, deliveries.c.kind == DeliveryKind.CORRECTION.value
            )
            if (await connection.execute(known)).first() is None:
                return False
            number = await place_id(connection, person.own_place)
            values = {"delivery_id": delivery, "person_id": number, "at": now}
            await connection.execute(or_ignore(connection, seen_marks).values(values))
            return True

    async def pulse(self, now: datetime) -> Pulse:
        """How delivery is doing at a moment."""
        in_flight = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
        still = deliveries.c.state.in_([state.value for state in in_flight])
        overdue = select(func.count()).where(
            subscriptions.c.standing == Standing.ACTIVE.value, subscriptions.c.next_due < now - IN_GOOD_TIME
        )
        async with self._database.read() as connection:
            standing = select(subscriptions.c.standing, func.count()).group_by(subscriptions.c.standing)
            people = await pairs(connection, standing)
            reached = places.c.id == deliveries.c.place_id
            states = select(_standing, func.count()).select_from(deliveries).join(places, reached).group_by(_standing)
            by_state = await pairs(connection, states)
            due = select(func.min(deliveries.c.due)).join(places, reached)
            oldest = (await connection.execute(due.where(still, places.c.suspended_at.is_(None)))).scalar()
            late = (await connection.execute(overdue)).scalar_one()
            last = (await connection.execute(select(func.max(deliveries.c.sent_at)))).scalar()
            closed = (await connection.execute(select(gates.c.scope).where(gates.c.suspended))).scalars().all()
            newest = await head(connection)
            recent = editions.c.due.between(now - LAST_DAY, now)
            outcomes = await pairs(
                connection, select(editions.c.outcome, func.count()).where(recent).group_by(editions.c.outcome)
            )
            tardy = select(func.count()).where(recent, editions.c.late)
            went_late = (await connection.execute(tardy)).scalar_one()
        return Pulse(
            people.get(Standing.ACTIVE.value, 0),
            people.get(Standing.PAUSED.value, 0),
            people.get(Standing.SUSPENDED.value, 0),
            tuple((state, by_state[state.value]) for state in DeliveryState if state.value in by_state),
            oldest,
            late,
            last,
            newest,
            tuple(closed),
            tuple((outcome, outcomes[outcome.value]) for outcome in Outcome if outcome.value in outcomes),
            went_late,
        )
