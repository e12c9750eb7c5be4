"""Fixed wording, from the message catalogue, and dates as a reader writes them.

`locale/fr/LC_MESSAGES/briefbot.po` is what translators edit; it is compiled in memory, so
that nothing binary is kept and nothing has to be built.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources

from babel.dates import format_date, format_skeleton, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.facts.dates import EARLIEST, LATEST, PLAIN, Edtf, parse
from bot.facts.model import Language, Status

LOCALES: dict[Language, str] = {"en": "en_GB", "fr": "fr"}


class Wording:
    """All fixed sentences and words of one language."""

    def __init__(self, language: Language, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue
        self._date = lru_cache(maxsize=1024)(self._dated)

    def __call__(self, message: str, **values: object) -> str:
        """A fixed sentence, its {places} filled in."""
        return self._catalogue.gettext(message).format(**values)

    def of_catalogue(self, message: str) -> str | None:
        """The translation of a text as it stands, or None where the catalogue has none."""
        found = self._catalogue.gettext(message)
        return found if found != message or self.language == "en" else None

    def plural(self, one: str, many: str, number: int, **values: object) -> str:
        """A fixed sentence that depends on a number, {number} among its places."""
        return self._catalogue.ngettext(one, many, number).format(number=number, **values)

    def status(self, status: Status, *, disputed: bool) -> str:
        """The word for how sure a statement is; disputed goes before all but a denial."""
        words = {
            Status.CONFIRMED: self("confirmed"),
            Status.REPORTED: self("reported"),
            Status.ALLEGED: self("alleged"),
            Status.DENIED: self("denial"),
            Status.BACKGROUND: self("background"),
        }
        word = words[status]
        return self("{status}, disputed", status=word) if disputed else word

    def listing(self, things: Iterable[str]) -> str:
        """«a, b and c»."""
        named = list(things)
        if len(named) < 2:
            return "".join(named)
        return self("{first} and {last}", first=", ".join(named[:-1]), last=named[-1])

    def series(self, things: Iterable[str]) -> str:
        """«a; b; c», for things that hold commas themselves."""
        return (" ; " if self.language == "fr" else "; ").join(things)

    def day(self, day: date) -> str:
        """10 August 2025; in French the first is ordinal: 1er août 2025."""
        return _day(day, self.language)

    def weekday(self, number: int) -> str:
        """The name of a day of the week; Monday is 0."""
        return str(get_day_names("wide", locale=LOCALES[self.language])[number])

    def date(self, when: Edtf) -> str:
        """An EDTF date as a reader writes it, saying when it was inferred."""
        return self._date(when)

    def _dated(self, when: Edtf) -> str:
        said = self._said(when)
        if when.uncertain:
            return self("{date} (date inferred)", date=said)
        return said

    def _said(self, when: Edtf) -> str:
        if "/" in when.text:
            return self._interval(when)
        day = self._point(when)
        return self("about {date}", date=day) if when.approximate else day

    def _point(self, when: Edtf) -> str:
        bare = when.text.rstrip("?~%")
        if PLAIN.fullmatch(bare) and len(bare) == 4:
            return bare
        if PLAIN.fullmatch(bare) and len(bare) == 7:
            return _month(when.first, self.language)
        if when.first == when.last:
            return self.day(when.first)
        return self("{start} to {end}", start=self.day(when.first), end=self.day(when.last))

    def _interval(self, when: Edtf) -> str:
        start, end = (part.strip("?~%") for part in when.text.split("/"))
        if when.last == LATEST:
            said = self._point(parse(start))
            return self("since {day}", day=said) if len(start) == 10 else self("since {date}", date=said)
        if when.first == EARLIEST:
            said = self._point(parse(end))
            return self("until {day}", day=said) if len(end) == 10 else self("until {date}", date=said)
        month = _month(when.first, self.language)
        if when.approximate and (when.first.year, when.first.month) == (when.last.year, when.last.month):
            thirds = {(1, 10): self("early {month}", month=month), (11, 20): self("mid-{month}", month=month)}
            ends_month = (when.last + timedelta(days=1)).day == 1
            if (when.first.day, when.last.day) in thirds:
                return thirds[when.first.day, when.last.day]
            if when.first.day >= 20 and ends_month:
                return self("late {month}", month=month)
        halves = {
            ("01", "06"): self("first half of {year}", year=when.first.year),
            ("07", "12"): self("second half of {year}", year=when.first.year),
        }
        if len(start) == len(end) == 7 and start[:4] == end[:4] and (start[5:], end[5:]) in halves:
            return halves[start[5:], end[5:]]
        if when.approximate:
            return self("about {start} to {end}", start=self._point(parse(start)), end=self._point(parse(end)))
        return self("{start} to {end}", start=self._point(parse(start)), end=self._point(parse(end)))


@lru_cache(maxsize=1024)
def _day(day: date, language: Language) -> str:
    said = str(format_date(day, "d MMMM y", locale=LOCALES[language]))
    return said.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else said


@lru_cache(maxsize=1024)
def _month(day: date, language: Language) -> str:
    return str(format_skeleton("yMMMM", day, locale=LOCALES[language]))


@lru_cache(maxsize=2)
def wording(language: Language) -> Wording:
    """The wording of a language; English is the catalogue's own."""
    if language == "en":
        return Wording("en", gettext.NullTranslations())
    path = resources.files("bot.briefing").joinpath("locale", language, "LC_MESSAGES", "briefbot.po")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True))
    compiled.seek(0)
    return Wording(language, gettext.GNUTranslations(compiled))
