"""What people type comes out harmless everywhere: no mention, no link, no markup, nothing hidden, nothing doubled.

The fake Slack holds each message against what Slack would act on (limits.py); a test fails when it finds something.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.slack.layout import Frame, message_of
from bot.adapters.slack.text import typed, visible
from bot.briefing.card import Card, CardKind, Line
from tests.adapters.slack.fakeslack import user
from tests.adapters.slack.limits import refused
from tests.adapters.slack.newsdesk import ANN, BOB, Workspace
from tests.adapters.slack.test_home import opened, press_home, words
from tests.seedfolder import both, raise_revision

HOSTILE = [
    "<!channel> who is Ada Marsh?",
    "<!here|here> <!everyone> <!subteam^S123> strike?",
    "<@U1> <@UANN|ann> when did the strike begin?",
    "<#C1> <#C2|secret> strike?",
    "<https://evil.example|https://bank.example> click",
    "<mailto:a@b.example|mail> <javascript:alert(1)|x>",
    "@channel @here @everyone wake up",
    "*bold* _it_ ~no~ `code` ```block``` > quote",
    "&lt;!channel&gt; &amp;lt;!channel&amp;gt;",
    "a\u202egnorw\u202c b\u200bc \u2066d\u2069 \ufeff\u00ad e",
    "<!date^1^{date}|x> <",
    "[a](https://evil.example) ![x](y)",
    "https://evil.example/track?user=1",
    ":rotating_light: \U0001f6a8" + "!" * 500,
    "<" * 400,
    "&" * 400,
    "'; DROP TABLE inbox; --",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_as_a_question(news: Workspace, text: str) -> None:
    await news.slash("answers public")
    await news.slash(text)
    await news.says(f"<@UBOT> {text}", thread_ts="1.1")
    await news.says(text, channel=f"D{BOB}")
    private = await news.says(text, ANN, channel="C1")
    assert private.text
    await news.bot.finish(5)
    assert news.slack.wrong == []


@pytest.mark.parametrize("text", HOSTILE[:11])
async def test_as_a_flag_and_a_question_in_the_editors_queue(news: Workspace, text: str) -> None:
    shown = await news.slash("when did the strike begin?")
    await news.press(shown, "Flag")
    form = await news.opened(0)
    reason = {"type": "radio_buttons", "selected_option": {"value": "wrong"}}
    await news.send_in(form, {"reason": reason, "note": {"type": "plain_text_input", "value": text}})
    await news.slash(f"zyx {text}")
    home = await opened(news, ANN)
    assert "q1" in words(home) or "f1" in words(home)
    for label in ("Voir",):
        window = await press_home(news, home, label, ANN)
        assert "<!channel>" not in words(window)
    assert news.slack.wrong == []


@pytest.mark.parametrize("text", HOSTILE[:11])
async def test_as_a_name(news: Workspace, text: str) -> None:
    news.slack.people[BOB] = user("bob") | {"profile": {"display_name": text}}
    private = await news.slash("when did the strike begin?")
    public = await news.presses(private, "Share in channel")
    assert public.words.endswith("Flag") or public.words
    assert news.slack.wrong == []


async def test_as_the_text_of_a_fact(news: Workspace) -> None:
    statement = "R&D says 5 < 6 > 4: *not bold*, _nor_ `code`, @ noon &lt;ok&gt;"
    raise_revision(news.world.seeds.fact("strike-began"), "typo", statement=both(statement, statement))
    await news.world.reload()
    shown = await news.slash("when did the strike begin?")
    assert statement in shown.words
    escaped = "R&amp;D says 5 &lt; 6 &gt; 4: *not bold*, _nor_ `code`, @ noon &amp;lt;ok&amp;gt;"
    assert escaped in shown.text


@settings(max_examples=300)
@given(st.text(max_size=300), st.text(max_size=100))
def test_nothing_typed_gets_out_alive(question: str, name: str) -> None:
    card = Card(CardKind.ANSWER, "en", (Line("Fixed."),))
    assert refused(message_of(card, Frame(question, name)).payload()) == []
    assert refused(message_of(card, Frame(typed(question), "")).payload()) == []
    assert visible(visible(question)) == visible(question)
