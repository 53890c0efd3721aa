"""Import a published table: derive its figures, find those that the register already has, draft codes, write rows.

Everything is tried in a folder laid over the register first. Nothing is written unless the whole is in order.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate, chain, pairwise
from operator import itemgetter
from pathlib import Path

from misconduct.errors import MisconductError, Mistake, RegisterRefused
from misconduct.model.observation import FIELDS, OPEN
from misconduct.model.period import write_dates
from misconduct.register.as_csvw import writing_csvw
from misconduct.register.csv_files import Cells, Table, parse_version
from misconduct.register.decisions import COLUMNS as DECISION_COLUMNS
from misconduct.register.decisions import read_decisions
from misconduct.register.editors import SeenFiles
from misconduct.register.files import DECISIONS
from misconduct.register.grid import read_grid
from misconduct.register.ledger import Ledger
from misconduct.register.mistakes import MAKES_UNREADABLE, Mistakes, Place, Refused, suggest
from misconduct.register.observation_columns import COLUMNS, LONG_ID, REQUIRED, make_ids
from misconduct.register.reader import OpenRegister, open_register, read_register
from misconduct.register.record_files import merge_records, read_blocks
from misconduct.register.records import CODE_COLUMNS, WrittenRecord
from misconduct.register.references import MISSTATED_TOTAL
from misconduct.register.tables import (
    AT,
    CELL,
    Derived,
    check_licence,
    derive_source,
    key_of,
    latest,
    titles_of,
    without_version,
)
from misconduct.register.temporary_folder import unfinished_files
from misconduct.register.verify import DocumentFolder

Progress = Callable[[str, int, int], None]
DERIVING, CHECKING = "Reading the table", "Checking"
"""The stages of an import: the first counts rows, the second bytes."""

_SHOWN = 20  # ids that are listed in one line
_SPARE = tuple(name for name, field in FIELDS.items() if any(column.optional for column in field.columns))
"""Columns that most files do without."""

_NOT_OF_FIGURES = ("id", "version", "at", "period_at")
"""Columns that say nothing of a figure but which it is and where it stands."""

_PERIOD = (AT["period_type"], AT["period_start"], AT["period_end"])

_STATED = tuple(AT[one] for one in ("measure", "statistic", "category", "population", "counting_unit", "stated_by"))

_MOVED = "It stands elsewhere in the table."
"""Why a figure that only moved has a new version: nothing was revised."""


@dataclass
class Import:
    """What an import does, or would do: the tables of the source by slug, how many figures are new, as before, revised
    (another value) or moved (another place), the ids that are gone, and the new texts of files.

    `gone_of` counts these by period. `unexplained` counts new versions of released figures without a reason, `unended`
    figures that are gone without one, `in_the_way` those of them in whose cells others stand (`replaced` are all
    such), and `kept` the reasons that stay though another is given now. `no_longer_end` are figures, with the reason,
    whose end waited and goes, because the table has them, and `no_longer_said` the versions that go, or that only move
    where they were revised or the reverse, by the reason that waited for them. `removed` are those that the law
    removed, of which a new one may be one. `dropped` counts the drafts that go and `unkept` has, by the columns, those
    that say something else than the table, whether they go or are written anew; `typed` are those of them that say
    something where the table says nothing. `rows` are those of its observations.
    """

    document: str
    tables: dict[str, Derived]
    new: int = 0
    same: int = 0
    revised: int = 0
    moved: int = 0
    gone: list[str] = field(default_factory=list)
    gone_of: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    unended: int = 0
    replaced: set[str] = field(default_factory=set)
    in_the_way: int = 0
    kept: int = 0
    no_longer_end: list[str] = field(default_factory=list)
    no_longer_said: dict[str, list[str]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    dropped: int = 0
    unkept: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, list[str]] = field(default_factory=dict)
    rows: list[Cells] = field(default_factory=list)
    files: dict[str, Iterable[str]] = field(default_factory=dict)
    for_other_tools: list[Path] = field(default_factory=list)

    def describe(self) -> Iterator[str]:
        """Yield the lines of a preview."""
        for slug, derived in self.tables.items():
            counts = derived.counts
            yield (
                f"{slug}: {self.document} has {counts['rows']:,} rows and {counts['columns']} columns; "
                f"{counts['empty rows']:,} rows are empty, {counts['skipped rows']:,} are skipped"
            )
            yield from (f"  {'note':16}{note}" for note in derived.notes)
            for name, codes in derived.used.items():
                drafted = sum(of == name for of, _ in derived.codes)
                common = derived.common.get(name, 0)
                yield (
                    f"  {name:16}{_many(len(codes), 'code')}"
                    + (f", {drafted} drafted" if drafted else "")
                    + (f", {common} of another table too" if common else "")
                )
            yield from _describe_figures(derived)
            for reason, number in derived.skipped.items():
                yield f"  {'left out':16}{_many(number, 'row')}: {reason}"
            if derived.known:
                small_numbers = _many(derived.known, "small number")
                yield f"  {'known':16}{small_numbers} that a word without a line has, from the totals"
            for total in derived.totals:
                because = f": {total.explanation}" if total.explanation else ""
                as_published = "as published" if total.computed == total.published else f"published {total.published:,}"
                yield f"  {'total':16}{total.title}: {total.computed:,}, {as_published}{because}"
        ends_no_more = f"{_many(len(self.no_longer_end), 'figure')}, which the table has: {_list(self.no_longer_end)}"
        dropped = f"{_many(self.dropped, 'draft')} that the table does not make, or that are there twice"
        for name, count, said in (
            (
                "gone",
                len(self.gone),
                _list([f"{number:,} of {period}" for period, number in sorted(self.gone_of.items())]),
            ),
            ("ends no more", len(self.no_longer_end), ends_no_more),
            ("dropped", self.dropped, dropped),
        ):
            if count:
                yield f"  {name:16}{said}"
        yield from (f"  {'not kept':16}{said}" for said in _describe_unkept(self.unkept))
        no_longer_said = self.no_longer_said.items()
        yield from (
            f"  {'says no more':16}why there is {_list(versions)}: {reason}" for reason, versions in no_longer_said
        )
        shown = " ".join(self.gone[:_SHOWN]) + (" …" if len(self.gone) > _SHOWN else "")
        gone = f"{len(self.gone):,} gone" + (f" ({shown})" if shown else "")
        yield (
            f"Figures: {self.new:,} new, {self.same:,} as before, {self.revised:,} revised, "
            f"{self.moved:,} moved, {gone}."
        )


def _describe_unkept(unkept: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what is not kept of drafts, the fewest first: what is typed stands out from what an edition changes."""
    for columns, drafts in sorted(unkept.items(), key=lambda one: len(one[1])):
        yield f"{columns} of {_many(len(drafts), 'draft')}: {_list(drafts)}"


