"""Remove figures because a law requires it. This is the only way a release ever changes.

The editor first edits `data/` by hand. Releases are rewritten into `data/.removal` and moved into place from
there. After a crash, run the command again.
"""

import csv
import io
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.article.tokens import UNDECIDED, find_numbers_of_article
from misconduct.errors import ReleaseError
from misconduct.model.figure import COLUMNS, Row
from misconduct.model.kinds import KINDS
from misconduct.model.number_words import Reading, read_number
from misconduct.releases import folder as files
from misconduct.releases.folder import order_of
from misconduct.releases.verify import REMOVALS_COLUMNS, verify_releases

from ..register.reading import Reader, encode_rows, number_rows
from ..register.rules import EARLIER_COLUMNS, FIGURE_COLUMNS
from ..register.transcripts import read_pages
from ..register.yaml_files import walk
from .write import write_release

REMOVED = "[removed]"
STAGED = ".removal"
YAML = (".yaml", ".yml")
OF_ITS_OWN = (
    "id",
    "printed",
    "value",
)  # a figure that stays may have the same number in these cells

Name = tuple[str, str]
"""The kind and the id of a record."""


class Line(NamedTuple):
    """A line that names a removed figure or prints its number. It is `edited` by hand, `rewritten` or `kept`."""

    place: str
    text: str
    fate: str


class Unit(NamedTuple):
    """A record as a file has it: its first line, its text, and its name, if it has one."""

    line: int
    text: str
    name: Name = ("", "")


@dataclass(frozen=True)
class Target:
    """What to remove: the ids of figures, and their numbers, which other texts may have too.

    `forms` are the numbers as printed, `numbers` are their values with their units. `about` are words of texts that are
    about the figures, and `linked` are the records that the figures name, or that name them. `since` is the first
    release that has a figure, and `others` are addresses, places and ids of sources, in which a number means nothing.
    """

    ids: frozenset[str]
    forms: frozenset[str]
    numbers: frozenset[tuple[Decimal, str]]
    about: frozenset[str]
    linked: frozenset[Name]
    since: tuple[int, ...]
    others: str

    def within(self, release: str | None, text: str, name: Name = ("", "")) -> "Target":
        """Return what to look for in a text of a release, or of `data`.

        Before the release that first had the figures, their number is about something else. In a record that is linked,
        or beside words about them, all is looked for; elsewhere only longer forms, as two digits are found everywhere.
        """
        if release and order_of(release) < self.since:
            return replace(self, forms=frozenset(), numbers=frozenset())
        if name in self.linked or any(word in text for word in self.about):
            return self
        long = frozenset(one for one in self.forms if not re.fullmatch(r"\d{1,2}", one))
        return replace(self, forms=long, numbers=frozenset())

    def find(self, text: str) -> list[tuple[int, int]]:
        """Return where a text has the ids and the numbers, also in words: from character to character."""
        matches = [*_find_words(self).finditer(text)]
        taken = [match.span() for match in matches]
        found = [match.span() for match in matches if match["found"]]
        for start, end, reading in _read_numbers(text) if self.numbers else ():
            is_same = any(
                reading.in_unit(unit) == value for value, unit in self.numbers
            )
            if is_same and not any(
                first < end and start < last for first, last in taken
            ):
                found.append((start, end))
        return sorted(found)

    def without(self, value: Any) -> Any:
        """Return a value without removed text; None for a removed id and what names one."""
        if isinstance(value, str):
            if value in self.ids:
                return None
            for start, end in reversed(self.find(value)):
                value = value[:start] + REMOVED + value[end:]
            return value
        if isinstance(value, list):
            return [one for one in map(self.without, value) if one is not None]
        if isinstance(value, dict):
            left = {name: self.without(one) for name, one in value.items()}
            return (
                None
                if any(left[name] is None and value[name] is not None for name in value)
                else left
            )
        return value


