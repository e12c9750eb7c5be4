"""The facts object that scripts read (DESIGN.md section 6)."""

from __future__ import annotations

from typing import Any

from bot.facts.model import Fact
from bot.facts.store import FactStore


def fact_json(fact: Fact, store: FactStore) -> dict[str, Any]:
    """One fact, whatever its state, as plain values."""
    value = fact.value
    return {
        "id": fact.id,
        "revision": fact.revision,
        "state": fact.state.value,
        "story": store.story_of[fact.id],
        "topic": fact.topic,
        "statement": {"en": fact.statement.en, "fr": fact.statement.fr},
        "status": fact.status.value,
        "as_of": str(fact.as_of),
        "checked": str(fact.checked),
        "date": str(fact.date) if fact.date else None,
        "value": (
            {"min": value.min, "max": value.max, "unit": value.unit, "bound": value.bound.value} if value else None
        ),
        "entities": list(fact.entities),
        "origins": len(store.origins(fact)),
        "attributions": [
            {"said_by": store.voice_name(a.by, "en"), "manner": a.manner.value, "via": list(a.via)}
            for a in fact.attributions
        ],
    }
