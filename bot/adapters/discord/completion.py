"""What is offered while somebody types: stories, names, facts, questions, time zones; from memory, ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps

from discord import app_commands

from bot.adapters.discord.text import cut, visible
from bot.digest.queue import Entry
from bot.digest.schedule import zone_names
from bot.facts.model import Language
from bot.facts.store import FactStore
from bot.facts.text import fold

MOST = 25
LONGEST = 100
COMMON_ZONES = (
    "Europe/Paris",
    "Europe/London",
    "Africa/Bamako",
    "Africa/Dakar",
    "America/New_York",
    "Asia/Doha",
    "UTC",
)

Choices = list[app_commands.Choice[str]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice with the words by which it is found."""

    label: str
    value: str
    keys: tuple[str, ...]


Making = Callable[[FactStore, Language], tuple[Offer, ...]]


def _kept(make: Making) -> Making:
    """Made once for each store in service and each language; folding every name takes a while."""
    known: dict[Language, tuple[FactStore, tuple[Offer, ...]]] = {}

    @wraps(make)
    def kept(store: FactStore, language: Language) -> tuple[Offer, ...]:
        held = known.get(language)
        if held is None or held[0] is not store:
            held = known[language] = (store, make(store, language))
        return held[1]

    return kept


def ranked(offers: Iterable[Offer], typed: str) -> Choices:
    """Those that begin with what was typed, then those with a word that does, then those that hold it."""
    key = fold(visible(typed))
    scored = [(rank, offer) for offer in offers if (rank := min(_rank(k, key) for k in offer.keys)) < 3]
    scored.sort(key=lambda pair: pair[0])
    chosen = [offer for _, offer in scored if len(offer.value) <= LONGEST]
    return [app_commands.Choice(name=cut(offer.label, LONGEST), value=offer.value) for offer in chosen[:MOST]]


def _rank(key: str, typed: str) -> int:
    if key.startswith(typed):
        return 0
    if f" {typed}" in key or f"-{typed}" in key or f"/{typed}" in key:
        return 1
    return 2 if typed in key else 3


@_kept
def stories(store: FactStore, language: Language) -> tuple[Offer, ...]:
    """Every story."""
    return tuple(
        _offer(one.title.in_(language), one.id, one.title.en, one.title.fr, *one.aliases)
        for one in store.stories.values()
    )


@_kept
def names(store: FactStore, language: Language) -> tuple[Offer, ...]:
    """Every entity, with what it is."""
    return tuple(
        _offer(
            f"{one.name.in_(language)}: {one.description.in_(language)}", one.id, one.name.en, one.name.fr, *one.aliases
        )
        for one in store.entities.values()
    )


@_kept
def facts(store: FactStore, language: Language) -> tuple[Offer, ...]:
    """Every fact that stands, by its id and its statement."""
    return tuple(_offer(f"{one.id}: {one.statement.in_(language)}", one.id) for one in store.current)


@_kept
def questions(store: FactStore, language: Language) -> tuple[Offer, ...]:
    """The questions that editors foresaw, the first of each: those of briefs and disputes before those of facts."""
    asks = [one.asks for one in store.briefs.values()]
    asks += [one.asks for one in store.disputes.values()]
    asks += [one.asks for one in store.current]
    firsts = dict.fromkeys(found[0] for one in asks if (found := one.in_(language)))
    return tuple(_offer(question, question) for question in firsts)


@lru_cache(maxsize=1)
def zones() -> tuple[Offer, ...]:
    """Every time zone, common ones of our readers first."""
    ordered = dict.fromkeys((*COMMON_ZONES, *zone_names()))
    return tuple(_offer(name, name, name.replace("_", " ")) for name in ordered)


def _offer(label: str, value: str, *keys: str) -> Offer:
    return Offer(label, value, tuple(fold(key) for key in (label, value, *keys)))


def entries(waiting: Iterable[Entry]) -> Iterable[Offer]:
    """What waits for the editors, by its name and its words."""
    for entry in waiting:
        said = visible(entry.text or " / ".join(entry.notes) or ", ".join(entry.facts))
        yield _offer(f"{entry.name}: {said}", str(entry.name), said)