def _describe_figures(derived: Derived) -> Iterator[str]:
    periods = sorted({tuple(row[at] for at in _PERIOD) for row in derived.rows}, key=lambda one: one[1:])
    if periods:
        yield f"  {'period':16}{_many(len(periods), 'period')}: {_list([write_dates(*one) for one in periods])}"
    if derived.hidden is None:
        small, empty = derived.counts["small"], derived.counts["empty cells"]
        yield f"  {'figures':16}{len(derived.rows):,}; {small:,} of 1 to 4; {empty:,} empty cells state none"
    else:
        small, beside = derived.hidden
        yield f"  {'figures':16}{len(derived.rows):,} counted"
        yield f"  {'hidden':16}{small + beside:,}: {small:,} small, {beside:,} that would give them away"


def _list(words: Sequence[str]) -> str:
    return ", ".join(words[:_SHOWN]) + (", …" if len(words) > _SHOWN else "")


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def import_table(
    root: Path,
    slug: str,
    documents: Path,
    *,
    write: bool = False,
    reason: str = "",
    end: str = "",
    none_removed: bool = False,
    drop_drafts: bool = False,
    as_csvw: Path | None = None,
    on_progress: Progress = lambda *_: None,
) -> Import:
    """Derive the figures of a table's source, and write them if `write` says so.

    `reason` says why released figures have a new version, and `end` why those that are gone end: both wait in
    `decisions.csv` for the next release. `none_removed` says that no new figure is one that the law removed: of those
    the register keeps no more than a hash. `drop_drafts` says that what drafts say and the table does not may go.
    `as_csvw` is a folder to write the table to for other tools.
    Raises RegisterRefused with everything that is wrong, MisconductError if something is not said, and RegisterInUse if
    somebody changes meanwhile what it replaces; nothing is then written.
    """
    seen, mistakes = SeenFiles(root), Mistakes()
    opened = open_register(root, mistakes)
    parts = ("tables/", "mappings/", "sources/", "caveats.yaml", DECISIONS)
    own = tuple(f"{opened.layout.name}/{one}" for one in parts)
    lists = f"{opened.layout.name}/codelists/"  # what they lack may be drafted; but not what they have
    tables, told = latest(opened, "table"), mistakes.in_order()
    mistakes = Mistakes()  # others may only follow from what the import drafts
    if wrong := [
        one
        for one in told
        if (one.file.startswith(own) and one.code != MISSTATED_TOTAL)  # told with the other totals
        or (one.file.startswith(lists) and one.code in (*MAKES_UNREADABLE, "not_utf8"))
    ]:
        if (table := tables.get(slug)) and (of := opened.sources.get(table.content["source"])) and of.content:
            check_licence(of, table, mistakes)
        raise RegisterRefused(sorted([*wrong, *mistakes.in_order()]))
    if slug not in tables:
        near = suggest((slug, tables))
        raise MisconductError(f"There is no table {slug!r}.", hint=f"Did you mean {near}?" if near else "See tables/.")
    source = opened.sources[tables[slug].content["source"]]
    folder = DocumentFolder(documents)
    path = folder.find(source.content["sha256"])
    if path is None:
        known = {str(one.content["sha256"]) for one in opened.sources.values()}
        columns = (one for one in tables[slug].content["tableSchema"]["columns"] if not one["virtual"])
        like = folder.find_changed(chain.from_iterable(map(titles_of, columns)), known)
        found = f"{like.name} looks like it, but has other bytes" if like else "no file in the folder has these bytes"
        allowed = "the bytes that were read; if the publisher changed them, the next version of the source"
        mistakes.report_at(source.locate(("sha256",)), Refused("missing_document", found, allowed))
        mistakes.raise_if_any()
    else:
        derived = derive_source(opened, source, path, mistakes, partial(on_progress, DERIVING))
        _check_datasets(opened, derived.values(), mistakes)
        mistakes.raise_if_any()
        result = Import(path.name, derived)
        result.files = dict(_new_texts(root, opened, source, result, {"added": reason, "ended": end}))
        if write:
            _require_said(result, none_removed=none_removed, drop_drafts=drop_drafts)
        with ExitStack() as for_other_tools:
            if as_csvw:
                grid = read_grid(path, source.content["media_type"], tables[slug].content["dialect"])
                files = writing_csvw(as_csvw, tables[slug], derived[slug], grid, latest(opened, "mapping"))
                result.for_other_tools = for_other_tools.enter_context(files)
            if result.files:
                figures = f"observations/{source.id}.csv"
                _check_and_write(root, result, figures, seen if write else None, on_progress=on_progress)
    return result


