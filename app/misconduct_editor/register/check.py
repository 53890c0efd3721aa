"""Read a register and check everything in it together; all mistakes are reported at once."""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple, get_origin

from pydantic import BaseModel, ValidationError

from misconduct.model import kinds
from misconduct.model.figure import PROSE, Row, read_cells, read_from
from misconduct.model.kinds import KINDS, Code, Dataset, Indicator, Kind, Source
from misconduct.model.wording import READ_IN_PART
from misconduct.releases.folder import Records, list_visible

from . import rules
from .charts import check_charts
from .indicators import (
    INDICATORS,
    check_coding,
    check_indicators,
    fill_codes,
    find_alike,
    find_lists_in_two_units,
    find_repeats_told_otherwise,
    link_partners,
)
from .layout import describe_table, read_layouts
from .names import check_names, list_unread
from .reading import (
    Mistake,
    Reader,
    Table,
    did_you_mean,
    refuse,
    require_register,
    take_first,
)
from .transcripts import Page, read_pages
from .yaml_files import LocatedRecord, Places, find_faults, read_yaml, select

CODE_COLUMNS = ("code", *(name for name in Code.model_fields if name != "id"))


class Register(NamedTuple):
    """A register without mistakes, and its records with their places."""

    figures: list[Row]
    records: dict[str, dict[str, BaseModel]]
    earlier: list[dict[str, str]]
    tables: list[Table]
    located: list[LocatedRecord]


def read_register(root: Path) -> Register:
    """Read and check a register. Raises RegisterError with a line for each mistake."""
    require_register(root)
    reader = Reader(root)
    pages = [*read_pages(reader)]
    records = [*read_records(reader), *(page.source for page in pages if page.source)]
    tables = _read_figures(reader, pages, select(records, Indicator))
    needed = rules.EXCLUDED_COLUMNS
    excluded = [*reader.read_tables("not-statistics/", needed, needed)]
    excluded += [page.excluded for page in pages]
    needed = rules.EARLIER_COLUMNS
    earlier = [*reader.read_tables(rules.EARLIER, needed, needed)]
    mistakes = [*chain.from_iterable(page.mistakes for page in pages)]
    mistakes += _check_each(root, records, tables, excluded)
    mistakes += _check_all(reader, records, tables, excluded, earlier)
    refuse(take_first([*reader.mistakes, *mistakes]))
    figures = [*chain.from_iterable(map(_read_rows, tables))]
    counts = [*chain.from_iterable(table.rows() for table in earlier)]
    by_kind = _sort_by_kind(records)
    return Register(figures, by_kind, counts, [*tables, *excluded], records)


def _sort_by_kind(records: list[LocatedRecord]) -> dict[str, dict[str, BaseModel]]:
    by_kind: dict[str, dict[str, BaseModel]] = {kind: {} for kind in KINDS}
    for one in records:
        by_kind[one.kind][one.id] = one.record
    return by_kind


def _check_all(
    reader: Reader,
    records: list[LocatedRecord],
    tables: list[Table],
    excluded: list[Table],
    earlier: list[Table],
) -> Iterator[Mistake]:
    """Yield what is wrong between records and tables, but for what seems to be missing and may only be unreadable."""
    unread = list_unread(reader.mistakes)
    yield from check_names(records, tables, excluded, earlier, unread)
    # after it: a code that does not exist may be misspelt
    yield from check_coding(records, tables)
    if not reader.mistakes:
        yield from _check_together(records, tables, earlier)


def _read_figures(
    reader: Reader, pages: list[Page], indicators: Mapping[str, Indicator]
) -> list[Table]:
    """Return the tables of figures, with the codes of their indicators."""
    tables = [*reader.read_tables("observations/", rules.FIGURE_COLUMNS, rules.NEEDED)]
    tables += [page.figures for page in pages]
    return [
        table.with_rows(fill_codes(row, indicators) for row in table.rows())
        for table in tables
    ]


def _read_rows(table: Table) -> Iterator[Row]:
    for row in table.rows():
        yield read_cells(row | {"source": table.name})


def _check_each(
    root: Path,
    records: list[LocatedRecord],
    tables: list[Table],
    excluded: list[Table],
) -> Iterator[Mistake]:
    """Yield what is wrong in each table by itself."""
    sources, has_indicators = select(records, Source), (root / INDICATORS).exists()
    for table in tables:
        source = sources.get(table.name)
        yield from rules.check_figures(table, source, has_indicators=has_indicators)
    for table in excluded:
        yield from rules.check_excluded(table)


def describe_records(records: Iterable[LocatedRecord]) -> Records:
    """Return the records of each kind by id, as a release has them."""
    found: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
    for one in records:
        found[one.kind][one.id] = one.record.model_dump(
            mode="json", exclude_defaults=True, exclude_none=True
        )
    return found