@cache
def _find_words(target: Target) -> re.Pattern[str]:
    words = sorted(target.ids | target.forms, key=len, reverse=True)
    found = (
        "|".join(re.sub(r",|\\ ", r"[,\\s]+", re.escape(one)) for one in words)
        or "(?!)"
    )
    return re.compile(
        rf"(?P<other>{target.others})|(?<!\w)(?<!\d[.,])(?P<found>(?i:{found}))(?!\w|[.,]\d)"
    )


@cache
def _read_numbers(text: str) -> list[tuple[int, int, Reading]]:
    numbers = find_numbers_of_article(text)
    read = (
        (start, end, read_number(text[start:end]))
        for start, end, reason in numbers
        if reason in (None, UNDECIDED)
    )
    return [(start, end, reading) for start, end, reading in read if reading]


def find_target(data: Path, figures: Collection[str]) -> Target:
    """Return what to remove. Raises ReleaseError for an unknown id and for a damaged release."""
    if problems := verify_releases(data):
        raise ReleaseError("\n".join(problems))
    ids = frozenset(figures)
    folders = {
        one.number: data / "releases" / one.number for one in files.list_releases(data)
    }
    every = [
        (number, row)
        for number, folder in folders.items()
        for row in files.read_rows(folder / files.FIGURES)
    ]
    chosen = [(number, row) for number, row in every if row["id"] in ids]
    if unknown := ids - {row["id"] for _, row in chosen}:
        raise ReleaseError(
            f"No release has the figure {', '.join(sorted(unknown))}. Delete its row in data/ instead."
        )
    rows = [row for _, row in chosen] + [
        row for row in _read_figures(data) if row["id"] in ids
    ]
    forms = {row[name] for row in rows for name in OF_ITS_OWN} - ids - {""}
    forms |= {
        f"{int(one):,}" for one in forms if re.fullmatch(r"[1-9][0-9]{0,14}", one)
    }
    forms -= {
        one for one in forms if re.fullmatch(r"(?:18|19|20)\d\d", one)
    }  # 2,019 is printed, not 2019
    values = frozenset(
        (Decimal(row["value"]), row["unit"]) for row in rows if row["value"]
    )
    sources = {row["source"] for _, row in every}
    named = "|".join(sorted(map(re.escape, sources), key=len, reverse=True))
    others = rf"https?://[^\s\"]+|\b(?:{named})\b|(?:char|cell|row)=[\d,]+|\b\d{{4}}-\d\d(?:-\d\d)?\b"
    since = min((order_of(number) for number, _ in chosen), default=())
    about, linked = (
        ids | {row["source"] for row in rows},
        _find_linked(ids, rows, folders.values()),
    )
    return Target(ids, frozenset(forms), values, about, linked, since, others)


def _read_figures(data: Path) -> Iterator[Row]:
    """Yield the figures of `data` that can be read."""
    reader = Reader(data)
    tables = [
        *reader.read_tables("observations/", FIGURE_COLUMNS, ()),
        *(page.figures for page in read_pages(reader)),
    ]
    yield from (
        row | {"source": table.name} for table in tables for row in table.rows()
    )


def _find_linked(
    ids: frozenset[str], rows: Iterable[Row], folders: Iterable[Path]
) -> frozenset[Name]:
    """Return the records that the figures name, those that name them, and the charts of their disagreements."""
    links = [
        (name, column.refers_to)
        for name, column in COLUMNS.items()
        if column.refers_to in KINDS
    ]
    linked = {
        (kind, one)
        for row in rows
        for name, kind in links
        for one in (row.get(name) or "").split()
    }
    lines = {
        line
        for folder in folders
        for line in (folder / files.RECORDS).read_text("utf-8").splitlines()
    }
    named = list[tuple[Name, set[str]]]()
    for record in map(json.loads, lines):
        kind = record.pop("record")
        stated = {
            name: value
            for name, value in record.items()
            if name not in KINDS[kind].computed
        }
        named.append(
            (
                (kind, record["id"]),
                {value for _, value in walk(stated) if isinstance(value, str)},
            )
        )
    linked |= {name for name, values in named if values & ids}
    disagreements = {one for kind, one in linked if kind == "disagreement"}
    linked |= {
        name for name, values in named if name[0] == "chart" and values & disagreements
    }
    return frozenset(linked)


