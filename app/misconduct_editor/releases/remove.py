"""Remove figures because a law requires it. This is the only way a release ever changes.

The editor first deletes them in `data/`. Then their rows, and the records that are named, go from every release that
has them. Nothing is chosen anew: a point of the table goes with its figure, or the first figure beside it that can
takes its place. Releases are written into `data/.removal` and moved into place from there. After a crash, run the
command again.
"""

import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from misconduct.errors import ReleaseError
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, Row, complete, read_cells, write_cell
from misconduct.model.number_words import find_numbers, read_number
from misconduct.model.points import BESIDE
from misconduct.releases import folder as files
from misconduct.releases.folder import Records, Release
from misconduct.releases.verify import REMOVALS_COLUMNS, verify_releases

from ..register.outcomes import describe_disagreement, differ
from ..register.reading import encode_rows
from ..series.choose import Choice, choose
from .charts import draw_charts
from .write import write_release

STAGED = ".removal"
REMOVED = "[removed]"
LEAST_MEMBERS = 2  # of a disagreement
NAMED = (
    *("caveat", "correction", "disagreement", "chart", "unpublished"),
)  # the kinds of records that may be removed: figures cannot be read without the others
PLACED = ("default", "lead", "total", "scale")
"""What was chosen of a series: it stays, and a figure that takes the place of a point has it from that point."""

Name = tuple[str, str]
"""The kind and the id of a record."""


@dataclass(frozen=True)
class Target:
    """What to remove: ids of figures, and records by kind and id (`caveat/slip`)."""

    ids: frozenset[str]
    records: frozenset[Name]

    @property
    def names(self) -> set[str]:
        """The ids and the records as an editor writes them."""
        return {*self.ids, *(f"{kind}/{identity}" for kind, identity in self.records)}

    @cached_property
    def words(self) -> re.Pattern[str]:
        """What finds an id in a text."""
        ids = "|".join(map(re.escape, sorted(self.ids)))
        return re.compile(rf"(?<![\w-])(?:{ids or '(?!)'})(?![\w-])")


def find_target(data: Path, names: Collection[str]) -> Target:
    """Return what to remove. Raises ReleaseError for what no release has, and for a damaged release."""
    if damages := verify_releases(data):
        raise ReleaseError("\n".join(damages))
    figures, records = set[str](), set[Name]()
    for release in _read_releases(data):
        figures |= {row["id"] for row in release.figures}
        for kind in NAMED:
            records |= {(kind, identity) for identity in release.records.get(kind, ())}
    ids = figures.intersection(names)
    named = {_split(name) for name in names if name not in ids}
    problems = []
    for kind, identity in sorted(named - records):
        if identity and kind not in NAMED:
            known = ", ".join(NAMED)
            problems.append(f"{kind}/{identity}: kinds to remove are {known}.")
        else:
            name = f"{kind}/{identity}".rstrip("/")
            problems.append(f"No release has {name}. Delete it in data/ instead.")
    if problems:
        raise ReleaseError("\n".join(problems))
    return Target(frozenset(ids), frozenset(named))


def _split(name: str) -> Name:
    kind, _, identity = name.partition("/")
    return kind, identity


