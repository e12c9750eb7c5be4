"""What editors have: the queue and the doctor; nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from simcord import SetupError

from bot.adapters.discord import create_bot
from bot.adapters.discord.doctor import examine
from bot.adapters.discord.service import DiscordService
from bot.adapters.discord.syncing import payload
from bot.briefing.card import plain
from bot.briefing.wording import wording
from bot.desk import Desk
from bot.digest.places import Place
from bot.errors import RefusedError
from tests.adapters.discord.newsdesk import Newsdesk, words

UNANSWERED = "what is the capital of France?"
FERRY = "The ferry costs 4 crowns."


async def ask(news: Newsdesk) -> None:
    for reader in (news.bob, news.cid):
        await reader.slash(news.channel, "brief ask", question=UNANSWERED)


async def test_readers_do_not_see_the_editors_commands(news: Newsdesk) -> None:
    assert "newsdesk queue" not in news.bob.available_commands(news.channel)
    with pytest.raises(SetupError):
        await news.bob.slash(news.channel, "newsdesk queue")


async def test_a_server_that_shows_them_to_all_opens_nothing(news: Newsdesk) -> None:
    await ask(news)
    boss = news.guild.add_member(news.env.create_user("boss"), roles=[
        news.guild.create_role("Boss", permissions=discord.Permissions(administrator=True))
    ])  # fmt: skip
    for command, options in (
        ("queue", {}),
        ("queue", {"entry": "q1"}),
        ("answer", {"entry": "q1", "fact": "ferry-fare"}),
        ("close", {"entry": "q1"}),
    ):
        done = await boss.slash(news.channel, f"newsdesk {command}", **options)
        assert done.ephemeral
        assert done.response is not None
        assert "This is for the editors." in words(done.response)
    assert await boss.autocomplete(news.channel, "newsdesk answer", "entry", "", fact="ferry-fare") == []
    (entry,), _ = await news.world.state.queue.waiting(5)
    assert entry.people == 2


async def test_the_same_question_is_counted_and_answered_privately_where_it_was_asked_privately(news: Newsdesk) -> None:
    await ask(news)
    listed = await news.eve.slash(news.channel, "newsdesk queue")
    assert listed.ephemeral
    assert listed.response is not None
    assert "2 people" in words(listed.response)
    offered = await news.eve.autocomplete(news.channel, "newsdesk answer", "entry", "capital", fact="ferry-fare")
    assert [choice["value"] for choice in offered] == ["q1"]
    done = await news.eve.slash(news.channel, "newsdesk answer", entry="q1", fact="ferry-fare")
    assert done.response is not None
    assert "it goes to 2 places" in words(done.response)
    await news.deliver()
    assert news.channel.last_message is None
    told = await news.bob.slash(news.channel, "brief help")
    (notice,) = told.followups
    assert notice.ephemeral
    assert UNANSWERED in words(notice)
    assert FERRY in words(notice)


async def test_what_was_asked_openly_or_in_a_direct_message_is_answered_there(news: Newsdesk) -> None:
    await news.bob.user.send_dm(UNANSWERED)
    assert news.guild.me is not None
    await news.cid.send(news.channel, f"{news.guild.me.mention} {UNANSWERED}")
    await news.eve.slash(news.channel, "newsdesk answer", entry="q1", fact="ferry-fare")
    await news.deliver()
    for last in (news.bob.user.dm_channel.last_message, news.channel.last_message):
        assert last is not None
        assert "The editors have an answer" in words(last)
        assert FERRY in words(last)


async def test_the_queue_is_not_read_out_in_a_channel(news: Newsdesk) -> None:
    await ask(news)
    assert news.guild.me is not None
    await news.eve.send(news.channel, f"{news.guild.me.mention} queue")
    last = news.channel.last_message
    assert last is not None
    assert "shown privately only" in words(last)
    assert "capital" not in words(last)


async def test_the_doctor_finds_what_is_missing(news: Newsdesk) -> None:
    closed = news.guild.create_text_channel("closed")
    await news.ann.slash(closed, "brief digest subscribe")
    await news.ann.slash(news.channel, "brief digest subscribe")
    channel = news.bot.get_channel(closed.id)
    assert isinstance(channel, discord.TextChannel)
    news.world.now = datetime.now(UTC)
    fine = await news.eve.slash(news.channel, "newsdesk doctor")
    assert fine.response is not None
    assert "2 places can be written to." in words(fine.response)
    assert news.guild.me is not None
    await channel.set_permissions(news.guild.me, send_messages=False)
    ill = await news.eve.slash(news.channel, "newsdesk doctor")
    assert ill.response is not None
    assert "In #closed the bot lacks: Send Messages." in words(ill.response).replace("\\", "")


async def test_the_doctor_tells_of_other_commands_a_wrong_clock_and_lost_servers(news: Newsdesk) -> None:
    now = datetime.now(UTC)
    gone = [Place("discord", "1", "2"), Place("discord", str(news.guild.id), "3")]
    news.bot.tree.remove_command("newsdesk")
    card = await examine(news.bot, news.bot.tree, gone, wording("en"), (now, now - timedelta(minutes=2)))
    text = plain(card)
    assert "4 problems." in text
    assert "Commands at Discord differ from ours (newsdesk)." in text
    assert "The clock is 120 seconds off." in text
    assert "The bot is not in server 1 any more." in text
    assert "The channel 3 is not there, or hidden from the bot." in text


async def test_commands_are_sent_only_when_they_changed(news: Newsdesk) -> None:
    sent = len(news.requests("PUT", "/commands"))
    assert sent == 1
    await news.restart()
    assert len(news.requests("PUT", "/commands")) == sent
    assert not await news.bot.synchronise()
    assert await news.bot.synchronise(force=True)
    news.bot.tree.remove_command("newsdesk")
    assert await news.bot.synchronise()


async def test_every_command_has_a_french_name_and_description(news: Newsdesk) -> None:
    bare = []
    for command in await payload(news.bot.tree):
        waiting = [command]
        while waiting:
            one = waiting.pop()
            waiting += one.get("options", [])
            if "fr" not in one.get("name_localizations", {}) or (
                one.get("description") and "fr" not in one.get("description_localizations", {})
            ):
                bare.append(one["name"])
    assert set(bare) <= {"brief", "sources", "question"}, "these are the same word in French"


async def nowhere() -> list[Place]:
    return []


async def test_a_refused_token_is_explained_and_not_tried_again(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"code": 0, "message": "401: Unauthorized"}, status=401)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as server:
        monkeypatch.setattr("discord.http.Route.BASE", str(server.make_url("/api")))
        service = DiscordService(create_bot(small), "nonsense", nowhere)
        with pytest.raises(RefusedError, match="Discord refuses DISCORD_TOKEN"):
            await service.prepare()
        await service.close()
    assert len(asked) == 1