def _require_said(result: Import, *, none_removed: bool, drop_drafts: bool) -> None:
    """Raise MisconductError if only the editor knows something that must be said before this is written."""
    lacking = list[tuple[str, str]]()
    if result.unexplained:
        found = f"{_many(result.unexplained, 'released figure')} would have another version, and nothing says why."
        lacking.append((found, 'Say it once for all: --reason "The publisher revised 2023."'))
    if result.in_the_way:
        found = f"{_many(result.in_the_way, 'released figure')} would be gone, and others stand in their cells."
        lacking.append((found, 'Say it once for all: --end "The table goes back two years only."'))
    if result.removed and not none_removed:
        found = f"The law removed {_list(result.removed)}, and {_many(result.new, 'figure')} would be new."
        hint = (
            'Leave out what was removed: skip: {"cell=4,3": a reason} in the layout (of cases: skip under aggregate; '
            "docs/removal.md). If none of the new figures is that: --none-removed."
        )
        lacking.append((found, hint))
    if result.typed and not drop_drafts:
        found = f"Drafts say what the table does not, and it would go: {'; '.join(_describe_unkept(result.typed))}."
        hint = (
            "If all of it may go: --drop-drafts. What a figure of the table needs besides belongs in the layout or the "
            "mapping, and a figure that it does not have in a source without a table."
        )
        lacking.append((found, hint))
    if lacking:
        *others, (found, hint) = lacking
        raise MisconductError("\n".join([*chain.from_iterable(others), found]), hint=hint)


