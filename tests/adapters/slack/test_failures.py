"""When something fails: one kind line with an id that the log has too, and nothing else of the error."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.adapters.slack.fakeslack import Fault
from tests.adapters.slack.newsdesk import ANN, BOB, FORM, Workspace

QUESTION = "when did the strike begin?"


async def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("canary <!channel> detail")


async def test_the_person_reads_one_line_whose_id_is_in_the_log(
    news: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(news.world.desk, "handle", broken)
    shown = await news.slash(QUESTION)
    assert shown.user == BOB
    assert "Something went wrong on our side" in shown.words
    assert "canary" not in shown.text + shown.words
    [ref] = re.findall(r"runs this bot: ([0-9a-f]{6})", shown.words)
    assert f"failure {ref}" in caplog.text
    assert news.answers == [200]  # an exception right after the acknowledgement does not cost it


async def test_a_form_that_fails_says_so_in_its_place(news: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = await news.slash(QUESTION)
    await news.press(shown, "Flag")
    form = await news.opened(0)
    monkeypatch.setattr(news.world.desk.messages, "flag", broken)
    reason = {"type": "radio_buttons", "selected_option": {"value": "wrong"}}
    answer = await news.send_in(form, {"reason": reason, "note": {"type": "plain_text_input", "value": ""}})
    assert "Something went wrong" in str(answer)


async def test_a_slow_form_is_acknowledged_in_time_and_shown_when_it_is_there(
    news: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await news.slash(QUESTION)
    await news.press(shown, "Flag")
    form = await news.opened(0)
    flag = news.world.desk.messages.flag  # type: ignore[union-attr]

    async def slow(*given: Any) -> Any:
        await asyncio.sleep(2)
        return await flag(*given)

    monkeypatch.setattr(news.world.desk.messages, "flag", slow)
    reason = {"type": "radio_buttons", "selected_option": {"value": "wrong"}}
    first = await news.send_in(form, {"reason": reason, "note": {"type": "plain_text_input", "value": ""}})
    assert "One moment, please." in str(first)
    await news.slack.until(lambda: "The editors will see it." in str(news.slack.views[form["id"]]))


@pytest.mark.parametrize(
    "fault", [Fault(status=500), Fault(drop=True), Fault(status=429), Fault(error="user_not_found")]
)
async def test_without_a_profile_there_is_still_an_answer(news: Workspace, fault: Fault) -> None:
    news.slack.fail("users.info", *[fault] * 3)
    assert "strike" in (await news.slash(QUESTION)).words


async def test_a_slow_slack_does_not_cost_the_acknowledgement(news: Workspace) -> None:
    for method in ("auth.test", "users.info"):
        news.slack.fail(method, Fault(delay=4))
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await news.post(urlencode(news.command(QUESTION)).encode(), FORM)).status == 200
    assert loop.time() - began < 2
    assert "strike" in (await news.settled(0))[0].words


async def test_an_answer_that_came_too_early_is_sent_again_once_it_may_be(news: Workspace) -> None:
    news.slack.fail("chat.postMessage", Fault(status=429, retry_after=1))
    assert "strike" in (await news.says(QUESTION, channel=f"D{BOB}")).words
    assert news.slack.count("chat.postMessage") == 2


@pytest.mark.parametrize("fault", [Fault(drop=True, after=True), Fault(status=500, after=True)])
async def test_a_lost_answer_is_not_posted_twice(news: Workspace, fault: Fault) -> None:
    news.slack.fail("chat.postMessage", fault)
    await news.says(QUESTION, channel=f"D{BOB}")
    await news.bot.finish(5)
    answers = [one for one in news.slack.shown if "strike began" in one.words]
    assert len(answers) == 1


async def test_where_a_response_url_is_used_up_the_asker_is_told_by_another_way(news: Workspace) -> None:
    news.slack.fail("response_url", Fault(status=404))
    shown = await news.slash(QUESTION)
    assert (shown.user, "strike" in shown.words) == (BOB, True)
    assert news.slack.count("chat.postEphemeral") == 1


async def test_where_no_way_is_left_the_log_says_so(news: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    news.slack.fail("response_url", Fault(status=500), Fault(status=500))
    await news.post(urlencode(news.command(QUESTION)).encode(), FORM)
    await news.bot.finish(5)
    assert news.slack.shown == []
    assert "could not be told" in caplog.text


async def test_fifty_commands_at_once_are_acknowledged_before_any_of_them_is_answered(news: Workspace) -> None:
    answers = asyncio.Event()
    news.slack.fail("response_url", *[Fault(held=answers)] * 50)

    async def acknowledged(number: int) -> None:
        body = urlencode(news.command(f"{QUESTION} {number}", ANN if number % 2 else BOB)).encode()
        assert (await news.post(body, FORM)).status == 200

    await asyncio.gather(*(acknowledged(number) for number in range(50)))
    assert news.slack.shown == []
    answers.set()
    await news.slack.until(lambda: len(news.slack.shown) == 50)


async def test_debug_off_no_text_of_people_is_in_the_log(news: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await news.slash("who stole the canary-question?")
        await news.says("<@UBOT> canary-question")
        await news.bot.finish(5)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("bot.", "slack_"))]
    assert not any("canary-question" in line for line in ours)
