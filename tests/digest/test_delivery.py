from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.adapters.state.schema import cards
from bot.briefing.card import Card
from bot.digest.ledger import DeliveryKind, DeliveryState, LayoutError, Parcel, PassingError, PermanentError
from bot.digest.places import Place, Visibility
from bot.digest.sending import Pace
from bot.digest.subscriptions import Outcome, Standing, Wish
from tests.seedfolder import both, fact, raise_revision
from tests.world import AT_NINE, CHANNEL, EDITOR, OTHER_CHANNEL, Recorder, World, world

HOUR = timedelta(hours=1)


class OnceError:
    """A fault that happens the first `times` times."""

    def __init__(self, problem: Exception, times: int = 1) -> None:
        self.problem, self.left = problem, times

    def __call__(self, parcel: Parcel) -> Exception | None:
        del parcel
        self.left -= 1
        return self.problem if self.left >= 0 else None


def add_fact(made: World, name: str) -> None:
    made.seeds.facts.append(fact(name, statement=both(f"News of {name}.", f"Nouvelle {name}.")))


async def outcomes(made: World, number: int) -> list[tuple[date, Outcome, str]]:
    turns = await made.state.reports.turns([number], None, 50)
    return [(turn.day, turn.outcome, turn.reason) for turn in reversed(turns)]


