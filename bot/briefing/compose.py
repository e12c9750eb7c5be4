"""From facts to cards: curated statements and fixed wording laid out, each with who says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.briefing.card import Block, Card, CardKind, Item, Line, Role
from bot.briefing.wording import Wording
from bot.facts.model import Attribution, Brief, Content, Dispute, DisputeKind, Entity, Fact, LocalText, Position
from bot.facts.store import FactStore, is_stale

LONGEST_ANSWER = 900  # characters; a list that was asked for may be longer
NO_REPLY = "none"


@dataclass(frozen=True, slots=True)
class Composer:
    """Lays out one store in one language. `today` decides what is due for a re-check."""

    store: FactStore
    say: Wording
    today: date

    def local(self, text: LocalText) -> str:
        """A curated text in the reader's language."""
        return text.in_(self.say.language)

    def sources(self, attributions: Iterable[Attribution]) -> str:
        """Who said it and through whom it reached us: «RFI, via Al Jazeera; Reuters, …»."""
        reached: dict[str, list[str]] = {}
        for attribution in attributions:
            voice = self.store.voice_name(attribution.by, self.say.language)
            labels = [self.local(self.store.documents[document].label) for document in attribution.via]
            reached.setdefault(voice, []).extend(label for label in labels if label != voice)
        return self.say.series(self._reached(voice, labels) for voice, labels in reached.items())

    def _reached(self, voice: str, labels: Sequence[str]) -> str:
        through = self.say.listing(dict.fromkeys(labels))
        return self.say("{voice}, via {documents}", voice=voice, documents=through) if through else voice

    def status(self, fact: Fact) -> str:
        """The word for how sure a fact is; what things moved on from, or to, is not in dispute for that."""
        disputes = self.store.disputes_by_fact.get(fact.id, ())
        disputed = any(dispute.kind is not DisputeKind.EVOLUTION for dispute in disputes)
        return self.say.status(fact.status, disputed=disputed)

    def item(self, fact: Fact, *, label: str = "", lead: bool = False) -> Item:
        """A fact with its sources and status."""
        return Item(
            self.local(fact.statement), self.sources(fact.attributions), self.status(fact), (fact.id,), label, lead
        )

    def position(self, position: Position) -> Item:
        """One side of a dispute with everyone who holds it; the way it reached us is on the fact's card."""
        facts = [self.store.facts[fact_id] for fact_id in position.facts]
        statuses = dict.fromkeys(self.say.status(fact.status, disputed=False) for fact in facts)
        voices = dict.fromkeys(
            self.store.voice_name(a.by, self.say.language) for fact in facts for a in fact.attributions
        )
        return Item(self.local(position.statement), self.say.series(voices), ", ".join(statuses), position.facts)

    def facts_answer(self, facts: Sequence[Fact], disputes: Sequence[Dispute]) -> tuple[str, list[Block]]:
        """Headline and blocks when single facts answer; a dispute's other positions stand with them."""
        lead, rest = facts[0], facts[1:]
        if not disputes:
            blocks: list[Block] = [self.item(lead, lead=True), *(self.item(fact) for fact in rest)]
            return self.local(lead.statement), blocks + self.notes(facts)
        headline = self.local(disputes[0].headline)
        blocks = [Line(headline, Role.HEADLINE), self.item(lead), *(self.item(fact) for fact in rest)]
        blocks += self._disagreements(disputes, LONGEST_ANSWER, frozenset(f.id for f in facts))[1:]
        return headline, blocks + self.notes(facts)

    def dispute_answer(self, dispute: Dispute) -> tuple[str, list[Block]]:
        """Headline and blocks when the disagreement itself is the answer."""
        headline = self.local(dispute.headline)
        blocks: list[Block] = [Line(headline, Role.HEADLINE), *map(self.position, dispute.positions)]
        facts = self._facts_of(dispute)
        return headline, blocks + self.notes(facts)

    def brief_answer(self, brief: Brief, disputes: Sequence[Dispute], lead: str) -> tuple[str, list[Block], list[Fact]]:
        """Headline, blocks and the facts shown of a curated answer.

        Every position of every dispute among its facts is shown; then as many further facts
        as the length allows, whole. `lead` is the id of the fact that answers best. Where it is not
        the editor's first, it stands before the others; where it is one side of the first dispute,
        the disputes do, all sides in their order.
        """
        headline = self.local(brief.headline)
        contested = {fact_id for d in disputes for p in d.positions for fact_id in p.facts}
        sides = [fact.id for dispute in disputes[:1] for fact in self._facts_of(dispute) if fact.id in brief.facts]
        disputed_first = lead in sides and lead != brief.facts[0]
        first = sides if disputed_first else [] if lead in contested else [lead]
        facts = [self.store.facts[fact_id] for fact_id in dict.fromkeys((*first, *brief.facts))]
        dispute_blocks = self._disagreements(disputes, LONGEST_ANSWER - len(headline))
        room = LONGEST_ANSWER - len(headline) - _length(dispute_blocks) - 60
        shown: list[Fact] = []
        items: list[Block] = []
        for fact in facts:
            if fact.id in contested:
                shown.append(fact)
                continue
            item = self.item(fact)
            if items and _length([*items, item]) > room:
                continue
            shown.append(fact)
            items.append(item)
        blocks: list[Block] = [Line(headline, Role.HEADLINE)]
        if disputed_first:
            also = [Line(self.say("Also:"), Role.HEADING)] if items else []
            blocks += [*dispute_blocks, *also, *items]
        else:
            blocks += [*items, *dispute_blocks]
        left = len(facts) - len(shown)
        if left:
            blocks.append(
                Line(self.say.plural("{number} more fact is held.", "{number} more facts are held.", left), Role.NOTE)
            )
        return headline, blocks + self.notes(shown), shown

    def profile_answer(
        self, entity: Entity, facts: Sequence[Fact], disputes: Sequence[Dispute]
    ) -> tuple[str, list[Block]]:
        """Headline and blocks for who or what an entity is."""
        described = self.description(entity)
        blocks: list[Block] = [described, *(self.item(fact) for fact in facts)]
        blocks += self._disagreements(disputes, LONGEST_ANSWER - _length(blocks))
        return described.text, blocks + self.notes(facts)

    def description(self, entity: Entity) -> Item:
        """An entity's one line, with the documents that it rests on."""
        name, described = self.local(entity.name), self.local(entity.description)
        sources = self.say.listing(
            dict.fromkeys(self.local(self.store.documents[d].label) for d in entity.described_by)
        )
        text = self.say("{name}: {description}", name=name, description=described)
        return Item(text, sources, self.say("description"), (), lead=True)

    def _disagreements(
        self, disputes: Sequence[Dispute], room: int, shown: frozenset[str] = frozenset()
    ) -> list[Block]:
        """Each dispute with its positions, less those that rest only on facts already `shown`.

        The first dispute is always whole. A further one that would go over `room` characters is
        given by its headline, in which an editor names every position and who holds it.
        """
        blocks: list[Block] = []
        for dispute in disputes:
            positions = [self.position(p) for p in dispute.positions if not shown.issuperset(p.facts)]
            heading = Line(self.local(dispute.headline), Role.HEADING)
            whole = not blocks or _length([*blocks, heading, *positions]) <= room
            blocks += [heading, *positions] if whole else [heading]
        return blocks

    def _facts_of(self, dispute: Dispute) -> list[Fact]:
        return [self.store.facts[fact_id] for position in dispute.positions for fact_id in position.facts]

    def notes(self, facts: Sequence[Fact]) -> list[Block]:
        """When it was said, replies to accusations, and what is due for a re-check."""
        notes: list[Block] = [*self._replies(facts)]
        dates = list(dict.fromkeys(fact.as_of for fact in sorted(facts, key=lambda f: f.as_of.sort_key)))
        notes.append(
            Line(self.say("As of {date}.", date=self.say.series(self.say.date(d) for d in dates[-2:])), Role.NOTE)
        )
        stale = [fact for fact in facts if is_stale(fact, self.today)]
        if stale:
            oldest = min(fact.checked.last for fact in stale)
            notes.append(
                Line(self.say("Due for a re-check: last checked {date}.", date=self.say.day(oldest)), Role.NOTE)
            )
        return notes

    def _replies(self, facts: Sequence[Fact]) -> Iterable[Block]:
        shown = {fact.id for fact in facts}
        silent: list[str] = []
        for fact in facts:
            if fact.reply == NO_REPLY:
                silent += [self.local(self.store.entities[person].name) for person in fact.against]
            elif fact.reply and fact.reply not in shown:
                shown.add(fact.reply)
                yield self.item(self.store.facts[fact.reply])
        if silent:
            names = self.say.listing(dict.fromkeys(silent))
            yield Line(self.say("The documents carry no reply from {names}.", names=names), Role.NOTE)

    def origins_line(self, content: Content) -> str:
        """How many independent origins stand behind a fact, and which."""
        roots = self.store.origins(content)
        names = self.say.listing(self.store.voice_name(root, self.say.language) for root in roots)
        return self.say.plural(
            "{number} independent origin: {names}.", "{number} independent origins: {names}.", len(roots), names=names
        )

    def card(self, kind: CardKind, blocks: Sequence[Block], title: str = "") -> Card:
        """A card without suggestions."""
        return Card(kind, self.say.language, tuple(blocks), title)


def _length(blocks: Iterable[Block]) -> int:
    return sum(
        len(b.text) + (len(b.sources) + len(b.status) + len(b.label) + 8 if isinstance(b, Item) else 1) for b in blocks
    )


def disputes_among(facts: Iterable[Fact], store: FactStore) -> list[Dispute]:
    """The disputes that any of the facts is a position of, each once."""
    found = {d.id: d for fact in facts for d in store.disputes_by_fact.get(fact.id, ())}
    return list(found.values())
