"""Derive what a release has beside its figures and records: the table, what is not in it, changes, and pictures."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from misconduct.model.figure import Row
from misconduct.releases.folder import Release

from ..register.check import Register, describe_records
from ..register.reading import Mistake
from ..series.choose import Choice, choose
from ..series.report import Section, find_moved, say_section
from .charts import draw_charts
from .versions import add_versions

MOST_ROWS = 40  # of a part of the report: what an editor reads before a release


def derive(last: Release | None, release: Release) -> tuple[Release, Choice]:
    """Return a release that has a number with all that is derived, and the choice of its series."""
    choice = choose(release)
    moved = find_moved(last.table, choice.table) if last and last.table else None
    derived = replace(
        release,
        changes=[*release.changes, *(_describe_moves(moved) if moved else ())],
        table=choice.table,
        others=choice.others,
    )
    versions, pictures = add_versions(last, derived), draw_charts(derived)
    return replace(derived, versions=versions, pictures=pictures), choice


def _describe_moves(moved: Section) -> Iterator[Row]:
    """Yield a change for each leading figure that moved though no figure of its series is new."""
    for what, indicator, area, was, now in moved.rows:
        if what in ("other series", "other figure"):
            yield {
                "kind": "lead",
                "id": f"{indicator}/{area}",
                "action": "revised",
                "reason": f"Chosen otherwise: {now} instead of {was}.",
                "replaced_by": "",
            }


def find_mistakes(register: Register) -> list[Mistake]:
    """Return what forbids to choose the series of a register, each at the first figure that it is about."""
    release = Release(
        number="draft",
        day="",
        summary="",
        figures=register.figures,
        records=describe_records(register.located),
        changes=[],
    )
    found = choose(release).mistakes
    places = {
        identity: (table, row)
        for table in (register.tables if found else ())
        for row, identity in enumerate(table.columns.get("id", ()))
    }
    mistakes = []
    for mistake in found:
        named = [one for one in mistake.figures if one in places]
        if named:
            table, row = places[named[0]]
            mistakes.append(table.mistake(row, "id", str(mistake)))
        else:
            mistakes.append(Mistake("series", 1, 1, str(mistake)))
    return mistakes


def write_report(last: Release | None, choice: Choice) -> list[str]:
    """Return what an editor reads before a release: leading figures that moved, cells with two values, and gaps."""
    sections = [*choice.report]
    if last and last.table:
        sections.insert(0, find_moved(last.table, choice.table))
    return [_shorten(section) for section in sections]


def _shorten(section: Section) -> str:
    rows = [*islice(section.rows, MOST_ROWS)]
    said = say_section(section._replace(rows=rows))
    left = len(section.rows) - len(rows)
    return f"{said}    … {left} more\n" if left else said
