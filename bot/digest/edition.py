"""One edition of the digest: what changed for this reader, laid out for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bot.briefing.card import Block, Card, CardKind, Item, Line, Role
from bot.briefing.compose import Composer
from bot.digest.journal import FactChange, Journal, RecordedDispute, changes_in, disputes_in, in_editors_order, is_open
from bot.facts.model import ChangeClass, Dispute, Fact, State
from bot.facts.store import is_stale

Thing = TypeVar("Thing")
MOST_ITEMS = 10  # in the short form; corrections are never cut
MOST_FIGURES = 2
MOST_RECHECKS = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """What an edition covers and for whom: readers with the same frame get the same card.

    `missed` are local dates whose editions did not go out.
    """

    day: date
    stories: tuple[str, ...]
    full: bool
    late: bool = False
    missed: tuple[date, ...] = ()


def edition(journal: Journal, frame: Frame, composer: Composer) -> Card | None:
    """The edition's card, or None when nothing has changed for this reader."""
    changes = changes_in(journal, composer.store, frame.stories)
    disputes = disputes_in(journal, frame.stories)
    if not changes and not disputes:
        return None
    sections = _Sections(composer, frame)
    corrected = [change for change in changes if change.before is not None and (change.retracted or change.chased)]
    new = [change for change in changes if change.before is None]
    changed = [change for change in changes if change not in corrected and change.before is not None]
    opened = [entry for entry in disputes if entry.open]
    settled = [entry for entry in disputes if not entry.open]
    sections.corrections(corrected)
    sections.facts(composer.say("New"), new)
    sections.facts(composer.say("Changed"), changed)
    sections.disputes(composer.say("Newly disputed"), opened)
    sections.disputes(composer.say("No longer disputed"), settled)
    touched = [story for story in frame.stories if story in sections.stories]
    sections.figures([d for story in touched for d in composer.store.disputes_of(story)], {e.dispute for e in opened})
    sections.rechecks()
    counts = _counts(composer, corrected, new, changed, opened, settled)
    return sections.card(Line(composer.say.listing(counts) + ".", Role.HEADLINE))


def quiet_edition(frame: Frame, composer: Composer, *, standing: bool = False) -> Card:
    """The one line of a day on which nothing changed; `standing` adds where matters stand, for a preview."""
    sections = _Sections(composer, frame)
    if standing:
        sections.figures([d for story in frame.stories for d in composer.store.disputes_of(story)], set())
        sections.rechecks()
    return sections.card(Line(composer.say("A quiet day: nothing has changed since your last digest."), Role.HEADLINE))


def _counts(
    composer: Composer,
    corrected: Sequence[FactChange],
    new: Sequence[FactChange],
    changed: Sequence[FactChange],
    opened: Sequence[RecordedDispute],
    settled: Sequence[RecordedDispute],
) -> list[str]:
    """The first line, by which a reader decides whether to read on."""
    say = composer.say
    retracted = [change for change in corrected if change.retracted]
    right = [change for change in corrected if not change.retracted]
    counted = [
        (len(retracted), say.plural("{number} retraction", "{number} retractions", len(retracted))),
        (len(right), say.plural("{number} correction", "{number} corrections", len(right))),
        (len(new), say.plural("{number} new fact", "{number} new facts", len(new))),
        (len(changed), say.plural("{number} changed fact", "{number} changed facts", len(changed))),
        (len(opened), say.plural("{number} new dispute", "{number} new disputes", len(opened))),
        (len(settled), say.plural("{number} dispute settled", "{number} disputes settled", len(settled))),
    ]
    return [text for number, text in counted if number]