def find_lines(data: Path, target: Target, keep: Collection[str] = ()) -> list[Line]:
    """Return every line that matches the target. Those in `keep` (file:line) are about something else."""
    found = []
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        folder, *inside = file.relative_to(data).parts
        release = (
            inside[0]
            if folder == "releases" and re.match(r"\d+\.\d+\.\d+\b", inside[0])
            else None
        )
        fate = (
            "rewritten"
            if release or folder in ("releases.csv", "removals.csv")
            else "edited"
        )
        for unit in _read_units(file):
            text, lines = unit.text, set[int]()
            for start, end in target.within(
                release, f"{file.relative_to(data)} {text}", unit.name
            ).find(text):
                line = unit.line + (
                    text.count("\n", 0, start) if file.suffix in YAML else 0
                )
                around = " ".join(text[max(start - 60, 0) : end + 60].split())
                is_kept = f"{file}:{line}" in keep and not any(
                    one in text for one in target.ids
                )
                if line not in lines:
                    found.append(
                        Line(f"{file}:{line}", around, "kept" if is_kept else fate)
                    )
                lines.add(line)
    places = {line.place: line.fate for line in found}
    if wrong := [one for one in sorted(keep) if places.get(one) != "kept"]:
        reasons = {True: "it names the figure", False: "it is not in the list"}
        raise ReleaseError(
            "\n".join(
                f"{one}: You cannot keep this: {reasons[one in places]}."
                for one in wrong
            )
        )
    return found


def remove(data: Path, target: Target, lines: list[Line], law: str, day: str) -> None:
    """Remove the target from releases, but not while `data` itself still has it."""
    if by_hand := [
        f"{line.place}: {line.text}" for line in lines if line.fate == "edited"
    ]:
        raise ReleaseError(
            "\n".join(
                [
                    *by_hand,
                    "Edit these lines. To keep an unrelated line, add --keep FILE:LINE.",
                ]
            )
        )
    part, listed = data / f"{STAGED}.part", files.list_releases(data)
    (part / "releases").mkdir(parents=True)
    gone = {line.place.rpartition("/")[0] for line in lines if line.fate == "rewritten"}
    kept = {line.place for line in lines if line.fate == "kept"}
    removals = files.read_rows(data / "removals.csv", REMOVALS_COLUMNS)
    for number, one in enumerate(listed):
        if str(folder := data / "releases" / one.number) in gone:
            new = write_release(
                part / "releases" / one.number, _leave_out(folder, target, kept)
            )
            listed[number] = one._replace(digest=new.digest, summary=new.summary)
            removals.append(
                dict(
                    zip(
                        REMOVALS_COLUMNS,
                        (day, one.number, one.digest, new.digest, law),
                        strict=True,
                    )
                )
            )
    (part / "removals.csv").write_bytes(encode_rows(REMOVALS_COLUMNS, removals))
    (part / "releases.csv").write_bytes(
        encode_rows(files.ListedRelease._fields, [one._asdict() for one in listed])
    )
    part.rename(data / STAGED)
    finish_removal(data)


def finish_removal(data: Path) -> bool:
    """Move staged files, if any, into place. It is safe to repeat each step."""
    shutil.rmtree(
        data / f"{STAGED}.part", ignore_errors=True
    )  # incomplete, left by a crash
    if not (staged := data / STAGED).exists():
        return False
    for folder in sorted((staged / "releases").iterdir()):
        place = data / "releases" / folder.name
        shutil.rmtree(place, ignore_errors=True)
        folder.rename(place)
    for path in staged.glob("*.csv"):
        path.replace(data / path.name)
    shutil.rmtree(staged)
    return True


