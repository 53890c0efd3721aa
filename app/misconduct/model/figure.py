"""The public shape of an observation: a self-contained JSON object, and the same as a self-contained row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from misconduct.model.catalogue import NOTHING_SAID, Catalogue
from misconduct.model.codes import LABELLED
from misconduct.model.kinds import CLASSIFIED, CLASSIFIED_BY
from misconduct.model.locator import UNKNOWN, Around, end_of, is_in_table, selector, start_of, text_fragment
from misconduct.model.observation import FIELDS, Observation
from misconduct.model.period import UNDATED, PeriodType, bounds, coverage_of, time_period
from misconduct.model.record_tables import records_table, release_url
from misconduct.model.table import (
    FROM_ROOT,
    OF_THIS_SERVICE,
    SENTENCES,
    Column,
    Layout,
    Row,
    Table,
    compile_prune,
    compile_row,
)

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
ATTRIBUTION = "Misconduct Register"


def number(value: Decimal | None) -> int | float | None:
    """Convert a value for JSON: to an integer if it is one, so that 1,492 people are never 1492.0 people."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def citation_url(base_url: str, observation_id: str, release: str) -> str:
    """Return the address of one figure in one release; what it answers never changes."""
    return f"{base_url}/v1/observations/{observation_id}?release={release}"


def derivation_url(base_url: str, derivation: str | None) -> str | None:
    """Return the address of the table by which a figure was counted; None if it was not."""
    return derivation and f"{base_url}/v1/tables/{derivation.partition('@')[0]}"


def printed_url(
    source_url: str | None, printed: str | None, around: Around = UNKNOWN, at: str | None = None
) -> str | None:
    """Return the address of the document with a fragment that leads to these words; None without an address.

    In a text it scrolls to them (a text fragment), in a table it names the cell (RFC 7111).
    """
    if at and is_in_table(at):
        return source_url and f"{source_url}#{at}"
    return source_url and printed and source_url + text_fragment(printed, around)


NOTES = "Notes, including why any of these cells is empty."


def _keyed_texts(texts: Mapping[str, str] | None) -> list[str]:
    return [f"{key}: {text}" for key, text in sorted(texts.items())] if texts else []


def _ids(caveats: Iterable[Mapping[str, str]]) -> list[str]:
    return [caveat["id"] for caveat in caveats]


def _texts(caveats: Iterable[Mapping[str, str]]) -> list[str]:
    return [caveat["text"] for caveat in caveats]


def _results(checks: Iterable[Mapping[str, str]]) -> list[str]:
    return [f"{check['id']}:{check['result']}" for check in checks]


class Computed(NamedTuple):
    """What a figure's document has beyond the cells of the register, and the columns that show it.

    `make` takes the catalogue and the values of `fields`, and returns keys of the document, or, with `under`, keys of
    an object in it. For all figures that no record mentions, it must return the same whatever their `id`: so that many
    figures at once are computed from the few combinations of these fields (`publish.columnar_rows`).
    """

    fields: tuple[str, ...]
    make: Callable[..., Mapping[str, Any]]
    columns: tuple[Column, ...]
    under: str = ""


SOURCE_COLUMNS: tuple[Column, ...] = (
    Column("source", "code", "Source that prints it.", path="source.id"),
    Column("source_title", "text", "Title of the source.", path="source.title"),
    Column("source_publisher", "text", "Publisher of the source.", path="source.publisher"),
    Column("source_byline", "text", "Who wrote it.", path="source.byline"),
    Column("source_published", "date", "Publication date, as precise as known.", path="source.published"),
    Column("source_url", "text", "Address of the source.", path="source.url"),
    Column("source_licence", "text", "Licence of the source itself.", path="source.licence"),
    Column(
        "source_held",
        "boolean",
        "true where a copy was read; only then are there locators and a hash.",
        path="source.held",
    ),
    Column("source_sha256", "text", "SHA-256 of the bytes that the locators count in.", path="source.sha256"),
    Column("source_retrieved", "date", "When that copy was taken.", path="source.retrieved"),
    Column("source_notes", "texts", NOTES, SENTENCES, path="source.notes", cell=_keyed_texts),
)

ORIGIN_COLUMNS: tuple[Column, ...] = (
    Column("origin", "code", "Source where the claim first stood.", path="origin.id"),
    Column("origin_title", "text", "Title of that source.", path="origin.title"),
    Column("origin_publisher", "text", "Publisher of that source.", path="origin.publisher"),
    Column(
        "origin_published", "date", "Publication date of that source, as precise as known.", path="origin.published"
    ),
    Column("origin_held", "boolean", "true where a copy of it was read.", path="origin.held"),
    Column("origin_notes", "texts", NOTES, SENTENCES, path="origin.notes", cell=_keyed_texts),
)


