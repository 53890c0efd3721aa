"""Show an editor how we read a table: its words, some figures, its totals, and what changed."""

import re
from collections.abc import Iterator

from misconduct_editor.register.reading import Cells
from misconduct_editor.register.rules import SUBJECT_CODES
from misconduct_editor.tables.editions import Changes, name_place, show_number
from misconduct_editor.tables.importing import Imported
from misconduct_editor.tables.vocabulary import Vocabulary

MAX_LINES = 20


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
    """Yield some figures as sentences, from across the columns and the rows of a table."""
    by_column = sorted(rows, key=lambda row: row["at"].rpartition(",")[2])
    for row in by_column[:: 1 + len(rows) // MAX_LINES]:
        label = {name: vocabulary.label(name, row[name]) for name in (*SUBJECT_CODES, "unit", "value_absent")}
        hedge = row["hedge"] if row["hedge"] != row["printed"] else ""
        absent = f"({label['value_absent']})" if row["value_absent"] else ""
        unit = label["counting_unit" if row["unit"] == "count" else "unit"].casefold()
        number = " ".join(filter(None, (hedge, row["printed"] or row["value"], absent, unit, row["mark"])))
        when = _say_when(row) or "no period"
        place = name_place(row) if row["at"] else ""
        what = ", ".join(label[name] for name in ("measure", "category", "population"))
        yield f"{label['area']}, {when}: {number}. {what} ({row['fit']}). “{row['counted']}” {place}".rstrip()


def describe_totals(imported: Imported) -> Iterator[str]:
    """Yield how many totals add up, and those with an explanation or published elsewhere."""
    sums = imported.sums
    hidden = sum(one.agrees and one.computed[0] != one.computed[1] for one in sums)
    why = "we can only check a range, because numbers are suppressed or not exact"
    within = f" (for {hidden} of them {why})" if hidden else ""
    yield f"{sum(one.agrees for one in sums)} of {len(sums)} totals add up{within}"
    for one in sums:
        if one.explanation:
            yield f"{one.name}: {one.comes_to}, published as {one.printed}: {one.explanation}"
    yield from (f"{one.name}: {one.comes_to}" for one in sums if not one.whole)
    if imported.left_out:
        number = sum(int(one.low) for one in imported.left_out)
        yield f"Cells left out: {len(imported.left_out)}. They add up to {number:,}"


def describe_changes(changes: Changes) -> Iterator[str]:
    """Yield what is new, revised, recoded, moved and gone, compared with the register before."""
    kinds = ("new", "revised", "recoded", "moved", "gone")
    yield ", ".join(f"{len(changes[kind])} {kind}" for kind in kinds)
    for kind in ("revised", "recoded", "gone"):
        yield from (f"{kind}: {_describe(before, row)}" for before, row in changes[kind][:MAX_LINES])
        if (more := len(changes[kind]) - MAX_LINES) > 0:
            yield f"… and {more:,} more"
    if changes["new"] and changes["gone"]:
        yield "If a new figure is one that is gone, in other words, write the id of that one into its row"


def _say_when(row: Cells) -> str:
    """Return the period as printed, with dates beside words without a year, such as Sep."""
    printed, period = row.get("period_printed", ""), row.get("period", "")
    return printed if re.search(r"\d{4}|\d\d\W\d\d", printed) else f"{printed} ({period})" if printed else period


def _describe(before: Cells, now: Cells) -> str:
    row = now or before
    changed = ", ".join(name for name in now if now[name] != before.get(name))
    change = f" → {show_number(now)} ({changed})" if now else ""
    when = _say_when(row)
    return f"{row['id']} {row['area']}, {row.get('counted', '')}, {when}: {show_number(before)}{change}"
