"""What pages say of a figure, in the words of the charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from misconduct.charts.words import capitalise, category, period, publication, statement
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.number_words import with_hedge
from misconduct.model.wording import date_words, join, name_dimension

SUMS = {
    "whole_and_parts": "some are parts of others",
    "repeated_claims": "some repeat others",
    "unlike_units": "they are not in one unit",
    "unlike_kinds": "groups may overlap",
    "stated_by_several": "several sources count the same thing",
}
"""Why the figures of a list must not be added up, by the code of a warning."""

SHOWN_AS_LINKS = {"look_alikes"}
"""The warnings that a page leaves out, since it links what they are about."""


ACTIONS = {"continued": ("runs longer", "running longer"), "current": ("notes changed", "with changed notes")}
"""What pages call a change of a figure that does not revise its number: of one figure, and of several."""


@dataclass(frozen=True)
class Line:
    """A figure as a line of a list: what it counts, where and when, who said it, and what to mind.

    `group` is what it counts without the kind of misconduct.
    """

    row: Row
    group: str
    what: str
    area: str
    when: str
    said: str
    notes: str


def lines(rows: Iterable[Row], view: ReleaseView) -> list[Line]:
    """Return figures, with all columns of the database, as lines in the same order."""
    known = {row["id"]: row for row in rows}
    return [
        Line(
            row,
            statement(row, view.catalogue) or what(row, view),
            what(row, view),
            "force not stated" if row["area"] == "unstated" else view.catalogue.label("area", row["area"]),
            when(row),
            publication(row, view),
            _notes(row, known),
        )
        for row in known.values()
    ]


def hedged(row: Mapping[str, Any]) -> str:
    """Return the number with its hedge, if it has one."""
    return with_hedge(row["hedge"], printed(row))


def printed(row: Mapping[str, Any]) -> str:
    """Return the number as printed, or the value if this register counted it."""
    return str(row["printed"] or ("no number" if row["value"] is None else f"{row['value']:,}"))


def what(row: Row, view: ReleaseView) -> str:
    """Return what a figure counts: Officers accused: any sexual allegation."""
    counted, kind = statement(row, view.catalogue), category(row, view.catalogue)
    return f"{counted}: {kind}" if counted and kind else capitalise(counted or kind) or "Not stated"


def when(row: Row) -> str:
    """Return for when a figure is: 2022, 2014–2024; or the source's words for it."""
    return period(row) or (f"“{row['period_printed']}”" if row["period_printed"] else "no period given")


def _notes(row: Row, known: Mapping[str, Row]) -> str:
    """Return which other figures one must not be added to, in a few words."""
    wholes = [printed(known[one]) for one in row["part_of"] if one in known]
    found = [f"part of {join(wholes)}" if wholes else "part of another figure"] if row["part_of"] else []
    if row["repeats"]:
        first = known.get(row["repeats"])
        found.append(f"repeats {printed(first)}" if first else "repeats another figure")
    return ", ".join(found)


def warn(warnings: Sequence[tuple[str, str]]) -> list[str]:
    """Return the warnings of a list in sentences: the reasons against a sum in one, others as they are."""
    against = [SUMS[code] for code, _ in warnings if code in SUMS]
    others = [detail for code, detail in warnings if code not in {*SUMS, *SHOWN_AS_LINKS}]
    return [f"Don’t add these up: {join(dict.fromkeys(against))}.", *others] if against else others


def field_name(name: str) -> str:
    """Return what a column or a code list is called on pages: stated by."""
    return name_dimension(name).replace("_", " ")


def value(field: Any) -> str:
    """Return the value of a field of a change: a label, a text, or that there was nothing."""
    return str(field["label"] if isinstance(field, Mapping) else "nothing" if field in (None, [], "") else field)


def mark_code(text: str) -> Markup:
    """Return a text of the API with what is in backticks as code."""
    pieces = str(escape(text)).split("`")
    return Markup("".join(f"<code>{one}</code>" if place % 2 else one for place, one in enumerate(pieces)))  # noqa: S704


def plural(number: int, noun: str) -> str:
    """Return a number with its noun: 1 figure, 31 figures."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def day(when: date) -> str:
    """Return a day in words: 21 November 2026."""
    return date_words(when.isoformat())
