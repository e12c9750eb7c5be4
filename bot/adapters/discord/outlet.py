"""Digests, corrections and edits on Discord, over REST alone: delivery needs no gateway."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from time import monotonic

import aiohttp
import discord
from discord import ui

from bot.adapters.discord.controls import digest_rows, notice_rows
from bot.adapters.discord.layout import LETTER_ROOM, Frame, pages, view_of
from bot.adapters.discord.whereabouts import PLATFORM, Client, channel_id
from bot.briefing.card import Card
from bot.digest.ledger import (
    CannotTellError,
    Delivery,
    DeliveryKind,
    LayoutError,
    Parcel,
    PassingError,
    PermanentError,
)

# Discord's words for "not here, until a person changes something".
PERMANENT = {
    10_003: "the channel is gone",
    50_001: "no access to the channel",
    50_007: "direct messages are closed",
    50_013: "no permission to write there",
    50_083: "the thread is archived",
    50_278: "no server in common",
    160_005: "the thread is locked",
}
PASSING = {
    30_046: "too many edits of an old message",  # of those older than an hour
    40_003: "too many direct conversations opened",
    20_016: "slow mode",
}
ARCHIVED = 50_083
EACH_SECOND = 45  # Discord allows 50 a second in all; answers need some of them
INVALID_WINDOW, MOST_INVALID = 600.0, 1_000  # of the 10,000 after which Discord closes its door for an hour
LOOKED_AT = 100  # messages after the first attempt


class Throttle:
    """Holds the whole client to so many requests a second, and stops it when too many are refused."""

    def __init__(self, each_second: int = EACH_SECOND) -> None:
        self._each_second = each_second
        self._sent: deque[float] = deque()
        self._refused: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for the next turn. Raises PassingError while too many were refused."""
        if self.refused >= MOST_INVALID:
            raise PassingError("too many refused requests", timedelta(minutes=10), whole_scope=True)
        async with self._turn:
            while self._sent and monotonic() - self._sent[0] >= 1:
                self._sent.popleft()
            if len(self._sent) >= self._each_second:
                await asyncio.sleep(max(0.0, 1 - (monotonic() - self._sent[0])))
                self._sent.popleft()
            self._sent.append(monotonic())

    def refuse(self) -> None:
        """A request was answered with 401, 403 or 429."""
        self._refused.append(monotonic())

    @property
    def refused(self) -> int:
        """How many were refused within the last ten minutes."""
        while self._refused and monotonic() - self._refused[0] > INVALID_WINDOW:
            self._refused.popleft()
        return len(self._refused)


class DiscordOutlet:
    """Discord as the sender sees it."""

    platform = PLATFORM
    recognises_repeats = timedelta(seconds=90)  # an enforced nonce holds for "a few minutes"
    can_edit = True

    def __init__(self, client: Client) -> None:
        self._client, self.throttle = client, Throttle()

    def pages(self, card: Card) -> list[Card]:
        """The card in as many messages as its text needs."""
        return pages(card, LETTER_ROOM)

    async def send(self, parcel: Parcel) -> str:
        """Deliver one message, or change one. Raises DeliveryError."""
        delivery = parcel.delivery
        number = channel_id(delivery.place)
        if number is None:
            raise PermanentError("no direct conversation is open")
        if self._client.user is None:
            raise PassingError("not logged in yet")
        await self.throttle.turn()
        try:
            if delivery.kind is DeliveryKind.EDIT:
                return await self._edit(number, parcel)
            return await self._create(number, parcel)
        except discord.RateLimited as error:
            raise PassingError("rate limit", timedelta(seconds=error.retry_after)) from error
        except discord.HTTPException as error:
            if error.status in {401, 403, 429}:
                self.throttle.refuse()
            raise self._classed(error, delivery) from error
        except aiohttp.ClientConnectorError as error:
            raise PassingError("Discord cannot be reached") from error

    async def find(self, delivery: Delivery) -> str | None:
        """The message of an earlier attempt, by the reference that stands on it. Raises CannotTellError."""
        number = channel_id(delivery.place)
        if number is None:
            return None
        await self.throttle.turn()
        ref, me = reference(delivery), self._client.user
        channel = self._client.get_partial_messageable(number)
        try:
            after = delivery.first_try - timedelta(minutes=1)
            async for message in channel.history(limit=LOOKED_AT, after=after, oldest_first=True):
                if me is not None and message.author.id == me.id and ref in texts(message):
                    return str(message.id)
        except (discord.Forbidden, discord.NotFound) as error:
            raise CannotTellError(error.code) from error
        return None

    async def _create(self, number: int, parcel: Parcel) -> str:
        channel = self._client.get_partial_messageable(number)
        view = letter(parcel)
        try:
            sent = await channel.send(view=view, nonce=parcel.delivery.key)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            # Archived for want of talk, not locked: it opens again for who may.
            await self._client.http.edit_channel(number, archived=False)
            sent = await channel.send(view=view, nonce=parcel.delivery.key)
        return str(sent.id)

    async def _edit(self, number: int, parcel: Parcel) -> str:
        edits = parcel.delivery.edits
        if not edits.isdecimal():
            raise LayoutError("no message of that id")
        message = self._client.get_partial_messageable(number).get_partial_message(int(edits))
        await message.edit(view=letter(parcel))
        return edits

    def _classed(self, error: discord.HTTPException, delivery: Delivery) -> Exception:
        """What a refusal means: passing, until somebody acts, our fault, or not known."""
        editing = delivery.kind is DeliveryKind.EDIT
        if error.status == 401:
            return PermanentError("the token is refused", whole_scope=True)
        if error.code in PASSING:
            return PassingError(PASSING[error.code])
        if error.status == 429:
            wait = float(error.response.headers.get("Retry-After") or 5)
            cloudflare = not error.response.headers.get("Via")
            return PassingError("rate limit", timedelta(seconds=max(wait, 600 if cloudflare else 0)))
        if editing and error.status in {403, 404}:
            # The notice beside it tells the readers; the place itself is in order.
            return LayoutError(f"the message cannot be changed ({error.code})")
        if error.code in PERMANENT:
            return PermanentError(PERMANENT[error.code])
        if error.status in {403, 404}:
            return PermanentError(f"refused ({error.code})")
        if 400 <= error.status < 500:
            return LayoutError(f"{error.status} {error.code}")
        return error  # 5xx: it may have arrived


def letter(parcel: Parcel) -> ui.LayoutView:
    """The message for a delivery, with the reference by which it is found again."""
    delivery, card = parcel.delivery, parcel.card
    rows = notice_rows(card, delivery)
    if delivery.kind is DeliveryKind.DIGEST and delivery.subscription is not None:
        rows = digest_rows(card, delivery.subscription.id)
    ref = "" if delivery.kind is DeliveryKind.EDIT else reference(delivery)
    return view_of(card, Frame(ref=ref, rows=rows))


def reference(delivery: Delivery) -> str:
    """Eight characters of the delivery's key, as they stand on the message."""
    return f"{delivery.key[:4]}-{delivery.key[4:8]}"


def texts(message: discord.Message) -> str:
    """All the text of a message of ours."""
    found: list[str] = []
    waiting: list[object] = list(message.components)
    while waiting:
        component = waiting.pop()
        if isinstance(component, discord.TextDisplay):
            found.append(component.content)
        waiting += getattr(component, "children", [])
    return "\n".join(found)
