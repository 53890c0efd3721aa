"""One figure in full: what its columns only name by id, its evidence, what it belongs to, and how to cite it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.documents import (
    ReleaseView,
    find_words_in_page,
)
from misconduct.model.doubt import Doubt, say_doubt
from misconduct.model.figure import Row
from misconduct.model.locator import read_place
from misconduct.model.shapes import (
    EVIDENCE_COLUMNS,
    REFERENCE_KEYS,
    Citation,
    Evidence,
    EvidenceOfFigure,
    Selector,
    VersionOfFigure,
)
from misconduct.model.versions import Version, show_fields
from misconduct.model.wording import describe_figure, how_read, name_source

CELL_SELECTOR = "http://tools.ietf.org/rfc/rfc7111"

RELATED_COLUMNS = (*REFERENCE_KEYS, "part_of", "repeats")


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
