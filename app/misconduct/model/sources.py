"""Name the documents that figures are from, in the one line below a picture, and their licences."""

from collections import defaultdict
from collections.abc import Sequence

from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.wording import READ_IN_PART, join, publication, publisher

MAX_SOURCES, MAX_PUBLISHERS = 3, 8  # that are named


def name_sources(figures: Sequence[Row], view: ReleaseView) -> str:
    """Return the line that names every source: of more than a few, of each publisher the years."""
    rows, licences = {row["source"]: row for row in figures}.values(), ", ".join(find_licences(figures, view))
    parts = {row["source"]: " (read in part)" for row in figures if READ_IN_PART in row["caveats"]}
    named = list(dict.fromkeys(publication(row, view.catalogue) + parts.get(row["source"], "") for row in rows))
    if len(named) > MAX_SOURCES:
        years = defaultdict[str, set[str]](set)
        for row in rows:
            source, part = view.source(row), parts.get(row["source"], "")
            years[f"{publisher(source)}{part}"].add((source.get("published") or "")[: len("2024")] or "undated")
        named = [f"{name}, {join(sorted(some))}" for name, some in [*years.items()][:MAX_PUBLISHERS]]
        named += [f"{len(years) - MAX_PUBLISHERS} other publishers"] if len(years) > MAX_PUBLISHERS else []
    return f"Source{'s' if named[1:] else ''}: {'; '.join(named)}{f' ({licences})' if licences else ''}."


def find_licences(figures: Sequence[Row], view: ReleaseView) -> list[str]:
    """Return the licences of the sources of figures, each once."""
    return list(dict.fromkeys(filter(None, (view.source(row).get("licence") for row in figures))))
