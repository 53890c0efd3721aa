"""The shapes of answers, for OpenAPI and for the clients that are generated from it.

Answers are built in `app.model`; tests hold every real one against these models. Every key is always there, and a key
that may be null says so.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from app.model.codes import CLOSED_LISTS, LABELLED
from app.model.figure import COLUMNS, KEYS
from app.model.observation import FIELDS, Mark

Value = int | float


class Shape(BaseModel):
    """Nothing undocumented is ever in an answer."""

    model_config = ConfigDict(extra="forbid")


class FaultShape(Shape):
    """One thing that is wrong with a request."""

    parameter: str = Field(description="The parameter that is wrong.", examples=["category"])
    code: str = Field(description="What kind of mistake it is.", examples=["unknown_code"])
    detail: str = Field(description="What is wrong, in words.")
    allowed: list[str] | None = Field(
        description="What is allowed (at most 50 of them); null where it cannot be listed."
    )
    did_you_mean: str | None = Field(description="What was probably meant.", examples=["sexual_assault"])


class Problem(BaseModel):
    """A problem (RFC 9457). All mistakes of a request are in `errors`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Address of this kind of problem's documentation.")
    title: str
    status: int
    detail: str
    code: str = Field(description="What kind of problem it is; stable.", examples=["invalid_request"])
    request_id: str = Field(description="Names this request in our log: tell it to us.")
    errors: list[FaultShape]


class Coded(Shape):
    """A code and what it means."""

    code: str = Field(examples=["sexual_assault"])
    label: str = Field(examples=["Sexual assault"])


class TextPositionSelector(Shape):
    """A place in a text (W3C Web Annotation): code points from 0, end exclusive."""

    type: Literal["TextPositionSelector"]
    start: int
    end: int
    exact: str | None = Field(description="The characters that stand there.")


class FragmentSelector(Shape):
    """A place in a table (RFC 7111)."""

    type: Literal["FragmentSelector"]
    conforms_to: str = Field(alias="conformsTo")
    value: str
    exact: str | None


Locator = Annotated[TextPositionSelector | FragmentSelector, Field(discriminator="type")]


class Period(Shape):
    """When, exactly as far as the source says: `2014` is a year, not a day."""

    type: Literal["year", "window", "point", "unstated"]
    start: str | None
    end: str | None
    duration: str | None = Field(description="ISO 8601, where a duration is what is printed.", examples=["P10Y"])
    printed: str | None
    locator: Locator | None


class SourceReference(Shape):
    """A document. What is null has its reason in `notes`."""

    id: str
    title: str | None
    publisher: str | None
    byline: str | None
    published: str | None = Field(description="As precise as known: YYYY, YYYY-MM or YYYY-MM-DD.")
    url: str | None
    licence: str | None
    held: bool = Field(description="Whether a copy was read: only then are there locators and a hash.")
    sha256: str | None = Field(description="Of the bytes that locators count in.")
    retrieved: str | None
    notes: dict[str, str] = Field(description="By key: what there is to say about it, and why it is null.")


class Origin(Shape):
    """The source where a claim first stood. Figures that share one are one piece of evidence."""

    id: str
    title: str | None
    publisher: str | None
    published: str | None
    held: bool
    notes: dict[str, str] = Field(description="By key: what there is to say about it, and why it is null.")


class CaveatReference(Shape):
    """A note that travels with a figure."""

    id: str
    text: str


class CheckReference(Shape):
    """An arithmetic check that touches a figure."""

    id: str
    result: Literal["holds", "fails", "undecidable"]


class ObservationLinks(Shape):
    """Where to go from a figure."""

    self: str
    cite_as: str = Field(description="Exactly this reading, for ever.")
    evidence: str
    history: str
    printed_at: str | None = Field(description="The printed place itself, where the document has an address.")


