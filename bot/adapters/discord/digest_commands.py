"""`/brief digest`: each of its commands is a line at the desk."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Choice
from discord.app_commands import locale_str as say

from bot.adapters.discord import completion
from bot.adapters.discord.completion import Choices
from bot.adapters.discord.failures import language_of
from bot.adapters.discord.front import Front
from bot.adapters.discord.whereabouts import Acting

Short = app_commands.Range[str, 1, 100]
Number = app_commands.Range[int, 1, 999_999_999]


def digest_group(front: Front) -> app_commands.Group:
    """`/brief digest` with its commands."""
    group = app_commands.Group(name=say("digest"), description=say("The daily digest of what changed"))
    _subscribing(group, front)
    _changing(group, front)
    _looking(group, front)
    return group


def _subscribing(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("subscribe"), description=say("Get the digest in this channel, or by direct message"))
    @app_commands.rename(
        where=say("where"),
        story=say("story"),
        cadence=say("cadence"),
        at=say("time"),
        zone=say("zone"),
        language=say("language"),
        form=say("form"),
        quiet=say("quiet-days"),
    )
    @app_commands.describe(
        where=say("This channel, or a direct message to you"),
        story=say("The story; without it, all"),
        cadence=say("How often"),
        at=say("Local time, such as 08:00"),
        zone=say("Time zone, such as Europe/Paris"),
        language=say("Language of the digest"),
        form=say("How much of each story"),
        quiet=say("A line on days when nothing changed"),
    )
    @app_commands.choices(
        where=[Choice(name=say("here"), value="here"), Choice(name=say("to me"), value="me")],
        cadence=[
            Choice(name=say("every day"), value="daily"),
            Choice(name=say("Monday to Friday"), value="weekdays"),
            Choice(name=say("every Monday"), value="weekly monday"),
            Choice(name=say("every Friday"), value="weekly friday"),
        ],
        language=[Choice(name=say("English"), value="en"), Choice(name=say("French"), value="fr")],
        form=[Choice(name=say("short"), value="short"), Choice(name=say("full"), value="full")],
    )
    async def subscribe(
        interaction: Acting,
        where: Choice[str] | None = None,
        story: Short | None = None,
        cadence: Choice[str] | None = None,
        at: Short | None = None,
        zone: Short | None = None,
        language: Choice[str] | None = None,
        form: Choice[str] | None = None,
        quiet: bool | None = None,  # noqa: FBT001 (as Discord calls it)
    ) -> None:
        chosen = [choice.value for choice in (cadence, language, form) if choice is not None]
        words = [story or "", *chosen, f"at {at}" if at else "", zone or ""]
        if quiet is not None:
            words.append("quiet" if quiet else "silent")
        line = " ".join(word for word in ("digest subscribe", *words) if word)
        await front.line(interaction, line, private=True, own=where is not None and where.value == "me")

    @subscribe.autocomplete("zone")
    async def _zones_offered(_: Acting, typed: str) -> Choices:
        return completion.ranked(completion.zones(), typed)

    @subscribe.autocomplete("story")
    async def _stories_offered(interaction: Acting, typed: str) -> Choices:
        return completion.ranked(completion.stories(front.desk.store, language_of(interaction)), typed)


def _changing(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("change"), description=say("Change a digest: story, days, time, zone, language, form"))
    @app_commands.rename(wish=say("wish"), number=say("number"))
    @app_commands.describe(
        wish=say("Such as: weekdays at 07:30 Europe/Paris full"), number=say("Which one, where there are several")
    )
    async def change(interaction: Acting, wish: Short, number: Number | None = None) -> None:
        await front.line(interaction, f"digest change {_of(number)} {wish}", private=True)

    @group.command(name=say("pause"), description=say("Pause a digest"))
    @app_commands.rename(number=say("number"))
    @app_commands.describe(number=say("Which one, where there are several"))
    async def pause(interaction: Acting, number: Number | None = None) -> None:
        await front.line(interaction, f"digest pause {_of(number)}".strip(), private=True)

    @group.command(name=say("resume"), description=say("Go on with a paused or stopped digest"))
    @app_commands.rename(number=say("number"))
    @app_commands.describe(number=say("Which one, where there are several"))
    async def resume(interaction: Acting, number: Number | None = None) -> None:
        await front.line(interaction, f"digest resume {_of(number)}".strip(), private=True)

    @group.command(name=say("unsubscribe"), description=say("End a digest; it can be undone"))
    @app_commands.rename(number=say("number"))
    @app_commands.describe(number=say("Which one, where there are several"))
    async def unsubscribe(interaction: Acting, number: Number | None = None) -> None:
        await front.line(interaction, f"digest unsubscribe {_of(number)}".strip(), private=True)


def _looking(group: app_commands.Group, front: Front) -> None:
    @group.command(name=say("list"), description=say("The digests of this channel and when they come next"))
    async def list_(interaction: Acting) -> None:
        await front.line(interaction, "digest list", private=True)

    @group.command(name=say("preview"), description=say("The digest as it would go out now"))
    async def preview(interaction: Acting) -> None:
        await front.line(interaction, "digest preview", private=True)

    @group.command(name=say("why"), description=say("Why the digest came, or did not"))
    async def why(interaction: Acting) -> None:
        await front.line(interaction, "digest why", private=True)

    @group.command(name=say("corrections"), description=say("Get corrections of private answers by direct message"))
    @app_commands.rename(send=say("send"))
    @app_commands.describe(send=say("Send them, or let them wait until you ask again"))
    async def corrections(interaction: Acting, send: bool) -> None:  # noqa: FBT001 (as Discord calls it)
        await front.line(interaction, f"digest direct {'on' if send else 'off'}", private=True, own=send)


def _of(number: int | None) -> str:
    return f"#{number}" if number else ""
