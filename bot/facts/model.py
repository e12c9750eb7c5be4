"""The values that a fact store is made of, each impossible to build when it breaks a promise.

Every scalar of a seed file arrives as a string (see `yamlread`); the types here say what it
becomes. Unknown keys are refused everywhere.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.facts.dates import Edtf
from bot.facts.text import Id, Text

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


class Status(StrEnum):
    """How sure a fact is. *Disputed* is computed from disputes, never stored."""

    CONFIRMED = "confirmed"
    REPORTED = "reported"
    ALLEGED = "alleged"
    DENIED = "denied"
    BACKGROUND = "background"


class State(StrEnum):
    """Whether a fact stands."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"


class ChangeClass(StrEnum):
    """What kind of change a new revision is; it decides who is told, and how."""

    TYPO = "typo"
    UPDATE = "update"
    CORRECTION = "correction"
    RETRACTION = "retraction"


class Manner(StrEnum):
    """How a thing was said."""

    ON_RECORD = "on_record"  # by a named person or body, openly
    ANONYMOUS = "anonymous"  # by somebody who is not named
    REPORT = "report"  # by a news organisation or body, in its own report
    DOCUMENT = "document"  # by the document itself, in its own voice
    LEAK = "leak"  # in leaked reports


class Bound(StrEnum):
    """How the figures of a value are to be read."""

    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOUT = "about"
    RANGE = "range"


class Recheck(StrEnum):
    """How soon an editor looks at a fact again: its volatility."""

    NEVER = "never"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"

    @property
    def days(self) -> int | None:
        """The interval in days, None for what cannot change."""
        return {"never": None, "year": 365, "quarter": 92, "month": 31, "week": 7}[self.value]


def _whole_number(value: object) -> object:
    """Read digits and nothing else: `1_000`, `010` and `12:30` are no numbers here."""
    if isinstance(value, str):
        if not re.fullmatch(r"0|[1-9][0-9]{0,11}", value):
            raise ValueError(f"{value!r} is no whole number; write digits only, such as 5000")
        return int(value)
    return value


def _truth(value: object) -> object:
    """Read `true` and `false`, not YAML's many other spellings."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Count = Annotated[int, BeforeValidator(_whole_number), Field(ge=0)]
Truth = Annotated[bool, BeforeValidator(_truth), Field(strict=True)]


class Model(BaseModel):
    """Frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalText(Model):
    """The same text in each language."""

    en: Text
    fr: Text

    def in_(self, language: Language) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.fr


class Asks(Model):
    """Questions that a fact, brief or dispute answers, as people ask them."""

    en: tuple[Text, ...] = ()
    fr: tuple[Text, ...] = ()

    def in_(self, language: Language) -> tuple[str, ...]:
        """The questions in one language."""
        return self.en if language == "en" else self.fr


class Publisher(Model):
    """Who publishes documents."""

    id: Id
    name: LocalText


class Document(Model):
    """A text that facts come from.

    `label` is what a reader prints when the document itself is the source. `publisher` may
    be null: then the document does not name it. `published_note` says how an inferred date
    was inferred.
    """

    id: Id
    label: LocalText
    title: Text | None = None
    publisher: Id | None
    published: Edtf
    published_note: LocalText | None = None
    mirror_of: Id | None = None
    carried_by: Id | None = None
    note: LocalText | None = None


class Entity(Model):
    """A person, organisation, place, event, term or unnamed voice that questions name.

    `aliases` point here alone. `shared_aliases` are known to fit others too, so that a
    question with nothing more is asked back. `origin` is the entity or document through
    whom alone this voice is known: what it says counts as that origin.
    """

    id: Id
    kind: Literal["person", "organisation", "place", "event", "term", "voice"]
    name: LocalText
    aliases: tuple[Text, ...] = ()
    shared_aliases: tuple[Text, ...] = ()
    description: LocalText
    described_by: Annotated[tuple[Id, ...], Field(min_length=1)]
    origin: Id | None = None


class Attribution(Model):
    """Who said it, in what manner, and through which documents it reached us."""

    by: Id
    manner: Manner
    via: Annotated[tuple[Id, ...], Field(min_length=1)]


class Value(Model):
    """A figure: at least 50 is `min: 50, bound: at_least`; 36 to 40 is a `range`."""

    min: Count | None = None
    max: Count | None = None
    unit: Text
    bound: Bound

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        needs_max = self.bound is not Bound.AT_LEAST
        needs_min = self.bound is not Bound.AT_MOST
        if (self.min is None) == needs_min or (self.max is None) == needs_max:
            raise ValueError(
                f"a value that is {self.bound.value} takes "
                + ("`min` only" if not needs_max else "`max` only" if not needs_min else "both `min` and `max`")
            )
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"`min` {self.min} is above `max` {self.max}; exchange them")
        if self.bound is Bound.EXACTLY and self.min != self.max:
            raise ValueError(f"a value from {self.min} to {self.max} is a `range`; exactly takes the same figure twice")
        return self

    def excludes(self, other: Value) -> bool:
        """Whether no figure satisfies both (`about` allows a tenth either way)."""
        if self.unit != other.unit:
            return False
        low, high = self._limits()
        other_low, other_high = other._limits()
        return high < other_low or other_high < low

    def _limits(self) -> tuple[float, float]:
        low = float(self.min) if self.min is not None else 0.0
        high = float(self.max) if self.max is not None else float("inf")
        slack = 0.1 if self.bound is Bound.ABOUT else 0.0
        return low * (1 - slack), high * (1 + slack)


