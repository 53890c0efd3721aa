"""Show an editor how we read a table: its words, some figures, its totals, and what changed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from misconduct.register.reading import Cells
from misconduct.register.rules import SUBJECT_CODES
from misconduct.register.tables.arithmetic import find_totals
from misconduct.register.tables.editions import Comparison, show_number
from misconduct.register.tables.grid import name_column, name_place
from misconduct.register.tables.importing import Imported
from misconduct.register.tables.vocabulary import Vocabulary

MAX_LINES = 20
"""How many lines to show for each kind of change."""

SENTENCES = 10


def describe_words(imported: Imported, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield a line for each word: the codes it was given, and why."""
    for (_, codelist, word), meaning in imported.meanings.items():
        if meaning.known_by == "words":
            continue
        fit = meaning.codes.get("fit", "exact")
        labels = {name: vocabulary.label(name, code) for name, code in meaning.codes.items() if name != "fit"}
        codes = [f"{word if meaning.new else label} ({meaning.codes[name]})" for name, label in labels.items()]
        loosely = f", {fit}" if fit != "exact" else ""
        near = vocabulary.suggest(codelist, word) if meaning.new else ""
        yield f"{codelist}: {word} → {'; '.join(codes) or 'left out'}{loosely}  [{meaning.known_by}{near}]"


def describe_figures(rows: list[Cells], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield some figures as sentences, from all columns and from across the table."""
    by_column = defaultdict[str, list[Cells]](list)
    for row in rows:
        by_column[row["at"].rpartition(",")[2]].append(row)
    columns = [*by_column.values()][:: max(1, len(by_column) // SENTENCES)]
    times = max(1, SENTENCES // max(1, len(columns)))
    parts = [
        (column, (place + number * len(columns)) / (times * len(columns)))
        for number in range(times)
        for place, column in enumerate(columns)
    ]
    for row in [column[int(part * len(column))] for column, part in parts][: 2 * SENTENCES]:
        label = {
            name: vocabulary.label(name, row[name]) for name in (*SUBJECT_CODES, "unit", "value_absent") if row[name]
        }
        hedge = row["hedge"] if row["hedge"] != row["printed"] else ""
        absent = f"({label['value_absent']})" if row["value_absent"] else ""
        unit = label["counting_unit" if row["unit"] == "count" else "unit"].casefold()
        number = " ".join(filter(None, (hedge, row["printed"] or row["value"], absent, unit, row["mark"])))
        when = row["period_printed"] or row["period"] or "no period"
        place = name_place(row["at"]) if row["at"] else ""
        what = ", ".join(label[name] for name in ("measure", "category", "population"))
        yield f"{label['area']}, {when}: {number}. {what} ({row['fit']}). “{row['counted']}” {place}".rstrip()


def describe_totals(imported: Imported) -> Iterator[str]:
    """Yield how many totals add up, and the totals that have an explanation or are published elsewhere."""
    sums = imported.sums
    hidden = sum(not one.is_exact for one in sums)
    within = (
        f" (for {hidden} of them we can only check a range, because numbers are suppressed or not exact)"
        if hidden
        else ""
    )
    yield f"{sum(one.agrees for one in sums)} of {len(sums)} totals add up{within}"
    yield from (
        f"{one.name}: {one.comes_to}, published as {one.printed}: {one.explanation}" for one in sums if one.explanation
    )
    yield from (f"{one.name}: {one.comes_to}" for one in sums if not one.whole)
    for name, parts in _find_equal_columns(imported):
        yield f"column {name} equals the sum of {', '.join(parts)}: is it a total?"
    if imported.left_out:
        number = sum(int(one.low) for one in imported.left_out)
        yield f"Cells left out: {len(imported.left_out)}. They add up to {number:,}"


def describe_changes(comparison: Comparison) -> Iterator[str]:
    """Yield what is new, revised, recoded, moved and gone, compared with the register before."""
    kinds = ("new", "revised", "recoded", "moved", "gone")
    yield ", ".join(f"{len(comparison.changes[kind])} {kind}" for kind in kinds)
    for kind in ("revised", "recoded"):
        yield from _shorten(
            f"{kind}: {_describe(row)}: {show_number(before)} → {show_number(row)} ({_name_changed(before, row)})"
            for before, row in comparison.changes[kind]
        )
    yield from _shorten(f"gone: {_describe(row)}: {show_number(row)}" for row, _ in comparison.changes["gone"])


def _name_changed(before: Cells, row: Cells) -> str:
    return ", ".join(name for name in row if row[name] != before.get(name))


def _describe(row: Cells) -> str:
    return f"{row['id']} {row['area']}, {row.get('counted', '')}, {row.get('period_printed') or row.get('period', '')}"


def _shorten(lines: Iterable[str]) -> list[str]:
    found = [*lines]
    rest = len(found) - MAX_LINES
    return found if rest <= 0 else [*found[:MAX_LINES], f"… and {rest:,} more"]


def _find_equal_columns(imported: Imported) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns that equal the sum of others, although the file does not call them totals."""
    totals = {(one.whole.row, one.whole.column) for one in imported.sums if one.whole}
    cells = {(one.row, one.column): one.low for one in imported.cells if one.figure["statistic"] == "count"}
    columns, rows = (sorted({place[axis] for place in cells.keys() - totals}) for axis in (1, 0))
    found = find_totals([[cells.get((row, column)) for row in rows] for column in columns], [False] * len(columns))
    for total, parts in found.parts.items():
        yield name_column(columns[total]), [name_column(columns[part]) for part in parts]
