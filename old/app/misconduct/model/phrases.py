"""Figures, periods and documents in words, for pages, charts, citations and comparisons.

What takes an observation has its catalogue beside it; what takes a figure takes its JSON object (`figure.as_document`).
A document is a record of the kind `source`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import UNSTATED
from misconduct.model.observation import Observation
from misconduct.model.period import Coverage, PeriodType, span, write_dates

Document = Mapping[str, Any]

NAMED = ("measure", "category", "population", "counting_unit", "area")
"""The dimensions that tell what a figure counts, in the order in which they are read."""

NOTHING_NAMED = (UNSTATED, "not_applicable")
"""The codes that name nothing, and are left out of names."""

COUNTED = "counted by this register"
"""What is said in place of who stated or printed a figure that this register counted."""

HIDDEN = "hidden"
"""What stands in place of a number that this register counted and hides."""

_DAY = len("2024-01-01")
_SPANS = {"Y": "year", "M": "month", "W": "week", "D": "day"}


# A figure as printed -------------------------------------------------------------------------------------------------


def as_printed(o: Observation) -> str:
    """Write a figure with its hedge: `nearly 1,000`; one that was counted as its number, or as hidden."""
    return with_hedge(o.hedge, write_figure(o.printed, o.value))


def say_printed(figure: Document) -> str:
    """Write the JSON object of a figure as `as_printed` writes the figure."""
    return with_hedge(figure["hedge"], write_figure(figure["printed"], figure["value"]))


def write_figure(printed: str | None, value: Decimal | float | None) -> str:
    """Write a figure as it is printed. One that this register counted is printed nowhere, and may be hidden."""
    return printed if printed is not None else HIDDEN if value is None else f"{value:,}"


def with_hedge(hedge: str | None, printed: str) -> str:
    """Write the hedge before what is printed, if there is one."""
    return f"{hedge} {printed}" if hedge else printed


def label_figure(o: Observation) -> str:
    """Write a figure for a picture: `about 1,000`; words of a sentence of their own follow in brackets."""
    if o.printed is None:
        return as_printed(o)
    if o.value is None:
        return f"“{o.printed}”: no number printed"
    if o.hedge is None or o.hedge in o.printed:
        return o.printed
    return f"{o.printed} (“{o.hedge}”)" if o.qualifier == "estimated" else as_printed(o)


def quote_figure(o: Observation) -> str:
    """Write a figure as a quotation: `“1,000” (“nearly”)`; what was counted is not quoted."""
    if o.printed is None:
        return as_printed(o)
    return f"“{o.printed}”" + (f" (“{o.hedge}”)" if o.hedge else "")


# When ----------------------------------------------------------------------------------------------------------------


def write_date(day: date | str) -> str:
    """Write a date at the precision that it has: `2023`, `January 2023`, `5 January 2023`."""
    text = day.isoformat() if isinstance(day, date) else day
    parts = [int(part) for part in text.split("-")]
    first = date(*(*parts, 1, 1)[:3])
    return {1: text, 2: f"{first:%B %Y}"}.get(len(parts), f"{first.day} {first:%B %Y}")


def period_words(o: Observation, unstated: str = "period unstated") -> str:
    """Write the dates of a period as precisely as they are known, else its printed words."""
    return write_dates(o.period_type, o.period_start, o.period_end) or o.period_printed or unstated


def dates_and_words(period_type: str, start: str | None, end: str | None, printed: str | None) -> str:
    """Write the dates of a period with its printed words behind them: `2014–2024 “last decade”`."""
    words = f"“{printed}”" if printed else ""
    return " ".join(filter(None, [write_dates(period_type, start, end), words])) or UNSTATED


def say_period(period: Document) -> str:
    """Say in a sentence when a figure holds: its dates as precisely as they are known, and the printed words."""
    dates, printed = _say_dates(period), period["printed"]
    if not dates:
        return f"period: “{printed}” (no dates given)" if printed else "date not stated"
    return f"{dates}, printed as “{printed}”" if printed and printed not in dates else dates


def _say_dates(period: Document) -> str:
    if period["type"] == PeriodType.YEAR:  # whose start is that of its first month: `2021-04`
        first, last = span(PeriodType.YEAR, period["start"], "")
        months = f" ({first:%B %Y} to {last:%B %Y})" if first and last and first.month > 1 else ""
        return f"in {write_dates(PeriodType.YEAR, period['start'], None)}{months}"
    start, end = (bound and write_date(bound) for bound in (period["start"], period["end"]))
    lasting = say_duration(period["duration"])
    if start and end:
        return f"from {start} to {end}" + (f" ({lasting})" if lasting else "")
    if start and period["type"] == "window":
        return f"since {start}"
    if start:
        return f"{'on' if len(period['start']) == _DAY else 'in'} {start}"
    if end:
        return f"until {end}"
    return f"over {lasting} without dates" if lasting else ""


def say_duration(duration: str | None) -> str:
    """Write an ISO 8601 duration in words: `P10Y` is `10 years`."""
    parts = re.findall(r"(\d+)([YMWD])", duration or "")
    return " ".join(f"{count} {_SPANS[unit]}{'' if count == '1' else 's'}" for count, unit in parts)


# Where it is printed, and who stated it ------------------------------------------------------------------------------


def short_source(source: Document, write: Callable[[str], str] = str) -> str:
    """Name a document by its publisher, else its title: `Paper, 2024-05-01`. `write` writes the date."""
    return _listed(source["publisher"] or title_of(source), source["published"] and write(source["published"]))


def full_source(source: Document, write: Callable[[str], str] = str) -> str:
    """Name a document by its title: `Officers accused, Paper, 2024-05-01`. `write` writes the date."""
    return _listed(title_of(source), source["publisher"], source["published"] and write(source["published"]))


def cite_source(source: Document) -> str:
    """Name a document with everything by which it is cited."""
    return _listed(source["byline"], title_of(source), source["publisher"], source["published"], source["url"])


def credit_source(source: Document) -> str:
    """Name a document as the source of a whole table: the publisher first, and its address."""
    return _listed(source["publisher"], source["title"], source["published"], source["url"])


def publisher(source: Document) -> str:
    """Name the publisher of a document, else the document."""
    name: str = source["publisher"] or source["id"]
    return name


def say_who(figure: Document) -> str:
    """Say in a sentence who stated a figure and who printed it."""
    voice, printed = figure["stated_by"], short_source(figure["source"], write_date)
    if voice is None:
        return f"{COUNTED.capitalize()} from: {printed}."
    if voice["code"] == UNSTATED:
        return f"Printed by {printed}, which does not say who stated it."
    return f"Stated by: {voice['label']}. Printed by: {printed}."


def counted_from(o: Observation) -> str:
    """Write what precedes the name of a document in which a figure was counted; nothing if it prints the figure."""
    return f"{COUNTED} from " if o.derivation else ""


def title_of(source: Document) -> str:
    """Name a document by its title. One without a title is named by its publisher; one without either, by its id."""
    named = source["title"] or (f"Untitled document of {source['publisher']}" if source["publisher"] else source["id"])
    return str(named)


def _listed(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


# What it counts ------------------------------------------------------------------------------------------------------


def say_what(figure: Document) -> str:
    """Say in a sentence what a figure counts: `This is a count of officers: accused, sexual misconduct, …`."""
    unit, among = figure["counting_unit"], figure["population"]
    are_people = unit["code"] == "people" and among["code"] not in NOTHING_NAMED
    counted = _lower(among if are_people else unit, "something that the source does not name")
    named = [_lower(figure["measure"]), _lower(figure["category"], "kind of misconduct not stated")]
    named += [] if are_people else [_lower(among, "the source does not say among whom")]
    named += [] if figure["area"]["code"] == UNSTATED else [figure["area"]["label"]]
    told = [words for words in named if words != "not applicable"]
    return f"This is a {figure['statistic']} of {counted}: {', '.join(told)}, {say_period(figure['period'])}."


PARTICIPLE = re.compile(r"(\w+ed|found|kept|on|to|under)\b", re.IGNORECASE)


def name_subject(cells: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Name what a figure is about, from its cells: `Metropolitan Police: officers accused, any misconduct, 2022`."""
    measure, category, population, counted, area = (
        "" if cells[name] in NOTHING_NAMED else catalogue.label(name, cells[name]) for name in NAMED
    )
    measure, category, population, counted = map(inside, (measure, category, population, counted))
    counted = counted if cells["counting_unit"] != "people" else ""
    who = population or counted
    what = f"{who} {measure}" if PARTICIPLE.match(measure) and measure[0].islower() else f"{who}, {measure}"
    beside = f"{counted} counted" if population and counted else ""
    dates = write_dates(cells["period_type"], cells["period_start"], cells["period_end"]) or cells["period_printed"]
    named = _listed(what.strip(", "), category, beside, dates or "period unstated")
    return f"{area}: {named}" if area else named