class _Sections:
    """The card as it grows; in the short form, what is over the limit is counted."""

    def __init__(self, composer: Composer, frame: Frame) -> None:
        self._composer, self._frame = composer, frame
        self._blocks: list[Block] = []
        self._left = 10_000 if frame.full else MOST_ITEMS
        self._cut = 0
        self.stories: set[str] = set()

    def card(self, headline: Line) -> Card:
        """Title, headline, notes on lateness and gaps, the sections, how to ask further."""
        say, frame = self._composer.say, self._frame
        notes: list[Block] = []
        if frame.late:
            notes.append(Line(say("This digest is late."), Role.NOTE))
        if frame.missed:
            days = say.listing(say.day(day) for day in frame.missed)
            notes.append(Line(say("No digest went out for {days}; this one covers it.", days=days), Role.NOTE))
        blocks = [headline, *notes, *self._blocks]
        if self._cut:
            text = say("{number} more; the full form has them: digest change full", number=self._cut)
            blocks.append(Line(text, Role.NOTE))
        title = say("Digest, {day}", day=say.day(frame.day))
        return Card(CardKind.DIGEST, say.language, tuple(blocks), title)

    def corrections(self, changes: Sequence[FactChange]) -> None:
        """Never cut: what was wrong comes first and whole."""
        if changes:
            self._heading(self._composer.say("Corrected"))
        for change in changes:
            self._touch(change.fact.id)
            self._blocks += correction_blocks(change, self._composer)

    def facts(self, heading: str, changes: Sequence[FactChange]) -> None:
        """New or changed facts; of a changed one also what it said before."""
        for change in self._within(heading, changes):
            self._touch(change.fact.id)
            self._blocks += self._changed(change)

    def disputes(self, heading: str, entries: Sequence[RecordedDispute]) -> None:
        """Disputes that opened, with their positions, or that were settled, with what stands."""
        composer = self._composer
        for entry in self._within(heading, entries):
            self.stories.add(entry.story)
            self._blocks.append(Line(entry.headline.in_(composer.say.language), Role.TEXT))
            held = composer.store.disputes.get(entry.dispute)
            if held is not None:
                self._blocks += [composer.position(position) for position in held.positions]
            else:
                stand = in_editors_order(composer.store, entry.facts)
                facts = [composer.store.facts[fact_id] for fact_id in stand]
                self._blocks += [composer.item(fact) for fact in facts if fact.state is State.CURRENT]

    def figures(self, disputes: Sequence[Dispute], shown: set[str]) -> None:
        """The figures on which sources differ, with every position."""
        composer = self._composer
        counted = [d for d in disputes if is_open(d) and d.id not in shown and _has_figures(d, composer)]
        if not self._frame.full:
            counted = counted[:MOST_FIGURES]
        if counted:
            self._heading(composer.say("The figures, as they stand"))
        for dispute in counted:
            self._blocks.append(Line(composer.local(dispute.headline), Role.TEXT))
            self._blocks += [composer.position(position) for position in dispute.positions]

    def rechecks(self) -> None:
        """What is past its re-check date, the longest unchecked first."""
        composer, say = self._composer, self._composer.say
        stale = [
            f for story in self._frame.stories for f in composer.store.facts_of(story) if is_stale(f, composer.today)
        ]
        stale.sort(key=lambda fact: fact.checked.last)
        if not stale:
            return
        shown = stale if self._frame.full else stale[:MOST_RECHECKS]
        self._heading(
            say.plural("{number} fact is due for a re-check", "{number} facts are due for a re-check", len(stale))
        )
        for fact in shown:
            label = say("last checked {date}", date=say.day(fact.checked.last))
            self._blocks.append(composer.item(fact, label=label))

    def _within(self, heading: str, things: Sequence[Thing]) -> Sequence[Thing]:
        shown = things[: self._left]
        self._left -= len(shown)
        self._cut += len(things) - len(shown)
        if shown:
            self._heading(heading)
        return shown

    def _heading(self, text: str) -> None:
        self._blocks.append(Line(text, Role.HEADING))

    def _touch(self, fact_id: str) -> None:
        self.stories.add(self._composer.store.story_of[fact_id])

    def _label(self, fact: Fact) -> str:
        """The story, where the edition holds several."""
        if len(self._frame.stories) < 2:
            return ""
        story = self._composer.store.stories[self._composer.store.story_of[fact.id]]
        return self._composer.local(story.title)

    def _changed(self, change: FactChange) -> list[Block]:
        composer, say, fact = self._composer, self._composer.say, change.fact
        blocks: list[Block] = [composer.item(fact, label=self._label(fact))]
        if fact.superseded_by:
            blocks = [composer.item(composer.store.facts[fact.superseded_by], label=self._label(fact))]
        if change.before is not None and change.classes != {ChangeClass.TYPO}:
            blocks.append(before_item(change, composer))
        if fact.change and change.before is not None:
            blocks.append(Line(say("Why: {reason}", reason=composer.local(fact.change.reason)), Role.NOTE))
        return blocks


def _has_figures(dispute: Dispute, composer: Composer) -> bool:
    return any(composer.store.facts[fact_id].value for position in dispute.positions for fact_id in position.facts)


def before_item(change: FactChange, composer: Composer) -> Item:
    """What a fact said before, with who said it then. It counts as no sighting of the fact as it is."""
    if change.before is None:
        raise ValueError(f"{change.fact.id} has no earlier revision to show")
    before = change.before
    status = composer.say.status(before.status, disputed=False)
    label = composer.say("Before")
    return Item(composer.local(before.statement), composer.sources(before.attributions), status, (), label)


def correction_blocks(change: FactChange, composer: Composer) -> list[Block]:
    """What was said, what holds now and why."""
    say, fact = composer.say, change.fact
    blocks: list[Block] = [before_item(change, composer)] if change.before is not None else []
    if change.retracted:
        blocks.append(Line(say("Retracted: this no longer stands.")))
    elif fact.superseded_by:
        blocks.append(composer.item(composer.store.facts[fact.superseded_by], label=say("Now")))
    else:
        blocks.append(composer.item(fact, label=say("Now")))
    if fact.change:
        blocks.append(Line(say("Why: {reason}", reason=composer.local(fact.change.reason)), Role.NOTE))
    return blocks