def _check_datasets(opened: OpenRegister, tables: Iterable[Derived], mistakes: Mistakes) -> None:
    """Report measures that would be drafted and that no dataset shows, with what to write first."""
    shown = {measure for one in latest(opened, "dataset").values() for measure in one.content["measures"]}
    drafted = {code for derived in tables for name, code in derived.codes if name == "measure"}
    if lacking := sorted(drafted - shown):
        found = f"no dataset shows what this import drafts: {', '.join(lacking)}"
        allowed = f"first, in measures of a dataset: [{', '.join(lacking)}]; the import then drafts their codes"
        mistakes.report_at(Place(f"{opened.layout.name}/datasets.yaml", 1, 1), Refused("not_shown", found, allowed))


def _check_and_write(
    root: Path, result: Import, figures: str, seen: SeenFiles | None, *, on_progress: Progress
) -> None:
    """Read the register as it would be. Raises RegisterRefused; else put the files in their places.

    That only if those that they replace are as they were `seen`, and not at all without it.
    """
    mistakes = Mistakes()
    with unfinished_files(root) as overlay:
        for name, texts in result.files.items():
            file = overlay / name
            file.parent.mkdir(exist_ok=True)
            with file.open("w", encoding="utf-8", newline="") as written:
                written.writelines(texts)
        ending = result.gone if seen is None else ()  # what is written must be in order as it is
        register = read_register(
            root, mistakes, overlay=overlay, ending=ending, on_progress=partial(on_progress, CHECKING)
        )
        if mistakes.total:
            told = _locate(mistakes.in_order(), f"{register.layout.name}/{figures}", result)
            raise RegisterRefused(list(told), mistakes.total)
        if seen:
            reasons_first = sorted(result.files, key=lambda name: name != DECISIONS)
            seen.put({name: overlay / name for name in reasons_first})


def _locate(mistakes: Iterable[Mistake], figures: str, result: Import) -> Iterator[Mistake]:
    """Yield the mistakes, those of rows that nobody can see yet at the cells of the table, and without their words."""
    starts = list(accumulate((1 + sum(cell.count("\n") for cell in row) for row in result.rows), initial=2))
    for mistake in mistakes:
        at = bisect(starts, mistake.line) - 1
        is_new = mistake.file == figures and 0 <= at < len(result.rows)
        cell = CELL.fullmatch(result.rows[at][AT["at"]]) if is_new else None
        if cell is None:
            yield mistake
            continue
        line, column, found = *map(int, cell.groups()), mistake.found
        for words in filter(None, (result.rows[at][AT["printed"]], result.rows[at][AT["period_printed"]])):
            found = found.replace(repr(words), "this cell")
        found = "this cell is a number that programs read as another" if mistake.code == "inexact_number" else found
        yield replace(mistake, file=f"{result.document}#", line=line, column=column, found=found)


