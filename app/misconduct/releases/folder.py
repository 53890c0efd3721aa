"""A release is a folder of files that never changes: `sha256sum --check --strict SHA256SUMS` verifies it.

Its digest is the SHA-256 of its SHA256SUMS. Its datapackage.json names the digest of the previous release, so
the digest of one release vouches for all earlier ones.
"""

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import file_digest
from os.path import realpath
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.errors import ReleaseError
from misconduct.model.documents import DRAFT
from misconduct.model.figure import Row, read_cells
from misconduct.model.points import read_row

README = "README.md"
TABLE = "table.csv"
TABLE_PARQUET = "table.parquet"
OTHERS = "others.csv"
FIGURES = "figures.csv"
FIGURES_PARQUET = "figures.parquet"
INDICATORS = "indicators.csv"
AREAS = "areas.csv"
SOURCES = "sources.csv"
CODES = "codes.csv"
NOTES = "notes.csv"
CHARTS = "charts.csv"
CHANGES = "changes.csv"
RECORDS = "records.jsonl"
VERSIONS = "versions.jsonl"
PACKAGE = "datapackage.json"
SUMS = "SHA256SUMS"
FILES = (
    *(README, TABLE, TABLE_PARQUET, OTHERS, FIGURES, FIGURES_PARQUET),
    *(INDICATORS, AREAS, SOURCES, CODES, NOTES, CHARTS, CHANGES),
    *(RECORDS, VERSIONS, PACKAGE),
)
"""The files of every release. It also has a picture of each of its charts."""

PICTURES = "charts/"
"""The folder of the pictures."""

_MAX_SUMS = 1_000_000  # bytes of SHA256SUMS, which are about 10,000 files
_SUM = re.compile(
    r"(?P<digest>[0-9a-f]{64})  (?P<name>(?:\w[\w.-]*/)?\w[\w.-]*)", re.ASCII
)

Records = dict[str, dict[str, dict[str, Any]]]  # by kind and id


@dataclass(frozen=True, kw_only=True)
class Release:
    """The whole register as it was released on a day. Old records are not validated against today's models.

    `pictures` has the chart that each file of an SVG shows. `previous` is the digest of the release before it.
    `digest` is empty until the release is written.
    """

    number: str
    day: str
    summary: str
    figures: list[Row]
    records: Records
    changes: list[dict[str, str]]
    versions: list[dict[str, Any]] = field(default_factory=list)
    table: list[Row] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    previous: str | None = None
    digest: str = ""

    @property
    def citation(self) -> str:
        """How to cite the release in a text."""
        return f"Misconduct Register, release {self.number} of {self.day}. Name the source of each figure first."


class ListedRelease(NamedTuple):
    """A line of `releases.csv`, or of `releases-before-6.csv`."""

    number: str
    day: str
    digest: str
    summary: str


@dataclass(frozen=True)
class ReleaseFolder:
    """What a release says of itself: `figures` is how many it has, `previous` the digest of the one before."""

    number: str
    day: date
    summary: str
    figures: int
    digest: str
    previous: str | None


def list_folders(releases: Path) -> list[ReleaseFolder]:
    """Return the releases in a folder, the oldest first, without verifying them."""
    found = []
    for folder in list_visible(releases):
        if not (folder / SUMS).is_file():
            continue
        package = json.loads((folder / PACKAGE).read_bytes())
        about = ReleaseFolder(
            number=package["version"],
            day=date.fromisoformat(package["created"].partition("T")[0]),
            summary=package["description"],
            figures=sum(1 for _ in iterate_rows(folder / FIGURES)),
            digest=digest_of(folder / SUMS),
            previous=package.get("previous"),
        )
        found.append(about)
    return sorted(found, key=lambda release: order_of(release.number))


def stamp_folders(releases: Path) -> dict[str, int]:
    """Return when the sums of each release in a folder were written: another time may mean other files."""
    paths = [folder / SUMS for folder in list_visible(releases)]
    return {
        path.parent.name: path.stat().st_mtime_ns for path in paths if path.is_file()
    }


def read_release(folder: Path, *, is_whole: bool = True) -> Release:
    """Read a release; unless `is_whole`, without figures, table, changes, pictures and which figures a dataset has.

    Raises ReleaseError that names each file that is missing or changed.
    """
    if differences := find_differences(folder):
        raise ReleaseError("\n".join(differences))
    package = json.loads((folder / PACKAGE).read_bytes())
    return Release(
        number=package["version"],
        day=package["created"].partition("T")[0],
        summary=package["description"],
        figures=[*iterate_figures(folder)] if is_whole else [],
        records=read_records(folder, is_whole=is_whole),
        changes=read_rows(folder / CHANGES) if is_whole else [],
        versions=[*iterate_lines(folder / VERSIONS)] if is_whole else [],
        table=[*map(read_row, read_rows(folder / TABLE))] if is_whole else [],
        others=[*map(read_row, read_rows(folder / OTHERS))] if is_whole else [],
        pictures=_read_pictures(folder) if is_whole else {},
        previous=package.get("previous"),
        digest=digest_of(folder / SUMS),
    )


def _read_pictures(folder: Path) -> dict[str, str]:
    """Return the SVG of each chart by the id of the chart."""
    names = [name for name in read_sums(folder) if name.startswith(PICTURES)]
    return {Path(name).stem: (folder / name).read_text("utf-8") for name in names}


