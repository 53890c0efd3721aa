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
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.errors import ReleaseError
from misconduct.model.figure import FIGURE_ID, Row
from misconduct.model.number_words import DIGITS
from misconduct.releases import folder as files
from misconduct.releases.folder import order_of
from misconduct.releases.verify import REMOVALS_COLUMNS, verify_releases

from ..register.check import read_records
from ..register.reading import Reader, encode_rows, number_rows
from ..register.rules import EARLIER_COLUMNS
from ..register.transcripts import read_pages
from ..register.yaml_files import walk
from .write import write_release

REMOVED = "[removed]"
STAGED = ".removal"
OF_ITS_OWN = ("id", "printed", "value")  # a figure that stays may have the same number in these cells

Said = dict[tuple[str, ...], set[str]]
"""What records say, by what names them."""


class Line(NamedTuple):
    """A line that names a removed figure or prints its number. It is `edited` by hand, `rewritten` or `kept`."""

    place: str
    text: str
    fate: str


@dataclass(frozen=True)
class Target:
    """What to remove: the ids of figures, and the forms of their numbers, which other texts may have too.

    `about` are words of texts that are about the figures, `since` is the first release that has one, and `others` are
    addresses, places and ids of sources, in which a form means nothing.
    """

    ids: frozenset[str]
    forms: frozenset[str]
    about: frozenset[str]
    since: tuple[int, ...]
    others: str

    def within(self, release: str | None, text: str) -> "Target":
        """Return what to look for in a text of a release, or of `data`.

        Before the figures, the number is about something else; and one of two digits is found everywhere.
        """
        if release and order_of(release) < self.since:
            return replace(self, forms=frozenset())
        if any(word in text for word in self.about):
            return self
        return replace(self, forms=frozenset(one for one in self.forms if not re.fullmatch(r"\d{1,2}", one)))

    def find(self, text: str) -> re.Match[str] | None:
        """Return the first match in a text."""
        return next((match for match in _find_words(self).finditer(text) if match["found"]), None)

    def without(self, value: Any) -> Any:
        """Return a value without removed text; None for a removed id and what names one."""
        if isinstance(value, str):
            return None if value in self.ids else _find_words(self).sub(lambda match: match["other"] or REMOVED, value)
        if isinstance(value, list):
            return [one for one in map(self.without, value) if one is not None]
        if isinstance(value, dict):
            left = {name: self.without(one) for name, one in value.items()}
            return None if any(left[name] is None and value[name] is not None for name in value) else left
        return value


@cache
def _find_words(target: Target) -> re.Pattern[str]:
    words = sorted(target.ids | target.forms, key=len, reverse=True)
    found = "|".join(re.escape(one).replace(",", r"[,\s]") for one in words) or "(?!)"
    return re.compile(rf"(?P<other>{target.others})|(?<!\w)(?<!\d[.,])(?P<found>(?i:{found}))(?!\w|[.,]\d)")


def find_target(data: Path, names: Collection[str]) -> Target:
    """Return what to remove. Raises ReleaseError for an unknown id and for a damaged release."""
    if problems := verify_releases(data):
        raise ReleaseError("\n".join(problems))
    numbers = [one.number for one in files.list_releases(data)]
    every = [(number, row) for number in numbers for row in files.read_rows(data / "releases" / number / files.FIGURES)]
    given = {*names, *(name.replace(",", "") for name in names if re.fullmatch(DIGITS, name))}
    chosen = [(number, row) for number, row in every if not given.isdisjoint(row[name] for name in OF_ITS_OWN)]
    ids = frozenset(row["id"] for _, row in chosen)
    if unknown := {name for name in given if re.fullmatch(FIGURE_ID, name)} - ids:
        raise ReleaseError(f"No release has the figure {', '.join(sorted(unknown))}. Delete its row in data/ instead.")
    forms = given.union(row[name] for _, row in chosen for name in OF_ITS_OWN) - ids - {""}
    forms |= {f"{int(one):,}" for one in forms if re.fullmatch(r"[1-9][0-9]{0,14}", one)}
    forms -= {one for one in forms if re.fullmatch(r"(?:18|19|20)\d\d", one)} - {*names}  # 2,019 is printed, not 2019
    sources = {row["source"] for _, row in every}
    named = "|".join(sorted(map(re.escape, sources), key=len, reverse=True))
    others = rf"https?://[^\s\"]+|\b(?:{named})\b|(?:char|cell|row)=[\d,]+|\b\d{{4}}-\d\d(?:-\d\d)?\b"
    since = min((order_of(number) for number, _ in chosen), default=())
    return Target(ids, frozenset(forms), ids | {row["source"] for _, row in chosen}, since, others)


