"""A store of invented facts, as large as one likes, and questions about them.

Most words are those of the packaged thesaurus, a few of them in a great many facts and others in
few, as in any language; the rest, and the names of people, places and organisations, are made up.
The same size gives the same facts every time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from bot.briefing.lexicon import read_data
from bot.facts.model import (
    Brief,
    Dispute,
    Document,
    Entity,
    Fact,
    Publisher,
    Story,
    Topic,
)
from bot.facts.store import FactStore

FACTS_OF_A_STORY = 2_500
PEOPLE, PLACES, BODIES, TOPICS = 120, 60, 40, 25  # of a story
RARE_WORDS, MOST_RARE = 0.2, 20_000  # how often a rare word stands for a common one, and how many there are
BRIEF_EVERY, DISPUTE_EVERY = 50, 100  # facts
# Syllables of names, by where they stand.
OPENINGS = ("ba", "da", "fa", "ga", "ka", "la", "ma", "na", "pa", "ra", "sa", "ta", "va", "be", "de", "ge", "ke", "le")
MIDDLES = ("lo", "mo", "no", "ro", "so", "to", "vo", "li", "mi", "ni", "ri", "si", "ti", "lu", "mu", "nu", "ru", "su")
ENDINGS = ("ran", "dek", "mos", "vin", "tal", "ska", "nor", "bek", "lun", "dar", "gim", "pol", "rst", "vak", "zen")


@dataclass
class _Cast:
    """Who and what a story is about; the first of each turn up most often."""

    story: str
    people: list[Any] = field(default_factory=list)
    places: list[Any] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)


@dataclass
class Synthetic:
    """The generator: `store` makes the facts, `questions` asks about them."""

    size: int
    seed: int = 1

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        groups = [group for group in read_data("thesaurus.yaml")["groups"] if group.get("en") and group.get("fr")]
        pairs = [(group["en"][0], group["fr"][0]) for group in groups]
        self.words = [(en, fr) for en, fr in pairs if en.isalpha() and fr.isalpha()]
        self.random.shuffle(self.words)
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self.taken: set[str] = set()
        self.rare = [self._name().lower() for _ in range(MOST_RARE)]

    def store(self) -> FactStore:
        """All of it, valid like any store."""
        stories, topics, entities = {}, {}, {}
        facts: dict[str, Fact] = {}
        briefs: dict[str, Brief] = {}
        disputes: dict[str, Dispute] = {}
        story_of: dict[str, str] = {}
        publisher = Publisher(id="press", name=_both("The Press", "La Presse"))
        documents = {
            f"report-{n}": Document.model_validate(
                {
                    "id": f"report-{n}",
                    "label": _both(f"Report {n}", f"Rapport {n}"),
                    "publisher": "press",
                    "published": f"2025-{n % 12 + 1:02}",
                }
            )
            for n in range(20)
        }
        for number in range(max(1, self.size // FACTS_OF_A_STORY)):
            cast = self._cast(f"story-{number}")
            name = self._name()
            about = {"title": _both(f"The {name} affair", f"L'affaire {name}"), "aliases": [name]}
            about["summary"] = _both(f"What happened in {name}.", f"Ce qui s'est passé à {name}.")
            stories[cast.story] = Story.model_validate({"id": cast.story, "since": "2025", **about})
            for entity in (*cast.people, *cast.places, *cast.bodies):
                entities[entity["id"]] = Entity.model_validate(entity)
            for n in range(TOPICS):
                en, fr = self._word()
                topics[f"topic-{number}-{n}"] = Topic(id=f"topic-{number}-{n}", name=_both(en, fr))
            mine = [self._fact(f"fact-{number}-{n}", number, cast) for n in range(min(self.size, FACTS_OF_A_STORY))]
            facts |= {fact.id: fact for fact in mine}
            made: list[Brief | Dispute] = [
                *(self._brief(mine[at : at + 3]) for at in range(0, len(mine) - 3, BRIEF_EVERY)),
                *(self._dispute(mine[at : at + 2]) for at in range(7, len(mine) - 2, DISPUTE_EVERY)),
            ]
            briefs |= {item.id: item for item in made if isinstance(item, Brief)}
            disputes |= {item.id: item for item in made if isinstance(item, Dispute)}
            ids = (*(item.id for item in (*mine, *made)), *(f"topic-{number}-{n}" for n in range(TOPICS)))
            story_of |= dict.fromkeys(ids, cast.story)
            story_of |= {entity["id"]: cast.story for entity in (*cast.people, *cast.places, *cast.bodies)}
        return FactStore({"press": publisher}, documents, stories, topics, entities, facts, briefs, disputes, story_of)

    def questions(self, store: FactStore, number: int) -> Iterator[str]:
        """What people might type: some as foreseen, most in other words, some that nothing answers."""
        facts = list(store.facts.values())
        for _ in range(number):
            fact = self.random.choice(facts)
            ask = self.random.choice(fact.asks.en if self.random.random() < 0.6 else fact.asks.fr)
            turn = self.random.random()
            if turn < 0.2:
                yield ask
            elif turn < 0.5:
                yield " ".join(word for word in ask.split() if self.random.random() < 0.8).lower() or ask
            elif turn < 0.7:
                yield self._mistyped(ask)
            elif turn < 0.85:
                at = self.random.randrange(1, len(ask.split()))
                yield " ".join(self._word()[0] if n == at else word for n, word in enumerate(ask.split()))
            else:
                yield f"{self.random.choice(('what about', 'why the', 'quid de'))} {self._word()[0]} {self._word()[1]}"

    def _fact(self, fact_id: str, story: int, cast: _Cast) -> Fact:
        who, body, where = self._often(cast.people), self._often(cast.bodies), self._often(cast.places)
        (verb, verbe), (thing, chose), (part, partie), (count, compte) = (self._word() for _ in range(4))
        figure, day = self.random.randrange(2, 5000), f"2025-{self.random.randrange(1, 13):02}-11"
        p, b, w = (one["name"]["en"] for one in (who, body, where))
        return Fact.model_validate(
            {
                "id": fact_id,
                "topic": f"topic-{story}-{self.random.randrange(TOPICS)}",
                "statement": _both(
                    f"{p} said in {w} that {b} would {verb} the {thing} of the {part}, {figure} {count} in all.",
                    f"{p} a dit à {w} que {b} allait {verbe} {chose} et {partie}, soit {figure} {compte}.",
                ),
                "status": "reported",
                "attributions": [{"by": who["id"], "manner": "on_record", "via": [f"report-{figure % 20}"]}],
                "as_of": day,
                "checked": "2025-12",
                "recheck": "never",
                "date": day if figure % 2 else None,
                "place": where["id"],
                "value": {"min": figure, "max": figure, "unit": count, "bound": "exactly"},
                "entities": [who["id"], body["id"]],
                "revision": 1,
                "asks": {
                    "en": [
                        f"when will {b} {verb} the {thing}?",
                        f"what did {p} say about the {part} in {w}?",
                        f"how many {count} does {b} have in {w}?",
                    ],
                    "fr": [
                        f"quand {b} va-t-il {verbe} {chose} ?",
                        f"qu'a dit {p} de {partie} à {w} ?",
                        f"combien de {compte} pour {b} à {w} ?",
                    ],
                },
            }
        )

    def _brief(self, facts: list[Fact]) -> Brief:
        lead = facts[0]
        asks = {"en": [f"what is known about {lead.asks.en[0][5:]}"], "fr": [f"que sait-on : {lead.asks.fr[0]}"]}
        return Brief.model_validate(
            {"id": f"brief-{lead.id}", "headline": lead.statement, "facts": [f.id for f in facts], "asks": asks}
        )

    def _dispute(self, facts: list[Fact]) -> Dispute:
        one = facts[0]
        return Dispute.model_validate(
            {
                "id": f"dispute-{one.id}",
                "topic": one.topic,
                "kind": "contradiction",
                "headline": one.statement,
                "at_odds": _both("Both cannot be so.", "Les deux s'excluent."),
                "positions": [{"statement": fact.statement, "facts": [fact.id]} for fact in facts],
                "asks": {"en": [f"is it true that {one.asks.en[2]}"]},
            }
        )

    def _cast(self, story: str) -> _Cast:
        cast = _Cast(story)
        for kind, people, number in (
            ("person", cast.people, PEOPLE),
            ("place", cast.places, PLACES),
            ("organisation", cast.bodies, BODIES),
        ):
            for n in range(number):
                last = self._name()
                full = f"{self._syllables(2).title()} {last}" if kind == "person" else last
                people.append(
                    {
                        "id": f"{kind}-{story}-{n}",
                        "kind": kind,
                        "name": _both(full, full),
                        "aliases": [last] if kind == "person" else [],
                        "description": _both("Made up.", "Inventé."),
                        "described_by": ["report-0"],
                    }
                )
        return cast

    def _name(self) -> str:
        """A name that nothing else has."""
        while (name := self._syllables(3).title()) in self.taken:
            pass
        self.taken.add(name)
        return name

    def _syllables(self, number: int) -> str:
        kinds = (OPENINGS, MIDDLES, MIDDLES, ENDINGS)
        return "".join(self.random.choice(kinds[n]) for n in range(number)) + self.random.choice(ENDINGS)

    def _word(self) -> tuple[str, str]:
        """A word in both languages: one of the thesaurus, or a rare one that no list has."""
        if self.random.random() < RARE_WORDS:
            return (self.random.choice(self.rare),) * 2
        return self.random.choices(self.words, cum_weights=self.weights)[0]

    def _often(self, things: list[Any]) -> Any:
        return things[int(len(things) * self.random.random() ** 2)]

    def _mistyped(self, text: str) -> str:
        at = self.random.randrange(1, len(text) - 1)
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


def _both(en: str, fr: str) -> dict[str, str]:
    return {"en": en, "fr": fr}