def _new_texts(
    root: Path, opened: OpenRegister, source: WrittenRecord, result: Import, reasons: Mapping[str, str]
) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the files that change, with their texts: code lists, caveats, the observations, and decisions on them."""
    codes: dict[str, dict[str, dict[str, str]]] = {}  # of tables that draft the same code it is one
    caveats: dict[str, str] = {}
    for derived in result.tables.values():
        caveats |= {name: text for name, text in derived.caveats.items() if name not in opened.known.ids("caveat")}
        for (name, code), draft in derived.codes.items():
            codes.setdefault(name, {})[code] = {"code": code, "version": "1", **draft}
    for name, drafts in codes.items():
        file = f"codelists/{name}.csv"
        yield file, [_add_codes((root / file).read_text(encoding="utf-8"), drafts.values())]
    if caveats:
        changes = {(name, 1): {"id": name, "version": 1, "text": text} for name, text in caveats.items()}
        yield "caveats.yaml", [merge_records(read_blocks(root / "caveats.yaml"), changes)]
    file = f"observations/{source.id}.csv"
    unreadable = Mistakes()
    before = list(_rows(opened, file, unreadable))
    unreadable.raise_if_any()  # the file is written anew, and would lose what was not read
    result.rows = rows = list(_identify(root, opened, before, result))
    if rows != before:
        places = [at for at, name in enumerate(COLUMNS) if name not in _SPARE or any(row[at] for row in rows)]
        choose = itemgetter(*places)
        yield file, _as_csv(map(choose, chain([COLUMNS], rows)))
    waiting = [one.row.cells for one in read_decisions(opened.layout, Mistakes())]
    decisions = list(_decisions(opened, before, waiting, result, reasons))
    if decisions != waiting:
        yield DECISIONS, _as_csv([DECISION_COLUMNS, *decisions])


def _decisions(
    opened: OpenRegister, before: Iterable[Cells], waiting: Iterable[Cells], result: Import, reasons: Mapping[str, str]
) -> Iterator[Cells]:
    """Yield the decisions that wait for the next release: those on other records, and on new versions and endings.

    A reason that was given before stays: another is for figures without one. Those that only moved have their own.
    An end of a figure that the table has goes, unless it names what replaces it, which no import does. So does a reason
    whose version goes, or is another one than in the rows `before`.
    """
    sealed, versions = opened.sealed_observations, {(row[0], row[1]) for row in result.rows}
    own, given = {identity for identity, _ in versions}, dict[tuple[str, ...], tuple[str, str]]()
    for kind, identity, version, action, reason, by in waiting:
        if kind == "observation" and identity in own:
            given[identity, version, action] = reason, by
        else:
            yield (kind, identity, version, action, reason, by)
    moved = _moves(result.rows)
    _forget_outdated(given, _moves(before), moved, result)
    last = {identity: str(sealed.latest(identity)) for identity in result.gone}
    drafts = (one for one in sorted(versions) if one[1] != "1" and "@".join(one) not in sealed)
    for action, (identity, version) in (
        *(("added", one) for one in drafts if one[0] not in last),
        *(("ended", one) for one in last.items()),
    ):
        waited, by = given.pop((identity, version, action), ("", ""))
        is_moved = action == "added" and moved.get((identity, version), False)
        reason = waited or (_MOVED if is_moved else reasons[action])
        result.unexplained += action == "added" and not reason
        result.unended += action == "ended" and not reason
        result.in_the_way += action == "ended" and not reason and identity in result.replaced
        result.kept += waited == reason != reasons[action] != ""
        if reason:
            yield ("observation", identity, version, action, reason, by)
    yield from _left_over(given, versions, result)


def _moves(rows: Iterable[Cells]) -> dict[tuple[str, str], bool]:
    """Tell of each next version whether its figure only moved."""
    following = ((last, row) for last, row in pairwise(rows) if row[0] == last[0] and row[1] != last[1])
    return {(row[0], row[1]): not _differing(last, row) for last, row in following}


def _forget_outdated(
    given: dict[tuple[str, ...], tuple[str, str]],
    moved_before: Mapping[tuple[str, str], bool],
    moved: Mapping[tuple[str, str], bool],
    result: Import,
) -> None:
    """Forget the reasons of figures that were to be revised and now only move, or the reverse. Note an editor's."""
    for key, is_moved in moved.items():
        reason, _ = given.get((*key, "added"), ("", ""))
        if reason and (moved_before.get(key, is_moved) != is_moved or (reason == _MOVED and not is_moved)):
            given.pop((*key, "added"))
            _note_unsaid(reason, key, result)


def _note_unsaid(reason: str, key: Iterable[str], result: Import) -> None:
    if reason != _MOVED:
        result.no_longer_said.setdefault(reason, []).append("@".join(key))


