"""The parameters of the API. One table, `PARAMETERS`; those that are filters are declared in `domain.filters`.

All mistakes of one request are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from app.domain.filters import FILTERS, RANGES
from app.domain.parameter import MOST_VALUES, Parameter, Unreadable, read_day, read_limit, read_number, read_pixels
from app.domain.printed import read_number as read_printed_number
from app.errors import Fault, InvalidRequest, RequestTooLong
from app.queries.observations import SORTS

LONGEST_QUERY = 8_000
LONGEST_VALUE = 500
MOST_PAIRS = 200
DEFAULT_ROWS = 100
DEFAULT_SORT = "period"

MOST_COMPARED = 5_000
"""Known words with which a misspelt one is compared."""

MOST_COMPARED_CLOSELY = 50
"""Of these, those that share most pairs of letters with it. To compare two words closely takes 0.1 ms."""

MOST_HELPED = 5
"""Mistakes of one request that come with a suggestion, and with what is allowed though another mistake says it."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f]")


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        *FILTERS.values(),
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
    for start, end in RANGES:
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
    said, shown, seen = "Nothing was looked up. Each mistake is in errors.", list(faults), set[tuple[str, ...]]()
    if len(faults) > MOST_HELPED:
        said += f" Only the first {MOST_HELPED} say what was probably meant; what is allowed is listed once."
        for place, fault in enumerate(faults):
            if fault.allowed in seen:
                shown[place] = replace(fault, allowed=None)
            elif fault.allowed is not None:
                seen.add(fault.allowed)
    return InvalidRequest(said, shown)
