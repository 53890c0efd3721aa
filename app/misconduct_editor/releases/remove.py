"""Remove figures because a law requires it. This is the only way a release ever changes.

The editor first deletes them in `data/`. Then their rows, and the records that are named, go from every release that
has them. Nothing is chosen anew: a point of the table goes with its figure, or the first figure beside it takes its
place. Releases are written into `data/.removal` and moved into place from there. After a crash, run the command again.
"""

import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from misconduct.errors import ReleaseError
from misconduct.model.figure import COLUMNS, Row
from misconduct.releases import folder as files
from misconduct.releases.folder import Release
from misconduct.releases.verify import REMOVALS_COLUMNS, verify_releases

from ..register.reading import encode_rows
from ..series.choose import choose
from .write import write_release

STAGED = ".removal"
LEAST_MEMBERS = 2  # of a disagreement
PLACED = ("latest", "default", "lead", "total", "stretch", "scale")
"""What a figure that takes the place of a point has from that point: its place in the series."""


@dataclass(frozen=True)
class Target:
    """What to remove: ids of figures, and records by kind and id (`caveat/slip`)."""

    ids: frozenset[str]
    records: frozenset[tuple[str, str]]


def find_target(data: Path, names: Collection[str]) -> Target:
    """Return what to remove. Raises ReleaseError for what no release has, and for a damaged release."""
    if problems := verify_releases(data):
        raise ReleaseError("\n".join(problems))
    figures, records = set[str](), set[tuple[str, str]]()
    for folder in _list_folders(data):
        release = files.read_release(folder)
        figures |= {row["id"] for row in release.figures}
        records |= {
            (kind, one) for kind, some in release.records.items() for one in some
        }
    asked = {name: tuple(name.split("/", 1)) for name in names}
    unknown = [
        name
        for name, record in asked.items()
        if name not in figures and record not in records
    ]
    if unknown:
        said = ", ".join(sorted(unknown))
        raise ReleaseError(
            f"No release has the figure {said}. Delete its row in data/ instead."
        )
    ids = frozenset(name for name in names if name in figures)
    named = {
        (record[0], record[-1]) for name, record in asked.items() if name not in ids
    }
    return Target(ids, frozenset(named))


def find_in_register(data: Path, target: Target) -> list[str]:
    """Return each line of `data` that still names the target."""
    names = [*target.ids, *(one for _, one in target.records)]
    words = re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w-])"
    )
    found = list[str]()
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data).parts
        if inside[0] in ("releases", "releases.csv", STAGED) or not path.is_file():
            continue
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(lines, 1)
            if words.search(line)
        ]
    return found


def find_quotes(data: Path, target: Target) -> list[str]:
    """Return the records of releases that print a number of a figure and name it, or that it names: look at each."""
    found = set[str]()
    for folder in _list_folders(data):
        release = files.read_release(folder)
        for row in release.figures:
            if row["id"] not in target.ids or not row["printed"]:
                continue
            named = {*row["caveats"]}
            for kind, some in release.records.items():
                for identity, record in some.items():
                    text = str(record)
                    is_linked = identity in named or row["id"] in text
                    if is_linked and row["printed"] in text:
                        found.add(f"{kind}/{identity}")
    return sorted(found - {f"{kind}/{one}" for kind, one in target.records})


def remove(data: Path, target: Target, law: str, day: str) -> list[str]:
    """Remove the target from every release that has it, and return their numbers.

    Raises ReleaseError that names each line of `data` which still has it.
    """
    if lines := find_in_register(data, target):
        raise ReleaseError("\n".join([*lines, "Delete these lines first."]))
    part, listed = data / f"{STAGED}.part", files.list_releases(data)
    (part / "releases").mkdir(parents=True)
    removals = files.read_rows(data / "removals.csv", REMOVALS_COLUMNS)
    changed = list[str]()
    for place, one in enumerate(listed):
        release = files.read_release(data / "releases" / one.number)
        left = leave_out(release, target)
        if left == release:
            continue
        new = write_release(part / "releases" / one.number, left)
        listed[place] = one._replace(digest=new.digest)
        values = (day, one.number, one.digest, new.digest, law)
        removals.append(dict(zip(REMOVALS_COLUMNS, values, strict=True)))
        changed.append(one.number)
    (part / "removals.csv").write_bytes(encode_rows(REMOVALS_COLUMNS, removals))
    rows = [one._asdict() for one in listed]
    (part / "releases.csv").write_bytes(encode_rows(files.ListedRelease._fields, rows))
    part.rename(data / STAGED)
    finish_removal(data)
    return changed