def _left_over(
    given: Mapping[tuple[str, ...], tuple[str, str]], versions: Set[tuple[str, str]], result: Import
) -> Iterator[Cells]:
    """Yield the decisions that an import has no part in. Note the ends that go, and the reasons whose versions do."""
    for (identity, version, action), (reason, by) in given.items():
        if by or (action == "added" and (identity, version) in versions):
            yield ("observation", identity, version, action, reason, by)
        elif action == "ended":
            result.no_longer_end.append(f"{identity} ({reason})")
        else:
            _note_unsaid(reason, (identity, version), result)


def _rows(opened: OpenRegister, name: str, mistakes: Mistakes) -> Iterator[Cells]:
    """Yield the rows that a file of observations has now. Report what cannot be read, and what is no version."""
    for file in opened.layout["observations"]:
        if file.name == f"{opened.layout.name}/{name}":
            once: dict[str, str] = {}  # most cells are repeated
            table = Table(file, COLUMNS, REQUIRED, mistakes)
            for row in table.rows():
                try:
                    parse_version(row.cells[1])
                except Refused as refused:
                    table.refuse(row, refused.column, refused)
                else:
                    yield tuple(once.setdefault(cell, cell) for cell in row.cells)


def _identify(root: Path, opened: OpenRegister, before: Sequence[Cells], result: Import) -> Iterator[Cells]:
    """Yield the rows that the file shall have: each figure of the tables with the id that it has, or a new one.

    A row that is released stays; if anything in it differs, there is one draft, of the next version.
    """
    ledger = opened.sealed_observations
    released, drafts = dict[str, list[Cells]](), dict[str, list[Cells]]()
    for row in before:
        (released if "@".join(row[:2]) in ledger else drafts).setdefault(row[0], []).append(row)
    rows = chain.from_iterable(released.values())
    in_force = {row[0]: row for row in rows if ledger.in_force("@".join(row[:2])).ended_in == OPEN}
    figures = list(chain.from_iterable(derived.rows for derived in result.tables.values()))
    ids = _find_ids({key_of(figure) for figure in figures}, in_force, drafts, ledger)
    new = iter(make_ids(root, len(figures) - len(ids), LONG_ID))
    for figure in figures:
        identity = ids.pop(key_of(figure), "")
        if not identity:
            result.new += 1
            yield (next(new), "1", *figure[2:])
            continue
        yield from released.pop(identity, ())
        standing, own = in_force.pop(identity, None), drafts.pop(identity, [])
        draft = _replace(standing, own, (identity, str(ledger.latest(identity) + 1), *figure[2:]), result)
        result.dropped += len(own) - (draft is not None and own != [])
        if draft is not None:
            yield draft
    removed = ((key, key.partition("@")[0]) for key in ledger.removed)
    result.removed = [key for key, of in removed if result.new and key == f"{of}@{ledger.latest(of)}"]
    for identity in dict.fromkeys(row[0] for row in before):
        yield from released.get(identity, ())
    _leave(in_force, drafts, figures, result)


def _find_ids(
    made: Set[tuple[str, ...]],
    in_force: Mapping[str, Cells],
    drafts: Mapping[str, Sequence[Cells]],
    ledger: Ledger,
) -> dict[tuple[str, ...], str]:
    """Return the id of each figure that the register has. Of two ids, as two editors who import one edition make them,
    that of the released row: it would be gone otherwise.
    """
    ids = {key: identity for identity, row in in_force.items() if (key := key_of(row)) in made}
    found = set(ids.values())
    for identity, rows in drafts.items():
        if identity not in found and not ledger.is_ended(identity) and (key := key_of(rows[-1])) in made:
            ids.setdefault(key, identity)
    return ids


def _replace(standing: Cells | None, drafts: Sequence[Cells], figure: Cells, result: Import) -> Cells | None:
    """Return the draft that states a figure: one that does, or a new one; None if the `standing` released row does."""
    as_stated = (row for row in (standing, *drafts) if row and without_version(row)[2:] == without_version(figure)[2:])
    row = next(as_stated, None)
    for draft in drafts:  # a merge may leave two with one id and version
        columns, is_written_anew = _differing(draft, figure), row is None and draft is drafts[-1]
        _note_unkept(draft, columns, _is_typed(draft, figure) if is_written_anew else bool(columns), result)
    if row:
        result.same += 1
        return None if row is standing else row
    [*_, last] = filter(None, (standing, *drafts))
    is_moved = not _differing(last, figure)
    result.moved, result.revised = result.moved + is_moved, result.revised + (not is_moved)
    return figure


