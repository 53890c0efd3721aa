"""One figure in full: what its columns only name by id, its evidence, what it belongs to, and how to cite it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from misconduct.model.catalogue import EARLIER_COUNTS, Catalogue, Content
from misconduct.model.documents import (
    ReleaseView,
    find_words_in_page,
    labelled,
    show,
    source_document,
)
from misconduct.model.doubt import Doubt, say_doubt
from misconduct.model.figure import Row
from misconduct.model.likeness import COMPARED
from misconduct.model.locator import read_place
from misconduct.model.shapes import (
    EVIDENCE_COLUMNS,
    REFERENCE_KEYS,
    Citation,
    Evidence,
    EvidenceOfFigure,
    FigureReference,
    Selector,
    VersionOfFigure,
)
from misconduct.model.versions import Version, show_fields
from misconduct.model.wording import describe_figure, how_read, name_source, say_caveat

CELL_SELECTOR = "http://tools.ietf.org/rfc/rfc7111"
References = Mapping[str, FigureReference]  # by id

RELATED_COLUMNS = (*REFERENCE_KEYS, "part_of", "repeats")


def _find_checks(identity: str, view: ReleaseView) -> list[Content]:
    return [
        one
        for one in view.catalogue.of_kind("check").values()
        if identity in _figures_of(one)
    ]


def _figures_of(check: Content) -> list[Any]:
    return [check["whole"], *check["parts"], check.get("share")]


def needed_figures(row: Row, view: ReleaseView) -> set[str]:
    """Return the ids of the figures that a figure in full shows beside it, but for those that name it themselves."""
    disagreements = view.catalogue.of_kind("disagreement")
    ids = {*row["part_of"], row["repeats"], row["denominator"]}
    ids.update(*(disagreements[one]["members"] for one in row["disagreements"]))
    ids.update(*(_figures_of(check) for check in _find_checks(row["id"], view)))
    return ids - {None}


def full_document(
    row: Row, others: Mapping[str, Row], naming: Sequence[Row], view: ReleaseView
) -> dict[str, Any]:
    """Return what a figure in full has beside its columns, or instead of some.

    `others` are the figures that it needs, by id. `naming` are its parts, and those that print its claim again.
    """
    catalogue, identity = view.catalogue, row["id"]
    references = {one: _reference(other, view) for one, other in others.items()}
    return {
        "origin": source_document(row["origin"], catalogue) if row["origin"] else None,
        "caveats": [
            {"id": one, "text": say_caveat(one, catalogue)} for one in row["caveats"]
        ],
        "evidence": evidence(row, view.source(row)),
        "relations": {
            "part_of": _refer(row["part_of"], references),
            "parts": [
                _reference(one, view) for one in naming if identity in one["part_of"]
            ],
            "repeats": references.get(row["repeats"]),
            "repeated_by": [
                _reference(one, view) for one in naming if one["repeats"] == identity
            ],
            "denominator": references.get(row["denominator"]),
        },
        "disagreements": [
            _disagreement(catalogue.of_kind("disagreement")[one], references, view)
            for one in row["disagreements"]
        ],
        "checks": [
            _check(one, references, view) for one in _find_checks(identity, view)
        ],
        "corrections": [
            {
                name: one[name]
                for name in ("id", "printed", "reading", "other_reading", "explanation")
            }
            for one in catalogue.corrections.get(identity, ())
        ],
        "earlier_counts": [
            _earlier_count(one, row, catalogue)
            for one in catalogue.of_kind(EARLIER_COUNTS)
            .get(identity, {})
            .get("counts", ())
        ],
    }


def _earlier_count(
    count: Mapping[str, str], row: Row, catalogue: Catalogue
) -> dict[str, Any]:
    day, last = count["day"], str(row["period_end"])
    coverage = (
        "part" if row["year"] and day <= last[: len(day)] else None
    )  # the year was not over then
    return {
        "day": count["day"],
        "number": count["number"],
        "coverage": labelled("coverage", coverage, catalogue) if coverage else None,
        "source": source_document(count["source"], catalogue),
    }


def _reference(row: Row, view: ReleaseView) -> FigureReference:
    return {
        **show(row, REFERENCE_KEYS, view),
        "url": f"{view.base_url}/v1/figures/{row['id']}",
    }


def _refer(ids: Sequence[str], references: References) -> list[FigureReference]:
    return [references[one] for one in ids if one in references]


def _disagreement(
    record: Content, references: References, view: ReleaseView
) -> dict[str, Any]:
    dimensions = record.get("outcome", {}).get("dimensions", {})
    return {
        **{name: record[name] for name in ("id", "title", "question", "explanation")},
        "dimensions": {
            name: labelled("relation", dimensions[name], view.catalogue)
            for name in COMPARED
            if name in dimensions
        },
        "members": _refer(record["members"], references),
    }


def _check(
    record: Content, references: References, view: ReleaseView
) -> dict[str, Any]:
    outcome = record.get("outcome", {})
    return {
        "id": record["id"],
        "title": record["title"],
        "type": labelled("check_type", record["type"], view.catalogue),
        "whole": references.get(record["whole"]),
        "parts": _refer(record["parts"], references),
        "share": references.get(record.get("share") or ""),
        **{name: outcome.get(name) for name in ("stated", "computed")},
        "result": labelled("check_result", outcome["result"], view.catalogue)
        if outcome
        else None,
        "explanation": record.get("explanation"),
    }


def evidence(row: Row, source: Content) -> Evidence:
    """Return where a figure is printed, so that anybody can check it.

    In a text, `text[start:end]` of the document with this SHA-256 is `exact`, in code points.
    """
    before, after = source.get("quotes", {}).get(row["at"], (None, None))
    selector: Selector | None = None
    if row["at"] and (span := read_place(row["at"])):
        selector = {
            "type": "TextPositionSelector",
            "start": span.start,
            "end": span.end,
        }
    elif row["at"]:
        selector = {
            "type": "FragmentSelector",
            "conformsTo": CELL_SELECTOR,
            "value": row["at"],
        }
    return {
        "url": source.get("url"),
        "archived": source.get("archived"),
        "sha256": source.get("sha256"),
        "selector": selector,
        "exact": row["printed"],
        "before": before,
        "after": after,
    }


def describe_evidence(row: Row, view: ReleaseView) -> EvidenceOfFigure:
    """Return where and how a figure is printed, and what was read from that."""
    source = view.source(row)
    columns: Any = {name: row[name] for name in EVIDENCE_COLUMNS}
    return {
        "document": row["source"],
        "title": source.get("title"),
        "publisher": source.get("publisher"),
        "published": source.get("published"),
        "licence": source.get("licence"),
        "printed_at": find_words_in_page(row, source),
        **evidence(row, source),
        **columns,
    }


def find_disagreeing(row: Row, catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the figures that disagree with one, each with the disagreement that explains it."""
    known = catalogue.of_kind("disagreement")
    return [
        {"id": member, "note": identity}
        for identity in row["disagreements"]
        for member in known[identity]["members"]
        if member != row["id"]
    ]


