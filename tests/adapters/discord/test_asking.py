"""Questions on every surface: who sees the answer, and what stands on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.adapters.discord import front
from tests.adapters.discord.newsdesk import Newsdesk, labels, words
from tests.newsroom import STORY
from tests.seedfolder import raise_revision

QUESTION = "when did the strike begin?"
BEGAN = "The dockers' strike began in the Old Port."
UNANSWERED = "what is the capital of France?"


async def test_an_answer_is_private_and_can_be_shared_under_the_askers_name(news: Newsdesk) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert asked.response is not None
    assert asked.ephemeral
    assert not asked.deferred
    assert BEGAN in words(asked.response)
    assert labels(asked.response)[0] == "Share in channel"
    assert news.channel.last_message is None

    shared = await news.bob.click(asked.response, label="Share in channel")
    assert not shared.ephemeral
    message = news.channel.last_message
    assert message is not None
    assert words(message).startswith(f"-# **Bob** asked:\n{QUESTION}")
    assert "The Gazette" in words(message)
    assert "Share in channel" not in labels(message)


@pytest.mark.parametrize(
    ("command", "options", "shows"),
    [
        ("who", {"name": "Marsh"}, "Ada Marsh"),
        ("define", {"name": "UN"}, "Union of Navigators"),
        ("timeline", {}, "Timeline"),
        ("timeline", {"story": STORY}, "Timeline"),
        ("disputes", {}, "Counts of the strikers differ."),
        ("sources", {}, "The Gazette"),
        ("fact", {"id": "strike-began"}, "Fact strike\\-began"),
        ("story", {}, "Questions here may be about any story."),
        ("help", {}, "What you can ask"),
        ("digest list", {}, "Nothing is subscribed here."),
        ("digest preview", {}, "Digest, 12 March 2025"),
        ("digest why", {}, "Nothing is subscribed here."),
    ],
)
async def test_every_command_answers_at_once_and_to_the_asker_alone(
    news: Newsdesk, command: str, options: dict[str, Any], shows: str
) -> None:
    asked = await news.bob.slash(news.channel, f"brief {command}", **options)
    assert asked.response is not None
    assert (asked.ephemeral, asked.deferred) == (True, False)
    assert shows.replace("\\-", "-") in words(asked.response).replace("\\", "")
    assert news.channel.last_message is None


async def test_in_a_channel_set_to_public_all_see_the_answer_and_who_asked(news: Newsdesk) -> None:
    told = await news.bob.slash(news.channel, "brief answers", seen="public")
    assert told.response is not None
    assert "You may not change" in words(told.response)
    await news.ann.slash(news.channel, "brief answers", seen="public")
    asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert not asked.ephemeral
    message = news.channel.last_message
    assert message is not None
    assert words(message).startswith(f"-# **Bob** asked:\n{QUESTION}")
    assert "Share in channel" not in labels(message)
    listed = await news.bob.slash(news.channel, "brief digest list")
    assert listed.ephemeral


async def test_while_the_setting_is_not_known_in_time_answers_are_private(
    news: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await news.ann.slash(news.channel, "brief answers", seen="public")
    monkeypatch.setattr(front, "SETTINGS_PATIENCE", 0.0)
    news.world.now += timedelta(hours=1)  # it is looked up anew
    assert (await news.bob.slash(news.channel, "brief ask", question=QUESTION)).ephemeral


async def test_what_was_shown_to_all_is_corrected_before_all_and_what_was_private_is_not(news: Newsdesk) -> None:
    await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    raise_revision(news.world.seeds.fact("strike-began"))
    await news.deliver()
    assert news.channel.last_message is None
    again = await news.bob.slash(news.channel, "brief help")
    (notice,) = again.followups
    assert notice.ephemeral
    assert "has been corrected" in words(notice)
    assert "Seen" in labels(notice)
    seen = await news.bob.click(notice, label="Seen")
    assert seen.response is not None
    assert "Noted: you have seen it." in words(seen.response)


async def test_a_direct_message_is_a_question(news: Newsdesk) -> None:
    user = news.bob.user
    await user.send_dm(QUESTION)
    last = user.dm_channel.last_message
    assert last is not None
    assert BEGAN in words(last)
    assert "Share in channel" not in labels(last)
    asked = await user.slash("brief ask", question=QUESTION)
    assert not asked.ephemeral


async def test_a_mention_is_a_question_and_a_follow_up_in_a_thread_keeps_its_subject(news: Newsdesk) -> None:
    mention = news.guild.me
    assert mention is not None
    asked = await news.bob.send(news.channel, f"{mention.mention} when did the mayor resign?")
    reply = news.channel.last_message
    assert reply is not None
    assert reply.reference is not None
    assert reply.reference.message_id == asked.id
    assert "Ada Marsh resigned." in words(reply)

    channel = news.bot.get_channel(news.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="strike", type=discord.ChannelType.public_thread)
    (thread,) = news.channel.threads
    await news.bob.send(thread, f"{mention.mention} when did the mayor resign?")
    await news.cid.send(thread, f"<@!{mention.id}> why?")
    last = thread.last_message
    assert last is not None
    assert "illness" in words(last)


@pytest.mark.parametrize("text", ["when did the strike begin?", "@everyone what is new?", "<@1> hello"])
async def test_it_speaks_only_when_spoken_to(news: Newsdesk, text: str) -> None:
    await news.bob.send(news.channel, text)
    assert [message.author.id for message in news.channel.history()] == [news.bob.id]


async def test_other_bots_are_not_answered(news: Newsdesk) -> None:
    other = news.guild.add_member(news.env.create_user("other", bot=True))
    assert news.guild.me is not None
    await other.send(news.channel, f"{news.guild.me.mention} {QUESTION}")
    assert len(news.channel.history()) == 1


async def test_a_bare_mention_gets_the_overview(news: Newsdesk) -> None:
    assert news.guild.me is not None
    await news.bob.send(news.channel, news.guild.me.mention)
    assert news.channel.last_message is not None
    assert "What you can ask" in words(news.channel.last_message)


async def test_a_message_can_be_taken_as_the_question(news: Newsdesk) -> None:
    message = await news.cid.send(news.channel, QUESTION)
    asked = await news.bob.context_menu(news.channel, "Brief me on this", message)
    assert asked.ephemeral
    assert asked.response is not None
    assert BEGAN in words(asked.response)
    assert f"-# You asked: {QUESTION}" in words(asked.response)


async def test_a_message_without_text_is_turned_down_kindly(news: Newsdesk) -> None:
    message = await news.cid.send(news.channel, "\u200b\u202e")
    asked = await news.bob.context_menu(news.channel, "Brief me on this", message)
    assert asked.response is not None
    assert "no text to look up" in words(asked.response)


async def test_a_suggested_question_is_asked_by_picking_it(news: Newsdesk) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question="who is Brook?")
    assert asked.response is not None
    picked = await news.bob.select(asked.response, ["who is Tom Brook?"])
    assert picked.ephemeral
    assert picked.response is not None
    assert "Captain of a tug." in words(picked.response)


async def test_who_says_so_shows_the_provenance_and_the_timeline_its_events(news: Newsdesk) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert asked.response is not None
    more = await news.bob.click(asked.response, label="Who says so")
    assert more.followups or more.response is not None
    timeline = await news.bob.click(asked.response, label="Timeline")
    assert timeline.response is not None
    assert "Timeline" in words(timeline.response)
    assert timeline.ephemeral


@pytest.mark.parametrize(
    ("command", "option", "typed", "first"),
    [
        ("ask", "question", "how many", "how many dockers are on strike?"),
        ("who", "name", "mar", "mayor"),
        ("define", "name", "Union", "navigators"),
        ("fact", "id", "strike", "strike-began"),
        ("timeline", "story", "", STORY),
        ("story", "story", "", STORY),
        ("digest subscribe", "zone", "bamak", "Africa/Bamako"),
        ("digest subscribe", "zone", "new york", "America/New_York"),
    ],
)
async def test_completion_is_ranked_and_never_over_its_limit(
    news: Newsdesk, command: str, option: str, typed: str, first: str
) -> None:
    offered = await news.bob.autocomplete(news.channel, f"brief {command}", option, typed)
    assert offered[0]["value"] == first
    assert len(offered) <= 25
    assert all(0 < len(choice["name"]) <= 100 for choice in offered)
    assert len(await news.bob.autocomplete(news.channel, "brief digest subscribe", "zone", "a")) == 25


async def test_what_is_not_held_is_kept_for_the_editors_and_says_so(news: Newsdesk) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question=UNANSWERED)
    assert asked.response is not None
    assert "can answer you privately" in words(asked.response)
    assert labels(asked.response) == ["Flag"]