def ended_in(catalogue: Catalogue, ordinal: int) -> str | None:
    """Return the release that ended a version, if the requested release knows of it: pinned answers never change."""
    known = max(catalogue.release.ordinal, catalogue.seen_from)
    return catalogue.release_numbers[ordinal] if ordinal <= known else None


def _caveats(catalogue: Catalogue, ids: Iterable[str]) -> dict[str, Any]:
    texts = catalogue.kind("caveat")
    return {"caveats": [{"id": caveat, "text": texts[caveat]["text"]} for caveat in ids]}


def _coded(catalogue: Catalogue, *codes: str | None) -> dict[str, Any]:
    return {name: catalogue.with_label(name, code) for name, code in zip(LABELLED, codes, strict=True)}


def _time(catalogue: Catalogue, *cells: Any) -> dict[str, Any]:
    *period, source = cells
    return _time_of(*period, catalogue.sources_of_figures[source]["published"])


@lru_cache(10_000)
def _time_of(
    kind: str, start: str | None, end: str | None, duration: str | None, published: str | None
) -> dict[str, Any]:
    is_open = kind in UNDATED and not (end or (kind == PeriodType.POINT and start))
    return {
        "time_period": time_period(kind, start or "", end or "", duration, published),
        "coverage": coverage_of(kind, start or "", end or "", published),
        "not_after": bounds(published)[1].isoformat() if is_open and published else None,
    }


_REPORTED, _DERIVED = {"basis": "reported"}, {"basis": "derived"}

COMPUTED: tuple[Computed, ...] = (
    Computed(
        LABELLED,
        _coded,
        tuple(column for name in LABELLED for column in FIELDS[name].columns),
    ),
    Computed(
        ("derivation",),
        lambda _, derivation: _DERIVED if derivation else _REPORTED,
        (Column("basis", "code", "reported by the source, or derived: counted by this register in its rows."),),
    ),
    Computed(
        ("measure",),
        lambda catalogue, measure: {"datasets": list(catalogue.datasets_of.get(measure, ()))},
        (Column("datasets", "texts", "Datasets that show it."),),
    ),
    Computed(("origin",), lambda catalogue, slug: {"origin": catalogue.origins_of_figures[slug]}, ORIGIN_COLUMNS),
    Computed(("source",), lambda catalogue, slug: {"source": catalogue.sources_of_figures[slug]}, SOURCE_COLUMNS),
    Computed(
        ("caveats",),
        _caveats,
        (
            Column("caveats", "texts", "Ids of the notes that travel with the figure.", cell=_ids),
            Column("caveat_texts", "texts", "The notes themselves.", SENTENCES, path="caveats", cell=_texts),
        ),
    ),
    Computed(
        ("id",),
        lambda catalogue, identity: catalogue.said_of_figures.get(identity, NOTHING_SAID),
        (
            Column("checks", "texts", "Arithmetic checks that touch it, each with its result.", cell=_results),
            Column("disagreements", "texts", "Groups of similar but conflicting figures that it belongs to."),
            Column("part_of", "texts", "Ids of the figures that it is a stated part of: never add it to them."),
            Column(
                "repeats", "text", "Id of the figure whose claim it prints again: never add it to that.", optional=True
            ),
            Column("denominator", "text", "Id of the figure that it is a share of.", optional=True),
        ),
    ),
    Computed(
        ("added_in",),
        lambda catalogue, ordinal: {"added_in": catalogue.release_numbers[ordinal]},
        (Column("added_in", "text", "The release that added this version.", example="1.0.0"),),
    ),
    Computed(
        ("ended_in",),
        lambda catalogue, ordinal: {"ended_in": ended_in(catalogue, ordinal)},
        (Column("ended_in", "text", "The release that ended it.", optional=True),),
    ),
    Computed(
        ("period_type", "period_start", "period_end", "duration", "source"),
        _time,
        (
            Column(
                "time_period",
                "text",
                "The period in one cell: a year (2022, 2019/20), a date, an interval (2014/2024, 2018/..), a length "
                "without dates (P10Y), or a day not after publication ([..2023-03-21]), as in EDTF (ISO 8601-2).",
                path="period.time_period",
                optional=True,
                example="2014/2024",
            ),
            Column(
                "coverage",
                "code",
                "Of the year: whole, part, or unstated. Empty for what is not of a year.",
                path="period.coverage",
            ),
            Column(
                "not_after",
                "date",
                "Last day that a printed now, or a past without dates, can mean: that of publication.",
                path="period.not_after",
            ),
        ),
        under="period",
    ),
    Computed(
        ("id", *CLASSIFIED_BY),
        lambda catalogue, *cells: catalogue.classify(*cells),
        tuple(Column(name, "text", text, optional=True, codelist=name) for name, text in CLASSIFIED.items()),
    ),
)
"""Everything computed but the places in documents and the links, which differ in every figure (see `as_document`)."""