def read_records(reader: Reader) -> Iterator[LocatedRecord]:
    """Yield the records that can be read. The reader collects mistakes."""
    files = {kind.file: kind for kind in KINDS.values()}
    for kind in files.values():
        yield from _read_kind(reader, kind)
    yield from chain.from_iterable(map(describe_table, read_layouts(reader)))
    for path in list_visible(reader.root, "*.y*ml"):
        if path.name in files:
            yield from _read_yaml(reader, files[path.name], path.name)
        else:
            reader.report(
                path.name,
                f"this file is ignored{did_you_mean(path.name, files.keys())}",
            )


def _read_kind(reader: Reader, kind: Kind) -> Iterator[LocatedRecord]:
    """Yield the records of a kind that has a folder, or a file of CSV."""
    if kind.model is Code:
        for table in reader.read_tables(kind.file, CODE_COLUMNS, ("code", "label")):
            yield from _read_csv(reader, kind, table)
    elif kind.file.endswith("/"):
        for file in reader.find_files(kind.file, ".yaml"):
            yield from _read_yaml(reader, kind, file)
    elif kind.file.endswith(".csv") and (reader.root / kind.file).exists():
        columns = kind.model.model_fields
        needed = [name for name, field in columns.items() if field.is_required()]
        if records := reader.read_table(kind.file, columns, needed):
            found = _read_csv(reader, kind, records)
            yield from link_partners(found) if kind.model is Indicator else found


def _read_csv(reader: Reader, kind: Kind, table: Table) -> Iterator[LocatedRecord]:
    """Yield the records of a CSV file. A code has the list in its id; several values are separated by ` | `."""
    numbers = {
        "id" if name == "code" else name: number
        for number, name in enumerate(table.header, 1)
    }
    lists = [
        name
        for name, field in kind.model.model_fields.items()
        if get_origin(field.annotation) is list
    ]
    for line, row in zip(table.lines, table.rows(), strict=True):
        content: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
        if "code" in row:
            content["id"] = f"{table.name}/{content.pop('code', '')}"
        for name in content.keys() & lists:
            content[name] = content[name].split(" | ")
        places = Places(
            table.file,
            {(): (line, 1)}
            | {(name,): (line, number) for name, number in numbers.items()},
        )
        yield from _validate(reader, kind, content, places)


def _read_yaml(reader: Reader, kind: Kind, file: str) -> Iterator[LocatedRecord]:
    is_list = not kind.file.endswith("/")
    for content, places in read_yaml(reader, file, is_list=is_list):
        if not is_list and content.get("id") != (stem := Path(file).stem):
            reader.mistakes.append(
                places.mistake(("id",), f"the id must be the name of the file, {stem}")
            )
        yield from _validate(reader, kind, content, places)


def _validate(
    reader: Reader, kind: Kind, content: Any, places: Places
) -> Iterator[LocatedRecord]:
    try:
        # As JSON, because strict models accept a list for a tuple only there.
        record = kind.model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        reader.mistakes.extend(
            find_faults(error, places, kind.name, kind.model.model_fields)
        )
    else:
        yield LocatedRecord(kind.name, content["id"], record, places)


def _check_together(
    records: list[LocatedRecord], tables: list[Table], earlier: list[Table]
) -> Iterator[Mistake]:
    """Yield what is wrong between records and figures, all of which can be read."""
    with_numbers = {table.name for table in tables}.union(
        *(table.columns["source"] for table in earlier)
    )
    for one in records:
        if (
            one.kind == "source"
            and one.places.file.startswith("tables/")
            and one.id not in with_numbers
        ):
            yield one.places.mistake(
                (),
                "this table has no figures yet: run misconduct add with its document",
            )
    sources = select(records, Source)
    yield from check_indicators(records)
    yield from find_alike(records, tables)
    yield from find_repeats_told_otherwise(tables)
    yield from find_lists_in_two_units(tables)
    yield from _find_documents_read_twice(sources, tables)
    yield from _find_parts_larger_than_wholes(tables)
    yield from _find_repeated_repetitions(tables)
    yield from _find_circles(records, tables)
    yield from find_figures_not_shown(records, tables)
    yield from check_charts(records, tables)
    yield from _find_caveats_of_no_figure(records, tables)
    yield from _find_leads_of_no_member(records)


def _find_documents_read_twice(
    sources: Mapping[str, Source], tables: list[Table]
) -> Iterator[Mistake]:
    first: dict[tuple[str | None, ...], Mistake] = {}
    for table in tables:
        source, twice = sources.get(table.name), list[tuple[Mistake, Mistake]]()
        for row, statement in enumerate(rules.list_statements(table)):
            here = table.mistake(row, "at", "")
            earlier = first.setdefault(
                (source.sha256 if source else None, *statement), here
            )
            twice += [(earlier, here)] if earlier.file != table.file else []
        for earlier, here in twice[:1]:
            message = f"{earlier.file}:{earlier.line} has this figure of the same document (SHA-256); so it has"
            yield here._replace(
                message=f"{message} {len(twice):,} of this file: keep one of the two files"
            )