class Content(Model):
    """What a reader is told by one revision of a fact."""

    statement: LocalText
    status: Status
    attributions: Annotated[tuple[Attribution, ...], Field(min_length=1)]
    as_of: Edtf
    date: Edtf | None = None
    place: Id | None = None
    value: Value | None = None
    state: State = State.CURRENT


class Change(Model):
    """Why this revision replaced the one before."""

    kind: ChangeClass = Field(alias="class")
    reason: LocalText
    on: Edtf


class PastRevision(Content):
    """What a fact said before; kept for ever."""

    revision: Annotated[Count, Field(ge=1)]
    change: Change | None = None


class Fact(Content):
    """One atomic statement in our own words, with who says so and how sure that is.

    `as_of` is when the statement was true or said; `checked` is when an editor last checked
    it. `against` names the persons whom an allegation accuses; `reply` is the fact with
    their denial, or `none` when the documents carry no reply.
    """

    id: Id
    topic: Id
    checked: Edtf
    recheck: Recheck
    entities: tuple[Id, ...] = ()
    asks: Asks
    timeline: Truth = False
    against: tuple[Id, ...] = ()
    reply: Id | None = None
    superseded_by: Id | None = None
    revision: Annotated[Count, Field(ge=1)]
    change: Change | None = None
    history: tuple[PastRevision, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.revision > 1) != (self.change is not None):
            raise ValueError("revision 1 has no `change`; every later one says its class, reason and date in `change`")
        if [past.revision for past in self.history] != list(range(1, self.revision)):
            raise ValueError(
                f"revision {self.revision} needs every earlier revision in `history`, 1 first; "
                "copy the wording that you replace there before you change it"
            )
        if (self.state is State.SUPERSEDED) != (self.superseded_by is not None):
            raise ValueError("a superseded fact, and no other, names its successor in `superseded_by`")
        if self.state is not State.CURRENT and self.change is None:
            raise ValueError(f"a {self.state.value} fact needs a new revision whose `change` gives the reason")
        if self.state is State.RETRACTED and self.change and self.change.kind is not ChangeClass.RETRACTION:
            raise ValueError("the change that retracts a fact has the class `retraction`")
        if self.against and self.status is not Status.ALLEGED:
            raise ValueError("`against` belongs to an allegation; set the status `alleged` or drop it")
        if bool(self.against) != (self.reply is not None):
            raise ValueError(
                "an allegation against a named person needs `against` and `reply`: the id of the fact "
                "that holds the denial, or `none` when the documents carry no reply"
            )
        return self


class Brief(Model):
    """A curated answer to a question that people really ask."""

    id: Id
    headline: LocalText
    facts: Annotated[tuple[Id, ...], Field(min_length=1)]
    asks: Asks


class Position(Model):
    """One side of a dispute; its sources are those of its facts."""

    statement: LocalText
    facts: Annotated[tuple[Id, ...], Field(min_length=1)]


class DisputeKind(StrEnum):
    """What kind of disagreement it is."""

    CONTRADICTION = "contradiction"  # cannot all be true
    COMPATIBLE = "compatible"  # differ, yet may all be true
    EVOLUTION = "evolution"  # things moved on between them
    SPELLING = "spelling"  # the same thing, written differently


class Dispute(Model):
    """Positions on one topic that cannot all be true, or that differ between sources."""

    id: Id
    topic: Id
    kind: DisputeKind
    headline: LocalText
    at_odds: LocalText
    positions: Annotated[tuple[Position, ...], Field(min_length=2)]
    asks: Asks = Asks()


class Topic(Model):
    """What facts are about, at the level of a question."""

    id: Id
    name: LocalText


class Story(Model):
    """Facts, briefs, disputes and a timeline that belong together.

    The story of the lowest `rank` is the one that commands without a story mean.
    """

    id: Id
    rank: Annotated[Count, Field(ge=1)] = 100
    title: LocalText
    summary: LocalText
    aliases: tuple[Text, ...] = ()
    since: Edtf


class DocumentsFile(Model):
    """`documents.yaml`."""

    publishers: tuple[Publisher, ...] = ()
    documents: tuple[Document, ...]


class StoryFile(Model):
    """`<story>/story.yaml`."""

    story: Story


class EntitiesFile(Model):
    """`<story>/entities.yaml`, or a file in `<story>/entities/`."""

    entities: tuple[Entity, ...]


class FactsFile(Model):
    """`<story>/facts.yaml`, or a file in `<story>/facts/`."""

    topics: tuple[Topic, ...] = ()
    facts: tuple[Fact, ...]


class BriefsFile(Model):
    """`<story>/briefs.yaml`, or a file in `<story>/briefs/`."""

    briefs: tuple[Brief, ...]


class DisputesFile(Model):
    """`<story>/disputes.yaml`, or a file in `<story>/disputes/`."""

    disputes: tuple[Dispute, ...]
