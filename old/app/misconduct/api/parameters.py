"""The parameters of the API. One table, `PARAMETERS`; those that are filters are declared in `model.filters`.

All mistakes of one request are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from misconduct.charts.chart import FORMS
from misconduct.charts.drawing import SIZES
from misconduct.errors import Fault, InvalidRequest, RequestTooLong
from misconduct.formats.picture import SHADES
from misconduct.http.limits import LONGEST_QUERY, MOST_PAIRS, count_added, is_too_long
from misconduct.model.changes import ACTIONS
from misconduct.model.filters import FILTERS, RANGES
from misconduct.model.kinds import KINDS
from misconduct.model.number_words import read_number as read_printed_number
from misconduct.model.parameter import (
    MOST_VALUES,
    OutOfRange,
    Parameter,
    Unreadable,
    read_cited,
    read_day,
    read_limit,
    read_number,
    read_pixels,
    read_title,
    read_words,
)
from misconduct.model.suggestions import suggest
from misconduct.queries.observations import RELEVANCE, SORTS

USUAL_NAMES = {
    "search": "q",
    "query": "q",
    "per_page": "limit",
    "page_size": "limit",
    "rows": "limit",
    "page": "cursor",
    "offset": "cursor",
    "fields": "columns",
    "select": "columns",
    "order": "sort",
    "order_by": "sort",
    "version": "release",
}
"""What other services call our parameters."""

LONGEST_VALUE = 500
LONGER_VALUES = {"url": 4_000, "cursor": 4_000}  # an address with its own parameters, a place by nine codes
DEFAULT_ROWS = 100
DEFAULT_SORT = "period"

MOST_LISTED = 500
"""Errors that a problem lists: a query of commas alone has thousands."""

MOST_HELPED = 5
"""Errors of one request that come with a suggestion."""

SHORT_LIST = 500
"""Codes of a list of which several errors have suggestions; of a longer one only the first error of a request has."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f]")


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        *FILTERS.values(),
        Parameter(
            "release",
            "Release number, latest, or the beginning of a number (1.2, 1.x) for the newest such release; "
            "meta.release says which. Default: latest.",
            "2.1.0",
        ),
        Parameter(
            "as_of",
            "The release current at the end of this UTC day. Cannot be combined with release.",
            "2026-11-21",
            read_day,
        ),
        Parameter(
            "cited",
            "Figures that you published: the id of each, and after a colon the value that you printed.",
            "k7m3q:1492,gb7nr",
            read_cited,
            repeatable=True,
            commas=True,
            least=1,
        ),
        Parameter("since", "Changes after this release: its number. Default: from the first release on.", "1.0.0"),
        Parameter(
            "kind",
            "Kind of record; observation is a figure.",
            "observation",
            repeatable=True,
            choices=("observation", *KINDS),
        ),
        Parameter("action", "What was done to the record.", "revised", repeatable=True, choices=ACTIONS),
        Parameter("limit", "Maximum rows per page.", "100", read_limit, default=str(DEFAULT_ROWS)),
        Parameter("cursor", "Start of the page, from links.next of the previous page.", ""),
        Parameter(
            "narrower",
            "1: a code also finds the codes that are narrower than it; meta.narrower names them. 0: exactly this code.",
            "0",
            choices=("0", "1"),
            default="1",
        ),
        Parameter(
            "q",
            "Words that a figure's codes, printed words, source or caveats have; all of them, in any order, in English "
            "(assaults finds assault). Sorted by relevance, unless sort says otherwise.",
            "sexual assault officers",
            read_words,
        ),
        Parameter(
            "detail",
            "core: the columns that most readers need, or in JSON an object of one screen. full: everything.",
            "full",
            choices=("core", "full"),
            default="core",
        ),
        Parameter(
            "columns",
            "Only these columns, in this order; /v1/columns lists them. Repeat, or separate by commas.",
            "id,value,printed",
            repeatable=True,
            commas=True,
        ),
        Parameter(
            "labels",
            "1: beside each column of codes, one of their labels. JSON always has them.",
            "1",
            choices=("0", "1"),
            default="0",
        ),
        Parameter(
            "shape",
            "wide: a row per series, a column per year. long: a row per series and year, and gaps are rows.",
            "long",
            choices=("wide", "long"),
            default="wide",
        ),
        Parameter("bom", "1: start a CSV with a byte-order mark, for Excel.", "1", choices=("0", "1"), default="0"),
        Parameter("title", "Title of a chart. Default: made from the figures.", "What the force counts", read_title),
        Parameter(
            "subtitle", "Second line of a chart. Default: made from the figures.", "Cases, 2014–2024", read_title
        ),
        Parameter(
            "form",
            "How a chart shows its figures. Default: by what they are.",
            "dots",
            choices=tuple(FORMS),
        ),
        Parameter(
            "size",
            "Size of a chart in pixels: narrow 320, medium 480, wide 640 wide; card 1200 × 630. The default for one "
            "figure is card.",
            "narrow",
            choices=tuple(SIZES),
            default="wide",
        ),
        Parameter(
            "theme",
            "Colours of a chart. auto: as the reader's system prefers; light for PNG.",
            "dark",
            choices=SHADES,
            default="light",
        ),
        Parameter(
            "notice",
            "1: a chart of a named release says in the picture if figures have since been revised, or it was recalled.",
            "1",
            choices=("0", "1"),
            default="0",
        ),
        Parameter(
            "url",
            "Address of a chart, a figure, a dataset or a disagreement of this service, with its filters.",
            "http://localhost:8000/charts/case-review-split",
        ),
        Parameter("maxwidth", "Maximum width of the embed in pixels.", "600", read_pixels),
        Parameter("maxheight", "Maximum height of the embed in pixels.", "800", read_pixels),
        Parameter("format", "Response format.", "json", choices=("json", "xml"), default="json"),
        Parameter(
            "sort",
            "Sort order of the rows. A leading minus reverses it.",
            "period",
            choices=(*SORTS, RELEVANCE),
            default=DEFAULT_SORT,
        ),
    )
}