def find_lines(data: Path, target: Target, keep: Collection[str] = ()) -> list[Line]:
    """Return every line that matches the target. Those in `keep` (file:line) are about something else.

    So are their copies: lines of releases in which the same record says the same.
    """
    found, said = [], _read_kept(data, keep)
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        folder, *inside = file.relative_to(data).parts
        release = inside[0] if folder == "releases" and re.match(r"\d+\.\d+\.\d+\b", inside[0]) else None
        fate = "rewritten" if release or folder in ("releases.csv", "removals.csv") else "edited"
        for line, text, row in _read_lines(file):
            words = target.within(release, f"{file} {text}")
            if match := words.find(text):
                around = " ".join(text[max(match.start() - 60, 0) : match.end() + 60].split())
                name, values = _describe(row, file)
                is_copy = release and name in said and said[name].issuperset(one for one in values if words.find(one))
                is_kept = (is_copy or f"{file}:{line}" in keep) and not any(one in text for one in target.ids)
                found.append(Line(f"{file}:{line}", around, "kept" if is_kept else fate))
    places = {line.place: line.fate for line in found}
    if wrong := [one for one in sorted(keep) if places.get(one) != "kept"]:
        reasons = {True: "it names the figure", False: "it is not in the list"}
        raise ReleaseError("\n".join(f"{one}: You cannot keep this: {reasons[one in places]}." for one in wrong))
    return found


def _read_kept(data: Path, keep: Collection[str]) -> Said:
    """Return what the records say in those files of `data` of which a line is kept.

    When the figures are removed, nothing in these files is about them any more: what was, has been edited.
    """
    found, reader = Said(), Reader(data)
    records = [*read_records(reader), *(page.source for page in read_pages(reader))] if keep else []
    files_of_data = {Path(one.rpartition(":")[0]) for one in keep if not one.startswith(f"{data / 'releases'}/")}
    for file in files_of_data:
        rows = [row for _, _, row in _read_lines(file)] if file.is_file() else []
        rows += [{"record": one.kind} | one.record.model_dump(mode="json", exclude_defaults=True)
                 for one in records if data / one.places.file == file]  # fmt: skip
        found |= dict(_describe(row, file) for row in rows)
    return found


def _describe(row: Row, file: Path) -> tuple[tuple[str, ...], set[str]]:
    """Return what names a record, a figure, or a number that is none; and what it says, but for what is computed."""
    named = ("record", "id") if row.get("id") else ("figure", "day", "printed", "note")
    source = "" if row.get("id") else row.get("page") or row.get("source") or file.stem
    values = {str(value) for path, value in walk(row) if path[0] not in ("outcome", "figures")}
    return (source, *(row.get(name, "") for name in named)), values