_STRUCTURED: dict[str, Any] = {
    "datasets": list[str],
    "period": Period,
    "value": Annotated[
        Value | None, Field(description="The figure. Null is not zero: value_absent says why.", examples=[1492])
    ],
    "hedge_locator": Locator | None,
    "basis": Literal["reported", "derived"],
    "origin": Origin,
    "source": SourceReference,
    "locator": Locator,
    "also_at": list[Locator],
    "caveats": list[CaveatReference],
    "checks": list[CheckReference],
    "disagreements": list[str],
    "added_in": Annotated[str, Field(description="The release that added this reading.", examples=["1.0.0"])],
    "ended_in": str | None,
    "links": ObservationLinks,
    **dict.fromkeys(LABELLED, Coded),
}
"""The keys of a figure that are more than a cell of the register."""


def _type_and_field(key: str) -> tuple[Any, Any]:
    """Return the type of a key of a figure, and what pydantic is to know of it."""
    if key in _STRUCTURED:
        return _STRUCTURED[key], ...
    column = next(column for column in COLUMNS if column.steps == (key,))
    examples = [column.example] if column.example is not None else None
    return _type_of(key), Field(description=column.description, examples=examples)


def _type_of(name: str) -> Any:
    """Return the type of a cell of the register as answers show it: a code of a closed list, or a plain value."""
    field = FIELDS[name]
    is_closed = name in CLOSED_LISTS and field.mark is not Mark.OPEN_CODE
    shown = Literal[tuple(CLOSED_LISTS[name])] if is_closed else field.type
    return shown | None if field.is_optional else shown


_FIELDS: dict[str, Any] = {key: _type_and_field(key) for key in KEYS}
_ObservationFields: Any = create_model("_ObservationFields", __base__=Shape, **_FIELDS)


class Observation(_ObservationFields):
    """One statistic that one source states."""


class Meta(Shape):
    """What holds for the whole answer."""

    total: int = Field(description="How many match in all.")
    returned: int = Field(description="How many are in this answer.")
    release: str = Field(examples=["1.0.0"])
    digest: str = Field(description="Seals the release and all before it.")
    licence: str
    attribution: str


class Notice(Shape):
    """Something to know about an answer that is not wrong."""

    code: str
    parameter: str | None
    detail: str
    available: list[str]


class Links(Shape):
    """Where to go from an answer."""

    self: str
    pinned: str = Field(description="The same question, of exactly this release.")
    next: str | None = Field(description="The next page; null on the last.")
    csv: str | None = Field(description="All rows as CSV; null where there is no table.")


class Answer(Shape):
    """What every answer has."""

    meta: Meta
    warnings: list[Notice]
    links: Links


class OEmbed(Shape):
    """How to embed a chart (oEmbed 1.0, type `rich`)."""

    version: str
    type: str
    title: str
    provider_name: str
    provider_url: str
    cache_age: int = Field(description="Seconds.")
    width: int = Field(description="Pixels.")
    height: int = Field(description="Pixels.")
    html: str = Field(description="An iframe.")
    thumbnail_url: str
    thumbnail_width: int
    thumbnail_height: int


class ObservationPage(Answer):
    """A page of figures."""

    data: list[Observation]


class PrintInstead(Shape):
    """The reading in force: of the figure itself or, where it ended, of what stands in its stead."""

    id: str
    value: Value | None
    printed: str
    hedge: str | None
    cite_as: str


class Standing(Shape):
    """Whether a figure, or a value that somebody printed of it, still stands."""

    id: str
    status: Literal["current", "revised", "ended", "removed", "unknown"] = Field(
        description="`unknown`: no reading ever had that value."
    )
    value: Value | None = Field(description="The value that was asked about; without one, the reading shown.")
    disputed: bool = Field(description="Whether other sources state something that looks like it and is not equal.")
    disagreements: list[str]
    reason: str | None = Field(description="Why the statement was ended.")
    replaced_by: str | None = Field(description="The figure that was named in its stead when it was ended.")
    print_instead: PrintInstead | None
    explanation: str


