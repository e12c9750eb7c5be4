"""What was recorded of the facts, and what it means for a reader who knows an older state.

A *recording* is one reload that brought something new; recordings are numbered in the order
in which they were committed, so that "since your last edition" needs no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.facts.model import Change, ChangeClass, Content, Dispute, DisputeKind, Fact, LocalText, State
from bot.facts.revisions import revisions
from bot.facts.store import FactStore

CHASED = frozenset({ChangeClass.CORRECTION, ChangeClass.RETRACTION})


@dataclass(frozen=True, slots=True)
class RecordedRevision:
    """A revision of a fact, and the recording that brought it."""

    fact: str
    revision: int
    recording: int


@dataclass(frozen=True, slots=True)
class RecordedDispute:
    """That a dispute was open, or no longer, from a recording on; with its wording, which may go with it."""

    dispute: str
    story: str
    recording: int
    open: bool
    headline: LocalText
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """What was recorded after `since` up to `until`.

    `known` gives the revision of each fact in `revisions` that stood at `since`.
    """

    since: int
    until: int
    revisions: tuple[RecordedRevision, ...]
    disputes: tuple[RecordedDispute, ...]
    known: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that a reader knew at an older revision, or not at all (`before` is None)."""

    fact: Fact
    before: Content | None
    seen: int
    classes: frozenset[ChangeClass]

    @property
    def retracted(self) -> bool:
        """Whether it no longer stands."""
        return self.fact.state is State.RETRACTED

    @property
    def chased(self) -> bool:
        """Whether whoever saw the old version is told at once."""
        return bool(self.classes & CHASED)


def changes_of(fact: Fact) -> dict[int, Change | None]:
    """The change that brought each revision of a fact; None for the first."""
    return {**{past.revision: past.change for past in fact.history}, fact.revision: fact.change}


def fact_change(fact: Fact, seen: int) -> FactChange:
    """What happened to a fact since the revision that a reader has seen; 0: none."""
    past = dict(revisions(fact))
    changes = changes_of(fact)
    classes = frozenset(change.kind for number, change in changes.items() if change and number > max(seen, 1))
    return FactChange(fact, past.get(seen), seen, classes)


def changes_in(journal: Journal, store: FactStore, stories: Iterable[str]) -> list[FactChange]:
    """Every fact of the stories that changed, in the editors' order; what came and went unseen is left out."""
    wanted, touched = frozenset(stories), {entry.fact for entry in journal.revisions}
    found = [
        fact_change(fact, journal.known.get(fact.id, 0))
        for fact in store.facts.values()
        if fact.id in touched and store.story_of[fact.id] in wanted
    ]
    return [change for change in found if change.before or change.fact.state is State.CURRENT]


def is_open(dispute: Dispute) -> bool:
    """Whether sources are at odds; things that moved on and mere spellings are not."""
    return dispute.kind in {DisputeKind.CONTRADICTION, DisputeKind.COMPATIBLE}


def dispute_facts(dispute: Dispute) -> tuple[str, ...]:
    """The facts of every position, each once."""
    return tuple(dict.fromkeys(fact_id for position in dispute.positions for fact_id in position.facts))


def disputes_in(journal: Journal, stories: Iterable[str]) -> list[RecordedDispute]:
    """The last word on each dispute of the stories that opened or was settled."""
    wanted = frozenset(stories)
    last = {entry.dispute: entry for entry in sorted(journal.disputes, key=lambda entry: entry.recording)}
    return [entry for entry in last.values() if entry.story in wanted]


def outdated(store: FactStore, recorded: Mapping[str, int]) -> list[str]:
    """The facts of which the record holds a newer revision than the store: the store is the older one."""
    return [
        fact_id
        for fact_id, revision in recorded.items()
        if fact_id not in store.facts or store.facts[fact_id].revision < revision
    ]


def in_editors_order(store: FactStore, fact_ids: Iterable[str]) -> Sequence[str]:
    """Fact ids as the files have them."""
    wanted = frozenset(fact_ids)
    return [fact_id for fact_id in store.facts if fact_id in wanted]
