"""Check that what records and figures name is there, and that each id is there once."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import COLUMNS
from misconduct.model.kinds import KINDS, NOTES, Code, Source

from . import rules
from .reading import Mistake, Table, did_you_mean
from .yaml_files import KeyPath, LocatedRecord, list_references, select

Names = Mapping[str, Mapping[str, str] | None]
"""By kind of record, or code list: the spellings of ids, with the id that each one means; None if some are unread."""

Reference = tuple[
    KeyPath, str, str
]  # the path inside a record, the kind or code list that it refers to, and the id

NEEDED_OF_CODES = {"measure": ("stage", "alleges")}
MAX_CHOICES = 16  # codes in a message; what is no statistic has as many reasons


def list_unread(mistakes: Iterable[Mistake]) -> set[str]:
    """Return the kinds of records, and the code lists, of which some cannot be read."""
    files = {one.file for one in mistakes}
    unread = {Path(file).stem for file in files if file.startswith(KINDS["code"].file)}
    unread |= {
        kind.name
        for kind in KINDS.values()
        for file in files
        if file.startswith(kind.file)
    }
    has_figures = any(
        file.startswith(("observations/", "transcripts/", "tables/")) for file in files
    )
    return unread | ({"observation", "source", "caveat"} if has_figures else set())


def check_names(
    records: list[LocatedRecord],
    tables: list[Table],
    excluded: list[Table],
    earlier: list[Table],
    unread: set[str],
) -> Iterator[Mistake]:
    """Yield ids that are there twice, and names of what is not there, but for what cannot be read."""
    ids = [*_list_ids(records, tables)]
    yield from _find_twice(ids)
    names = _collect_names(records, ids) | dict.fromkeys(unread)
    for located in records:
        yield from _check_references(located, names)
    for table, name, to in _list_named(tables, excluded, earlier):
        holds_list = name in COLUMNS and COLUMNS[name].holds == "list"
        yield from table.judge(
            (name,), partial(_is_known, names, to, holds_list=holds_list)
        )
    sources = select(records, Source)
    for table in (*tables, *excluded):
        source = sources.get(table.name)
        message = _is_known(names, "source", table.name)
        if source and not (source.held or source.read):
            message = f"the source {table.name} has `held: false`"
        if message:
            why = f"{message}; only documents that were read have numbers"
            yield Mistake(table.file, 1, 1, why)


def _list_ids(
    records: list[LocatedRecord], tables: list[Table]
) -> Iterator[tuple[str, str, Mistake]]:
    """Yield each id with its kind, or its code list, and its place."""
    for one in records:
        code_list, _, identity = one.id.rpartition("/")
        yield code_list or one.kind, identity, one.places.mistake(("id",), "")
    for table in tables:
        for row, identity in enumerate(table.columns["id"]):
            yield "observation", identity, table.mistake(row, "id", "")


def _find_twice(ids: Iterable[tuple[str, str, Mistake]]) -> Iterator[Mistake]:
    first: dict[tuple[str, str], Mistake] = {}
    for kind, identity, here in ids:
        space = "note" if kind in NOTES else kind
        other = first.setdefault((space, identity), here)
        if other is not here:
            message = f"the {kind} {identity} is already in {other.file}:{other.line}"
            yield here._replace(message=message)


def _list_named(
    tables: list[Table], excluded: list[Table], earlier: list[Table]
) -> Iterator[tuple[Table, str, str]]:
    """Yield the columns that name something, and what that is."""
    for table in tables:
        for name in rules.FIGURE_COLUMNS:
            if to := COLUMNS[name].refers_to:
                yield table, name, to
    for table in excluded:
        yield table, "reason", "not_statistic_reason"
    for table in earlier:
        yield table, "figure", "observation"
        yield table, "source", "source"


def _collect_names(
    records: list[LocatedRecord], ids: list[tuple[str, str, Mistake]]
) -> dict[str, Mapping[str, str] | None]:
    names: dict[str, dict[str, str]] = {
        name: {code: code for code in codes} for name, codes in PROGRAM_LISTS.items()
    }
    for identity, record in select(records, Code).items():
        code_list, _, code = identity.partition("/")
        names.setdefault(code_list, {}).update(
            dict.fromkeys((*record.words, record.label), code)
        )
    for kind, identity, _ in ids:
        names.setdefault(kind, {})[identity] = identity
    return {**names}


def _is_known(
    names: Names, to: str, cell: str, *, holds_list: bool = False
) -> str | None:
    if (known := names.get(to, {})) is None:
        return None
    is_listed = to != "observation" and to not in KINDS and to not in PROGRAM_LISTS
    remedy = f"; if it is new, add it to codelists/{to}.csv" if is_listed else ""
    for identity in cell.split() if holds_list or not cell else [cell]:
        if known.get(identity) != identity:
            choices = sorted({*known.values()})
            listed = (
                f"; it is one of {', '.join(choices)}"
                if 0 < len(choices) <= MAX_CHOICES
                else ""
            )
            hint = did_you_mean(identity, known) or listed
            return f"there is no {'figure' if to == 'observation' else to} {identity!r}{hint}{remedy}"
    return None


def _check_references(located: LocatedRecord, names: Names) -> Iterator[Mistake]:
    references, record = [*_find_references(located.record)], located.record
    if isinstance(record, Code):
        own, _, code = located.id.partition("/")
        references += [(("broader",), own, record.broader)] if record.broader else []
        references += [(("stage",), "stage", record.stage)] if record.stage else []
        references += [(("passes_for",), own, one) for one in record.passes_for]
        for name in NEEDED_OF_CODES.get(own, ()):
            if getattr(record, name) is None:
                says = (Code.model_fields[name].description or "").partition(": ")[2]
                yield located.places.mistake(
                    (name,), f"the {own} {code} needs {name}: {says}"
                )
    for path, to, identity in references:
        if message := _is_known(names, to, identity):
            yield located.places.mistake(path, message)


def _find_references(record: BaseModel) -> Iterator[Reference]:
    for name, field in type(record).model_fields.items():
        yield from _references(
            getattr(record, name), (name,), [*list_references(field)]
        )


def _references(value: Any, path: KeyPath, to: list[str]) -> Iterator[Reference]:
    if isinstance(value, BaseModel):
        yield from (
            ((*path, *inner), other, identity)
            for inner, other, identity in _find_references(value)
        )
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*path, index), to)
    elif isinstance(value, str):
        yield from ((path, one, value) for one in to)
