"""The public shape of an observation: a self-contained JSON object, and the same as a self-contained row."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
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


class Part(NamedTuple):
    """One value in the document of a figure: the fields that it needs, and the expression that finds it.

    In the expression `o` is the figure, and each `?` what the next function in `begin` makes of a release's catalogue
    and the base of links.
    """

    fields: tuple[str, ...]
    expression: str
    begin: tuple[Callable[[Catalogue, str], Any], ...] = ()


def _own(name: str) -> Part:
    """Return the part that is a cell as it is."""
    return Part((name,), f"o.{name}")


def _written(write: Callable[..., Any], *fields: str) -> Part:
    """Return the part that is written anew for each figure, from the catalogue, the base of links and these fields."""
    cells = ", ".join(f"o.{name}" for name in fields)
    return Part(fields, f"?({cells})", (lambda catalogue, base_url: partial(write, catalogue, base_url),))


class _Remembered(dict[tuple[Any, ...], Any]):
    """Compute a value once for each combination of fields."""

    def __init__(self, compute: Callable[..., Any]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, cells: tuple[Any, ...]) -> Any:
        if len(self) >= MOST_COMBINATIONS:
            self.clear()
        found = self[cells] = self._compute(*cells)
        return found


def _computed(one: Computed, key: str, steps: Collection[str] = ()) -> Part:
    """Return the part that is computed; of an object only these keys."""
    if FIELDS[one.fields[0]].type is list[str] or not (steps or len(one.fields) > 1):
        return _written(lambda catalogue, _, *cells: one.make(catalogue, *cells)[key], *one.fields)

    def begin(catalogue: Catalogue, _: str) -> _Remembered:
        def compute(*cells: Any) -> Any:
            made = one.make(catalogue, *cells)[key]
            return {step: made[step] for step in steps} if steps and made is not None else made

        return _Remembered(compute)

    return Part(one.fields, f"?[{''.join(f'o.{name}, ' for name in one.fields)}]", (begin,))


def _object(parts: Mapping[str, Part]) -> Part:
    """Return the part that is an object of others."""
    return Part(
        tuple(name for part in parts.values() for name in part.fields),
        "{" + ", ".join(f"{step!r}: {part.expression}" for step, part in parts.items()) + "}",
        tuple(begin for part in parts.values() for begin in part.begin),
    )


def _meta(steps: Collection[str]) -> Part:
    def begin(catalogue: Catalogue, _: str) -> dict[str, str]:
        meta = row_meta(catalogue)
        return {step: meta[step] for step in steps}

    return Part((), "?", (begin,))


def _labelled(name: str) -> Part:
    expression = f"None if o.{name} is None else ?[o.{name}]"
    return Part((name,), expression, (lambda catalogue, _: catalogue.coded.get(name, {}),))


def _link(path: str) -> Part:
    before, after = path.split("{}")
    return Part(("id",), f"? + o.id + {after!r}", (lambda _, base_url: base_url + before,))


_PARTS: dict[tuple[str, ...], Part] = {
    **{column.steps: _own(name) for name in FIELDS if name not in LABELLED for column in FIELDS[name].columns},
    **{(name,): _written(lambda _, __, value: number(value), name) for name in NUMBERS},
    **{(name,): _labelled(name) for name in LABELLED},
    **{
        (one.under, column.steps[1]): _computed(one, column.steps[1])
        for one in COMPUTED
        if one.under
        for column in one.columns
    },
    ("period", "locator"): _written(lambda _, __, at, words: selector(at, words), "period_at", "period_printed"),
    ("hedge_locator",): _written(lambda _, __, at, words: selector(at, words), "hedge_at", "hedge"),
    ("locator",): _written(lambda _, __, at, words: selector(at, words), "at", "printed"),
    ("also_at",): _written(lambda _, __, places, words: [selector(at, words) for at in places], "also_at", "printed"),
    ("links", "self"): _link("/v1/observations/{}"),
    ("links", "page"): _link("/observations/{}"),
    ("links", "cite_as"): _written(
        lambda catalogue, base_url, identity: citation_url(base_url, identity, catalogue.release.number), "id"
    ),
    ("links", "evidence"): _link("/v1/observations/{}/evidence"),
    ("links", "history"): _link("/v1/observations/{}/history"),
    ("links", "derivation"): _written(lambda _, base_url, table: derivation_url(base_url, table), "derivation"),
    ("links", "printed_at"): _written(
        lambda catalogue, _, source, words, at: printed_url(
            catalogue.sources_of_figures[source]["url"], words, catalogue.around.get((source, at or ""), UNKNOWN), at
        ),
        *("source", "printed", "at"),
    ),
}
"""The parts of a document by the keys that lead to them, except what is computed and not in another object."""

_WHOLE_LABEL = ("code", "label")

MOST_PROJECTIONS = 16
"""Choices of columns that are kept compiled."""

MOST_COMBINATIONS = 1_000
"""Combinations of fields whose computed values are kept, for each of these."""


def _find_part(key: str, steps: tuple[str, ...]) -> Part:
    """Return the value of a key of the document; of an object only these keys, or without any all."""
    if key == "meta":
        return _meta(steps)
    if (key,) in _PARTS and steps in ((), _WHOLE_LABEL):
        return _PARTS[key,]
    within = {path[1]: part for path, part in _PARTS.items() if path[0] == key and len(path) > 1}
    if within:
        return _object({step: within[step] for step in steps or within})
    computed = next(one for one in COMPUTED if not one.under and any(column.steps[0] == key for column in one.columns))
    return _computed(computed, key, steps)


class Projection:
    """Make the JSON objects and rows of figures with some of their columns; what these do not need is not computed.

    An object has the keys that lead to a column, in the order of the columns; with `is_whole` also those beside them.
    The function that writes one is compiled: interpreting the parts for each figure takes four times as long.
    """

    def __init__(self, names: tuple[str, ...], *, is_whole: bool = False) -> None:
        self.columns = columns = tuple(LAYOUT.columns[name] for name in names)
        steps: dict[str, tuple[str, ...]] = dict.fromkeys(KEYS, ()) if is_whole else {}
        for key, *step in () if is_whole else (column.steps for column in columns):
            steps[key] = (*steps.get(key, ()), *step)
        whole = _object({key: _find_part(key, of_key) for key, of_key in steps.items()})
        self.fields, self._begin = frozenset(whole.fields), whole.begin
        given = [f"found_{number}" for number in range(len(self._begin))]
        named = iter(given)
        expression = re.sub(r"\?", lambda _: next(named), whole.expression)
        self._compile = eval(f"lambda {', '.join(given)}: lambda o: {expression}")  # noqa: S307 (names of our own)
        self._flatten = compile_row(columns, shared=("source", "origin"))

    def objects(self, catalogue: Catalogue, base_url: str) -> Callable[[Observation], dict[str, Any]]:
        """Make a function that writes an observation of a release as a JSON object."""
        kept, key = catalogue.written, (self, base_url)
        if (write := kept.get(key)) is None:
            if len(kept) >= MOST_PROJECTIONS:
                kept.clear()
            write = kept[key] = self._compile(*(begin(catalogue, base_url) for begin in self._begin))
        return write

    def rows(self, catalogue: Catalogue) -> Callable[[Observation], Row]:
        """Make a function that flattens an observation of a release into a row."""
        write = self.objects(catalogue, FROM_ROOT)
        return lambda o: self._flatten(write(o))

    def table(self, observations: Sequence[Observation], catalogue: Catalogue) -> Table:
        """Make the table of some observations, for the tabular formats."""

        def sheets() -> dict[str, Table]:
            codes = codes_of(observations, self.columns, catalogue)
            return sheets_beside(self.columns, catalogue, codes, sources_of(observations))

        return Table(self.columns, map(self.rows(catalogue), observations), notes(catalogue), sheets)


project = lru_cache(MOST_PROJECTIONS)(Projection)
"""Return the projection to the columns with these names. Few are in use at a time."""

as_objects = Projection(tuple(LAYOUT.columns), is_whole=True).objects
"""Make the function that writes whole figures."""

as_rows = project(tuple(LAYOUT.columns)).rows
as_table = project(tuple(LAYOUT.columns)).table


def as_document(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Write one figure as a JSON object with everything."""
    return as_objects(catalogue, base_url)(o)