async def test_a_digest_comes_once_a_day_with_what_is_new_since_the_last(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        await made.subscribe()
        add_fact(made, "bridge-closed")
        await made.reload()
        assert await made.tick(hours=1, minutes=59) == 0
        assert await made.tick(minutes=1) == 1
        assert await made.tick(hours=1) == 0
        add_fact(made, "bridge-open")
        await made.reload()
        await made.tick(days=1)
        first, second = made.platform.texts(CHANNEL)
    assert "1 new fact." in first
    assert "News of bridge-closed." in first
    assert "News of bridge-open." in second
    assert "News of bridge-closed." not in second


@pytest.mark.parametrize("line", [False, True])
async def test_a_quiet_day_is_a_line_or_nothing_and_a_row_that_says_so(
    database: str, tmp_path: Path, *, line: bool
) -> None:
    async with world(database, tmp_path) as made:
        held = await made.subscribe(quiet_line=line)
        await made.tick(hours=2)
        texts = made.platform.texts(CHANNEL)
        expected = Outcome.SENT if line else Outcome.QUIET
        assert await outcomes(made, held.id) == [(date(2025, 3, 12), expected, "")]
    assert ["A quiet day" in text for text in texts] == ([True] if line else [])


async def test_after_an_outage_a_digest_is_late_and_says_so(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        held = await made.subscribe(quiet_line=True)
        await made.tick(hours=2 + 5, minutes=59)
        assert ["This digest is late." in text for text in made.platform.texts(CHANNEL)] == [True]
        assert [outcome for _, outcome, _ in await outcomes(made, held.id)] == [Outcome.SENT]


async def test_a_digest_that_is_too_late_is_skipped_and_the_next_covers_the_gap(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made:
        held = await made.subscribe()
        add_fact(made, "bridge-closed")
        await made.reload()
        await made.tick(days=2, hours=2 + 6, minutes=1)
        assert made.platform.texts(CHANNEL) == []
        await made.tick(hours=17, minutes=59)
        (text,) = made.platform.texts(CHANNEL)
        assert await outcomes(made, held.id) == [
            (date(2025, 3, 12), Outcome.SKIPPED, "outage"),
            (date(2025, 3, 13), Outcome.SKIPPED, "outage"),
            (date(2025, 3, 14), Outcome.SKIPPED, "outage"),
            (date(2025, 3, 15), Outcome.SENT, ""),
        ]
    assert "News of bridge-closed." in text
    assert "No digest went out for 12 March 2025, 13 March 2025 and 14 March 2025; this one covers it." in text


async def test_a_passing_refusal_is_tried_again_when_the_platform_says(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=OnceError(PassingError("ratelimited", timedelta(minutes=10))))
    async with world(database, tmp_path, platform) as made:
        held = await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        await made.tick(minutes=9)
        assert platform.requests == 1
        (turn,) = await made.state.reports.turns([held.id], None, 5)
        assert (turn.state, turn.reason, turn.attempts) == (DeliveryState.PENDING, "ratelimited", 1)
        await made.tick(minutes=1)
        assert (platform.requests, len(platform.messages)) == (2, 1)


async def test_a_refusal_of_the_whole_workspace_holds_all_its_places_back(database: str, tmp_path: Path) -> None:
    problem = PassingError("ratelimited", timedelta(minutes=10), whole_scope=True)
    elsewhere = Place("test", "w2", "C9")
    platform = Recorder(before=lambda parcel: problem if parcel.delivery.place.workspace == "w1" else None)
    async with world(database, tmp_path, platform) as made:
        await made.subscribe(quiet_line=True)
        await made.subscribe(elsewhere, quiet_line=True)
        await made.tick(hours=2)
        await made.subscribe(OTHER_CHANNEL, quiet_line=True)
        platform.requests = 0
        assert len(platform.texts(elsewhere)) == 1
        await made.tick(minutes=5)
        assert platform.requests == 0
        platform.before = lambda _: None
        await made.tick(minutes=5)
        assert len(platform.texts(CHANNEL)) == 1


async def test_a_place_that_cannot_be_reached_is_kept_and_its_owner_told_once(database: str, tmp_path: Path) -> None:
    gone = PermanentError("channel_not_found")
    platform = Recorder(before=lambda parcel: gone if parcel.delivery.place == CHANNEL else None)
    async with world(database, tmp_path, platform) as made:
        held = await made.subscribe(quiet_line=True)
        await made.subscribe(OTHER_CHANNEL, quiet_line=True)
        await made.state.subscriptions.take_direct(EDITOR, take=True, now=made.now)
        await made.tick(hours=2)
        await made.tick(days=1)
        assert len(platform.texts(OTHER_CHANNEL)) == 2
        (told,) = platform.texts(EDITOR.own_place)
        assert "Your digest for #desk has stopped." in told
        assert "channel_not_found" in told
        stopped = await made.state.subscriptions.get(held.id)
        assert stopped is not None
        assert (stopped.standing, stopped.reason) == (Standing.SUSPENDED, "channel_not_found")
        assert await outcomes(made, held.id) == [(date(2025, 3, 12), Outcome.FAILED, "channel_not_found")]
        platform.before = lambda _: None
        reply = await made.ask("digest resume", person=EDITOR, may_manage=True)
        assert "It goes on." in reply.card.blocks[0].text
        await made.tick(days=1)
        assert len(platform.texts(CHANNEL)) == 1


async def test_an_owner_who_takes_no_messages_is_told_at_the_next_contact(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=lambda _: PermanentError("is_archived"))
    async with world(database, tmp_path, platform) as made:
        await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        first = await made.ask("help", OTHER_CHANNEL, EDITOR)
        second = await made.ask("help", OTHER_CHANNEL, EDITOR)
    assert ["has stopped" in contact.card.blocks[0].text for contact in first.notices] == [True]
    assert second.notices == ()


async def test_a_revoked_token_is_not_used_again_until_the_workspace_is_reopened(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=lambda _: PermanentError("token_revoked", whole_scope=True))
    async with world(database, tmp_path, platform) as made:
        for number in range(5):
            await made.subscribe(Place("test", "w1", f"C{number}"), quiet_line=True)
        await made.tick(hours=2)
        used = platform.requests
        await made.tick(minutes=30)
        assert platform.requests == used
        pulse = await made.state.reports.pulse(made.now)
        assert pulse.closed_scopes == ("test:w1",)
        platform.before = lambda _: None
        await made.state.ledger.reopen("test:w1")
        await made.tick(minutes=1)
        assert len(platform.messages) == 5


async def test_a_lost_answer_is_settled_by_asking_the_platform(database: str, tmp_path: Path) -> None:
    platform = Recorder(after=OnceError(ConnectionResetError()))
    async with world(database, tmp_path, platform) as made:
        held = await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        (turn,) = await made.state.reports.turns([held.id], None, 5)
        assert turn.state is DeliveryState.UNKNOWN
        await made.tick(seconds=19)
        assert platform.requests == 1
        await made.tick(seconds=1)
        (turn,) = await made.state.reports.turns([held.id], None, 5)
        assert (turn.state, platform.requests, len(platform.messages)) == (DeliveryState.SENT, 1, 1)


async def test_a_message_that_never_arrived_is_sent_again_plain(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=OnceError(TimeoutError()))
    async with world(database, tmp_path, platform) as made:
        await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        await made.tick(seconds=20)
        assert ["may be a repeat" in text for text in platform.texts(CHANNEL)] == [False]


async def test_within_its_window_the_platform_recognises_the_repeat_itself(database: str, tmp_path: Path) -> None:
    platform = Recorder(
        recognises_repeats=timedelta(seconds=90), askable=False, after=OnceError(ConnectionResetError())
    )
    async with world(database, tmp_path, platform) as made:
        await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        await made.tick(seconds=30)
        assert (platform.requests, len(platform.messages)) == (2, 1)
        assert (await made.state.reports.pulse(made.now)).by_state == ((DeliveryState.SENT, 1),)


async def test_where_nobody_can_tell_it_is_repeated_once_and_marked(database: str, tmp_path: Path) -> None:
    platform = Recorder(askable=False, after=OnceError(ConnectionResetError(), times=9))
    async with world(database, tmp_path, platform) as made:
        held = await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        for _ in range(5):
            await made.tick(seconds=30)
        assert ["may be a repeat" in text for text in platform.texts(CHANNEL)] == [False, True]
        assert (await made.state.reports.pulse(made.now)).by_state == ((DeliveryState.HELD, 1),)
        ((_, outcome, reason),) = await outcomes(made, held.id)
        assert outcome is Outcome.FAILED
        assert "twice already" in reason


async def test_what_a_held_digest_had_is_in_the_next_one(database: str, tmp_path: Path) -> None:
    platform = Recorder(askable=False, after=OnceError(ConnectionResetError(), times=2))
    async with world(database, tmp_path, platform) as made:
        await made.subscribe()
        add_fact(made, "bridge-closed")
        await made.reload()
        await made.tick(hours=2)
        for _ in range(3):
            await made.tick(seconds=30)
        await made.tick(days=1)
        assert "News of bridge-closed." in platform.texts(CHANNEL)[-1]


async def test_a_layout_that_is_refused_is_our_fault_and_not_the_places(database: str, tmp_path: Path) -> None:
    platform = Recorder(before=OnceError(LayoutError("msg_blocks_too_long")))
    async with world(database, tmp_path, platform) as made:
        held = await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        (turn,) = await made.state.reports.turns([held.id], None, 5)
        assert (turn.state, turn.reason) == (DeliveryState.DEAD, "msg_blocks_too_long")
        await made.tick(days=1)
        assert len(platform.messages) == 1


async def test_a_long_digest_goes_out_in_parts_each_once(database: str, tmp_path: Path) -> None:
    platform = Recorder(most_blocks=4, after=OnceError(ConnectionResetError()))
    async with world(database, tmp_path, platform) as made:
        held = await made.subscribe(full=True)
        for number in range(9):
            add_fact(made, f"news-{number}")
        await made.reload()
        await made.tick(hours=2)
        assert [turn.outcome for turn in await made.state.reports.turns([held.id], None, 5)] == [Outcome.PLANNED]
        for _ in range(3):
            await made.tick(seconds=30)
        parts = [parcel.delivery.part for parcel in platform.messages]
        assert parts == sorted(set(parts))
        assert len(parts) > 2
        text = "\n".join(platform.texts(CHANNEL))
        assert all(text.count(f"News of news-{number}.") == 1 for number in range(9))
        assert [turn.outcome for turn in await made.state.reports.turns([held.id], None, 5)] == [Outcome.SENT]
        add_fact(made, "later")
        await made.reload()
        await made.tick(days=1)
        assert "News of news-1." not in platform.texts(CHANNEL)[-1]


async def test_one_place_that_fails_harms_no_other(database: str, tmp_path: Path) -> None:
    poison = Place("test", "w1", "C7")
    platform = Recorder(before=lambda parcel: PermanentError("x") if parcel.delivery.place == poison else None)
    async with world(database, tmp_path, platform) as made:
        for number in range(20):
            await made.subscribe(Place("test", "w1", f"C{number}"), quiet_line=True)
        await made.tick(hours=2)
        assert len(platform.messages) == 19


async def test_two_senders_at_once_deliver_each_once(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path) as made, world(database, tmp_path / "other", made.platform) as other:
        for number in range(60):
            await made.subscribe(Place("test", "w1", f"C{number}"), quiet_line=True)
        made.now += 2 * HOUR
        other.now = made.now
        await asyncio.gather(*(one.sender.run_once() for one in (made, other, made, other)))
        keys = [parcel.delivery.key for parcel in made.platform.messages]
    assert len(keys) == len(set(keys)) == 60


async def test_corrections_go_before_digests(database: str, tmp_path: Path) -> None:
    pace_of_one = Recorder()
    async with world(database, tmp_path, pace_of_one) as made:
        await made.subscribe(quiet_line=True)
        await made.ask("what does the ferry cost?", OTHER_CHANNEL, visibility=Visibility.ALL)
        made.now += 2 * HOUR
        raise_revision(made.seeds.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
        await made.reload()
        await made.state.ledger.plan(made.now, 6 * HOUR, 100)
        await made.tick()
        assert pace_of_one.messages[0].delivery.kind is DeliveryKind.CORRECTION


async def test_a_place_whose_name_cannot_be_shown_holds_nobody_up(database: str, tmp_path: Path) -> None:
    platform = Recorder(
        before=lambda parcel: PermanentError("gone|<!here>") if parcel.delivery.place == CHANNEL else None
    )
    async with world(database, tmp_path, platform) as made:
        for label in ("#\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}-desk|two", "<!channel>"):
            wish = Wish(AT_NINE, quiet_line=True)
            await made.state.subscriptions.add(CHANNEL, EDITOR, wish, made.now, label=label)
        await made.state.subscriptions.take_direct(EDITOR, take=True, now=made.now)
        await made.subscribe(OTHER_CHANNEL, quiet_line=True)
        await made.tick(hours=2)
        await made.tick(days=1)
        assert len(platform.texts(OTHER_CHANNEL)) == 2
        assert any("has stopped." in text for text in platform.texts(EDITOR.own_place))


class FrenchRefused(Recorder):
    """A platform on which a card in French cannot be laid out."""

    def pages(self, card: Card) -> list[Card]:
        """Raise where a real one has a fault."""
        if card.language == "fr":
            raise ValueError("a fault in the layout")
        return super().pages(card)


async def test_what_cannot_be_laid_out_is_closed_and_holds_nobody_up(database: str, tmp_path: Path) -> None:
    async with world(database, tmp_path, FrenchRefused()) as made:
        held = await made.subscribe(quiet_line=True, language="fr")
        await made.subscribe(OTHER_CHANNEL, quiet_line=True)
        await made.tick(hours=2)
        assert len(made.platform.texts(OTHER_CHANNEL)) == 1
        (turn,) = await made.state.reports.turns([held.id], None, 5)
        assert (turn.state, turn.outcome) == (DeliveryState.DEAD, Outcome.FAILED)
        assert turn.reason == "it cannot be laid out"


@pytest.mark.parametrize("body", ["{}", "no card", "[]", '{"kind": "hologram", "blocks": []}'])
async def test_a_kept_message_that_cannot_be_read_is_closed_and_holds_nobody_up(
    database: str, tmp_path: Path, body: str
) -> None:
    async with world(database, tmp_path, Recorder(after=OnceError(ConnectionResetError()))) as made:
        held = await made.subscribe(quiet_line=True)
        await made.tick(hours=2)
        async with made.state.database.write() as connection:
            await connection.execute(cards.update().values(body=body))
        await made.subscribe(OTHER_CHANNEL, quiet_line=True)
        await made.tick(minutes=1)
        (turn,) = await made.state.reports.turns([held.id], None, 5)
        assert (turn.state, turn.outcome) == (DeliveryState.DEAD, Outcome.FAILED)
        assert turn.reason == "the message that was kept cannot be read"
        assert len(made.platform.texts(OTHER_CHANNEL)) == 1
        await made.tick(days=1)
        assert len(made.platform.texts(CHANNEL)) == len(made.platform.texts(OTHER_CHANNEL)) == 2


def test_a_lease_that_leaves_no_time_to_send_is_refused() -> None:
    """With it, every row would be claimed and given back for ever."""
    with pytest.raises(ValueError, match="too short"):
        Pace(lease=timedelta(seconds=8), timeout=timedelta(seconds=2))
