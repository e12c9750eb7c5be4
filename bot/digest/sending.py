"""The sender: claims what is due, delivers it, and marks what became of it.

A process may die between any two lines here. What it leaves behind is a leased row that
lapses; whoever claims it next settles whether the message is there before sending again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from bot.briefing.wording import wording
from bot.digest.composing import Compositor
from bot.digest.ledger import (
    LEASE,
    REQUEST_TIMEOUT,
    SETTLING,
    CannotTellError,
    Delivery,
    DeliveryKind,
    DeliveryState,
    LayoutError,
    Ledger,
    Outlet,
    Parcel,
    PassingError,
    PermanentError,
    back_off,
)
from bot.digest.notices import with_note
from bot.facts.store import FactStore
from bot.observing import Observer, errand

log = logging.getLogger(__name__)

CATCH_UP = timedelta(hours=6)
SPARE = timedelta(seconds=5)  # of the lease, beyond the request's own time
MOST_PLANNED = 500  # due subscriptions in one transaction


@dataclass(frozen=True, slots=True)
class Pace:
    """The sender's time limits: catch-up window, lease, request time-out, wait before a doubtful one is settled.

    Raises:
        ValueError: the lease is shorter than the two requests that an attempt may need, so that nothing could be sent.
    """

    window: timedelta = CATCH_UP
    lease: timedelta = LEASE
    timeout: timedelta = REQUEST_TIMEOUT
    settling: timedelta = SETTLING
    at_once: int = 50

    def __post_init__(self) -> None:
        needed = 2 * self.timeout + SPARE
        if self.lease <= needed:
            raise ValueError(f"A lease of {self.lease} is too short: asking and sending may take {needed}.")


class Sender:
    """Delivers for one process, through the outlets that this process has."""

    def __init__(
        self,
        ledger: Ledger,
        outlets: Iterable[Outlet],
        clock: Callable[[], datetime],
        pace: Pace | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._ledger, self._clock, self._pace = ledger, clock, pace or Pace()
        self._observer = observer or Observer()
        self._outlets = {outlet.platform: outlet for outlet in outlets}
        self._chance = random.Random()  # noqa: S311 (spreads retries, guards nothing)
        self._compositor: Compositor | None = None
        self._recording = 0
        self._stopping = False

    def attach(self, outlet: Outlet) -> None:
        """Deliver through this outlet as well."""
        self._outlets[outlet.platform] = outlet
        if self._compositor is not None:
            self.use(self._compositor.store, self._recording)

    def use(self, store: FactStore, recording: int) -> None:
        """Compose from these facts from now on; `recording` tells the ledger how new they are."""
        paging = {name: outlet.pages for name, outlet in self._outlets.items()}
        editable = frozenset(name for name, outlet in self._outlets.items() if outlet.can_edit)
        self._compositor, self._recording = Compositor(store, paging, editable), recording

    def stop(self) -> None:
        """Claim nothing more; what is being sent is finished."""
        self._stopping = True

    async def run_once(self) -> int:
        """Plan what is due and deliver until nothing can be claimed; returns the number of rows handled."""
        while not self._stopping and await self._ledger.plan(self._clock(), self._pace.window, MOST_PLANNED):
            pass
        handled = 0
        while not self._stopping and (parcels := await self._claim()):
            began = monotonic()
            done = await asyncio.gather(*(self._deliver(parcel, began) for parcel in parcels), return_exceptions=True)
            handled += len(parcels)
            for problem in done:
                if isinstance(problem, BaseException):
                    raise problem
        return handled

    async def _claim(self) -> list[Parcel]:
        if self._compositor is None:
            return []
        now = self._clock()
        return await self._ledger.claim(
            now, list(self._outlets), self._pace.at_once, self._pace.lease, self._compositor.at(now), self._recording
        )

    async def _deliver(self, parcel: Parcel, began: float) -> None:
        with errand(f"delivery-{parcel.delivery.id}"):
            outcome = await self._attempt(parcel, self._outlets[parcel.delivery.place.platform], began)
            self._observer.delivered(parcel.delivery.place.platform, outcome)

    async def _attempt(self, parcel: Parcel, outlet: Outlet, began: float) -> str:
        """What came of it, in one word."""
        delivery = parcel.delivery
        if delivery.doubts and delivery.kind is not DeliveryKind.EDIT:
            settled = await self._settle(parcel, outlet)
            if isinstance(settled, str):
                return settled
            parcel = settled
        if delivery.expires and self._clock() > delivery.expires:
            await self._ledger.close(delivery, DeliveryState.EXPIRED, "too late to be of use")
            return "expired"
        left = self._pace.lease - timedelta(seconds=monotonic() - began)
        if left < self._pace.timeout + SPARE:
            # Frozen, or waiting for its turn too long: somebody else may hold the row by now.
            await self._ledger.release(delivery)
            return "released"
        return await self._send(parcel, outlet)

    async def _settle(self, parcel: Parcel, outlet: Outlet) -> Parcel | str:
        """Whether a message of an earlier attempt is there; what to send now, or what came of it."""
        delivery = parcel.delivery
        if self._clock() - delivery.first_try <= outlet.recognises_repeats:
            return parcel
        try:
            async with asyncio.timeout(self._pace.timeout.total_seconds()):
                found = await outlet.find(delivery)
        except CannotTellError:
            return await self._repeat(parcel)
        except Exception as error:  # noqa: BLE001 (an outlet may fail in any way; the row keeps its doubt)
            return await self._unsure(delivery, error)
        if found is None:
            return parcel
        await self._ledger.sent(delivery, found, self._clock())
        return "sent"

    async def _repeat(self, parcel: Parcel) -> Parcel | str:
        """Once again where nobody can tell, marked as a possible repeat; never a third time."""
        if parcel.delivery.doubts > 1:
            reason = "may have arrived twice already; the platform cannot be asked"
            await self._ledger.close(parcel.delivery, DeliveryState.HELD, reason)
            return "held"
        language = parcel.card.language
        say = wording("fr" if language == "fr" else "en")
        return replace(parcel, card=with_note(parcel.card, say("This may be a repeat: the first attempt was cut off.")))

    async def _send(self, parcel: Parcel, outlet: Outlet) -> str:
        delivery, ledger = parcel.delivery, self._ledger
        try:
            async with asyncio.timeout(self._pace.timeout.total_seconds()):
                remote = await outlet.send(parcel)
        except PassingError as error:
            if error.retry_after:
                self._observer.rate_limited(delivery.place.platform)
            wait = max(error.retry_after or timedelta(0), back_off(delivery.attempts, self._chance))
            await ledger.passing(delivery, error.reason, self._clock() + wait, whole_scope=error.whole_scope)
            return "passing"
        except PermanentError as error:
            await ledger.suspend(delivery, error.reason, self._clock(), whole_scope=error.whole_scope)
            return "permanent"
        except LayoutError as error:
            log.exception("delivery %s was refused for its layout: %s", delivery.id, error.reason)
            await ledger.close(delivery, DeliveryState.DEAD, error.reason)
            return "layout"
        except Exception as error:  # noqa: BLE001 (whatever it is, the message may have arrived)
            return await self._unsure(delivery, error)
        if not await ledger.sent(delivery, remote, self._clock()):
            log.warning("delivery %s was sent after its lease had lapsed", delivery.id)
        return "sent"

    async def _unsure(self, delivery: Delivery, error: Exception) -> str:
        reason = type(error).__name__
        log.warning("delivery %s: whether it arrived is not known (%s)", delivery.id, reason)
        await self._ledger.unsure(delivery, reason, self._clock() + self._pace.settling)
        return "unsure"
