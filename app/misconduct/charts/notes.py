"""Say what readers of a picture must know: what its figures count, notes on them, and where they are from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.places import leave_out_places, split_sentences
from misconduct.model.wording import READ_IN_PART, join, publication, publisher

ALLEGING = ("wrong", "misconduct", "unlawful")  # words by which a definition says if misconduct is alleged
PROVING = ("proof", "wrong", "unlawful", "is alleged")  # and by which a sentence says what figures do not prove
MAX_SOURCES, MAX_PUBLISHERS = 3, 8  # that are named


def counts_more(rows: Sequence[Row]) -> bool:
    """Tell whether most of some figures count more than their indicator."""
    return 2 * len([row for row in rows if row["fit"] == "broader"]) > len(rows)


def define(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return the definition of an indicator, or of several the limits of their datasets, for the places of figures.

    If most count more than the indicator, it is only what figures do not prove.
    """
    indicators = {row["indicator"]: catalogue.of_kind("indicator").get(row["indicator"], {}) for row in rows}
    datasets, areas = catalogue.of_kind("dataset"), {row["area"] for row in rows}
    if len(indicators) == 1:
        [indicator] = indicators.values()
        said, limits = indicator.get("definition", ""), datasets.get(indicator.get("topic", ""), {}).get("limits")
        if limits and indicator["measure"] == ["occurred"] and not any(word in said for word in ALLEGING):
            said = f"{said} {limits[0]}"  # such as a death, by which nobody is said to have done wrong
        if counts_more(rows):
            said = " ".join(one for one in split_sentences(said) if any(word in one for word in PROVING))
        return leave_out_places(said, areas, catalogue)
    topics = Counter(one["topic"] for one in indicators.values() if one.get("topic") in datasets)
    said = " ".join(dict.fromkeys(next(iter(datasets[one]["limits"]), "") for one, _ in topics.most_common(2)))
    return leave_out_places(said, areas, catalogue)


def sort_caveats(rows: Iterable[Row], catalogue: Catalogue) -> list[str]:
    """Return the caveats of figures but routine ones, those of figures that count more than their indicator first.

    Then come replies, and those of few figures.
    """
    drawn, notes = [*rows], catalogue.of_kind("caveat")
    found = {one for row in drawn for one in row["caveats"] if one != READ_IN_PART}
    of_more = {one for row in drawn if row["fit"] == "broader" for one in row["caveats"]}

    def rank(one: str) -> tuple[bool, bool, int, str]:
        return one not in of_more, not notes.get(one, {}).get("reply_by"), catalogue.uses.get(one, 0), one

    return sorted(found, key=rank)


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
