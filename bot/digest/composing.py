"""From a claimed row of the ledger to the card that goes out; done once for readers who get the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from bot.briefing.card import Card
from bot.briefing.compose import Composer
from bot.briefing.wording import wording
from bot.digest.edition import Frame, edition, quiet_edition
from bot.digest.journal import Journal, fact_change
from bot.digest.ledger import Composed, Composing, Delivery, DeliveryKind, DeliveryState, Material, Sighted
from bot.digest.notices import Shown, amended, answer_notice, correction_notice, stopped_notice, watch_notice
from bot.digest.schedule import zone
from bot.digest.subscriptions import stories_of
from bot.facts.model import Language, State
from bot.facts.store import FactStore

log = logging.getLogger(__name__)

Paging = Callable[[Card], list[Card]]


def sighted_on(card: Card, store: FactStore) -> tuple[Sighted, ...]:
    """The facts that a card shows as they now are, with their revisions."""
    ids = dict.fromkeys(fact_id for item in card.items for fact_id in item.facts)
    return tuple(Sighted(fact_id, store.facts[fact_id].revision) for fact_id in ids)


class Compositor:
    """Composes for one store; `paging` gives each platform's way to split a card that is too long."""

    def __init__(self, store: FactStore, paging: Mapping[str, Paging], editable: frozenset[str]) -> None:
        self.store = store
        self._paging, self._editable = paging, editable
        self._editions = lru_cache(maxsize=256)(self._edition)

    def at(self, now: datetime) -> Composing:
        """The composing of this moment. What cannot be put on a card is closed, and holds nothing else up."""
        makers = {
            DeliveryKind.DIGEST: self._digest,
            DeliveryKind.CORRECTION: self._correction,
            DeliveryKind.EDIT: self._edit,
            DeliveryKind.STOPPED: self._stopped,
            DeliveryKind.ANSWER: self._answer,
            DeliveryKind.WATCH: self._watch,
        }

        def compose(delivery: Delivery, material: Material) -> Composed:
            try:
                return makers[delivery.kind](delivery, material, now)
            except ValueError:
                log.exception("delivery %s cannot be laid out", delivery.id)
                return Composed((), ends=DeliveryState.DEAD, reason="it cannot be laid out")

        return compose

    def _digest(self, delivery: Delivery, material: Material, now: datetime) -> Composed:
        del now
        subscription, journal, day = delivery.subscription, material.journal, delivery.day
        if subscription is None or journal is None or day is None:
            return Composed((), ends=DeliveryState.DEAD, reason="the subscription is gone")
        wish = subscription.wish
        frame = Frame(day, stories_of(wish, tuple(self.store.stories)), wish.full, delivery.late, material.missed)
        card = self._editions(_Key(journal), frame, wish.language)
        if card is None and not wish.quiet_line:
            return Composed((), covers=journal.until, ends=DeliveryState.QUIET)
        card = card or quiet_edition(frame, self._composer(wish.language, day))
        return Composed(self._pages(delivery, card), sighted_on(card, self.store), journal.until)

    def _edition(self, key: _Key, frame: Frame, language: Language) -> Card | None:
        return edition(key.journal, frame, self._composer(language, frame.day))

    def _correction(self, delivery: Delivery, material: Material, now: datetime) -> Composed:
        there = zone(delivery.zone)
        shown = [
            Shown(change, at.astimezone(there).date())
            for sighted, at in material.seen
            if sighted.fact in self.store.facts
            and (change := fact_change(self.store.facts[sighted.fact], sighted.revision)).chased
        ]
        if not shown:
            return Composed((), ends=DeliveryState.SUPERSEDED, reason="nothing is left to correct here")
        composer = self._composer(delivery.language, now.astimezone(there).date())
        card = correction_notice(shown, composer, delivery.id)
        return Composed(self._pages(delivery, card), sighted_on(card, self.store))

    def _edit(self, delivery: Delivery, material: Material, now: datetime) -> Composed:
        if delivery.place.platform not in self._editable or material.original is None:
            return Composed((), ends=DeliveryState.SUPERSEDED, reason="messages cannot be edited there")
        changes = [
            fact_change(self.store.facts[sighted.fact], sighted.revision)
            for sighted, _ in material.seen
            if sighted.fact in self.store.facts
        ]
        today = now.astimezone(zone(delivery.zone)).date()
        return Composed((amended(material.original, changes, self._composer(delivery.language, today)),))

    def _stopped(self, delivery: Delivery, material: Material, now: datetime) -> Composed:
        del material
        where, _, reason = delivery.reason.partition("|")
        return Composed((stopped_notice(where, reason, self._composer(delivery.language, now.date())),))

    def _answer(self, delivery: Delivery, material: Material, now: datetime) -> Composed:
        settled = material.settled
        fact = self.store.facts.get(settled.fact) if settled else None
        if settled is None or fact is None or fact.state is State.RETRACTED:
            return Composed((), ends=DeliveryState.SUPERSEDED, reason="the question or its answer is gone")
        fact = self.store.facts.get(fact.superseded_by or "", fact)
        composer = self._composer(settled.language, now.astimezone(zone(delivery.zone)).date())
        card = answer_notice(settled, fact, composer)
        return Composed(self._pages(delivery, card), sighted_on(card, self.store))

    def _watch(self, delivery: Delivery, material: Material, now: datetime) -> Composed:
        changes = [
            change
            for sighted, _ in material.seen
            if sighted.fact in self.store.facts
            and (
                (change := fact_change(self.store.facts[sighted.fact], sighted.revision)).classes
                or not sighted.revision
            )
        ]
        if not changes:
            return Composed((), ends=DeliveryState.SUPERSEDED, reason="nothing has changed after all")
        composer = self._composer(delivery.language, now.astimezone(zone(delivery.zone)).date())
        card = watch_notice(changes, composer)
        return Composed(self._pages(delivery, card), sighted_on(card, self.store))

    def _pages(self, delivery: Delivery, card: Card) -> tuple[Card, ...]:
        paging = self._paging.get(delivery.place.platform)
        return tuple(paging(card)) if paging else (card,)

    def _composer(self, language: Language, today: date) -> Composer:
        return Composer(self.store, wording(language), today)


@dataclass(frozen=True, slots=True)
class _Key:
    """A journal as the key of a cache: what lies between two recordings never changes."""

    journal: Journal

    def __hash__(self) -> int:
        return hash((self.journal.since, self.journal.until))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (self.journal.since, self.journal.until) == (
            other.journal.since,
            other.journal.until,
        )
