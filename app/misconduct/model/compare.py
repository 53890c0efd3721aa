"""Compare figures: whether they may stand side by side, in each dimension, and in a sentence for people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise
from typing import NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, Row
from misconduct.model.likeness import (
    CHECKS,
    COMPARED,
    Dimension,
    contrast,
    differences,
    stated,
)
from misconduct.model.relate import Relation, relate_all, say_reason
from misconduct.model.series import find_work
from misconduct.model.wording import (
    as_printed,
    find_source,
    join,
    lower,
    name_dimension,
    name_figure,
    period_in_sentence,
)


class Comparison(NamedTuple):
    """How figures relate, as a whole and in each dimension, and what follows."""

    relation: Relation
    reservations: list[str]
    dimensions: Mapping[str, Dimension]
    sentence: str


def compare(
    figures: Sequence[Row], table: Mapping[str, Row], catalogue: Catalogue
) -> Comparison:
    """Compare figures, of which each has a row in the table."""
    rows = [table[figure["id"]] for figure in figures]
    relation = relate_all(rows, catalogue)
    dimensions = contrast(figures, COMPARED, catalogue)
    words = [_say_verdict(relation, figures, rows, catalogue)]
    if relation.verdict == "not_comparable":
        words += _say_contrasts(dimensions, figures, catalogue)
    reservations = []
    if not relation.reason and relation.verdict != "repeats":
        reservations = [*find_reservations(figures, catalogue)]
    remarks = _find_remarks(relation, figures, dimensions)
    sentence = " ".join([*words, *reservations, *remarks])
    return Comparison(relation, reservations, dimensions, sentence)


def find_reservations(figures: Sequence[Row], catalogue: Catalogue) -> Iterator[str]:
    """Yield what those must not leave out who put figures side by side."""
    works = {
        (
            figure["stated_by"],
            find_work(figure["source"], find_source(figure, catalogue)),
        )
        for figure in figures
    }
    if len(works) > 1:
        yield "They are from different documents, which may count in different ways."
    pairs = [differences(*pair, catalogue) for pair in combinations(figures, 2)]
    if any(pair.get("area") in ("narrower", "broader") for pair in pairs):
        yield "One area is a part of the other, so don't add them up."
    if any(stated("fit", figure) != "exact" for figure in figures):
        yield "They may count slightly different things: read the words of each."
    if any(figure["coverage"] == "part" for figure in figures):
        yield "At least one of them covers only part of the year."
    for name, dimension in contrast(figures, COMPARED, catalogue).items():
        if dimension == "unstated" and name != "counted":
            yield f"The {name_dimension(name)} is not stated."


def _say_verdict(
    relation: Relation,
    figures: Sequence[Row],
    rows: Sequence[Row],
    catalogue: Catalogue,
) -> str:
    """Say what the verdict is and what it rests on."""
    names = [name_figure(figure, catalogue) for figure in figures]
    every, reason = join(names), say_reason(relation.reason, rows, catalogue)
    match relation.verdict:
        case "repeats":
            return f"{every} are one claim, so count it once."
        case "part":
            return f"{names[0]} is a part of {names[1]}. {reason}".rstrip()
        case "whole":
            return f"{names[1]} is a part of {names[0]}. {reason}".rstrip()
        case "same":
            return f"{every} count the same thing."
        case "comparable":
            verb = "differs" if len(relation.differs) == 1 else "differ"
            return f"You can put {every} side by side: only the {join(relation.differs)} {verb}."
        case "not_comparable":
            return f"Do not compare {every}. {reason}"


def _say_contrasts(
    dimensions: Mapping[str, Dimension], figures: Sequence[Row], catalogue: Catalogue
) -> Iterator[str]:
    """Yield what differs. A check is part of what a measure means."""
    told = [
        name
        for name in COMPARED
        if dimensions[name] not in ("same", "unstated")
        and (name not in CHECKS or dimensions["measure"] in ("same", "unstated"))
    ]
    if told:
        said = (_contrast(name, dimensions[name], figures, catalogue) for name in told)
        yield f"What differs: {'; '.join(said)}."


def _find_remarks(
    relation: Relation, figures: Sequence[Row], dimensions: Mapping[str, Dimension]
) -> Iterator[str]:
    """Yield what keeps a reader from adding figures up."""
    parts = [
        (part, whole)
        for part in figures
        for whole in figures
        if whole["id"] in part["part_of"]
    ]
    for part, whole in parts:
        yield f"{as_printed(part)} is a stated part of {as_printed(whole)}."
    counts_alike = (
        dimensions["counting_unit"] == dimensions["statistic"] == "same"
        and figures[0]["statistic"] == "count"
    )
    days = sorted(
        (figure["period_start"] or date.min, figure["period_end"] or date.max)
        for figure in figures
    )
    may_meet = dimensions["area"] != "different" and any(
        later[0] <= day[1] for day, later in pairwise(days)
    )
    is_apart = relation.verdict == "not_comparable"
    if is_apart and not parts and counts_alike and may_meet:
        yield "These groups may overlap."
    values = {figure["value"] for figure in figures}
    if relation.verdict == "same" and len(values) > 1:
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
