"""The digest at the desk: subscribe, change, pause, resume, list, unsubscribe, undo, preview, why, seen."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

from bot.briefing.card import Card
from bot.briefing.compose import Composer
from bot.briefing.text import normalise
from bot.briefing.wording import wording
from bot.desk import digest_cards as cards
from bot.desk.asking import Asking
from bot.desk.ports import StatePort
from bot.desk.wishes import Wanted, WishError, default_wish, read_wish
from bot.digest.edition import Frame, edition, quiet_edition
from bot.digest.journal import Journal
from bot.digest.places import Person, Place
from bot.digest.schedule import UnknownZoneError, zone
from bot.digest.subscriptions import Standing, Subscription, Wish, stories_of
from bot.facts.store import FactStore
from bot.facts.text import fold

MOST_SUBSCRIPTIONS = 10  # in one place
MOST_TURNS = 5
SAME_REQUEST = timedelta(minutes=2)
# The words that call each verb, in English and French.
VERBS = {
    "subscribe": frozenset({"subscribe", "abonner"}),
    "change": frozenset({"change", "modifier"}),
    "pause": frozenset({"pause"}),
    "resume": frozenset({"resume", "reprendre"}),
    "list": frozenset({"", "list", "liste"}),
    "preview": frozenset({"preview", "apercu"}),
    "why": frozenset({"why", "pourquoi"}),
    "unsubscribe": frozenset({"unsubscribe", "desabonner", "stop"}),
    "undo": frozenset({"undo", "annuler"}),
    "direct": frozenset({"direct"}),
}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class DigestDesk:
    """What can be said of the digest, over one state and the facts in service."""

    def __init__(self, state: StatePort, store: Callable[[], FactStore]) -> None:
        self._state, self._store = state, store
        self._verbs: dict[str, Callable[[str, Asking, Place, Person], Awaitable[Card]]] = {
            "subscribe": self._subscribe,
            "change": self._change,
            "pause": self._pause,
            "resume": self._resume,
            "list": self._list,
            "preview": self._preview,
            "why": self._why,
            "unsubscribe": self._unsubscribe,
            "undo": self._undo,
            "direct": self._direct,
        }

    async def command(self, line: str, asking: Asking) -> Card | None:
        """The card of a line that is a digest command, or None when it is none.

        As with every command, what follows the verb must be what the verb takes; after
        `subscribe` and `change` a word that is not understood is explained.

        Raises:
            StateError: the database cannot be used; nothing was changed.
        """
        first, _, rest = normalise(line).partition(" ")
        if fold(first) in {"seen", "vu"} and rest.strip().isdecimal() and asking.person is not None:
            return await self.seen(int(rest.strip()[:15]), asking.person, asking)
        if fold(first) not in {"digest", "bulletin"} or asking.place is None or asking.person is None:
            return None
        called, _, options = rest.strip().partition(" ")
        verb = next((verb for verb, words in VERBS.items() if fold(called) in words), None)
        if verb is None or not _taken(verb, options.strip()):
            return None
        return await self._verbs[verb](options.strip(), asking, asking.place, asking.person)

    async def subscribe(self, wanted: Wanted, asking: Asking, place: Place, person: Person) -> Card:
        """Subscribe a place, or say why not."""
        composer = self.composer(asking)
        if refused := self._refused(asking, place, composer):
            return refused
        wish = wanted.changing(default_wish(asking.zone, asking.reply_language))
        held = await self._state.subscriptions.of_place(place)
        for one in held:
            # A button pressed twice, or a request taken up again after a crash: one subscription all the same.
            if (one.owner, one.wish) == (person, wish) and asking.now - one.created <= SAME_REQUEST:
                return cards.subscribed(one, composer, composer.say("Subscribed."))
        if len(held) >= MOST_SUBSCRIPTIONS:
            most = composer.say(
                "There are {number} subscriptions here already; change one of them.", number=MOST_SUBSCRIPTIONS
            )
            return cards.notice(composer, most)
        made = await self._state.subscriptions.add(place, person, wish, asking.now, label=asking.place_label)
        return cards.subscribed(made, composer, composer.say("Subscribed."))

    async def held(self, place: Place) -> list[Subscription]:
        """The subscriptions of a place that have not ended. Raises StateError."""
        return await self._state.subscriptions.of_place(place)

    async def places(self, platform: str) -> list[Place]:
        """Where digests go on a platform, for whoever checks that they can."""
        return await self._state.subscriptions.places(platform)

    async def seen(self, delivery: int, person: Person, asking: Asking) -> Card:
        """Somebody has seen a correction."""
        composer = self.composer(asking)
        if await self._state.reports.mark_seen(delivery, person, asking.now):
            return cards.notice(composer, composer.say("Noted: you have seen it."))
        return cards.notice(composer, composer.say("There is no notice of that number."))

    def composer(self, asking: Asking) -> Composer:
        """In the reply's language, on the reader's date."""
        day = asking.now.astimezone(zone(asking.zone)).date() if asking.zone else asking.now.date()
        return Composer(self._store(), wording(asking.reply_language), day)

    async def _subscribe(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        wanted = self._read(options, asking)
        return wanted if isinstance(wanted, Card) else await self.subscribe(wanted, asking, place, person)

    async def _change(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        wanted = self._read(options, asking)
        if isinstance(wanted, Card):
            return wanted
        return await self._on_one(
            wanted.number,
            asking,
            place,
            person,
            "change",
            lambda held: held.changed(wanted.changing(held.wish), asking.now),
        )

    async def _pause(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        return await self._on_one(
            _number(options), asking, place, person, "pause", lambda held: replace(held, standing=Standing.PAUSED)
        )

    async def _resume(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        return await self._on_one(
            _number(options), asking, place, person, "resume", lambda held: held.resumed(asking.now)
        )

    async def _unsubscribe(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        return await self._on_one(
            _number(options), asking, place, person, "unsubscribe", lambda held: replace(held, standing=Standing.ENDED)
        )

    async def _undo(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        composer = self.composer(asking)
        if refused := self._refused(asking, place, composer):
            return refused
        number = _number(options)
        held = (
            await self._state.subscriptions.get(number)
            if number is not None
            else await self._state.subscriptions.last_ended(place)
        )
        if held is None or held.place != place or held.standing is not Standing.ENDED:
            return cards.notice(composer, composer.say("There is nothing to take back here."))
        return await self._save(held.resumed(asking.now), "undo", person, asking)

    async def _list(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        del options, person
        return cards.listing(await self._state.subscriptions.of_place(place), self.composer(asking))

    async def _why(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        del person
        held = await self._state.subscriptions.of_place(place)
        composer = self.composer(asking)
        if not held:
            return cards.listing(held, composer)
        day = date.fromisoformat(options) if options else None
        turns = await self._state.reports.turns([one.id for one in held], day, MOST_TURNS)
        return cards.why(turns, held, composer)

    async def _preview(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        del options, person
        held = await self._state.subscriptions.of_place(place)
        if not held:
            return self.preview(default_wish(asking.zone, asking.reply_language), None, asking)
        return self.preview(held[0].wish, await self._state.record.journal(held[0].covered), asking)

    def preview(self, wish: Wish, journal: Journal | None, asking: Asking) -> Card:
        """The edition as it would go out now; on a quiet day with where matters stand."""
        store = self._store()
        day = asking.now.astimezone(zone(wish.schedule.zone)).date()
        composer = Composer(store, wording(wish.language), day)
        frame = Frame(day, stories_of(wish, tuple(store.stories)), wish.full)
        card = edition(journal, frame, composer) if journal is not None else None
        return card or quiet_edition(frame, composer, standing=True)

    async def _direct(self, options: str, asking: Asking, place: Place, person: Person) -> Card:
        composer = self.composer(asking)
        take = {"on": True, "oui": True, "off": False, "non": False}.get(fold(options))
        if take is None:
            return cards.notice(composer, composer.say("Say either: digest direct on, or: digest direct off."))
        address = place.address if place.direct else ""
        await self._state.subscriptions.take_direct(person, take=take, now=asking.now, address=address)
        if take:
            return cards.notice(
                composer, composer.say("Corrections of what you were shown privately will come as direct messages.")
            )
        return cards.notice(
            composer,
            composer.say("Corrections of what you were shown privately will wait until you ask something again."),
        )

    async def _on_one(
        self,
        number: int | None,
        asking: Asking,
        place: Place,
        person: Person,
        action: str,
        change: Callable[[Subscription], Subscription],
    ) -> Card:
        """Change the subscription of a place; which one must be clear."""
        composer = self.composer(asking)
        if refused := self._refused(asking, place, composer):
            return refused
        held = await self._state.subscriptions.of_place(place)
        chosen = [one for one in held if number in {None, one.id}]
        if not chosen:
            return cards.listing(held, composer)
        if len(chosen) > 1:
            listed = cards.listing(chosen, composer)
            note = composer.say(
                "There are several here. Add the number, as in: digest {verb} #{number}",
                verb=action,
                number=chosen[0].id,
            )
            return replace(cards.notice(composer, note), blocks=(*cards.notice(composer, note).blocks, *listed.blocks))
        return await self._save(change(chosen[0]), action, person, asking)

    async def _save(self, changed: Subscription, action: str, person: Person, asking: Asking) -> Card:
        composer = self.composer(asking)
        await self._state.subscriptions.save(changed, action, person, asking.now)
        headline = {
            "change": composer.say("Changed."),
            "pause": composer.say("Paused."),
            "resume": composer.say("It goes on."),
            "unsubscribe": composer.say("Unsubscribed."),
            "undo": composer.say("Taken back; it goes on."),
        }[action]
        return cards.subscribed(changed, composer, headline)

    def _read(self, options: str, asking: Asking) -> Wanted | Card:
        composer = self.composer(asking)
        try:
            return read_wish(options, self._store().stories)
        except WishError as error:
            problem = composer.say("Word {number} after the command is not understood.", number=error.position)
        except UnknownZoneError:
            problem = composer.say("There is no such time zone. Write it as in Europe/Paris or Africa/Bamako, or UTC.")
        return cards.notice(
            composer,
            problem,
            composer.say("Subscribe with: {usage}", usage=cards.USAGE),
            composer.say("Stories: {names}.", names=", ".join(self._store().stories)),
        )

    @staticmethod
    def _refused(asking: Asking, place: Place, composer: Composer) -> Card | None:
        """In a channel only those whom the adapter lets; in a direct conversation everybody."""
        if place.direct or asking.may_manage:
            return None
        return cards.notice(
            composer,
            composer.say("You may not change what this channel subscribes to."),
            composer.say("Ask somebody who manages the channel, or subscribe yourself in a direct message to me."),
        )


def _number(options: str) -> int | None:
    match = re.fullmatch(r"#?(\d{1,9})", options)
    return int(match[1]) if match else None


def _taken(verb: str, options: str) -> bool:
    """Whether these are words that a verb takes."""
    if verb in {"subscribe", "change"} or not options:
        return True
    if verb == "direct":
        return " " not in options
    if verb == "why":
        return _is_date(options)
    return verb not in {"list", "preview"} and _number(options) is not None


def _is_date(text: str) -> bool:
    if not DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