PLACES_AND_LINKS: tuple[Column, ...] = (
    Column(
        "locator_start",
        "integer",
        "First code point of the figure in the source, from 0.",
        path="locator",
        cell=start_of,
    ),
    Column("locator_end", "integer", "First code point after the figure.", path="locator", cell=end_of),
    Column("cite_as", "text", f"Address of exactly this reading, {OF_THIS_SERVICE}.", path="links.cite_as"),
    Column(
        "printed_at",
        "text",
        "Address of the document, which scrolls to the figure; if no words around it are known, to the first place "
        "with the same characters. In a table it names the cell.",
        path="links.printed_at",
    ),
)

META: tuple[Column, ...] = (
    Column("release", "code", "Release that this row was taken from.", path="meta.release"),
    Column("licence", "code", "Licence of this row.", path="meta.licence"),
    Column("attribution", "code", "Name to credit.", path="meta.attribution"),
)
"""What rows have and documents do not, because an answer has it once."""

CORE = (
    *("id", "measure", "category", "area", "population", "counting_unit", "time_period", "value", "unit", "printed"),
    *("qualifier", "value_absent", "coverage", "part_of", "repeats", "source", "cite_as"),
)
"""The columns of a listing, unless a request chooses others: what a reader needs so as not to misread a figure."""

_PROSE = ("source_notes", "origin_notes", "caveat_texts")
"""Columns that have most of the bytes, so that they come last."""

_RELEASED = """
    version release datasets measure_label statistic category_label area_label population_label counting_unit_label
    period_type period_start period_end duration period_printed period_locator value_absent hedge hedge_locator
    obs_status basis stated_by stated_by_label origin origin_title origin_publisher origin_published origin_held
    source_title source_publisher source_byline source_published source_url source_licence source_held source_sha256
    source_retrieved locator locator_start locator_end also_at caveats checks disagreements added_in ended_in licence
    attribution printed_at
    year year_basis value_low value_high denominator not_after population_group vetting_check vetting_result
    stock_or_flow stage
"""
"""The order of the other columns, which does not change (docs/stability.md); new ones follow, before the prose."""


def _all_columns() -> dict[str, Column]:
    own = (column for field in FIELDS.values() for column in field.columns)
    computed = (column for one in COMPUTED for column in one.columns)
    named = {column.name: column for column in (*own, *computed, *PLACES_AND_LINKS, *META)}
    before = dict.fromkeys((*CORE, *_RELEASED.split(), *named))
    return {name: named[name] for name in (*(name for name in before if name not in _PROSE), *_PROSE)}


LAYOUT = Layout(
    _all_columns(),
    CORE,
    (*CORE, "source_publisher", "source_published", "source_url"),
    {**{name: f"{name}_label" for name in LABELLED}, "source": "source_title", "origin": "origin_title"},
)
"""All columns of a figure, in their order. A new one is declared at its field, or above with what computes it."""

COLUMNS = tuple(LAYOUT.columns.values())

KEYS = tuple(dict.fromkeys(column.steps[0] for column in COLUMNS if column.steps[0] != "meta"))
"""The keys of the JSON object, in the order of the columns."""

NUMBERS = tuple(name for name, field in FIELDS.items() if field.type is Decimal)
"""The fields that are decimal numbers."""

_OWN_PATHS = {column.steps: name for name in FIELDS if name not in LABELLED for column in FIELDS[name].columns}
_OF_PERIOD = {steps[1]: name for steps, name in _OWN_PATHS.items() if steps[0] == "period"}
_period_cells = attrgetter(*_OF_PERIOD.values())


_PLACES: dict[str, Callable[[Observation], Any]] = {
    "hedge_locator": lambda o: selector(o.hedge_at, o.hedge),
    "locator": lambda o: selector(o.at, o.printed),
    "also_at": lambda o: [selector(place, o.printed) for place in o.also_at],
}
"""How the places of a figure in its source are written, by key."""


