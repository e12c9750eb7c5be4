"""What a schema cannot say: references, cycles, ambiguity, undeclared disagreement, fair words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any

from bot.facts.findings import Finding
from bot.facts.model import Dispute, DisputeKind, Entity, Fact, Manner, State, Status
from bot.facts.reading import Loading
from bot.facts.revisions import LOCK_FILE, Lock, fingerprint, revisions
from bot.facts.store import FactStore
from bot.facts.text import fold, without_quotations
from bot.facts.yamlread import PathKey

NO_REPLY = "none"
# Only inside a quotation that is attributed; seeds/README.md gives the reasons.
LOADED_WORDS = re.compile(
    r"\b(terroris\w*|d?jihadis\w*|islamists?|islamistes?|regimes?|régimes?|juntas?|juntes?|thugs?|so-called|soi-disant)\b",
    re.IGNORECASE,
)


def check_references(loading: Loading, store: FactStore) -> None:
    """Every id that is named exists and is of the right kind; nothing contradicts itself unsaid."""
    items = loading.items
    _documents(loading)
    for entity in items["entities"].values():
        _entity(loading, entity)
    for fact in items["facts"].values():
        _fact(loading, fact, store)
    for kind in ("briefs", "disputes"):
        for item in items[kind].values():
            _resting_on_facts(loading, kind, item)
    _cycles(loading)
    _ambiguous_aliases(loading)
    _undeclared_disputes(loading)


def _documents(loading: Loading) -> None:
    for document in loading.items["documents"].values():
        for key, kind in (("publisher", "publishers"), ("mirror_of", "documents"), ("carried_by", "documents")):
            reference = getattr(document, key)
            if reference is not None:
                _known(loading, "documents", document.id, (key,), reference, (kind,))


def _known(loading: Loading, kind: str, item_id: str, path: PathKey, reference: str, kinds: tuple[str, ...]) -> bool:
    if reference in loading.broken or any(k in loading.unread or reference in loading.items[k] for k in kinds):
        return True
    documents = loading.items["documents"].values() if "documents" in kinds else ()
    published = [d.id for d in documents if d.publisher == reference and d.mirror_of is None]
    near = published or [i for k in kinds for i in loading.items[k] if reference in i or i in reference]
    meant = " or ".join(f"`{n}`" for n in near[:3])
    problem = f"`{reference}` is not among the {' or '.join(kinds)}."
    if published:
        remedy = f"It is a publisher; write the document in which it says so: {meant}."
    else:
        remedy = f"Did you mean {meant}?" if meant else "Define it, or mend its spelling."
    loading.finding(kind, item_id, path, "unknown-reference", problem, remedy)
    return False


def _entity(loading: Loading, entity: Entity) -> None:
    for number, document in enumerate(entity.described_by):
        _known(loading, "entities", entity.id, ("described_by", number), document, ("documents",))
    if entity.origin:
        _known(loading, "entities", entity.id, ("origin",), entity.origin, ("entities", "documents"))


def _fact(loading: Loading, fact: Fact, store: FactStore) -> None:
    def known(path: PathKey, reference: str, *kinds: str) -> bool:
        return _known(loading, "facts", fact.id, path, reference, kinds)

    known(("topic",), fact.topic, "topics")
    whole = True
    for number, attribution in enumerate(fact.attributions):
        whole &= known(("attributions", number, "by"), attribution.by, "entities", "documents")
        for inner, document in enumerate(attribution.via):
            whole &= known(("attributions", number, "via", inner), document, "documents")
    named = [(("entities", n), e) for n, e in enumerate(fact.entities)]
    named += [(("against", n), e) for n, e in enumerate(fact.against)]
    for path, entity in named:
        known(path, entity, "entities")
    if fact.place and known(("place",), fact.place, "entities"):
        _place(loading, fact, fact.place)
    for key in ("reply", "superseded_by"):
        reference = getattr(fact, key)
        if reference not in (None, NO_REPLY):
            known((key,), reference, "facts")
    if fact.as_of.first > fact.checked.last:
        remedy = "Exchange `as_of` and `checked`, or mend the year."
        loading.finding("facts", fact.id, ("as_of",), "date-order", "it was checked before it was said.", remedy)
    if fact.status is Status.CONFIRMED and whole:
        _confirmed(loading, fact, store)


def _place(loading: Loading, fact: Fact, place: str) -> None:
    entity = loading.items["entities"].get(place)
    if entity and entity.kind != "place":
        loading.finding("facts", fact.id, ("place",), "not-a-place", f"`{place}` is no place.", "Name a place.")


def _confirmed(loading: Loading, fact: Fact, store: FactStore) -> None:
    on_record = any(a.manner is Manner.ON_RECORD for a in fact.attributions)
    try:
        independent = len(store.origins(fact)) > 1
    except KeyError:  # an unknown document, which has its own finding
        return
    if not (on_record or independent):
        problem = "a confirmed fact needs the acting party on record or two independent origins."
        loading.finding("facts", fact.id, ("status",), "unconfirmed", problem, "Set the status `reported`.")
    contested = [d for d in store.disputes_by_fact.get(fact.id, ()) if d.kind is DisputeKind.CONTRADICTION]
    if contested:
        problem = f"it is confirmed, yet a position of the open dispute `{contested[0].id}`."
        loading.finding("facts", fact.id, ("status",), "confirmed-disputed", problem, "Set the status `reported`.")


def _resting_on_facts(loading: Loading, kind: str, item: Any) -> None:
    groups: Iterable[tuple[PathKey, tuple[str, ...]]]
    if isinstance(item, Dispute):
        _known(loading, kind, item.id, ("topic",), item.topic, ("topics",))
        groups = [(("positions", n, "facts"), p.facts) for n, p in enumerate(item.positions)]
    else:
        groups = [(("facts",), item.facts)]
    for path, facts in groups:
        for number, fact_id in enumerate(facts):
            where: PathKey = (*path, number)
            if not _known(loading, kind, item.id, where, fact_id, ("facts",)):
                continue
            fact = loading.items["facts"].get(fact_id)
            state = fact.state if fact else State.CURRENT
            if state is not State.CURRENT:
                remedy = "Rest it on a fact that stands."
                loading.finding(kind, item.id, where, "not-current", f"`{fact_id}` is {state.value}.", remedy)


def _cycles(loading: Loading) -> None:
    links: tuple[tuple[str, str, str], ...] = (
        ("facts", "superseded_by", "circular-supersession"),
        ("documents", "mirror_of", "circular-mirror"),
        ("entities", "origin", "circular-origin"),
    )
    for kind, key, rule in links:
        items = loading.items[kind]
        for start in items:
            seen, here = [start], getattr(items[start], key)
            while here in items and here not in seen:
                seen.append(here)
                here = getattr(items[here], key)
            if here == start:
                problem = f"`{key}` leads back to itself: {' → '.join([*seen, start])}."
                loading.finding(kind, start, (key,), rule, problem, "Break the circle.")


def _ambiguous_aliases(loading: Loading) -> None:
    owners: defaultdict[str, list[tuple[str, PathKey, bool]]] = defaultdict(list)
    for entity in loading.items["entities"].values():
        for path, name, shared in _names(entity):
            owners[fold(name)].append((entity.id, path, shared))
    for name, holders in owners.items():
        ids = {entity_id for entity_id, _, _ in holders}
        if len(ids) < 2:
            continue
        for entity_id, path, shared in holders:
            if not shared:
                others = ", ".join(f"`{i}`" for i in sorted(ids - {entity_id}))
                problem = f"the name {name!r} points to {others} as well."
                remedy = "Move it to `shared_aliases` of each, or make it longer."
                loading.finding("entities", entity_id, path, "ambiguous-alias", problem, remedy)


def _names(entity: Entity) -> Iterator[tuple[PathKey, str, bool]]:
    yield ("name", "en"), entity.name.en, False
    yield ("name", "fr"), entity.name.fr, False
    yield from ((("aliases", n), alias, False) for n, alias in enumerate(entity.aliases))
    yield from ((("shared_aliases", n), alias, True) for n, alias in enumerate(entity.shared_aliases))


def _undeclared_disputes(loading: Loading) -> None:
    if "disputes" in loading.unread:
        return
    declared: set[frozenset[str]] = set()
    for dispute in loading.items["disputes"].values():
        ids = sorted({i for position in dispute.positions for i in position.facts})
        declared |= {frozenset(pair) for pair in combinations(ids, 2)}
    by_topic: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in loading.items["facts"].values():
        if fact.state is State.CURRENT:
            by_topic[fact.topic].append(fact)
    for facts in by_topic.values():
        for one, other in combinations(facts, 2):
            what = _what_excludes(one, other)
            if what and frozenset((one.id, other.id)) not in declared:
                problem = f"its {what} and that of `{other.id}` exclude each other, and no dispute says so."
                remedy = "Declare a dispute with both as positions, or give them different topics."
                loading.finding("facts", one.id, (what,), "undeclared-dispute", problem, remedy)


def _what_excludes(one: Fact, other: Fact) -> str | None:
    if one.value and other.value and one.value.excludes(other.value):
        return "value"
    if one.date and other.date and one.date.excludes(other.date):
        return "date"
    return None


def check_wording(loading: Loading) -> None:
    """No loaded word in our own voice."""
    readers: dict[str, Callable[[Any], Iterable[tuple[PathKey, Any]]]] = {
        "facts": lambda f: [(("statement",), f.statement)],
        "briefs": lambda b: [(("headline",), b.headline)],
        "disputes": lambda d: [
            (("headline",), d.headline),
            (("at_odds",), d.at_odds),
            *((("positions", n, "statement"), p.statement) for n, p in enumerate(d.positions)),
        ],
        "entities": lambda e: [(("description",), e.description)],
        "topics": lambda t: [(("name",), t.name)],
        "stories": lambda s: [(("summary",), s.summary), (("title",), s.title)],
    }
    for kind, texts in readers.items():
        for item in loading.items[kind].values():
            for path, text in texts(item):
                for language in ("en", "fr"):
                    match = LOADED_WORDS.search(without_quotations(text.in_(language)))
                    if match:
                        problem = f"“{match[0]}” is a loaded word in our own voice."
                        remedy = "Use the plain word of seeds/README.md, or quote and attribute it."
                        loading.finding(kind, item.id, (*path, language), "loaded-word", problem, remedy)


def check_revisions(loading: Loading, lock: Lock, *, unrecorded: bool) -> None:
    """Content that was published stays as it was, or carries a new revision with its reason."""
    new: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for fact in loading.items["facts"].values():
        file, tree, base = loading.places["facts", fact.id]
        for number, content in revisions(fact):
            recorded = lock.get((fact.id, number))
            if recorded is None:
                new[file].append((tree.line((*base, "revision")), fact.id))
            elif recorded != fingerprint(content):
                problem = f"revision {number} no longer says what it said when it was recorded."
                remedy = (
                    "Put the old wording into `history`, raise `revision`, and give class, reason and date in `change`."
                    if number == fact.revision
                    else "Restore the wording of that revision; history is never rewritten."
                )
                loading.finding("facts", fact.id, ("statement",), "unmarked-change", problem, remedy)
    if unrecorded:
        loading.findings += [_unrecorded(file, places) for file, places in new.items()]
    _deleted(loading, lock)


def _unrecorded(file: str, places: list[tuple[int, str]]) -> Finding:
    shown = ", ".join(f"`{fact_id}`" for _, fact_id in places[:3])
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    problem = f"{len(places)} revision(s) not recorded yet: {shown}{more}."
    return Finding(file, min(places)[0], "unrecorded", problem, "When all else is clean, run `briefbot facts record`.")


def _deleted(loading: Loading, lock: Lock) -> None:
    facts = loading.items["facts"]
    for fact_id, number in lock:
        if fact_id in facts and number > facts[fact_id].revision:
            remedy = "Restore it; what was wrong with it is put right by one more revision."
            problem = f"revision {number} was published and is gone."
            loading.finding("facts", fact_id, ("revision",), "unmarked-change", problem, remedy)
    if "facts" in loading.unread:
        return
    for fact_id in sorted({fact_id for fact_id, _ in lock} - facts.keys() - loading.broken):
        remedy = "Restore it; retract or supersede it with a reason instead."
        problem = f"{fact_id}: a published fact is gone."
        loading.findings.append(Finding(LOCK_FILE, 0, "deleted-fact", problem, remedy))
