"""What the core returns for a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.briefing.card import Card, plain
from bot.facts.model import Dispute, Fact, Language
from bot.facts.store import FactStore


class Outcome(StrEnum):
    """Whether the store answers: `answered`, holds nothing, or the question fits several things."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    CLARIFY = "clarify"


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation was about last, for a question that follows on.

    `entities` were named or answered about, the most telling first. `question` is what was asked last
    as it is understood by itself: where it leant on the talk, an editor's own question for what
    answered it. `unit` is the id of what answered.
    """

    entities: tuple[str, ...] = ()
    story: str | None = None
    question: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one question; `card` is its only shape for people.

    `trace` says for each step what was found, for `eval` and for editors.
    """

    question: str
    language: Language
    outcome: Outcome
    headline: str
    card: Card
    story: str | None = None
    facts: tuple[Fact, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    confidence: float = 0.0
    context: Context = field(default_factory=Context)
    trace: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.ANSWERED) != bool(self.facts):
            raise ValueError("an answer rests on facts, and only an answer does")

    @property
    def text(self) -> str:
        """The whole answer as a person would read it, without suggestions."""
        return plain(self.card, suggestions=False)

    def as_json(self, store: FactStore) -> dict[str, Any]:
        """The answer object of DESIGN.md section 6, without an id."""
        language = self.language
        return {
            "question": self.question,
            "language": language,
            "story": self.story,
            "outcome": self.outcome.value,
            "headline": self.headline,
            "text": self.text,
            "facts": [
                {
                    "id": fact.id,
                    "statement": fact.statement.in_(language),
                    "status": fact.status.value,
                    "as_of": str(fact.as_of),
                    "attributions": attributions_json(fact, store, language),
                }
                for fact in self.facts
            ],
            "disputes": [dispute_json(dispute, store, language) for dispute in self.disputes],
            "suggestions": list(self.card.suggestions),
            "confidence": round(self.confidence, 3),
        }


def attributions_json(fact: Fact, store: FactStore, language: Language) -> list[dict[str, Any]]:
    """Who said it, in what manner, through which documents."""
    return [
        {"said_by": store.voice_name(a.by, language), "manner": a.manner.value, "via": list(a.via)}
        for a in fact.attributions
    ]


def dispute_json(dispute: Dispute, store: FactStore, language: Language) -> dict[str, Any]:
    """A dispute with every position and who holds it."""
    return {
        "id": dispute.id,
        "at_odds": dispute.at_odds.in_(language),
        "positions": [
            {
                "statement": position.statement.in_(language),
                "said_by": _voices(position.facts, store, language),
                "facts": list(position.facts),
            }
            for position in dispute.positions
        ],
    }


def _voices(fact_ids: Iterable[str], store: FactStore, language: Language) -> list[str]:
    said = (store.voice_name(a.by, language) for fact_id in fact_ids for a in store.facts[fact_id].attributions)
    return list(dict.fromkeys(said))