class Projection:
    """Make the JSON objects and rows of figures with some of their columns; what these do not need is not computed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.columns = columns = tuple(LAYOUT.columns[name] for name in names)
        keys = {column.steps[0] for column in columns}
        own = {steps[0]: name for steps, name in _OWN_PATHS.items() if len(steps) == 1 and steps[0] in keys}
        self._empty: dict[str, Any] = dict.fromkeys(key for key in KEYS if key in keys)
        self._own, self._own_cells = tuple(own), attrgetter(*own.values(), "id")  # a tuple, also of one
        self._numbers = tuple(name for name in NUMBERS if name in keys)
        self._has = keys.__contains__
        needed = [one for one in COMPUTED if any(column.steps[0] in keys for column in one.columns)]
        needed += [one for one in COMPUTED if one.fields == ("source",) and one not in needed and "links" in keys]
        self._of_one = tuple((one.make, attrgetter(*one.fields)) for one in needed if len(one.fields) == 1)
        self._of_several = tuple(
            (one.make, attrgetter(*one.fields), one.under) for one in needed if len(one.fields) > 1
        )
        self._places = tuple((key, place) for key, place in _PLACES.items() if key in keys)
        self._flatten = compile_row(columns, shared=("source", "origin"))
        self._prune = compile_prune(columns)

    def document(self, o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
        """Write the observation as a JSON object with every key that leads to a column, and those beside it."""
        document, has = self._empty.copy(), self._has
        document.update(zip(self._own, self._own_cells(o), strict=False))
        if has("period"):
            document["period"] = period = dict(zip(_OF_PERIOD, _period_cells(o), strict=True))
            period["locator"] = selector(o.period_at, o.period_printed)
        for make, get in self._of_one:
            document.update(make(catalogue, get(o)))
        for make, get, under in self._of_several:
            (document[under] if under else document).update(make(catalogue, *get(o)))
        for name in self._numbers:
            document[name] = number(document[name])
        for key, place in self._places:
            document[key] = place(o)
        if has("links"):
            itself = f"{base_url}/v1/observations/{o.id}"
            document["links"] = {
                "self": itself,
                "page": f"{base_url}/observations/{o.id}",
                "cite_as": citation_url(base_url, o.id, catalogue.release.number),
                "evidence": f"{itself}/evidence",
                "history": f"{itself}/history",
                "derivation": derivation_url(base_url, o.derivation),
                "printed_at": printed_url(
                    document["source"]["url"], o.printed, catalogue.around.get((o.source, o.at or ""), UNKNOWN), o.at
                ),
            }
        return document

    def object(self, o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
        """Write the observation as a JSON object with only the keys that lead to a column."""
        document = self.document(o, catalogue, base_url)
        if self._has("meta"):
            document["meta"] = row_meta(catalogue)
        return self._prune(document)

    def row(self, o: Observation, catalogue: Catalogue) -> Row:
        """Flatten the observation into a row."""
        document = self.document(o, catalogue, FROM_ROOT)
        document["meta"] = row_meta(catalogue)
        return self._flatten(document)

    def table(self, observations: Iterable[Observation], catalogue: Catalogue) -> Table:
        """Make the table of some observations, for the tabular formats."""
        rows = (self.row(o, catalogue) for o in observations)

        def sheets() -> dict[str, Table]:
            return sheets_beside(self.columns, catalogue, _sources_of(observations))

        return Table(self.columns, rows, notes(catalogue), sheets)


WHOLE = Projection(tuple(LAYOUT.columns))

project = lru_cache(64)(Projection)
"""Return the projection to the columns with these names. Few are in use at a time."""

as_document = WHOLE.document
as_row = WHOLE.row
as_table = WHOLE.table


def row_meta(catalogue: Catalogue) -> dict[str, str]:
    """Return what makes a row self-contained: its release, licence and attribution."""
    return {"release": catalogue.release.number, "licence": LICENCE, "attribution": ATTRIBUTION}


def sources_table(catalogue: Catalogue, shown: set[str] | None = None) -> Table:
    """Make the table of the sources with the ids `shown`; None: of all sources of the release."""
    sources = catalogue.kind("source")
    return records_table("source", [sources[slug] for slug in sorted(sources if shown is None else shown)])


def sheets_beside(columns: Iterable[Column], catalogue: Catalogue, sources: set[str] | None = None) -> dict[str, Table]:
    """Make the tables that a workbook has beside a table: the codes of its columns, and the sources of its rows."""
    codes = (one for column in columns for one in catalogue.codes.get(column.name, {}).values())
    return {"codes": records_table("code", codes), "sources": sources_table(catalogue, sources)}


def _sources_of(observations: Iterable[Observation]) -> set[str] | None:
    """Return the ids of the observations' sources and origins; None if the observations can be read only once."""
    return {slug for o in observations for slug in (o.source, o.origin)} if isinstance(observations, Sequence) else None


def notes(catalogue: Catalogue, warnings: Sequence[str] = ()) -> dict[str, str]:
    """Return what applies to every row of a table: release, licence, attribution, where it came from, and warnings."""
    return {
        "release": catalogue.release.number,
        "digest": catalogue.release.digest,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "from": release_url(FROM_ROOT, catalogue.release.number),
        **({"warnings": " ".join(warnings)} if warnings else {}),
    }