def row_meta(catalogue: Catalogue) -> dict[str, str]:
    """Return what makes a row self-contained: its release, licence and attribution."""
    return {"release": catalogue.release.number, "licence": LICENCE, "attribution": ATTRIBUTION}


def sheets_beside(
    columns: Sequence[Column], catalogue: Catalogue, codes: Iterable[tuple[str, str]], sources: Iterable[str]
) -> dict[str, Table]:
    """Make the tables that a workbook has beside a table: the codes, each with its list, and the sources of its rows.

    Codes are in the order of their columns.
    """
    place, of_lists, of_sources = [column.name for column in columns].index, catalogue.codes, catalogue.kind("source")
    ordered = sorted(codes, key=lambda one: (place(one[0]), one[1]))
    return {
        "codes": records_table("code", [of_lists[name][code] for name, code in ordered]),
        "sources": records_table("source", [of_sources[slug] for slug in sorted(sources)]),
    }


def codes_of(
    observations: Sequence[Observation], columns: Iterable[Column], catalogue: Catalogue
) -> set[tuple[str, str]]:
    """Return the codes that figures have in these columns, each with its list."""
    found = set[tuple[str, str | None]]()
    for name in (column.name for column in columns if column.name in catalogue.codes):
        if name in FIELDS:
            found.update((name, getattr(o, name)) for o in observations)
        elif name in CLASSIFIED:
            cells = ((o.id, *(getattr(o, by) for by in CLASSIFIED_BY)) for o in observations)
            found.update((name, catalogue.classify(*one)[name]) for one in cells)
    return {(name, code) for name, code in found if code is not None}


def sources_of(observations: Iterable[Observation]) -> set[str]:
    """Return the ids of the sources and origins of figures."""
    return {slug for o in observations for slug in (o.source, o.origin)}


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
