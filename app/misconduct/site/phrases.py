"""The words of pages for figures in a list, for warnings and for changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.shapes import Warned

CHANGES = {
    "added": "added",
    "revised": "revised",
    "continued": "running longer",
    "recoded": "with changed codes or notes",
    "withdrawn": "withdrawn",
}
"""The words for changes of several figures."""


@dataclass(frozen=True)
class Line:
    """A figure as a line of a list. `what` is its name.

    `notes` are the figures that it must not be added to: what it is to each, the id of that one, and what that is
    called. `limit` says that it counts more or less than this.
    """

    row: Row
    what: str
    area: str
    when: str
    said: str
    notes: Sequence[tuple[str, str, str]]
    limit: str


def alleges_nothing(dataset: Content) -> bool:
    """Tell whether a dataset has only events, such as deaths, of which nobody is said to have done wrong."""
    return all(one.get("measure") == ["occurred"] for one in dataset["conditions"])


def lines(
    rows: Iterable[Row],
    view: ReleaseView,
    others: Iterable[Row] = (),
) -> list[Line]:
    """Return figures, with all columns of the database, as lines in the same order. `others` are named in notes."""
    shown, catalogue = {row["id"]: row for row in rows}, view.catalogue
    beside = {row["id"]: row for row in others if row["id"] not in shown}
    return [
        Line(
            row,
            name_counted(row, catalogue),
            "force not stated"
            if row["area"] == "unstated"
            else catalogue.label("area", row["area"]),
            _say_when(row),
            wording.publication(row, catalogue),
            _notes(row, shown, beside, catalogue),
            _say_limit(row, catalogue),
        )
        for row in shown.values()
    ]


def _say_when(row: Row) -> str:
    when = wording.period_label(row) or (
        f"“{row['period_printed']}”" if row["period_printed"] else "no period given"
    )
    return f"{when}, provisional" if row["mark"] == "provisional" else when


def _say_limit(row: Row, catalogue: Catalogue) -> str:
    """Return the first sentence of the first note on a figure, if its codes do not fit exactly: no complaints.

    A column of a table has one note for all its figures, which stands below their list. The last note on a page of
    which only a part was read says so.
    """
    is_part = wording.find_source(row, catalogue).get("read") == "part"
    notes = row["caveats"][:-1] if is_part else row["caveats"]
    if row["read_from"] != "page" or row["fit"] == "exact" or not notes:
        return ""
    return wording.say_caveat(notes[0], catalogue).partition(". ")[0].rstrip(".") + "."


def _notes(
    row: Row, shown: Mapping[str, Row], beside: Mapping[str, Row], catalogue: Catalogue
) -> list[tuple[str, str, str]]:
    """Return which figures one must not be added to: by number if they are `shown`, else by place and period."""
    related = {*row["part_of"], row["repeats"]}
    names = {
        one: wording.write_number(shown[one], wording.NO_NUMBER)
        for one in related & shown.keys()
    }
    for one in related & beside.keys():
        area = (
            ""
            if beside[one]["area"] == row["area"]
            else catalogue.label("area", beside[one]["area"])
        )
        period = (
            ""
            if beside[one]["period"] == row["period"]
            else wording.period_label(beside[one])
        )
        names[one] = ", ".join(
            filter(
                None,
                (wording.write_number(beside[one], wording.NO_NUMBER), area, period),
            )
        )
    wholes = [one for one in row["part_of"] if one in names] or row["part_of"][:1]
    others = [*(("part of", one) for one in wholes), ("repeats", row["repeats"])]
    return [
        (words, one, names.get(one, "another figure")) for words, one in others if one
    ]


_LINKED = {
    "publisher_error": Markup(
        '<a href="/corrections">Errors of publishers</a> concern some of these figures.'
    )
}
"""Warnings that name an address of the API, as pages say them."""


def say_warnings(warnings: Sequence[Warned]) -> list[str]:
    """Return the warnings of a list in sentences: the reasons against a sum in one, others as they are."""
    sums = wording.PHRASES["warning"]
    against = [sums[one["code"]] for one in warnings if one["code"] in sums]
    others = [
        _LINKED.get(one["code"], one["detail"])
        for one in warnings
        if one["code"] not in {*sums, "look_alikes"}
    ]
    return (
        [f"Don’t add these up: {wording.join(dict.fromkeys(against))}.", *others]
        if against
        else others
    )


def before_and_after(field: Mapping[str, Any]) -> str:
    """Return what a change did to a field: 292 → 311."""
    return f"{_show_value(field['before'])} → {_show_value(field['after'])}"


def _show_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value["label"])
    return "nothing" if value in (None, [], "") else str(value)


def mark_code(text: str) -> Markup:
    """Return a text of the API with what is in backticks as code."""
    pieces = str(escape(text)).split("`")
    pieces[1::2] = [f"<code>{piece}</code>" for piece in pieces[1::2]]
    return Markup("".join(pieces))  # noqa: S704


def plural(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: 1 figure, 31 figures."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def find_marks(figure: Row) -> list[str]:
    """Return what a number must not be read without: that it is for a part of the year, its hedge, and its mark."""
    part = "part" if figure["coverage"] == "part" else None
    hedge = None if figure["qualifier"] == "exact" else figure["qualifier"]
    return [mark for mark in (part, hedge, figure["mark"]) if mark]
