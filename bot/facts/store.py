"""The fact store: everything that was loaded, linked, immutable and ready to be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from bot.errors import UnknownNameError
from bot.facts.dates import LATEST
from bot.facts.lazy import Lazy
from bot.facts.model import (
    Attribution,
    Brief,
    Content,
    Dispute,
    DisputeKind,
    Document,
    Entity,
    Fact,
    Language,
    Publisher,
    State,
    Story,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What takes a look at every fact to find out.

    `naming`: the current facts that name each entity. `last_checked`: the day on which an editor
    last checked a current fact. `disputing`: the disputes that each fact is a position of.
    """

    naming: Mapping[str, tuple[str, ...]]
    last_checked: date | None
    disputing: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class FactStore:
    """All documents, stories, entities, facts, briefs and disputes, each by its id.

    `story_of` gives the story of every fact, brief, dispute, topic and entity. `known` is the
    overview where a cache has it.
    """

    publishers: Mapping[str, Publisher]
    documents: Mapping[str, Document]
    stories: Mapping[str, Story]
    topics: Mapping[str, Topic]
    entities: Mapping[str, Entity]
    facts: Mapping[str, Fact]
    briefs: Mapping[str, Brief]
    disputes: Mapping[str, Dispute]
    story_of: Mapping[str, str] = field(repr=False)
    known: Overview | None = field(default=None, repr=False, compare=False)

    def story(self, story_id: str) -> Story:
        """Raises UnknownNameError, which lists the stories, when there is none of that id."""
        try:
            return self.stories[story_id]
        except KeyError:
            known = ", ".join(self.stories) or "none"
            raise UnknownNameError(f"There is no story `{story_id[:60]}`. Stories: {known}.") from None

    def fact(self, fact_id: str) -> Fact:
        """Raises UnknownNameError when there is no fact of that id."""
        try:
            return self.facts[fact_id]
        except KeyError:
            raise UnknownNameError(
                f"There is no fact `{fact_id[:60]}`. `briefbot facts list --json` lists every id."
            ) from None

    def facts_of(self, story_id: str) -> list[Fact]:
        """The current facts of one story, in the editors' order."""
        return [f for f in self.current if self.story_of[f.id] == story_id]

    def disputes_of(self, story_id: str) -> list[Dispute]:
        """The disputes of one story, in the editors' order."""
        return [d for d in self.disputes.values() if self.story_of[d.id] == story_id]

    @cached_property
    def current(self) -> tuple[Fact, ...]:
        """Every fact that stands."""
        return tuple(f for f in self.facts.values() if f.state is State.CURRENT)

    @cached_property
    def overview(self) -> Overview:
        """What is asked of all facts at once."""
        if self.known is not None:
            return self.known
        naming: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for fact in self.current:
            for entity in fact.entities:
                naming[entity][fact.id] = None
        disputing: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for dispute in self.disputes.values():
            if dispute.kind is not DisputeKind.SPELLING:
                for fact_id in (fact_id for position in dispute.positions for fact_id in position.facts):
                    disputing[fact_id][dispute.id] = None
        return Overview(
            naming={entity: tuple(ids) for entity, ids in naming.items()},
            last_checked=max((fact.checked.last for fact in self.current), default=None),
            disputing={fact_id: tuple(ids) for fact_id, ids in disputing.items()},
        )

    def facts_naming(self, entity_id: str) -> list[Fact]:
        """The current facts that name an entity, in the editors' order."""
        return [self.facts[fact_id] for fact_id in self.overview.naming.get(entity_id, ())]

    @cached_property
    def disputes_by_fact(self) -> Mapping[str, tuple[Dispute, ...]]:
        """The disputes that each fact is a position of; mere spellings do not make a fact disputed."""
        return Lazy(self.overview.disputing, lambda ids: tuple(self.disputes[i] for i in ids))

    @cached_property
    def mirrors(self) -> Mapping[str, tuple[str, ...]]:
        """The mirrors of each document that has any."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for document in self.documents.values():
            if document.mirror_of:
                found[document.mirror_of].append(document.id)
        return {root: tuple(copies) for root, copies in found.items()}

    def root_document(self, document_id: str) -> str:
        """The document that this one mirrors, at the end of the chain, or itself."""
        seen = {document_id}
        while (parent := self.documents[document_id].mirror_of) and parent not in seen:
            document_id = parent
            seen.add(parent)
        return document_id

    def origin(self, attribution: Attribution) -> str:
        """The independent root of what was said.

        A document and its mirrors are one; a voice known only through an agency counts as
        that agency, so three outlets that quote one agency are one.
        """
        voice, seen = attribution.by, {attribution.by}
        while (entity := self.entities.get(voice)) and entity.origin and entity.origin not in seen:
            voice = entity.origin
            seen.add(voice)
        return self.root_document(voice) if voice in self.documents else voice

    def origins(self, content: Content) -> tuple[str, ...]:
        """The independent origins of a fact, each once, in the order of its attributions."""
        return tuple(dict.fromkeys(self.origin(a) for a in content.attributions))

    def voice_name(self, voice: str, language: Language) -> str:
        """The name of whoever said it, as a reader would print it."""
        if voice in self.entities:
            return self.entities[voice].name.in_(language)
        return self.documents[voice].label.in_(language)

    def entities_of(self, story_id: str) -> list[Entity]:
        """The entities that a story defines."""
        return [e for e in self.entities.values() if self.story_of[e.id] == story_id]


def recheck_due(fact: Fact) -> date | None:
    """The day from which the fact wants another look by an editor; None: never."""
    days = fact.recheck.days
    return None if days is None else min(fact.checked.last, LATEST) + timedelta(days=days)


def is_stale(fact: Fact, today: date) -> bool:
    """Whether the fact is past its re-check date."""
    due = recheck_due(fact)
    return due is not None and today > due