def _leave(
    in_force: Mapping[str, Cells], drafts: Mapping[str, Sequence[Cells]], figures: Sequence[Cells], result: Import
) -> None:
    """Note which released figures the table does not have, and the drafts that go."""
    stated = {_statement(row): identity for identity, row in in_force.items()}
    result.gone += in_force
    result.gone_of.update(write_dates(*(row[at] for at in _PERIOD)) for row in in_force.values())
    result.replaced = {stated[one] for one in map(_statement, figures) if one in stated} if stated else set()
    cell_of = itemgetter(AT["at"], AT["printed"])
    same = {key_of(figure): figure for figure in figures if drafts}  # with another id
    read = {cell_of(figure): figure for figure in figures if drafts and figure[AT["at"]]}  # in another way than before
    anything = tuple(" ".join({*column}) for column in zip(*figures, strict=True)) if drafts else ()
    for identity, rows in drafts.items():
        result.dropped += len(rows)
        for draft in rows:
            if stays := in_force.get(identity) or same.get(key_of(draft)):
                columns = _differing(draft, stays)
                _note_unkept(draft, columns, bool(columns), result)
            elif other := read.get(cell_of(draft)):
                _note_unkept(draft, _differing(draft, other), _is_typed(draft, other), result)
            else:
                is_typed = draft[AT["printed"]] != "" or _is_typed(draft, anything or ("",) * len(draft))
                _note_unkept(draft, ["all"], is_typed, result)


def _is_typed(draft: Cells, other: Cells) -> bool:
    """Return whether a draft says something where the table, as `other`, says nothing: somebody typed that.

    What both say is changed by another edition, mapping or layout.
    """
    caveats = {*draft[AT["caveats"]].split()} - {*other[AT["caveats"]].split()}
    return bool(caveats) or any(draft[AT[name]] and not other[AT[name]] for name in _differing(draft, other))


def _note_unkept(draft: Cells, columns: Sequence[str], is_typed: bool, result: Import) -> None:
    """Note in which columns a draft is not kept, and whether that is asked for."""
    for noted in (result.unkept, result.typed)[: bool(columns) + is_typed]:
        noted.setdefault(", ".join(columns), []).append("@".join(draft[:2]))


def _statement(cells: Cells) -> tuple[str, ...]:
    """Return what no two figures of a source may share, as `observations.RepeatedStatements` has it."""
    where = (cells[AT["at"]],) if cells[AT["at"]] else (cells[AT["area"]], *(cells[at] for at in _PERIOD))
    return (*where, *(cells[at] for at in _STATED))


def _differing(cells: Cells, other: Cells) -> list[str]:
    """Return the columns in which two rows say different things of a figure, if not only where it stands."""
    both = zip(COLUMNS, without_version(cells), without_version(other), strict=True)
    return [name for name, one, two in both if one != two and name not in _NOT_OF_FIGURES]


def _add_codes(text: str, drafts: Iterable[Mapping[str, str]]) -> str:
    """Return the text of a code list with drafts at its end. Columns that it lacks are added."""
    header = next(csv.reader(io.StringIO(text)), list(CODE_COLUMNS))
    drafts = list(drafts)
    lacking = [name for name in CODE_COLUMNS if name not in header and any(draft.get(name) for draft in drafts)]
    columns = [*header, *lacking]
    if lacking:
        rows = csv.DictReader(io.StringIO(text), restval="")
        text = "".join(_as_csv([columns, *([row.get(name, "") for name in columns] for row in rows)]))
    lines = _as_csv([draft.get(name, "") for name in columns] for draft in drafts)
    return "".join([text, "" if text.endswith("\n") else "\n", *lines])


class _Line:
    """A file of one line: csv.writer returns what its `write` does."""

    def write(self, line: str) -> str:
        return line


def _as_csv(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a CSV file."""
    return map(csv.writer(_Line(), lineterminator="\n").writerow, rows)
