"""One query parameter: how its text becomes a value, and what OpenAPI says of it.

Values are read strictly: `1_000`, ` 201`, a NUL or bytes that are not UTF-8 are mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from misconduct.model.observation import ID_IN_WORDS, OBSERVATION_ID
from misconduct.model.period import YEAR_PATTERN, bounds, read_year_label
from misconduct.model.text import UNFIT, as_float64

MOST_VALUES = 100
MOST_ROWS = 1_000
MOST_PIXELS = 999_999

_PLAIN_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?", re.ASCII)
_PLAIN_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)


MOST_WORDS, SHORTEST_WORD = 10, 2
_OPERATORS = re.compile(r'["*|&!()<>\\]|(?<!\S)[-+]\w|\b(?:AND|OR|NOT)\b')
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SEARCHED_WORD = re.compile(r"\w(?:[\w,.%'\u2019-]*[\w%])?")


class Unreadable(ValueError):
    """The text cannot be read; the message says what is allowed."""


class OutOfRange(Unreadable):
    """The text is a number, but not one that is allowed."""


def read_text(text: str) -> str:
    return text


def read_words(text: str) -> str:
    """Read words to search for."""
    if _OPERATORS.search(text):
        raise Unreadable("words alone: quotes, -, OR, NOT and other operators are not understood")
    words = split_words(text)
    if not 1 <= len(words) <= MOST_WORDS or max(map(len, words)) < SHORTEST_WORD:
        raise Unreadable(f"one to {MOST_WORDS} words, at least one of them of two letters")
    return text


def split_words(text: str) -> list[str]:
    """Split a text into words; what is between them means nothing."""
    return list(dict.fromkeys(_SEARCHED_WORD.findall(text)))


def read_title(text: str) -> str:
    """Read a line of text to show in a picture."""
    if UNFIT.search(text) or _NO_LINE.search(text) or not text.strip():
        raise Unreadable("a line of text, without control characters")
    return text.strip()


def read_number(text: str) -> Decimal:
    """Read a number that a 64-bit float holds exactly as it is written, like every value of a figure."""
    if not _PLAIN_NUMBER.fullmatch(text) or Decimal(text) != as_float64(text):
        raise Unreadable("a plain decimal number of at most 15 digits, such as 1071 or 0.02")
    return Decimal(text)


def read_year(text: str) -> str:
    """Read the label of a year: `2022`, `2019/20` or `2019-20`."""
    try:
        return read_year_label(text)
    except ValueError as error:
        raise Unreadable("a year, such as 2022, or 2019/20 for twelve months that begin in 2019") from error


def read_beginning_of_year(text: str) -> int:
    """Read the calendar year in which a year begins: 2019 for `2019` and `2019/20`."""
    return int(read_year(text)[:4])


class Interval(NamedTuple):
    """The first and the last day of a period."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


def read_interval(text: str) -> Interval:
    """Read a period: `2014/2024`, `2022-01-15/2022-03`, or one date."""
    start, _, end = text.partition("/")
    first, last = _read_bounds(start)[0], _read_bounds(end or start)[1]
    if last < first or (text.endswith("/") and not end):
        raise Unreadable("a period: two dates in their order with a slash between them, such as 2014/2024")
    return Interval(first, last)


def read_limit(text: str) -> int:
    if not 1 <= _read_integer(text) <= MOST_ROWS:
        raise OutOfRange(f"between 1 and {MOST_ROWS}")
    return int(text)


def read_id(text: str) -> str:
    """Read the id of an observation."""
    if OBSERVATION_ID.fullmatch(text) is None:
        raise Unreadable(f"an observation id ({ID_IN_WORDS})")
    return text


class Cited(NamedTuple):
    """A figure that was published, and the value that was printed, if it is known."""

    id: str
    value: Decimal | None

    def __str__(self) -> str:
        return self.id if self.value is None else f"{self.id}:{self.value:f}"


def read_cited(text: str) -> Cited:
    """Read a figure that was published, an id and perhaps a value: `k7m3q:1492`."""
    identity, colon, value = text.partition(":")
    try:
        return Cited(read_id(identity), read_number(value) if colon else None)
    except Unreadable as error:
        raise Unreadable("a figure's id, perhaps with its value in plain digits: k7m3q:1492") from error


def read_pixels(text: str) -> int:
    if not 1 <= _read_integer(text) <= MOST_PIXELS:
        raise OutOfRange(f"between 1 and {MOST_PIXELS}")
    return int(text)


def _read_integer(text: str) -> int:
    if not _PLAIN_INTEGER.fullmatch(text):
        raise Unreadable("a whole number")
    return int(text)


def read_first_day(text: str) -> date:
    return _read_bounds(text)[0]


def read_last_day(text: str) -> date:
    return _read_bounds(text)[1]


def _read_bounds(text: str) -> tuple[date, date]:
    try:
        return bounds(text)
    except ValueError as error:
        raise Unreadable("a date that exists: YYYY, YYYY-MM or YYYY-MM-DD") from error


def read_day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise Unreadable("a day: YYYY-MM-DD")
    return _read_bounds(text)[0]


_SCHEMAS: dict[Any, dict[str, Any]] = {
    read_limit: {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
    read_pixels: {"type": "integer", "minimum": 1, "maximum": MOST_PIXELS},
    read_number: {"type": "number"},
    read_year: {"type": "string", "pattern": YEAR_PATTERN},
    read_beginning_of_year: {"type": "string", "pattern": YEAR_PATTERN},
}
"""The JSON schema of what a reader returns, where that is not a string."""


@dataclass(frozen=True)
class Parameter:
    """A query parameter. An `example` of several values has commas between them; at least `least` are required.

    With `commas`, a text is several values with commas between them.
    """

    name: str
    description: str
    example: str
    read: Callable[[str], Any] = read_text
    repeatable: bool = False
    commas: bool = False
    choices: tuple[str, ...] | None = None
    default: str | None = None
    least: int = 0

    @property
    def described(self) -> str:
        """The description, with the default in the usual words."""
        return self.description if self.default is None else f"{self.description} Default: {self.default}."

    def openapi(self) -> dict[str, Any]:
        """Describe this parameter as an OpenAPI Parameter Object."""
        item: dict[str, Any] = dict(_SCHEMAS.get(self.read, {"type": "string"}))
        if self.choices:
            item["enum"] = list(self.choices)
            if any(choice.startswith("-") for choice in self.choices):
                # What generated clients call a choice: `-value` is VALUE_DESCENDING.
                item["x-enum-varnames"] = [
                    (f"{choice[1:]}_descending" if choice.startswith("-") else choice).upper()
                    for choice in self.choices
                ]
        if self.default is not None:
            item["default"] = int(self.default) if item["type"] == "integer" else self.default
        examples: list[Any] = self.example.split(",")
        if item["type"] != "string":
            examples = [int(text) if text.isdigit() else float(text) for text in examples]
        several = {"type": "array", "items": item, "minItems": self.least, "maxItems": MOST_VALUES}
        return {
            "name": self.name,
            "in": "query",
            "required": self.least > 0,
            "description": self.described,
            "schema": several if self.repeatable else item,
            "example": examples if self.repeatable else examples[0],
            **({"style": "form", "explode": True} if self.repeatable else {}),
        }
