"""Cards that go to a place unasked: corrections, and that a subscription has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.briefing.card import Block, Card, CardKind, Item, Line, Role
from bot.briefing.compose import Composer
from bot.briefing.text import cut, harmless, quoted
from bot.digest.edition import correction_blocks
from bot.digest.journal import FactChange
from bot.digest.ledger import Settled
from bot.facts.model import Fact

LONGEST_QUOTATION = 300  # characters of what somebody typed


@dataclass(frozen=True, slots=True)
class Shown:
    """A fact that changed, and the local date on which its old version was last shown here."""

    change: FactChange
    day: date


def correction_notice(shown: Sequence[Shown], composer: Composer, number: int | None = None) -> Card:
    """What was said here, what holds now, why, and when it was shown.

    `number` is the notice's own, by which a reader says that it was seen.
    """
    say = composer.say
    headline = say.plural(
        "{number} statement that was shown here has been corrected.",
        "{number} statements that were shown here have been corrected.",
        len(shown),
    )
    if all(one.change.retracted for one in shown):
        headline = say.plural(
            "{number} statement that was shown here has been retracted.",
            "{number} statements that were shown here have been retracted.",
            len(shown),
        )
    blocks: list[Block] = [Line(headline, Role.HEADLINE)]
    for one in shown:
        blocks.append(Line(say("Shown here on {day}", day=say.day(one.day)), Role.HEADING))
        blocks += correction_blocks(one.change, composer)
    if number is not None:
        blocks.append(Line(say("If you have taken note, say: seen {number}", number=number), Role.NOTE))
    return Card(CardKind.NOTICE, say.language, tuple(blocks), say("Correction"))


def answer_notice(settled: Settled, fact: Fact, composer: Composer) -> Card:
    """What an editor answers to a question or flag that had to wait, as any answer with its sources."""
    say = composer.say
    if settled.flag:
        asked = say("You told the editors: {text}", text=cut(quoted(settled.text), LONGEST_QUOTATION) or "—")
    else:
        asked = say("Asked here: {text}", text=cut(quoted(settled.text), LONGEST_QUOTATION) or "—")
    disputes = composer.store.disputes_by_fact.get(fact.id, ())
    _, blocks = composer.facts_answer([fact], disputes)
    return composer.card(CardKind.NOTICE, [Line(asked, Role.NOTE), *blocks], say("The editors have an answer"))


def watch_notice(changes: Sequence[FactChange], composer: Composer) -> Card:
    """What became of facts that somebody watches, and what is new beside them."""
    say = composer.say
    changed = [change for change in changes if change.before is not None]
    new = [change for change in changes if change.before is None]
    headline = say.plural(
        "{number} fact that you watch has changed.", "{number} facts that you watch have changed.", len(changed)
    )
    if not changed:
        headline = say("There is something new on what you watch.")
    blocks: list[Block] = [Line(headline, Role.HEADLINE)]
    for change in changed:
        blocks += correction_blocks(change, composer)
    if new:
        blocks.append(Line(say("New"), Role.HEADING))
    blocks += [composer.item(change.fact) for change in new]
    blocks.append(Line(say("To be told no more, say: unwatch"), Role.NOTE))
    return composer.card(CardKind.NOTICE, blocks, say("News on what you watch"))


def amended(card: Card, changes: Sequence[FactChange], composer: Composer) -> Card:
    """A message as it is edited after a correction: it says on top that it holds an old version, and where."""
    say, old = composer.say, {change.fact.id for change in changes}
    label = say("No longer current")
    blocks = [
        replace(block, label=label, facts=()) if isinstance(block, Item) and old & set(block.facts) else block
        for block in card.blocks
    ]
    top = Line(say("Corrected on {day}: see the notice.", day=say.day(composer.today)), Role.HEADLINE)
    return replace(card, language=say.language, blocks=(top, *blocks))


def with_note(card: Card, note: str) -> Card:
    """The card with a line of fixed wording after its headline."""
    headlines = sum(1 for block in card.blocks if isinstance(block, Line) and block.role is Role.HEADLINE)
    at = min(headlines, 1)
    return replace(card, blocks=(*card.blocks[:at], Line(note, Role.NOTE), *card.blocks[at:]))


def stopped_notice(place: str, reason: str, composer: Composer) -> Card:
    """To the owner of a subscription that we had to suspend: why, and how it goes on."""
    say = composer.say
    blocks = (
        Line(say("Your digest for {place} has stopped.", place=harmless(place) or "?"), Role.HEADLINE),
        Line(say("It could not be delivered: {reason}.", reason=harmless(reason) or "?")),
        Line(say("It is kept. When that is put right, go on with: digest resume"), Role.NOTE),
    )
    return Card(CardKind.NOTICE, say.language, blocks, say("Digest"))
