"""Questions that follow on: what "she", "the other general" or a bare "why?" refer to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.briefing.answer import Context
from bot.briefing.features import entity_feature, speaker_feature
from bot.briefing.fitting import SAID_BY
from bot.briefing.furniture import bare
from bot.briefing.kinds import Kind, flat
from bot.briefing.lexicon import Slot, concept
from bot.briefing.linking import Mention
from bot.briefing.question import Query
from bot.briefing.text import words
from bot.facts.model import Entity

PERSONS = frozenset({"person", "voice"})
SORTS = {"person": "somebody", "voice": "somebody", "organisation": "somebody", "place": "somewhere"}  # of names
HE_OR_SHE = re.compile(r"\b(?:he|she|him|her|his)\b")
THEY = re.compile(r"\b(?:they|them|their|ils|elles|leur|eux)\b")
PRONOUN = re.compile(r"\b(?:he|she|they|him|her|his|them|their|il|elle|ils|elles|lui|leur|eux)\b")
IT = re.compile(r"\b(?:it|its|this|that|ca|cela)\b")
# « il » that refers to nobody.
IMPERSONAL = re.compile(
    r"\b(?:qu est il|qu arrive t il|y a t il|il y a|y avait il|s agit il|il s agit|faut il|se passe t il"
    r"|est il (?:vrai|possible|exact|confirme|certain|etabli|avere|prouve|prevu|question))\b"
)
# A pronoun that is the subject: "what rank does she hold?". In French only where no noun can be:
# « quel grade a-t-elle ? », not « quel grade le général a-t-il ? ».
SUBJECT = re.compile(
    r"\b(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|may|might|must|should) (?:he|she|they)\b"
    r"|^(?:(?:et|mais|alors|de|d|a|en|dans|pour|avec|par|sur|depuis|jusqu) )*"
    r"(?:quel(?:le)?s?|combien|ou|quand|comment|pourquoi|que|qu|qui|quoi)\b"
    r"(?:(?! (?:l[ea]s?|l|une?|ce|cette|cet|ces|[sm](?:on|a|es)|leurs?) ).)*? (?:t )?(?:il|elle|ils|elles)\b"
)
# Where a name takes a pronoun's place: « quand Goïta a-t-il », "what is Goita's rank", "when did Goita".
INVERTED = re.compile(r"\b(\w+-(?:t-)?(?:ils?|elles?))\b", re.IGNORECASE)
OWN = re.compile(r"\b(?:his|their|its|her(?= \w))\b", re.IGNORECASE)
STANDS_FOR = re.compile(
    r"\b(?P<elided>qu['’] ?)?(?:he|she|they|him|her|them|it|this|that|ils?|elles?|eux)\b", re.IGNORECASE
)
# "Who runs it?", « qui la dirige ? »
OBJECT = re.compile(r"\b(?:him|her|them|it)$|^(?:et )?qui (?:le|la|les|l) \w+$")
OWNED = frozenset(map(concept, ("age", "birth", "spouse", "family", "education", "nationality", "religion", "salary")))
SHORT = 2  # slots of a question that may leave its subject to the talk: "how many died?"
BELONGING = frozenset({"of", "the", "de", "du", "des", "la"})  # between a name and one that says more about it
FEW_WORDS = 2  # of a question that is nothing but a question word: "and when?"
ELLIPSIS = re.compile(
    r"^(?:and|but|so|or|what about|how about|et|mais|ou|alors|et pour|qu en est il"
    r"|according to|per|selon|d apres|pour)\b"
)
STATED = (
    r"(?:figures?|numbers?|count|tally|toll|estimates?|claims?|version|account|words?|report|info|information|quote"
    r"|chiffres?|nombres?|bilan|estimations?|declaration|citation)"
)
THAT = "(?:that|this|it|these|those)"
# Who stands behind what was just answered, or how sure that is.
WHO_SAYS = re.compile(
    r"^(?:and |so |but |et |mais )?(?:"
    r"who (?:says?|said|reports?|reported|claims?|is saying|confirms|confirmed|reveals|revealed)"
    r"(?: so| this| that| it| all that)?|who told (?:you|them|him|her)(?: so| this| that)?"
    r"|says who|according to who(?:m)?|(?:whats?|which|who)(?: is| are| s)?(?: the| your| that)? sources?|sources?"
    rf"|whose {STATED}(?: (?:is|are|was|were) {THAT})?|who (?:counted|estimated) {THAT}"
    rf"|who (?:gives|gave|makes|made|puts out|put out) {THAT} {STATED}"
    rf"|where (?:is|s|are|does|do|did) (?:that|this|it|{THAT} {STATED}) (?:come )?from"
    r"|how (?:sure|certain|reliable) is (?:that|this|it)"
    r"|is (?:that|this|it) (?:confirmed|certain|sure|official|disputed|contested|reliable)"
    r"|qui (?:l a |le |la |l |a )?(?:dit|affirme|rapporte|raconte|confirme|revele|annonce)(?: ca| cela)?"
    r"|(?:selon|d apres) (?:qui|quelles? sources?)"
    r"|(?:quelle est |c est quoi |quelles sont )?(?:la |les |ta |tes |vos |votre )?sources?"
    rf"|qui (?:donne|avance|a donne|a avance) (?:ca|cela|(?:ce|cet|cette|ces) {STATED})"
    rf"|(?:ca vient|(?:(?:c est|ce sont) )?(?:l[ea]s?|l) {STATED}) de qui"
    rf"|d ou (?:vient|viennent|sort|sortent) (?:ca|cela|(?:ce|cet|cette|ces|l|la|les) {STATED})|ca vient d ou"
    r"|(?:est ce (?:que c est )?|c est )(?:bien )?(?:confirme|sur|certain|officiel|conteste|fiable))$"
)
OTHER = re.compile(r"\b(?:other|others|autres?|second|seconde|deuxieme)\b")


def refers_back(query: Query) -> bool:
    """Whether the question points to something that it does not name.

    "It" may stand for nothing at all ("why is it that ..."), so it counts in the shortest questions only.
    """
    return not query.mentions and (_points_to_people(query) or (len(query.slots) < 2 and points_back(query)))


def ownerless(query: Query) -> bool:
    """Whether the question asks for nothing but what somebody has, and not whose: "how old?"."""
    return not query.mentions and bool(query.slots) and all(not OWNED.isdisjoint(slot) for slot in query.slots)


def leans(query: Query) -> bool:
    """Whether the question says nothing by itself, or points to what was said before it."""
    return not query.slots or points_back(query)


def goes_on(query: Query) -> bool:
    """Whether the question opens like one that goes on from another: "and in July?"."""
    return bool(ELLIPSIS.match(_line(query)))


def may_lean(query: Query) -> bool:
    """Whether the question may be meant in the light of the one before it."""
    return leans(query) or goes_on(query) or (not query.mentions and len(query.slots) <= SHORT)


def is_bare(query: Query) -> bool:
    """Whether the question is nothing but a question word: "why?", "and when?"."""
    return not query.slots and query.kind is not Kind.TOPIC and len(flat(query.text).split()) <= FEW_WORDS


def asks_who_says(query: Query) -> bool:
    """Whether nothing is asked but who stands behind what was just answered: "who says so?"."""
    return bool(WHO_SAYS.match(flat(query.text)))


def in_talk(query: Query, before: Query, followed: Query) -> Query:
    """The question with the one before it, which tells what it is about; `followed` is as `follow` takes it."""
    swapped = followed.whole is None  # "and Reuters?" takes the place of another name
    kind = before.kind if query.kind is Kind.TOPIC else query.kind
    return replace(
        query,
        kind=kind,
        slots=followed.slots if swapped else tuple(dict.fromkeys((*query.slots, *before.slots))),
        mentions=(*query.mentions, *before.mentions),
        thing=query.thing or before.thing,
        whole=together(query.whole or query.text, before.whole or before.text),
        in_talk=True,
    )


def together(question: str, before: str) -> str:
    """What the cross-encoder reads of a question and the one before it."""
    return f"{question} ({before})"


def about(query: Query, entity: Entity) -> Query:
    """The same question about somebody or something, by name."""
    name = entity.name.in_(query.language)
    whole = _put(name, query.text) or f"{name}: {query.text}"
    return replace(query, slots=(*query.slots, (entity_feature(entity.id),)), whole=whole)


def _put(name: str, text: str) -> str | None:
    """A text with a name in the place of its first pronoun; None where it has none."""
    inverted, own, alone = INVERTED.search(text), OWN.search(text), STANDS_FOR.search(text)
    if inverted:
        return f"{text[: inverted.start()]}{name} {text[inverted.start() :]}"
    if own:
        return f"{text[: own.start()]}{name}'s{text[own.end() :]}"
    if alone:
        that = "que " if alone["elided"] else ""
        return f"{text[: alone.start()]}{that}{name}{text[alone.end() :]}"
    return None


def follow(query: Query, before: Query | None, context: Context, entities: Mapping[str, Entity]) -> Query:
    """The question with its subject filled in from the conversation, where it leaves it open.

    `before` is the question before it, as far as there is one.
    """
    if before is None:
        return query
    query = _resolve_shared(query, context)
    line = _line(query)
    elliptic = goes_on(query) or not query.slots
    pointing = points_back(query)
    if query.mentions:
        # "and Sagara?", "according to RFI?": the last question again, about somebody else, or put to them.
        if elliptic and all(map(_names, query.slots)) and before.slots:
            kept = tuple(slot for slot in before.slots if not _names(slot))
            kind = before.kind if query.kind in (Kind.TOPIC, Kind.WHAT) else query.kind
            return replace(query, slots=(*_in_the_same_part(query, before), *kept), kind=kind, whole=None)
        if not _points_to_people(query):
            return query
        # "What did he tell Netanyahu?" is about neither of them alone.
        context = replace(context, entities=tuple(one for one in context.entities if one not in query.entities))
    elif not query.slots and not (pointing and query.kind is Kind.WHO):  # "who is she?" asks about her alone
        return replace(query, slots=before.slots, whole=None)
    if elliptic or pointing:
        meant = _meant(line, context, entities)
        return about(query, entities[meant]) if meant else query
    return query


def place_taken(query: Query, before: Query, entities: Mapping[str, Entity]) -> Mention | None:
    """Whose place in the question before is taken by a question that is one name alone: "and Reuters?"."""
    if len(query.mentions) != 1 or query.shared or not goes_on(query) or not all(map(_names, query.slots)):
        return None
    if query.mentions[0].end < len(_words(query)):  # "and the UN, what does it think?"
        return None
    (name,) = query.entities
    sort = SORTS.get(entities[name].kind)
    others = [run for run in _runs(before) if sort and SORTS.get(entities[run.entities[0]].kind) == sort]
    said = {feature for slot in before.slots for feature in slot}
    speaking = [run for run in others if speaker_feature(run.entities[0]) in said]
    able = speaking or others
    return able[0] if len(able) == 1 and name not in able[0].entities else None


def _words(query: Query) -> list[str]:
    """The words that mentions count: those of the question without what stands around it."""
    return words(bare(query.text)[0])


def _runs(query: Query) -> list[Mention]:
    """Names with those that only say more about them, as one: "a member of the council of Mali"."""
    line = _words(query)
    found: list[Mention] = []
    for mention in query.mentions:
        if found and set(line[found[-1].end : mention.start]) <= BELONGING:
            found[-1] = replace(found[-1], end=mention.end)
        else:
            found.append(mention)
    return [run for run in found if len(run.entities) == 1]


def _names(slot: Slot) -> bool:
    """Whether a slot is somebody or something by name, or what they say."""
    return any(feature.startswith(("@", SAID_BY)) for feature in slot)


def _in_the_same_part(query: Query, before: Query) -> tuple[Slot, ...]:
    """The slots of a question that only names somebody, who speaks if the one before them was to have spoken."""
    if speaks(before) and not speaks(query) and len(query.entities) == 1:
        return (*query.slots, (speaker_feature(query.entities[0]),))
    return query.slots


def speaks(query: Query) -> bool:
    """Whether somebody who is named is to have said it."""
    return any(slot[0].startswith(SAID_BY) for slot in query.slots)


def points_back(query: Query) -> bool:
    """Whether the question speaks of something by a pronoun alone."""
    return _points_to_people(query) or _opens_with(IT, query) or bool(OBJECT.search(_line(query)))


def _points_to_people(query: Query) -> bool:
    return _opens_with(PRONOUN, query) or bool(SUBJECT.search(_line(query)))


def _line(query: Query) -> str:
    return IMPERSONAL.sub(" ", flat(query.text)).strip()


def _opens_with(pronoun: re.Pattern[str], query: Query) -> bool:
    """Whether a pronoun stands before every telling word, so that nothing here can be its subject."""
    line = _line(query)
    found = pronoun.search(line)
    return found is not None and query.telling.isdisjoint(line[: found.start()].split())


def _meant(line: str, context: Context, entities: Mapping[str, Entity]) -> str | None:
    """The first that the talk was about and the pronoun can stand for."""
    persons = [entity for entity in context.entities if entities[entity].kind in PERSONS]
    others = [entity for entity in context.entities if entity not in persons]
    if HE_OR_SHE.search(line):
        able = persons
    elif THEY.search(line):
        able = [*others, *persons]
    elif IT.search(line):
        # « Quand a-t-il dit cela ? » has somebody besides.
        able = [*persons, *others] if PRONOUN.search(line) else others
    else:
        able = list(context.entities)
    return next(iter(able), None)


def _resolve_shared(query: Query, context: Context) -> Query:
    for mention in query.shared:
        spoken_of = [entity for entity in mention.entities if entity in context.entities]
        if OTHER.search(flat(query.text)):
            left = [entity for entity in mention.entities if entity not in spoken_of]
            if spoken_of and left:
                query = query.choosing(mention, *left)
        elif len(spoken_of) == 1:
            query = query.choosing(mention, spoken_of[0])
    return query


_PREPOSITION = r"(?:in|at|on|from|to|by|with|for|à|a|dans|en|de|par|pour|avec|sur|vers|depuis|chez)\s+"
_BEFORE = f"(?:{_PREPOSITION})?"
_BETWEEN = r"\s*(?:[?;]\s+(?:and\s+|et\s+)?|,?\s+(?:and|et|&)\s+"
_SPLIT = re.compile(
    # « combien de morts selon l'ONU, et selon le ministère ? »; after a comma alone it is the same question.
    rf"{_BETWEEN})(?=(?:according\s+to|per|selon|d['’]apr[eè]s)\b)|{_BETWEEN}|,\s+)"
    r"(?=(?:also\s+)?(?:is|are|was|were|did|does|do|has|have|est-ce|a-t-"
    rf"|{_BEFORE}(?:who|whom|what|when|where|why|how|which"
    r"|qui|que|quoi|qu['’]|quand|o[uù]|pourquoi|comment|combien|quel|quelle|quels|quelles))\b)",
    re.IGNORECASE,
)
# « Quel jour et dans quelle ville », "how many and why".
_ASKS = (
    rf"{_BEFORE}(?:(?:what|which|how many|quel(?:le)?s?|combien d[e'’])\s+\w+"
    r"|who|what|when|where|why|how|qui|quand|o[uù]|pourquoi|comment|combien)"
)
_TWO_WORDS = re.compile(
    rf"^(?P<before>.*?\b)(?P<one>{_ASKS})\s+(?:and|et|&)\s+(?P<two>{_ASKS})\b(?P<rest>.*)$", re.IGNORECASE
)
_THEN = "(?:then|now|so|alors|puis|ensuite|maintenant)"
# "And Lapid, what does he say?"; not "and in July, what did he say?".
_CALLS = re.compile(
    rf"^(?:and|but|et|mais|what about|how about)\s+(?!{_ASKS}\b|{_PREPOSITION}|{_THEN}\b)"
    r"(?P<whom>\w[\w'’-]*(?:\s+[\w'’-]+){0,3}),\s*(?P<asked>.+)$",
    re.IGNORECASE,
)


def called(text: str) -> str:
    """A question with whom it opens on put in the pronoun's place: "what does Lapid say?"; any other as it is."""
    opened = _CALLS.match(text)
    return (opened and _put(opened["whom"], opened["asked"])) or text


def parts(text: str) -> list[str]:
    """A text that asks two things as its two questions; one question as itself."""
    double = _TWO_WORDS.match(text)
    if double and double["rest"].strip(" ?!."):
        return [f"{double['before']}{double[word]}{double['rest']}" for word in ("one", "two")]
    found = [part for part in _SPLIT.split(text, maxsplit=1) if part and part.strip(" ?!.,;")]
    return found if len(found) == 2 else [text]