def name_figure(o: Observation, catalogue: Catalogue) -> str:
    """Name what a figure is about, and say if it is of a part of its year, which must not be taken for the whole."""
    return name_subject(o._asdict(), catalogue) + of_part(part_until(o, catalogue))


def of_part(until: str | None) -> str:
    """Write in brackets that a figure is of a part of its year: ` (to May)`."""
    return f" ({'part of the year' if until == 'part' else until})" if until else ""


def part_until(o: Observation, catalogue: Catalogue) -> str | None:
    """Return the months of a part of a year, `part` if the last is not known, and None for a whole year.

    A part that begins with January is `to May`, another `April to December`.
    """
    if catalogue.coverage(o) != Coverage.PART:
        return None
    days = (o.period_start or "", o.period_end or "")
    first, last = (f"{date.fromisoformat(f'{day[:7]}-01'):%B}" if len(day) > 4 else "" for day in days)
    begins = "" if first == "January" else first
    return (last if first == last else f"{begins} to {last}".strip()) if last else "part"


def say_change(change: Document) -> str:
    """Say in a sentence or two what a release did to a record, from its JSON object (`changes.change_document`)."""
    name = change["subject"] or f"{change['kind'].replace('_', ' ')} {change['id']}"
    before, after = change["printed_before"] or "", change["printed_after"] or ""
    value = f"{before}, now {after}" if before and after and before != after else after or before
    fields = [one["field"].replace("_", " ") for one in change["changes"] if one["field"] not in ("value", "printed")]
    changed = f"; changed: {', '.join(fields)}" if fields else ""
    reason = f" Reason: {change['reason'].rstrip('.')}." if change["reason"] else ""
    recalled = f" But release {change['release']} was recalled." if change["recalled"] else ""
    return f"{change['action'].capitalize()}: {name}{value and f': {value}'}{changed}.{reason}{recalled}"


def name_dataset(dataset: Document) -> str:
    """Name a dataset outside this service, where nobody knows what it is about: `Police misconduct: allegations`."""
    return f"Police misconduct: {inside(dataset['title'])}"


def inside(label: str) -> str:
    """Write a label inside a sentence: in lower case, unless it begins with an abbreviation or is a Title."""
    first, *words = re.findall(r"[^\W\d_]+", label) or [""]
    is_title = any(word.istitle() for word in words) and not any(len(word) > 3 and word[0].islower() for word in words)
    return label if first[:2].isupper() or is_title else label[:1].lower() + label[1:]


def _lower(coded: Document, unstated: str = UNSTATED) -> str:
    """Write the label of a code inside a sentence."""
    if coded["code"] == UNSTATED:
        return unstated
    return inside(coded["label"])
