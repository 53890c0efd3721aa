"""Guess what is meant by an unknown parameter or value, and describe it as a fault."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from misconduct.api.problems import Fault

ALIASES = {
    "area": "force police_force region country place location locations geography geographic_level geographiclevel",
    "category": "type kind allegation allegation_type offence offense topic subject complaint_type codelist",
    "columns": "fields field select cols col include properties",
    "coverage": "partial",
    "labels": "label include_labels with_labels names",
    "limit": "_size $top per_page page_size pagesize size rows top max count first",
    "measure": "indicator indicators metric outcome finding status series series_id",
    "offset": "page page_number pagenumber skip start next cursor",
    "population": "who people role",
    "q": "search query text keyword keywords term",
    "release": "version view vintage vintage_dates datasetversion realtime_start snapshot",
    "sort": "order order_by orderby sort_by sort_order sort_desc",
    "source": "document article publication source_id",
    "stated_by": "author speaker said_by",
    "unit": "units",
    "value": "number figure amount",
    "year": "years date time period time_period timeperiod timeperiods",
    "year_from": "from since start_date date_from begin from_year startyear startperiod observation_start after",
    "year_to": "to until end end_date date_to to_year endyear endperiod observation_end before",
}
"""Names that other services use for our parameters."""

_FORMAT = "Add the format to the path, as in /v1/allegations.csv, or name it in the header Accept."
_KEY = "No key is needed."
ADVICE = {
    **dict.fromkeys(("format", "f", "file_type", "outputformat", "downloadformat"), _FORMAT),
    **dict.fromkeys(("key", "api_key", "apikey", "app_token"), _KEY),
    "callback": "Any page may read the answers (CORS), so JSONP is not needed.",
}
"""What to do instead of using parameters of other services that we do not have."""

SHORTEST_GUESS = 4
"""Characters of a word that is long enough to guess what was meant."""

SHORT_LIST = 10
"""A list of values is short enough for a sentence if it has fewer."""


def suggest_parameter(name: str, known: Iterable[str]) -> str | None:
    """Return the parameter that is probably meant by an unknown one, if any."""
    plain = _plain(name)
    for spelling in (name.lower(), plain):
        for parameter in known:
            if spelling == parameter or spelling in ALIASES.get(parameter, "").split():
                return parameter
    return suggest(plain, known)


def _plain(name: str) -> str:
    """Return a name without the signs and the operators that other services add: $limit, _size, value__gt."""
    return name.lower().strip("$_").partition("__")[0].replace("-", "_")


def suggest(given: str, known: Iterable[str]) -> str | None:
    """Return the known value that begins with a given one, or is spelt most like it, if any is close."""
    lowered = {one.lower(): one for one in known}
    if len(given) < SHORTEST_GUESS:
        return None
    longer = [one for one in lowered if one.startswith(given.lower())]
    close = longer[:1] if len(longer) == 1 else get_close_matches(given.lower(), lowered, 1, 0.75)
    return lowered[close[0]] if close else None


def unknown_parameter(name: str, known: Sequence[str]) -> Fault:
    """Describe an unknown parameter."""
    instead = ADVICE.get(_plain(name))
    near = None if instead else suggest_parameter(name, known)
    detail = f"Unknown parameter {name[:80]!r}."
    if instead:
        detail += f" {instead}"
    elif near:
        detail += f" Did you mean {near!r}?"
    return Fault(name[:80], "unknown_parameter", detail, near, sorted(known))


def unknown_value(
    parameter: str, value: str, known: Sequence[str], suggested: str | None, noun: str | None = None
) -> Fault:
    """Describe an unknown value of a parameter."""
    detail = f"Unknown {noun or parameter} {value[:80]!r}." if value else f"{noun or parameter} is empty."
    if suggested:
        detail += f" Did you mean {suggested!r}?"
    elif len(known) < SHORT_LIST:
        detail += f" It can be {', '.join(known)}."
    return Fault(parameter, "unknown_value", detail, suggested, [*known][:100])
