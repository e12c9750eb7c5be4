from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.briefing.card import plain
from bot.desk import Asking, Reply
from bot.digest.ledger import DeliveryKind, PassingError, PermanentError, Sighted
from bot.digest.places import Person, Place, Visibility
from bot.digest.sightings import Showing
from bot.facts.findings import SeedsError
from tests.seedfolder import both, raise_revision
from tests.world import CHANNEL, EDITOR, OTHER_CHANNEL, READER, Recorder, World, world

FERRY = "what does the ferry cost?"
OLD, NEW = "The ferry costs 4 crowns.", "The ferry costs 5 crowns."
THREAD = Place("test", "w1", "C1", "T7")


def correct(made: World, kind: str = "correction", price: int = 5) -> None:
    """An editor changes the fare."""
    raise_revision(made.seeds.fact("ferry-fare"), kind, statement=both(f"The ferry costs {price} crowns."))


def retract(made: World) -> None:
    """An editor withdraws the fare."""
    raise_revision(made.seeds.fact("ferry-fare"), "retraction", state="retracted")


async def ask_openly(made: World, place: Place = CHANNEL, person: Person = READER) -> Reply:
    return await made.ask(FERRY, place, person, visibility=Visibility.ALL)


def notices(made: World, place: Place) -> list[str]:
    return made.platform.texts(place, DeliveryKind.CORRECTION)