def finish_removal(data: Path) -> bool:
    """Move staged files, if any, into place. It is safe to repeat each step."""
    # What is left by a crash before all was written.
    shutil.rmtree(data / f"{STAGED}.part", ignore_errors=True)
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


def leave_out(release: Release, target: Target) -> Release:
    """Return a release without the target."""
    ids = target.ids
    others = [row for row in release.others if row["figure"] not in ids]
    left = replace(
        release,
        figures=[_without(row, ids) for row in release.figures if row["id"] not in ids],
        records=_leave_out_records(release.records, target),
        changes=[row for row in release.changes if not _is_of(row, target)],
        versions=[row for row in release.versions if not _is_of(row, target)],
        earlier=[row for row in release.earlier if row["figure"] not in ids],
    )
    taking = {
        row["point"]: row["figure"] for row in reversed(others) if row["point"] in ids
    }
    made = {row["id"]: row for row in choose(left).table} if taking else {}
    table = []
    for row in release.table:
        if row["id"] in taking:
            placed = {name: row[name] for name in PLACED}
            table.append(made[taking[row["id"]]] | placed)
        elif row["id"] not in ids:
            table.append({name: _drop_words(cell, ids) for name, cell in row.items()})
    others = [
        {**row, "point": taking.get(row["point"], row["point"])}
        for row in others
        if row["figure"] not in taking.values()
    ]
    return replace(left, table=table, others=others)


def _list_folders(data: Path) -> Iterator[Path]:
    for one in files.list_releases(data):
        yield data / "releases" / one.number


def _is_of(row: Row, target: Target) -> bool:
    """Tell whether a change is one of the target, or names it."""
    is_figure = row["kind"] == "observation" and row["id"] in target.ids
    return is_figure or (row["kind"], row["id"]) in target.records


def _without(row: Row, ids: frozenset[str]) -> Row:
    """Return a figure that names none of some figures."""
    named = [
        name for name, column in COLUMNS.items() if column.refers_to == "observation"
    ]
    return row | {name: _drop(row.get(name), ids) for name in named if name in row}


def _drop(value: Any, ids: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [one for one in value if one not in ids]
    return None if value in ids else value


def _drop_words(cell: Any, ids: frozenset[str]) -> Any:
    """Return a cell of the table without ids that stand in it alone or between spaces."""
    if not isinstance(cell, str) or ids.isdisjoint(cell.split()):
        return cell
    return " ".join(word for word in cell.split() if word not in ids)


def _leave_out_records(records: files.Records, target: Target) -> files.Records:
    """Return the records without those of the target, and without those that have nothing left."""
    left: files.Records = {}
    for kind, some in records.items():
        kept = {
            identity: _drop_ids(record, target.ids)
            for identity, record in some.items()
            if (kind, identity) not in target.records
        }
        left[kind] = {
            identity: record
            for identity, record in kept.items()
            if _has_enough(kind, records[kind][identity], record)
        }
    return left


def _drop_ids(value: Any, ids: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _drop_ids(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        left = (_drop_ids(one, ids) for one in value)
        return [one for one in left if one is not None]
    return None if isinstance(value, str) and value in ids else value


def _has_enough(kind: str, before: Row, after: Row) -> bool:
    """Tell whether a record still says something: no list is empty that was not, and a disagreement has two members."""
    if kind == "disagreement":
        return len(after["members"]) >= LEAST_MEMBERS
    if kind == "dataset":
        return True
    return all(after.get(name) or not value for name, value in before.items())
