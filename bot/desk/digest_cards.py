"""Cards about subscriptions: fixed wording only, local times with their zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.briefing.card import Block, Card, CardKind, Line, Role
from bot.briefing.compose import Composer
from bot.briefing.text import harmless
from bot.digest.ledger import DeliveryState
from bot.digest.reports import CorrectionReport, Pulse, Turn
from bot.digest.schedule import Cadence, zone
from bot.digest.subscriptions import Outcome, Standing, Subscription, Wish

USAGE = (
    "digest subscribe [STORY … | all] [daily | weekdays | weekly DAY] [at 08:00] [ZONE] "
    "[en | fr] [full | short] [quiet | silent]"
)


def moment(at: datetime, zone_name: str, composer: Composer) -> str:
    """A moment as the clocks of a zone show it."""
    local = at.astimezone(zone(zone_name))
    return composer.say("{day} at {time}", day=composer.say.day(local.date()), time=local.strftime("%H:%M"))


def described(wish: Wish, composer: Composer) -> str:
    """A wish in one line: what, when, how."""
    say, schedule = composer.say, wish.schedule
    at = schedule.at.strftime("%H:%M")
    when = {
        Cadence.DAILY: say("daily at {time}", time=at),
        Cadence.WEEKDAYS: say("weekdays at {time}", time=at),
        Cadence.WEEKLY: say("weekly, {day} at {time}", day=say.weekday(schedule.weekday), time=at),
    }[schedule.cadence]
    known = [composer.store.stories[story] for story in wish.stories if story in composer.store.stories]
    stories = say.series(composer.local(story.title) for story in known) if wish.stories else say("all stories")
    form = say("full") if wish.full else say("short")
    quiet = say("a line on quiet days") if wish.quiet_line else say("nothing on quiet days")
    language = say("in French") if wish.language == "fr" else say("in English")
    return f"{stories}, {when}, {schedule.zone}, {language}, {form}, {quiet}"


def subscribed(subscription: Subscription, composer: Composer, headline: str) -> Card:
    """One subscription after a change: what it is now and when it comes next."""
    blocks: list[Block] = [Line(headline, Role.HEADLINE), *_lines(subscription, composer)]
    return composer.card(CardKind.NOTICE, blocks, composer.say("Digest"))


def listing(subscriptions: Sequence[Subscription], composer: Composer) -> Card:
    """The subscriptions of a place, each with its next run in local time."""
    say = composer.say
    if not subscriptions:
        return notice(
            composer,
            say("Nothing is subscribed here."),
            say("Subscribe with: {usage}", usage=USAGE),
            say("Everything may be left out: all stories, daily at 08:00, short."),
        )
    blocks: list[Block] = []
    for subscription in subscriptions:
        blocks += _lines(subscription, composer)
    return composer.card(CardKind.NOTICE, blocks, say("Subscriptions"))


def _lines(subscription: Subscription, composer: Composer) -> list[Block]:
    say, schedule = composer.say, subscription.wish.schedule
    name = say(
        "Number {number}: {description}", number=subscription.id, description=described(subscription.wish, composer)
    )
    coming = say("Next: {moment}.", moment=moment(subscription.next.due, schedule.zone, composer))
    state = {
        Standing.ACTIVE: coming,
        Standing.PAUSED: say("Paused. Go on with: digest resume"),
        Standing.SUSPENDED: say(
            "Stopped, since it could not be delivered: {reason}. Go on with: digest resume",
            reason=harmless(subscription.reason) or "?",
        ),
        Standing.ENDED: say("Ended. Take it back with: digest undo"),
    }[subscription.standing]
    at = subscription.next.due if subscription.standing is Standing.ACTIVE else None
    return [Line(name), Line(state, Role.NOTE, at)]


def why(turns: Sequence[Turn], subscriptions: Sequence[Subscription], composer: Composer) -> Card:
    """What became of each edition, from the ledger; and when the next is due."""
    say = composer.say
    blocks: list[Block] = []
    zones = {subscription.id: subscription.wish.schedule.zone for subscription in subscriptions}
    for turn in turns:
        text = say(
            "{day}: {outcome}", day=say.day(turn.day), outcome=_outcome(turn, zones[turn.subscription], composer)
        )
        blocks.append(Line(text))
    if not turns:
        blocks.append(Line(say("No edition was due here yet."), Role.HEADLINE))
    for subscription in subscriptions:
        blocks += _lines(subscription, composer)
    return composer.card(CardKind.NOTICE, blocks, say("Why you did, or did not, get a digest"))


def _outcome(turn: Turn, zone_name: str, composer: Composer) -> str:
    say = composer.say
    due = moment(turn.due, zone_name, composer)
    if turn.outcome is Outcome.SENT and turn.sent_at is not None:
        sent = moment(turn.sent_at, zone_name, composer)
        if turn.late:
            return say("sent late, on {sent}; it was due on {due}.", sent=sent, due=due)
        return say("sent on {sent}; it was due on {due}.", sent=sent, due=due)
    if turn.outcome is Outcome.QUIET:
        return say("due on {due}; nothing had changed, so nothing was sent.", due=due)
    if turn.outcome is Outcome.SKIPPED:
        return say("due on {due}; briefbot came back too late to send it. The next one covers it.", due=due)
    if turn.outcome is Outcome.FAILED:
        reason = harmless(turn.reason) or say("no reason is recorded")
        return say("due on {due}; not delivered: {reason}. The next one covers it.", due=due, reason=reason)
    if turn.state is DeliveryState.UNKNOWN:
        return say("due on {due}; it was sent, but the answer got lost; this is being settled.", due=due)
    if turn.attempts:
        return say(
            "due on {due}; tried {number} times, last obstacle: {reason}.",
            due=due,
            number=turn.attempts,
            reason=harmless(turn.reason) or "?",
        )
    return say("due on {due}; it is about to be sent.", due=due)


def corrections(reports: Sequence[CorrectionReport], composer: Composer) -> Card:
    """How far each correction has come."""
    say = composer.say
    blocks: list[Block] = []
    for report in reports:
        heading = say("{day}: {facts}", day=say.day(report.at.date()), facts=", ".join(report.facts))
        places = report.reached + report.open + report.waiting + report.out + report.failed
        counts = [
            say.plural("{number} place to reach", "{number} places to reach", places),
            say("{number} reached", number=report.reached),
            say("{number} on their way", number=report.open),
            say("{number} waiting for the person's next contact", number=report.waiting),
            say("{number} out of reach", number=report.out),
            say("{number} failed", number=report.failed),
            say("{number} marked as seen", number=report.seen),
        ]
        blocks += [Line(heading, Role.HEADING), Line("; ".join(counts) + ".")]
    if not blocks:
        blocks.append(Line(say("No correction has had to reach anybody yet."), Role.HEADLINE))
    return composer.card(CardKind.NOTICE, blocks, say("Corrections"))


def status(pulse: Pulse, composer: Composer) -> Card:
    """How delivery is doing, for whoever runs it."""
    say = composer.say
    active = say(
        "Subscriptions: {active} active, {paused} paused, {suspended} stopped since they cannot be delivered.",
        active=pulse.active,
        paused=pulse.paused,
        suspended=pulse.suspended,
    )
    states = ", ".join(f"{state.value} {number}" for state, number in pulse.by_state) or "0"
    blocks: list[Block] = [Line(active), Line(say("Deliveries: {states}.", states=states))]
    if pulse.overdue:
        blocks.insert(
            0, Line(say("Late: {number} subscriptions are past their time.", number=pulse.overdue), Role.HEADLINE)
        )
    if pulse.oldest_open:
        blocks.append(
            Line(
                say(
                    "The oldest one not sent was due on {moment} UTC.",
                    moment=moment(pulse.oldest_open, "UTC", composer),
                )
            )
        )
    if pulse.last_sent:
        blocks.append(
            Line(say("The last one was sent on {moment} UTC.", moment=moment(pulse.last_sent, "UTC", composer)))
        )
    blocks += [Line(say("Closed to us: {scope}.", scope=scope)) for scope in pulse.closed_scopes]
    return composer.card(CardKind.NOTICE, blocks, say("Delivery"))


def notice(composer: Composer, headline: str, *lines: str) -> Card:
    """A headline of fixed wording and what to do about it."""
    blocks = [Line(headline, Role.HEADLINE), *(Line(line) for line in lines)]
    return composer.card(CardKind.NOTICE, blocks, composer.say("Digest"))
