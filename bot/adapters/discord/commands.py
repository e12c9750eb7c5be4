"""The group `/brief` and the command of messages. Each command is a line at the desk; nothing is decided here."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.app_commands import locale_str as say

from bot.adapters.discord import completion
from bot.adapters.discord.actions import notice
from bot.adapters.discord.completion import Choices
from bot.adapters.discord.digest_commands import digest_group
from bot.adapters.discord.failures import language_of
from bot.adapters.discord.front import Front, send
from bot.adapters.discord.layout import view_of
from bot.adapters.discord.text import visible
from bot.adapters.discord.whereabouts import Acting
from bot.briefing.wording import wording
from bot.digest.sightings import FlagReason

LONGEST_QUESTION = 1_000
Text = app_commands.Range[str, 1, LONGEST_QUESTION]
Short = app_commands.Range[str, 1, 100]


def brief_group(front: Front) -> app_commands.Group:
    """`/brief` with everything under it."""
    group = app_commands.Group(
        name=say("brief"),
        description=say("Short answers from curated facts, each with who said it"),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )
    _questions(group, front)
    _stories(group, front)
    _channel(group, front)
    _flag(group, front)
    group.add_command(digest_group(front))
    return group


def message_command(front: Front) -> app_commands.ContextMenu:
    """A message taken as the question."""

    async def brief_me(interaction: Acting, message: discord.Message) -> None:
        question = visible(message.content)[:LONGEST_QUESTION]
        if not question:
            said = wording(language_of(interaction))("That message has no text to look up.")
            await send(interaction, view_of(notice(said)), private=True)
            return
        await front.line(interaction, question, private=True, question=question)

    return app_commands.ContextMenu(
        name=say("Brief me on this"),
        callback=brief_me,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )


def _questions(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("ask"), description=say("Ask in your own words, in English or French"))
    @app_commands.rename(question=say("question"))
    @app_commands.describe(question=say("What do you want to know?"))
    async def ask(interaction: Acting, question: Text) -> None:
        await front.line(interaction, question, question=question)

    @ask.autocomplete("question")
    async def _questions_offered(interaction: Acting, typed: str) -> Choices:
        return completion.ranked(completion.questions(front.desk.store, language_of(interaction)), typed)

    @group.command(name=say("who"), description=say("Who somebody is, and the facts about them"))
    @app_commands.rename(name=say("name"))
    @app_commands.describe(name=say("A person, body or place"))
    async def who(interaction: Acting, name: Short) -> None:
        await front.line(interaction, f"who {name}")

    @group.command(name=say("define"), description=say("What a name or an abbreviation stands for"))
    @app_commands.rename(name=say("name"))
    @app_commands.describe(name=say("A name, term or abbreviation"))
    async def define(interaction: Acting, name: Short) -> None:
        await front.line(interaction, f"define {name}")

    @group.command(name=say("fact"), description=say("One fact with its provenance and history"))
    @app_commands.rename(number=say("id"))
    @app_commands.describe(number=say("The id of the fact"))
    async def fact(interaction: Acting, number: Short) -> None:
        await front.line(interaction, f"fact {number}")

    async def _names_offered(interaction: Acting, typed: str) -> Choices:
        return completion.ranked(completion.names(front.desk.store, language_of(interaction)), typed)

    who.autocomplete("name")(_names_offered)
    define.autocomplete("name")(_names_offered)

    @fact.autocomplete("number")
    async def _facts_offered(interaction: Acting, typed: str) -> Choices:
        return completion.ranked(completion.facts(front.desk.store, language_of(interaction)), typed)


def _stories(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("timeline"), description=say("What happened when"))
    @app_commands.rename(story=say("story"))
    @app_commands.describe(story=say("The story; without it, this channel's"))
    async def timeline(interaction: Acting, story: Short | None = None) -> None:
        await front.line(interaction, f"timeline {story or ''}".strip())

    @group.command(name=say("disputes"), description=say("Where sources differ, side by side"))
    @app_commands.rename(story=say("story"))
    @app_commands.describe(story=say("The story; without it, this channel's"))
    async def disputes(interaction: Acting, story: Short | None = None) -> None:
        await front.line(interaction, f"disputes {story or ''}".strip())

    @group.command(name=say("sources"), description=say("The documents and how independent they are"))
    @app_commands.rename(story=say("story"))
    @app_commands.describe(story=say("The story; without it, this channel's"))
    async def sources(interaction: Acting, story: Short | None = None) -> None:
        await front.line(interaction, f"sources {story or ''}".strip())

    @group.command(name=say("help"), description=say("What you can ask"))
    async def help_(interaction: Acting) -> None:
        await front.line(interaction, "help", private=True)

    offered = _stories_offered(front)
    timeline.autocomplete("story")(offered)
    disputes.autocomplete("story")(offered)
    sources.autocomplete("story")(offered)


def _channel(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("story"), description=say("Show or set the story that questions here are about"))
    @app_commands.rename(story=say("story"))
    @app_commands.describe(story=say("The story, or none for all"))
    async def story_(interaction: Acting, story: Short | None = None) -> None:
        await front.line(interaction, f"story {story or ''}".strip(), private=True)

    story_.autocomplete("story")(_stories_offered(front))

    @group.command(name=say("answers"), description=say("Who sees answers in this channel"))
    @app_commands.rename(seen=say("seen"))
    @app_commands.describe(seen=say("By everyone, or by the asker, who may share them"))
    @app_commands.choices(
        seen=[Choice(name=say("everyone here"), value="public"), Choice(name=say("the asker"), value="private")]
    )
    async def answers(interaction: Acting, seen: Choice[str]) -> None:
        await front.line(interaction, f"answers {seen.value}", private=True)


def _flag(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("flag"), description=say("Tell the editors that something is amiss"))
    @app_commands.rename(reason=say("reason"), note=say("note"))
    @app_commands.describe(reason=say("What is amiss?"), note=say("Which fact, what would be right, and who says so?"))
    @app_commands.choices(
        reason=[
            Choice(name=say("It is wrong"), value=FlagReason.WRONG.value),
            Choice(name=say("It is out of date"), value=FlagReason.OLD.value),
            Choice(name=say("A source is missing"), value=FlagReason.NO_SOURCE.value),
            Choice(name=say("It does not answer my question"), value=FlagReason.NOT_MY_QUESTION.value),
        ]
    )
    async def flag(interaction: Acting, reason: Choice[str], note: Text) -> None:
        await front.flag(interaction, FlagReason(reason.value), note, [], "")


def _stories_offered(front: Front) -> Any:
    async def offered(interaction: Acting, typed: str) -> Choices:
        return completion.ranked(completion.stories(front.desk.store, language_of(interaction)), typed)

    return offered
