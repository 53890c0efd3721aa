"""The parameters of the API: how each is read, and what OpenAPI says of it. One table, `PARAMETERS`.

Values are read strictly: `1_000`, ` 201`, a NUL or bytes that are not UTF-8 are mistakes, and all mistakes of one
request are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from app.domain.figure import as_programs_read
from app.domain.period import PeriodType, bounds
from app.domain.printed import read_number as read_printed_number
from app.domain.vocabulary import Qualifier, Statistic
from app.errors import Fault, InvalidRequest, RequestTooLong
from app.http.limits import LONGEST_QUERY, MOST_PAIRS
from app.queries.observations import SORTS

LONGEST_VALUE = 500
MOST_VALUES = 100
MOST_ROWS = 1_000
DEFAULT_ROWS = 100
DEFAULT_SORT = "period"

MOST_COMPARED = 5_000
"""Known words with which a misspelt one is compared."""

MOST_COMPARED_CLOSELY = 50
"""Of these, those that share most pairs of letters with it. To compare two words closely takes 0.1 ms."""

MOST_HELPED = 5
"""Mistakes of one request that come with a suggestion, and with what is allowed though another mistake says it."""

_PLAIN_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?", re.ASCII)
_PLAIN_INTEGER = re.compile(r"\d{1,6}", re.ASCII)
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f]")


class Unreadable(ValueError):
    """What is allowed instead of what was found."""


def read_text(text: str) -> str:
    return text


def read_number(text: str) -> Decimal:
    """A number that programs read as it is written, as all values of figures are."""
    if not _PLAIN_NUMBER.fullmatch(text) or Decimal(text) != as_programs_read(text):
        raise Unreadable("a plain decimal number of at most 15 digits, such as 1071 or 0.02")
    return Decimal(text)


def read_sort_value(text: str) -> Decimal:
    """The value at which a page begins; what has no number comes last in both directions. Raises ValueError."""
    return Decimal(text) if text in ("NaN", "-Infinity") else read_number(text)


def read_year(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or text == "0000":
        raise Unreadable("a year of four digits, such as 2022")
    return int(text)


def read_limit(text: str) -> int:
    if not _PLAIN_INTEGER.fullmatch(text) or not 1 <= int(text) <= MOST_ROWS:
        raise Unreadable(f"a whole number from 1 to {MOST_ROWS}")
    return int(text)


def read_pixels(text: str) -> int:
    if not _PLAIN_INTEGER.fullmatch(text) or int(text) == 0:
        raise Unreadable("a whole number of pixels from 1 to 999999")
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


@dataclass(frozen=True)
class Parameter:
    """One query parameter: how its text becomes a value, and its documentation.

    `codelist` names the list whose codes it takes (checked against the release that is asked); `choices` closes it;
    `least` values are needed. An example of several values has commas between them.
    """

    name: str
    description: str
    example: str
    read: Callable[[str], Any] = read_text
    repeatable: bool = False
    codelist: str | None = None
    choices: tuple[str, ...] | None = None
    default: str | None = None
    least: int = 0

    def openapi(self) -> dict[str, Any]:
        """This parameter as an OpenAPI Parameter Object."""
        item: dict[str, Any] = {"type": "string"}
        if self.read is read_limit:
            item = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}
        elif self.read is read_pixels:
            item = {"type": "integer", "minimum": 1, "maximum": 999_999}
        elif self.read is read_number:
            item = {"type": "number"}
        elif self.read is read_year:
            item = {"type": "integer", "minimum": 1, "maximum": 9999}
        if self.choices:
            item["enum"] = list(self.choices)
            if any(choice.startswith("-") for choice in self.choices):
                item["x-enum-varnames"] = [_constant(choice) for choice in self.choices]
        if self.default is not None:
            item["default"] = int(self.default) if item["type"] == "integer" else self.default
        examples = [_typed(text, item["type"]) for text in self.example.split(",")]
        return {
            "name": self.name,
            "in": "query",
            "required": self.least > 0,
            "description": self.description,
            "schema": self._array_of(item) if self.repeatable else item,
            "example": examples if self.repeatable else examples[0],
            **({"style": "form", "explode": True} if self.repeatable else {}),
        }

    def _array_of(self, item: dict[str, Any]) -> dict[str, Any]:
        return {"type": "array", "items": item, "minItems": self.least, "maxItems": MOST_VALUES}


def _constant(choice: str) -> str:
    """What generated clients call a choice: `-value` is VALUE_DESCENDING."""
    return (f"{choice[1:]}_descending" if choice.startswith("-") else choice).upper()


def _typed(text: str, kind: str) -> Any:
    """An example as its JSON type has it."""
    if kind == "string":
        return text
    return int(text) if text.isdigit() else float(text)


def _code(name: str, description: str, example: str, **more: Any) -> Parameter:
    more.setdefault("codelist", name)
    return Parameter(name, description + " Repeat for several.", example, repeatable=True, **more)


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "value",
            "Figures with exactly this value: what is this number? Repeat for several.",
            "1071",
            read_number,
            True,
        ),
        Parameter("value_from", "Figures with at least this value.", "1000", read_number),
        Parameter("value_to", "Figures with at most this value.", "2000", read_number),
        _code("area", "Whose police force it is about (ONS code).", "E23000001"),
        _code("measure", "What happened.", "accused"),
        _code("statistic", "What kind of number.", "count", choices=tuple(Statistic)),
        _code("category", "Kind of misconduct.", "sexual_assault"),
        _code("population", "Among whom.", "officers"),
        _code("counting_unit", "What one of them is.", "people"),
        Parameter("year", "Figures for exactly this year. Repeat for several.", "2022", read_year, True),
        Parameter("period_from", "Figures whose dated period reaches this day or later.", "2014", read_first_day),
        Parameter("period_to", "Figures whose dated period begins by this day.", "2024-12-31", read_last_day),
        _code("period_type", "How the figure relates to time.", "year", choices=tuple(PeriodType)),
        _code("source", "The source that prints it.", "eye-of-media-2024-disclosure", codelist="source"),
        Parameter("publisher", "The publisher of the source. Repeat for several.", "Police Oracle", repeatable=True),
        Parameter("published_from", "Sources published on this day or later.", "2023-01", read_first_day),
        Parameter("published_to", "Sources published by this day.", "2024", read_last_day),
        _code("stated_by", "Who the source says stated it.", "metropolitan_police"),
        _code("origin", "The source where the claim first stood.", "eye-of-media-2024-disclosure", codelist="source"),
        _code("obs_status", "SDMX observation status.", "A"),
        _code("qualifier", "How firmly it is stated.", "exact", choices=tuple(Qualifier)),
        _code("disagreement", "The members of a disagreement.", "how-many-were-accused", codelist="disagreement"),
        Parameter("id", "An observation. Give two or more.", "k7m3q,gb7nr", repeatable=True, least=2),
        Parameter("release", "Number of a release, or latest. Without it, and without as_of: latest.", "1.2.0"),
        Parameter(
            "as_of", "Instead of release: the release in force at the end of this UTC day.", "2026-11-20", read_day
        ),
        Parameter("from", "The release after which changes are told: number of an earlier one.", "1.0.0"),
        Parameter("limit", "Rows of one page.", "100", read_limit, default=str(DEFAULT_ROWS)),
        Parameter("cursor", "Where the page begins: from links.next of the page before.", ""),
        Parameter("bom", "1: a CSV begins with a byte-order mark, for Excel.", "1", choices=("0", "1"), default="0"),
        Parameter(
            "theme",
            "Colours of a chart. auto: those that the reader's system asks for; of a picture by itself, light.",
            "dark",
            choices=("auto", "light", "dark"),
            default="auto",
        ),
        Parameter(
            "size",
            "wide: 640 pixels, narrow: 320. An embed chooses by the room that it has.",
            "narrow",
            choices=("wide", "narrow"),
            default="wide",
        ),
        Parameter(
            "notice",
            "1: a chart of a named release says so in the picture where its figures have been revised since.",
            "1",
            choices=("0", "1"),
            default="0",
        ),
        Parameter("url", "Address of a chart of this service.", "http://localhost:8000/charts/case-review-split"),
        Parameter("maxwidth", "Most pixels that the embed may be wide.", "600", read_pixels),
        Parameter("maxheight", "Most pixels that the embed may be high.", "800", read_pixels),
        Parameter("format", "Form of the answer.", "json", choices=("json", "xml"), default="json"),
        Parameter("sort", "Order of the rows.", "period", choices=tuple(SORTS), default=DEFAULT_SORT),
    )
}

RELEASE_PARAMETERS = ("release", "as_of")
TABLE_PARAMETERS = (*RELEASE_PARAMETERS, "bom")
PAGE_PARAMETERS = ("limit", "cursor")
PICTURE_PARAMETERS = (*RELEASE_PARAMETERS, "theme", "size", "notice")
OEMBED_PARAMETERS = ("url", "maxwidth", "maxheight", "format")
_OF_OTHERS = {"id", "from", "theme", "size", "notice", *OEMBED_PARAMETERS}
LISTING_PARAMETERS = tuple(name for name in PARAMETERS if name not in _OF_OTHERS)
BY_YEAR_PARAMETERS = tuple(name for name in LISTING_PARAMETERS if name not in ("sort", "period_type"))

Values = Mapping[str, list[Any]]


def read_query(raw: bytes, accepted: Iterable[str]) -> tuple[dict[str, list[Any]], list[Fault]]:
    """The parameters of a query string by name, and everything that is wrong with it.

    Raises RequestTooLong before reading more than LONGEST_QUERY bytes.
    """
    if len(raw) > LONGEST_QUERY:
        raise RequestTooLong(f"A query string has at most {LONGEST_QUERY} bytes; this one has {len(raw)}.")
    accepted, pairs = tuple(accepted), [pair for pair in raw.split(b"&") if pair]
    if len(pairs) > MOST_PAIRS:
        raise RequestTooLong(f"A query has at most {MOST_PAIRS} parameters; this one has {len(pairs)}.")
    values: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    for pair in pairs:
        name, _, text = (_decode(part) for part in pair.partition(b"="))
        if name is None or text is None or _UNREADABLE.search(name + text) or len(text) > LONGEST_VALUE:
            shown = (name or "?")[:40].encode("ascii", "backslashreplace").decode()
            faults.append(
                Fault(
                    shown,
                    "unreadable",
                    f"Values are UTF-8 text without control characters, up to {LONGEST_VALUE} long.",
                )
            )
        elif name not in accepted:
            if all(fault.parameter != name for fault in faults):
                faults.append(_unknown_parameter(name, accepted, len(faults)))
        else:
            _read_value(PARAMETERS[name], text, values, faults)
    faults.extend(_contradictions(values))
    return values, faults


def _decode(part: bytes) -> str | None:
    try:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _unknown_parameter(name: str, accepted: tuple[str, ...], before: int) -> Fault:
    meant = suggest(name, accepted) if before < MOST_HELPED else None
    detail = f"There is no parameter {name!r} here."
    return Fault(name, "unknown_parameter", detail, tuple(sorted(accepted)), meant)


def _read_value(parameter: Parameter, text: str, values: dict[str, list[Any]], faults: list[Fault]) -> None:
    name, choices = parameter.name, parameter.choices
    found = values.setdefault(name, [])
    if found and not parameter.repeatable:
        faults.append(Fault(name, "repeated_parameter", f"{name} can be given once."))
    elif len(found) >= MOST_VALUES:
        faults.append(Fault(name, "too_many_values", f"{name} takes at most {MOST_VALUES} values."))
    elif choices is not None and text not in choices:
        meant = suggest(text, choices) if len(faults) < MOST_HELPED else None
        faults.append(Fault(name, "unknown_value", f"{text!r} is not one of them.", choices, meant))
    else:
        try:
            found.append(parameter.read(text))
        except Unreadable as wanted:
            meant = _plainly(text) if parameter.read is read_number else None
            faults.append(Fault(name, "unreadable", f"{text[:80]!r} is not {wanted}.", did_you_mean=meant))


def _plainly(printed: str) -> str | None:
    """A number as it is printed (`1,071`, `one in 50`, `42%`) as a plain one."""
    found = read_printed_number(printed)
    if found is None:
        return None
    return str(found.value) if found.value.denominator == 1 else f"{float(found.value):.6f}".rstrip("0")


def _contradictions(values: Values) -> Iterable[Fault]:
    if "release" in values and "as_of" in values:
        yield Fault("as_of", "contradiction", "Give release or as_of, not both.")
    for start, end in (("value_from", "value_to"), ("period_from", "period_to"), ("published_from", "published_to")):
        if values.get(start) and values.get(end) and values[start][0] > values[end][0]:
            yield Fault(end, "contradiction", f"{end} lies before {start}: nothing can match.")


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that is most like this one; None where none is like it.

    Takes some 10 ms at most, however many words are known.
    """
    by_lower = {other.lower(): other for other in islice(known, MOST_COMPARED)}
    wanted = word.lower()[:80]
    pairs = {wanted[place : place + 2] for place in range(len(wanted) - 1)}
    candidates: Iterable[str] = by_lower
    if len(by_lower) > MOST_COMPARED_CLOSELY:
        candidates = nlargest(
            MOST_COMPARED_CLOSELY, by_lower, key=lambda other: sum(map(other.__contains__, pairs)) / (len(other) + 1)
        )
    close = get_close_matches(wanted, candidates, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def describe_faults(faults: Sequence[Fault]) -> InvalidRequest:
    """The problem that tells all mistakes. Where they are many, each list of what is allowed stands there once."""
    said, shown, seen = "See `errors`.", list(faults), set[tuple[str, ...]]()
    if len(faults) > MOST_HELPED:
        said += f" Only the first {MOST_HELPED} have a suggestion; allowed values are listed once."
        for place, fault in enumerate(faults):
            if fault.allowed in seen:
                shown[place] = replace(fault, allowed=None)
            elif fault.allowed is not None:
                seen.add(fault.allowed)
    return InvalidRequest(said, shown)
