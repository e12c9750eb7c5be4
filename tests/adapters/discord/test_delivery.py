"""Digests, corrections and answers through the outlet: once, where they belong, and what refusals mean."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.adapters.discord.outlet import Throttle
from bot.digest.ledger import DeliveryKind, PassingError
from bot.digest.places import Place
from bot.digest.subscriptions import Standing, Subscription
from tests.adapters.discord.newsdesk import Newsdesk, labels, words
from tests.seedfolder import both, raise_revision

MESSAGES = "/channels/*/messages"
CHANGED = "The ferry costs 5 crowns."


async def subscribed(news: Newsdesk) -> Subscription:
    """The channel takes the digest, and something has changed since."""
    await news.ann.slash(news.channel, "brief digest subscribe", time="09:00", zone="UTC")
    (held,) = await news.world.state.subscriptions.of_place(place(news))
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both(CHANGED))
    news.world.now += timedelta(hours=4)
    return held


def place(news: Newsdesk) -> Place:
    return Place("discord", str(news.guild.id), str(news.channel.id))


async def rows(news: Newsdesk, *names: str) -> list[tuple[Any, ...]]:
    """What the ledger holds of each delivery."""
    from sqlalchemy import select  # noqa: PLC0415 (for looking only)

    from bot.adapters.state.schema import deliveries  # noqa: PLC0415

    async with news.world.state.database.read() as connection:
        found = await connection.execute(select(*deliveries.c[names]).order_by(deliveries.c.id))
        return [tuple(row) for row in found]


async def test_a_digest_comes_once_with_an_enforced_nonce_and_its_buttons(news: Newsdesk) -> None:
    await subscribed(news)
    await news.deliver()
    await news.deliver()
    (message,) = news.channel.history()
    assert CHANGED in words(message)
    assert labels(message) == ["Pause", "Change", "Unsubscribe"]
    (body,) = news.requests("POST", "/messages")
    assert body["enforce_nonce"] is True
    assert len(body["nonce"]) == 24
    assert f"ref {body['nonce'][:4]}-{body['nonce'][4:8]}" in words(message)
    assert body["allowed_mentions"]["parse"] == []
    assert await rows(news, "state", "remote") == [("sent", str(message.id))]


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (403, 50_001, "suspended"),
        (403, 50_013, "suspended"),
        (404, 10_003, "suspended"),
        (403, 50_278, "suspended"),
        (403, 160_005, "suspended"),
        (400, 50_035, "dead"),
        (403, 20_016, "pending"),
        (503, 0, "unknown"),
    ],
)
async def test_a_refusal_is_classed_by_its_code(news: Newsdesk, status: int, code: int, state: str) -> None:
    held = await subscribed(news)
    news.env.inject_error("POST", MESSAGES, status=status, code=code, times=None)
    await news.deliver()
    assert (await rows(news, "state"))[0] == (state,)
    after = await news.world.state.subscriptions.get(held.id)
    assert after is not None
    assert (after.standing is Standing.SUSPENDED) == (state == "suspended")


async def test_a_suspended_place_is_taken_up_again_and_its_owner_was_told_once(news: Newsdesk) -> None:
    held = await subscribed(news)
    news.env.inject_error("POST", MESSAGES, status=403, code=50_013, times=None)
    await news.deliver()
    before = len(news.requests("POST", "/messages"))
    await news.deliver()
    assert len(news.requests("POST", "/messages")) == before
    news.env.backend.faults.clear()
    told = await news.ann.slash(news.channel, "brief help")
    (notice,) = told.followups
    assert "Your digest for #desk has stopped." in words(notice).replace("\\", "")
    resumed = await news.ann.slash(news.channel, "brief digest resume", number=held.id)
    assert resumed.response is not None
    assert "It goes on." in words(resumed.response)


async def test_a_rate_limit_passes(news: Newsdesk) -> None:
    await subscribed(news)

    async def send(*_: Any, **__: Any) -> Any:
        raise discord.RateLimited(45.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.PartialMessageable, "send", send)
        await news.deliver()
    assert [row[0] for row in await rows(news, "state")] == ["pending"]
    news.world.now += timedelta(minutes=2)
    await news.deliver()
    assert [row[0] for row in await rows(news, "state")] == ["sent"]


async def test_a_lost_answer_is_settled_by_the_nonce_and_later_by_looking(news: Newsdesk) -> None:
    await subscribed(news)
    whole = discord.PartialMessageable.send

    async def lost(self: Any, *given: Any, **more: Any) -> Any:
        await whole(self, *given, **more)
        raise TimeoutError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.PartialMessageable, "send", lost)
        await news.deliver()
    assert [row[0] for row in await rows(news, "state")] == ["unknown"]
    (there,) = news.channel.history()
    news.world.now = there.created_at + timedelta(minutes=10)
    await backdate(news, there)
    await news.deliver()
    assert news.channel.history() == [there]
    assert await rows(news, "state", "remote") == [("sent", str(there.id))]


async def backdate(news: Newsdesk, message: discord.Message) -> None:
    """The simulated Discord has a clock of its own; the first attempt was by that."""
    from bot.adapters.state.schema import deliveries  # noqa: PLC0415

    async with news.world.state.database.write() as connection:
        await connection.execute(deliveries.update().values(first_try=message.created_at, expires=None))


async def test_a_public_answer_is_corrected_by_a_notice_and_marked_itself(news: Newsdesk) -> None:
    await news.ann.slash(news.channel, "brief answers", seen="public")
    await news.bob.slash(news.channel, "brief ask", question="what does the ferry cost?")
    raise_revision(news.world.seeds.fact("ferry-fare"), statement=both(CHANGED))
    await news.deliver()
    await news.deliver()
    old, notice = sorted(news.channel.history(), key=lambda message: message.id)
    assert "Corrected on 12 March 2025: see the notice." in words(old)
    assert "No longer current" in words(old)
    assert "1 statement that was shown here has been corrected." in words(notice)
    assert labels(notice) == ["Seen"]
    kinds = {row[0] for row in await rows(news, "kind")}
    assert kinds == {DeliveryKind.CORRECTION.value, DeliveryKind.EDIT.value}


@pytest.mark.parametrize(("status", "code"), [(404, 10_008), (403, 50_005), (400, 30_046)])
async def test_an_edit_that_fails_leaves_the_notice(news: Newsdesk, status: int, code: int) -> None:
    await news.ann.slash(news.channel, "brief answers", seen="public")
    await news.bob.slash(news.channel, "brief ask", question="what does the ferry cost?")
    raise_revision(news.world.seeds.fact("ferry-fare"), statement=both(CHANGED))
    news.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, times=None)
    await news.deliver()
    await news.deliver()
    texts = [words(message) for message in news.channel.history()]
    assert sum("has been corrected" in text for text in texts) == 1
    assert sum("see the notice" in text for text in texts) == 0


async def test_an_archived_thread_is_opened_for_its_digest(news: Newsdesk) -> None:
    channel = news.bot.get_channel(news.channel.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="strike", type=discord.ChannelType.public_thread)
    (held,) = news.channel.threads
    await news.ann.slash(held, "brief digest subscribe", time="09:00", zone="UTC")
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both(CHANGED))
    news.world.now += timedelta(hours=4)
    news.env.inject_error("POST", MESSAGES, status=400, code=50_083)
    await thread.edit(archived=True)
    await news.deliver()
    last = held.last_message
    assert last is not None
    assert CHANGED in words(last)
    (subscription,) = await news.world.state.subscriptions.of_place(
        Place("discord", str(news.guild.id), str(news.channel.id), str(thread.id))
    )
    assert subscription.standing is Standing.ACTIVE


async def test_no_more_than_so_many_requests_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, waited = [100.0], []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr("bot.adapters.discord.outlet.monotonic", lambda: clock[0])
    monkeypatch.setattr("bot.adapters.discord.outlet.asyncio.sleep", sleep)
    throttle = Throttle(5)
    for _ in range(12):
        await throttle.turn()
    assert waited == pytest.approx([1.0, 1.0])


async def test_too_many_refusals_stop_the_sending_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("bot.adapters.discord.outlet.monotonic", lambda: clock[0])
    throttle = Throttle()
    for _ in range(1_000):
        throttle.refuse()
    with pytest.raises(PassingError) as caught:
        await throttle.turn()
    assert caught.value.whole_scope
    clock[0] += 601
    await throttle.turn()


async def test_the_token_is_in_no_log(news: Newsdesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    await subscribed(news)
    await news.deliver()
    assert str(news.bot.http.token) not in caplog.text