RELEASE_PARAMETERS = ("release", "as_of")
TABLE_PARAMETERS = (*RELEASE_PARAMETERS, "bom")
DATASET_PARAMETERS = (*FILTERS, "q", "narrower", *TABLE_PARAMETERS)
PAGE_PARAMETERS = ("limit", "cursor")
CHOOSING_PARAMETERS = frozenset((*FILTERS, *PAGE_PARAMETERS, "columns", "q", "since", "kind", "action"))
"""The parameters that choose rows or columns."""
LOOK_PARAMETERS = ("title", "subtitle", "form", "size", "theme", "notice")
"""How a chart looks. Other formats ignore them, as everything but CSV ignores `bom`."""
CHART_PARAMETERS = (*TABLE_PARAMETERS, *LOOK_PARAMETERS)
OEMBED_PARAMETERS = ("url", "maxwidth", "maxheight", "format")
CHANGES_PARAMETERS = (*TABLE_PARAMETERS, "since", "kind", "action", *PAGE_PARAMETERS)
_OF_OTHERS = {"cited", "shape", "since", "kind", "action", *OEMBED_PARAMETERS}
LISTING_PARAMETERS = tuple(name for name in PARAMETERS if name not in _OF_OTHERS)
COLUMN_PARAMETERS = ("detail", "columns", "labels")
BY_YEAR_PARAMETERS = (*(name for name in LISTING_PARAMETERS if name not in ("sort", "period_type", "parts")), "shape")
BY_YEAR_OWN = {
    "limit": replace(PARAMETERS["limit"], description="Maximum series per page."),
    "columns": replace(
        PARAMETERS["columns"],
        description="Only these columns, in this order; years: the column of each year. Repeat, or separate by commas.",
        example="category,years,ids",
    ),
}
"""The parameters that by-year tables describe in their own words."""

Values = Mapping[str, list[Any]]


TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|twclid|igshid|mc_[ce]id", re.ASCII)
"""Parameters that newsletters and social media add to links; a page is the same with them."""


