"""Draft the files of a new article from its text. An editor decides the rest."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from misconduct.errors import RegisterError
from misconduct.model.kinds import SLUG_FORM
from misconduct.model.locator import read_place
from misconduct.model.number_words import find_hedge, find_numbers, read_bounds, read_hedge, read_number
from misconduct.register.ids import make_ids
from misconduct.register.reading import Cells, place_after, read_one_table
from misconduct.register.rules import DECIDE, EXCLUDED_COLUMNS, FIGURE_COLUMNS, SUBJECT_CODES
from misconduct.register.verify import list_places

DECIDED = ("fit", "stated_by", "vetting_check", "vetting_result", "stock_or_flow")

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY, _YEAR = r"\d{1,2}(?:st|nd|rd|th)?\b(?![.,]\d)", r"(?:1[89]|20)\d\d(?:[’']?s)?\b(?![.,]\d|%)"
_NO_STATISTIC = re.compile(
    rf"(?P<date>\b(?:{_DAY}\s)?{_MONTH}\s(?:{_DAY}(?:,?\s{_YEAR})?|{_YEAR})|\b{_DAY}\s{_MONTH}\b|\d+/\d+/\d+"
    rf"|\d{{1,2}}:\d\d\b|(?<![\d.,£$€]){_YEAR})"
    r"|(?P<age>\bage(?:d| of)\s\d{1,3}\b|\b\d{1,3}[\s-]years?[\s-]old\b)"
    r"|(?P<law_section>(?i:\b(?:section|article|paragraph|regulation)s?\s)\d+\w*)"
    r"|(?P<page_furniture>(?<!\d)(?:\+\d{1,3}\s?)?\(?0\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,4}\b|\b[A-Z]+[/-]?\d[\w/-]*"
    r"|(?i:\bref(?:erence)?\b)[\w\s.:]{0,8}\d[\d/-]*)"  # phone and reference numbers
    r"|(?P<ordinal>(?i:\b(?:first|second)\b))"
    r"|(?P<duration_in_prose>\b[\w.,]+[\s-](?:year|decade|month|week|day|hour|minute)s?\b)"
)
_IN_PHRASES = re.compile(r"(?i)one|single|once|twice|thrice|zero|decades?|dozen|hundred|thousand|million")
_SPACES = r"[ \xa0\u2009\u202f]"
_BETWEEN = re.compile(rf"|/|-|{_SPACES}|(?: of| in| out of| and)?(?: a)? ")
_UNIT = re.compile(rf"{_SPACES}?%|(?: of)?(?: a)?{_SPACES}per ?cent\b")
_MAY_BE_MINUS = re.compile(r"(?<![^\s(])[-−–][£$€]?$")  # or a dash
_SHA256 = re.compile(r"(?m)^sha256: (\w+)$")


class Draft(NamedTuple):
    """A line for each number in a document, its source, and rows for the numbers that do not have one yet."""

    lines: list[str]
    source: str
    figures: list[Cells]
    excluded: list[Cells]


def draft_article(document: Path, data: Path, slug: str | None) -> Draft:
    """Find the numbers in a document. Without a slug, use the source with its SHA-256. Raises RegisterError."""
    content = document.read_bytes()
    try:
        text, digest = content.decode(), sha256(content).hexdigest()
    except UnicodeDecodeError as error:
        raise RegisterError(f"{document} is not UTF-8; save it as UTF-8, because we count places in it") from error
    slug = _check_source(data, slug, digest)
    lists = {path.stem for path in data.glob("codelists/*.csv")}
    undecided = {name: DECIDE for name in (*SUBJECT_CODES, *DECIDED) if name in lists} | {"counted": DECIDE}
    rows = [*_list_rows(data, slug)]
    found = Draft([], SOURCE.format(slug=slug, length=len(text), digest=digest), [], [])
    for start, end, reason in _find_numbers(text):
        known = [name for name, first, last in rows if first < end and start < last]
        state = f"in the register: {' '.join(known)}" if known else f"no figure: {reason}" if reason else "a figure?"
        words = " ".join(f"{text[:start][-30:]}[{text[start:end]}]{text[end:][:30]}".split())
        line, column = place_after(text[:start])
        found.lines.append(f"{line}:{column}\tchar={start},{end}\t{words}\t{state}")
        cells = {"printed": text[start:end], "at": f"char={start},{end}"}
        if reason and not known:
            found.excluded.append(cells | {"reason": reason})
        elif not known:
            found.figures.append(cells | _read_cells(text, start, end) | undecided)
    for row, identity in zip(found.figures, make_ids(data, len(found.figures)), strict=True):
        row["id"] = identity
    return found


def write_new(files: Mapping[Path, bytes]) -> bool:
    """Write the files of a new source. If one of them already exists, write nothing and return false."""
    if any(path.exists() for path in files):
        return False
    for path, content in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return True


def list_columns(path: Path, rows: list[Cells]) -> list[str]:
    """Return the columns of a file, and any others that its new rows need. Return all columns if there is no file."""
    every = FIGURE_COLUMNS if path.parent.name == "observations" else EXCLUDED_COLUMNS
    if not path.exists():
        return [*every]
    header = path.read_text(encoding="utf-8-sig").partition("\n")[0].split(",")
    return [*header, *(name for name in every if name not in header and any(row.get(name) for row in rows))]


def _check_source(data: Path, slug: str | None, digest: str) -> str | None:
    """Return the given id, or the id of the source with a SHA-256. Raises RegisterError if the two differ."""
    if slug and not re.fullmatch(SLUG_FORM, slug):
        raise RegisterError(f"{slug!r} is not a valid id for a source; write it like police-oracle-2023-met-review")
    stated = ((path.stem, _SHA256.search(path.read_text(encoding="utf-8"))) for path in data.glob("sources/*.yaml"))
    digests = {name: match[1] for name, match in stated if match}  # includes drafts, which are not records yet
    if slug and digests.get(slug, digest) != digest:
        raise RegisterError(f"sources/{slug}.yaml has another SHA-256: its places are in a different text")
    return slug or next((one for one, known in digests.items() if known == digest), None)


def _list_rows(data: Path, slug: str | None) -> Iterator[tuple[str, int, int]]:
    """Yield the id or reason of each row of a source, with the start and end of the text it covers."""
    files = (("observations", FIGURE_COLUMNS, "id"), ("not-statistics", EXCLUDED_COLUMNS, "reason"))
    for folder, columns, name in files:
        for row in read_one_table(data, f"{folder}/{slug}.csv", columns, ()).rows():
            places = [place for column, _, place in list_places(row) if column != "counted_at"]
            yield from ((row[name], *span) for span in map(read_place, places) if span)


def _find_numbers(text: str) -> Iterator[tuple[int, int, str | None]]:
    """Yield start and end of each number with the words that belong to it, and the reason if it is not a statistic."""
    plain = [(*match.span(), match.lastgroup) for match in _NO_STATISTIC.finditer(text)]
    tokens, after = [*find_numbers(text)], 0
    for index, (start, end, _) in enumerate(tokens):
        if start < after:
            continue
        excluded = next((one for one in plain if one[0] <= start and end <= one[1]), None)
        if excluded and excluded[0] >= after:
            after = excluded[1]
            yield excluded
        else:
            after = _find_end(text, tokens[index:])
            first = start - 2 if text[:start].endswith(("a ", "A ")) and read_number(text[start - 2 : after]) else start
            yield first, after, DECIDE if _IN_PHRASES.fullmatch(text[start:after]) else None


def _find_end(text: str, tokens: list[tuple[int, int, str]]) -> int:
    """Return the end of the number that the first token starts: `tens of thousands`, `one in 200`, `7 per cent`."""
    start, end, _ = tokens[0]
    last = end
    for begin, stop, _ in tokens[1:]:
        if not _BETWEEN.fullmatch(text, last, begin):
            break
        last, printed = stop, text[start:stop]
        if not re.search(rf"\b{_YEAR}$", printed) and _can_be_read(printed):
            end = last
    unit = _UNIT.match(text, end)
    return unit.end() if unit else end


def _can_be_read(printed: str) -> bool:
    return bool(read_number(printed) or read_bounds(None, "magnitude", printed, "count", "count")[0])


def _read_cells(text: str, start: int, end: int) -> Cells:
    """Return the cells that a printed number and the hedge beside it fill."""
    printed = text[start:end]
    hedge, reading = find_hedge(text, start, end), read_number(printed)
    if "/" in text[max(start - 1, 0) : end + 1] or _MAY_BE_MINUS.search(text[max(start - 3, 0) : start]):
        reading = None  # 7/10 may be a date
    cells = {"value": DECIDE, "unit": "count", "statistic": "count", "qualifier": "exact"}
    if reading:
        cells |= {"value": f"{Decimal(f'{float(reading.value):.12g}'):f}", "unit": reading.unit}
        cells["statistic"] = "count" if reading.unit == "count" else "share"
    elif read_bounds(None, "magnitude", printed, "count", "count")[0]:
        return cells | {"value": "", "value_absent": "magnitude_only", "qualifier": "magnitude"}
    if hedge:
        words = text[slice(*hedge)]
        place = f"char={hedge[0]},{hedge[1]}"
        cells |= {"hedge": words, "hedge_at": place, "qualifier": read_hedge(words) or DECIDE}
    return cells


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
