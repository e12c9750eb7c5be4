from __future__ import annotations

from tests.adapters.discord.newsdesk import Newsdesk, labels, words

QUESTION = "when did the strike begin?"


async def test_an_answer_is_private_and_can_be_shared_under_the_askers_name(news: Newsdesk) -> None:
    asked = await news.bob.slash(news.channel, "brief ask", question=QUESTION)
    assert asked.response is not None
    assert asked.ephemeral
    assert not asked.deferred
    assert "strike" in words(asked.response)
    assert labels(asked.response)[0] == "Share in channel"
    assert news.channel.last_message is None

    shared = await news.bob.click(asked.response, label="Share in channel")
    assert not shared.ephemeral
    message = news.channel.last_message
    assert message is not None
    assert words(message).startswith(f"-# **Bob** asked:\n{QUESTION}")
    assert "Share in channel" not in labels(message)