async def test_every_place_that_saw_the_old_version_is_told_once(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        for place in (CHANNEL, CHANNEL, OTHER_CHANNEL, THREAD):
            await ask_openly(made, place)
        correct(made)
        recorded = await made.reload()
        assert recorded.chased == 3
        for _ in range(3):
            await made.tick(minutes=1)
        texts = [notices(made, place) for place in (CHANNEL, OTHER_CHANNEL, THREAD)]
        assert [len(found) for found in texts] == [1, 1, 1]
        (text,) = texts[0]
        (report,) = await made.state.reports.corrections()
    assert "Shown here on 12 March 2025" in text
    assert text.index(OLD) < text.index(NEW) < text.index("Why: Reason of the correction.")
    assert (report.facts, report.reached, report.open, report.failed) == (("ferry-fare",), 3, 0, 0)


@pytest.mark.parametrize("kind", ["typo", "update"])
async def test_typos_and_updates_chase_nobody(database: str, tmp_path: Path, kind: str) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        await made.subscribe()
        correct(made, kind)
        assert (await made.reload()).chased == 0
        await made.tick(hours=2)
        assert notices(made, CHANNEL) == []
        (digest,) = made.platform.texts(CHANNEL)
        assert NEW in digest


async def test_a_retraction_says_that_it_no_longer_stands(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        retract(made)
        await made.reload()
        await made.tick()
        (text,) = notices(made, CHANNEL)
    assert text.index(OLD) < text.index("Retracted: this no longer stands.")


async def test_what_was_shown_privately_is_corrected_at_the_next_contact_and_never_in_the_channel(
    database: str, tmp_path: Path
) -> None:
    async with world(database, tmp_path) as made:
        await made.ask(FERRY)
        correct(made)
        await made.reload()
        await made.tick(minutes=1)
        assert made.platform.messages == []
        other = await made.ask("help", person=EDITOR)
        reply = await made.ask("help", OTHER_CHANNEL)
        again = await made.ask("help")
    assert other.notices == again.notices == ()
    assert [NEW in plain(contact.card) for contact in reply.notices] == [True]


async def test_a_notice_that_was_not_shown_waits_on(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.ask(FERRY)
        correct(made)
        await made.reload()
        lost = await made.desk.handle("help", Asking(made.now, place=CHANNEL, person=READER))
        assert len(lost.notices) == 1  # and the process dies before it is shown
        made.now += timedelta(minutes=3)
        assert len((await made.ask("help")).notices) == 1
        assert (await made.ask("help")).notices == ()


async def test_who_takes_direct_messages_gets_private_corrections_there(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.ask(FERRY)
        await made.ask("digest direct on")
        correct(made)
        await made.reload()
        await made.tick()
        assert notices(made, CHANNEL) == []
        assert len(notices(made, READER.own_place)) == 1


async def test_opting_in_sends_what_was_waiting(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.ask(FERRY)
        correct(made)
        await made.reload()
        await made.state.subscriptions.take_direct(READER, take=True, now=made.now)
        await made.tick()
        assert len(notices(made, READER.own_place)) == 1


async def test_several_corrections_in_one_reload_make_one_notice(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        await made.ask("what closed the pier?", visibility=Visibility.ALL)
        correct(made)
        raise_revision(made.seeds.fact("early-march-storm"), statement=both("A fire closed the pier."))
        await made.reload()
        await made.tick()
        (text,) = notices(made, CHANNEL)
    assert NEW in text
    assert "A fire closed the pier." in text
    assert "2 statements that were shown here have been corrected." in text


async def test_a_newer_correction_replaces_one_that_was_not_sent_yet(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        await made.ask("what closed the pier?", visibility=Visibility.ALL)
        raise_revision(made.seeds.fact("early-march-storm"), statement=both("A fire closed the pier."))
        correct(made)
        await made.reload()
        correct(made, price=6)
        await made.reload()
        await made.tick(minutes=1)
        (text,) = notices(made, CHANNEL)
        await made.tick(minutes=1)
        assert len(notices(made, CHANNEL)) == 1
    assert OLD in text
    assert "The ferry costs 6 crowns." in text
    assert NEW not in text
    assert "A fire closed the pier." in text


async def test_a_correction_that_was_sent_is_followed_up(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        correct(made)
        await made.reload()
        await made.tick()
        retract(made)
        await made.reload()
        await made.tick()
        first, second = notices(made, CHANNEL)
    assert NEW in first
    assert NEW in second
    assert "Retracted" in second
    assert OLD not in second


async def test_who_saw_only_the_new_version_hears_nothing(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        correct(made)
        await made.reload()
        await ask_openly(made)
        await made.tick()
        assert notices(made, CHANNEL) == []


async def test_the_same_content_again_records_nothing_and_chases_nobody(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        correct(made)
        first = await made.reload()
        again = await made.reload()
        await made.tick()
        assert (again.new, again.chased, again.recording) == (0, 0, first.recording)
        assert len(notices(made, CHANNEL)) == 1


async def test_a_rollback_chases_nobody_and_sends_nothing(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.subscribe(quiet_line=True)
        await ask_openly(made)
        before = made.seeds.load()
        correct(made)
        await made.reload()
        await made.tick()
        sent = len(made.platform.messages)
        recorded = await made.state.record.take(before, made.now)
        assert recorded.outdated == ("ferry-fare",)
        assert (recorded.new, recorded.chased) == (0, 0)
        made.sender.use(before, -1)
        await made.tick(hours=2)
        assert len(made.platform.messages) == sent
        await made.reload()
        await made.tick()
        assert len(made.platform.messages) == sent + 1


async def test_a_recorded_revision_cannot_say_something_else(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        made.seeds.fact("strike-began")["statement"] = both("The strike began at sea.")
        (made.seeds.root / "revisions.lock").unlink()
        store = made.seeds.load()  # without its lock file the folder looks clean
        with pytest.raises(SeedsError, match="`strike-began` no longer says"):
            await made.state.record.take(store, made.now)
        assert (await made.state.record.head()) == 1


async def test_the_digest_that_showed_it_is_corrected_too_and_edited(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.subscribe()
        correct(made, "update")
        await made.reload()
        await made.tick(hours=2)
        assert NEW in made.platform.texts(CHANNEL)[0]
        correct(made, price=6)
        await made.reload()
        await made.tick(minutes=1)
        await made.tick(minutes=1)
        assert len(notices(made, CHANNEL)) == 1
        edited = plain(made.platform.edits["m0"])
    assert edited.startswith("Digest, 12 March 2025\nCorrected on 12 March 2025: see the notice.")
    assert f"No longer current: {NEW}" in edited


async def test_where_messages_cannot_be_edited_the_notice_alone_goes_out(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path, Recorder(can_edit=False)) as made:
        await ask_openly(made)
        correct(made)
        await made.reload()
        await made.tick()
        await made.tick(minutes=1)
        assert made.platform.edits == {}
        assert len(notices(made, CHANNEL)) == 1


async def test_a_place_that_cannot_be_reached_is_counted_as_such(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=lambda p: PermanentError("is_archived") if p.delivery.place == CHANNEL else None)
    async with world(database, tmp_path, platform) as made:
        await ask_openly(made)
        await ask_openly(made, OTHER_CHANNEL)
        correct(made)
        await made.reload()
        await made.tick()
        (report,) = await made.state.reports.corrections()
        assert (report.reached, report.out, report.failed) == (1, 1, 0)

        correct(made, price=6)
        await made.reload()
        await made.tick(minutes=5)
        report, _ = await made.state.reports.corrections()
        assert (report.reached, report.out, report.open) == (1, 1, 0), "what is not even tried is no more open"
        pulse = await made.state.reports.pulse(made.now)
        assert pulse.oldest_open is None, "nothing that can be sent waits"


async def test_people_can_say_that_they_have_seen_it(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        correct(made)
        await made.reload()
        await made.tick()
        number = made.platform.messages[0].delivery.id
        for person in (READER, READER, EDITOR):
            await made.ask(f"seen {number}", person=person)
        (report,) = await made.state.reports.corrections()
    assert report.seen == 2


async def test_what_an_outdated_process_showed_after_the_correction_is_chased(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        correct(made)
        await made.reload()
        await made.state.shown(Showing(CHANNEL, READER, Visibility.ALL, (Sighted("ferry-fare", 2),), made.now))
        await made.tick()
        (text,) = notices(made, CHANNEL)
    assert text.index(OLD) < text.index(NEW)


async def test_a_sighting_counts_for_its_time_only(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await ask_openly(made)
        await made.ask(FERRY, OTHER_CHANNEL, visibility=Visibility.ALL)
        made.now += timedelta(days=89)
        await ask_openly(made, THREAD)
        made.now += timedelta(days=2)
        correct(made)
        assert (await made.reload()).chased == 1
        await made.tick()
        assert [len(notices(made, place)) for place in (CHANNEL, OTHER_CHANNEL, THREAD)] == [0, 0, 1]


async def test_a_correction_while_a_digest_is_on_its_way_reaches_exactly_who_got_the_old_one(
    database: str, tmp_path: Path
) -> None:
    platform = Recorder()
    async with world(database, tmp_path, platform) as made:
        for number in range(6):
            await made.subscribe(Place("test", "w1", f"C{number}"))
        correct(made, "update")
        await made.reload()
        lost = {Place("test", "w1", "C4"), Place("test", "w1", "C5")}
        # Half the answers get lost: of these places nobody knows yet whether they have it.
        platform.after = lambda p: ConnectionResetError() if p.delivery.place.channel in {"C2", "C3"} else None
        platform.before = lambda p: TimeoutError() if p.delivery.place in lost else None
        await made.tick(hours=2)
        correct(made, price=6)
        await made.reload()
        platform.after = platform.before = lambda _: None
        for _ in range(6):
            await made.tick(seconds=30)
        for number in range(6):
            place = Place("test", "w1", f"C{number}")
            kinds = [p.delivery.kind for p in platform.messages if p.delivery.place == place]
            assert kinds == [DeliveryKind.DIGEST, DeliveryKind.CORRECTION], place


async def test_a_refused_digest_is_composed_anew_and_leaves_nothing_to_correct(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=lambda _: PassingError("ratelimited", timedelta(minutes=5)))
    async with world(database, tmp_path, platform) as made:
        await made.subscribe()
        correct(made, "update")
        await made.reload()
        await made.tick(hours=2)
        correct(made, price=6)
        assert (await made.reload()).chased == 0
        platform.before = lambda _: None
        await made.tick(minutes=6)
        (text,) = platform.texts(CHANNEL)
    assert "The ferry costs 6 crowns." in text
    assert "Before: The ferry costs 4 crowns." in text


async def test_a_second_private_correction_waits_as_the_first_did(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.ask(FERRY)
        for price in (5, 6):
            correct(made, price=price)
            await made.reload()
            await made.tick()
            assert made.platform.messages == []
            reply = await made.ask("help")
            assert [f"{price} crowns" in plain(contact.card) for contact in reply.notices] == [True]
