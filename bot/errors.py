"""The errors that briefbot explains to a person. Each message says what to do.

* BriefbotError
  - SeedsError            the facts cannot be used; carries every finding (bot.facts.findings)
  - QuestionFileError     a file of questions or a batch cannot be read
  - UnknownNameError      a story, fact, entity or document that does not exist
  - SettingsError         a setting has a wrong value
  - StateError            the database cannot be used
  - RefusedError          a platform does not take us: wrong token, missing right
  - UnknownZoneError      no time zone has that name (bot.digest.schedule)
"""

from __future__ import annotations


class BriefbotError(Exception):
    """The root: `str(error)` is one sentence for the person who can act on it."""


class QuestionFileError(BriefbotError):
    """A question file or a batch cannot be read; the message names file and line."""


class UnknownNameError(BriefbotError):
    """No story, fact, entity or document has that name; the message lists what there is."""


class SettingsError(BriefbotError):
    """A setting has a value that cannot be used; the message names it and what would be right."""


class RefusedError(BriefbotError):
    """A platform does not take us, and trying again is of no use; the message says what to do."""


class StateError(BriefbotError):
    """The database cannot be used; the message says what to do."""