def version_documents(
    versions: Sequence[Version], catalogue: Catalogue
) -> list[VersionOfFigure]:
    """Return the versions of a figure, oldest first: the releases that have each one, and what changed before it."""
    found = list[VersionOfFigure]()
    for version in versions:
        changes: Any = show_fields(version.fields, catalogue)
        found.append(
            {
                "releases": version.releases,
                "reason": version.reason,
                "changes": changes,
            }
        )
    return found


def citation(
    row: Row, day: date, view: ReleaseView, doubt: Doubt | None = None
) -> Citation:
    """Return how to cite a figure, as an item of CSL-JSON. `day` is that of the release.

    A doubt of the number stands directly behind it, since styles leave out notes.
    """
    source, catalogue = view.source(row), view.catalogue
    aside = f" ({say_doubt(doubt, catalogue)})" if doubt else ""
    where = [source.get("title"), name_source(source), source.get("url")]
    issued: Any = {"date-parts": [[day.year, day.month, day.day]]}
    return {
        "id": f"{row['id']}-{view.release}",
        "type": "dataset",
        "title": describe_figure(row, catalogue, aside),
        "author": [{"literal": "Misconduct Register"}],
        "issued": issued,
        "version": view.release,
        "URL": view.cite_as(row["id"]),
        "note": f"{how_read(row, source)} {', '.join(one for one in where if one)}",
    }