def _find_parts_larger_than_wholes(tables: list[Table]) -> Iterator[Mistake]:
    """Compare only the numbers of texts. In tables, all totals are checked."""
    rows = {
        row["id"]: row
        for table in tables
        for row in table.rows()
        if row["qualifier"] == "exact" and row["value"]
    }
    for table in tables:
        for number, identity in enumerate(table.columns["id"]):
            part = rows.get(identity, {"at": "", "part_of": ""})
            wholes = part["part_of"].split() if read_from(part["at"]) in PROSE else ()
            for whole in (rows[one] for one in wholes if one in rows):
                is_alike = all(
                    part[one] == whole[one] for one in ("unit", "counting_unit")
                )
                if is_alike and Decimal(part["value"]) > Decimal(whole["value"]):
                    message = f"{part['value']} cannot be a part of {whole['id']}, which is {whole['value']}"
                    yield table.mistake(number, "part_of", message)


def _list_links(
    records: list[LocatedRecord], tables: list[Table]
) -> Iterator[tuple[str, list[str], Mistake]]:
    for one in records:
        if isinstance(one.record, Code) and one.record.broader:
            yield (
                one.id,
                [f"{one.id.partition('/')[0]}/{one.record.broader}"],
                one.places.mistake(("broader",), ""),
            )
    for table, name in product(tables, rules.LINKS):
        for row, cell in enumerate(table.columns[name]):
            if cell:
                yield (
                    table.columns["id"][row],
                    cell.split(),
                    table.mistake(row, name, ""),
                )


def _find_circles(
    records: list[LocatedRecord], tables: list[Table]
) -> Iterator[Mistake]:
    graph: dict[str, list[str]] = {}
    places: dict[str, Mistake] = {}
    for identity, linked, here in _list_links(records, tables):
        graph.setdefault(identity, []).extend(linked)
        places.setdefault(identity, here)
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = error.args[1][::-1]
            yield places[min(circle)]._replace(
                message=f"this leads back to itself: {' → '.join(circle)}"
            )
            graph = {one: linked for one, linked in graph.items() if one not in circle}
        else:
            return


def _find_repeated_repetitions(tables: list[Table]) -> Iterator[Mistake]:
    """Require `repeats` to name the first statement of a claim. Circles are told as such."""
    rows = [
        (table, row, table.columns["id"][row])
        for table in tables
        for row in range(len(table.lines))
    ]
    earlier = {identity: table.columns["repeats"][row] for table, row, identity in rows}
    for table, row, identity in rows:
        first, seen = earlier[identity], {identity}
        while earlier.get(first) and first not in seen:
            seen.add(first)
            first = earlier[first]
        if first != (repeated := earlier[identity]) and first not in seen:
            yield table.mistake(
                row,
                "repeats",
                f"{repeated} repeats {earlier[repeated]} itself: name {first}",
            )


def find_figures_not_shown(
    records: list[LocatedRecord], tables: list[Table]
) -> Iterator[Mistake]:
    names = [*kinds.Condition.model_fields]
    cells = chain.from_iterable(
        zip(*(table.columns[name] for name in names), strict=True) for table in tables
    )
    rows = [dict(zip(names, one, strict=True)) for one in set(cells)]
    datasets, known = select(records, Dataset).values(), select(records, Code).keys()
    rows = [row for row in rows if {f"measure/{row['measure']}", f"population/{row['population']}"} <= known
            and (row["vetting_check"] or row["measure"] != rules.VETTING)]  # fmt: skip
    hidden = {"{measure} of {population} ({category}, {counting_unit})".format(**row)
              for row in rows if not any(one.shows(row) for one in datasets)}  # fmt: skip
    if hidden:
        message = (
            f"no dataset shows figures with these codes: {', '.join(sorted(hidden))}"
        )
        remedy = "if they are right, add them to the conditions of a dataset whose title covers them"
        yield Mistake("datasets.yaml", 1, 1, f"{message}; {remedy}")


def _find_caveats_of_no_figure(
    records: list[LocatedRecord], tables: list[Table]
) -> Iterator[Mistake]:
    """Yield the caveats that readers would find, though the figure that they are about was deleted."""
    named = {
        one
        for table in tables
        for cell in {*table.columns["caveats"]}
        for one in cell.split()
    }
    for located in (one for one in records if one.places.file == KINDS["caveat"].file):
        if located.id not in {*named, READ_IN_PART}:
            message = f"no figure names the caveat {located.id}: delete it, or name it in caveats of its figures"
            yield located.places.mistake(("id",), message)


def _find_leads_of_no_member(records: list[LocatedRecord]) -> Iterator[Mistake]:
    for located in records:
        if isinstance(record := located.record, kinds.Disagreement):
            for number, figure in enumerate(record.leads):
                if figure not in record.members:
                    message = f"{figure} is none of the members, so it cannot lead"
                    yield located.places.mistake(("leads", number), message)
