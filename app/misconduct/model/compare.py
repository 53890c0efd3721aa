"""Compare figures: in each dimension, overall, and in a sentence for people.

You can compare across areas or periods, but never across populations, nor if the codes fit differently.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, Row
from misconduct.model.likeness import (
    CHECKS,
    COMPARED,
    Relation,
    differences,
    relate,
    stated,
)
from misconduct.model.series import find_work, month_of
from misconduct.model.wording import (
    as_printed,
    find_source,
    join,
    lower,
    name_dimension,
    name_figure,
    period_in_sentence,
    publisher,
)

Verdict = Literal["same", "repeated", "comparable", "different", "unstated"]
Relations = Mapping[str, Relation]


class Comparison(NamedTuple):
    """How figures relate in each dimension, and what follows."""

    verdict: Verdict
    along: str | None
    reservations: list[str]
    relations: Relations
    sentence: str


def compare(rows: Sequence[Row], catalogue: Catalogue) -> Comparison:
    relations = relate(rows, COMPARED, catalogue)
    codes = [name for name in COMPARED if name != "counted"]
    apart = [name for name in codes if relations[name] not in ("same", "unstated")]
    unstated = [name for name in codes if relations[name] == "unstated"]
    if relations["counted"] == "different" and not _mean_the_same(
        rows, apart, catalogue
    ):
        apart.append("counted")
    verdict = _judge(rows, apart, unstated, catalogue)
    along = apart[0] if verdict == "comparable" else None
    reservations = [*_reservations(rows, along, unstated, catalogue)] if along else []
    sentence = _sentence(
        verdict,
        rows,
        relations,
        unstated if verdict == "unstated" else apart,
        catalogue,
    )
    words = " ".join([sentence, *reservations, *_remarks(verdict, rows, relations)])
    return Comparison(verdict, along, reservations, relations, words)


def _mean_the_same(
    rows: Sequence[Row], apart: Sequence[str], catalogue: Catalogue
) -> bool:
    """Tell whether figures with one code but several wordings count the same: exactly, or with each its place's name.

    Two wordings of one table may share a code. Of other places or years, each publisher words rules of its own.
    """
    publishers = {publisher(find_source(row, catalogue)) for row in rows}
    if apart in (["area"], ["period"]) and len(publishers) > 1:
        return False
    return apart == ["area"] or all(stated("fit", row) == "exact" for row in rows)


def _judge(
    rows: Sequence[Row],
    apart: Sequence[str],
    unstated: Sequence[str],
    catalogue: Catalogue,
) -> Verdict:
    """Return what follows from the dimensions that keep figures apart and from those that are unstated.

    Figures that differ along one axis only may be compared. What one document leaves open, it must leave open for all.
    """
    if len({row["repeats"] or row["id"] for row in rows}) == 1:
        return "repeated"
    if not apart:
        return "unstated" if unstated else "same"
    is_open_for_all = all(
        stated(name, row) is None for name in unstated for row in rows
    )
    is_along = (
        len(apart) == 1
        and apart[0] in ("area", "period")
        and (apart[0] != "period" or _have_like_periods(rows))
    )
    is_clear = not unstated or (
        is_open_for_all and _are_of_one_document(rows, catalogue)
    )
    return "comparable" if is_along and is_clear else "different"


def _are_of_one_document(rows: Sequence[Row], catalogue: Catalogue) -> bool:
    """Tell whether one voice states the figures in one document, or in the editions of one publication."""
    return (
        len(
            {
                (
                    row["stated_by"],
                    find_work(row["source"], find_source(row, catalogue)),
                )
                for row in rows
            }
        )
        == 1
    )


def _have_like_periods(rows: Sequence[Row]) -> bool:
    """Tell whether the source dates all periods, of one kind, length and first month, and no part of a year."""
    if any(
        row["dated_by"] != "source"
        or not row["period_start"]
        or row["coverage"] == "part"
        for row in rows
    ):
        return False
    ends = [(row["period_start"], row["period_end"]) for row in rows]
    months = {
        12 * (last.year - first.year) + last.month - first.month for first, last in ends
    }
    return (
        len({(row["coverage"] == "point", month_of(row)) for row in rows})
        == 1
        == len(months)
    )


def _reservations(
    rows: Sequence[Row], along: str, unstated: Sequence[str], catalogue: Catalogue
) -> Iterator[str]:
    """Yield what a comparison along one dimension must not leave out."""
    if not _are_of_one_document(rows, catalogue):
        yield "They are from different documents, which may count in different ways."
    if any(
        differences(*pair, catalogue).get(along) in ("narrower", "broader")
        for pair in combinations(rows, 2)
    ):
        yield f"One {along} is a part of the other, so don't add them up."
    if any(stated("fit", row) != "exact" for row in rows):
        yield "They may count slightly different things: read the words of each."
    if any(row["coverage"] == "part" for row in rows):
        yield "At least one of them covers only part of the year."
    for name in unstated:
        yield f"The {name_dimension(name)} is not stated."


def _sentence(
    verdict: Verdict,
    rows: Sequence[Row],
    relations: Relations,
    names: Sequence[str],
    catalogue: Catalogue,
) -> str:
    """Say what the verdict is and what it rests on. A check is part of what a measure means."""
    figures = join(name_figure(row, catalogue) for row in rows)
    told = [
        name
        for name in names
        if name not in CHECKS or relations["measure"] in ("same", "unstated")
    ]
    said = (
        relations if verdict != "comparable" else dict.fromkeys(relations, "different")
    )
    because = "; ".join(_contrast(name, said[name], rows, catalogue) for name in told)
    return {
        "same": f"{figures} count the same thing.",
        "repeated": f"{figures} are one claim, so count it once.{because and f' The words differ: {because}.'}",
        "comparable": f"You can put {figures} side by side: only {because}.",
        "different": f"{figures} count different things: {because}.",
        "unstated": f"The sources do not say enough to tell whether {figures} count the same thing: {because}.",
    }[verdict]


def _remarks(
    verdict: Verdict, rows: Sequence[Row], relations: Relations
) -> Iterator[str]:
    """Yield what keeps a reader from adding figures up."""
    parts = [
        (part, whole)
        for part in rows
        for whole in rows
        if whole["id"] in part["part_of"]
    ]
    for part, whole in parts:
        yield f"{as_printed(part)} is a stated part of {as_printed(whole)}."
    counts_alike = (
        relations["counting_unit"] == relations["statistic"] == "same"
        and rows[0]["statistic"] == "count"
    )
    if (
        verdict == "different"
        and relations["period"] == "different"
        and any(row["coverage"] == "part" for row in rows)
    ):
        yield "Do not compare part of a year with a whole year."
    days = sorted(
        (row["period_start"] or date.min, row["period_end"] or date.max) for row in rows
    )
    may_meet = relations["area"] != "different" and any(
        later[0] <= day[1] for day, later in pairwise(days)
    )
    if verdict == "different" and not parts and counts_alike and may_meet:
        yield "These groups may overlap."
    if verdict == "same" and len({row["value"] for row in rows}) > 1:
        yield "The sources give different numbers for it."


def _contrast(
    name: str, relation: str, rows: Sequence[Row], catalogue: Catalogue
) -> str:
    """Say how figures relate in a dimension, as part of a sentence."""
    word, labels = (
        name_dimension(name),
        [f"'{_value_in_words(name, row, catalogue)}'" for row in rows],
    )
    if relation == "unstated":
        return f"the {word} is not always stated"
    if relation in ("narrower", "broader") and len(rows) == 2 and name != "fit":
        return f"{labels[0]} is a {relation} {word} than {labels[1]}"
    different = list(dict.fromkeys(labels))
    return f"the {word} differs ({', '.join(different)}{'' if different[1:] else ', said at different times'})"


def _value_in_words(name: str, row: Row, catalogue: Catalogue) -> str:
    if name == "period":
        return period_in_sentence(row)
    if row[name] is None:
        return "not stated"
    label = catalogue.label(name, row[name]) if COLUMNS[name].codelist else row[name]
    return label if name == "area" else lower(label)
