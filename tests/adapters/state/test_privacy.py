from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.adapters.state.schema import flags, metadata, places
from bot.digest.ledger import DeliveryKind
from bot.digest.places import Person, Place, Visibility
from bot.digest.subscriptions import Standing
from tests.seedfolder import both, fact, raise_revision
from tests.world import CHANNEL, EDITOR, READER, World, world

DIRECT = READER.own_place
UNANSWERED = "what is the capital of France?"
FARE = "what does the ferry cost?"
NEVER = timedelta(days=10_000)
FOR_EVER = dict.fromkeys(("sightings", "deliveries", "questions", "flags", "audit"), NEVER)
KEPT_OF_THE_READER = {
    "places", "sightings", "seen", "questions", "flags", "watches", "looks", "audit", "subscriptions", "deliveries",
}  # fmt: skip


@pytest.fixture(name="made")
async def _made(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def rows(made: World) -> dict[str, int]:
    """How many rows each table has; the empty ones are left out."""
    async with made.state.database.read() as connection:
        counted = {
            table.name: int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
            for table in metadata.sorted_tables
        }
    return {name: number for name, number in counted.items() if number}


async def live(made: World, *, channel: bool = True) -> None:
    """A reader who leaves a trace of every kind: asks, subscribes, is corrected, marks it as seen, flags."""
    await made.ask(FARE)
    await made.ask(UNANSWERED)
    await made.ask("digest direct on")
    await made.ask("watch strike-began")
    await made.state.looks.look(READER, made.now)
    await made.ask("digest subscribe quiet", DIRECT)
    if channel:
        await made.ask("digest subscribe quiet Europe/Paris", CHANNEL, may_manage=True)
        await made.ask(UNANSWERED, visibility=Visibility.ALL)
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    await made.reload()
    await made.tick(hours=3)
    notice = next(p for p in made.platform.messages if p.delivery.kind is DeliveryKind.CORRECTION)
    await made.ask(f"seen {notice.delivery.id}")
    async with made.state.database.write() as connection:
        number = select(places.c.id).where(places.c.channel == "@U2").scalar_subquery()
        values = {"at": made.now, "place_id": number, "person_id": number, "reason": "wrong", "facts": []}
        await connection.execute(flags.insert().values(values))


# What is kept, handed out and deleted.


async def test_what_is_kept_of_a_person_is_handed_out_whole_and_as_plain_values(made: World) -> None:
    await live(made)
    found = await made.state.privacy.export(READER)
    assert set(found) == KEPT_OF_THE_READER
    assert [name for name, kept in found.items() if not kept] == []
    assert json.loads(json.dumps(found)) == found
    assert {row["text"] for row in found["questions"]} == {UNANSWERED}
    assert [row["action"] for row in found["audit"]] == ["direct", "subscribe", "subscribe"]
    assert {row["fact"] for row in found["sightings"]} >= {"ferry-fare"}


async def test_a_person_who_is_forgotten_leaves_nothing_behind(made: World) -> None:
    before = await rows(made)
    await live(made, channel=False)
    deleted = await made.state.privacy.forget(READER)
    assert all(deleted[name] for name in KEPT_OF_THE_READER)
    after = await rows(made)
    # What remains is the facts' record, and the cards and channel, which name nobody.
    assert set(after) - set(before) <= {"cards", "places"}
    async with made.state.database.read() as connection:
        assert (await connection.execute(select(places.c.channel))).scalars().all() == ["C1"]
    assert not any((await made.state.privacy.export(READER)).values())


async def test_others_keep_what_is_theirs(made: World) -> None:
    await made.ask(FARE, person=EDITOR)
    await made.ask("digest subscribe", EDITOR.own_place, EDITOR)
    await made.ask(UNANSWERED, person=EDITOR)
    before = await made.state.privacy.export(EDITOR)
    await live(made)
    await made.state.privacy.forget(READER)
    after = await made.state.privacy.export(EDITOR)
    assert [row["id"] for row in after["subscriptions"]] == [row["id"] for row in before["subscriptions"]]
    ours = ("questions", "audit")
    assert [after[name] for name in ours] == [before[name] for name in ours]
    assert {row["fact"] for row in before["sightings"]} <= {row["fact"] for row in after["sightings"]}


async def test_the_digest_of_a_channel_outlives_its_owner(made: World) -> None:
    await live(made)
    (before,) = await made.state.subscriptions.of_place(CHANNEL)
    assert before.owner == READER
    await made.state.privacy.forget(READER)
    (after,) = await made.state.subscriptions.of_place(CHANNEL)
    assert (after.id, after.wish, after.standing) == (before.id, before.wish, Standing.ACTIVE)
    assert after.owner.own_place != DIRECT
    assert await made.state.subscriptions.of_place(DIRECT) == []
    sent = len(made.platform.texts(CHANNEL))
    await made.tick(days=1)
    assert len(made.platform.texts(CHANNEL)) == sent + 1
    await made.ask("digest pause", CHANNEL, EDITOR, may_manage=True)
    (after,) = await made.state.subscriptions.of_place(CHANNEL)
    assert after.standing is Standing.PAUSED


async def test_a_thread_of_a_direct_conversation_is_forgotten_with_it(made: World) -> None:
    thread = Place(DIRECT.platform, DIRECT.workspace, DIRECT.channel, "1741780000.1", direct=True)
    await made.ask(FARE, thread, visibility=Visibility.ALL)
    await made.ask(UNANSWERED, thread, visibility=Visibility.ALL)
    found = await made.state.privacy.export(READER)
    assert {row["fact"] for row in found["sightings"]} >= {"ferry-fare"}
    await made.state.privacy.forget(READER)
    assert set(await rows(made)) & {"sightings", "questions", "places"} == set()


async def test_of_a_stranger_nothing_is_kept_and_asking_leaves_no_trace(made: World) -> None:
    stranger = Person("test", "w1", "U9")
    before = await rows(made)
    assert not any((await made.state.privacy.export(stranger)).values())
    assert not any((await made.state.privacy.forget(stranger)).values())
    assert await made.state.subscriptions.of_owner(stranger) == []
    assert await rows(made) == before


async def test_the_subscriptions_that_a_person_made_are_found_anywhere(made: World) -> None:
    here, there = await made.subscribe(), await made.subscribe(DIRECT, EDITOR)
    await made.subscribe(owner=READER)
    assert await made.state.subscriptions.of_owner(EDITOR) == [here, there]
    await made.ask(f"digest unsubscribe #{here.id}", person=EDITOR, may_manage=True)
    assert await made.state.subscriptions.of_owner(EDITOR) == [there]


async def test_somebody_who_was_forgotten_can_begin_anew(made: World) -> None:
    await live(made)
    await made.state.privacy.forget(READER)
    reply = await made.ask("digest subscribe quiet", DIRECT)
    assert reply.card.blocks[0].text == "Subscribed."
    sent = len(made.platform.texts(DIRECT))
    await made.tick(days=1)
    assert len(made.platform.texts(DIRECT)) == sent + 1


# For how long.


@pytest.mark.parametrize(
    ("kind", "tables"),
    [
        ("sightings", {"sightings"}),
        ("questions", {"questions"}),
        ("flags", {"flags"}),
        ("audit", {"audit"}),
        ("deliveries", {"deliveries", "editions", "correction_facts", "seen_marks"}),
    ],
)
async def test_each_kind_is_kept_for_its_own_time(made: World, kind: str, tables: set[str]) -> None:
    await live(made)
    before = await rows(made)
    assert tables <= set(before)
    keep = {**FOR_EVER, kind: timedelta(days=30)}
    assert not any((await made.state.privacy.apply_retention(made.now + timedelta(days=29), keep)).values())
    assert await rows(made) == before
    deleted = await made.state.privacy.apply_retention(made.now + timedelta(days=31), keep)
    assert set(before) - set(await rows(made)) - {"cards"} == tables
    assert deleted[kind] == before[kind]


async def test_cards_go_with_the_last_that_needs_them(made: World) -> None:
    await live(made)
    keep = {**FOR_EVER, "deliveries": timedelta(days=30)}
    await made.state.privacy.apply_retention(made.now + timedelta(days=31), keep)
    assert "cards" in await rows(made)  # which the sightings still need
    await made.state.privacy.apply_retention(made.now + timedelta(days=31), {**keep, "sightings": timedelta(days=30)})
    assert "cards" not in await rows(made)


async def test_what_is_still_to_be_delivered_is_kept_however_old(made: World) -> None:
    await made.ask(FARE)
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    await made.reload()
    made.now += timedelta(days=50)
    await made.state.privacy.apply_retention(made.now, {**FOR_EVER, "deliveries": timedelta(days=30)})
    assert len((await made.ask("help")).notices) == 1


async def test_a_subscription_that_ended_is_kept_for_undo_and_then_deleted(made: World) -> None:
    held = await made.subscribe()
    other = await made.subscribe()
    await made.ask(f"digest unsubscribe #{held.id}", person=EDITOR, may_manage=True)
    keep = {**FOR_EVER, "deliveries": timedelta(days=30)}
    await made.state.privacy.apply_retention(made.now + timedelta(days=29), keep)
    assert await made.state.subscriptions.get(held.id) is not None
    await made.state.privacy.apply_retention(made.now + timedelta(days=31), keep)
    assert await made.state.subscriptions.get(held.id) is None
    assert await made.state.subscriptions.get(other.id) == other


async def test_a_digest_loses_nothing_when_the_ledger_is_cleared(made: World) -> None:
    await made.subscribe()
    await made.tick(hours=2)
    made.seeds.facts.append(fact("bridge-closed", statement=both("News of the bridge.")))
    await made.reload()
    await made.state.privacy.apply_retention(made.now + timedelta(days=1), dict.fromkeys(FOR_EVER, timedelta(0)))
    await made.tick(days=1)
    assert ["News of the bridge." in text for text in made.platform.texts(CHANNEL)] == [True]


@pytest.mark.parametrize(("days", "told"), [(89, 1), (91, 0)])
async def test_a_correction_chases_within_the_time_that_sightings_count(made: World, days: int, told: int) -> None:
    await made.ask(FARE, visibility=Visibility.ALL)
    made.now += timedelta(days=days)
    raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    await made.reload()
    await made.tick(minutes=1)
    assert len(made.platform.texts(CHANNEL, DeliveryKind.CORRECTION)) == told
