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

_PLACES = (AT["at"], AT["period_at"])

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
    removed, of which a new one may be one. `dropped` counts the drafts that the table no longer makes, and `lost` are
    those of them that somebody may have typed: they print something, or say more of a released figure than that it
    moved. `rewritten` are drafts that now say what the table does, with the columns that said otherwise, unless these
    are only places: somebody may have typed that. `rows` are those of its observations.
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
    lost: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
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
        typed = f": {_list(self.lost)}" if self.lost else ""
        rewritten = f"{_many(len(self.rewritten), 'draft')}, by the table: {_list(self.rewritten)}"
        ends_no_more = f"{_many(len(self.no_longer_end), 'figure')}, which the table has: {_list(self.no_longer_end)}"
        for name, count, said in (
            (
                "gone",
                len(self.gone),
                _list([f"{number:,} of {period}" for period, number in sorted(self.gone_of.items())]),
            ),
            ("ends no more", len(self.no_longer_end), ends_no_more),
            ("dropped", self.dropped, f"{_many(self.dropped, 'draft')} that the table no longer makes{typed}"),
            ("rewritten", len(self.rewritten), rewritten),
        ):
            if count:
                yield f"  {name:16}{said}"
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
    the register keeps no more than a hash. `drop_drafts` says that rows which were never released, and which the table
    does not have, may go. `as_csvw` is a folder to write the table to for other tools.
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
    if result.lost and not drop_drafts:
        found = f"{_many(len(result.lost), 'draft')} that the table no longer makes would go: {_list(result.lost)}."
        hint = "If they may go: --drop-drafts. Figures that somebody typed belong to a source without a table."
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
    following = ((last, row) for last, row in pairwise(rows) if row[0] == last[0])
    return {(row[0], row[1]): _without_places(row) == _without_places(last) for last, row in following}


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

    A row that is released stays; if anything in it differs, the next version is added. A draft is replaced.
    """
    ledger = opened.sealed_observations
    versions: dict[str, list[Cells]] = {}
    for row in before:
        versions.setdefault(row[0], []).append(row)
    last_keys = ((identity, f"{identity}@{rows[-1][1]}") for identity, rows in versions.items())
    standing = (one for one, key in last_keys if key not in ledger or ledger.in_force(key).ended_in == OPEN)
    ids = {key_of(versions[identity][-1]): identity for identity in standing}
    figures = list(chain.from_iterable(derived.rows for derived in result.tables.values()))
    new = iter(make_ids(root, sum(key_of(figure) not in ids for figure in figures), LONG_ID))
    for figure in figures:
        identity = ids.pop(key_of(figure), "")
        rows = versions.pop(identity, [])
        if not rows:
            result.new += 1
            yield (next(new), "1", *figure[2:])
            continue
        last = rows[-1]
        is_released = f"{identity}@{last[1]}" in ledger
        if not is_released and len(rows) > 1 and rows[-2][2:] == figure[2:]:
            _drop_version(rows, result)
            rows, last = rows[:-1], rows[-2]  # as released again
        if without_version(last)[2:] == without_version(figure)[2:]:
            result.same += 1
            yield from rows
        else:
            is_moved = _without_places(last) == _without_places(figure)
            result.moved, result.revised = result.moved + is_moved, result.revised + (not is_moved)
            if not is_released and not is_moved:
                result.rewritten.append(f"{identity}@{last[1]} ({_differing(last, figure)})")
            yield from rows if is_released else rows[:-1]
            yield (identity, str(int(last[1]) + is_released), *figure[2:])
    removed = ((key, key.partition("@")[0]) for key in ledger.removed)
    result.removed = [key for key, of in removed if result.new and key == f"{of}@{ledger.latest(of)}"]
    yield from _leave(versions, set(ids.values()), figures, ledger, result)


def _leave(
    versions: Mapping[str, Sequence[Cells]],
    standing: Set[str],
    figures: Sequence[Cells],
    ledger: Ledger,
    result: Import,
) -> Iterator[Cells]:
    """Yield the released rows of what the table does not have. Note which were `standing`, and the drafts that go."""
    printed, stated = {(figure[AT["at"]], figure[AT["printed"]]) for figure in figures}, dict[tuple[str, ...], str]()
    by_key = {key_of(figure): figure for figure in figures}
    for identity, rows in versions.items():
        released = [row for row in rows if f"{identity}@{row[1]}" in ledger]
        if identity in standing and released:
            result.gone.append(identity)
            stated[_statement(released[-1])] = identity
            result.gone_of[write_dates(*(released[-1][at] for at in _PERIOD))] += 1
        for draft in (row for row in rows if f"{identity}@{row[1]}" not in ledger):
            if released:
                _drop_version([released[-1], draft], result)
            else:
                result.dropped += 1
                result.lost += _lost(draft, by_key.get(key_of(draft)), printed)
        yield from released
    if stated:
        result.replaced = {stated[one] for one in map(_statement, figures) if one in stated}


def _lost(draft: Cells, figure: Cells | None, printed: Set[tuple[str, str]]) -> list[str]:
    """Return the id of a draft that goes if somebody may have typed it, or something into it.

    `figure` is the one of the table that stays instead: of two imports that were merged there are two drafts of it.
    """
    if figure:
        is_typed = _without_places(draft) != _without_places(figure)
        return [f"{draft[0]} ({_differing(draft, figure)})"] if is_typed else []
    cell = (draft[AT["at"]], draft[AT["printed"]])  # if the table has it, it is read in another way now
    return [draft[0]] if cell[1] and cell not in printed else []


def _drop_version(rows: Sequence[Cells], result: Import) -> None:
    """Note that the last of these rows goes, a draft after a released one. Imports alone write that a figure moved."""
    *_, released, draft = rows
    result.dropped += 1
    result.lost += ["@".join(draft[:2])] if _without_places(draft) != _without_places(released) else []


def _statement(cells: Cells) -> tuple[str, ...]:
    """Return what no two figures of a source may share, as `observations.RepeatedStatements` has it."""
    where = (cells[AT["at"]],) if cells[AT["at"]] else (cells[AT["area"]], *(cells[at] for at in _PERIOD))
    return (*where, *(cells[at] for at in _STATED))


def _without_places(cells: Cells) -> list[str]:
    return [cell for column, cell in enumerate(cells) if column > 1 and column not in _PLACES]


def _differing(last: Cells, figure: Cells) -> str:
    return " ".join(name for name, before, now in zip(COLUMNS[2:], last[2:], figure[2:], strict=True) if before != now)


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
