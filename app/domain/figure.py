"""The public shape of an observation: one self-contained object, and one self-contained row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from app.domain.catalogue import Catalogue
from app.domain.listing import records_table, release_url
from app.domain.locator import selector, text_span
from app.domain.observation import Observation
from app.domain.table import FROM_ROOT, OF_THIS_SERVICE, Cell, Column, Row, Table

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
ATTRIBUTION = "Misconduct Register"
BASIS = "reported"


def number(value: Decimal | None) -> int | float | None:
    """A value as JSON has it: an integer where it is one, so that 1,492 people are never 1492.0 people."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def citation_url(base_url: str, observation_id: str, release: str) -> str:
    """The address that names one figure in one release, and so never changes under a story."""
    return f"{base_url}/v1/observations/{observation_id}?release={release}"


def printed_url(source_url: str | None, printed: str) -> str | None:
    """The document's own address with a text fragment that scrolls to the figure."""
    return source_url and source_url + text_fragment(printed)


@lru_cache(10_000)
def text_fragment(printed: str) -> str:
    """What behind a document's address makes a browser scroll to these words."""
    return f"#:~:text={quote(printed, safe='').replace('-', '%2D')}"


def as_document(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """The observation as a JSON object; every key is always there."""
    coded, source = catalogue.coded, catalogue.sources_of_figures[o.source]
    caveats = catalogue.kind("caveat")
    itself = f"{base_url}/v1/observations/{o.id}"
    return {
        "id": o.id,
        "version": o.version,
        "datasets": list(catalogue.datasets_of.get(o.measure, ())),
        "measure": coded["measure"][o.measure],
        "statistic": o.statistic,
        "category": coded["category"][o.category],
        "area": coded["area"][o.area],
        "population": coded["population"][o.population],
        "counting_unit": coded["counting_unit"][o.counting_unit],
        "period": {
            "type": o.period_type,
            "start": o.period_start,
            "end": o.period_end,
            "duration": o.duration,
            "printed": o.period_printed,
            "locator": selector(o.period_at, o.period_printed),
        },
        "value": number(o.value),
        "value_absent": o.value_absent,
        "unit": o.unit,
        "printed": o.printed,
        "qualifier": o.qualifier,
        "hedge": o.hedge,
        "hedge_locator": selector(o.hedge_at, o.hedge),
        "obs_status": o.obs_status,
        "basis": BASIS,
        "stated_by": coded["stated_by"][o.stated_by],
        "origin": catalogue.origins_of_figures[o.origin],
        "source": source,
        "locator": selector(o.at, o.printed),
        "also_at": [selector(place, o.printed) for place in o.also_at],
        "caveats": [{"id": caveat, "text": caveats[caveat]["text"]} for caveat in o.caveats],
        "checks": catalogue.checks_of.get(o.id, []),
        "disagreements": list(catalogue.disagreements_of.get(o.id, ())),
        "added_in": catalogue.release_numbers[o.added_in],
        "ended_in": ended_in(o, catalogue),
        "links": {
            "self": itself,
            "cite_as": citation_url(base_url, o.id, catalogue.release.number),
            "evidence": f"{itself}/evidence",
            "history": f"{itself}/history",
            "printed_at": printed_url(source["url"], o.printed),
        },
    }


def ended_in(o: Observation, catalogue: Catalogue) -> str | None:
    """The release that ended this reading, as far as the asked release knows: a pinned answer never changes."""
    known = max(catalogue.release.ordinal, catalogue.seen_from)
    return catalogue.release_numbers[o.ended_in] if o.ended_in <= known else None


SENTENCES = " | "
"""What parts the sentences of a list in one cell."""

SOURCE_COLUMNS: tuple[Column, ...] = (
    Column("source", "code", "Source that prints it."),
    Column("source_title", "text", "Title of the source."),
    Column("source_publisher", "text", "Publisher of the source."),
    Column("source_byline", "text", "Who wrote it."),
    Column("source_published", "date", "Publication date, as precise as known."),
    Column("source_url", "text", "Address of the source."),
    Column("source_licence", "text", "Licence of the source itself."),
    Column("source_held", "code", "true where a copy was read; only then are there locators and a hash."),
    Column("source_sha256", "text", "SHA-256 of the bytes that the locators count in."),
    Column("source_retrieved", "date", "When that copy was taken."),
    Column("source_notes", "texts", "What there is to say about it, and why a cell about it is empty.", SENTENCES),
)

ORIGIN_COLUMNS: tuple[Column, ...] = (
    Column("origin", "code", "Source where the claim first stood."),
    Column("origin_title", "text", "Title of that source."),
    Column("origin_publisher", "text", "Publisher of that source."),
    Column("origin_published", "date", "Publication date of that source, as precise as known."),
    Column("origin_held", "code", "true where a copy of it was read."),
    Column("origin_notes", "texts", "What there is to say about it, and why a cell about it is empty.", SENTENCES),
)

STANDING_COLUMNS: tuple[Column, ...] = (
    Column("checks", "texts", "Arithmetic checks that touch it, each with its result."),
    Column("disagreements", "texts", "Groups of unequal look-alikes that it is in."),
)

COLUMNS: tuple[Column, ...] = (
    Column("id", "text", "Identifier of the observation; the same in every version and release."),
    Column("version", "integer", "Reading of the statement: 1, 2, …"),
    Column("release", "code", "Release that this row was taken from."),
    Column("datasets", "texts", "Datasets that show it."),
    Column("measure", "code", "What happened: code."),
    Column("measure_label", "code", "What happened, in words."),
    Column("statistic", "code", "count, share, mean or change."),
    Column("category", "code", "Kind of misconduct: code."),
    Column("category_label", "code", "Kind of misconduct, in words."),
    Column("area", "code", "Whose force it is about: code."),
    Column("area_label", "code", "Whose force it is about, in words."),
    Column("population", "code", "Among whom; the denominator of a share: code."),
    Column("population_label", "code", "Among whom, in words."),
    Column("counting_unit", "code", "What one of them is (people, cases, calls …): code."),
    Column("counting_unit_label", "code", "What one of them is, in words."),
    Column("period_type", "code", "year, window, point or unstated."),
    Column("period_start", "date", "Start, as precise as printed."),
    Column("period_end", "date", "End, as precise as printed."),
    Column("duration", "text", "ISO 8601 duration, where that is what is printed."),
    Column("period_printed", "text", "The printed words of the period."),
    Column("period_locator", "text", "Their place in the source."),
    Column("value", "number", "The figure. Empty is not zero: value_absent says why."),
    Column("value_absent", "code", "Why there is no number."),
    Column("unit", "code", "Unit of the value: count, percent, proportion."),
    Column("printed", "text", "The figure exactly as printed."),
    Column("qualifier", "code", "How firmly it is stated."),
    Column("hedge", "text", "The printed words that make it so."),
    Column("hedge_locator", "text", "Their place in the source."),
    Column("obs_status", "code", "SDMX observation status."),
    Column("basis", "code", "reported, or derived from other figures."),
    Column("stated_by", "code", "Who the source says stated it: code."),
    Column("stated_by_label", "code", "Who the source says stated it, in words."),
    *ORIGIN_COLUMNS,
    *SOURCE_COLUMNS,
    Column("locator", "text", "Place in the source (RFC 5147 or RFC 7111 fragment)."),
    Column("locator_start", "integer", "First code point of the figure in the source, from 0."),
    Column("locator_end", "integer", "Code point behind the figure."),
    Column("also_at", "texts", "Further places where the same voice prints it."),
    Column("caveats", "texts", "Ids of the notes that travel with the figure."),
    Column("caveat_texts", "texts", "The notes themselves.", SENTENCES),
    *STANDING_COLUMNS,
    Column("added_in", "text", "Release that added this reading."),
    Column("ended_in", "text", "Release that ended it."),
    Column("licence", "code", "Licence of this row."),
    Column("attribution", "code", "Whom to name."),
    Column("cite_as", "text", f"Address of exactly this reading, {OF_THIS_SERVICE}."),
    Column("printed_at", "text", "Address of the printed place itself, where the source has one."),
)


def as_row(o: Observation, catalogue: Catalogue) -> Row:
    """The observation as one flat row, in the order of COLUMNS."""
    source, origin = catalogue.kind("source")[o.source], catalogue.kind("source")[o.origin]
    place = text_span(o.at)
    label = catalogue.label
    caveats = catalogue.kind("caveat")
    return (
        o.id,
        o.version,
        catalogue.release.number,
        list(catalogue.datasets_of.get(o.measure, ())),
        o.measure,
        label("measure", o.measure),
        o.statistic,
        o.category,
        label("category", o.category),
        o.area,
        label("area", o.area),
        o.population,
        label("population", o.population),
        o.counting_unit,
        label("counting_unit", o.counting_unit),
        o.period_type,
        o.period_start,
        o.period_end,
        o.duration,
        o.period_printed,
        o.period_at,
        number(o.value),
        o.value_absent,
        o.unit,
        o.printed,
        o.qualifier,
        o.hedge,
        o.hedge_at,
        o.obs_status,
        BASIS,
        o.stated_by,
        label("stated_by", o.stated_by),
        *origin_cells(origin),
        *source_cells(source),
        o.at,
        place and place.start,
        place and place.end,
        o.also_at,
        o.caveats,
        [caveats[caveat]["text"] for caveat in o.caveats],
        *standing_cells(o.id, catalogue),
        catalogue.release_numbers[o.added_in],
        ended_in(o, catalogue),
        LICENCE,
        ATTRIBUTION,
        citation_url(FROM_ROOT, o.id, catalogue.release.number),
        printed_url(source["url"], o.printed),
    )


def source_cells(source: Mapping[str, Any]) -> Row:
    """What a row says of the source, in the order of SOURCE_COLUMNS."""
    held, notes = _held_and_notes(source)
    identity = (source[key] for key in ("id", "title", "publisher", "byline", "published", "url", "licence"))
    return (*identity, held, source["sha256"], source["retrieved"], notes)


def origin_cells(origin: Mapping[str, Any]) -> Row:
    """What a row says of the source where a claim first stood, in the order of ORIGIN_COLUMNS."""
    return (*(origin[key] for key in ("id", "title", "publisher", "published")), *_held_and_notes(origin))


def standing_cells(observation_id: str, catalogue: Catalogue) -> Row:
    """The checks and the disagreements that touch a figure, in the order of STANDING_COLUMNS."""
    checks = [f"{check['id']}:{check['result']}" for check in catalogue.checks_of.get(observation_id, [])]
    return checks, list(catalogue.disagreements_of.get(observation_id, ()))


def _held_and_notes(source: Mapping[str, Any]) -> tuple[Cell, Cell]:
    return str(source["held"]).lower(), [f"{key}: {text}" for key, text in sorted((source["notes"] or {}).items())]


def as_table(observations: Iterable[Observation], catalogue: Catalogue) -> Table:
    """Observations as the tabular formats take them."""
    rows = (as_row(o, catalogue) for o in observations)
    return Table(COLUMNS, rows, notes(catalogue), lambda: sources_table(catalogue, _sources_of(observations)))


def sources_table(catalogue: Catalogue, shown: set[str] | None = None) -> Table:
    """The documents of a table of figures; None: all of the release."""
    sources = catalogue.kind("source")
    return records_table("source", [sources[slug] for slug in sorted(sources if shown is None else shown)])


def _sources_of(observations: Iterable[Observation]) -> set[str] | None:
    """The sources that the observations name; None where they can be read only once."""
    return {slug for o in observations for slug in (o.source, o.origin)} if isinstance(observations, Sequence) else None


def notes(catalogue: Catalogue) -> dict[str, str]:
    """What holds for every row of a table: the release, the licence, whom to name, and where it came from."""
    return {
        "release": catalogue.release.number,
        "digest": catalogue.release.digest,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "from": release_url(FROM_ROOT, catalogue.release.number),
    }
