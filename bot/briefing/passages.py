"""What a unit says, as the cross-encoder reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.briefing.wording import wording
from bot.facts.model import Attribution, Brief, Dispute, Fact, Language
from bot.facts.store import FactStore


def passage(item: Fact | Brief | Dispute, store: FactStore, language: Language) -> str:
    """What a unit says, each statement with its voices, as one text."""
    return " ".join(_statements(item, store, language))


def _statements(item: Fact | Brief | Dispute, store: FactStore, language: Language) -> Iterator[str]:
    if isinstance(item, Fact):
        voices = _voices(item.attributions, store, language)
        day = f"; {wording(language).date(item.date)}" if item.date else ""
        yield f"{item.statement.in_(language)} ({voices}{day})"
        return
    yield item.headline.in_(language)
    if isinstance(item, Brief):
        for fact_id in item.facts:
            yield from _statements(store.facts[fact_id], store, language)
        return
    for position in item.positions:
        held = [attribution for fact_id in position.facts for attribution in store.facts[fact_id].attributions]
        yield f"{position.statement.in_(language)} ({_voices(held, store, language)})"


def _voices(attributions: Iterable[Attribution], store: FactStore, language: Language) -> str:
    return ", ".join(dict.fromkeys(store.voice_name(attribution.by, language) for attribution in attributions))