def read_query(raw: bytes, accepted: Collection[str]) -> tuple[dict[str, list[Any]], list[Fault]]:
    """Read the parameters of a query string by name, and list everything that is wrong with it.

    Raises RequestTooLong before reading more bytes than a query may have.
    """
    if is_too_long(raw):
        raise RequestTooLong(f"A query string has at most {LONGEST_QUERY} bytes; this one has {len(raw)}.")
    pairs = [pair for pair in raw.split(b"&") if pair]
    if len(pairs) > MOST_PAIRS and len(pairs) > MOST_PAIRS + count_added(raw):
        raise RequestTooLong(f"A query has at most {MOST_PAIRS} parameters; this one has {len(pairs)}.")
    values: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    for pair in pairs:
        name, _, text = (_decode(part) for part in pair.partition(b"="))
        if (
            name is None
            or text is None
            or _UNREADABLE.search(name + text)
            or len(text) > LONGER_VALUES.get(name, LONGEST_VALUE)
        ):
            shown = (name or "?")[:40].encode("ascii", "backslashreplace").decode()
            faults.append(
                Fault(
                    shown,
                    "unreadable",
                    f"Values must be UTF-8 text without control characters, at most {LONGEST_VALUE} characters.",
                )
            )
        elif name not in accepted:
            if all(fault.parameter != name for fault in faults):
                faults.append(_unknown_parameter(name, accepted, len(faults)))
        else:
            parameter = PARAMETERS[name]
            for part in text.split(",") if parameter.commas else (text,):
                _read_value(parameter, part.strip() if parameter.commas else part, values, faults)
    faults.extend(_contradictions(values))
    return values, faults


def _decode(part: bytes) -> str | None:
    try:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _unknown_parameter(name: str, accepted: Collection[str], before: int) -> Fault:
    usual = USUAL_NAMES.get(name.lower())
    meant = usual if usual in accepted else suggest(name, accepted) if before < MOST_HELPED and not usual else None
    detail = f"Unknown parameter {name!r}."
    if name.lower() == "format":
        meant, detail = None, f"{detail} The path names the format, such as /v1/observations.csv; or send Accept."
    return Fault(name, "unknown_parameter", detail, tuple(sorted(accepted)), meant)


def _read_value(parameter: Parameter, text: str, values: dict[str, list[Any]], faults: list[Fault]) -> None:
    name, choices = parameter.name, parameter.choices
    found = values.setdefault(name, [])
    if found and not parameter.repeatable:
        faults.append(Fault(name, "repeated_parameter", f"{name} may be given only once."))
    elif len(found) >= MOST_VALUES:
        faults.append(Fault(name, "too_many_values", f"{name} takes at most {MOST_VALUES} values."))
    elif choices is not None and text not in choices:
        meant = suggest(text, choices) if len(faults) < MOST_HELPED else None
        faults.append(Fault(name, "unknown_value", f"{text!r} is not allowed.", choices, meant))
    else:
        try:
            found.append(parameter.read(text))
        except OutOfRange as wanted:
            faults.append(Fault(name, "out_of_range", f"{name} must be {wanted}."))
        except Unreadable as wanted:
            meant = _plainly(text) if parameter.read is read_number else None
            faults.append(Fault(name, "unreadable", f"{text[:80]!r} is not {wanted}.", did_you_mean=meant))


def _plainly(printed: str) -> str | None:
    """Return a number as it is printed (`1,071`, `one in 50`, `42%`) as a plain one."""
    found = read_printed_number(printed)
    if found is None:
        return None
    return str(found.value) if found.value.denominator == 1 else f"{float(found.value):.6f}".rstrip("0")


def _contradictions(values: Values) -> Iterable[Fault]:
    if "release" in values and "as_of" in values:
        yield Fault("as_of", "contradiction", "Give release or as_of, not both.")
    if values.get("sort") == [RELEVANCE] and "q" not in values:
        yield Fault("sort", "contradiction", "Only figures found by words (q) have a relevance.")
    if "detail" in values and "columns" in values:
        yield Fault("detail", "contradiction", "Give columns or detail, not both.")
    for start, end in RANGES:
        if values.get(start) and values.get(end) and values[start][0] > values[end][0]:
            yield Fault(end, "contradiction", f"{end} is before {start}, so nothing can match.")


def describe_faults(faults: Sequence[Fault]) -> InvalidRequest:
    """Make the problem that reports all mistakes; of thousands, the first ones.

    If there are many, each list of allowed values is given once.
    """
    said, shown, seen = "See errors.", list(faults[:MOST_LISTED]), set[tuple[str, ...]]()
    if len(faults) > MOST_HELPED:
        said += f" Only the first {MOST_HELPED} have suggestions; each list of allowed values is given once."
        for place, fault in enumerate(faults[:MOST_LISTED]):
            if fault.allowed in seen:
                shown[place] = replace(fault, allowed=None)
            elif fault.allowed is not None:
                seen.add(fault.allowed)
    if len(faults) > MOST_LISTED:
        said += f" {len(faults) - MOST_LISTED:,} more are not listed."
    return InvalidRequest(said, shown)
