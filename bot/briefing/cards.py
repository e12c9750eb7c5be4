"""The other cards: profile, timeline, disputes, sources, one fact whole, the stories, help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.briefing.card import Block, Card, CardKind, Item, Line, Role
from bot.briefing.compose import Composer, disputes_among
from bot.facts.model import Content, Dispute, DisputeKind, Entity, Fact, State
from bot.facts.store import is_stale, recheck_due

MOST_PROFILE_FACTS = 12
MOST_OTHER_NAMES = 8


def profile(entity: Entity, composer: Composer) -> Card:
    """Who or what an entity is, and the facts about it, each with who says so."""
    say, store = composer.say, composer.store
    described = composer.description(entity)
    facts = facts_about(entity, composer)
    blocks: list[Block] = [described, *map(composer.item, facts[:MOST_PROFILE_FACTS])]
    if len(facts) > MOST_PROFILE_FACTS:
        left = len(facts) - MOST_PROFILE_FACTS
        text = say.plural("{number} more fact is held.", "{number} more facts are held.", left)
        blocks.append(Line(text, Role.NOTE))
    for dispute in disputes_among(facts[:MOST_PROFILE_FACTS], store):
        blocks += _dispute(dispute, composer)
    also = _other_names(entity, composer)
    if also:
        blocks.append(Line(say("Also written: {names}.", names=", ".join(also)), Role.NOTE))
    blocks += composer.notes(facts[:MOST_PROFILE_FACTS]) if facts else []
    return composer.card(CardKind.PROFILE, blocks, composer.local(entity.name))


def _other_names(entity: Entity, composer: Composer) -> list[str]:
    """Proper names besides the one in the title, each spelling once; accents make one of their own."""
    seen = {composer.local(entity.name).casefold().replace("’", "'")}
    found = []
    for name in entity.aliases:
        key = name.casefold().replace("’", "'")
        if name[:1].isupper() and key not in seen:
            seen.add(key)
            found.append(name)
    return found[:MOST_OTHER_NAMES]


def facts_about(entity: Entity, composer: Composer) -> list[Fact]:
    """Current facts that name an entity, those that put it first before the others."""
    return sorted(composer.store.facts_naming(entity.id), key=lambda fact: fact.entities.index(entity.id))


def timeline(story_id: str, composer: Composer) -> Card:
    """The dated events of a story in order; of one day, the vaguer date stands later."""
    facts = [f for f in composer.store.facts_of(story_id) if f.timeline and f.date]
    facts.sort(key=lambda f: f.date.sort_key if f.date else ())
    blocks: list[Block] = [composer.item(f, label=composer.say.date(f.date)) for f in facts if f.date]
    if not blocks:
        blocks = [Line(composer.say("No dated events are held on this story."))]
    return composer.card(CardKind.TIMELINE, blocks, _title(composer, "Timeline: {story}", story_id))


def disputes(story_id: str, composer: Composer) -> Card:
    """Every point of a story on which sources differ, side by side with who says what."""
    say = composer.say
    kinds = {
        DisputeKind.CONTRADICTION: say("Contradictions"),
        DisputeKind.EVOLUTION: say("Things moved on"),
        DisputeKind.COMPATIBLE: say("Differ, but may all be true"),
        DisputeKind.SPELLING: say("Spellings"),
    }
    blocks: list[Block] = []
    for kind, heading in kinds.items():
        found = [d for d in composer.store.disputes_of(story_id) if d.kind is kind]
        if found:
            blocks.append(Line(heading, Role.HEADING))
        for dispute in found:
            blocks += _dispute(dispute, composer)
            blocks.append(Line(composer.local(dispute.at_odds), Role.NOTE))
    if not blocks:
        blocks.append(Line(say("No disputes are recorded for this story.")))
    return composer.card(CardKind.DISPUTES, blocks, _title(composer, "Where sources differ: {story}", story_id))


def _dispute(dispute: Dispute, composer: Composer) -> list[Block]:
    return [Line(composer.local(dispute.headline), Role.HEADING), *map(composer.position, dispute.positions)]


def sources(story_id: str, composer: Composer) -> Card:
    """The documents behind a story, what each mirrors, and how many facts reached us through it."""
    store, say = composer.store, composer.say
    facts = store.facts_of(story_id)
    used = {d for fact in facts for a in fact.attributions for d in a.via}
    used |= {mirror for document in used for mirror in store.mirrors.get(document, ())}
    blocks: list[Block] = []
    for document in (d for d in store.documents.values() if d.id in used):
        number = sum(any(document.id in a.via for a in fact.attributions) for fact in facts)
        carried = say.plural("{number} fact", "{number} facts", number)
        dated = f"{say.date(document.published)}, {carried}."
        parts = [say("{name}: {description}", name=composer.local(document.label), description=dated)]
        if document.title:
            parts.append(say("Title: “{title}”.", title=document.title))
        if document.publisher is None:
            parts.append(say("It does not name its publisher."))
        if document.mirror_of:
            original = composer.local(store.documents[document.mirror_of].label)
            parts.append(say("A mirror of {original}: no second source.", original=original))
        if document.carried_by:
            page = composer.local(store.documents[document.carried_by].label)
            parts.append(say("Carried by {page}.", page=page))
        if document.note:
            parts.append(composer.local(document.note))
        blocks.append(Line(" ".join(parts)))
    origins: dict[str, int] = {}
    for fact in facts:
        for origin in store.origins(fact):
            origins[origin] = origins.get(origin, 0) + 1
    counted = ", ".join(
        f"{store.voice_name(origin, say.language)} ({number})"
        for origin, number in sorted(origins.items(), key=lambda pair: -pair[1])
    )
    blocks.append(Line(say("Independent origins, with the facts that each stands behind: {origins}.", origins=counted)))
    return composer.card(CardKind.SOURCES, blocks, _title(composer, "Sources: {story}", story_id))


def fact_card(fact: Fact, composer: Composer) -> Card:
    """One fact with its provenance, its disputes and its whole history."""
    say, store = composer.say, composer.store
    blocks: list[Block] = [composer.item(fact, lead=True)]
    if fact.state is State.SUPERSEDED and fact.superseded_by and fact.change:
        text = say("Superseded: {reason}", reason=composer.local(fact.change.reason))
        blocks += [Line(text, Role.HEADLINE), composer.item(store.facts[fact.superseded_by])]
    if fact.state is State.RETRACTED and fact.change:
        blocks.append(Line(say("Retracted: {reason}", reason=composer.local(fact.change.reason)), Role.HEADLINE))
    blocks.append(Line(composer.origins_line(fact), Role.NOTE))
    blocks += _mirrors(fact, composer)
    if fact.date:
        blocks.append(Line(say("Date: {date}.", date=say.date(fact.date)), Role.NOTE))
    if fact.place:
        blocks.append(Line(say("Place: {place}.", place=composer.local(store.entities[fact.place].name)), Role.NOTE))
    blocks += composer.notes([fact])
    if not is_stale(fact, composer.today):
        due = recheck_due(fact)
        checked = say.day(fact.checked.last)
        text = (
            say("Last checked {date}; to be checked again by {due}.", date=checked, due=say.day(due))
            if due
            else say("Last checked {date}.", date=checked)
        )
        blocks.append(Line(text, Role.NOTE))
    for dispute in store.disputes_by_fact.get(fact.id, ()):
        blocks += _dispute(dispute, composer)
    blocks += _history(fact, composer)
    return composer.card(
        CardKind.FACT, blocks, say("Fact {id}, revision {revision}", id=fact.id, revision=fact.revision)
    )


def _mirrors(content: Content, composer: Composer) -> Iterable[Block]:
    store, say = composer.store, composer.say
    through = {d for a in content.attributions for d in a.via}
    copies = [m for d in sorted(through) for m in store.mirrors.get(d, ()) if m not in through]
    if copies:
        names = say.listing(composer.local(store.documents[copy].label) for copy in copies)
        yield Line(say("Also in {copies}, a mirror: no further source.", copies=names), Role.NOTE)


def _history(fact: Fact, composer: Composer) -> Iterable[Block]:
    if not fact.history:
        return
    say = composer.say
    yield Line(say("History"), Role.HEADING)
    changes = [past.change for past in fact.history[1:]] + [fact.change]
    for past, change in zip(fact.history, changes, strict=True):
        label = say("Revision {revision}", revision=past.revision)
        status = composer.say.status(past.status, disputed=False)
        yield Item(composer.local(past.statement), composer.sources(past.attributions), status, (fact.id,), label)
        if change:
            words = {
                "typo": say("typo"),
                "update": say("update"),
                "correction": say("correction"),
                "retraction": say("retraction"),
            }
            yield Line(
                say(
                    "Replaced {date}, {kind}: {reason}",
                    date=say.date(change.on),
                    kind=words[change.kind.value],
                    reason=composer.local(change.reason),
                ),
                Role.NOTE,
            )


def stories(composer: Composer) -> Card:
    """The stories, with how much each holds."""
    say, store = composer.say, composer.store
    blocks: list[Block] = []
    for story in store.stories.values():
        counts = [
            say.plural("{number} fact", "{number} facts", len(store.facts_of(story.id))),
            say.plural("{number} dispute", "{number} disputes", len(store.disputes_of(story.id))),
        ]
        name = f"{composer.local(story.title)} ({story.id})"
        blocks.append(Line(say("{name}: {description}", name=name, description=", ".join(counts))))
        blocks.append(Line(composer.local(story.summary), Role.NOTE))
    return composer.card(CardKind.STORIES, blocks, say("Stories"))


def help_card(composer: Composer, usages: Sequence[tuple[str, str]]) -> Card:
    """What can be said here: each command and what it does."""
    say = composer.say
    blocks: list[Block] = [
        Line(
            say(
                "Ask in your own words, in English or French. "
                "Every answer comes from the editors' facts and names its sources."
            )
        )
    ]
    blocks += [Line(say("{name}: {description}", name=usage, description=say(meaning))) for usage, meaning in usages]
    return composer.card(CardKind.HELP, blocks, say("What you can ask"))


def not_held(composer: Composer, story_id: str | None) -> Card:
    """The only place that says so, for every platform and in both languages."""
    say, store = composer.say, composer.store
    stories = [store.stories[story_id]] if story_id else list(store.stories.values())
    blocks: list[Block] = [Line(say("The facts do not hold an answer to that."), Role.HEADLINE)]
    checked = store.overview.last_checked
    if checked is None:
        blocks.append(Line(say("The store holds no facts yet."), Role.NOTE))
    else:
        names = say.series(composer.local(story.title) for story in stories)
        scope = say("Facts are held on: {stories}. Last checked {date}.", stories=names, date=say.day(checked))
        blocks.append(Line(scope, Role.NOTE))
    return composer.card(CardKind.NO_ANSWER, blocks)


def which(entities: Sequence[Entity], composer: Composer) -> Card:
    """A name fits several: who they are, and a question for each that works when chosen."""
    say = composer.say
    people = all(entity.kind == "person" for entity in entities)
    template = "who is {name}?" if people else "what is {name}?"
    blocks: list[Block] = [Line(say("That fits several. Which do you mean?"), Role.HEADLINE)]
    blocks.extend(composer.description(entity) for entity in entities)
    questions = tuple(say(template, name=composer.local(entity.name)) for entity in entities)
    return Card(CardKind.CLARIFY, say.language, tuple(blocks), "", questions, say("Ask one of these:"))


def which_question(composer: Composer, questions: Sequence[str]) -> Card:
    """The question fits several stories, or one that is not spoken of: asks back with a question for each."""
    say = composer.say
    if len(questions) > 1:
        text, title = say("That fits several stories. Which do you mean?"), say("Ask one of these:")
    else:
        text, title = say("That would be another story than the one just spoken of."), say("You may mean:")
    return Card(CardKind.CLARIFY, say.language, (Line(text, Role.HEADLINE),), "", tuple(questions), title)


def whom(composer: Composer, suggestions: Sequence[str]) -> Card:
    """A pronoun without a subject: asks back."""
    say = composer.say
    blocks = (Line(say("It is not clear whom or what you mean. Name it, please."), Role.HEADLINE),)
    title = say("You may mean:") if suggestions else ""
    return Card(CardKind.CLARIFY, say.language, blocks, "", tuple(suggestions), title)


def notice(composer: Composer, text: str) -> Card:
    """One line of fixed wording: an explained failure."""
    return composer.card(CardKind.FAILURE, [Line(text, Role.HEADLINE)])


def _title(composer: Composer, template: str, story_id: str) -> str:
    return composer.say(template, story=composer.local(composer.store.story(story_id).title))