def _read_units(file: Path) -> Iterator[Unit]:
    """Yield the records of a file: the rows of a table, the items of a list in YAML, and the lines of anything else."""
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError:
        return
    if file.suffix == ".csv":
        yield from _read_rows(file, text)
    elif file.suffix in YAML:
        kind = next(
            (
                one.name
                for one in KINDS.values()
                if one.file in (file.name, f"{file.parent.name}/")
            ),
            "",
        )
        line = 1
        for item in re.split(r"\n(?=- )", text):
            named = re.search(r"\bid: *[\"']?([\w-]+)", item) if kind else None
            yield Unit(line, item, (kind, named[1] if named else ""))
            line += item.count("\n") + 1
    else:
        for number, line_text in enumerate(text.removesuffix("\n").split("\n"), 1):
            record = json.loads(line_text) if file.suffix == ".jsonl" else {}
            values = [
                str(value)
                for _, value in walk(record)
                if not isinstance(value, list | dict)
            ]
            yield Unit(
                number,
                "\t".join(values) or line_text,
                (record.get("record", ""), record.get("id", "")),
            )


def _read_rows(file: Path, text: str) -> Iterator[Unit]:
    header = list[str]()
    try:
        for number, cells in number_rows(csv.reader(io.StringIO(text, newline=""))):
            header = header or cells
            left_out = OF_ITS_OWN[1:] if "value" in header else ()
            row = {
                name: cell
                for name, cell in zip(header, cells, strict=False)
                if name not in left_out
            }
            yield Unit(
                number,
                "\t".join(row.values()),
                (row.get("kind", ""), row.get("id", "")),
            )
    except ValueError as error:
        number, why = error.args
        raise ReleaseError(
            f"{file}:{number}: This row cannot be read: {why}."
        ) from error


def _leave_out(folder: Path, target: Target, kept: Collection[str]) -> files.Release:
    """Return a release without the target. Rows and records at kept places stay."""
    release, records = (
        files.read_release(folder),
        defaultdict[str, dict[str, Any]](dict),
    )

    def clean(
        file: str,
        rows: list[Row],
        stays: Callable[[Row, Target], bool],
        as_it_is: Collection[str],
    ) -> list[Row]:
        units = [*_read_units(folder / file)] if rows else []
        first, left = (
            0 if file == files.RECORDS else 1,
            [],
        )  # the first line of a table is its header
        for row, unit in zip(rows, units[first:], strict=True):
            words = target.within(folder.name, unit.text, unit.name)
            if f"{folder / file}:{unit.line}" in kept:
                left.append(row)
            elif stays(row, words):
                left.append(
                    row
                    | {
                        name: words.without(row[name])
                        for name in row
                        if name not in as_it_is
                    }
                )
        return left

    def says_another(name: str) -> Callable[[Row, Target], bool]:
        return lambda row, words: not words.find(row[name])

    about_all = target.within(folder.name, release.summary)
    keeps_summary = any(one.startswith(f"{folder / files.PACKAGE}:") for one in kept)
    rows = [
        {"record": kind, **one}
        for kind, of_kind in release.records.items()
        for one in of_kind.values()
    ]
    for row in clean(files.RECORDS, rows, _can_stay, ("id",)):
        records[row.pop("record")][row["id"]] = row
    return replace(
        release,
        summary=release.summary
        if keeps_summary
        else about_all.without(release.summary),
        figures=clean(files.FIGURES, release.figures, says_another("id"), OF_ITS_OWN),
        changes=clean(files.CHANGES, release.changes, says_another("id"), ("id",)),
        earlier=clean(
            files.EARLIER, release.earlier, says_another("figure"), EARLIER_COLUMNS
        ),
        excluded=clean(files.EXCLUDED, release.excluded, says_another("printed"), ()),
        records=records,
    )


def _can_stay(record: Row, target: Target) -> bool:
    left = target.without(
        {name: value for name, value in record.items() if name != "id"}
    )
    if left is None or (
        record["record"] not in ("source", "code") and target.find(record["id"])
    ):
        return False
    if record["record"] == "check" and (
        left["parts"] != record["parts"] or target.find(str(record.get("outcome")))
    ):
        return False
    return len(left.get("members", "--")) > 1 and left.get("query", {}).get("id") != []
