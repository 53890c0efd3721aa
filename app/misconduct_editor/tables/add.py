"""Add a published table to the register: first write its file, then its figures. Compare it again later."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from misconduct.errors import RegisterError
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import read_cells
from misconduct.model.kinds import SLUG_FORM
from misconduct.model.names import name_counted
from misconduct.model.wording import dates_in_words, full_number
from misconduct.releases.folder import FIGURES, digest_of, iterate_rows, list_releases

from ..register.check import (
    Register,
    describe_records,
    find_figures_not_shown,
    read_records,
)
from ..register.indicators import INDICATORS, check_coding, find_alike
from ..register.layout import LayoutFile, read_layout, read_layouts
from ..register.reading import (
    Cells,
    Mistake,
    Reader,
    Table,
    encode_rows,
    make_ids,
    read_one_table,
    refuse,
    require_register,
    take_first,
    widen,
)
from ..register.rules import (
    DECIDE,
    FIGURE_COLUMNS,
    NEEDED,
    check_figures,
)
from ..register.yaml_files import LocatedRecord
from .editions import (
    EVIDENCE,
    Changes,
    compare,
    name_place,
    show_number,
    verify_earlier,
    write_earlier,
)
from .finding import write_rows
from .guess import guess_layout
from .importing import Imported, import_table
from .mistakes import join_alike
from .totals import add_up, say_sum
from .vocabulary import Vocabulary

MAX_LINES = 20
MIN_REVISED = 3  # figures: fewer can all be revised by chance


@dataclass
class Outcome:
    """The file that `add` wrote, sections to show, and mistakes. With mistakes, no file."""

    written: Path | None = None
    sections: dict[str, list[str]] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    changes: Changes = field(default_factory=dict)


def add_table(
    root: Path, document: Path, sheet: str | None, slug: str | None
) -> Outcome:
    """Write the first version of a table's file, or the figures that it describes."""
    require_register(root)
    everything, reader = Reader(root), Reader(root)
    records = [*read_records(everything)]
    refuse(
        one
        for one in everything.mistakes
        if one.file.startswith(("codelists/", INDICATORS))
    )
    path = layout_path(root, document, sheet, slug)
    name, vocabulary = f"tables/{path.name}", Vocabulary(records)
    if (root / "sources" / path.name).exists():
        raise RegisterError(
            f"sources/{path.name} is another document; choose another name with --slug"
        )
    if not path.exists():
        return _write_first(path, document, sheet, vocabulary)
    file = read_layout(reader, name)
    if file is None:
        return Outcome(mistakes=[str(one) for one in sorted(reader.mistakes)])
    if sheet and sheet != file.layout.sheet:
        other = f"{file.layout.sheet or 'the only sheet'}, but you gave {sheet}"
        return Outcome(
            mistakes=[
                f"{name} is for {other}: leave --sheet out, or choose another --slug"
            ]
        )
    return _write_figures(root, file, document, records)


def _write_first(
    path: Path, document: Path, sheet: str | None, vocabulary: Vocabulary
) -> Outcome:
    """Write the first version of a table's file, and of its script if it needs one."""
    today = datetime.now(UTC).date().isoformat()
    text, script, found = guess_layout(document, sheet, vocabulary, today)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if script:
        path.with_suffix(".py").write_text(script, encoding="utf-8")
    decide = [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(rf"\b{DECIDE}\b", line)
    ]
    return Outcome(path, {"Found": [found], "Decide": decide})


def try_edition(root: Path, document: Path, slug: str) -> Outcome:
    """Compare a new edition of a table with the register, as far as it can be read, and write nothing.

    Its SHA-256 and today stand in for what an editor will write into the table's file.
    """
    reader, today = Reader(root), datetime.now(UTC).date().isoformat()
    records = [*read_records(reader)]
    file = read_layout(reader, f"tables/{slug}.yaml")
    if file is None:
        return Outcome(mistakes=[str(one) for one in sorted(reader.mistakes)])
    dated = {"published": today, "retrieved": today, "sha256": digest_of(document)}
    stated = file.layout.source.model_copy(update=dated)
    file = file._replace(
        layout=file.layout.model_copy(update={"source": stated}),
        source=file.source.model_copy(update=dated),
    )
    imported = import_table(file, document, Vocabulary(records))
    outcome = Outcome(mistakes=imported.mistakes)
    if imported.cells:
        released = _read_released(root, slug)
        outcome.changes = _compare_with_register(root, file, imported, released)
        outcome.sections["Changes"] = [*_describe_changes(outcome.changes)]
    if not outcome.mistakes:
        rows = [one.figure for one in imported.cells]
        outcome.mistakes += _check_rows(file, document, rows, records)
    return outcome


