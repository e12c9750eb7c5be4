"""Buttons and forms: what they do, after a restart too, and what becomes of old ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import ui

from bot.digest.places import Place
from tests.adapters.discord.newsdesk import Newsdesk, labels, walk, words
from tests.seedfolder import FACTS_FILE, both, fact, raise_revision, topic

FERRY = "what does the ferry cost?"


async def answered(news: Newsdesk) -> Any:
    asked = await news.bob.slash(news.channel, "brief ask", question=FERRY)
    assert asked.response is not None
    return asked.response


async def flags(news: Newsdesk) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    entries, _ = await news.world.state.queue.waiting(10)
    return [(entry.reason or "", entry.facts, entry.notes) for entry in entries]


@pytest.mark.parametrize("reason", ["wrong", "old", "no_source", "not_my_question"])
async def test_a_flag_takes_a_reason_and_a_note(news: Newsdesk, reason: str) -> None:
    shown = await news.bob.click(await answered(news), label="Flag")
    assert shown.modal is not None
    done = await news.bob.submit_modal(shown, {"reason": reason, "note": "It costs 6 now."})
    assert done.ephemeral
    assert done.response is not None
    assert "The editors will see it." in words(done.response)
    assert await flags(news) == [(reason, ("ferry-fare",), ("It costs 6 now.",))]


async def test_a_flag_can_be_given_by_command(news: Newsdesk) -> None:
    done = await news.bob.slash(news.channel, "brief flag", reason="old", note="ferry-fare costs 6 now")
    assert done.response is not None
    assert await flags(news) == [("old", (), ("ferry-fare costs 6 now",))]


async def test_watching_opens_the_direct_conversation_and_tells_there(news: Newsdesk) -> None:
    done = await news.bob.click(await answered(news), label="Tell me when this changes")
    assert done.ephemeral
    assert done.response is not None
    assert "By direct message." in words(done.response)
    assert labels(done.response) == ["Stop watching"]
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both("The ferry costs 5 crowns."))
    await news.deliver()
    last = news.bob.user.dm_channel.last_message
    assert last is not None
    assert "The ferry costs 5 crowns." in words(last)
    await news.bob.user.click(last, label="Stop watching")
    told = news.bob.user.dm_channel.last_message
    assert told is not None
    assert "Taken off: 1 fact." in words(told)


async def test_every_button_works_after_a_restart(news: Newsdesk) -> None:
    response = await answered(news)
    await news.restart()
    shared = await news.bob.click(response, label="Share in channel")
    assert not shared.ephemeral
    flagged = await news.bob.click(response, label="Flag")
    assert flagged.modal is not None
    await news.restart()
    await news.bob.submit_modal(flagged, {"reason": "wrong"})
    assert len(await flags(news)) == 1
    more = await news.bob.click(response, label="Who says so")
    assert more.acknowledged


async def test_a_button_of_another_version_gets_a_kind_answer(news: Newsdesk) -> None:
    channel = news.bot.get_channel(news.channel.id)
    assert isinstance(channel, discord.TextChannel)
    for custom_id in ("bb0:share:~1", "bb2:new:thing", "bb1:unheard-of"):
        view = ui.LayoutView(timeout=None)
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow(ui.Button(label="Old", custom_id=custom_id))
        view.add_item(row)
        message = await channel.send(view=view)
        news.bot._connection._view_store.remove_view(view)  # as after a restart
        pressed = await news.bob.click(message, custom_id=custom_id)
        assert pressed.ephemeral
        assert pressed.response is not None
        assert "another version of briefbot" in words(pressed.response)


async def test_an_answer_that_changed_is_not_shared_as_it_was(news: Newsdesk) -> None:
    response = await answered(news)
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both("The ferry costs 5 crowns."))
    await news.world.reload()
    shared = await news.bob.click(response, label="Share in channel")
    assert shared.ephemeral
    assert shared.response is not None
    assert "has changed since" in words(shared.response)
    assert news.channel.last_message is None


async def subscribed_digest(news: Newsdesk) -> discord.Message:
    """The channel takes the digest, and here it is."""
    await news.ann.slash(news.channel, "brief digest subscribe", time="09:00", zone="Europe/Paris")
    news.world.now += timedelta(hours=2)
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both("The ferry costs 5 crowns."))
    await news.deliver()
    digest = news.channel.last_message
    assert digest is not None
    return digest


async def test_a_digest_is_subscribed_changed_paused_ended_and_taken_back(news: Newsdesk) -> None:
    denied = await news.bob.slash(news.channel, "brief digest subscribe")
    assert denied.response is not None
    assert "You may not change what this channel subscribes to." in words(denied.response)
    wish = {"time": "09:00", "zone": "Europe/Paris", "language": "fr"}
    made = await news.ann.slash(news.channel, "brief digest subscribe", **wish)
    assert made.response is not None
    assert "Subscribed." in words(made.response)
    assert "<t:" in words(made.response)
    news.world.now += timedelta(hours=2)
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both("The ferry costs 5 crowns."))
    await news.deliver()
    digest = news.channel.last_message
    assert digest is not None
    assert "Bulletin" in words(digest)
    assert labels(digest) == ["Suspendre", "Modifier", "Se désabonner"]
    form = await news.ann.click(digest, label="Modifier")
    changed = await news.ann.submit_modal(form, {"wish": "weekdays at 07:30 en"})
    assert changed.response is not None
    assert "weekdays at 07:30" in words(changed.response)
    paused = await news.ann.click(digest, label="Suspendre")
    assert paused.response is not None
    resumed = await news.ann.click(paused.response, label="Resume")
    assert resumed.response is not None
    assert "It goes on." in words(resumed.response)
    ended = await news.ann.click(digest, label="Se désabonner")
    assert ended.response is not None
    undone = await news.ann.click(ended.response, label="Undo")
    assert undone.response is not None
    assert "Taken back" in words(undone.response)
    other = await news.bob.click(digest, label="Se désabonner")
    assert other.response is not None
    assert "You may not change" in words(other.response)


async def test_a_digest_comes_to_me_where_i_ask_for_that(news: Newsdesk) -> None:
    made = await news.bob.slash(news.channel, "brief digest subscribe", where="me", time="09:00", zone="UTC")
    assert made.ephemeral
    (held,) = await news.world.state.subscriptions.of_place(Place("discord", "global", f"@{news.bob.id}"))
    assert held.place.address == str(news.bob.user.dm_channel.id)
    news.world.now += timedelta(hours=4)
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both("The ferry costs 5 crowns."))
    await news.deliver()
    last = news.bob.user.dm_channel.last_message
    assert last is not None
    assert "The ferry costs 5 crowns." in words(last)


async def test_direct_messages_of_a_run_of_digests_open_no_conversation(news: Newsdesk) -> None:
    await news.bob.slash(news.channel, "brief digest subscribe", where="me", time="09:00", zone="UTC")
    before = len(news.requests("POST", "/users/@me/channels"))
    news.world.now += timedelta(hours=4)
    raise_revision(news.world.seeds.fact("ferry-fare"), "update", statement=both("The ferry costs 5 crowns."))
    await news.deliver()
    assert len(news.requests("POST", "/users/@me/channels")) == before


async def test_a_long_card_is_turned_page_by_page_in_its_place(news: Newsdesk) -> None:
    seeds = news.world.seeds
    for number in range(30):
        text = both(f"Event number {number} of the long strike happened at the gate of the harbour.")
        seeds.files[FACTS_FILE]["topics"].append(topic(f"event-{number}"))
        seeds.facts.append(
            fact(f"event-{number}", topic=f"event-{number}", statement=text, date="2025-03-02", timeline="true")
        )
    await news.world.reload()
    asked = await news.bob.slash(news.channel, "brief timeline")
    assert asked.response is not None
    seen = words(asked.response)
    assert "Page 1 of" in seen
    total = int(seen.partition("Page 1 of ")[2].partition(".")[0])
    message = asked.response
    for number in range(2, total + 1):
        turned = await news.bob.click(message, label="Next page")
        assert turned.acknowledged
        page = words(message)
        assert f"Page {number} of {total}." in page
        seen += page
    assert all(f"Event number {number} of" in seen for number in range(30))
    assert "Next page" not in labels(message)
    await news.bob.click(message, label="Previous page")
    assert f"Page {total - 1} of {total}." in words(message)


async def test_ids_hold_no_text_of_readers_and_stay_within_their_limit(news: Newsdesk) -> None:
    await answered(news)
    for _, _, body in news.bodies:
        data = body.get("data", body) if isinstance(body, dict) else {}
        for part in walk(data.get("components")) if isinstance(data, dict) else ():
            assert len(part.get("custom_id", "")) <= 100
            assert "ferry" not in part.get("custom_id", "")
