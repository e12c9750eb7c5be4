"""Each way of asking, over signed HTTP: who sees the answer, and where."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.adapters.slack import create_app, create_slack, front
from bot.desk import Desk
from tests.adapters.slack.fakeslack import TOKEN, fake_slack
from tests.adapters.slack.newsdesk import ANN, BOB, FORM, GUEST, SECRET, Workspace, event_of, signed

QUESTION = "when did the strike begin?"


async def test_a_command_is_answered_to_the_asker_alone(news: Workspace) -> None:
    shown = await news.slash(QUESTION)
    assert shown.user == BOB
    assert "The dockers' strike began in the Old Port." in shown.words
    assert "The dockers' strike began in the Old Port." in shown.text
    assert f"You asked: {QUESTION}" in shown.words
    assert [one["text"]["text"] for one in shown.buttons][:3] == ["Share in channel", "Who says so", "Timeline"]


async def test_a_command_without_a_text_teaches(news: Workspace) -> None:
    shown = await news.slash("")
    assert "timeline" in shown.words
    assert "In a thread Slack takes no slash commands" in shown.words


async def test_the_word_payload_does_not_lose_a_command(news: Workspace) -> None:
    shown = await news.slash("what was the payload?")
    assert "The facts do not hold an answer" in shown.words


async def test_a_commands_grammar_is_the_desks(news: Workspace) -> None:
    assert "Mayor of the town." in (await news.slash("who Ada Marsh")).words
    assert "Counts of the strikers differ." in (await news.slash("how many dockers are on strike?")).words


async def test_language_comes_from_the_profile(news: Workspace) -> None:
    assert "Ce que vous pouvez demander" in (await news.slash("help", ANN)).words


async def test_an_answer_is_shared_under_the_askers_name_and_the_private_one_goes(news: Workspace) -> None:
    private = await news.slash(QUESTION)
    public = await news.presses(private, "Share in channel")
    assert public.user == ""
    assert public.words.startswith(f"Bob asked: {QUESTION}")
    assert public.text.startswith(f"Bob asked: {QUESTION}")
    await news.slack.until(lambda: news.slack.deleted == [private.ts])
    assert "Share in channel" not in [one["text"]["text"] for one in public.buttons]


async def test_somebody_else_cannot_share_it(news: Workspace) -> None:
    private = await news.slash(QUESTION)
    refused = await news.presses(private, "Share in channel", ANN)
    assert refused.user == ANN
    assert all(one.user for one in news.slack.shown)


async def test_where_the_bot_is_no_member_a_shared_answer_still_comes(news: Workspace) -> None:
    private = await news.slash(QUESTION, channel="C2")
    public = await news.presses(private, "Share in channel")
    assert (public.channel, public.user) == ("C2", "")
    assert news.slack.calls[-2][0] == "chat.postMessage" or news.slack.count("chat.postMessage") == 1


async def test_a_public_channel_setting_shows_answers_to_all(news: Workspace) -> None:
    await news.slash("answers public")
    shown = await news.slash(QUESTION)
    assert shown.user == ""
    assert shown.words.startswith(f"Bob asked: {QUESTION}")


async def test_while_the_setting_is_not_known_in_time_answers_are_private(
    news: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await news.slash("answers public")
    monkeypatch.setattr(front, "SETTINGS_PATIENCE", 0.0)
    news.world.now += timedelta(hours=1)  # it is looked up anew
    assert (await news.slash(QUESTION)).user == BOB


async def test_a_guest_may_not_change_a_channel(news: Workspace) -> None:
    assert "You may not change" in (await news.slash("answers public", GUEST)).words
    assert (await news.slash(QUESTION)).user == BOB


async def test_a_mention_is_answered_privately_in_its_place(news: Workspace) -> None:
    shown = await news.says(f"<@UBOT> {QUESTION}")
    assert (shown.user, shown.thread) == (BOB, "")
    assert "strike" in shown.words


async def test_an_ephemeral_answer_in_a_thread_carries_its_thread(news: Workspace) -> None:
    shown = await news.says(f"<@UBOT> {QUESTION}", thread_ts="1741600000.000100")
    assert (shown.user, shown.thread) == (BOB, "1741600000.000100")
    public = await news.presses(shown, "Share in channel")
    assert (public.user, public.thread) == ("", "1741600000.000100")


async def test_a_public_mention_opens_a_thread_and_keeps_its_subject(news: Workspace) -> None:
    await news.slash("answers public")
    event = news.message("<@UBOT> who is Ada Marsh?")
    await news.event(event)
    first = (await news.settled(1))[0]
    assert (first.user, first.thread) == ("", event["ts"])
    follow = await news.says("<@UBOT> when did she resign?", ANN, thread_ts=event["ts"])
    assert "resigned" in follow.words or "démissionné" in follow.words
    assert follow.thread == event["ts"]


async def test_by_setting_a_public_answer_stands_in_the_channel_itself(news: Workspace) -> None:
    assert "open a thread" in (await news.slash("answers public")).words
    assert "stand in the channel itself" in (await news.slash("answers channel")).words
    shown = await news.says(f"<@UBOT> {QUESTION}")
    assert (shown.user, shown.thread) == ("", "")
    in_thread = await news.says(f"<@UBOT> {QUESTION}", thread_ts="1.1")
    assert in_thread.thread == "1.1"
    await news.slash("answers thread")
    assert (await news.says(f"<@UBOT> {QUESTION}")).thread


async def test_ids_are_always_with_their_team(news: Workspace) -> None:
    for team, public in (("T1", True), ("T2", False)):
        body = news.command("answers public" if public else QUESTION) | {"team_id": team}
        before = len(news.slack.shown)
        await news.post(urlencode(body).encode(), FORM)
        shown = (await news.settled(before))[0]
    assert shown.user == BOB  # the same channel id in another team is another channel


async def test_a_person_of_another_organisation_may_ask_and_change_nothing(news: Workspace) -> None:
    assert "strike" in (await news.says(f"<@UBOT> {QUESTION}", "UFOREIGN", user_team="T9")).words
    news.slack.people["UFOREIGN"] = {"name": "x", "profile": {}}
    refused = await news.says("<@UBOT> answers public", "UFOREIGN", user_team="T9")
    assert "You may not change" in refused.words


async def test_a_direct_message_is_answered_openly(news: Workspace) -> None:
    shown = await news.says(QUESTION, channel=f"D{BOB}")
    assert (shown.user, shown.channel) == ("", f"D{BOB}")
    assert "Share in channel" not in [one["text"]["text"] for one in shown.buttons]


async def test_a_command_in_the_direct_conversation_is_answered_there(news: Workspace) -> None:
    assert (await news.slash(QUESTION, channel=f"D{BOB}")).user == ""


async def test_a_command_between_two_people_is_the_askers_alone(news: Workspace) -> None:
    shown = await news.slash(QUESTION, channel="DSOMEBODY")
    assert shown.user == BOB


async def test_a_message_shortcut_answers_privately_in_the_thread(news: Workspace) -> None:
    payload = {
        "type": "message_action",
        "callback_id": "brief_this",
        "user": {"id": BOB, "name": "bob", "team_id": "T1"},
        "team": {"id": "T1"},
        "channel": {"id": "C1", "name": "desk"},
        "message": {"ts": "1.5", "thread_ts": "1.2", "text": "Wonder when the strike began &amp; who called it"},
        "message_ts": "1.5",
        "trigger_id": "t-shortcut",
        "response_url": news.url("C1", BOB),
    }
    before = len(news.slack.shown)
    assert (await news.interact(payload)).status == 200
    shown = (await news.settled(before))[0]
    assert (shown.user, shown.thread) == (BOB, "1.2")


async def test_the_global_shortcut_asks_in_a_window(news: Workspace) -> None:
    payload = {
        "type": "shortcut",
        "callback_id": "brief_ask",
        "user": {"id": BOB, "username": "bob", "team_id": "T1"},
        "team": {"id": "T1"},
        "trigger_id": "t-global",
    }
    assert (await news.interact(payload)).status == 200
    form = await news.opened(0)
    answer = await news.send_in(form, {"question": {"type": "plain_text_input", "value": QUESTION}})
    assert "strike began" in str(answer["blocks"])
    assert "Share in channel" not in str(answer["blocks"])


async def test_a_suggestion_is_asked_by_its_button(news: Workspace) -> None:
    shown = await news.slash("who is Brook?")
    asked = [one for one in shown.buttons if one["action_id"].startswith("bb1:ask")]
    assert asked
    again = await news.presses(shown, asked[0]["text"]["text"])
    assert again.user == BOB


async def test_who_says_so_and_the_timeline_are_the_askers_alone(news: Workspace) -> None:
    await news.slash("answers public")
    shown = await news.slash(QUESTION)
    assert (await news.presses(shown, "Who says so", ANN)).user == ANN
    assert (await news.presses(shown, "Timeline", ANN)).user == ANN


async def test_a_flag_is_kept_with_its_facts(news: Workspace) -> None:
    shown = await news.slash(QUESTION)
    await news.press(shown, "Flag")
    form = await news.opened(0)
    reason = {"type": "radio_buttons", "selected_option": {"value": "wrong"}}
    answer = await news.send_in(form, {"reason": reason, "note": {"type": "plain_text_input", "value": "No."}})
    assert "The editors will see it." in str(answer["blocks"])


async def test_a_button_of_another_version_says_so(news: Workspace) -> None:
    shown = await news.slash(QUESTION)
    old = {"action_id": "bb0:share:0", "value": "x"}
    before = len(news.slack.shown)
    await news.interact(news.pressing(shown, old))
    assert "another version" in (await news.settled(before))[0].words


@pytest.mark.parametrize("text", ["<@UBOT>", "<@UBOT>   "])
async def test_a_bare_mention_teaches(news: Workspace, text: str) -> None:
    assert "timeline" in (await news.says(text)).words


async def test_own_messages_other_bots_and_edits_are_left_alone(news: Workspace) -> None:
    for more in ({"bot_id": "B2"}, {"subtype": "message_changed"}, {"user": "UBOT"}):
        await news.event(news.message(QUESTION, channel=f"D{BOB}") | more)
    await news.event({"type": "message", "channel_type": "channel", "channel": "C1", "user": BOB, "text": QUESTION})
    assert (await news.slash(QUESTION)).user == BOB
    assert len(news.slack.shown) == 1


async def test_what_is_typed_reaches_the_desk_as_it_was_meant(news: Workspace) -> None:
    body = news.command("what of R&amp;D in <#C1|desk> &lt;now&gt; <https://x.example|label>?")
    before = len(news.slack.shown)
    await news.post(urlencode(body).encode(), FORM)
    shown = (await news.settled(before))[0]
    assert "You asked: what of R&D in #desk <now> label?" in shown.words


async def test_without_a_state_questions_are_answered_all_the_same(small: Desk) -> None:
    """`create_app` over a desk alone: nothing is recorded, shared or subscribed."""
    async with fake_slack() as slack:
        made = create_slack(small, token=TOKEN, signing_secret=SECRET, api_url=slack.url)
        assert isinstance(create_app(small, token=TOKEN), AsyncApp)
        for event in (
            {"type": "app_mention", "channel": "C1", "user": BOB, "text": f"<@UBOT> {QUESTION}", "ts": "1.1"},
            {"type": "message", "channel_type": "im", "channel": f"D{BOB}", "user": BOB, "text": "help", "ts": "1.2"},
            {"type": "app_home_opened", "channel": f"D{BOB}", "user": BOB, "tab": "home"},
        ):
            body = json.dumps(event_of(event)).encode()
            request = AsyncBoltRequest(body=body.decode(), headers={**signed(body), "Content-Type": "application/json"})
            assert (await made.app.async_dispatch(request)).status == 200
        await slack.until(lambda: len(slack.shown) == 2)
        await made.finish(5)
        assert "strike" in slack.shown[0].words + slack.shown[1].words
        assert slack.wrong == []