def layout_path(
    root: Path, document: Path, sheet: str | None, slug: str | None
) -> Path:
    if slug:
        if not re.fullmatch(SLUG_FORM, slug):
            raise RegisterError(
                f"{slug!r} is not a valid name; write it like deaths-by-force"
            )
        return root / "tables" / f"{slug}.yaml"
    stem = re.sub(
        r"(?:19|20)\d\d(?:[-_]\d\d)?(?!\d)", "", document.stem
    )  # next year it has the same name
    made = re.sub(r"[^a-z0-9]+", "-", f"{stem} {sheet or ''}".casefold()).strip("-")
    return (
        root
        / "tables"
        / f"{made if made[:1].isalpha() else f'table-{made}'.strip('-')}.yaml"
    )


def _write_figures(
    root: Path, file: LayoutFile, document: Path, records: list[LocatedRecord]
) -> Outcome:
    vocabulary = Vocabulary(records)
    imported = import_table(file, document, vocabulary)
    outcome = Outcome(None, _describe(imported, vocabulary), imported.mistakes)
    if outcome.mistakes:
        return outcome
    rows = [one.figure for one in imported.cells]
    outcome.sections["Some of the figures"] = [
        *describe_figures(rows, Catalogue(describe_records(records)))
    ]
    if file.layout.earlier_count_of:
        outcome.written, outcome.sections["Earlier counts"] = write_earlier(
            root, file, imported.cells
        )
        return outcome
    released = _read_released(root, file.slug)
    changes = _compare_with_register(root, file, imported, released)
    outcome.sections["Against the register"] = [*_describe_changes(changes)]
    outcome.mistakes += _ask_about_revised(file, changes, rows)
    outcome.mistakes += _check_rows(file, document, rows, records)
    if not outcome.mistakes:
        outcome.written = root / "observations" / f"{file.slug}.csv"
        used = widen(NEEDED, FIGURE_COLUMNS, rows)
        used.sort(key=FIGURE_COLUMNS.index)
        outcome.written.write_bytes(encode_rows(used, rows))
    return outcome


