"""Draft the files of a new article from its text. An editor decides the rest."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from misconduct.article.tokens import (
    MONEY,
    NOT_READ,
    find_numbers_of_article,
    range_unit,
)
from misconduct.errors import RegisterError
from misconduct.model.kinds import SLUG_FORM
from misconduct.model.locator import TextRange, read_place
from misconduct.model.number_words import (
    find_hedge,
    read_bounds,
    read_hedge,
    read_number,
)
from misconduct.releases.folder import list_visible

from . import rules
from .indicators import INDICATORS
from .reading import (
    Cells,
    Mistake,
    Table,
    encode_rows,
    make_ids,
    read_lines,
    read_one_table,
    refuse,
    widen,
)
from .verify import list_places

DECIDED = ("fit", "stated_by", "vetting_check", "vetting_result", "stock_or_flow")

_MAY_BE_MINUS = re.compile(r"(?<![^\s(])[-−–][£$€]?$")  # or a dash
_PLACED = {place: words for place, words in rules.WORDS_AT.items() if place != "at"} | {
    "counted_at": "counted"
}
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s")
_SHA256 = re.compile(rb"(?m)^sha256: (\w+)\s*$")


class Draft(NamedTuple):
    """A line for each number in a document, its source, new rows, old rows, and places found and missing in these."""

    lines: list[str]
    source: str
    figures: list[Cells]
    excluded: list[Cells]
    old: list[Cells]
    found: list[str]
    missing: list[str]


def draft_article(document: Path, data: Path, slug: str | None) -> Draft:
    """Find the numbers in a document, of a source or else of the one with its SHA-256."""
    content = document.read_bytes()
    try:
        text, digest = content.decode(), sha256(content).hexdigest()
    except UnicodeDecodeError as error:
        raise RegisterError(
            f"{document} is not UTF-8; save it as UTF-8, because we count places in it"
        ) from error
    slug = _check_source(data, slug, digest)
    observations = read_one_table(
        data, f"observations/{slug}.csv", rules.FIGURE_COLUMNS, ()
    )
    excluded = read_one_table(
        data, f"not-statistics/{slug}.csv", rules.EXCLUDED_COLUMNS, ()
    )
    refuse(_find_wrong_places((observations, excluded)))
    source = SOURCE.format(slug=slug, length=len(text), digest=digest)
    found = Draft([], source, [], [], [*observations.rows()], [], [])
    _fill_places(found, observations, text)
    known = [*_list_spans(found.old, "id"), *_list_spans(excluded.rows(), "reason")]
    _find_numbers(found, text, known, dict.fromkeys(_list_decided(data), rules.DECIDE))
    new = make_ids(data, len(found.figures))
    for row, identity in zip(found.figures, new, strict=True):
        row["id"] = identity
    return found


def _find_wrong_places(tables: Iterable[Table]) -> Iterator[Mistake]:
    for table in tables:
        for name in rules.PLACES:
            if name in table.columns:
                yield from table.judge((name,), _read_places)


def _list_decided(data: Path) -> list[str]:
    """Return the columns that an editor decides. Where there are indicators, these have the other codes."""
    if (data / INDICATORS).exists():
        return ["indicator", "area", "fit", "stated_by", "counted"]
    lists = {path.stem for path in list_visible(data / "codelists", "*.csv")}
    coded = [name for name in (*rules.SUBJECT_CODES, *DECIDED) if name in lists]
    return [*coded, "counted"]


def _find_numbers(
    draft: Draft, text: str, rows: list[tuple[str, int, int]], undecided: Cells
) -> None:
    """Add a line for each number of a text, and a row for those that no row has. `rows` are names with their places."""
    place_of = read_lines(text)
    for start, end, reason in find_numbers_of_article(text):
        known = [name for name, first, last in rows if first < end and start < last]
        state = f"no figure: {reason}" if reason else "a figure?"
        state = f"in the register: {' '.join(known)}" if known else state
        line, column = place_of(start)
        words = f"char={start},{end}\t{_show_words(text, start, end)}"
        draft.lines.append(f"{line}:{column}\t{words}\t{state}")
        if known:
            continue
        cells = {"printed": text[start:end], "at": f"char={start},{end}"}
        if reason and reason not in (MONEY, NOT_READ):  # an editor may read these
            draft.excluded.append(cells | {"reason": reason})
            continue
        unread = {"value": rules.DECIDE} if reason == NOT_READ else {}
        read = read_number_cells(text, start, end)
        draft.figures.append(cells | read | unread | undecided)


def _show_words(text: str, start: int, end: int) -> str:
    """Return a number in brackets, with the words around it."""
    before, behind = text[max(start - 30, 0) : start], text[end : end + 30]
    return " ".join(f"{before}[{text[start:end]}]{behind}".split())


def read_number_cells(text: str, start: int, end: int) -> Cells:
    """Return the cells that a number in a text fills; `decide` if it cannot be read."""
    printed = text[start:end]
    if unit := range_unit(printed):
        cells = {
            "value": "",
            "value_absent": "range_only",
            "qualifier": "between",
            "unit": unit,
        }
        return cells | {"statistic": "count" if unit == "count" else "share"}
    hedge, reading = find_hedge(text, start, end), read_number(printed)
    if "/" in text[max(start - 1, 0) : end + 1] or _MAY_BE_MINUS.search(
        text[max(start - 3, 0) : start]
    ):
        reading = None  # 7/10 may be a date
    cells = {
        "value": rules.DECIDE,
        "unit": "count",
        "statistic": "count",
        "qualifier": "exact",
    }
    if reading:
        cells |= {
            "value": f"{Decimal(f'{float(reading.value):.12g}'):f}",
            "unit": reading.unit,
        }
        cells["statistic"] = "count" if reading.unit == "count" else "share"
    elif read_bounds(None, "magnitude", printed, "count", "count")[0]:
        return cells | {
            "value": "",
            "value_absent": "magnitude_only",
            "qualifier": "magnitude",
        }
    if hedge:
        words, qualifier = (
            text[slice(*hedge)],
            read_hedge(text[slice(*hedge)]) or rules.DECIDE,
        )
        cells |= {
            "hedge": words,
            "hedge_at": f"char={hedge[0]},{hedge[1]}",
            "qualifier": qualifier,
        }
    return cells


def write_draft(draft: Draft, data: Path, slug: str, document: str) -> list[str]:
    """Write the files of a new source, or fill in places. Return what was done and is missing."""
    figures, excluded = (
        data / f"observations/{slug}.csv",
        data / f"not-statistics/{slug}.csv",
    )
    rows = {figures: draft.figures, excluded: draft.excluded}
    tables = {
        path: encode_rows(_list_columns(data, path, one), one)
        for path, one in rows.items()
    }
    files = tables | {data / f"sources/{slug}.yaml": draft.source.encode()}
    if not any(path.exists() for path in files):
        for path, content in files.items():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        wrote = f"Wrote {slug} in sources/, observations/ and not-statistics/. `misconduct check` lists what to decide."
        return [*draft.lines, wrote]
    if draft.found:
        figures.write_bytes(
            encode_rows(_list_columns(data, figures, draft.old), draft.old)
        )
    missing = [
        f"Rows to paste into {path}:\n{tables[path].decode()}"
        for path, one in rows.items()
        if one
    ]
    nothing = [f"No rows are missing: every number in {document} has one."]
    return [*draft.found, *draft.missing, *(missing or nothing)]


def _list_columns(data: Path, path: Path, rows: list[Cells]) -> list[str]:
    """Return the columns of a file and those that new rows need; of a new file, all."""
    every = (
        rules.FIGURE_COLUMNS
        if path.parent.name == "observations"
        else rules.EXCLUDED_COLUMNS
    )
    header = read_one_table(data, str(path.relative_to(data)), every, ()).header
    return widen(header or every, every, rows)


def _check_source(data: Path, slug: str | None, digest: str) -> str | None:
    if slug and not re.fullmatch(SLUG_FORM, slug):
        raise RegisterError(
            f"{slug!r} is not a valid id for a source; write it like police-oracle-2023-met-review"
        )
    files = [
        path for path in list_visible(data / "sources", "*.yaml") if path.is_file()
    ]
    stated = ((path.stem, _SHA256.search(path.read_bytes())) for path in files)
    digests = {
        name: match[1].decode() for name, match in stated if match
    }  # includes drafts, which are not records yet
    if slug and digests.get(slug, digest) != digest:
        raise RegisterError(
            f"sources/{slug}.yaml has another SHA-256: its places are in a different text"
        )
    return slug or next(
        (one for one, known in digests.items() if known == digest), None
    )


def _read_places(places: str) -> None:
    for place in places.split():
        read_place(place)


def _list_spans(rows: Iterable[Cells], name: str) -> Iterator[tuple[str, int, int]]:
    for row in rows:
        places = [
            place for column, _, place in list_places(row) if column != "counted_at"
        ]
        yield from ((row[name], *span) for span in map(read_place, places) if span)


def _fill_places(draft: Draft, table: Table, text: str) -> None:
    """Find the places that old rows leave out."""
    for line, row in zip(table.lines, draft.old, strict=True):
        number = read_place(row["at"]) if row["at"] else None
        for column, words in _PLACED.items():
            if number is None or row[column] or row[words] in ("", rules.DECIDE):
                continue
            pieces = (
                row[words].split(rules.BETWEEN_PIECES)
                if column == "counted_at"
                else [row[words]]
            )
            places = [_find_nearest(text, piece, number) for piece in pieces]
            if None in places:
                missing = pieces[places.index(None)]
                draft.missing.append(
                    f"{table.file}:{line}: {missing!r} is not in the document; copy it from there"
                )
            else:
                row[column] = " ".join(
                    f"char={place.start},{place.end}" for place in places if place
                )
                draft.found.append(
                    f"{table.file}:{line}: {column} is now {row[column]}, for {row[words]!r}"
                )


def _find_nearest(text: str, words: str, number: TextRange) -> TextRange | None:
    """Return the nearest place, first in its sentence and of whole words."""
    if not words:
        return None
    edges = [r"\b" if one.isalnum() else "" for one in (words[0], words[-1])]
    whole = re.escape(words).join(edges)
    found = [*re.finditer(whole, text)] or re.finditer(re.escape(words), text)

    def distance(place: TextRange) -> tuple[bool, int, int]:
        between = text[min(place.end, number.end) : max(place.start, number.start)]
        return bool(_SENTENCE_END.search(between)), between.count("\n"), len(between)

    return min(
        (TextRange(*match.span()) for match in found), key=distance, default=None
    )


SOURCE = """id: {slug}
# Fill in the six empty texts. If you don't know one, write null and say why in notes.
title: ""  # decide: as printed; in [brackets] if you supply it
publisher: ""  # decide: who published it
published: ""  # decide: YYYY, YYYY-MM or YYYY-MM-DD
url: ""  # decide: its address
licence: ""  # decide: as the document states it
retrieved: ""  # decide: the day you took the copy
media_type: text/plain
held: true
length: {length}
sha256: {digest}
notes: {{}}
"""
