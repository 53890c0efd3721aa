"""The lists beside the table: indicators, areas, sources, codes, notes and charts.

Each column is declared once, in the shape of its answer: files of releases have the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

import orjson

from misconduct.model.catalogue import AREA_COUNTS, Catalogue, Content
from misconduct.model.codes import LISTS, CodeType
from misconduct.model.figure import Column, Row
from misconduct.model.kinds import KINDS, NOTES, NoteType
from misconduct.model.shapes import (
    AreaRow,
    ChartRow,
    Code,
    IndicatorRow,
    Note,
    SourceRow,
)

CALLED: Mapping[NoteType, Mapping[str, str]] = {
    "caveat": {},
    "disagreement": {"warning": "short", "explanation": "text"},
    "correction": {"explanation": "text"},
    "unpublished": {"question": "title", "explanation": "text", "kind": "answer"},
}
"""What a note calls a field of a record, if not as the record does."""
FIGURES = {"disagreement": "members", "correction": "affects"}
"""The field of a record that names its figures. A caveat is named by its figures."""
SEVERAL = ("area", "indicator", "reasons", "leads", "disputed", "searched")
"""The fields of a note that have several values."""
DEEP = ("left_out", "annotation", "numbers")
"""The fields of a chart that no cell can have."""


def _read_columns(shape: Any, *left_out: str) -> tuple[Column, ...]:
    """Return the columns of a list: the keys of its objects, with what these mean."""
    columns = list[Column]()
    plain = get_type_hints(shape)
    for name, hint in get_type_hints(shape, include_extras=True).items():
        if name in left_out:
            continue
        annotated = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        known = getattr(annotated, "__metadata__", ())
        described = [said.description for said in known]
        is_number = int in (plain[name], *get_args(plain[name]))
        about = " ".join(filter(None, described))
        columns.append(Column(name, "integer" if is_number else "text", about))
    return tuple(columns)


AREAS = _read_columns(AreaRow)
SOURCES = _read_columns(SourceRow)
INDICATORS = _read_columns(IndicatorRow)
CODES = _read_columns(Code)
NOTE = _read_columns(Note)
CHARTS = _read_columns(ChartRow, *DEEP)


def names_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return the names of columns."""
    return tuple(column.name for column in columns)


def write_cells(names: Sequence[str], rows: Iterable[Row]) -> Iterator[list[Any]]:
    """Yield the cells of each row in some columns."""
    for row in rows:
        yield [write_field(row[name]) for name in names]


def write_field(value: Any) -> Any:
    """Return a field as a cell: ids joined by spaces, texts by ` | `, named texts as `name: text`; else as JSON."""
    if value in ("", [], {}):
        return None
    if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        value = [f"{name}: {text}" for name, text in sorted(value.items())]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return (" | " if any(" " in one for one in value) else " ").join(value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


def record_document(kind: str, content: Content) -> Row:
    """Return a record with every field of its kind; what the release does not have is empty."""
    shown = {
        name: content.get(
            name,
            None
            if field.is_required()
            else field.get_default(call_default_factory=True),
        )
        for name, field in KINDS[kind].model.model_fields.items()
        if name != "quotes" and not field.exclude
    }
    return shown | {name: content.get(name) for name in KINDS[kind].computed}


def list_records(catalogue: Catalogue, kind: str) -> list[Row]:
    """Return all records of a kind."""
    contents = catalogue.of_kind(kind).values()
    return [record_document(kind, content) for content in contents]


def list_indicators(catalogue: Catalogue, base_url: str) -> list[Row]:
    """Return what is counted, in its order."""
    records = list_records(catalogue, "indicator")
    ordered = sorted(records, key=lambda record: record["position"])
    return [indicator_document(record, catalogue, base_url) for record in ordered]


def indicator_document(record: Content, catalogue: Catalogue, base_url: str) -> Row:
    """Return an indicator with its label, which names its usual people, and its address."""
    return {
        "id": record["id"],
        "label": catalogue.label("indicator", record["id"]),
        **record,
        "url": f"{base_url}/v1/indicators/{record['id']}",
    }


def list_charts(catalogue: Catalogue, base_url: str) -> list[Row]:
    """Return all charts, each with its address."""
    return [
        chart | {"url": f"{base_url}/v1/charts/{chart['id']}"}
        for chart in list_records(catalogue, "chart")
    ]


def list_areas(catalogue: Catalogue) -> list[Row]:
    """Return places and forces with what is held of each."""
    held = catalogue.of_kind(AREA_COUNTS)
    nothing: Row = {"indicators": 0, "rows": 0, "last": None}
    rows = []
    for code, area in catalogue.codelists.get("area", {}).items():
        counted = held.get(f"area/{code}", nothing)
        also = [*area.get("words", ()), *area.get("said", ())]
        counts = {name: counted[name] for name in nothing}
        rows.append({**describe_area(code, catalogue), "also": also, **counts})
    return rows


def describe_area(code: str, catalogue: Catalogue) -> Row:
    """Return the code and the name of an area, and the code of the one that it is within."""
    area = catalogue.codelists["area"][code]
    return {"area_code": code, "area": area["label"], "within": area.get("broader")}


def list_codes(
    catalogue: Catalogue, types: Iterable[str] = get_args(CodeType)
) -> list[Row]:
    """Return the codes of the columns of tables and of fields of answers."""
    called: Mapping[Any, str] = LISTS
    return [
        {
            "type": name,
            "code": code,
            "label": content["label"],
            "definition": content.get("definition"),
            "within": content.get("broader"),
            "words": content.get("words", []),
        }
        for name in types
        for code, content in catalogue.codelists.get(called.get(name, name), {}).items()
    ]


def list_notes(
    catalogue: Catalogue, base_url: str, types: Iterable[NoteType] = NOTES
) -> list[Row]:
    """Return what to read before printing figures."""
    names = names_of(NOTE)
    return [
        note_document(note_type, content, catalogue, base_url, names)
        for note_type in types
        for content in catalogue.of_kind(note_type).values()
    ]


def note_document(
    note_type: NoteType,
    content: Content,
    catalogue: Catalogue,
    base_url: str,
    names: Iterable[str],
) -> Row:
    """Return the fields of a note. One that its type does not have is empty."""
    called = CALLED[note_type]
    found = {called.get(name, name): value for name, value in content.items()}
    found["type"] = note_type
    found["figures"] = len(name_figures(note_type, content))
    if note_type == "caveat":
        found["figures"] = catalogue.uses.get(content["id"], 0)
    found["url"] = f"{base_url}/v1/notes/{content['id']}"
    return {name: found.get(name, [] if name in SEVERAL else None) for name in names}


def name_figures(note_type: NoteType, content: Content) -> list[str]:
    """Return the figures that a note names. A caveat is named by its figures."""
    return [*content.get(FIGURES.get(note_type, ""), ())]