def remove(data: Path, target: Target, lines: list[Line], law: str, day: str) -> None:
    """Remove the target from releases, but not while `data` itself still has it."""
    if by_hand := [f"{line.place}: {line.text}" for line in lines if line.fate == "edited"]:
        raise ReleaseError("\n".join([*by_hand, "Edit these lines. To keep an unrelated line, add --keep FILE:LINE."]))
    part, listed = data / f"{STAGED}.part", files.list_releases(data)
    (part / "releases").mkdir(parents=True)
    gone = {line.place.rpartition("/")[0] for line in lines if line.fate == "rewritten"}
    kept = {line.place for line in lines if line.fate == "kept"}
    said = _read_kept(data, kept)
    removals = files.read_rows(data / "removals.csv", REMOVALS_COLUMNS)
    for number, one in enumerate(listed):
        if str(folder := data / "releases" / one.number) in gone:
            new = write_release(part / "releases" / one.number, _leave_out(folder, target, kept, said))
            listed[number] = one._replace(digest=new.digest, summary=new.summary)
            removals.append(dict(zip(REMOVALS_COLUMNS, (day, one.number, one.digest, new.digest, law), strict=True)))
    (part / "removals.csv").write_bytes(encode_rows(REMOVALS_COLUMNS, removals))
    (part / "releases.csv").write_bytes(encode_rows(files.ListedRelease._fields, [one._asdict() for one in listed]))
    part.rename(data / STAGED)
    finish_removal(data)


def finish_removal(data: Path) -> bool:
    """Move staged files, if any, into place. It is safe to repeat each step."""
    shutil.rmtree(data / f"{STAGED}.part", ignore_errors=True)  # incomplete, left by a crash
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


def _read_lines(file: Path) -> Iterator[tuple[int, str, Row]]:
    """Yield the number and text of each line, with its cells or the keys of its record, if it has any."""
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError:
        return
    if file.suffix != ".csv":
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            yield number, line, json.loads(line) if file.suffix == ".jsonl" else {}
        return
    header = list[str]()
    try:
        for number, cells in number_rows(csv.reader(io.StringIO(text, newline=""))):
            header = header or cells
            left_out = OF_ITS_OWN[1:] if "value" in header else ()
            row = {name: cell for name, cell in zip(header, cells, strict=False) if name not in left_out}
            yield number, "\t".join(row.values()), row
    except ValueError as error:
        number, why = error.args
        raise ReleaseError(f"{file}:{number}: This row cannot be read: {why}.") from error


def _leave_out(folder: Path, target: Target, kept: Collection[str], said: Said) -> files.Release:
    """Return a release without the target. Rows and records at kept places stay, and what `data` says of them."""
    release, records = files.read_release(folder), defaultdict[str, dict[str, Any]](dict)

    def clean(file: str, rows: list[Row], stays: Callable[[Row, Target], bool], as_it_is: Collection[str]) -> list[Row]:
        places = [f"{folder / file}:{line}" for line, *_ in _read_lines(folder / file)] if rows else []
        first, left = 0 if file == files.RECORDS else 1, []  # the first line of a table is its header
        for row, place in zip(rows, places[first:], strict=True):
            words = target.within(folder.name, str(row))
            if place in kept:
                left.append(row)
            elif stays(row, words):
                stays_so = said.get(_describe(row, folder)[0], ())
                left.append(row | {name: words.without(value) for name, value in row.items()
                                   if name not in as_it_is and str(value) not in stays_so})  # fmt: skip
        return left

    def says_another(name: str) -> Callable[[Row, Target], bool]:
        return lambda row, words: not words.find(row[name])

    rows = [{"record": kind, **one} for kind, of_kind in release.records.items() for one in of_kind.values()]
    for row in clean(files.RECORDS, rows, _can_stay, ("id",)):
        records[row.pop("record")][row["id"]] = row
    return replace(
        release,
        summary=target.within(folder.name, release.summary).without(release.summary),
        figures=clean(files.FIGURES, release.figures, says_another("id"), OF_ITS_OWN),
        changes=clean(files.CHANGES, release.changes, says_another("id"), ("id",)),
        earlier=clean(files.EARLIER, release.earlier, says_another("figure"), EARLIER_COLUMNS),
        excluded=clean(files.EXCLUDED, release.excluded, says_another("printed"), ()),
        records=records,
    )


def _can_stay(record: Row, target: Target) -> bool:
    left = target.without({name: value for name, value in record.items() if name != "id"})
    if left is None or (record["record"] not in ("source", "code") and target.find(record["id"])):
        return False
    if record["record"] == "check" and (left["parts"] != record["parts"] or target.find(str(record.get("outcome")))):
        return False
    return len(left.get("members", "--")) > 1 and left.get("query", {}).get("id") != []
