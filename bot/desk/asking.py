"""What comes to the desk and what goes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.briefing.answer import Answer
from bot.briefing.card import Card
from bot.digest.ledger import Contact
from bot.digest.places import Person, Place, Visibility
from bot.digest.sightings import Showing
from bot.facts.model import Language


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks where and when. `thread` names the conversation; `now` is aware.

    Without a `place` and a `person` nothing is recorded and nothing can be subscribed.
    `may_manage` is the adapter's word that this person may subscribe this channel, `is_editor`
    that they are an editor; `zone` is the person's own where the platform tells. A reply is seen
    by all only when `visibility` says so. `direct_address` is the person's open direct
    conversation, where they are spoken to elsewhere; `threads` says that answers for all may open one here.
    """

    now: datetime
    language: Language | None = None
    default_language: Language = "en"
    story: str | None = None
    thread: str | None = None
    place: Place | None = None
    person: Person | None = None
    visibility: Visibility = Visibility.PRIVATE
    may_manage: bool = False
    is_editor: bool = False
    zone: str | None = None
    place_label: str = ""
    direct_address: str = ""
    threads: bool = False

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the moment of asking needs a time zone")

    @property
    def reply_language(self) -> Language:
        """The language of what is not an answer to a question."""
        return self.language or self.default_language


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a card, and the answer behind it when the line was a question.

    `notices` waited for this person and are shown to them alone, then acknowledged by
    `Desk.delivered`. `showing` is the record of what was shown, by which the message is found
    again once it is posted.
    """

    card: Card
    answer: Answer | None = None
    visibility: Visibility = Visibility.PRIVATE
    notices: tuple[Contact, ...] = ()
    showing: Showing | None = None
