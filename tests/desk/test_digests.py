from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.briefing.card import CardKind, plain
from bot.desk.digests import MOST_SUBSCRIPTIONS
from bot.digest.ledger import DeliveryKind, PassingError, PermanentError
from bot.digest.places import Visibility
from bot.digest.schedule import Cadence, Schedule
from bot.digest.subscriptions import Standing, Subscription, Wish
from tests.databases import mislaid
from tests.newsroom import STORY
from tests.seedfolder import both, fact, raise_revision
from tests.world import CHANNEL, EDITOR, OTHER_CHANNEL, READER, World, world

DIRECT = READER.own_place
QUESTION = "when did the strike begin?"
FAILING = "The database cannot be used just now; nothing was changed. Try again in a minute."
DENIED = "You may not change what this channel subscribes to."


@pytest.fixture(name="made")
async def _made(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def say(made: World, line: str, **more: object) -> str:
    """What a manager of the channel is told."""
    return plain((await made.ask(line, **{"person": EDITOR, "may_manage": True, **more})).card)  # type: ignore[arg-type]


async def held(made: World) -> list[Subscription]:
    return await made.state.subscriptions.of_place(CHANNEL)


async def the_one(made: World) -> Subscription:
    (found,) = await held(made)
    return found


def add_news(made: World, name: str = "bridge-closed") -> None:
    made.seeds.facts.append(fact(name, statement=both(f"News of {name}.", f"Nouvelle {name}.")))


# Subscribing.


async def test_everything_may_be_left_out(made: World) -> None:
    text = await say(made, "digest subscribe", place_label="#desk")
    found = await the_one(made)
    assert found.wish == Wish(Schedule(Cadence.DAILY, time(8), "UTC"))
    assert (found.owner, found.standing) == (EDITOR, Standing.ACTIVE)
    assert text.splitlines() == [
        "Digest",
        "Subscribed.",
        f"Number {found.id}: all stories, daily at 08:00, UTC, in English, short, nothing on quiet days",
        "Next: 12 March 2025 at 08:00.",
    ]


async def test_the_persons_own_zone_and_language_are_the_default(made: World) -> None:
    text = await say(made, "digest subscribe", zone="Asia/Tokyo", language="fr")
    found = await the_one(made)
    assert (found.wish.schedule.zone, found.wish.language) == ("Asia/Tokyo", "fr")
    assert found.next.due == datetime(2025, 3, 12, 23, tzinfo=UTC)
    assert "Prochain envoi : 13 mars 2025 à 08:00." in text


async def test_a_subscription_with_everything_said(made: World) -> None:
    line = f"Digest subscribe {STORY} weekly on Friday at 17:30 America/New_York in French, full, quiet"
    text = await say(made, line)
    found = await the_one(made)
    schedule = Schedule(Cadence.WEEKLY, time(17, 30), "America/New_York", 4)
    assert found.wish == Wish(schedule, "fr", (STORY,), full=True, quiet_line=True)
    assert found.next.due == datetime(2025, 3, 14, 21, 30, tzinfo=UTC)
    assert "Strike in the harbour, weekly, Friday at 17:30, America/New_York, in French, full" in text
    assert "Next: 14 March 2025 at 17:30." in text


async def test_a_subscription_is_delivered_as_it_was_asked_for(made: World) -> None:
    await say(made, "bulletin abonner en semaine à 9h00 Europe/Paris français")
    add_news(made)
    await made.reload()
    await made.tick(hours=1, minutes=59)
    assert made.platform.texts(CHANNEL) == []
    await made.tick(minutes=1)
    (text,) = made.platform.texts(CHANNEL)
    assert text.startswith("Bulletin du 12 mars 2025\n1 nouveau fait.")


async def test_a_place_has_a_most_of_subscriptions(made: World) -> None:
    for hour in range(MOST_SUBSCRIPTIONS):
        await say(made, f"digest subscribe at {hour}:00")
    assert "There are 10 subscriptions here already; change one of them." in await say(
        made, "digest subscribe at 23:00"
    )
    assert len(await held(made)) == MOST_SUBSCRIPTIONS


# Who may.

CHANGING = ("subscribe", "change full", "pause", "resume", "unsubscribe", "undo")


@pytest.mark.parametrize("verb", CHANGING)
async def test_in_a_channel_nobody_may_change_anything_unless_the_adapter_says_so(made: World, verb: str) -> None:
    kept = await made.subscribe()
    for ended in (False, True):
        if ended:
            await say(made, "digest unsubscribe")
        before = await made.state.subscriptions.get(kept.id)
        assert DENIED in await say(made, f"digest {verb}", may_manage=False)
        assert await made.state.subscriptions.get(kept.id) == before
        assert len(await held(made)) == (0 if ended else 1)


async def test_in_a_direct_conversation_everybody_may(made: World) -> None:
    said = [
        await say(made, f"digest {verb}", place=DIRECT, person=READER, may_manage=False)
        for verb in ("subscribe", "change full", "pause", "resume", "unsubscribe", "undo")
    ]
    assert [text.splitlines()[1] for text in said] == [
        "Subscribed.", "Changed.", "Paused.", "It goes on.", "Unsubscribed.", "Taken back; it goes on.",
    ]  # fmt: skip
    (found,) = await made.state.subscriptions.of_place(DIRECT)
    assert found.wish.full
    await made.tick(days=1)
    assert len(made.platform.texts(DIRECT)) == 0  # a quiet day


async def test_looking_is_free_to_all(made: World) -> None:
    await made.subscribe()
    for verb in ("list", "", "preview", "why"):
        assert DENIED not in await say(made, f"digest {verb}", person=READER, may_manage=False)


# Changing.


async def test_a_new_time_takes_effect_without_a_double(made: World) -> None:
    await made.subscribe(quiet_line=True)  # at nine in Paris
    await made.tick(hours=2)
    assert "Next: 13 March 2025 at 18:00." in await say(made, "digest change 18:00")
    await made.tick(hours=12)
    assert len(made.platform.messages) == 1
    await made.tick(hours=21)
    assert [parcel.delivery.day for parcel in made.platform.messages] == [date(2025, 3, 12), date(2025, 3, 13)]


async def test_a_new_time_that_is_still_to_come_today_counts_today(made: World) -> None:
    await made.subscribe()
    assert "Next: 12 March 2025 at 18:00." in await say(made, "digest change at 18:00")


async def test_a_new_zone_takes_effect_without_a_double(made: World) -> None:
    await made.subscribe(quiet_line=True)
    await made.tick(hours=2)
    # In Auckland it is 21:00 of the same day now, and its next nine o'clock is twelve hours away.
    assert "Next: 13 March 2025 at 09:00." in await say(made, "digest change Pacific/Auckland")
    found = await the_one(made)
    assert found.next.due == datetime(2025, 3, 12, 20, tzinfo=UTC)
    assert "Next: 13 March 2025 at 09:00." in await say(made, "digest change America/Los_Angeles")
    for _ in range(72):
        await made.tick(hours=1)
    days = [parcel.delivery.day for parcel in made.platform.messages]
    assert days == [date(2025, 3, 12), date(2025, 3, 13), date(2025, 3, 14)]


async def test_what_is_not_said_stays_as_it_was(made: World) -> None:
    before = await made.subscribe(language="fr", quiet_line=True)
    await say(made, "digest change full")
    after = await the_one(made)
    assert after.wish == Wish(before.wish.schedule, "fr", (), full=True, quiet_line=True)
    assert after.next == before.next


async def test_several_subscriptions_need_a_number(made: World) -> None:
    first, second = await made.subscribe(), await made.subscribe()
    for verb in ("change full", "pause", "resume", "unsubscribe"):
        text = await say(made, f"digest {verb}")
        word = verb.split()[0]
        assert f"There are several here. Add the number, as in: digest {word} #{first.id}" in text
        assert all(f"Number {one.id}: " in text for one in (first, second))
    assert await held(made) == [first, second]
    await say(made, f"digest change #{second.id} full")
    await say(made, f"digest pause {first.id}")
    assert [(one.standing, one.wish.full) for one in await held(made)] == [
        (Standing.PAUSED, False),
        (Standing.ACTIVE, True),
    ]


async def test_a_number_from_elsewhere_changes_nothing_here_or_there(made: World) -> None:
    elsewhere = await made.subscribe(OTHER_CHANNEL)
    for verb in ("pause", "unsubscribe", "change full", "undo"):
        line = f"digest {verb} #{elsewhere.id}"
        assert f"Number {elsewhere.id}" not in await say(made, line)
    assert await made.state.subscriptions.get(elsewhere.id) == elsewhere
    await say(made, "digest unsubscribe", place=OTHER_CHANNEL)
    assert "There is nothing to take back here." in await say(made, f"digest undo #{elsewhere.id}")


# Pausing, ending, taking back.


async def test_a_paused_subscription_gets_nothing_and_then_all_that_it_missed(made: World) -> None:
    await made.subscribe()
    text = await say(made, "digest pause")
    assert "Paused. Go on with: digest resume" in text
    add_news(made)
    await made.reload()
    await made.tick(days=3)
    assert made.platform.messages == []
    assert "It goes on." in await say(made, "digest resume")
    await made.tick(hours=2)
    (text,) = made.platform.texts(CHANNEL)
    assert "News of bridge-closed." in text


async def test_unsubscribing_can_be_taken_back_and_loses_nothing(made: World) -> None:
    await made.subscribe()
    text = await say(made, "digest unsubscribe")
    assert "Ended. Take it back with: digest undo" in text
    assert "Nothing is subscribed here." in await say(made, "digest list")
    add_news(made)
    await made.reload()
    await made.tick(days=2)
    assert made.platform.messages == []
    assert "Taken back; it goes on." in await say(made, "digest undo")
    await made.tick(hours=2)
    (text,) = made.platform.texts(CHANNEL)
    assert "News of bridge-closed." in text
    assert "There is nothing to take back here." in await say(made, "digest undo")


async def test_undo_takes_back_the_last_one_that_ended_or_the_one_named(made: World) -> None:
    first, second = await made.subscribe(), await made.subscribe()
    for one in (first, second):
        made.now += timedelta(minutes=1)
        await say(made, f"digest unsubscribe #{one.id}")
    await say(made, "digest undo")
    assert [one.id for one in await held(made)] == [second.id]
    await say(made, f"digest undo #{first.id}")
    assert [one.id for one in await held(made)] == [first.id, second.id]


async def test_what_was_on_its_way_is_stopped_when_its_subscription_ends(made: World) -> None:
    await made.subscribe(quiet_line=True)
    made.now += timedelta(hours=2)
    await made.state.ledger.plan(made.now, timedelta(hours=6), 10)
    await say(made, "digest unsubscribe")
    await made.tick()
    assert made.platform.messages == []


# Looking.


async def test_the_list_shows_each_with_its_next_run_in_its_own_local_time(made: World) -> None:
    assert "digest subscribe [STORY" in await say(made, "digest")
    await say(made, "digest subscribe weekdays at 9:00 Asia/Kathmandu")
    await say(made, "digest subscribe weekly Monday at 00:30 America/New_York")
    await say(made, "digest pause #1")
    for line in ("digest", "digest list", "DIGEST LIST", "bulletin liste"):
        text = await say(made, line)
        assert "weekdays at 09:00, Asia/Kathmandu" in text
        assert "Paused. Go on with: digest resume" in text
        assert "weekly, Monday at 00:30, America/New_York" in text
        assert "Next: 17 March 2025 at 00:30." in text


async def test_a_preview_shows_what_would_go_out_now_and_changes_nothing(made: World) -> None:
    await made.subscribe(language="fr")
    quiet = await made.ask("digest preview")
    assert quiet.card.kind is CardKind.DIGEST
    assert "Jour calme" in plain(quiet.card)
    add_news(made)
    await made.reload()
    for _ in range(2):
        assert "1 nouveau fait." in await say(made, "digest preview")
    await made.tick(hours=2)
    (text,) = made.platform.texts(CHANNEL)
    assert "1 nouveau fait." in text
    assert "Jour calme" in await say(made, "digest preview")


async def test_without_a_subscription_a_preview_shows_where_matters_stand(made: World) -> None:
    text = await say(made, "digest preview")
    assert "A quiet day" in text
    assert "Counts of the strikers differ." in text


# Why.


async def why(made: World, line: str = "digest why") -> str:
    """The first outcome told."""
    card = (await made.ask(line)).card
    assert card.title == "Why you did, or did not, get a digest"
    return card.blocks[0].text


DUE = "due on 12 March 2025 at 09:00"


async def test_why_nothing_came_yet(made: World) -> None:
    assert "Nothing is subscribed here." in await say(made, "digest why")
    await made.subscribe()
    card = (await made.ask("digest why")).card
    assert [block.text for block in card.blocks][0::2] == [
        "No edition was due here yet.",
        "Next: 12 March 2025 at 09:00.",
    ]


async def test_why_when_it_was_sent_in_time_or_late(made: World) -> None:
    await made.subscribe(quiet_line=True)
    await made.tick(hours=2, minutes=1)
    assert await why(made) == f"12 March 2025: sent on 12 March 2025 at 09:01; it was {DUE}."
    await made.tick(days=1, hours=1)
    sent = "sent late, on 13 March 2025 at 10:01; it was due on 13 March 2025 at 09:00."
    assert await why(made) == f"13 March 2025: {sent}"
    assert "sent on 12 March" in await why(made, "digest why 2025-03-12")
    assert "sent on 12 March" in await why(made, "bulletin pourquoi 2025-03-12")
    assert await why(made, "digest why 2025-03-01") == "No edition was due here yet."


async def test_why_on_a_quiet_day(made: World) -> None:
    await made.subscribe()
    await made.tick(hours=2)
    assert await why(made) == f"12 March 2025: {DUE}; nothing had changed, so nothing was sent."


async def test_why_after_an_outage(made: World) -> None:
    await made.subscribe()
    await made.tick(hours=9)
    text = "briefbot came back too late to send it. The next one covers it."
    assert await why(made) == f"12 March 2025: {DUE}; {text}"


async def test_why_when_the_place_cannot_be_reached(made: World) -> None:
    made.platform.before = lambda _: PermanentError("channel_not_found")
    await made.subscribe(quiet_line=True)
    await made.tick(hours=2)
    assert await why(made) == f"12 March 2025: {DUE}; not delivered: channel_not_found. The next one covers it."
    assert "Stopped, since it could not be delivered: channel_not_found." in await say(made, "digest list")


async def test_why_while_it_is_tried_again(made: World) -> None:
    made.platform.before = lambda _: PassingError("ratelimited", timedelta(minutes=1))
    await made.subscribe(quiet_line=True)
    await made.tick(hours=2)
    await made.tick(minutes=2)
    assert await why(made) == f"12 March 2025: {DUE}; tried 2 times, last obstacle: ratelimited."


async def test_why_while_nobody_knows_whether_it_arrived(made: World) -> None:
    made.platform.after = lambda _: ConnectionResetError()
    await made.subscribe(quiet_line=True)
    await made.tick(hours=2)
    text = "it was sent, but the answer got lost; this is being settled."
    assert await why(made) == f"12 March 2025: {DUE}; {text}"


async def test_why_just_before_it_goes_out(made: World) -> None:
    await made.subscribe(quiet_line=True)
    made.now += timedelta(hours=2)
    await made.state.ledger.plan(made.now, timedelta(hours=6), 10)
    assert await why(made) == f"12 March 2025: {DUE}; it is about to be sent."


async def test_a_platforms_own_words_cannot_break_the_card(made: World) -> None:
    made.platform.before = lambda _: PermanentError("<!channel> gone\N{ZERO WIDTH JOINER}")
    await made.subscribe(quiet_line=True)
    await made.tick(hours=2)
    assert await why(made) == f"12 March 2025: {DUE}; not delivered: gone. The next one covers it."
    assert "delivered: gone." in await say(made, "digest list")


# Private corrections, and marks that they were seen.


async def corrected(made: World) -> None:
    """The fare was shown to the reader in private, and is corrected."""
    await made.ask("what does the ferry cost?")
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    await made.reload()
    await made.tick(minutes=1)


async def test_private_corrections_may_come_directly(made: World) -> None:
    text = await say(made, "digest direct on", person=READER, may_manage=False)
    assert "will come as direct messages." in text
    await corrected(made)
    (notice,) = made.platform.texts(DIRECT)
    assert "The ferry costs 5 crowns." in notice
    assert made.platform.texts(CHANNEL) == []


async def test_otherwise_they_wait_for_the_next_contact(made: World) -> None:
    await say(made, "digest direct oui", person=READER, may_manage=False)
    text = await say(made, "bulletin direct non", person=READER, may_manage=False)
    assert "will wait until you ask something again." in text
    await corrected(made)
    assert made.platform.messages == []
    reply = await made.ask("help")
    assert ["The ferry costs 5 crowns." in plain(contact.card) for contact in reply.notices] == [True]
    assert (await made.ask("help")).notices == ()
    for line in ("digest direct maybe", "digest direct"):
        assert "digest direct on, or: digest direct off." in await say(made, line, person=READER)


async def test_seen_is_counted_once_for_each_person(made: World) -> None:
    await made.ask("what does the ferry cost?", visibility=Visibility.ALL)
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    await made.reload()
    await made.tick(minutes=1)
    (number,) = {p.delivery.id for p in made.platform.messages if p.delivery.kind is DeliveryKind.CORRECTION}
    for line, person in (("seen", READER), ("Seen", READER), ("vu", EDITOR)):
        assert "you have seen it" in plain((await made.ask(f"{line} {number}", person=person)).card)
    (report,) = await made.state.reports.corrections()
    assert report.seen == 2
    for line in ("seen 999999999", "seen 123456789012345678901234567890"):
        assert "There is no notice of that number." in plain((await made.ask(line)).card)


# French, wrong words, questions.


async def test_every_verb_has_a_french_name_and_answer(made: World) -> None:
    said = {
        "bulletin abonner": "Abonnement enregistré.",
        "bulletin modifier complet": "Modifié.",
        "bulletin pause": "Mis en pause.",
        "bulletin reprendre": "Numéro 1",
        "bulletin aperçu": "Jour calme",
        "bulletin pourquoi": "Aucun bulletin n'était encore prévu ici.",
        "bulletin liste": "Prochain envoi : 12 mars 2025 à 08:00.",
        "bulletin désabonner": "Abonnement terminé.",
        "bulletin annuler": "Numéro 1",
        "bulletin direct oui": "message direct",
    }
    for line, text in said.items():
        assert text in await say(made, line, language="fr"), line


WRONG = (
    ("digest subscribe at 8 xyzzyplugh", "Word 3 after the command is not understood."),
    ("digest change 25:61", "Word 1 after the command is not understood."),
    ("digest subscribe Europe/Xyzzyplugh", "There is no such time zone."),
    ("digest subscribe ../../xyzzyplugh", "There is no such time zone."),
    ("digest change full <!channel> XYZZYPLUGH", "Word 2 after the command is not understood."),
    ("digest subscribe @everyone \x00xyzzy\u202eplugh\ud800", "Word 1 after the command is not understood."),
    ("digest subscribe " + "xyzzyplugh " * 300, "Word 1 after the command is not understood."),
)


@pytest.mark.parametrize(("line", "explained"), WRONG)
async def test_what_is_not_understood_is_explained_and_never_echoed(made: World, line: str, explained: str) -> None:
    text = await say(made, line)
    assert explained in text
    assert "xyzzyplugh" not in text.lower()
    assert "25:61" not in text
    assert "digest subscribe [STORY" in text
    assert STORY in text
    assert await held(made) == []


QUESTIONS = (
    "digest of the strike",
    "digest what happened",
    "digest?",
    "digestion",
    "digest stop the strike",
    "digest list of the arrested",
    "digest why did Ada Marsh resign?",
    "digest why 2025-02-30",
    "digest pause for a moment",
    "digest resume of the mayor",
    "digest undo everything",
    "digest preview of the strike",
    "digest unsubscribe #1 #2",
    "digest direct flights to the port",
    "seen by whom?",
    "seen 12 ships",
    "seen",
)


async def test_a_line_that_is_no_command_is_a_question(made: World) -> None:
    kept = await made.subscribe()
    for line in QUESTIONS:
        reply = await made.ask(line, person=EDITOR, may_manage=True)
        assert reply.answer is not None, line
        assert await held(made) == [kept], line


async def test_without_a_place_or_a_person_there_is_nothing_to_subscribe(made: World) -> None:
    for missing in ({"place": None}, {"person": None}):
        reply = await made.ask("digest subscribe", **{"may_manage": True, **missing})  # type: ignore[arg-type]
        assert reply.answer is not None


# When the database fails.


async def test_while_the_database_fails_questions_are_answered_and_commands_say_so(made: World) -> None:
    await made.subscribe()
    async with mislaid(made.state, "places"):
        for visibility in Visibility:
            reply = await made.ask(QUESTION, visibility=visibility)
            assert reply.answer is not None
            assert "The dockers' strike began" in plain(reply.card)
        for line in ("digest subscribe", "digest list", "digest why", "digest direct on"):
            assert FAILING in await say(made, line), line
        assert "indisponible" in await say(made, "digest pause", language="fr")
        assert (await made.ask("help")).card.kind is CardKind.HELP
    assert (await the_one(made)).standing is Standing.ACTIVE
    assert await made.state.spool.flush(20) == 0


async def test_who_changed_what_is_in_the_audit_log(made: World) -> None:
    for verb in ("subscribe", "change full", "pause", "resume", "unsubscribe", "undo"):
        await say(made, f"digest {verb}")
    exported = await made.state.privacy.export(EDITOR)
    actions = [(row["action"], row["subject"]) for row in exported["audit"]]
    assert actions == [(verb, "1") for verb in ("subscribe", "change", "pause", "resume", "unsubscribe", "undo")]