class ObservationAnswer(Answer):
    """One figure."""

    data: Observation
    standing: Standing


class Verification(Shape):
    """How anyone who holds the document can check the figure."""

    command: str
    document_sha256: str | None
    document_length: int | None = Field(description="In code points.")
    record_sha256: str = Field(
        description="Of the record in RFC 8785 canonical JSON, as the release's manifest has it."
    )
    explanation: str


class ChainStep(Shape):
    """One step from who stated a figure to who printed it."""

    role: Literal["stated_by", "origin", "printed_by"]
    id: str
    title: str | None
    publisher: str | None
    published: str | None
    url: str | None
    held: bool | None


class EvidenceSource(SourceReference):
    """The identity of the document."""

    length: int | None
    media_type: str | None


class Evidence(Shape):
    """Where a figure stands, who said it, and how to check it."""

    observation: str
    annotation: dict[str, Any] = Field(description="A W3C Web Annotation, JSON-LD.")
    source: EvidenceSource
    chain: list[ChainStep]
    printed_at: str | None = Field(description="The printed place itself, where the document has an address.")
    verify: Verification


class EvidenceAnswer(Answer):
    """The evidence for one figure."""

    data: Evidence


class ProvenanceAnswer(BaseModel):
    """A PROV-JSON document (W3C)."""

    model_config = ConfigDict(extra="allow")

    prefix: dict[str, str]


class Change(Shape):
    """What a new version of a record says differently."""

    field: str
    old: Any
    new: Any


class Reading(Shape):
    """One version of a figure."""

    version: int
    value: Value | None
    printed: str
    added_in: str
    ended_in: str | None
    reason: str | None = Field(description="Why there was a new version.")
    ended_because: str | None
    replaced_by: str | None
    changes: list[Change]
    sha256: str


class HistoryAnswer(Answer):
    """Every version of a figure."""

    data: list[Reading]


class StandingAnswer(Answer):
    """Whether a figure still stands."""

    data: Standing


class ComparedDimension(Shape):
    """One dimension of a comparison."""

    dimension: str
    relation: Literal["same", "different", "unstated"]
    values: list[str]


class EvidenceGroup(Shape):
    """Figures that go back to one origin: one piece of evidence."""

    origin: str
    observations: list[str]


class Comparison(Shape):
    """Whether figures may be put side by side."""

    verdict: Literal["same", "different", "unstated"]
    sentence: str = Field(description="The verdict as a sentence to print.")
    dimensions: list[ComparedDimension]
    evidence: list[EvidenceGroup]
    disagreements: list[str] = Field(description="Disagreements that all of the figures are in.")
    observations: list[Observation]


class ComparisonAnswer(Answer):
    """A comparison of figures."""

    data: Comparison


class ChangedRecord(Shape):
    """What a release did to one record."""

    kind: str
    id: str
    version: int
    reason: str | None
    replaced_by: str | None
    changes: list[Change]
    affects: list[str] = Field(description="Datasets, checks and disagreements that it touches.")


class Changes(Shape):
    """What a release brought."""

    release: str
    previous: str | None
    added: list[ChangedRecord]
    revised: list[ChangedRecord]
    ended: list[ChangedRecord]
    removed: list[ChangedRecord]


class ChangesAnswer(Answer):
    """What a release changed."""

    data: Changes


class CellPeriod(Shape):
    """When, exactly as far as the source says."""

    start: str | None
    end: str | None
    duration: str | None
    printed: str | None


class Cell(Shape):
    """One figure of a by-year table."""

    id: str
    version: int
    value: Value | None
    value_absent: str | None
    printed: str
    qualifier: str
    hedge: str | None
    obs_status: str
    period: CellPeriod
    caveats: list[CaveatReference]
    cite_as: str


