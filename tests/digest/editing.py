"""What a newsroom's facts were and became, as the journal between the two."""

from __future__ import annotations

from bot.digest.journal import (
    Journal,
    RecordedDispute,
    RecordedRevision,
    dispute_facts,
    is_open,
)
from bot.facts.revisions import revisions
from bot.facts.store import FactStore


def journal_between(before: FactStore | None, after: FactStore) -> Journal:
    """One recording, of everything that became another since `before`; without it of everything there is."""
    stood = {fact.id: fact.revision for fact in before.facts.values()} if before else {}
    held = {d.id: d for d in before.disputes.values() if is_open(d)} if before else {}
    store_of = after.story_of if before is None else {**before.story_of, **after.story_of}
    found = tuple(
        RecordedRevision(fact.id, number, 2)
        for fact in after.facts.values()
        for number, _ in revisions(fact)
        if number > stood.get(fact.id, 0)
    )
    opened = {d.id: d for d in after.disputes.values() if is_open(d)}
    turned = [(d, True) for name, d in opened.items() if name not in held]
    turned += [(d, False) for name, d in held.items() if name not in opened]
    entries = tuple(
        RecordedDispute(d.id, store_of[d.id], 2, is_now, d.headline, dispute_facts(d)) for d, is_now in turned
    )
    touched = {entry.fact for entry in found}
    known = {fact: revision for fact, revision in stood.items() if fact in touched}
    return Journal(1 if before else 0, 2, found, entries, known)
