"""What a figure is called: what it counts, its kind, what makes it smaller or larger, and its statistic.

This is the only place in which figures are named. A name has no place and no time. A figure is a `Row`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from misconduct.model.catalogue import PEOPLE, Catalogue
from misconduct.model.figure import Row

POLICE = "workforce"  # everybody who works for the police
SILENT = {"any", "unstated", "not_applicable", "other"}
"""Codes that add nothing to a name. A kind that the publisher calls other has a subcategory that says so."""


class Name(NamedTuple):
    """The parts of a name, which is their text. Those that a figure does not need are empty."""

    counted: str
    kind: str
    scope: str
    people: str
    unit: str
    statistic: str

    def __str__(self) -> str:
        first = f"{self.counted}: {self.kind}" if self.kind else self.counted
        return ", ".join(
            filter(None, (first, self.scope, self.people, self.unit, self.statistic))
        )


def name_counted(row: Row, catalogue: Catalogue) -> str:
    """Return the name of a figure; the words of its source, if it has no indicator."""
    return str(find_name(row, catalogue))


def find_name(row: Row, catalogue: Catalogue) -> Name:
    """Return the parts of the name of a figure; without an indicator it is the words of its source.

    People and unit are said where the name of the indicator would promise others. Of people in the police only the
    scope tells some from others: “the police” in a name means any of them. The unit of a share is that of its base. A
    unit that the indicator names is not said again.
    """
    indicator = catalogue.of_kind("indicator").get(row["indicator"])
    if indicator is None:
        return Name(name_indicator(row, catalogue), "", "", "", "", "")
    is_unlike = row["population"] not in {indicator["population"][0], *SILENT}
    is_police = row["population"] in catalogue.findable("population").get(POLICE, ())
    is_said = PEOPLE not in indicator["name"] and is_unlike and not is_police
    people = f"{name_people(row['population'], catalogue)} only" if is_said else ""
    unit, words = row["counting_unit"], ""
    if row["statistic"] != "share" and unit not in {
        indicator["counting_unit"][0],
        *SILENT,
    }:
        words = _in_the_middle(catalogue.label("counting_unit", unit))
    is_known = not words or words.split()[0] in indicator["name"].lower().split()
    unit = "" if is_known else f"number of {words}"
    kind = name_kind(row, catalogue)
    return Name(
        name_indicator(row, catalogue),
        kind,
        row["scope"] or "",
        people,
        unit,
        _name_statistic(row),
    )


def name_kind(row: Row, catalogue: Catalogue) -> str:
    """Return the kind of misconduct of a figure, with a small letter if it is one of the code list."""
    indicator = catalogue.of_kind("indicator").get(row["indicator"])
    return row["subcategory"] or (
        _name_category(row, indicator, catalogue) if indicator else ""
    )


def name_indicator(row: Row, catalogue: Catalogue) -> str:
    """Return what the indicator of a figure counts, with the people of the figure: Officers suspended from duty."""
    indicator = catalogue.of_kind("indicator").get(row["indicator"])
    if indicator is None:
        return str(row["counted"] or "Not stated")
    name = str(indicator["name"]).replace(
        PEOPLE, name_people(row["population"], catalogue)
    )
    return name[:1].upper() + name[1:]


def name_people(population: str | None, catalogue: Catalogue) -> str:
    """Return what names call the people of a figure, with a small letter."""
    return str(
        catalogue.codelists["population"].get(population or "", {}).get("in_names")
        or "people"
    )


def _in_the_middle(words: str) -> str:
    return words[:1].lower() + words[1:]


def _name_category(row: Row, indicator: Mapping[str, Any], catalogue: Catalogue) -> str:
    allowed, code = indicator["category"], row["category"]
    if (
        len(allowed) == 1 or code in SILENT - {"other"} or code == allowed[0]
    ):  # a kind that is other is no total
        return ""
    return _in_the_middle(catalogue.label("category", code))


def write_whole(row: Row) -> str:
    """Return the number of a figure of which another is a share: 4,575, however its source prints it."""
    return (
        str(row["printed"] or "")
        if row["value"] is None
        else f"{Decimal(str(row['value'])):,f}"
    )


def say_whole(row: Row) -> str:
    """Return of what a figure is a share: of 4,575 allegations of discrimination. It is empty for other figures."""
    if row["statistic"] != "share":
        return ""
    return " ".join(filter(None, ("of", row.get("whole"), row["base"])))


def _name_statistic(row: Row) -> str:
    base = row["base"]
    match row["statistic"]:
        case "share":
            return f"share {say_whole(row)}"
        case "rate":
            return f"per {base}"
        case "mean":
            return f"average {base}"
        case "change":
            is_less = str(row["value"]).startswith("-")  # in some tables it is a text
            direction = (
                "change"
                if row["value"] is None
                else "decrease"
                if is_less
                else "increase"
            )
            return f"{direction} on {base}"
    return ""