def _describe(imported: Imported, vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Return what was read, by the headings under which an editor sees it."""
    found = {
        "Counted": imported.found,
        "Words": [*_describe_words(imported, vocabulary)],
        "Notes of the table": imported.notes,
        "Totals": [*_describe_totals(imported)] if imported.cells else [],
    }
    return {name: lines for name, lines in found.items() if lines}


def _ask_about_revised(
    file: LayoutFile, changes: Changes, rows: list[Cells]
) -> Iterator[str]:
    """Ask whether a table of one period in which every number is new is of another period."""
    periods, revised = {row["period"] for row in rows}, len(changes["revised"])
    is_whole = len(periods) == 1 and MIN_REVISED <= revised == len(rows)
    if is_whole and "revised" not in file.layout.sure:
        message = f"all {revised} figures of {periods.pop()} have other numbers than before: is it a new period?"
        remedy = "correct it in period; if they are revised, write sure: {revised: why}"
        place = file.places.mistake(("figure", "period"), f"{message} {remedy}")
        yield str(place)


def _read_released(root: Path, slug: str) -> list[Cells]:
    """Return the figures of a table in the last release."""
    listed = list_releases(root) if (root / "releases.csv").exists() else []
    rows = (
        iterate_rows(root / "releases" / listed[-1].number / FIGURES) if listed else ()
    )
    return [
        {name: row.get(name) or "" for name in FIGURE_COLUMNS}
        for row in rows
        if row["source"] == slug
    ]


def _compare_with_register(
    root: Path, file: LayoutFile, imported: Imported, released: list[Cells]
) -> Changes:
    working = read_one_table(
        root, f"observations/{file.slug}.csv", FIGURE_COLUMNS, ("id",)
    ).rows()
    return compare(
        imported.cells,
        released,
        [*working],
        lambda count: make_ids(root, count),
        file.layout,
    )


def _check_rows(
    file: LayoutFile, document: Path, rows: list[Cells], records: list[LocatedRecord]
) -> Iterator[str]:
    columns = {name: [row[name] for row in rows] for name in FIGURE_COLUMNS}
    table = Table(
        f"observations/{file.slug}.csv", [*FIGURE_COLUMNS], [*range(len(rows))], columns
    )
    has_indicators = any(one.kind == "indicator" for one in records)
    found = [
        *check_figures(table, file.source, has_indicators=has_indicators),
        *table.judge_characters(),
    ]
    found += check_coding(records, [table])
    found += find_alike(records, [table], lambda row: f"“{row['counted']}”")
    placed = (
        (f"{document.name}#{name_place(rows[one.line])}", one.message)
        for one in take_first(found)
    )
    yield from join_alike(placed, "figures")
    yield from map(str, find_figures_not_shown(records, [table]))
    yield from _check_ids(file, rows)


def _check_ids(file: LayoutFile, rows: list[Cells]) -> Iterator[str]:
    layout, ids = file.layout, {row["id"] for row in rows}
    by_id: dict[str, Mapping[str, object]]
    by_id = {"caveats": layout.caveats, "leads": layout.leads, "break": layout.breaks}
    for key, named in by_id.items():
        for identity in named.keys() - ids:
            message = f"this table has no figure {identity}"
            yield str(file.places.mistake((key, identity), message))


def verify_tables(
    root: Path, register: Register, by_digest: dict[str, Path]
) -> Iterator[str]:
    vocabulary = Vocabulary(register.located)
    tables = {
        table.name: table
        for table in register.tables
        if table.file.startswith("observations/")
    }
    for file in read_layouts(Reader(root)):
        document = by_digest.get(file.layout.source.sha256)
        if document:
            yield from _verify_table(
                root, file, document, vocabulary, tables.get(file.slug)
            )


def _verify_table(
    root: Path,
    file: LayoutFile,
    document: Path,
    vocabulary: Vocabulary,
    table: Table | None,
) -> Iterator[str]:
    imported = import_table(file, document, vocabulary)
    yield from (
        line if line.startswith("tables/") else f"{file.places.file}:1:1: {line}"
        for line in imported.mistakes
    )
    if file.layout.earlier_count_of:
        yield from (
            () if imported.mistakes else verify_earlier(root, file, imported.cells)
        )
        return
    if imported.mistakes or table is None:
        return
    changes = _compare_with_register(root, file, imported, [])
    lines = {identity: line for line, identity in enumerate(table.columns["id"])}
    for row, given in chain.from_iterable(changes.values()):
        if row:
            yield from map(str, _find_differences(table, lines[row["id"]], row, given))
        else:
            place = f"{document.name}#{name_place(given)}"
            yield f"{place}: {show_number(given)!r} is not in {table.file}"
    yield from _check_ids(file, [one.figure for one in imported.cells])


def _find_differences(
    table: Table, line: int, row: Cells, given: Cells
) -> Iterator[Mistake]:
    """Yield what a figure of the register says otherwise than the document gives."""
    if not given:
        message = f"the table does not have the figure {row['id']}"
        yield table.mistake(line, "id", message)
        return
    for name in row:
        if row[name] != given[name]:
            message = f"the table has {given[name]!r} for {name}, not {row[name]!r}"
            yield table.mistake(line, name, message)


def _describe_words(imported: Imported, vocabulary: Vocabulary) -> Iterator[str]:
    for (_, codelist, word), meaning in imported.meanings.items():
        if meaning.known_by in ("words", "unknown"):
            continue
        fit = meaning.codes.get("fit", "exact")
        labels = {
            name: vocabulary.label(name, code)
            for name, code in meaning.codes.items()
            if name != "fit"
        }
        codes = [f"{label} ({meaning.codes[name]})" for name, label in labels.items()]
        loosely = f", {fit}" if fit != "exact" else ""
        yield f"{codelist}: {word} → {'; '.join(codes) or 'left out'}{loosely}  [{meaning.known_by}]"


def describe_figures(
    rows: list[Cells], catalogue: Catalogue, most: int = MAX_LINES
) -> Iterator[str]:
    """Yield some figures as sentences, from all over a table, with the names that readers see."""
    by_column = sorted(rows, key=lambda row: row["at"].rpartition(",")[2])
    for row in by_column[:: 1 + len(rows) // (most + 1)]:
        figure = read_cells(row)
        area, when = catalogue.label("area", row["area"]), _say_when(row) or "no period"
        number = ", ".join(
            filter(
                None, (full_number(figure, catalogue), row["value_absent"], row["mark"])
            )
        )
        place = (
            name_place(row)
            if row["at"].startswith("cell")
            else f"{row.get('source', '')} {row['at']}"
        )
        codes = [
            row[name]
            for name in ("measure", "category", "population", "counting_unit", "fit")
        ]
        codes.append(f"stock_or_flow: {row['stock_or_flow'] or 'not_applicable'}")
        what = f"{name_counted(figure, catalogue)} ({', '.join(filter(None, codes))})"
        yield f"{area}, {when}: {number}. {what}. “{row['counted']}” {place}".rstrip()


def _describe_totals(imported: Imported) -> Iterator[str]:
    sums = imported.sums
    hidden = sum(one.agrees and len({*add_up(one.parts)}) > 1 for one in sums)
    why = "we can only check a range, because numbers are suppressed or not exact"
    within = f" (for {hidden} of them {why})" if hidden else ""
    yield f"{sum(one.agrees for one in sums)} of {len(sums)} totals add up{within}"
    for one in (one for one in sums if one.explanation):
        yield f"{one.name}: {say_sum(one.parts)}, published as {one.printed}: {one.explanation}"
    yield from (f"{one.name}: {say_sum(one.parts)}" for one in sums if not one.whole)
    if imported.left_out:
        yield f"Cells left out: {len(imported.left_out)}. They add up to {say_sum(imported.left_out)}"
    if imported.unread:
        yield f"Rows with numbers that are not read: {write_rows(imported.unread)}"


def _describe_changes(changes: Changes) -> Iterator[str]:
    kinds = ("new", "revised", "recoded", "moved", "gone")
    yield ", ".join(f"{len(changes[kind])} {kind}" for kind in kinds)
    for kind in ("revised", "recoded", "gone"):
        # an id that is gone stands nowhere else
        most = len(changes[kind]) if kind == "gone" else MAX_LINES
        # Totals of all years come last: they change in each edition.
        pairs = sorted(
            changes[kind],
            key=lambda pair: bool(pair[1]) and pair[0]["period"] != pair[1]["period"],
        )
        for before, now in pairs[:most]:
            yield f"{kind}: {_describe_change(before, now)}"
        if (more := len(changes[kind]) - most) > 0:
            yield f"… and {more:,} more"
    if changes["new"] and changes["gone"]:
        yield "If only the words or the codes of a figure are new, write the id that is gone in place of its new one"


def _describe_change(before: Cells, now: Cells) -> str:
    row, number = now or before, show_number(before)
    if now and show_number(now) != number:
        number += f" → {show_number(now)}"
    if now:
        changed = [name for name in now if now[name] != before.get(name)]
        number += f" ({', '.join(name for name in changed if name not in EVIDENCE)})"
    place = f"{name_place(row)} " if row.get("at") else ""
    what = f"{row['id']} {place}{row['area']}, {row.get('counted', '')}"
    return f"{what}, {_say_when(row)}: {number}"


def _say_when(row: Cells) -> str:
    """Return the period as printed, with its dates: 2013-14 (July 2013 to June 2014)."""
    printed, dates = (
        row.get("period_printed", ""),
        dates_in_words(row.get("period", "")),
    )
    return (
        f"{printed} ({dates})"
        if dates and printed not in ("", dates)
        else dates or printed
    )
