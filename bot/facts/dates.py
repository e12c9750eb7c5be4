"""Dates as editors can know them: EDTF, from a day to "since 2012".

The notation is the Library of Congress' Extended Date/Time Format
(https://www.loc.gov/standards/datetime/), levels 0 and 1. The `edtf` package takes
milliseconds for each parse, so the plain forms (a year, month or day with an optional
qualifier), which are nearly all that a store holds, are read here and only the rest goes
to the package.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

PLAIN = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?([?~%])?", re.ASCII)
# The rest of levels 0 and 1: unspecified digits, seasons, times. Nothing else reaches the package, which
# computes `Y1E999999999` in full, skips blanks and prints some of its troubles to standard output.
RARE = re.compile(
    r"(?:\d\d[\dX]X|\d{4}-(?:XX|2[1-4])|\d{4}-(?:\d\d|XX)-XX)[?~%]?|\d{4}-\d\d-\d\dT[\d:]+(?:Z|[+-][\d:]+)?", re.ASCII
)
EARLIEST, LATEST = date(1000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True, order=False)
class Edtf:
    """A date, month, year or interval, with what is uncertain about it.

    `first` and `last` are the earliest and the latest day that it can mean; an open end
    reaches to `EARLIEST` or `LATEST`.
    """

    text: str
    first: date
    last: date

    def __str__(self) -> str:
        return self.text

    @property
    def sort_key(self) -> tuple[date, date, str]:
        """Earlier first; of two that begin on the same day, the more precise one first."""
        return (self.first, self.last, self.text)

    @property
    def uncertain(self) -> bool:
        """Whether the date was inferred (`?`) or is both inferred and approximate (`%`)."""
        return "?" in self.text or "%" in self.text

    @property
    def approximate(self) -> bool:
        """Whether the date is only about right (`~` or `%`)."""
        return "~" in self.text or "%" in self.text

    @property
    def open_ended(self) -> bool:
        """Whether it began at `first` and goes on."""
        return self.last == LATEST

    def excludes(self, other: Edtf) -> bool:
        """Whether no day satisfies both."""
        return self.last < other.first or other.last < self.first

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic read an Edtf from its notation and write it back."""
        from_text = core_schema.no_info_after_validator_function(parse, core_schema.str_schema())
        return core_schema.no_info_wrap_validator_function(
            lambda value, read: value if isinstance(value, cls) else read(value),
            from_text,
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe it to a code editor as what it is written as."""
        return {"type": "string", "description": "An EDTF date: 2025-08-10, 2025-08, 2012/.., 2025-08-10?"}


@lru_cache(maxsize=4096)
def parse(text: str) -> Edtf:
    """Read an EDTF date.

    Raises:
        ValueError: `text` is no EDTF date, or one that cannot be (30 February).
    """
    plain = PLAIN.fullmatch(text)
    if plain:
        year, month, day = int(plain[1]), int(plain[2] or 0), int(plain[3] or 0)
        try:
            first = date(year, month or 1, day or 1)
        except ValueError as error:
            raise ValueError(f"the date {text!r} cannot be: {error}") from None
        last_month = month or 12
        last_day = day or calendar.monthrange(year, last_month)[1]
        return Edtf(text, first, date(year, last_month, last_day))
    if text.count("/") == 1:
        return _interval(text)
    if RARE.fullmatch(text):
        return _by_library(text)
    raise _no_date(text)


def _interval(text: str) -> Edtf:
    start, end = text.split("/")
    first = EARLIEST if start in ("", "..") else parse(start).first
    last = LATEST if end in ("", "..") else parse(end).last
    if first > last or (first, last) == (EARLIEST, LATEST):
        raise ValueError(f"the interval {text!r} ends before it begins, or has no end at all")
    return Edtf(text, first, last)


def _by_library(text: str) -> Edtf:
    from edtf import EDTFParseException, parse_edtf  # noqa: PLC0415 (75 ms that most stores never need)

    try:
        parsed = parse_edtf(text)
        low, high = parsed.lower_strict(), parsed.upper_strict()
        return Edtf(text, date(*low[:3]), date(*high[:3]))
    except (EDTFParseException, TypeError, ValueError, AttributeError):
        raise _no_date(text) from None


def _no_date(text: str) -> ValueError:
    return ValueError(
        f"{text!r} is no EDTF date. Write 2025-08-10, 2025-08, 2025, an interval such as "
        "2012/.. or 2024-01/2024-06, and ? behind it when it was inferred"
    )
