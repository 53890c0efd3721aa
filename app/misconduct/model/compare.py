"""Compare figures: in each dimension, overall, and in a sentence for people.

You can compare across areas or periods, but never across populations, nor if the codes fit differently.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import DIMENSIONS, Row
from misconduct.model.series import find_work
from misconduct.model.wording import as_printed, contrast, find_source, join, name_dimension, name_figure

Relation = Literal["same", "narrower", "broader", "different", "unstated"]
Verdict = Literal["same", "repeated", "comparable", "different", "unstated"]

CHECKS = ("vetting_check", "vetting_result")
COMPARED = (*DIMENSIONS, *CHECKS, "unit", "period", "fit", "counted")
ALONG = ("area", "period")
FITS = ("narrower", "exact", "broader")


class Comparison(NamedTuple):
    """The relation of the first figure to the others in each dimension, and what follows from all of them."""

    verdict: Verdict
    along: str | None
    reservations: list[str]
    relations: Mapping[str, Relation]
    sentence: str


def compare(rows: Sequence[Row], catalogue: Catalogue) -> Comparison:
    """Compare two or more figures of a release."""
    relations = {name: _relate_all(name, rows, catalogue) for name in COMPARED}
    are_exact = all(row["fit"] in ("exact", None) for row in rows)
    apart = [name for name in COMPARED if name != "counted" and relations[name] not in ("same", "unstated")]
    unstated = [name for name in COMPARED if name != "counted" and relations[name] == "unstated"]
    if relations["counted"] == "different" and apart != ["area"] and not are_exact:
        apart.append("counted")  # two words of one table may share a code
    verdict = _judge(rows, apart, unstated, catalogue)
    along = apart[0] if verdict == "comparable" else None
    reservations = list(_reservations(rows, along, relations, catalogue)) if along else []
    sentence = _sentence(verdict, rows, relations, unstated if verdict == "unstated" else apart, catalogue)
    words = " ".join([sentence, *reservations, *_remarks(verdict, rows, relations)])
    return Comparison(verdict, along, reservations, relations, words)


def _judge(rows: Sequence[Row], apart: Sequence[str], unstated: Sequence[str], catalogue: Catalogue) -> Verdict:
    """Return what follows from the dimensions that keep figures apart and from those that are unstated.

    Figures that differ along one axis only may be compared. What one document leaves open, it must leave open for all.
    """
    if len({row["repeats"] or row["id"] for row in rows}) == 1:
        return "repeated"
    if not apart:
        return "unstated" if unstated else "same"
    is_open_for_all = all(stated(name, row) is None for name in unstated for row in rows)
    is_along = len(apart) == 1 and apart[0] in ALONG and (apart[0] != "period" or _have_like_periods(rows))
    is_clear = not unstated or (is_open_for_all and _are_of_one_document(rows, catalogue))
    return "comparable" if is_along and is_clear else "different"


def _relate_all(name: str, rows: Sequence[Row], catalogue: Catalogue) -> Relation:
    """Return the relation that the first figure has to all others, or the one that keeps them apart."""
    found = {_relate(name, rows[0], other, catalogue) for other in rows[1:]}
    for relation in ("different", "unstated"):
        if relation in found:
            return relation
    found -= {"same"} if len(found) > 1 else set()
    return found.pop() if len(found) == 1 else "different"


def _relate(name: str, first: Row, second: Row, catalogue: Catalogue) -> Relation:
    value, other = stated(name, first), stated(name, second)
    if value == other:
        return "same" if value is not None else "unstated"
    if value is None or other is None:
        return "unstated"
    if name == "fit" and {value, other} <= {*FITS}:
        return "narrower" if FITS.index(value) < FITS.index(other) else "broader"
    codes = catalogue.findable(name)
    if value in codes.get(other, ()):
        return "narrower"
    return "broader" if other in codes.get(value, ()) else "different"


def stated(name: str, row: Row) -> Any:
    """Return what a figure says in a dimension, in a form that can be compared; None if the source leaves it open."""
    if name == "period":
        return _period(row)
    if name == "fit":
        return row["fit"] or "exact"  # until release 2.2.0 each wording had a code of its own
    if name in CHECKS:
        return row[name] or "not_applicable"
    return None if row[name] == "unstated" else row[name]


def _period(row: Row) -> Any:
    """Return the days of a dated period, and whether it covers only a part of its year. Others are as in the source."""
    if not row["period"]:
        return None
    if row["dated_by"] == "source" and row["period_start"] and row["period_end"]:
        return row["period_start"], row["period_end"], row["coverage"] == "part"
    if row["period_start"] and "/" in row["period"]:
        return (row["period"],)
    return row["period"], row["period_printed"], row["origin"] or row["source"]  # "now" is when it was first said


def _are_of_one_document(rows: Sequence[Row], catalogue: Catalogue) -> bool:
    """Tell whether one voice states the figures in one document, or in the editions of one publication."""
    return len({(row["stated_by"], find_work(row["source"], find_source(row, catalogue))) for row in rows}) == 1


def _have_like_periods(rows: Sequence[Row]) -> bool:
    """Tell whether the source dates all periods, and they are of one kind and one length, and no part of a year."""
    if any(row["dated_by"] != "source" or not row["period_start"] or row["coverage"] == "part" for row in rows):
        return False
    ends = [(row["period_start"], row["period_end"]) for row in rows]
    months = {12 * (last.year - first.year) + last.month - first.month for first, last in ends}
    return len({row["coverage"] == "point" for row in rows}) == 1 == len(months)


def _reservations(
    rows: Sequence[Row], along: str, relations: Mapping[str, Relation], catalogue: Catalogue
) -> Iterator[str]:
    """Yield what a comparison must not leave out."""
    if not _are_of_one_document(rows, catalogue):
        yield "They are from different documents, which may count in different ways."
    if relations[along] in ("narrower", "broader"):
        yield f"One {along} is a part of the other, so don't add them up."
    if any(stated("fit", row) != "exact" for row in rows):
        yield "The codes do not fit exactly: compare the words in counted."
    if any(row["coverage"] == "part" for row in rows):
        yield "At least one of them covers only part of the year."
    for name in COMPARED:
        if name != "counted" and relations[name] == "unstated":
            yield f"The {name_dimension(name)} is not stated."


def _sentence(
    verdict: Verdict, rows: Sequence[Row], relations: Mapping[str, Relation], names: Sequence[str], catalogue: Catalogue
) -> str:
    """Say what the verdict is and what it rests on. A check is part of what a measure means."""
    figures = join(name_figure(row, catalogue) for row in rows)
    told = [name for name in names if name not in CHECKS or relations["measure"] in ("same", "unstated")]
    said = relations if verdict != "comparable" else dict.fromkeys(relations, "different")
    because = "; ".join(contrast(name, said[name], rows, catalogue) for name in told)
    return {
        "same": f"{figures} count the same thing.",
        "repeated": f"{figures} are one claim, so count it once.{because and f' The words differ: {because}.'}",
        "comparable": f"You can put {figures} side by side: only {because}.",
        "different": f"{figures} count different things: {because}.",
        "unstated": f"The sources do not say enough to tell whether {figures} count the same thing: {because}.",
    }[verdict]


def _remarks(verdict: Verdict, rows: Sequence[Row], relations: Mapping[str, Relation]) -> Iterator[str]:
    """Yield what keeps a reader from adding figures up."""
    parts = [(part, whole) for part in rows for whole in rows if whole["id"] in part["part_of"]]
    for part, whole in parts:
        yield f"{as_printed(part)} is a stated part of {as_printed(whole)}."
    counts_alike = relations["counting_unit"] == relations["statistic"] == "same" and rows[0]["statistic"] == "count"
    if verdict == "different" and relations["period"] == "different" and any(row["coverage"] == "part" for row in rows):
        yield "Do not compare part of a year with a whole year."
    days = sorted((row["period_start"] or date.min, row["period_end"] or date.max) for row in rows)
    may_meet = relations["area"] != "different" and any(later[0] <= day[1] for day, later in pairwise(days))
    if verdict == "different" and not parts and counts_alike and may_meet:
        yield "These groups may overlap."
    if verdict == "same" and len({row["value"] for row in rows}) > 1:
        yield "The sources give different numbers for it."
