"""The Home tab, its forms, and the editors' queue in it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bot.digest.places import Person, Place
from bot.digest.subscriptions import Standing
from tests.adapters.slack.cards import strings
from tests.adapters.slack.fakeslack import TEAM, Fault
from tests.adapters.slack.newsdesk import ANN, BOB, FORM, GUEST, Workspace, _numbers, signed
from tests.seedfolder import both, raise_revision

DIGEST: dict[str, Any] = {
    "stories": {"type": "multi_static_select", "selected_options": []},
    "cadence": {"type": "static_select", "selected_option": {"value": "weekdays"}},
    "at": {"type": "timepicker", "selected_time": "07:30"},
    "zone": {"type": "external_select", "selected_option": {"value": "Africa/Bamako"}},
    "language": {"type": "static_select", "selected_option": {"value": "fr"}},
    "form": {"type": "static_select", "selected_option": {"value": "short"}},
    "quiet": {"type": "static_select", "selected_option": {"value": "silent"}},
}


async def opened(news: Workspace, user: str = BOB) -> dict[str, Any]:
    """Somebody opens the Home tab."""
    before = news.slack.count("views.publish")
    event = {"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": "home"}
    await news.event(event)
    await news.slack.until(lambda: news.slack.count("views.publish") > before and user in news.slack.homes)
    return news.slack.homes[user]


def words(view: dict[str, Any]) -> str:
    return "\n".join(strings(view["blocks"]))


def buttons(view: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in view["blocks"] if block["type"] == "actions"]
    return [one for elements in rows for one in elements]


async def press_home(news: Workspace, view: dict[str, Any], label: str, user: str = BOB) -> dict[str, Any]:
    """Press a button on the Home tab; the window that it opens."""
    [button, *_] = [one for one in buttons(view) if one["text"]["text"] == label]
    return await act(news, {k: button[k] for k in ("action_id", "value")}, user)


async def act(news: Workspace, action: dict[str, Any], user: str = BOB) -> dict[str, Any]:
    before = len(news.slack.views)
    payload = {
        "type": "block_actions",
        "user": {"id": user, "username": user[1:].lower(), "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "view", "view_id": "VHOME"},
        "view": {"id": "VHOME", "type": "home"},
        "trigger_id": f"t{next(_numbers)}",
        "actions": [{"type": "button", **action}],
    }
    assert (await news.interact(payload)).status == 200
    return await news.opened(before)


async def test_the_first_look_and_what_changed_since(news: Workspace) -> None:
    first = await opened(news)
    assert "What is new will stand here from now on." in words(first)
    assert "Counts of the strikers differ." in words(first)
    assert "The editors' queue" not in words(first)

    fare = news.world.seeds.fact("ferry-fare")
    raise_revision(fare, statement=both("The ferry costs 5 crowns.", "Le bac coûte 5 couronnes."))
    news.world.now += timedelta(hours=2)
    await news.world.reload()
    second = await opened(news)
    assert "The ferry costs 5 crowns." in words(second)
    assert "<!date^" in words(second)
    news.world.now += timedelta(minutes=10)
    assert "The ferry costs 5 crowns." in words(await opened(news))  # the same look still
    news.world.now += timedelta(hours=1)
    assert "Nothing has changed." in words(await opened(news))


async def test_a_question_typed_there_is_answered_in_a_window(news: Workspace) -> None:
    await opened(news)
    window = await act(news, {"action_id": "bb1:search:0", "value": "when did the strike begin?"})
    assert "The dockers' strike began" in words(window)


async def test_a_digest_is_subscribed_by_a_form_and_paused_changed_ended_from_home(news: Workspace) -> None:
    home = await opened(news)
    form = await press_home(news, home, "Subscribe to the digest")
    zone = next(block for block in form["blocks"] if block["block_id"] == "zone")
    assert zone["element"]["initial_option"]["value"] == "Europe/London"  # the profile's
    answer = await news.send_in(form, DIGEST)
    assert "Subscribed." in words(answer)
    [held] = await news.world.state.subscriptions.of_place(Person("slack", TEAM, BOB).own_place)
    assert (str(held.wish.schedule.at)[:5], held.wish.schedule.zone, held.wish.language) == (
        "07:30",
        "Africa/Bamako",
        "fr",
    )
    assert held.place.address == f"D{BOB}"

    home = await opened(news)
    window = await press_home(news, home, "Pause")
    assert "Paused." in words(window)
    await news.slack.until(lambda: "Resume" in words(news.slack.homes[BOB]))
    changing = await press_home(news, news.slack.homes[BOB], "Change")
    later = DIGEST | {"at": {"type": "timepicker", "selected_time": "18:00"}}
    assert "18:00" in words(await news.send_in(changing, later))
    window = await press_home(news, await opened(news), "Unsubscribe")
    assert "Unsubscribed." in words(window)
    assert "Undo" in words(window)
    before = dict(news.slack.views)
    undo = next(one for one in buttons(window) if one["text"]["text"] == "Undo")
    payload = {
        "type": "block_actions",
        "user": {"id": BOB, "username": "bob", "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "view", "view_id": window["id"]},
        "view": {"id": window["id"], "type": "modal"},
        "trigger_id": f"t{next(_numbers)}",
        "actions": [{"type": "button", "action_id": undo["action_id"], "value": undo["value"]}],
    }
    await news.interact(payload)
    await news.slack.until(lambda: news.slack.views[window["id"]] != before[window["id"]])
    assert "Taken back" in words(news.slack.views[window["id"]])


async def test_a_channel_is_tried_out_before_its_first_digest(news: Workspace) -> None:
    answer = await news.slash("digest subscribe weekdays at 07:30 Europe/Paris")
    await news.bot.finish(5)
    public, private = news.slack.shown[-2:]
    assert {public.user, private.user} == {"", BOB}
    assert "Subscribed." in public.words
    assert answer in (public, private)


async def test_a_form_that_is_sent_in_twice_subscribes_once(news: Workspace) -> None:
    form = await press_home(news, await opened(news), "Subscribe to the digest")
    for _ in range(2):
        assert "Subscribed." in words(await news.send_in(form, DIGEST))
    assert len(await news.world.state.subscriptions.of_place(Person("slack", TEAM, BOB).own_place)) == 1


async def test_where_the_bot_is_not_in_the_digest_waits_for_an_invitation(news: Workspace) -> None:
    shown = await news.slash("digest subscribe daily", channel="C2")
    assert "Invite me with /invite @briefbot" in shown.words
    [held] = await news.world.state.subscriptions.of_place(Place("slack", TEAM, "C2"))
    assert held.standing is Standing.PAUSED
    news.slack.joined.add("C2")
    await news.slash(f"digest resume #{held.id}", channel="C2")
    await news.bot.finish(5)
    [held] = await news.world.state.subscriptions.of_place(Place("slack", TEAM, "C2"))
    assert held.standing is Standing.ACTIVE
    assert any(one.channel == "C2" and not one.user for one in news.slack.shown)


async def test_a_guest_may_not_subscribe_a_channel_and_nothing_is_posted(news: Workspace) -> None:
    shown = await news.slash("digest subscribe daily", GUEST)
    assert "You may not change what this channel subscribes to." in shown.words
    assert all(one.user for one in news.slack.shown)


async def test_zones_are_offered_as_they_are_typed(news: Workspace) -> None:
    payload = {"type": "block_suggestion", "action_id": "bb1:zone:0", "block_id": "zone", "value": "pari"}
    payload |= {"user": {"id": BOB, "team_id": TEAM}, "team": {"id": TEAM}, "view": {"id": "V", "type": "modal"}}  # type: ignore[dict-item]
    assert "Europe/Paris" in await offered(news, payload)


async def test_editors_answer_the_queue_by_a_fact_where_it_was_asked(news: Workspace) -> None:
    asked = await news.slash("who owns the lighthouse?")
    assert "can answer you privately" in asked.words
    home = await opened(news, ANN)
    assert "who owns the lighthouse?" in words(home)
    form = await press_home(news, home, "Répondre par un fait", ANN)
    payload = {"type": "block_suggestion", "action_id": "bb1:fact:0", "block_id": "fact", "value": "ferry"}
    payload |= {"user": {"id": ANN, "team_id": TEAM}, "team": {"id": TEAM}, "view": {"id": "V", "type": "modal"}}  # type: ignore[dict-item]
    assert "ferry-fare" in await offered(news, payload)
    chosen = {"fact": {"type": "external_select", "selected_option": {"value": "ferry-fare"}}}
    answer = await news.send_in(form, chosen, ANN)
    assert "1" in words(answer)
    # Bob asked privately, so that he alone is told, at his next contact.
    before = len(news.slack.shown)
    await news.slash("when did the strike begin?")
    await news.slack.until(lambda: len(news.slack.shown) == before + 2)
    assert "The ferry costs 4 crowns." in news.slack.shown[-1].words
    assert news.slack.shown[-1].user == BOB


async def test_the_queue_is_no_business_of_others(news: Workspace) -> None:
    await news.slash("who owns the lighthouse?")
    assert "lighthouse" not in words(await opened(news))
    assert "This is for the editors." in (await news.slash("queue")).words


async def test_the_queue_is_private_also_where_answers_are_for_all(news: Workspace) -> None:
    await news.slash("answers public")
    await news.slash("who owns the lighthouse?")
    queue = await news.slash("queue", ANN)
    assert (queue.user, "lighthouse" in queue.words) == (ANN, True)
    mentioned = await news.says("<@UBOT> queue", ANN)
    assert (mentioned.user, "lighthouse" in mentioned.words) == (ANN, True)


async def test_a_full_home_is_still_a_view(news: Workspace) -> None:
    for number in range(10):
        await news.slash(f"digest subscribe daily at {number}:00", ANN, f"D{ANN}")
    for number in range(12):
        await news.slash(f"who owns the lighthouse number {number} of zyx{number}?")
    await opened(news, ANN)
    for fact in news.world.seeds.facts[:12]:
        raise_revision(fact, statement=both(f"Now {fact['id']}. " + "Word " * 60, "Mot " * 80))
    news.world.now += timedelta(hours=2)
    await news.world.reload()
    view = await opened(news, ANN)
    assert len(view["blocks"]) <= 100
    assert "Page 1 sur" in words(view)
    window = await press_home(news, view, "Page suivante", ANN)
    assert "Page 2 sur" in words(window)


async def test_watching_is_told(news: Workspace) -> None:
    shown = await news.slash("what does the ferry cost?")
    assert "You will be told when this changes" in (await news.presses(shown, "Watch")).words


async def test_a_home_that_cannot_be_shown_again_costs_nothing(news: Workspace) -> None:
    await news.send_in(await press_home(news, await opened(news), "Subscribe to the digest"), DIGEST)
    home = await opened(news)
    news.slack.fail("views.publish", Fault(status=500))
    assert "Paused." in words(await press_home(news, home, "Pause"))


async def offered(news: Workspace, payload: dict[str, Any]) -> str:

    body = urlencode({"payload": json.dumps(payload)}).encode()
    async with news.session.post(news.door, data=body, headers=signed(body) | {"Content-Type": FORM}) as answer:
        assert answer.status == 200
        return await answer.text()