class SeriesRow(Shape):
    """One series: what one source states about one thing, year by year."""

    category: Coded
    measure: Coded
    population: Coded
    counting_unit: Coded
    area: Coded
    stated_by: Coded
    statistic: str
    unit: str
    source: SourceReference
    window: Cell | None = Field(description="The figure for the whole window.")
    values: dict[str, Value | None] = Field(description="By year; null is a gap, never zero.")
    gaps: dict[str, str] = Field(
        description="Why each gap is one, by year: `not_stated`, `non-publication:` and its id, `outside_window`, or "
        "`window_undated` (the window has a length, and no dates)."
    )
    cells: dict[str, Cell] = Field(description="The figure behind each value, by year.")


class ByYearMeta(Meta):
    """What holds for a whole by-year table."""

    omitted: int = Field(description="How many figures match and are for no year and for no window of years.")


class ByYearPage(Answer):
    """A page of series."""

    meta: ByYearMeta
    data: list[SeriesRow]


class ReleasedVersions(Shape):
    """What runs here."""

    api: Literal["v1"]
    service: str = Field(description="Of the program; semantic versioning.", examples=["1.0.0"])
    openapi: str = Field(description="Of the specification that /openapi.json follows.", examples=["3.1.0"])
    release: str = Field(description="The newest release of the register.", examples=["1.1.0"])


class FormatOffered(Shape):
    """A format that answers can have."""

    name: str = Field(examples=["csv"])
    suffix: str = Field(description="Add it to an address.", examples=[".csv"])
    media_type: str = Field(description="Or send it as Accept.", examples=["text/csv"])
    description: str
    everywhere: bool = Field(description="Whether every list, table and record has it; else only some do.")


class Limits(Shape):
    """How much one request may ask for. What is over a limit is an error that names it, never a shorter answer."""

    rows_per_page: int = Field(description="The most that `limit` may be.")
    export_rows: int = Field(
        description="The most rows of one answer but JSON. A dataset's whole CSV and Parquet are files, without limit."
    )
    query_bytes: int
    parameters_per_query: int
    values_per_parameter: int
    characters_per_value: int
    compared_observations: int
    listed_changes: int = Field(description="The most new and the most ended rows of one release that are listed.")
    seconds_per_query: float = Field(description="After which the service gives up, with 503.")


class Defaults(Shape):
    """What holds where a request says nothing."""

    format: str
    release: str
    limit: int = Field(description="Of JSON pages; the other formats have all rows.")
    sort: str
    bom: str


class Config(Shape):
    """What a client needs to know before it asks."""

    versions: ReleasedVersions
    limits: Limits
    formats: list[FormatOffered]
    defaults: Defaults
    contact: str | None = Field(description="For corrections; null where this copy of the service names none.")
    licence: str
    attribution: str
    documentation: str
    stability: str = Field(description="What never changes under /v1, and what may.")


class ConfigAnswer(Answer):
    """What a client needs to know before it asks."""

    data: Config


class Citation(Shape):
    """How to cite a figure, a dataset or a release, in three forms."""

    cite_as: str = Field(description="The address that never changes under a story.")
    text: str = Field(description="Ready to print.")
    csl: dict[str, Any] = Field(description="A CSL-JSON item, for Zotero, pandoc and citeproc.")
    bibtex: str = Field(description="A BibTeX entry.")


class CitationAnswer(Answer):
    """How to cite it."""

    data: Citation


class LinkedData(BaseModel):
    """A JSON-LD document."""

    model_config = ConfigDict(extra="allow")

    context: dict[str, Any] | str = Field(alias="@context")
    id: str = Field(alias="@id")
    type: str = Field(alias="@type")


class Health(Shape):
    """Whether this process answers."""

    status: Literal["ok"]


class Readiness(Shape):
    """Whether there is anything to answer with, and whether the database answers now."""

    status: Literal["ready"]
    release: str
    digest: str
    database: Literal["answers", "does_not_answer", "behind"] = Field(
        description="`behind`: no database that answers holds this release, as a replica that lags does not yet."
    )
    seconds_since_look: float = Field(description="Time since the last look for a newer release ended.")