def read_records(folder: Path, *, is_whole: bool = True) -> Records:
    """Return the records of a release, by kind and id; unless `is_whole`, without which figures a dataset has."""
    records: Records = {}
    for line in iterate_lines(folder / RECORDS):
        if line["record"] == "dataset" and not is_whole:
            line.pop("figures", None)
        records.setdefault(line.pop("record"), {})[line["id"]] = line
    return records


def iterate_figures(folder: Path) -> Iterator[Row]:
    """Yield the figures of a release, one at a time."""
    return map(read_cells, iterate_rows(folder / FIGURES))


def iterate_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def find_differences(folder: Path, others: Iterable[str] = ()) -> list[str]:
    """Return a sentence for each file of a release that does not match its SHA256SUMS.

    `others` are files that are there: one that SHA256SUMS does not list is no part of the release.
    """
    try:
        sums = read_sums(folder)
    except ReleaseError as error:
        return str(error).splitlines()
    differences = []
    for name in sorted({*sums, *FILES, *others} - {SUMS}):
        try:
            path = find_file(folder, name)
        except ReleaseError as error:
            differences.append(str(error))
            continue
        if name not in sums:
            differences.append(f"{path}: This file is not part of the release.")
        elif sums[name] != digest_of(path):
            differences.append(f"{path}: This file has changed since it was released.")
    return differences


def read_sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a release but SHA256SUMS itself.

    Raises ReleaseError that names each line that is no digest and name of a file, and
    each that names a file again: no name leads out of the folder.
    """
    path = find_file(folder, SUMS)
    if path.stat().st_size > _MAX_SUMS:
        raise ReleaseError(f"{path}: This file has more than {_MAX_SUMS:,} bytes.")
    text = path.read_bytes().decode(errors="replace")
    sums, seen, problems = dict[str, str](), {SUMS.casefold()}, []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        match = _SUM.fullmatch(line)
        name = match["name"] if match else ""
        if match is None:
            problems.append(
                f"{path}:{number}: This line must be a SHA-256, two spaces and a name "
                "like changes.csv or charts/suspended.svg."
            )
        elif name.casefold() in seen:
            problems.append(f"{path}:{number}: {name} is listed already.")
        else:
            sums[name] = match["digest"]
            seen.add(name.casefold())
    if problems:
        raise ReleaseError("\n".join(problems))
    return sums


def find_file(folder: Path, name: str) -> Path:
    """Return the path of a file. Raises ReleaseError if it is missing, or a link."""
    path = folder / name
    if realpath(path) != str(Path(realpath(folder)) / name):
        raise ReleaseError(f"{path}: This is a link, and no file of the release.")
    if not path.is_file():
        raise ReleaseError(f"{path}: This file is missing.")
    return path


def list_files(folder: Path) -> list[str]:
    """Return the names of what is in a folder, and in folders there, but nothing hidden."""
    names = []
    for path in list_visible(folder):
        is_folder = path.is_dir() and not path.is_symlink()
        found = list_visible(path) if is_folder else [path]
        names += [file.relative_to(folder).as_posix() for file in found]
    return names


def order_of(number: str) -> tuple[int, ...]:
    """Return by what releases are sorted: their numbers, a draft last."""
    return (sys.maxsize,) if number == DRAFT else tuple(map(int, number.split(".")))


def list_releases(data: Path) -> list[ListedRelease]:
    """Return the releases that `releases.csv` lists, oldest first. Raises ReleaseError if it cannot be read."""
    path = data / "releases.csv"
    if not path.exists() and not data.is_file():
        raise ReleaseError(
            f"{path}: This file is missing. Set MISCONDUCT_DATA or --data to the folder that has it."
        )
    return _read_list(path)


def list_former_releases(data: Path) -> list[ListedRelease]:
    """Return the releases before the first public one, oldest first: their folders are only in the history of git."""
    path = data / "releases-before-6.csv"
    return _read_list(path) if path.exists() else []


def _read_list(path: Path) -> list[ListedRelease]:
    rows = read_rows(path, ListedRelease._fields)
    for line, row in enumerate(rows, 2):
        if None in row or not re.fullmatch(r"\d+\.\d+\.\d+", row["number"] or ""):
            raise ReleaseError(
                f"{path}:{line}: This line must have number, day, digest and summary."
            )
    return [ListedRelease(**row) for row in rows]


def read_rows(path: Path, columns: Iterable[str] | None = None) -> list[dict[str, str]]:
    """Return the rows of a CSV file. Raises ReleaseError if it is missing, or has other columns."""
    return list(iterate_rows(path, columns))


def iterate_rows(
    path: Path, columns: Iterable[str] | None = None
) -> Iterator[dict[str, str]]:
    """Yield what `read_rows` returns, so that a large file is never in memory as a whole."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if columns is not None and reader.fieldnames != list(columns):
                raise ReleaseError(
                    f"{path}: The first line must be {','.join(columns)}."
                )
            yield from reader
    except (csv.Error, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path}: This file is not CSV in UTF-8: {error}") from error
    except FileNotFoundError as error:
        raise ReleaseError(f"{path}: This file is missing.") from error


def list_visible(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what matches a pattern in a folder, sorted; nothing hidden: .DS_Store, or on network drives @eaDir."""
    paths = (
        folder.iterdir() if folder.is_dir() else ()
    )  # glob would find nothing in a folder that it may not read
    return sorted(
        path
        for path in paths
        if path.match(pattern) and not path.name.startswith((".", "@"))
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
