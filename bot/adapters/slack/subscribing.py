"""A digest is tried out where it shall come, so that it does not fail one morning without anybody noticing."""

from __future__ import annotations

from dataclasses import replace

from bot.adapters.slack.layout import message_of, pages
from bot.adapters.slack.voice import ShutOutError, Voice
from bot.briefing.card import Line, Role
from bot.briefing.wording import wording
from bot.desk import Asking, Desk, Reply
from bot.digest.places import Place, Visibility
from bot.digest.subscriptions import Standing, Subscription


async def tested(desk: Desk, voice: Voice, line: str, asking: Asking) -> Reply:
    """Do what a line asks for; what newly comes here is announced to all, and paused if that fails."""
    if desk.digests is None or asking.place is None:
        return await desk.handle(line, asking)
    before = _active(await desk.digests.held(asking.place))
    reply = await desk.handle(line, replace(asking, visibility=Visibility.PRIVATE))
    started = _active(await desk.digests.held(asking.place)) - before
    if not started:
        return reply
    announced = await _announce(voice, asking.place, reply)
    if announced:
        return reply
    for number in sorted(started):
        await desk.handle(f"digest pause #{number}", replace(asking, visibility=Visibility.PRIVATE))
    say = wording(asking.reply_language)
    advice = (
        Line(say("I cannot post in this channel yet, so the digest is paused."), Role.HEADLINE),
        Line(say("Invite me with /invite @briefbot, then type: digest resume #{number}", number=max(started))),
    )
    return replace(reply, card=replace(reply.card, blocks=(*advice, *reply.card.blocks[1:2])))


async def _announce(voice: Voice, place: Place, reply: Reply) -> bool:
    """Post the confirmation for all to see, as a delivery would be posted: as a message of our own."""
    scene = replace(voice.scene, channel=place.channel, thread=place.thread, response_url="", view="", at_home=False)
    try:
        await Voice(scene, voice.client).show(message_of(pages(reply.card)[0]), private=False)
    except ShutOutError:
        return False
    return True


def _active(held: list[Subscription]) -> set[int]:
    return {one.id for one in held if one.standing is Standing.ACTIVE}