def find_in_register(data: Path, target: Target) -> list[str]:
    """Return each line of `data` that still names a figure, or is the id of a record, of the target."""
    slugs = "|".join(re.escape(identity) for _, identity in sorted(target.records))
    record = re.compile(rf"(?:- )?\s*id: *['\"]?(?:{slugs or '(?!)'})['\"]?\s*")
    found = list[str]()
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data).parts
        is_release = (
            inside[0] == "releases" and len(inside) > 1 and inside[1][0].isdigit()
        )
        if is_release or inside[0].startswith(STAGED) or not path.is_file():
            continue
        lines = path.read_bytes().decode(errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if target.words.search(line) or record.fullmatch(line):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
    return found


def find_quotes(data: Path, target: Target) -> list[str]:
    """Return a sentence for whatever else may print a number of the target, for an editor to look at.

    These are figures that repeat one of it, and records of a release that name it, or that it names, and have its
    number, also in words. What is named in the target is left out.
    """
    found, sentences = set[str](), set[str]()
    for release in _read_releases(data):
        for row in release.figures:
            if row["repeats"] in target.ids:
                found.add(row["id"])
            if row["id"] in target.ids:
                found.update(_find_records_that_quote(release, row))
                if _has_number(release.summary, row):
                    sentences.add(
                        f"The summary of release {release.number} has the number of {row['id']}, and stays."
                    )
    for name in found - target.names:
        sentences.add(f"{name} may print its number: name it, too, if it must go.")
    return sorted(sentences)


def _find_records_that_quote(release: Release, row: Row) -> Iterator[str]:
    """Yield the records that are about a figure, and have its number."""
    disagreements = release.records.get("disagreement", {})
    names = {row["id"]}
    for identity, record in disagreements.items():
        if row["id"] in record["members"]:
            names.add(identity)
    linked = {("caveat", caveat) for caveat in row["caveats"]}
    linked.add(("source", row["source"]))
    for kind, of_kind in release.records.items():
        for identity, record in of_kind.items():
            texts = [*_find_texts(record)]
            is_about = (kind, identity) in linked or not names.isdisjoint(texts)
            if is_about and any(_has_number(text, row) for text in texts):
                yield f"{kind}/{identity}"


def _find_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _find_texts(inner)


def _has_number(text: str, row: Row) -> bool:
    """Tell whether a text has the number of a figure as it was printed, or otherwise."""
    printed = row["printed"] or ""
    if printed and re.search(rf"(?<![\w.,]){re.escape(printed)}(?!\w|[.,]\d)", text):
        return True
    if row["value"] is None:
        return False
    for start, end, _ in find_numbers(text):
        reading = read_number(text[start:end])
        if reading and reading.in_unit(row["unit"]) == row["value"]:
            return True
    return False


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
    for place, release in enumerate(_read_releases(data)):
        left = leave_out(release, target)
        if left == release:
            continue
        new = write_release(part / "releases" / release.number, left)
        listed[place] = listed[place]._replace(digest=new.digest, summary=new.summary)
        values = (day, release.number, release.digest, new.digest, law)
        removals.append(dict(zip(REMOVALS_COLUMNS, values, strict=True)))
        changed.append(release.number)
    _write_lists(part, listed, removals)
    part.rename(data / STAGED)
    finish_removal(data)
    return changed


def _write_lists(
    folder: Path, listed: Collection[files.ListedRelease], removals: Collection[Row]
) -> None:
    rows = [one._asdict() for one in listed]
    columns = files.ListedRelease._fields
    (folder / "releases.csv").write_bytes(encode_rows(columns, rows))
    (folder / "removals.csv").write_bytes(encode_rows(REMOVALS_COLUMNS, removals))


def finish_removal(data: Path) -> bool:
    """Move staged files, if any, into place. It is safe to repeat each step."""
    # What is left by a crash before all was written.
    shutil.rmtree(data / f"{STAGED}.part", ignore_errors=True)
    if not (staged := data / STAGED).exists():
        return False
    for folder in files.list_visible(staged / "releases"):
        place = data / "releases" / folder.name
        shutil.rmtree(place, ignore_errors=True)
        folder.rename(place)
    for path in staged.glob("*.csv"):
        path.replace(data / path.name)
    shutil.rmtree(staged)
    return True


def leave_out(release: Release, target: Target) -> Release:
    """Return a release without the target. It is the same if it had nothing of the target."""
    ids = target.ids
    figures = [row for row in release.figures if row["id"] not in ids]
    left = replace(
        release,
        figures=[_drop_references(row, target) for row in figures],
        records=_leave_out_records(release, target),
        changes=[row for row in release.changes if not _is_of(row, target)],
        versions=[
            _drop_former(row, target)
            for row in release.versions
            if not _is_of(row, target)
        ],
    )
    if left == release:
        return release
    left = _leave_out_points(release, left, target)
    return _write_out(_draw_again(release, left), target)


def _draw_again(release: Release, left: Release) -> Release:
    """Return what is left with pictures: those that a removal changes are drawn anew, and all others stay."""
    before, after = draw_charts(release), draw_charts(left)
    kept = {name for name, picture in after.items() if before.get(name) == picture}
    old = {name: picture for name, picture in release.pictures.items() if name in kept}
    return replace(left, pictures=after | old)


def _leave_out_points(release: Release, left: Release, target: Target) -> Release:
    """Return what is left with its table. What the removal changes in the words of a row is what today's rules say."""
    before, after = choose(release), choose(left)
    was, now = _by_id(before), _by_id(after)
    heirs = _find_heirs(release, target, {row["id"] for row in after.table})
    table, others = list[Row](), list[Row]()
    for row in release.table:
        if row["id"] not in target.ids:
            table.append(_say_again(row, was, now, target))
        elif heir := heirs.get(row["id"]):
            table.append(now[heir] | {name: row[name] for name in PLACED})
    for row in _list_beside(release, target, heirs):
        point = heirs.get(row["point"], row["point"])
        if point in target.ids:
            others.append(now[row["id"]])
        else:
            others.append(_say_again(row, was, now, target) | {"point": point})
    ordered = sorted(others, key=lambda row: (row["point"], row["id"]))
    return replace(left, table=table, others=ordered)


def _list_beside(
    release: Release, target: Target, heirs: Mapping[str, str]
) -> Iterator[Row]:
    """Yield the rows of the figures that stay beside points."""
    gone = target.ids | {*heirs.values()}
    return (row for row in release.others if row["id"] not in gone)


def _find_heirs(
    release: Release, target: Target, chosen: Collection[str]
) -> dict[str, str]:
    """Return the figures that take the places of removed points: the first beside each that can stand there."""
    heirs = dict[str, str]()
    for row in release.others:
        identity, point = row["id"], row["point"]
        if point in target.ids and identity not in target.ids and identity in chosen:
            heirs.setdefault(point, identity)
    return heirs


def _by_id(choice: Choice) -> dict[str, Row]:
    return {row["id"]: row for row in (*choice.table, *choice.others)}


def _say_again(
    row: Row, was: Mapping[str, Row], now: Mapping[str, Row], target: Target
) -> Row:
    """Return a row with what a removal changes in it, but in its series and place as it was chosen."""
    before, after = was.get(row["id"], {}), now.get(row["id"], {})
    changed = {name for name in after if after[name] != before.get(name)} & {*row}
    noted = {("caveat", identity) for identity in (row["note_ids"] or "").split()}
    if not noted.isdisjoint(target.records):  # older rules may have written its words
        changed |= {"note", "note_ids"} & after.keys()
    kept = {*PLACED, *(column.name for column in BESIDE)}
    return row | {name: after[name] for name in changed - kept}


def _read_releases(data: Path) -> Iterator[Release]:
    for listed in files.list_releases(data):
        yield files.read_release(data / "releases" / listed.number)


def _is_of(row: Row, target: Target) -> bool:
    """Tell whether a change is one of the target."""
    if row["kind"] == "observation":
        return row["id"] in target.ids
    return (row["kind"], row["id"]) in target.records


_TO_FIGURES = [name for name, of in COLUMNS.items() if of.refers_to == "observation"]


def _drop_references(row: Row, target: Target) -> Row:
    """Return a figure that names none of the target."""
    caveats = {identity for kind, identity in target.records if kind == "caveat"}
    dropped = {name: _drop(row.get(name), target.ids) for name in _TO_FIGURES}
    dropped["caveats"] = _drop(row["caveats"], caveats)
    return row | {name: value for name, value in dropped.items() if name in row}


def _drop(value: Any, ids: Collection[str]) -> Any:
    if isinstance(value, list):
        return [identity for identity in value if identity not in ids]
    return None if value in ids else value


def _drop_former(line: Row, target: Target) -> Row:
    """Return a line of versions.jsonl of which neither the former row nor what replaced it names the target."""
    left = dict(line)
    if line.get("replaced_by") in target.ids:
        del left["replaced_by"]
    if "was" in line:
        row = read_cells(line["was"])
        kept = _drop_references({"caveats": [], **row}, target)
        cells = {name: write_cell(kept[name]) for name in row}
        left["was"] = {name: cell for name, cell in cells.items() if cell}
    return left


def _write_out(release: Release, target: Target) -> Release:
    """Return a release in the texts of which `[removed]` stands for each id."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return target.words.sub(REMOVED, value)
        if isinstance(value, list):
            return [clean(inner) for inner in value]
        if isinstance(value, dict):
            return {name: clean(inner) for name, inner in value.items()}
        return value

    return replace(
        release, **{name: clean(value) for name, value in vars(release).items()}
    )


def _leave_out_records(release: Release, target: Target) -> Records:
    """Return the records without those of the target, and without those that have nothing left to say."""
    left: Records = {}
    for kind, of_kind in release.records.items():
        left[kind] = {}
        for identity, record in of_kind.items():
            kept = _drop_ids(record, target.ids)
            if (kind, identity) not in target.records and kept is not None:
                left[kind][identity] = kept
    _leave_out_words(release, left, target)
    _judge_again(release, left, target)
    _leave_out_charts(left)
    for identity, record in release.records.get("correction", {}).items():
        kept = left["correction"].get(identity)
        if kept and record.get("affects") and not kept["affects"]:
            del left["correction"][identity]
    return left


def _drop_ids(value: Any, ids: Collection[str]) -> Any:
    """Return a value without ids, and without each mapping that named one in a field."""
    if isinstance(value, list):
        kept = [_drop_ids(inner, ids) for inner in value]
        return [inner for inner in kept if inner is not None]
    if isinstance(value, dict):
        left = {name: _drop_ids(inner, ids) for name, inner in value.items()}
        for name, inner in value.items():
            if inner is not None and left[name] is None:
                return None
        return left
    return None if isinstance(value, str) and value in ids else value


def _leave_out_words(release: Release, left: Records, target: Target) -> None:
    """Leave out of sources the words around the places of removed figures."""
    places = {True: set[str](), False: set[str]()}  # by whether a figure is removed
    for row in release.figures:
        cells = [row["at"], row["hedge_at"], row["period_at"], row["counted_at"]]
        found = " ".join([*filter(None, cells), *row["also_at"]]).split()
        is_removed = row["id"] in target.ids
        places[is_removed] |= {f"{row['source']} {place}" for place in found}
    gone = places[True] - places[False]
    for identity, source in left.get("source", {}).items():
        quotes = source.get("quotes", {})
        kept = {
            at: words for at, words in quotes.items() if f"{identity} {at}" not in gone
        }
        if kept != quotes:
            left["source"][identity] = source | {"quotes": kept}


def _judge_again(release: Release, left: Records, target: Target) -> None:
    """Judge what is left of the disagreements that lost a member; leave out those that are none any more."""
    catalogue, sources = Catalogue(left), left.get("source", {})
    figures = dict[str, Row]()
    for row in release.figures:
        if row["id"] not in target.ids:
            published = sources[row["source"]].get("published")
            figures[row["id"]] = complete(row, published, (), ())
    for identity, record in release.records.get("disagreement", {}).items():
        kept = left["disagreement"].get(identity)
        if kept is None or kept == record:
            continue
        members = [figures[member] for member in kept["members"]]
        if len(members) < LEAST_MEMBERS or not differ(members):
            del left["disagreement"][identity]
            continue
        if not kept.get("leads"):
            kept.pop("why_leads", None)
        kept["outcome"] = describe_disagreement(kept, figures, catalogue)


def _leave_out_charts(left: Records) -> None:
    """Leave out the charts that have no figure left."""
    charts = left.get("chart", {})
    left["chart"] = {one: chart for one, chart in charts.items() if chart["ids"]}
